package providers

import (
	"context"
	"slices"

	"guestlist/providers/github"
	"guestlist/providers/googleworkspace"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Configured lists the names of the providers that need to be told what to read.
func Configured() []inventory.Provider {
	return []inventory.Provider{inventory.GoogleWorkspace, inventory.ChromeManagement, inventory.GitHub}
}

// GoogleWorkspace returns the providers of one Workspace: the accounts' and, where its features are asked for, Chrome Management's.
// One that cannot be made is Unavailable.
func GoogleWorkspace(env scanner.Env, config googleworkspace.Config) []scanner.Provider {
	var list []scanner.Provider
	for _, name := range GoogleWorkspaceNames(config) {
		var p scanner.Provider
		var err error
		if name == inventory.ChromeManagement {
			p, err = googleworkspace.NewChrome(env, config.Connection)
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
	chrome := googleworkspace.FeaturesOf(inventory.ChromeManagement)
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
func GitHub(env scanner.Env, config github.Config) scanner.Provider {
	p, err := github.New(env, config)
	if err != nil {
		return Unavailable(inventory.GitHub, config.Targets(), err)
	}
	return p
}

// Unavailable is a provider that can read nothing of its targets, and says why. It keeps a fault of one configuration or credential
// from costing the others.
func Unavailable(name inventory.Provider, targets []inventory.Untrusted, err error) scanner.Provider {
	return &unavailable{name: name, targets: targets, reason: inventory.Untrusted(err.Error())}
}

type unavailable struct {
	name    inventory.Provider
	targets []inventory.Untrusted
	reason  inventory.Untrusted
}

const unavailableRemedy = "fix the configuration, then try with guestlist doctor"

func (u *unavailable) Name() inventory.Provider { return u.name }

// Collect reports every target as not observable.
func (u *unavailable) Collect(context.Context, scanner.Sink) ([]inventory.Coverage, error) {
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
func (u *unavailable) Probe(context.Context) (*scanner.Diagnosis, error) {
	diagnosis := &scanner.Diagnosis{}
	for _, target := range u.targets {
		diagnosis.Checks = append(diagnosis.Checks, scanner.Check{
			Name: target, State: scanner.CheckLacking, Reason: u.reason, Remedy: "fix the configuration",
		})
	}
	return diagnosis, nil
}
