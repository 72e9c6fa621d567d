package chromium

import (
	"context"
	"slices"
	"sync"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/winregistry"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Provider reads the browsers of a machine that are built on Chromium. It implements
// [scanner.Provider].
type Provider struct {
	env scanner.Env
	// system opens absolute paths, as unpacked extensions have them.
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

// Name is "chromium", for all browsers of the family.
func (p *Provider) Name() inventory.Provider { return inventory.Chromium }

// Collect reads every profile, several at a time. There is one coverage for each profile, and one
// for each directory that should have held profiles and could not be read.
func (p *Provider) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	found, err := localprofile.Discover(ctx, p.env, p.discover)
	if err != nil {
		return nil, err
	}
	workers := sync.Pool{New: func() any { return newWorker(p) }}
	read, err := localprofile.ReadAll(ctx, p.env, sink, found.profiles,
		func(ctx context.Context, sink scanner.Sink, job profile) (inventory.Coverage, error) {
			worker := workers.Get().(*worker)
			coverage, err := worker.read(ctx, sink, job)
			workers.Put(worker) // not after a panic: its storage may be in any state
			return coverage, err
		})
	if err != nil {
		return nil, err
	}
	coverage := slices.Concat(found.Gaps, read)
	slices.SortFunc(coverage, func(a, b inventory.Coverage) int { return a.Source.Compare(b.Source) })
	return coverage, nil
}

// wording phrases the messages about what could not be read.
var wording = localprofile.Wording{Writer: "a browser", Remove: "in the browser"}
