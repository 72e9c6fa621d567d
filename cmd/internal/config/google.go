package config

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/providers/chromemanagement"
	"guestlist/providers/googleworkspace"
	googleapi "guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

const partGoogle = "google_workspace"

var googleVendor = Vendor{
	Providers: []inventory.Provider{inventory.GoogleWorkspace, inventory.ChromeManagement},
	Examples: map[inventory.Provider]string{
		inventory.GoogleWorkspace:  `[google_workspace] with subject = "it@acme.example" and key = { file = "key.json" }`,
		inventory.ChromeManagement: `features = ["chrome", "chrome_details"] in [google_workspace], beside the others it should have,`,
	},
	Table:  "[google_workspace]",
	SignIn: "opens Google's consent page in the browser (client = … in [google_workspace])",
	Manual: func() *scanner.Manual {
		return googleworkspace.Manual(chromemanagement.BlindSpots()...)
	},
	Variables: []scanner.Variable{
		{Name: "GOOGLE_APPLICATION_CREDENTIALS", About: "the file of Google's application default credentials"},
		{Name: "CLOUDSDK_CONFIG", About: "gcloud's directory, where that file is otherwise looked for"},
	},
	Incremental: true,
	key:         partGoogle,
	parts: map[string][]string{partGoogle: {
		"subject", "customer", "organization", "key", "impersonate", "delegates", "base", "client", "default_credentials",
		"features", "units", "exclude_units", "projects", "rate_per_minute", "workers", "activity_days", "endpoint",
	}},
	otherKeys: map[string]string{
		"google": partGoogle, "workspace": partGoogle, "gsuite": partGoogle, "admin": "subject", "credentials": "key",
		"service_account": "key", "key_file": "key", "service_account_key": "key", "oauth_client": "client",
		"exclude": "exclude_units",
	},
	parse: parseGoogle,
	none:  googleAccounts{},
}

// googleAccounts is the table [google_workspace], which may be missing.
type googleAccounts struct{ *googleWorkspace }

func parseGoogle(p *parser, root *strict.Table) accounts {
	if t, found := root.Table(partGoogle); found {
		return googleAccounts{p.google(t)}
	}
	return googleAccounts{}
}

// sources returns one provider for the accounts and, if its features are asked for, one for managed
// browsers. A self-check reads neither.
func (a googleAccounts) sources(ctx context.Context, run *Run) []Source {
	g := a.googleWorkspace
	if g == nil || run.Self || !slices.ContainsFunc(g.providers(), run.wants) {
		return nil
	}
	settings, err := g.config(ctx, run)
	settings.Incremental, settings.Progress = run.Incremental, run.OnUsers
	var list []Source
	for _, name := range g.providers() {
		if run.wants(name) {
			list = append(list, Source{newGoogle(run.Env, name, settings, err), []string{g.target()}})
		}
	}
	return list
}

func newGoogle(env scanner.Env, name inventory.Provider, settings googleworkspace.Config,
	err error) (p scanner.Provider) {
	switch {
	case err != nil:
	case name == inventory.ChromeManagement:
		p, err = chromemanagement.New(env, settings.Connection)
	default:
		p, err = googleworkspace.New(env, settings)
	}
	if err != nil {
		return scanner.Unavailable(name, []inventory.Untrusted{settings.Target()}, err)
	}
	return p
}

func (a googleAccounts) signIn(ctx context.Context, run *Run, person *Person) (string, error) {
	g := a.googleWorkspace
	if g == nil || g.Client.IsZero() {
		return "", &SetupError{errors.New("[google_workspace] names no OAuth client to sign in with"),
			fmt.Sprintf(`write client = { file = "client.json" } in %q`, person.ConfigPath)}
	}
	settings, err := g.config(ctx, run)
	if err != nil {
		return "", &SetupError{Err: err}
	}
	missing, err := googleapi.SignIn(ctx, run.Env, settings.Connection, person.OpenPage)
	if err != nil {
		return "", err
	}
	for _, feature := range missing {
		person.Hint("%s was left unticked on the consent page: it will not be read until you sign in again", feature)
	}
	return settings.Credential.TokenFile, nil
}

func (googleAccounts) signInHosts() []string { return nil }

// googleWorkspace is the table [google_workspace].
type googleWorkspace struct {
	// Settings is everything but the credential.
	Settings googleworkspace.Config
	// One way to sign in: Key, Impersonate with or without Base, Client, or Default.
	Key, Base, Client Secret
	Impersonate       string
	Delegates         []string
	Default           bool
}

// providers lists those that the table asks for. Without features it is only the one for the
// accounts.
func (g *googleWorkspace) providers() []inventory.Provider {
	features := g.Settings.Features
	var names []inventory.Provider
	chrome := googleapi.FeaturesOf(inventory.ChromeManagement)
	isChrome := func(feature googleapi.Feature) bool { return slices.Contains(chrome, feature) }
	asked := slices.ContainsFunc(features, isChrome)
	if !asked || slices.ContainsFunc(features, func(f googleapi.Feature) bool { return !isChrome(f) }) {
		names = append(names, inventory.GoogleWorkspace)
	}
	if asked {
		names = append(names, inventory.ChromeManagement)
	}
	return names
}

// target names the organization and the part of it that is read.
func (g *googleWorkspace) target() string {
	name := g.Settings.Target().String()
	for _, unit := range g.Settings.Units {
		name += " +" + unit
	}
	for _, unit := range g.Settings.ExcludeUnits {
		name += " -" + unit
	}
	return name
}

func (p *parser) google(t *strict.Table) *googleWorkspace {
	t.CheckKeys(partGoogle)
	g := &googleWorkspace{
		Settings: googleworkspace.Config{
			Connection: googleapi.Connection{
				Customer: string(t.Text("customer")), Subject: string(t.Text("subject")),
				Organization:  string(t.Text("organization")),
				Features:      p.features(t),
				RatePerMinute: int(t.Number("rate_per_minute", 1, maxRatePerMinute)),
				Workers:       int(t.Number("workers", 1, googleapi.MaxWorkers)),
				Endpoint:      string(t.Text("endpoint")),
			},
			Units: p.units(t, "units"), ExcludeUnits: p.units(t, "exclude_units"), Projects: p.projects(t),
			ActivityDays: int(t.Number("activity_days", 0, googleworkspace.MaxActivityDays)),
		},
		Key: p.secret(t, "key"), Base: p.secret(t, "base"), Client: p.secret(t, "client"),
		Impersonate: string(t.Text("impersonate")), Delegates: texts(t, "delegates"),
		Default: t.Boolean("default_credentials"),
	}
	if subject := g.Settings.Subject; subject != "" && !strings.Contains(subject, "@") {
		p.Report(t.Line("subject"), `such as "it@acme.example"`, "subject %q is not an e-mail address",
			inventory.Untrusted(subject))
	}
	if units := g.Settings.Units; len(units) > 0 &&
		!slices.ContainsFunc(units, func(unit string) bool { return !isBelow(unit, g.Settings.ExcludeUnits) }) {
		p.Report(t.Line("exclude_units"), "remove the units that should be read",
			"exclude_units leaves none of units to read")
	}
	p.googleWays(t, g)
	return g
}

// isBelow reports whether a unit is in the list, or below one that is.
func isBelow(unit string, list []string) bool {
	unit = strings.ToLower(strings.TrimSuffix(unit, "/")) + "/"
	return slices.ContainsFunc(list, func(above string) bool {
		return strings.HasPrefix(unit, strings.ToLower(strings.TrimSuffix(above, "/"))+"/")
	})
}

// googleWays requires exactly one way to sign in.
func (p *parser) googleWays(t *strict.Table, g *googleWorkspace) {
	ways := given(t, "key", "impersonate", "client")
	if g.Default {
		ways++
	}
	if ways != 1 {
		p.Report(t.Own(), "name one of key, impersonate, client and default_credentials", "[%s] names %d ways to sign in",
			partGoogle, ways)
	}
	for _, key := range []string{"base", "delegates"} {
		if t.Has(key) && !t.Has("impersonate") {
			p.Report(t.Line(key), "name the service account to impersonate", "%s needs impersonate", key)
		}
	}
}

func (p *parser) features(t *strict.Table) []googleapi.Feature {
	var known []string
	for _, info := range googleapi.Features() {
		known = append(known, string(info.Feature))
	}
	var features []googleapi.Feature
	names, found := t.List("features")
	if found && len(names) == 0 {
		p.Report(t.Line("features"), "name features, or remove it", "features is an empty list")
	}
	for n, name := range names {
		feature := googleapi.Feature(name)
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
		if !googleapi.IsProject(string(project)) {
			p.Report(t.LineOf("projects", n), `such as "123456789012": the number, not the ID, at https://console.cloud.google.com/welcome`,
				"project %q is not the number of a Cloud project", project)
		}
	}
	return strict.NamesOf(projects)
}

// config reads the credential and returns the provider's configuration.
func (g *googleWorkspace) config(ctx context.Context, run *Run) (googleworkspace.Config, error) {
	config := g.Settings
	config.StateDir = run.StateDir
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
		text, err := part.secret.read(ctx, run.Outside)
		if err != nil {
			return config, fmt.Errorf("reading the %s: %w", part.what, err)
		}
		*part.into = text
	}
	if !g.Client.IsZero() {
		credential.TokenFile = run.credentialFile(string(inventory.GoogleWorkspace))
	}
	return config, nil
}
