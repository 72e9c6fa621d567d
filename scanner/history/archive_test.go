package history

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
	"guestlist/scanner/testkit"
)

// noon is a Wednesday.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func day(n int) time.Time { return noon.AddDate(0, 0, n) }

func TestTheLastFewStayAndOneAWeekForAsLongAsThePolicySays(t *testing.T) {
	t.Parallel()
	var daily []Kept
	for n := -59; n <= 0; n++ {
		daily = append(daily, Kept{Scope: "a", Time: day(n), Run: fmt.Sprint(n), Size: 1})
	}
	for name, test := range map[string]struct {
		policy Policy
		list   []Kept
		want   []int // days of what stays
	}{
		"the last few": {Policy{Last: 3, MaxBytes: 100}, daily, []int{-2, -1, 0}},
		"one a week": {Policy{Weeks: 4, MaxBytes: 100}, daily,
			[]int{-17, -10, -3, 0}}, // Sundays, and this week's last
		"both":                 {Policy{Last: 2, Weeks: 3, MaxBytes: 100}, daily, []int{-10, -3, -1, 0}},
		"nothing":              {Policy{MaxBytes: 100}, daily, nil},
		"the oldest give way":  {Policy{Last: 3, Weeks: 4, MaxBytes: 4}, daily, []int{-3, -2, -1, 0}},
		"the newest is let be": {Policy{Last: 3, Weeks: 4, MaxBytes: 0}, daily, []int{0}},
		"all that there are":   {DefaultPolicy(), daily[57:], []int{-2, -1, 0}},
		"of an old scope":      {DefaultPolicy(), []Kept{{Scope: "a", Time: day(-800)}}, []int{-800}},
		"of a clock that was ahead": {
			Policy{Last: 1, Weeks: 1, MaxBytes: 100}, []Kept{{Scope: "a", Time: day(0)}, {Scope: "a", Time: day(400)}},
			[]int{0, 400},
		},
	} {
		gone := test.policy.surplus(test.list, noon)
		var got []int
		for _, kept := range test.list {
			if !slices.Contains(gone, kept) {
				got = append(got, int(kept.Time.Sub(noon).Hours()/24))
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: what stays (-want +got):\n%s", name, diff)
		}
	}
}

func TestPruningTwiceRemovesNothingMore(t *testing.T) {
	t.Parallel()
	policy := Policy{Last: 4, Weeks: 10, MaxBytes: 9}
	var list []Kept
	for n := range 200 { // a scan a day, pruned each time
		list = append(list, Kept{Scope: "a", Time: day(n), Run: fmt.Sprint(n), Size: 1})
		gone := policy.surplus(list, day(n))
		list = slices.DeleteFunc(list, func(kept Kept) bool { return slices.Contains(gone, kept) })
		if again := policy.surplus(list, day(n)); len(again) > 0 {
			t.Fatalf("day %d: the second time %v go", n, again)
		}
	}
	if len(list) != 9 || list[0].Time.Before(day(140)) || list[0].Time.After(day(170)) {
		t.Errorf("after 200 days %d stay, the oldest of %s", len(list), list[0].Time)
	}
}

func TestOneScopeDoesNotPushAnotherOut(t *testing.T) {
	t.Parallel()
	var list []Kept
	list = append(list, Kept{Scope: "rare", Time: day(-700), Size: 10})
	for n := -99; n <= 0; n++ {
		list = append(list, Kept{Scope: "often", Time: day(n), Size: 10})
	}
	for _, kept := range (Policy{Last: 100, MaxBytes: 50}).surplus(list, noon) {
		if kept.Scope == "rare" {
			t.Error("the only snapshot of a scope went")
		}
	}
}

// write makes a snapshot and returns its path and header.
func write(t *testing.T, run inventory.Untrusted, at time.Time, records ...any) (string, snapshot.Header) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scan.jsonl.gz")
	header := snapshot.Header{RunID: run, Started: at, Host: "laptop-01",
		Scope: snapshot.Scope{Homes: []inventory.Untrusted{"home"}}}
	w, err := snapshot.Create(path, header)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, record := range records {
		var err error
		switch record := record.(type) {
		case inventory.Coverage:
			err = w.AddCoverage(&record)
		case inventory.Account:
			err = w.AddAccount(&record)
		case inventory.Item:
			err = w.AddItem(&record)
		default:
			t.Fatalf("no record: %T", record)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(at.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	return path, header
}

func TestAKeptSnapshotIsACopyThatNothingElseTouches(t *testing.T) {
	t.Parallel()
	archive := Archive{Dir: filepath.Join(t.TempDir(), "state", "history"), Policy: DefaultPolicy()}
	path, header := write(t, "run-1", noon)
	if err := archive.Keep(path, header, noon); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := archive.List()
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if kept := list[0]; !kept.Time.Equal(noon) || kept.Run != "run-1" || kept.Scope != header.Scope.Digest() ||
		kept.Size == 0 {
		t.Errorf("listed as %+v", kept)
	}
	if err := snapshot.Verify(list[0].Path); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(list[0].Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}
}

func TestAPolicyOfNothingKeepsNothing(t *testing.T) {
	t.Parallel()
	archive := Archive{Dir: t.TempDir(), Policy: DefaultPolicy()}
	path, header := write(t, "run-1", noon)
	if err := archive.Keep(path, header, noon); err != nil {
		t.Fatal(err)
	}
	archive.Policy = Policy{}
	if err := archive.Keep(path, header, noon); err != nil {
		t.Fatal(err)
	}
	if left := testkit.Names(t, archive.Dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestWhatAKilledRunLeftAndForeignFiles(t *testing.T) {
	t.Parallel()
	archive := Archive{Dir: t.TempDir(), Policy: DefaultPolicy()}
	for name, age := range map[string]time.Duration{".old.guestlist-1": 25 * time.Hour, ".new.guestlist-2": time.Hour,
		"notes.txt": 99 * time.Hour} {
		path := filepath.Join(archive.Dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, noon.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Prune(noon); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{".new.guestlist-2", "notes.txt"}, testkit.Names(t, archive.Dir)); diff != "" {
		t.Errorf("what stays (-want +got):\n%s", diff)
	}
}

// Runs of one scope hold its lock; those of two scopes prune at the same time.
func TestRunsThatPruneAtOnceDoNotHurtEachOther(t *testing.T) {
	t.Parallel()
	archive := Archive{Dir: t.TempDir(), Policy: Policy{Last: 2, MaxBytes: 1 << 20}}
	path, header := write(t, "run", noon)
	var group sync.WaitGroup
	failed := make([]error, 8)
	for n := range failed {
		group.Go(func() {
			own := header
			own.RunID = inventory.Untrusted(fmt.Sprintf("run-%d", n))
			failed[n] = archive.Keep(path, own, noon)
		})
	}
	group.Wait()
	for _, err := range failed {
		if err != nil {
			t.Error(err)
		}
	}
	if err := archive.Prune(noon); err != nil {
		t.Error(err)
	}
	if left := testkit.Names(t, archive.Dir); len(left) != 2 {
		t.Errorf("left: %v", left)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("0011223344556677.20261125T120000Z.aabb.jsonl.gz")
	f.Add("...jsonl.gz")
	f.Fuzz(func(t *testing.T, name string) {
		kept, ok := parseName(name)
		if ok && nameOf(kept) != name {
			t.Errorf("%q is read as %+v, which is %q", name, kept, nameOf(kept))
		}
	})
}
