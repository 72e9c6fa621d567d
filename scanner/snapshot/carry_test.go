package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/lockfile"
	"guestlist/scanner/testkit"
)

func grants(name string) inventory.Source {
	return inventory.Source{Provider: inventory.GoogleWorkspace, Name: inventory.Untrusted(name)}
}

// scanOf writes a snapshot of items, each named "source: app", and coverage, each named "source:
// status".
func scanOf(t *testing.T, path string, run inventory.Untrusted, coverage, items map[string][]string) {
	t.Helper()
	header := testHeader()
	header.RunID = run
	w, err := Create(path, header)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for name, apps := range items {
		for _, app := range apps {
			item := testItem(grants(name), 0)
			item.App.ID, item.Version = inventory.Untrusted(app), inventory.Untrusted(run)
			if err := w.AddItem(&item); err != nil {
				t.Fatal(err)
			}
		}
	}
	for status, names := range coverage {
		for _, name := range names {
			if err := w.AddCoverage(&inventory.Coverage{Source: grants(name), Status: inventory.Status(status),
				Items: 1}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Commit(now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

// told lists a snapshot: "source status (from run)" and "source: app of run".
func told(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	for record, err := range mustOpen(t, path).Records() {
		switch {
		case err != nil:
			t.Fatal(err)
		case record.Coverage != nil:
			text := fmt.Sprintf("%s %s", record.Coverage.Source.Name, record.Coverage.Status)
			if record.Coverage.CarriedFrom != "" {
				text += fmt.Sprintf(" (from %s)", record.Coverage.CarriedFrom)
			}
			all = append(all, text)
		case record.Item != nil:
			all = append(all, fmt.Sprintf("%s: %s of %s", record.Item.Source.Name, record.Item.App.ID, record.Item.Version))
		}
	}
	return all
}

func TestABaselineKeepsWhatALaterScanCouldNotRead(t *testing.T) {
	t.Parallel()
	type of = map[string][]string
	for _, test := range []struct {
		name                       string
		oldCoverage, oldItems      of
		newCoverage, newItems      of
		want                       []string
		staysTheSameFileAsTheNewer bool
	}{
		{
			name:        "everything was read: nothing is kept",
			oldCoverage: of{"complete": {"acme/grants"}}, oldItems: of{"acme/grants/a": {"x", "y"}},
			newCoverage: of{"complete": {"acme/grants"}}, newItems: of{"acme/grants/a": {"x"}},
			want:                       []string{"acme/grants complete", "acme/grants/a: x of run-2"},
			staysTheSameFileAsTheNewer: true,
		},
		{
			name:        "a source that failed is kept whole",
			oldCoverage: of{"complete": {"acme/grants"}}, oldItems: of{"acme/grants/a": {"x"}},
			newCoverage: of{"not-observable": {"acme/grants"}},
			want:        []string{"acme/grants complete (from run-1)", "acme/grants/a: x of run-1"},
		},
		{
			name:        "what was read of a source in part replaces what was known of it",
			oldCoverage: of{"complete": {"acme/grants"}}, oldItems: of{"acme/grants/a": {"x", "y"}},
			newCoverage: of{"partial": {"acme/grants"}}, newItems: of{"acme/grants/a": {"x", "z"}},
			want: []string{
				"acme/grants complete (from run-1)", "acme/grants/a: x of run-2", "acme/grants/a: y of run-1",
				"acme/grants/a: z of run-2",
			},
		},
		{
			name:        "one user of many could not be read: only that user is kept",
			oldCoverage: of{"complete": {"acme/grants"}}, oldItems: of{"acme/grants/a": {"x"}, "acme/grants/b": {"x", "y"}},
			newCoverage: of{"complete": {"acme/grants"}, "not-observable": {"acme/grants/b"}}, newItems: of{},
			want: []string{
				"acme/grants complete", "acme/grants/b complete (from run-1)", "acme/grants/b: x of run-1",
				"acme/grants/b: y of run-1",
			},
		},
		{
			name:        "a user that was never read stays a gap when everything fails",
			oldCoverage: of{"complete": {"acme/grants"}, "not-observable": {"acme/grants/b"}},
			oldItems:    of{"acme/grants/a": {"x"}},
			newCoverage: of{"not-observable": {"acme/grants"}},
			want: []string{"acme/grants complete (from run-1)", "acme/grants/b not-observable",
				"acme/grants/a: x of run-1"},
		},
		{
			name:        "a provider that failed as a whole forgets nothing",
			oldCoverage: of{"complete": {"acme/grants", "acme/users"}}, oldItems: of{"acme/grants/a": {"x"}},
			newCoverage: of{"not-observable": {"google-workspace"}},
			want: []string{
				"acme/grants complete (from run-1)", "acme/users complete (from run-1)", "google-workspace not-observable",
				"acme/grants/a: x of run-1",
			},
		},
		{
			name:        "a source that nobody names any more is gone",
			oldCoverage: of{"complete": {"acme/grants", "beta/grants"}}, oldItems: of{"beta/grants/a": {"x"}},
			newCoverage: of{"complete": {"acme/grants"}},
			want:        []string{"acme/grants complete"}, staysTheSameFileAsTheNewer: true,
		},
		{
			name:        "what was not known before is not known now",
			oldCoverage: of{"partial": {"acme/grants"}}, oldItems: of{"acme/grants/a": {"x"}},
			newCoverage: of{"not-observable": {"acme/grants"}},
			want:        []string{"acme/grants not-observable"}, staysTheSameFileAsTheNewer: true,
		},
	} {
		dir := t.TempDir()
		old, newer := filepath.Join(dir, "old.jsonl"), filepath.Join(dir, "new.jsonl")
		scanOf(t, old, "run-1", test.oldCoverage, test.oldItems)
		scanOf(t, newer, "run-2", test.newCoverage, test.newItems)
		before := readFile(t, newer)
		if err := CarryForward(old, newer, newer); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, told(t, newer)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
		if same := slices.Equal(before, readFile(t, newer)); same != test.staysTheSameFileAsTheNewer {
			t.Errorf("%s: the file is the same: %v", test.name, same)
		}
		reader := mustOpen(t, newer)
		for range reader.Records() {
		}
		if reader.Header().RunID != "run-2" || !reader.Trailer().Finished.Equal(now.Add(time.Minute)) {
			t.Errorf("%s: run %s, finished %s", test.name, reader.Header().RunID, reader.Trailer().Finished)
		}
	}
}

func TestAStoreKeepsOneBaselineForEachScope(t *testing.T) {
	t.Parallel()
	type of = map[string][]string
	store, scope := Store{Dir: filepath.Join(t.TempDir(), "state")}, testHeader().Scope
	series := Series{Scope: scope, Name: "nightly"}
	if _, ok, err := store.Latest(series); ok || err != nil {
		t.Fatalf("a baseline before the first scan: %v, %v", ok, err)
	}
	scan := func(run inventory.Untrusted, coverage, items of) {
		t.Helper()
		pending := store.Pending(scope, run.String())
		scanOf(t, pending, run, coverage, items)
		if err := store.Keep(series, pending); err != nil {
			t.Fatal(err)
		}
	}
	scan("run-1", of{"complete": {"acme/grants"}}, of{"acme/grants/a": {"x", "y"}})
	latest, ok, err := store.Latest(series)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	scan("run-2", of{"not-observable": {"acme/grants"}}, nil)
	scan("run-3", of{"not-observable": {"acme/grants"}}, nil)
	want := []string{"acme/grants complete (from run-1)", "acme/grants/a: x of run-1", "acme/grants/a: y of run-1"}
	if diff := cmp.Diff(want, told(t, latest.Path)); diff != "" {
		t.Errorf("after two scans that failed: (-want +got)\n%s", diff)
	}
	scan("run-4", of{"complete": {"acme/grants"}}, of{"acme/grants/a": {"x"}})
	if diff := cmp.Diff([]string{"acme/grants complete", "acme/grants/a: x of run-4"}, told(t, latest.Path)); diff != "" {
		t.Errorf("after one that succeeded: (-want +got)\n%s", diff)
	}
	other := scope
	other.Builtin = true
	if _, ok, err := store.Latest(Series{Scope: other, Name: "nightly"}); ok || err != nil {
		t.Errorf("another scope has this baseline: %v, %v", ok, err)
	}
	if left := testkit.Names(t, store.Dir); len(left) != 1 {
		t.Errorf("in the folder: %v", left)
	}
}

func TestBaselinesOfTwoNamesDoNotMoveEachOther(t *testing.T) {
	t.Parallel()
	type of = map[string][]string
	store, scope := Store{Dir: t.TempDir()}, testHeader().Scope
	byHand := Series{Scope: scope, Name: "by-hand", Until: []string{"nightly"}}
	nightly := Series{Scope: scope, Name: "nightly", Until: []string{"by-hand"}}
	keep := func(series Series, run inventory.Untrusted, status string) {
		t.Helper()
		pending := store.Pending(scope, run.String())
		scanOf(t, pending, run, of{status: {"acme/grants"}}, of{"acme/grants/a": {"x"}})
		if err := store.Keep(series, pending); err != nil {
			t.Fatal(err)
		}
	}
	latest := func(series Series) string {
		t.Helper()
		at, ok, err := store.Latest(series)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		reader := mustOpen(t, at.Path)
		return at.Name + " " + reader.Header().RunID.String()
	}
	want := func(series Series, text string) {
		t.Helper()
		if got := latest(series); got != text {
			t.Errorf("%s compares with %q, want %q", series.Name, got, text)
		}
	}
	scanOf(t, store.path(scope, ""), "earlier", of{"complete": {"acme/grants"}}, nil) // as an earlier version kept it
	want(byHand, " earlier")
	want(nightly, " earlier")
	keep(nightly, "1", "complete")
	want(byHand, "nightly 1")
	want(nightly, "nightly 1")
	keep(byHand, "2", "complete")
	want(byHand, "by-hand 2")
	want(nightly, "nightly 1")
	want(Series{Scope: scope, Name: "new"}, " earlier")

	writeFile(t, store.path(scope, "nightly"), []byte("{\n"))
	third := Series{Scope: scope, Name: "third", Until: []string{"nightly"}}
	keep(third, "3", "complete") // a broken baseline of another name carries nothing, and stays where it is
	want(third, "third 3")
	if got := readFile(t, store.path(scope, "nightly")); string(got) != "{\n" {
		t.Errorf("the other series' file now holds %q", got)
	}
}

func TestANameOfABaselineIsPartOfAFilesNameEverywhere(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"nightly": true, "ci-2_main": true, "": false, "Nightly": false, "a/b": false, "..": false, "a.b": false,
		"nächtlich":                       false,
		strings.Repeat("a", MaxNameBytes): true, strings.Repeat("a", MaxNameBytes+1): false,
	} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestABrokenBaselineIsSetAsideAndABrokenScanIsRefused(t *testing.T) {
	t.Parallel()
	type of = map[string][]string
	store, series := Store{Dir: t.TempDir()}, Series{Scope: testHeader().Scope, Name: "nightly"}
	path := store.path(series.Scope, series.Name)
	complete, items := of{"complete": {"acme/grants"}}, of{"acme/grants/a": {"x"}}
	writeFile(t, path, []byte("{\n"))
	pending := store.Pending(series.Scope, "1")
	scanOf(t, pending, "run-1", complete, items)
	if err := store.Keep(series, pending); err == nil || !IsOf(err, path) {
		t.Fatalf("keeping over a broken baseline: %v", err)
	}
	if _, err := store.SetAside(path, now); err != nil {
		t.Fatal(err)
	}
	if err := store.Keep(series, pending); err != nil {
		t.Fatal(err)
	}
	if err := Verify(path); err != nil {
		t.Error(err)
	}
	writeFile(t, pending, []byte("{\n"))
	if err := store.Keep(series, pending); err == nil || IsOf(err, path) {
		t.Errorf("keeping a broken scan: %v", err)
	}
	if err := Verify(path); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheLastFewBaselinesThatWereSetAsideStay(t *testing.T) {
	t.Parallel()
	store, series := Store{Dir: t.TempDir()}, Series{Scope: testHeader().Scope, Name: "nightly"}
	path, other := store.path(series.Scope, series.Name), store.path(series.Scope, "other")
	writeFile(t, other+damagedInfix+"20200101T000000Z", nil)
	var want []string
	for n := range maxDamaged + 2 {
		if err := os.Mkdir(path, 0o700); err != nil { // a directory is no baseline either
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(path, "x"), nil)
		if latest, ok, err := store.Latest(series); ok || !IsOf(err, latest.Path) {
			t.Fatalf("a directory as the baseline: %v, %v", ok, err)
		}
		aside, err := store.SetAside(path, now.Add(time.Duration(n)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, filepath.Base(aside))
	}
	want = append(want[2:], filepath.Base(other)+damagedInfix+"20200101T000000Z")
	slices.Sort(want)
	if diff := cmp.Diff(want, testkit.Names(t, store.Dir)); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func TestALockIsHeldByOneAndSaysByWhom(t *testing.T) {
	t.Parallel()
	store, scope := Store{Dir: t.TempDir()}, testHeader().Scope
	release, err := store.Lock(t.Context(), scope, "the first run")
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = store.Lock(impatient, scope, "the second run")
	locked := (*lockfile.LockedError)(nil)
	if !errors.As(err, &locked) || runtime.GOOS != "windows" && locked.Holder != "the first run" {
		t.Fatalf("a lock that is held: %v", err)
	}
	other := scope
	other.Builtin = true
	if release, err := store.Lock(t.Context(), other, "a run of another scope"); err != nil {
		t.Error(err)
	} else {
		release()
	}
	waited := make(chan error)
	go func() {
		release, err := store.Lock(t.Context(), scope, "the third run")
		if err == nil {
			release()
		}
		waited <- err
	}()
	release()
	if err := <-waited; err != nil {
		t.Errorf("once it is released: %v", err)
	}
}

func TestWhoGivesUpALockMakesNoFileAfterwards(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows removes no file that is open, as it is for who still waits")
	}
	for range 100 {
		store, scope := Store{Dir: t.TempDir()}, testHeader().Scope
		release, err := store.Lock(t.Context(), scope, "the first run")
		if err != nil {
			t.Fatal(err)
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := store.Lock(impatient, scope, "the second run"); err == nil {
			t.Fatal("two runs hold one lock")
		}
		release()
		if err := os.RemoveAll(store.Dir); err != nil {
			t.Fatalf("removing the state directory after both: %v", err)
		}
	}
}

func TestWhatAKilledScanLeftIsRemovedADayLater(t *testing.T) {
	t.Parallel()
	store, scope := Store{Dir: t.TempDir()}, testHeader().Scope
	old, fresh := store.Pending(scope, "a"), store.Pending(scope, "b")
	older, foreign := filepath.Join(store.Dir, tempPrefix+"1"), filepath.Join(store.Dir, "notes.txt")
	for _, path := range []string{old, fresh, older, foreign} {
		writeFile(t, path, []byte("x"))
	}
	for _, path := range []string{old, older, foreign} {
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-48*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	scanOf(t, store.Pending(scope, "1"), "run-1", nil, nil)
	if err := store.Keep(Series{Scope: scope, Name: "nightly"}, store.Pending(scope, "1")); err != nil {
		t.Fatal(err)
	}
	left := testkit.Names(t, store.Dir)
	want := []string{filepath.Base(store.path(scope, "nightly")), filepath.Base(fresh), "notes.txt"}
	if slices.Sort(want); !slices.Equal(left, want) {
		t.Errorf("in the folder: %v", left)
	}
}

func TestWhatAListDoesNotHoldIsNotKeptWhereAllOfItIsListed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old, newer := filepath.Join(dir, "old"), filepath.Join(dir, "new")
	scanOf(t, old, "1", map[string][]string{"complete": {"acme/members"}}, map[string][]string{"acme/members": {"a", "b"}})
	w, err := Create(newer, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	item := testItem(grants("acme/members"), 0)
	item.App.ID, item.Version = "a", "2"
	coverage := inventory.Coverage{Source: grants("acme/members"), Status: inventory.StatusPartial, AllListed: true}
	if err := errors.Join(w.AddItem(&item), w.AddCoverage(&coverage)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(now); err != nil {
		t.Fatal(err)
	}
	if err := CarryForward(old, newer, newer); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"acme/members partial", "acme/members: a of 2"}, told(t, newer)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}
