package config

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist/strict"
	"guestlist/providers/github"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// GitHub is one table [[github]]: one host and one credential.
type GitHub struct {
	Position strict.Position
	// Settings is everything but the credential.
	Settings github.Config
	// WebURL is where the host's pages lie, if the host does not tell.
	WebURL string
	// One way to sign in; none of them set is the environment.
	Token  Secret
	App    *GitHubApp
	Device *GitHubDevice
}

// Host is the web host that is meant.
func (g *GitHub) Host() string { return cmp.Or(strings.ToLower(g.Settings.Host), github.DefaultHost) }

// GitHubApp is app = { client_id = "…", key = { … } }.
type GitHubApp struct {
	ClientID         string
	ID, Installation int64
	Key              Secret
}

// GitHubDevice is device = { client_id = "…" }: a person signs in once, with the command sign-in.
type GitHubDevice struct {
	ClientID string
	Scopes   []string
}

const (
	maxConcurrency = 16
	maxWait        = 24 * time.Hour
)

// githubTables takes [[github]] and, for one account, [github].
func (p *parser) githubTables(root *strict.Table) []*strict.Table {
	if _, single := root.Values[partGitHub].(map[string]any); single {
		t, _ := root.Table(partGitHub)
		return []*strict.Table{t}
	}
	return root.Tables(partGitHub)
}

func (p *parser) github(t *strict.Table) *GitHub {
	t.CheckKeys(partGitHub)
	g := &GitHub{
		Position: strict.Position{File: p.Name, Line: t.Own()},
		Settings: github.Config{
			Host: string(t.Text("host")), BaseURL: string(t.Text("api")), Organizations: texts(t, "organizations"),
			Enterprise: string(t.Text("enterprise")), DeepRepositories: t.Boolean("deep_repositories"), AuditLog: t.Boolean("audit_log"),
			Self: t.Boolean("self"), MaxWait: p.duration(t, "max_wait"), Concurrency: int(t.Number("concurrency", 1, maxConcurrency)),
			RatePerMinute: int(t.Number("rate_per_minute", 1, maxRatePerMinute)),
		},
		WebURL: string(t.Text("web")),
		Token:  p.secret(t, "token"), App: p.app(t), Device: p.device(t),
	}
	if !t.Has("organizations") && g.Settings.Enterprise == "" && !g.Settings.Self {
		p.Report(t.Own(), `such as organizations = ["acme"]`, "[[%s]] names nothing to read", partGitHub)
	}
	if ways := given(t, "token", "app", "device"); ways > 1 {
		p.Report(t.Own(), "keep one of token, app and device", "[[%s]] names %d ways to sign in", partGitHub, ways)
	}
	p.organizations(t, g.Settings.Organizations)
	g.Settings.Credential = g.shape()
	checked := g.Settings
	checked.Organizations = slices.DeleteFunc(slices.Clone(checked.Organizations), func(name string) bool { return !github.IsOrganizationName(name) })
	if _, err := github.New(scanner.Env{}, checked); err != nil {
		p.Report(t.Own(), "", "%v", err)
	}
	return g
}

// organizations checks the names where they are written; people paste addresses.
func (p *parser) organizations(t *strict.Table, names []string) {
	if t.IsList("organizations") && len(names) == 0 {
		p.Report(t.Line("organizations"), `such as organizations = ["acme"]`, "organizations is an empty list")
	}
	seen := map[string]bool{}
	for n, name := range names {
		line, lower := t.LineOf("organizations", n), strings.ToLower(name)
		switch trimmed := strings.TrimSpace(name); {
		case trimmed == "" || trimmed != name: // the list's reader has said so
		case !github.IsOrganizationName(name):
			p.Report(line, organizationHint(name), "%q is not an organization's name", inventory.Untrusted(name))
		case seen[lower] && !slices.Contains(names[:n], name): // the list's reader knows the same spelling only
			p.Report(line, "", "organizations lists %q twice: capitals do not matter", inventory.Untrusted(name))
		}
		seen[lower] = true
	}
}

// organizationHint finds the name in an address or a repository's name.
func organizationHint(written string) string {
	path := written
	if address, err := url.Parse(written); err == nil && address.Host != "" {
		path = address.Path
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(path, "@"), "github.com/"), "/") {
		if github.IsOrganizationName(part) && part != "orgs" && part != "organizations" {
			return strict.DidYouMean(part)
		}
	}
	return `write the name alone, as in its page's address: "acme"`
}

func (p *parser) app(t *strict.Table) *GitHubApp {
	inner, found := t.Table(partApp)
	if !found {
		return nil
	}
	inner.CheckKeys(partApp)
	app := &GitHubApp{
		ClientID: string(inner.Text("client_id")), ID: inner.Number("id", 1, 1<<53), Installation: inner.Number("installation", 1, 1<<53),
		Key: p.secret(inner, "key"),
	}
	if app.ClientID == "" && app.ID == 0 {
		p.Report(inner.Own(), `such as client_id = "Iv23…", from the App's page`, "app has no client_id")
	}
	if !inner.Has("key") {
		p.Report(inner.Own(), `such as key = { file = "github-app.pem" }`, "app has no key")
	}
	return app
}

func (p *parser) device(t *strict.Table) *GitHubDevice {
	inner, found := t.Table(partDevice)
	if !found {
		return nil
	}
	inner.CheckKeys(partDevice)
	device := &GitHubDevice{ClientID: string(inner.Text("client_id")), Scopes: texts(inner, "scopes")}
	if device.ClientID == "" {
		p.Report(inner.Own(), `such as client_id = "Iv23…", of an app with device flow enabled`, "device has no client_id")
	}
	return device
}

// duration reads "15m".
func (p *parser) duration(t *strict.Table, key string) time.Duration {
	text := t.Text(key)
	if text == "" {
		return 0
	}
	length, err := time.ParseDuration(string(text))
	if err != nil || length <= 0 || length > maxWait {
		p.Report(t.Line(key), `such as "90s", "15m" or "2h"`, "%s must be a duration of at most %.0fh, is %q", key, maxWait.Hours(), text)
		return 0
	}
	return length
}

// checkGitHub refuses an organization that two tables would read: each of its items would be there twice.
func (p *parser) checkGitHub(all []*GitHub) {
	seen := map[string]*GitHub{}
	for _, g := range all {
		for _, target := range g.Settings.Targets() {
			name := strings.ToLower(string(target))
			if other := seen[name]; other != nil && other != g {
				p.Report(g.Position.Line, "remove it from one of them", "%q is already read by the [[%s]] on line %d", inventory.Untrusted(target),
					partGitHub, other.Position.Line)
			}
			seen[name] = g
		}
	}
}

// shape is the credential without its secret, for checks.
func (g *GitHub) shape() github.Credential {
	if g.App != nil {
		return github.App{ClientID: g.App.ClientID, ID: g.App.ID, InstallationID: g.App.Installation}
	}
	return nil
}

// Config reads the credential and returns the provider's configuration. TokenFile is where the token of a device sign-in is kept.
func (g *GitHub) Config(ctx context.Context, outside Outside, tokenFile string) (github.Config, error) {
	config := g.Settings
	switch {
	case g.App != nil:
		key, err := g.App.Key.read(ctx, outside)
		if err != nil {
			return config, fmt.Errorf("reading the App's key: %w", err)
		}
		config.Credential = github.App{
			ClientID: g.App.ClientID, ID: g.App.ID, InstallationID: g.App.Installation, Key: github.Secret(key),
		}
	case g.Device != nil:
		config.Credential = github.Saved{File: tokenFile, ClientID: g.Device.ClientID, WebURL: g.WebURL}
	case !g.Token.IsZero():
		token, err := g.Token.read(ctx, outside)
		if err != nil {
			return config, fmt.Errorf("reading the token: %w", err)
		}
		config.Credential = github.Token{Value: github.Secret(token), From: g.Token.String()}
	default:
		config.Credential = github.Environment{}
	}
	return config, nil
}
