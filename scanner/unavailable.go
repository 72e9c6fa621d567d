package scanner

import (
	"context"

	"guestlist/scanner/inventory"
)

// Unavailable returns a provider that can read nothing of its targets, and says why. It keeps a
// fault in one configuration or credential from affecting the others.
func Unavailable(name inventory.Provider, targets []inventory.Untrusted, err error) Provider {
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
func (u *unavailable) Collect(context.Context, Sink) ([]inventory.Coverage, error) {
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
func (u *unavailable) Probe(context.Context) (*Diagnosis, error) {
	diagnosis := &Diagnosis{}
	for _, target := range u.targets {
		diagnosis.Checks = append(diagnosis.Checks, Check{
			Name: target, State: CheckLacking, Reason: u.reason, Remedy: "fix the configuration",
		})
	}
	return diagnosis, nil
}
