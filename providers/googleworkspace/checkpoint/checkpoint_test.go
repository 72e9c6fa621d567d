package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// entry is a record of a user.
type entry struct {
	ID string `json:"id"`
}

var began = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// run makes a scan that reads users, and keeps it where it is finished.
func run(t *testing.T, dir, fingerprint string, incremental bool, at time.Time, finish bool, ids ...string) *State {
	t.Helper()
	s, err := Open(dir, fingerprint, incremental, at)
	if err != nil {
		t.Fatal(err)
	}
	s.Divide(len(ids))
	for _, id := range ids {
		if err := s.Run.Add(Done, id, entry{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	if finish {
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAScanBuildsOnWhatItMay(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, test := range []struct {
		name        string
		fingerprint string
		after       time.Duration
		finished    bool // the scan before
		incremental bool
		isResumed   bool
		hasBase     bool
		says        string
	}{
		{"an-interrupted-scan-goes-on", "a", day / 2, false, false, true, false, ""},
		{"not-a-day-later", "a", 2 * day, false, false, false, false, "was put aside"},
		{"not-for-other-things", "b", day / 2, false, false, false, false, "was put aside"},
		{"nor-before-it-began", "a", -day, false, false, false, false, "was put aside"},
		{"a-finished-scan-is-a-base", "a", day, true, true, false, true, ""},
		{"of-a-full-scan-it-is-none", "a", day, true, false, false, false, ""},
		{"nor-of-other-things", "b", day, true, true, false, false, "the configuration has changed"},
		{"nor-for-ever", "a", MaxCursorAge + day, true, true, false, false, "too old for the log"},
		{"an-interrupted-scan-is-no-base", "a", 2 * day, false, true, false, false, "there is no finished scan"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run(t, dir, "a", false, began, test.finished, "1", "2")
			s := run(t, dir, test.fingerprint, test.incremental, began.Add(test.after), false)
			if s.Resumed != test.isResumed || (s.Base != nil) != test.hasBase || s.Meta.Incremental != test.hasBase {
				t.Errorf("resumed %t, has a base %t", s.Resumed, s.Base != nil)
			}
			if said := fmt.Sprint(s.Notes); test.says == "" && len(s.Notes) > 0 || !strings.Contains(said, test.says) {
				t.Errorf("says %q, want %q", said, test.says)
			}
			if want := began.Add(-Overlap); test.hasBase && !s.Meta.From.Equal(want) {
				t.Errorf("reads the log from %v on, want %v", s.Meta.From, want)
			}
		})
	}
}

func TestADirectoryInUseStaysTheOtherScans(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := Open(dir, "a", false, began)
	if err != nil {
		t.Fatal(err)
	}
	second := run(t, dir, "a", true, began, true, "1")
	if !second.Temporary || second.Base != nil || !strings.Contains(fmt.Sprint(second.Notes), errLocked.Error()) {
		t.Errorf("got %+v", second)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if third := run(t, dir, "a", false, began, false); third.Temporary || !third.Resumed {
		t.Errorf("got %+v", third)
	}
}

func TestARecordLargerThanAnyAnswerDoesNotBlockTheOthers(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("x"), 300_000)
	text := slices.Concat([]byte("first\n"), long, []byte("\nsecond\n"), long[:100_000], []byte("\nunfinished"))
	var lines []int
	if err := eachLine(bytes.NewReader(text), 200_000, func(line []byte) error {
		lines = append(lines, len(line))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []int{5, 6, 100_000, 10}; !slices.Equal(lines, want) {
		t.Errorf("lines of %d bytes, want %d", lines, want)
	}
}

func TestABaseIsFoundAgainWhenTheNumberOfPartsChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ run, base int }{{1, 1}, {1, 64}, {64, 1}, {8, 64}, {64, 8}, {4, 4}} {
		base := newStore(t.TempDir(), test.base)
		for n := range 500 {
			if err := base.Add(Done, fmt.Sprint(n), entry{ID: fmt.Sprint(n)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := base.Close(); err != nil {
			t.Fatal(err)
		}
		s := &State{Run: newStore(t.TempDir(), test.run), Base: base}
		seen := map[string]int{}
		for part := range test.run {
			if err := EachOfBase(s, part, func(e *entry) string { return e.ID }, func(e entry) { seen[e.ID]++ }); err != nil {
				t.Fatal(err)
			}
		}
		for id, times := range seen {
			if times != 1 {
				t.Errorf("%d parts on %d: %s comes %d times", test.run, test.base, id, times)
			}
		}
		if len(seen) != 500 {
			t.Errorf("%d parts on %d: %d of 500 are found", test.run, test.base, len(seen))
		}
	}
}

func TestWhatAKilledScanLeftInTheStateDirectoryIsRemovedADayLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old, young := filepath.Join(dir, "google-workspace", temporaryPrefix+"1"), filepath.Join(dir, "google-workspace",
		temporaryPrefix+"2")
	for _, path := range []string{old, young} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * MaxCheckpointAge)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, "", false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{old: false, young: true} {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func FuzzStateLines(f *testing.F) {
	f.Add([]byte(`{"id":"1","email":"a@b","grants":[{"client":"x"}]}` + "\n" + `{"id":`))
	f.Add([]byte("\n\n{}\n\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		store := newStore(t.TempDir(), 1)
		if err := os.WriteFile(store.path(Done, 0), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Each(store, Done, 0, func(entry) {}); err != nil {
			t.Fatalf("a broken line ends the scan: %v", err)
		}
		if err := errors.Join(store.Add(Done, "after", entry{ID: "after"}), store.Close()); err != nil {
			t.Fatal(err)
		}
		found := false
		if err := Each(store, Done, 0, func(r entry) { found = found || r.ID == "after" }); err != nil || !found {
			t.Fatalf("what was added behind a broken line is lost: %v", err)
		}
	})
}
