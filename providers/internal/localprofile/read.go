package localprofile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// A file system that does not answer blocks its caller forever, and cannot be interrupted.
const (
	// homeLimit is for looking into one home for browsers: a few dozen names.
	homeLimit = 20 * time.Second
	// homesAtOnce bounds how many homes are looked into side by side, so that dead ones cost their
	// limit together.
	homesAtOnce = 64
	// discoverLimit is for finding all profiles of a family.
	discoverLimit = 10 * time.Minute
)

// errAbandoned is what a sink returns to a reader that was given up.
var errAbandoned = errors.New("this source was given up")

// ReadSource reads one source, and contains what goes wrong with it: if read panics, takes longer
// than a source may, or is not done when the time of the scan is up, the coverage says so, and other
// sources are not affected. An error is the sink's
// or the context's, as for [scanner.Provider].
//
// A read that does not end is left behind. It must use nothing that another read uses; its sink no
// longer accepts anything.
func ReadSource(
	ctx context.Context, env scanner.Env, source inventory.Source, sink scanner.Sink,
	read func(context.Context, scanner.Sink) (inventory.Coverage, error),
) (inventory.Coverage, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	limit := cmp.Or(env.SourceLimit, scanner.DefaultSourceLimit)
	gate := &gate{sink: sink}
	coverage, err := within(ctx, env, limit, func() (inventory.Coverage, error) { return read(ctx, gate) })
	items := gate.close()
	late, panicked := (*LateError)(nil), (*guard.PanicError)(nil)
	switch {
	case errors.As(err, &late):
		return broken(source, items, err, "check the disk or the network file system that it is on, or allow more time with --source-timeout"), nil
	case err != nil && scanner.IsTimeUp(ctx):
		return broken(source, items, scanner.ErrTimeUp, scanner.MoreTime), nil
	case errors.As(err, &panicked):
		return broken(source, items, err, "the other sources are not affected"), nil
	}
	return coverage, err
}

// ReadAll reads every profile as [ReadSource] does, several at a time. The coverages are in the
// order of the profiles.
func ReadAll[P Described](
	ctx context.Context, env scanner.Env, sink scanner.Sink, profiles []P,
	read func(context.Context, scanner.Sink, P) (inventory.Coverage, error),
) ([]inventory.Coverage, error) {
	coverage := make([]inventory.Coverage, len(profiles))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, profile := range profiles {
		group.Go(func() (err error) {
			coverage[n], err = ReadSource(ctx, env, profile.About().Source, sink,
				func(ctx context.Context, sink scanner.Sink) (inventory.Coverage, error) {
					return read(ctx, sink, profile)
				})
			return err
		})
	}
	return coverage, group.Wait()
}

// Described is a profile, with what only its provider knows about it.
type Described interface{ About() Profile }

// About makes every type that embeds a profile [Described].
func (p Profile) About() Profile { return p }

// Discover runs the search for sources, which comes before reading them, behind the same guards. An
// error is a [LateError], a [guard.PanicError] or the context's: nothing was found, and nothing is
// known to be there.
func Discover[T any](ctx context.Context, env scanner.Env, search func() T) (T, error) {
	found, err := within(ctx, env, discoverLimit, func() (T, error) { return search(), nil })
	if late := (*LateError)(nil); errors.As(err, &late) {
		err = Doing(err, "looking for profiles")
	}
	return found, err
}

// LateError: something took longer than it may.
type LateError struct{ Limit time.Duration }

func (e *LateError) Error() string {
	return fmt.Sprintf("there was no answer within %s", e.Limit)
}

// within runs work, but waits for it only until the limit is reached or the context ends.
func within[T any](ctx context.Context, env scanner.Env, limit time.Duration, work func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.err = guard.Do(func() (err error) {
			r.value, err = work()
			return err
		})
		done <- r
	}()
	late, stop := after(env, limit)
	defer stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return *new(T), context.Cause(ctx)
	case <-late:
		return *new(T), &LateError{limit}
	}
}

func after(env scanner.Env, limit time.Duration) (late <-chan time.Time, stop func()) {
	if env.After != nil {
		return env.After(limit), func() {}
	}
	timer := time.NewTimer(limit)
	return timer.C, func() { timer.Stop() }
}

// broken is the coverage of a source that was not read to its end.
func broken(source inventory.Source, items int, err error, remedy inventory.Untrusted) inventory.Coverage {
	coverage := inventory.Coverage{
		Source: source, Status: inventory.StatusNotObservable, Items: items, Reason: inventory.Untrusted(err.Error()),
		Remedy: remedy,
	}
	if items > 0 {
		coverage.Status = inventory.StatusPartial
	}
	return coverage
}

// gate passes on what a reader adds, until it is closed.
type gate struct {
	sink   scanner.Sink
	mu     sync.Mutex
	closed bool
	items  int
}

func (g *gate) AddItem(item *inventory.Item) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return errAbandoned
	}
	g.items++
	return g.sink.AddItem(item)
}

func (g *gate) AddAccount(account *inventory.Account) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return errAbandoned
	}
	return g.sink.AddAccount(account)
}

// close stops passing items on, and returns how many there were.
func (g *gate) close() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	return g.items
}
