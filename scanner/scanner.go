// Package scanner runs providers and gathers what they observe.
//
// It holds the contract with everything that reads a platform: [Provider], [Sink], [Env] and, for
// the command "doctor", [Prober]. It knows no implementation of it.
//
// It contains faults: a provider that fails, or even panics, becomes a coverage that says so, and
// the others go on. Only a failing destination (a full disk) or an interrupt ends the run.
package scanner

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// MaxProviders bounds how many providers run at once; each has its own workers.
const MaxProviders = 4

// ErrTimeUp is the cause of a context whose end does not end the scan: what was read until then
// counts, and what was not is not observed.
var ErrTimeUp = errors.New("the time for the whole scan was up before it was read")

// MoreTime is the remedy for what was not read for want of time.
const MoreTime inventory.Untrusted = "allow more time with --timeout, or scan it by itself"

// Destination takes everything that a scan observes; the snapshot's writer is one.
type Destination interface {
	Sink
	AddCoverage(coverage *inventory.Coverage) error
}

// Collect runs the providers and adds their items, accounts and coverage to the destination. The
// coverage is also returned, ordered by source. It fails when the context ends, unless the cause is
// [ErrTimeUp].
func Collect(ctx context.Context, providers []Provider, destination Destination) ([]inventory.Coverage, error) {
	results := make([][]inventory.Coverage, len(providers))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(MaxProviders)
	for n, p := range providers {
		group.Go(func() error {
			coverage, err := collectOne(ctx, p, destination)
			results[n] = coverage
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := slices.Concat(results...)
	slices.SortFunc(all, func(a, b inventory.Coverage) int { return a.Source.Compare(b.Source) })
	for n := range all {
		all[n].Normalize()
		if err := destination.AddCoverage(&all[n]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func collectOne(ctx context.Context, p Provider, destination Destination) (coverage []inventory.Coverage, err error) {
	sink := &watched{Sink: destination}
	coverage, err = collectSafely(ctx, p, sink)
	switch {
	case sink.failure() != nil:
		return nil, sink.failure()
	case IsTimeUp(ctx) && err == nil:
		return coverage, nil // it says itself what was not read
	case IsTimeUp(ctx):
		return append(coverage, notRead(p.Name(), ErrTimeUp, MoreTime)), nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return append(coverage, failed(p.Name(), err)), nil
	}
	return coverage, nil
}

// collectSafely turns a panic, which foreign input should never cause, into an error.
func collectSafely(ctx context.Context, p Provider, sink Sink) (coverage []inventory.Coverage, err error) {
	err = guard.Do(func() (err error) {
		coverage, err = p.Collect(ctx, sink)
		return err
	})
	return coverage, err
}

// IsTimeUp reports whether a context ended with [ErrTimeUp].
func IsTimeUp(ctx context.Context) bool { return errors.Is(context.Cause(ctx), ErrTimeUp) }

func failed(name inventory.Provider, err error) inventory.Coverage {
	remedy := inventory.Untrusted("")
	if panicked := (*guard.PanicError)(nil); errors.As(err, &panicked) {
		remedy = "nothing of this provider can be trusted in this report; the other providers are complete"
	}
	return notRead(name, err, remedy)
}

// notRead is the coverage of everything that a provider reads.
func notRead(name inventory.Provider, err error, remedy inventory.Untrusted) inventory.Coverage {
	return inventory.Coverage{
		Source: inventory.Source{Provider: name, Name: inventory.Untrusted(name)},
		Status: inventory.StatusNotObservable, Reason: inventory.Untrusted(err.Error()), Remedy: remedy,
	}
}

// watched remembers an error of the destination, to distinguish it from an error of the provider.
type watched struct {
	Sink
	mu  sync.Mutex
	err error
}

func (w *watched) AddItem(item *inventory.Item) error { return w.keep(w.Sink.AddItem(item)) }

func (w *watched) AddAccount(account *inventory.Account) error {
	return w.keep(w.Sink.AddAccount(account))
}

func (w *watched) keep(err error) error {
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.err = err
	}
	return err
}

func (w *watched) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
