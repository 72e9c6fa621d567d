package scanner_test

import (
	"context"
	"errors"
	"strings"
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
	to := testkit.Sink{Err: full}
	if _, err := scanner.Collect(t.Context(), []scanner.Provider{whole(inventory.Chromium)}, &to); !errors.Is(err, full) {
		t.Errorf("got %v", err)
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

// statuses are the providers and how far they got.
func statuses(coverage []inventory.Coverage) (list []string) {
	for _, c := range coverage {
		list = append(list, string(c.Source.Provider)+" "+string(c.Status))
	}
	return list
}
