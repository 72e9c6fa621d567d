package chromium

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/provider"
	"guestlist/scanner/inventory"
)

// Provider reads the browsers of a machine that are built on Chromium. It implements [provider.Provider].
type Provider struct {
	env provider.Env
	// system opens absolute paths, as unpacked extensions have them.
	system localprofile.System
}

// New returns a provider that reads the homes and profile directories of env.
func New(env provider.Env) *Provider {
	return &Provider{env: env, system: localprofile.System{Root: env.SystemRoot, Observe: env.Observe}}
}

// Name is "chromium", for all browsers of the family.
func (p *Provider) Name() inventory.Provider { return inventory.Chromium }

// Needs is empty: only local files are read.
func (p *Provider) Needs() provider.Needs { return provider.Needs{} }

// Collect reads every profile, several at a time. There is one coverage for each profile, and one for each directory that
// should have held profiles and could not be looked into.
func (p *Provider) Collect(ctx context.Context, sink provider.Sink) ([]inventory.Coverage, error) {
	found := p.discover()
	coverage := found.gaps
	jobs := make(chan profile)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var lock sync.Mutex
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(found.profiles)) {
		workers.Go(func() {
			worker := newWorker(p, sink)
			for job := range jobs {
				read, err := worker.read(ctx, job)
				if err != nil {
					cancel(err)
					return
				}
				lock.Lock()
				coverage = append(coverage, read)
				lock.Unlock()
			}
		})
	}
	for _, job := range found.profiles {
		select {
		case jobs <- job:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(jobs)
	workers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	slices.SortFunc(coverage, func(a, b inventory.Coverage) int { return a.Source.Compare(b.Source) })
	return coverage, nil
}
