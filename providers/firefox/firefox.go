package firefox

import (
	"context"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/winregistry"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Provider reads the Firefox family's profiles of a machine. It implements [scanner.Provider].
type Provider struct {
	env scanner.Env
	// system opens absolute paths, as system-wide add-ons and policies have them.
	system localprofile.System
	walks  *localprofile.Walks
	// registry is the machine's; nil if it has none.
	registry winregistry.Registry
}

// New returns a provider that reads the homes and profile directories of env.
func New(env scanner.Env) *Provider {
	return &Provider{
		env: env, system: localprofile.System{Root: env.SystemRoot, Observe: env.Observe},
		walks:    localprofile.NewWalks(env, Layout()),
		registry: winregistry.System(),
	}
}

// Sharing makes the provider use walks that other providers use too; they look for its [Layout].
func (p *Provider) Sharing(walks *localprofile.Walks) *Provider {
	p.walks = walks
	return p
}

// Name is "firefox", for all browsers of the family.
func (p *Provider) Name() inventory.Provider { return inventory.Firefox }

// Collect reads every profile, several at a time. There is one coverage for each profile, and one
// for each directory or policy file that exists but could not be read.
func (p *Provider) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	type search struct {
		*discovery
		policies   map[string]policies
		policyGaps []inventory.Coverage
	}
	found, err := localprofile.Discover(ctx, p.env, func() (s search) {
		s.discovery = p.discover()
		s.policies, s.policyGaps = p.policies(s.profiles)
		return s
	})
	if err != nil {
		return nil, err
	}
	read, err := localprofile.ReadAll(ctx, p.env, sink, found.profiles,
		func(ctx context.Context, sink scanner.Sink, job profile) (inventory.Coverage, error) {
			return p.read(ctx, sink, job, found.policies[job.product.policy])
		})
	if err != nil {
		return nil, err
	}
	coverage := slices.Concat(found.Gaps, found.policyGaps, read)
	slices.SortFunc(coverage, func(a, b inventory.Coverage) int { return a.Source.Compare(b.Source) })
	return coverage, nil
}

// wording phrases the messages about what could not be read.
var wording = localprofile.Wording{Writer: "the browser", Remove: "in about:profiles"}
