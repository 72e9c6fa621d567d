package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"guestlist/cmd/internal/config"
	"guestlist/providers"
	"guestlist/scanner"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// sources are what a command reads.
type sources struct {
	list    []scanner.Provider
	homes   []scanner.Home
	history history.Policy
	targets []inventory.Untrusted // organizations, with everything that decides whether two scans have the same scope
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
	for _, v := range config.Vendors() {
		for _, name := range v.Providers {
			names = append(names, string(name))
		}
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

// sources finds what a scan reads: local browsers and everything that is configured, or those that
// were named.
func (env *Env) sources(ctx context.Context, o *scanOptions, progress *progress) (*sources, error) {
	if err := o.contradiction(); err != nil {
		return nil, err
	}
	configured, err := env.loadConfig(o.config)
	if err != nil {
		return nil, err
	}
	homes, err := env.homes(o)
	if err != nil {
		return nil, err
	}
	found := &sources{homes: homes, history: configured.History}
	run := env.vendorRun(o, env.providerEnv(homes, o.profileDirs, o.builtin, o.debug), progress)
	run.Env.SourceLimit = time.Duration(o.sourceTimeout)
	found.list = providers.Local(run.Env, o.wants)
	if len(found.list) == 0 {
		found.homes = nil // nothing local is read
	}
	for _, source := range configured.Sources(ctx, run) {
		found.list = append(found.list, source.Provider)
		for _, target := range source.Targets {
			found.targets = append(found.targets, inventory.Untrusted(string(source.Name())+":"+target))
		}
	}
	return found, env.missing(found, o, configured)
}

// wants reports whether a provider was named, or none was.
func (o *scanOptions) wants(name inventory.Provider) bool {
	return len(o.providers) == 0 || slices.Contains(o.providers, string(name))
}

// vendorRun is what a command asks of the vendors that are configured.
func (env *Env) vendorRun(o *scanOptions, providerEnv scanner.Env, progress *progress) *config.Run {
	return &config.Run{
		Env: providerEnv, Outside: env.outside(), Named: o.providers, StateDir: env.stateDir(),
		Self: o.purpose.self, Incremental: o.incremental, OnUsers: progress.users, OnWait: progress.wait,
	}
}

// missing reports a provider that was named and is not configured.
func (env *Env) missing(found *sources, o *scanOptions, configured *config.Config) error {
	for _, name := range o.providers {
		if slices.ContainsFunc(found.list, func(p scanner.Provider) bool { return string(p.Name()) == name }) {
			continue
		}
		return usageError(fmt.Errorf("%s is not configured", name),
			fmt.Sprintf("write %s in %q", exampleOf(inventory.Provider(name)), env.configPath(configured)))
	}
	return nil
}

// exampleOf is the minimum that makes a provider work.
func exampleOf(name inventory.Provider) string {
	for _, v := range config.Vendors() {
		if example := v.Examples[name]; example != "" {
			return example
		}
	}
	return ""
}
