package config

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/providers/googleworkspace"
	"guestlist/scanner/inventory"
)

// GoogleWorkspace is the table [google_workspace].
type GoogleWorkspace struct {
	// Settings is everything but the credential.
	Settings googleworkspace.Config
	// One way to sign in: Key, Impersonate with or without Base, Client, or Default.
	Key, Base, Client Secret
	Impersonate       string
	Delegates         []string
	Default           bool
}

// Limits of numbers; the provider's own.
const maxRatePerMinute = 100_000

func (p *parser) google(t *strict.Table) *GoogleWorkspace {
	t.CheckKeys(partGoogle)
	g := &GoogleWorkspace{
		Settings: googleworkspace.Config{
			Connection: googleworkspace.Connection{
				Customer: string(t.Text("customer")), Subject: string(t.Text("subject")), Organization: string(t.Text("organization")),
				Features:      p.features(t),
				RatePerMinute: int(t.Number("rate_per_minute", 1, maxRatePerMinute)),
				Workers:       int(t.Number("workers", 1, googleworkspace.MaxWorkers)),
				Endpoint:      string(t.Text("endpoint")),
			},
			Units: p.units(t, "units"), ExcludeUnits: p.units(t, "exclude_units"), Projects: p.projects(t),
			ActivityDays: int(t.Number("activity_days", 0, googleworkspace.MaxActivityDays)),
		},
		Key: p.secret(t, "key"), Base: p.secret(t, "base"), Client: p.secret(t, "client"),
		Impersonate: string(t.Text("impersonate")), Delegates: texts(t, "delegates"), Default: t.Boolean("default_credentials"),
	}
	if subject := g.Settings.Subject; subject != "" && !strings.Contains(subject, "@") {
		p.Report(t.Line("subject"), `such as "it@acme.example"`, "subject %q is not an e-mail address", inventory.Untrusted(subject))
	}
	if units := g.Settings.Units; len(units) > 0 && !slices.ContainsFunc(units, func(unit string) bool { return !isBelow(unit, g.Settings.ExcludeUnits) }) {
		p.Report(t.Line("exclude_units"), "remove the units that should be read", "exclude_units leaves none of units to read")
	}
	p.googleWays(t, g)
	return g
}

// isBelow reports whether a unit is one of those listed, or below one.
func isBelow(unit string, list []string) bool {
	unit = strings.ToLower(strings.TrimSuffix(unit, "/")) + "/"
	return slices.ContainsFunc(list, func(above string) bool {
		return strings.HasPrefix(unit, strings.ToLower(strings.TrimSuffix(above, "/"))+"/")
	})
}

// googleWays wants one way to sign in.
func (p *parser) googleWays(t *strict.Table, g *GoogleWorkspace) {
	ways := given(t, "key", "impersonate", "client")
	if g.Default {
		ways++
	}
	if ways != 1 {
		p.Report(t.Own(), "name one of key, impersonate, client and default_credentials", "[%s] names %d ways to sign in", partGoogle, ways)
	}
	for _, key := range []string{"base", "delegates"} {
		if t.Has(key) && !t.Has("impersonate") {
			p.Report(t.Line(key), "name the service account to impersonate", "%s needs impersonate", key)
		}
	}
}

func (p *parser) features(t *strict.Table) []googleworkspace.Feature {
	var known []string
	for _, info := range googleworkspace.Features() {
		known = append(known, string(info.Feature))
	}
	var features []googleworkspace.Feature
	names, found := t.List("features")
	if found && len(names) == 0 {
		p.Report(t.Line("features"), "name features, or remove it", "features is an empty list")
	}
	for n, name := range names {
		feature := googleworkspace.Feature(name)
		if feature.Info().Scope == "" && name != "" {
			p.Report(t.LineOf("features", n), p.SuggestOrList(string(name), known), "feature %q is not known", name)
		}
		features = append(features, feature)
	}
	return features
}

func (p *parser) units(t *strict.Table, key string) []string {
	units, found := t.List(key)
	if !found {
		return nil
	}
	if len(units) == 0 {
		p.Report(t.Line(key), "name units, or remove it", "%s is an empty list", key)
	}
	for n, unit := range units {
		if !strings.HasPrefix(string(unit), "/") {
			p.Report(t.LineOf(key, n), "such as /Sales", "unit %q must be a path that begins with /", unit)
		}
	}
	return strict.NamesOf(units)
}

// projects are the numbers of the organization's own Cloud projects.
func (p *parser) projects(t *strict.Table) []string {
	projects, found := t.List("projects")
	if found && len(projects) == 0 {
		p.Report(t.Line("projects"), "name numbers of Cloud projects, or remove it", "projects is an empty list")
	}
	for n, project := range projects {
		if !googleworkspace.IsProject(string(project)) {
			p.Report(t.LineOf("projects", n), `such as "123456789012": the number, not the ID, at https://console.cloud.google.com/welcome`,
				"project %q is not the number of a Cloud project", project)
		}
	}
	return strict.NamesOf(projects)
}

// Config reads the credential and returns the provider's configuration. TokenFile is where an administrator's own login is kept.
func (g *GoogleWorkspace) Config(ctx context.Context, outside Outside, tokenFile string) (googleworkspace.Config, error) {
	config := g.Settings
	credential := &config.Credential
	credential.TargetPrincipal, credential.Delegates, credential.Default = g.Impersonate, g.Delegates, g.Default
	for _, part := range []struct {
		what   string
		secret Secret
		into   *[]byte
	}{
		{"service account key", g.Key, &credential.KeyJSON},
		{"base credential", g.Base, &credential.BaseJSON},
		{"OAuth client", g.Client, &credential.ClientJSON},
	} {
		if part.secret.IsZero() {
			continue
		}
		text, err := part.secret.read(ctx, outside)
		if err != nil {
			return config, fmt.Errorf("reading the %s: %w", part.what, err)
		}
		*part.into = text
	}
	if !g.Client.IsZero() {
		credential.TokenFile = tokenFile
	}
	return config, nil
}
