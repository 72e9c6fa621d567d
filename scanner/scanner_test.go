package scanner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// stub is a provider of one function.
type stub struct {
	name    inventory.Provider
	collect func(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error)
}

func (s stub) Name() inventory.Provider { return s.name }
func (s stub) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	return s.collect(ctx, sink)
}

func whole(name inventory.Provider) stub {
	return stub{name, func(_ context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
		err := sink.AddItem(&inventory.Item{App: inventory.App{ID: inventory.Untrusted(name)}})
		source := inventory.Source{Provider: name, Name: "one"}
		return []inventory.Coverage{{Source: source, Status: inventory.StatusComplete, Items: 1}}, err
	}}
}

func TestAFaultCostsItsOwnProviderAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		collect func(context.Context, scanner.Sink) ([]inventory.Coverage, error)
		says    string
	}{
		"an-error": {func(context.Context, scanner.Sink) ([]inventory.Coverage, error) {
			return nil, errors.New("nothing can be trusted")
		}, "nothing can be trusted"},
		"a-panic": {func(context.Context, scanner.Sink) ([]inventory.Coverage, error) {
			panic("out of its mind")
		}, "this is a bug in guestlist, please report it: out of its mind (scanner/scanner_test.go:"},
		"a-panic-of-a-worker": {func(context.Context, scanner.Sink) ([]inventory.Coverage, error) {
			var group errgroup.Group
			group.Go(guard.Go(func() error { panic("out of its mind") }))
			return nil, group.Wait()
		}, "this is a bug in guestlist, please report it: out of its mind (scanner/scanner_test.go:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var to testkit.Sink
			list := []scanner.Provider{whole(inventory.Chromium), stub{inventory.Firefox, c.collect}, whole(inventory.GitHub)}
			coverage, err := scanner.Collect(t.Context(), list, &to)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"chromium complete", "firefox not-observable", "github complete"}
			if diff := cmp.Diff(want, statuses(to.Coverage)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if len(to.Items) != 2 {
				t.Errorf("%d items, want those of the other two", len(to.Items))
			}
			if reason := string(coverage[1].Reason); !strings.Contains(reason, c.says) {
				t.Errorf("the reason is %q", reason)
			}
		})
	}
}

func TestADestinationThatFailsEndsTheRun(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	for name, collect := range map[string]func(context.Context, scanner.Sink) ([]inventory.Coverage, error){
		"for-an-item": whole(inventory.Chromium).collect,
		"for-an-account": func(_ context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
			return nil, sink.AddAccount(&inventory.Account{})
		},
		"though-the-provider-hides-it": func(_ context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
			sink.AddAccount(&inventory.Account{})
			return nil, nil
		},
		"for-the-coverage": func(context.Context, scanner.Sink) ([]inventory.Coverage, error) {
			return []inventory.Coverage{{Status: inventory.StatusComplete}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := testkit.Sink{Err: full}
			_, err := scanner.Collect(t.Context(), []scanner.Provider{stub{inventory.Chromium, collect}}, &to)
			if !errors.Is(err, full) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnInterruptEndsTheRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	waits := stub{inventory.Firefox, func(ctx context.Context, _ scanner.Sink) ([]inventory.Coverage, error) {
		cancel()
		<-ctx.Done()
		return nil, nil
	}}
	if _, err := scanner.Collect(ctx, []scanner.Provider{waits}, &testkit.Sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Providers end in any order; reports and snapshots have one.
func TestCoverageComesInTheOrderOfItsSourcesWhateverEndsFirst(t *testing.T) {
	t.Parallel()
	first, second := make(chan struct{}), make(chan struct{})
	reporting := func(provider inventory.Provider, before <-chan struct{}, then chan<- struct{},
		names ...inventory.Untrusted) stub {
		return stub{provider, func(context.Context, scanner.Sink) (list []inventory.Coverage, err error) {
			if before != nil {
				<-before
			}
			if then != nil {
				defer close(then)
			}
			for _, name := range names {
				list = append(list, inventory.Coverage{
					Source: inventory.Source{Provider: provider, Name: name}, Status: inventory.StatusComplete,
				})
			}
			return list, nil
		}}
	}
	providers := []scanner.Provider{
		reporting(inventory.Chromium, second, nil, "linus/chrome/Default", "ada/chrome/Default"),
		reporting(inventory.GitHub, first, second, "acme/members", "acme/hooks"),
		reporting(inventory.Firefox, nil, first, "ada/firefox/work"),
	}
	var to testkit.Sink
	returned, err := scanner.Collect(t.Context(), providers, &to)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"chromium ada/chrome/Default", "chromium linus/chrome/Default", "firefox ada/firefox/work", "github acme/hooks",
		"github acme/members",
	}
	if diff := cmp.Diff(want, sources(to.Coverage)); diff != "" {
		t.Errorf("added (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, sources(returned)); diff != "" {
		t.Errorf("returned (-want +got)\n%s", diff)
	}
}

func TestNoMoreProvidersRunAtOnceThanMay(t *testing.T) {
	t.Parallel()
	const all = 3 * scanner.MaxProviders
	var running, peak, ran atomic.Int32
	full := make(chan struct{})
	var providers []scanner.Provider
	for n := range all {
		providers = append(providers, stub{inventory.Provider(fmt.Sprint("provider-", n)),
			func(context.Context, scanner.Sink) ([]inventory.Coverage, error) {
				now := running.Add(1)
				defer running.Add(-1)
				for most := peak.Load(); now > most && !peak.CompareAndSwap(most, now); most = peak.Load() {
				}
				if now == scanner.MaxProviders && ran.Load() == 0 {
					close(full)
				}
				<-full // until as many run as may
				ran.Add(1)
				return nil, nil
			}})
	}
	if _, err := scanner.Collect(t.Context(), providers, &testkit.Sink{}); err != nil {
		t.Fatal(err)
	}
	if ran.Load() != all || peak.Load() != scanner.MaxProviders {
		t.Errorf("%d ran, %d at once, want %d and %d", ran.Load(), peak.Load(), all, scanner.MaxProviders)
	}
}

// What a provider could say before it failed is kept, beside the failure.
func TestAProviderThatFailsLateKeepsWhatItSaid(t *testing.T) {
	t.Parallel()
	late := stub{inventory.GitHub, func(context.Context, scanner.Sink) ([]inventory.Coverage, error) {
		read := inventory.Source{Provider: inventory.GitHub, Name: "acme/members"}
		return []inventory.Coverage{{Source: read, Status: inventory.StatusComplete}}, errors.New("the connection broke")
	}}
	var to testkit.Sink
	if _, err := scanner.Collect(t.Context(), []scanner.Provider{late}, &to); err != nil {
		t.Fatal(err)
	}
	want := []string{"github complete", "github not-observable"}
	if diff := cmp.Diff(want, statuses(to.Coverage)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func sources(coverage []inventory.Coverage) (list []string) {
	for _, c := range coverage {
		list = append(list, string(c.Source.Provider)+" "+string(c.Source.Name))
	}
	return list
}

// statuses are the providers and how far they got.
func statuses(coverage []inventory.Coverage) (list []string) {
	for _, c := range coverage {
		list = append(list, string(c.Source.Provider)+" "+string(c.Status))
	}
	return list
}

func TestWhenTheTimeIsUpWhatWasNotReadIsNotObserved(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancelCause(t.Context())
	slow := stub{inventory.Firefox, func(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
		if err := sink.AddItem(&inventory.Item{App: inventory.App{ID: "seen"}}); err != nil {
			return nil, err
		}
		end(scanner.ErrTimeUp)
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	honest := stub{inventory.GitHub, func(ctx context.Context, _ scanner.Sink) ([]inventory.Coverage, error) {
		<-ctx.Done()
		return []inventory.Coverage{{Source: inventory.Source{Provider: inventory.GitHub, Name: "one"},
			Status: inventory.StatusNotObservable, Reason: "interrupted"}}, nil
	}}
	var to testkit.Sink
	coverage, err := scanner.Collect(ctx, []scanner.Provider{whole(inventory.Chromium), slow, honest}, &to)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, each := range coverage {
		got = append(got, fmt.Sprintf("%s %s %s: %s", each.Source.Provider, each.Source.Name, each.Status, each.Reason))
	}
	want := []string{
		"chromium one complete: ", "firefox firefox not-observable: the time for the whole scan was up before it was read",
		"github one not-observable: interrupted",
	}
	if diff := cmp.Diff(want, got); diff != "" || len(to.Items) != 2 {
		t.Errorf("%s, %d items", diff, len(to.Items))
	}
}

// A full disk is no want of time, even if both happen.
func TestAFailingDestinationEndsAScanWhoseTimeIsUp(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancelCause(t.Context())
	end(scanner.ErrTimeUp)
	full := errors.New("the disk is full")
	to := testkit.Sink{Err: full}
	if coverage, err := scanner.Collect(ctx, []scanner.Provider{whole(inventory.Chromium)}, &to); !errors.Is(err, full) {
		t.Errorf("%v, %v", coverage, err)
	}
}
