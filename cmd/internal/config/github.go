package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist/strict"
	"guestlist/providers/github"
	githubapi "guestlist/providers/github/api"
	"guestlist/providers/github/signin"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// The parts of the file for GitHub.
const (
	partGitHub = "github"
	partApp    = "app"
	partDevice = "device"
)

var githubVendor = Vendor{
	Providers: []inventory.Provider{inventory.GitHub},
	Examples:  map[inventory.Provider]string{inventory.GitHub: `[[github]] with organizations = ["acme"]`},
	Table:     "[[github]]",
	SignIn:    "shows a code to type on GitHub's page (device = … in [[github]])",
	Hosts:     true,
	SelfCheck: `checks your own GitHub account instead: your second factor, the token that
gh or the environment holds, your keys. It connects to GitHub and nothing else.`,
	Manual: github.Manual,
	Variables: []scanner.Variable{
		{Name: "GH_TOKEN", About: "a token for github.com and ghe.com; gh auth token is asked only without one"},
		{Name: "GITHUB_TOKEN", About: "the same, after GH_TOKEN"},
		{Name: "GH_ENTERPRISE_TOKEN", About: "a token for GitHub Enterprise Server"},
		{Name: "GITHUB_ENTERPRISE_TOKEN", About: "the same, after GH_ENTERPRISE_TOKEN"},
	},
	key: partGitHub,
	parts: map[string][]string{
		partGitHub: {
			"host", "api", "web", "organizations", "enterprise", "deep_repositories", "audit_log", "self", "token",
			"app", "device", "max_wait", "concurrency", "rate_per_minute",
		},
		partApp:    {"client_id", "id", "installation", "key"},
		partDevice: {"client_id", "scopes"},
	},
	otherKeys: map[string]string{
		"orgs": "organizations", "org": "organizations", "base_url": "api", "api_url": "api", "app_id": "id",
		"installation_id": "installation", "pat": "token",
	},
	parse: parseGitHub,
	none:  githubAccounts(nil),
}

// githubAccounts are the tables [[github]].
type githubAccounts []*gitHub

func parseGitHub(p *parser, root *strict.Table) accounts {
	var all githubAccounts
	for _, t := range p.githubTables(root) {
		all = append(all, p.github(t))
	}
	p.checkGitHub(all)
	return all
}

func (a githubAccounts) sources(ctx context.Context, run *Run) []Source {
	if !run.wants(inventory.GitHub) {
		return nil
	}
	var list []Source
	for _, g := range a.of(run) {
		var targets []string
		for _, target := range g.Settings.Targets() {
			targets = append(targets, target.String())
		}
		list = append(list, Source{g.provider(ctx, run), targets})
	}
	return list
}

// of returns the accounts of a run. A self-check reads only the person's own account, and needs no
// configuration for it.
func (a githubAccounts) of(run *Run) githubAccounts {
	switch {
	case !run.Self:
		return a
	case !run.names(inventory.GitHub):
		return nil // a self-check reads only this machine unless a vendor is named
	}
	var own githubAccounts
	for _, g := range a {
		if g.Settings.Self {
			only := *g
			only.Settings.Organizations, only.Settings.Enterprise = nil, ""
			own = append(own, &only)
		}
	}
	if len(own) == 0 {
		own = githubAccounts{{Settings: github.Config{Self: true}}}
	}
	return own
}

func (a githubAccounts) signIn(ctx context.Context, run *Run, person *Person) (string, error) {
	g, err := a.withDevice(person)
	if err != nil {
		return "", err
	}
	file := g.tokenFile(run)
	_, err = signin.SignInByDevice(ctx, run.Env, signin.Device{
		File: file, Host: g.Settings.Host, WebURL: g.WebURL, ClientID: g.Device.ClientID, Scopes: g.Device.Scopes,
		Prompt: person.ShowCode,
	})
	return file, err
}

// withDevice returns the only account with a device sign-in, or the one of the host.
func (a githubAccounts) withDevice(person *Person) (*gitHub, error) {
	var found githubAccounts
	for _, g := range a {
		if g.Device != nil && (person.Host == "" || g.host() == strings.ToLower(person.Host)) {
			found = append(found, g)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, &SetupError{errors.New("no [[github]] has a device sign-in"),
			fmt.Sprintf(`write device = { client_id = "…" } in %q; the app needs device flow enabled`,
				person.ConfigPath)}
	}
	return nil, &SetupError{fmt.Errorf("%d tables [[github]] have a device sign-in", len(found)),
		"name one with --host"}
}

func (a githubAccounts) signInHosts() []string {
	var hosts []string
	for _, g := range a {
		if g.Device != nil {
			hosts = append(hosts, g.host())
		}
	}
	return hosts
}

// gitHub is one table [[github]]: one host and one credential.
type gitHub struct {
	Position strict.Position
	// Settings is everything but the credential.
	Settings github.Config
	// WebURL is the base URL of the host's pages, if Host does not determine it.
	WebURL string
	// One way to sign in; if none is set, the environment.
	Token  Secret
	App    *gitHubApp
	Device *gitHubDevice
}

func (g *gitHub) provider(ctx context.Context, run *Run) scanner.Provider {
	settings, err := g.config(ctx, run)
	if run.StateDir != "" && !run.Self {
		settings.CacheDir = filepath.Join(run.StateDir, "github-pages")
	}
	settings.OnWait = run.OnWait
	var p *github.Provider
	if err == nil {
		p, err = github.New(run.Env, settings)
	}
	if err != nil {
		return scanner.Unavailable(inventory.GitHub, settings.Targets(), err)
	}
	return p
}

// tokenFile is where the token of a device sign-in to the host is kept.
func (g *gitHub) tokenFile(run *Run) string {
	return run.credentialFile("github-" + strings.NewReplacer("/", "-", ":", "-").Replace(g.host()))
}

// host returns the web host of the account.
func (g *gitHub) host() string {
	return cmp.Or(strings.ToLower(g.Settings.Host), githubapi.DefaultHost)
}

// gitHubApp is app = { client_id = "…", key = { … } }.
type gitHubApp struct {
	ClientID         string
	ID, Installation int64
	Key              Secret
}

// gitHubDevice is device = { client_id = "…" }: a person signs in once, with the command "sign-in".
type gitHubDevice struct {
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

func (p *parser) github(t *strict.Table) *gitHub {
	t.CheckKeys(partGitHub)
	g := &gitHub{
		Position: strict.Position{File: p.Name, Line: t.Own()},
		Settings: github.Config{
			Organizations: texts(t, "organizations"), Enterprise: string(t.Text("enterprise")),
			DeepRepositories: t.Boolean("deep_repositories"), AuditLog: t.Boolean("audit_log"), Self: t.Boolean("self"),
			Connection: githubapi.Connection{
				Host: string(t.Text("host")), BaseURL: string(t.Text("api")), MaxWait: p.duration(t, "max_wait"),
				Concurrency:   int(t.Number("concurrency", 1, maxConcurrency)),
				RatePerMinute: int(t.Number("rate_per_minute", 1, maxRatePerMinute)),
			},
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
	checked.Organizations = slices.DeleteFunc(slices.Clone(checked.Organizations),
		func(name string) bool { return !github.IsOrganizationName(name) })
	if _, err := github.New(scanner.Env{}, checked); err != nil {
		p.Report(t.Own(), "", "%v", err)
	}
	return g
}

// organizations checks the names and reports them at their lines; people paste addresses.
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

// organizationHint finds the name in an address or in the name of a repository.
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

func (p *parser) app(t *strict.Table) *gitHubApp {
	inner, found := t.Table(partApp)
	if !found {
		return nil
	}
	inner.CheckKeys(partApp)
	app := &gitHubApp{
		ClientID: string(inner.Text("client_id")), ID: inner.Number("id", 1, 1<<53),
		Installation: inner.Number("installation", 1, 1<<53), Key: p.secret(inner, "key"),
	}
	if app.ClientID == "" && app.ID == 0 {
		p.Report(inner.Own(), `such as client_id = "Iv23…", from the App's page`, "app has no client_id")
	}
	if !inner.Has("key") {
		p.Report(inner.Own(), `such as key = { file = "github-app.pem" }`, "app has no key")
	}
	return app
}

func (p *parser) device(t *strict.Table) *gitHubDevice {
	inner, found := t.Table(partDevice)
	if !found {
		return nil
	}
	inner.CheckKeys(partDevice)
	device := &gitHubDevice{ClientID: string(inner.Text("client_id")), Scopes: texts(inner, "scopes")}
	if device.ClientID == "" {
		p.Report(inner.Own(), `such as client_id = "Iv23…", of an app with device flow enabled`,
			"device has no client_id")
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
		p.Report(t.Line(key), `such as "90s", "15m" or "2h"`, "%s must be a duration of at most %.0fh, is %q", key,
			maxWait.Hours(), text)
		return 0
	}
	return length
}

// checkGitHub refuses an organization that is in two tables: each of its items would be listed
// twice.
func (p *parser) checkGitHub(all []*gitHub) {
	seen := map[string]*gitHub{}
	for _, g := range all {
		for _, target := range g.Settings.Targets() {
			name := strings.ToLower(string(target))
			if other := seen[name]; other != nil && other != g {
				p.Report(g.Position.Line, "remove it from one of them", "%q is already read by the [[%s]] on line %d",
					inventory.Untrusted(target),
					partGitHub, other.Position.Line)
			}
			seen[name] = g
		}
	}
}

// shape is the credential without its secret, for checks.
func (g *gitHub) shape() signin.Credential {
	if g.App != nil {
		return signin.App{ClientID: g.App.ClientID, ID: g.App.ID, InstallationID: g.App.Installation}
	}
	return nil
}

// config reads the credential and returns the provider's configuration.
func (g *gitHub) config(ctx context.Context, run *Run) (github.Config, error) {
	config := g.Settings
	switch {
	case g.App != nil:
		key, err := g.App.Key.read(ctx, run.Outside)
		if err != nil {
			return config, fmt.Errorf("reading the App's key: %w", err)
		}
		config.Credential = signin.App{
			ClientID: g.App.ClientID, ID: g.App.ID, InstallationID: g.App.Installation, Key: signin.Secret(key),
		}
	case g.Device != nil:
		config.Credential = signin.Saved{File: g.tokenFile(run), ClientID: g.Device.ClientID, WebURL: g.WebURL}
	case !g.Token.IsZero():
		token, err := g.Token.read(ctx, run.Outside)
		if err != nil {
			return config, fmt.Errorf("reading the token: %w", err)
		}
		config.Credential = signin.Token{Value: signin.Secret(token), From: g.Token.String()}
	default:
		config.Credential = signin.Environment{}
	}
	return config, nil
}
