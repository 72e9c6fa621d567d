package localprofile

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

var source = inventory.Source{Provider: inventory.Chromium, Name: "laptop-01/finance/chromium/Default"}

// A clock that strikes at once, or never.
func strikes(after time.Duration) scanner.Env {
	return scanner.Env{SourceLimit: time.Minute, After: func(limit time.Duration) <-chan time.Time {
		clock := make(chan time.Time, 1)
		if limit <= after {
			clock <- time.Time{}
		}
		return clock
	}}
}

func TestASourceThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, items := range map[string]int{"before-its-first-item": 0, "after-some": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sink testkit.Sink
			env := scanner.Env{SourceLimit: time.Minute}
			clock := make(chan time.Time)
			env.After = func(time.Duration) <-chan time.Time { return clock }
			hang, late := make(chan struct{}), make(chan error)
			coverage, err := ReadSource(t.Context(), env, source, &sink,
				func(ctx context.Context, sink scanner.Sink) (inventory.Coverage, error) {
					for range items {
						if err := sink.AddItem(&inventory.Item{}); err != nil {
							return inventory.Coverage{}, err
						}
					}
					clock <- time.Time{} // the time is over, and the read still hangs
					go func() {
						<-hang
						late <- sink.AddItem(&inventory.Item{})
					}()
					<-hang
					return inventory.Coverage{Source: source, Status: inventory.StatusComplete}, nil
				})
			if err != nil {
				t.Fatal(err)
			}
			want := inventory.StatusNotObservable
			if items > 0 {
				want = inventory.StatusPartial
			}
			if coverage.Source != source || coverage.Status != want || coverage.Items != items ||
				coverage.Reason != "there was no answer within 1m0s" {
				t.Errorf("coverage %+v", coverage)
			}
			close(hang)
			if err := <-late; !errors.Is(err, errAbandoned) {
				t.Errorf("what came too late: %v", err)
			}
			if len(sink.Items) != items {
				t.Errorf("%d items arrived, want %d", len(sink.Items), items)
			}
		})
	}
}

// What was read before keeps its coverage, so that nothing in it looks unread.
func TestWhenTheTimeOfTheScanIsUpOnlyWhatIsNotDoneIsNotObserved(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancelCause(t.Context())
	var sink testkit.Sink
	hang := make(chan struct{})
	defer close(hang)
	read := func(name string, items int, work func()) inventory.Coverage {
		source := inventory.Source{Provider: inventory.Chromium, Name: inventory.Untrusted(name)}
		coverage, err := ReadSource(ctx, strikes(0), source, &sink, func(_ context.Context, sink scanner.Sink) (inventory.Coverage, error) {
			for range items {
				if err := sink.AddItem(&inventory.Item{}); err != nil {
					return inventory.Coverage{}, err
				}
			}
			work()
			return inventory.Coverage{Source: source, Status: inventory.StatusComplete, Items: items}, nil
		})
		if err != nil || coverage.Source != source {
			t.Errorf("%s: %+v, %v", name, coverage, err)
		}
		return coverage
	}
	done := read("done", 1, func() {})
	begun := read("begun", 2, func() {
		end(scanner.ErrTimeUp)
		<-hang
	})
	waiting := read("waiting", 0, func() { <-hang })
	got := []inventory.Status{done.Status, begun.Status, waiting.Status}
	want := []inventory.Status{inventory.StatusComplete, inventory.StatusPartial, inventory.StatusNotObservable}
	if diff := cmp.Diff(want, got); diff != "" || begun.Items != 2 {
		t.Errorf("%s, %+v", diff, begun)
	}
	if waiting.Reason != "the time for the whole scan was up before it was read" || waiting.Remedy != scanner.MoreTime {
		t.Errorf("%+v", waiting)
	}
}

func TestAPanicCostsItsOwnSource(t *testing.T) {
	t.Parallel()
	var sink testkit.Sink
	coverage, err := ReadSource(t.Context(), strikes(0), source, &sink,
		func(context.Context, scanner.Sink) (inventory.Coverage, error) {
			panic("out of its mind")
		})
	if err != nil || coverage.Status != inventory.StatusNotObservable ||
		!strings.Contains(string(coverage.Reason), "please report it: out of its mind") {
		t.Errorf("coverage %+v, %v", coverage, err)
	}
	_, err = Discover(t.Context(), strikes(0), func() int { panic("out of its mind") })
	if panicked := (*guard.PanicError)(nil); !errors.As(err, &panicked) {
		t.Errorf("a search: %v", err)
	}
}

func TestWhatEndsTheScanIsPassedOn(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	sink := testkit.Sink{Err: full}
	_, err := ReadSource(t.Context(), strikes(0), source, &sink,
		func(_ context.Context, sink scanner.Sink) (inventory.Coverage, error) {
			return inventory.Coverage{}, sink.AddItem(&inventory.Item{})
		})
	if !errors.Is(err, full) {
		t.Errorf("a sink that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	hang := make(chan struct{})
	defer close(hang)
	_, err = ReadSource(ctx, strikes(0), source, &testkit.Sink{},
		func(context.Context, scanner.Sink) (inventory.Coverage, error) {
			cancel()
			<-hang // which no interrupt ends
			return inventory.Coverage{}, nil
		})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupt: %v", err)
	}
}

func TestWhatIsAddedInTimeArrivesAsItIs(t *testing.T) {
	t.Parallel()
	var sink testkit.Sink
	whole := inventory.Coverage{Source: source, Status: inventory.StatusComplete, Items: 1}
	var kept scanner.Sink
	coverage, err := ReadSource(t.Context(), scanner.Env{}, source, &sink,
		func(_ context.Context, sink scanner.Sink) (inventory.Coverage, error) {
			kept = sink
			return whole, errors.Join(sink.AddItem(&inventory.Item{}), sink.AddAccount(&inventory.Account{}))
		})
	if diff := cmp.Diff(whole, coverage); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if err := kept.AddAccount(&inventory.Account{}); !errors.Is(err, errAbandoned) {
		t.Errorf("an account after the end: %v", err)
	}
	if len(sink.Items) != 1 || len(sink.Accounts) != 1 {
		t.Errorf("%d items and %d accounts arrived", len(sink.Items), len(sink.Accounts))
	}
}

func TestASearchThatDoesNotAnswerSaysWhatItLookedFor(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	defer close(hang)
	_, err := Discover(t.Context(), strikes(discoverLimit), func() int { <-hang; return 1 })
	if late := (*LateError)(nil); !errors.As(err, &late) ||
		err.Error() != "looking for profiles: there was no answer within 10m0s" {
		t.Errorf("got %v", err)
	}
	if found, err := Discover(t.Context(), scanner.Env{}, func() int { return 7 }); found != 7 || err != nil {
		t.Errorf("a search that ends: %d, %v", found, err)
	}
}

func TestAHomeThatDoesNotAnswerCostsOnlyItself(t *testing.T) {
	t.Parallel()
	env := strikes(homeLimit)
	env.OS = Linux
	hang := make(chan struct{})
	defer close(hang)
	env.Getenv = func(string) string { <-hang; return "" } // asked for one's own home only
	env.Homes = []scanner.Home{{Dir: t.TempDir(), User: "finance", Own: true}}
	rows := []xdgRow{{}}
	search := Search{Env: env, Family: inventory.Chromium, Wording: Wording{Writer: "a browser"}}
	found := Find(&search, rows)
	want := []inventory.Coverage{{
		Source: inventory.Source{Provider: inventory.Chromium, Name: "finance"},
		Status: inventory.StatusNotObservable,
		Reason: inventory.Untrusted("looking for browsers in " + strconv.Quote(env.Homes[0].Dir) + ": there was no answer within 20s"),
		Remedy: "check the disk or the network file system that it is on",
	}}
	if diff := cmp.Diff(want, search.Gaps); len(found) != 0 || diff != "" {
		t.Errorf("found %v, gaps (-want +got):\n%s", found, diff)
	}
}

type xdgRow struct{}

func (xdgRow) Key() string { return "browser" }

func (xdgRow) Where() Where { return Where{OS: Linux, Base: InConfig, Path: "browser"} }

func TestTheLimitOfASourceIsTheUsualOneUnlessAnotherIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ asked, want time.Duration }{
		"usual":      {0, scanner.DefaultSourceLimit},
		"asked-for":  {7 * time.Second, 7 * time.Second},
		"more-still": {time.Hour, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			struck, hang := make(chan time.Time, 1), make(chan struct{})
			defer close(hang)
			var set time.Duration
			env := scanner.Env{SourceLimit: c.asked, After: func(limit time.Duration) <-chan time.Time {
				set = limit
				struck <- time.Time{}
				return struck
			}}
			coverage, err := ReadSource(t.Context(), env, source, &testkit.Sink{},
				func(context.Context, scanner.Sink) (inventory.Coverage, error) {
					<-hang
					return inventory.Coverage{}, nil
				})
			want := inventory.Textf("there was no answer within %s", c.want)
			if err != nil || set != c.want || coverage.Reason != want {
				t.Errorf("the clock was set to %s, the reason is %q, %v", set, coverage.Reason, err)
			}
		})
	}
}

// One profile on a dead disk is a gap in its own place.
func TestProfilesComeInTheirOrderWhateverEndsFirst(t *testing.T) {
	t.Parallel()
	names := []inventory.Untrusted{"c", "dead", "a"}
	var profiles []Profile
	for _, name := range names {
		profiles = append(profiles, Profile{Source: inventory.Source{Provider: inventory.Chromium, Name: name}})
	}
	clock, hang := make(chan time.Time), make(chan struct{})
	defer close(hang)
	env := scanner.Env{After: func(time.Duration) <-chan time.Time { return clock }}
	coverage, err := ReadAll(t.Context(), env, &testkit.Sink{}, profiles,
		func(_ context.Context, _ scanner.Sink, p Profile) (inventory.Coverage, error) {
			if p.Source.Name == "dead" {
				close(clock) // the time of everything that is still being read is over
				<-hang
			}
			return inventory.Coverage{Source: p.Source, Status: inventory.StatusComplete}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	var got []inventory.Untrusted
	for _, c := range coverage {
		got = append(got, c.Source.Name)
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if coverage[1].Status != inventory.StatusNotObservable {
		t.Errorf("the dead one is %s", coverage[1].Status)
	}
}
