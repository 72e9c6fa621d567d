package testkit_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

func TestASinkKeepsWhatItsCallerUsesAgain(t *testing.T) {
	t.Parallel()
	var sink testkit.Sink
	item := inventory.Item{App: inventory.App{ID: "one"}, StateReasons: []inventory.Untrusted{"b", "a"}}
	if err := sink.AddItem(&item); err != nil {
		t.Fatal(err)
	}
	item.App.ID, item.StateReasons[0] = "two", "changed"
	want := inventory.Item{App: inventory.App{ID: "one"}, StateReasons: []inventory.Untrusted{"a", "b"}}
	want.Normalize()
	if diff := cmp.Diff([]inventory.Item{want}, sink.Items); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestASinkFailsFromTheRecordThatItIsTold(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	for from, want := range map[int][]error{0: {full, full, full}, 1: {full, full, full}, 3: {nil, nil, full},
		4: {nil, nil, nil}} {
		sink := testkit.Sink{Err: full, ErrFrom: from}
		got := []error{
			sink.AddItem(&inventory.Item{}), sink.AddAccount(&inventory.Account{}), sink.AddCoverage(&inventory.Coverage{}),
		}
		for n := range want {
			if got[n] != want[n] {
				t.Errorf("from %d, record %d: %v, want %v", from, n+1, got[n], want[n])
			}
		}
	}
}

func TestAClockMovesByWhatIsSleptAndByItsTest(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	clock := testkit.NewClock(noon)
	if err := clock.Sleep(t.Context(), time.Hour); err != nil {
		t.Error(err)
	}
	clock.Move(-10 * time.Minute)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := clock.Sleep(ended, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("a sleep whose context has ended returned %v", err)
	}
	if got := clock.Now().Sub(noon); got != 51*time.Minute {
		t.Errorf("the clock moved by %v", got)
	}
	if clock.Slept() != 61*time.Minute || len(clock.Sleeps()) != 2 {
		t.Errorf("slept %v", clock.Sleeps())
	}
}

func TestThePeakOfTheHeapHoldsWhatWasAllocated(t *testing.T) {
	const size = 64 << 20
	before := testkit.LiveHeap()
	peak := testkit.WatchHeap()
	held := make([]byte, size)
	for n := range held {
		held[n] = 1
	}
	if most := peak(); most < before+size/2 {
		t.Errorf("the peak is %d bytes, with %d live before and %d more in use", most, before, len(held))
	}
}

func TestFilesAreWrittenWithTheDirectoriesAboveThem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "file")
	testkit.WriteFile(t, path, "text")
	if got := testkit.ReadFile(t, path); got != "text" {
		t.Errorf("the file holds %q", got)
	}
	testkit.Symlink(t, "b/file", filepath.Join(dir, "a", "link"))
	testkit.Symlink(t, path, filepath.Join(dir, "a", "link"))
	if to, err := os.Readlink(filepath.Join(dir, "a", "link")); err != nil || to != path {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if diff := cmp.Diff([]string{"b", "link"}, testkit.Names(t, filepath.Join(dir, "a"))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAnArchiveHoldsItsFiles(t *testing.T) {
	t.Parallel()
	packed := testkit.Zip(t, zip.Deflate, "manifest.json", "{}", "a/b.js", "let b")
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, file := range r.File {
		f, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		got[file.Name] = string(content)
	}
	if diff := cmp.Diff(map[string]string{"manifest.json": "{}", "a/b.js": "let b"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// told is a test that keeps what it is told instead of failing.
type told struct {
	testing.TB
	errors int
}

func (t *told) Helper()               {}
func (t *told) Errorf(string, ...any) { t.errors++ }

func TestAGoldenFileThatDiffersFailsItsTest(t *testing.T) {
	if testkit.Updates() {
		t.Skip("this run writes golden files")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "page.md")
	testkit.WriteFile(t, path, "one\r\n<!-- part: begin -->\r\ntwo\r\n<!-- part: end -->\r\n")
	inner := &told{TB: t}
	testkit.Golden(inner, path, "one\n<!-- part: begin -->\ntwo\n<!-- part: end -->\n")
	testkit.GoldenPart(inner, path, "part", "two\n")
	if inner.errors != 0 {
		t.Error("what is equal but for its line ends fails")
	}
	testkit.Golden(inner, path, "one\n")
	testkit.GoldenPart(inner, path, "part", "three\n")
	if inner.errors != 2 {
		t.Errorf("%d of 2 differences were told", inner.errors)
	}
}
