package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/cmd/internal/config"
	"guestlist/providers"
	"guestlist/providers/github"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// sources are what a command reads.
type sources struct {
	list    []scanner.Provider
	homes   []scanner.Home
	targets []inventory.Untrusted // organizations, with everything that decides whether two scans looked at the same
}

// sourceWords are the providers that a command reads.
func sourceWords() vocabulary {
	return vocabulary{one: "a provider", all: "providers", words: sourceNames(), others: otherSources(), several: true}
}

// otherSources are what people call a provider, or what a provider reads.
func otherSources() map[string]string {
	others := make(map[string]string)
	for _, v := range vendor.All() {
		for _, other := range v.Also {
			others[other] = string(v.Provider)
		}
	}
	return others
}

// sourceNames lists every provider that can be named.
func sourceNames() []string {
	names := localNames()
	for _, name := range providers.Configured() {
		names = append(names, string(name))
	}
	return names
}

func localNames() []string {
	var names []string
	for _, p := range providers.All(scanner.Env{}) {
		names = append(names, string(p.Name()))
	}
	return names
}

// sources finds what a scan reads: local browsers and everything that is configured, or those that were named.
func (env *Env) sources(ctx context.Context, o *scanOptions, progress *progress) (*sources, error) {
	if err := o.contradiction(); err != nil {
		return nil, err
	}
	if o.sourceTimeout < 0 {
		return nil, usageError(fmt.Errorf("--source-timeout must be longer than 0, is %s", o.sourceTimeout))
	}
	configured, err := env.loadConfig(o.config)
	if err != nil {
		return nil, err
	}
	homes, err := env.homes(o)
	if err != nil {
		return nil, err
	}
	builder := &sourceBuilder{
		env: env, options: o, progress: progress, config: configured,
		providerEnv: env.providerEnv(homes, o.profileDirs, o.builtin, o.debug), found: &sources{homes: homes},
	}
	builder.providerEnv.SourceLimit = o.sourceTimeout
	builder.local()
	builder.googleWorkspace(ctx)
	builder.gitHub(ctx)
	return builder.found, builder.missing()
}

// sourceBuilder makes the providers of one command.
type sourceBuilder struct {
	env         *Env
	options     *scanOptions
	progress    *progress
	config      *config.Config
	providerEnv scanner.Env
	found       *sources
}

// wants reports whether a provider was named, or none was.
func (b *sourceBuilder) wants(name inventory.Provider) bool {
	return len(b.options.providers) == 0 || slices.Contains(b.options.providers, string(name))
}

func (b *sourceBuilder) add(p scanner.Provider, targets ...string) {
	b.found.list = append(b.found.list, p)
	for _, target := range targets {
		b.found.targets = append(b.found.targets, inventory.Untrusted(string(p.Name())+":"+target))
	}
}

func (b *sourceBuilder) local() {
	for _, p := range providers.Local(b.providerEnv, b.wants) {
		b.add(p)
	}
	if len(b.found.list) == 0 {
		b.found.homes = nil // nothing local is read, whoever runs the scan
	}
}

func (b *sourceBuilder) googleWorkspace(ctx context.Context) {
	g := b.config.Google
	names := providers.GoogleWorkspaceNames
	if g == nil || b.options.purpose.self || !slices.ContainsFunc(names(g.Settings), b.wants) {
		return
	}
	settings, err := g.Config(ctx, b.env.outside(), b.env.credentialFile(string(inventory.GoogleWorkspace)))
	target := scopeOfUnits(settings.Target(), settings.Units, settings.ExcludeUnits)
	if err != nil {
		for _, name := range names(g.Settings) {
			if b.wants(name) {
				b.add(providers.Unavailable(name, []inventory.Untrusted{settings.Target()}, err), target)
			}
		}
		return
	}
	settings.StateDir, settings.Incremental = b.env.stateDir(), b.options.incremental
	settings.Progress = b.progress.users
	for _, p := range providers.GoogleWorkspace(b.providerEnv, settings) {
		if b.wants(p.Name()) {
			b.add(p, target)
		}
	}
}

// scopeOfUnits names an organization and the part of it that is read.
func scopeOfUnits(target inventory.Untrusted, units, excluded []string) string {
	name := target.String()
	for _, unit := range units {
		name += " +" + unit
	}
	for _, unit := range excluded {
		name += " -" + unit
	}
	return name
}

func (b *sourceBuilder) gitHub(ctx context.Context) {
	if !b.wants(inventory.GitHub) {
		return
	}
	for _, g := range b.gitHubAccounts() {
		var targets []string
		for _, target := range g.Settings.Targets() {
			targets = append(targets, target.String())
		}
		settings, err := g.Config(ctx, b.env.outside(), b.env.gitHubTokenFile(g))
		if err != nil {
			b.add(providers.Unavailable(inventory.GitHub, g.Settings.Targets(), err), targets...)
			continue
		}
		if dir := b.env.stateDir(); dir != "" && !b.options.purpose.self {
			settings.CacheDir = filepath.Join(dir, "github-pages")
		}
		settings.OnWait = b.progress.wait
		b.add(providers.GitHub(b.providerEnv, settings), targets...)
	}
}

// gitHubAccounts are the configured ones. A self-check looks at the person's own account alone, and needs no configuration for it.
func (b *sourceBuilder) gitHubAccounts() []*config.GitHub {
	if !b.options.purpose.self {
		return b.config.GitHub
	}
	if !slices.Contains(b.options.providers, string(inventory.GitHub)) {
		return nil // a self-check asks nobody but this machine unless it is told to
	}
	var own []*config.GitHub
	for _, g := range b.config.GitHub {
		if g.Settings.Self {
			only := *g
			only.Settings.Organizations, only.Settings.Enterprise = nil, ""
			own = append(own, &only)
		}
	}
	if len(own) == 0 {
		own = []*config.GitHub{{Settings: github.Config{Self: true}}}
	}
	return own
}

// missing reports a provider that was named and is not configured.
func (b *sourceBuilder) missing() error {
	for _, name := range b.options.providers {
		if slices.ContainsFunc(b.found.list, func(p scanner.Provider) bool { return string(p.Name()) == name }) {
			continue
		}
		return usageError(fmt.Errorf("%s is not configured", name),
			fmt.Sprintf("write %s in %q", exampleConfig[inventory.Provider(name)], b.env.configPath(b.config)))
	}
	return nil
}

// exampleConfig is the least that makes a provider work.
var exampleConfig = map[inventory.Provider]string{
	inventory.GoogleWorkspace:  `[google_workspace] with subject = "it@acme.example" and key = { file = "key.json" }`,
	inventory.ChromeManagement: `features = ["chrome", "chrome_details"] in [google_workspace], beside the others it should have,`,
	inventory.GitHub:           `[[github]] with organizations = ["acme"]`,
}

// gitHubTokenFile is where the token of a device sign-in to a host is kept.
func (env *Env) gitHubTokenFile(g *config.GitHub) string {
	return env.credentialFile("github-" + strings.NewReplacer("/", "-", ":", "-").Replace(g.Host()))
}
