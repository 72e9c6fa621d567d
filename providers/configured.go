package providers

import (
	"context"
	"slices"

	"guestlist/providers/github"
	"guestlist/providers/googleworkspace"
	"guestlist/providers/provider"
	"guestlist/scanner/inventory"
)

// Configured lists the names of the providers that need to be told what to read.
func Configured() []inventory.Provider {
	return []inventory.Provider{inventory.GoogleWorkspace, inventory.ChromeManagement, inventory.GitHub}
}

// GoogleWorkspace returns the providers of one Workspace: the accounts' and, where its features are asked for, Chrome Management's.
// One that cannot be made is Unavailable.
func GoogleWorkspace(env provider.Env, config googleworkspace.Config) []provider.Provider {
	var list []provider.Provider
	for _, name := range GoogleWorkspaceNames(config) {
		var p provider.Provider
		var err error
		if name == inventory.ChromeManagement {
			p, err = googleworkspace.NewChrome(env, config)
		} else {
			p, err = googleworkspace.New(env, config)
		}
		if err != nil {
			p = Unavailable(name, []inventory.Untrusted{config.Target()}, err)
		}
		list = append(list, p)
	}
	return list
}

// GoogleWorkspaceNames lists the providers that a configuration asks for. Without features it is the accounts' alone.
func GoogleWorkspaceNames(config googleworkspace.Config) []inventory.Provider {
	var names []inventory.Provider
	chrome := googleworkspace.DefaultChromeFeatures()
	isChrome := func(feature googleworkspace.Feature) bool { return slices.Contains(chrome, feature) }
	asked := slices.ContainsFunc(config.Features, isChrome)
	if !asked || slices.ContainsFunc(config.Features, func(f googleworkspace.Feature) bool { return !isChrome(f) }) {
		names = append(names, inventory.GoogleWorkspace)
	}
	if asked {
		names = append(names, inventory.ChromeManagement)
	}
	return names
}

// GitHub returns the provider of one GitHub host and credential, or an Unavailable one.
func GitHub(env provider.Env, config github.Config) provider.Provider {
	p, err := github.New(env, config)
	if err != nil {
		return Unavailable(inventory.GitHub, config.Targets(), err)
	}
	return p
}

// Unavailable is a provider that can read nothing of its targets, and says why. It keeps a fault of one configuration or credential
// from costing the others.
func Unavailable(name inventory.Provider, targets []inventory.Untrusted, err error) provider.Provider {
	return &unavailable{name: name, targets: targets, reason: inventory.Untrusted(err.Error())}
}

type unavailable struct {
	name    inventory.Provider
	targets []inventory.Untrusted
	reason  inventory.Untrusted
}

const unavailableRemedy = "fix the configuration, then try with guestlist doctor"

func (u *unavailable) Name() inventory.Provider { return u.name }

func (u *unavailable) Needs() provider.Needs { return provider.Needs{Network: true} }

// Collect reports every target as not observable.
func (u *unavailable) Collect(context.Context, provider.Sink) ([]inventory.Coverage, error) {
	var coverage []inventory.Coverage
	for _, target := range u.targets {
		coverage = append(coverage, inventory.Coverage{
			Source: inventory.Source{Provider: u.name, Name: target}, Status: inventory.StatusNotObservable, Reason: u.reason,
			Remedy: unavailableRemedy,
		})
	}
	return coverage, nil
}

// Probe gives each target a check that fails.
func (u *unavailable) Probe(context.Context) (*provider.Diagnosis, error) {
	diagnosis := &provider.Diagnosis{}
	for _, target := range u.targets {
		diagnosis.Checks = append(diagnosis.Checks, provider.Check{
			Name: target, State: provider.CheckLacking, Reason: u.reason, Remedy: "fix the configuration",
		})
	}
	return diagnosis, nil
}
