package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func testHeader() Header {
	return Header{
		ToolVersion: "test", RunID: "run-1", Started: now, Host: "laptop-01",
		Scope: Scope{Providers: []inventory.Provider{inventory.Chromium}, Homes: []inventory.Untrusted{"/home/finance"}},
	}
}

func profile(name string) inventory.Source {
	return inventory.Source{Provider: inventory.Chromium, Host: "laptop-01",
		Name: inventory.Untrusted("finance/chromium/" + name)}
}

func testItem(source inventory.Source, n int) inventory.Item {
	return inventory.Item{
		Source: source, Kind: inventory.KindExtension, State: inventory.StateEnabled, Version: "1.0",
		App:    inventory.App{ID: inventory.Textf("app-%06d", n), Name: "Acme Notes \x1b[31m \xff"},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"tabs", "storage", "tabs"}},
		Added:  now.Add(-time.Duration(n) * time.Hour),
		Facts:  map[string]inventory.Untrusted{"manifest_version": "3", "incognito": "no"},
		Marks:  []inventory.Mark{{Class: inventory.MarkVendor, Name: inventory.MarkDelisted}},
	}
}

// write makes a snapshot of the items, with a coverage for their source.
func write(t testing.TB, path string, header Header, status inventory.Status, items ...inventory.Item) {
	t.Helper()
	w, err := Create(path, header)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for i := range items {
		if err := w.AddItem(&items[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.AddCoverage(&inventory.Coverage{Source: profile("Default"), Status: status,
		Items: len(items)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(now); err != nil {
		t.Fatal(err)
	}
}

func someItems(n int) []inventory.Item {
	items := make([]inventory.Item, n)
	for i := range items {
		items[i] = testItem(profile("Default"), i)
	}
	return items
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"scan.jsonl", "scan.jsonl.gz"} {
		path := filepath.Join(t.TempDir(), "deep", "folder", name)
		items := someItems(20)
		write(t, path, testHeader(), inventory.StatusComplete, items...)

		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if diff := cmp.Diff(testHeader().Scope, r.Header().Scope); diff != "" {
			t.Error(diff)
		}
		var read []inventory.Item
		for record, err := range r.Records() {
			if err != nil {
				t.Fatal(err)
			}
			if record.Item != nil {
				read = append(read, *record.Item)
			}
		}
		for i := range items {
			items[i].Normalize()
			items[i].App.Name = "Acme Notes \x1b[31m \uFFFD"
		}
		if diff := cmp.Diff(items, read); diff != "" {
			t.Errorf("%s: (-written +read)\n%s", name, diff)
		}
	}
}

func TestTheWriterLeavesWhatItIsGivenAsItIs(t *testing.T) {
	t.Parallel()
	item := testItem(profile("Default"), 1)
	before := fmt.Sprintf("%#v %v", item.Access.Permissions, item.Marks)
	write(t, filepath.Join(t.TempDir(), "a.jsonl"), testHeader(), inventory.StatusComplete, item)
	if after := fmt.Sprintf("%#v %v", item.Access.Permissions, item.Marks); before != after {
		t.Errorf("the item changed: %s → %s", before, after)
	}
}

func TestEveryOrderOfAddingGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	items := someItems(300)
	write(t, filepath.Join(dir, "a.jsonl"), testHeader(), inventory.StatusComplete, items...)
	want := readFile(t, filepath.Join(dir, "a.jsonl"))
	for _, limit := range []int{bufferBytes, 4 << 10, 1} { // in memory, some runs, a run for every record
		rand.Shuffle(len(items), func(a, b int) { items[a], items[b] = items[b], items[a] })
		path := filepath.Join(dir, fmt.Sprint(limit, ".jsonl"))
		w, err := Create(path, testHeader())
		if err != nil {
			t.Fatal(err)
		}
		w.sorter.limit = limit
		addAll(t, w, items)
		if _, err := w.Commit(now); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, readFile(t, path)) {
			t.Errorf("limit %d: other bytes", limit)
		}
	}
	if left := testkit.Names(t, dir); len(left) != 4 {
		t.Errorf("files left behind: %v", left)
	}
}

// addAll adds from several goroutines, each item twice: the same record is kept once.
func addAll(t *testing.T, w *Writer, items []inventory.Item) {
	t.Helper()
	var wait sync.WaitGroup
	for part := range 4 {
		wait.Go(func() {
			for i := range items {
				if i%4 == part || i%4 == (part+1)%4 {
					if err := w.AddItem(&items[i]); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wait.Wait()
	if err := w.AddCoverage(&inventory.Coverage{Source: profile("Default"), Status: inventory.StatusComplete,
		Items: len(items)}); err != nil {
		t.Fatal(err)
	}
}

func TestAnAbortedSnapshotLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "scan.jsonl")
	w, err := Create(path, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	w.sorter.limit = 1
	items := someItems(3)
	for i := range items {
		if err := w.AddItem(&items[i]); err != nil {
			t.Fatal(err)
		}
	}
	w.Abort()
	if left := testkit.Names(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := w.Commit(now); err == nil {
		t.Error("an aborted snapshot was written")
	}
}

func TestASnapshotIsReadableByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	path := filepath.Join(t.TempDir(), "state", "scan.jsonl")
	write(t, path, testHeader(), inventory.StatusComplete)
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, want %v (%v)", name, info.Mode().Perm(), want, err)
		}
	}
}

func TestATruncatedSnapshotIsRefusedWhereverItEnds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"scan.jsonl", "scan.jsonl.gz"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		write(t, path, testHeader(), inventory.StatusComplete, someItems(3)...)
		whole := readFile(t, path)
		cut := filepath.Join(dir, "cut")
		for end := range len(whole) {
			writeFile(t, cut, whole[:end])
			if err := Verify(cut); !errors.As(err, new(*FormatError)) {
				t.Fatalf("%s cut at byte %d of %d: %v", name, end, len(whole), err)
			}
		}
	}
}

func TestAnAlteredSnapshotIsRefusedWhereverItWasAltered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "scan.jsonl")
	write(t, path, testHeader(), inventory.StatusComplete, someItems(3)...)
	whole := readFile(t, path)
	altered := filepath.Join(dir, "altered")
	for at := range whole {
		for _, flip := range []byte{1, 0x80} {
			changed := bytes.Clone(whole)
			changed[at] ^= flip
			writeFile(t, altered, changed)
			if err := Verify(altered); !errors.As(err, new(*FormatError)) {
				t.Fatalf("byte %d (%q): %v", at, whole[at], err)
			}
		}
	}
}

func TestRefusalsSayWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "scan.jsonl")
	write(t, path, testHeader(), inventory.StatusComplete, someItems(2)...)
	whole := string(readFile(t, path))
	lines := strings.SplitAfter(whole, "\n")
	for _, test := range []struct {
		name, content string
		want          error
		text          string
	}{
		{"empty file", "", ErrNotSnapshot, "this is not a guestlist snapshot"},
		{"another JSON file", `{"a":1}` + "\n", ErrNotSnapshot, "line 1: this is not a guestlist snapshot"},
		{"text", "hello\n", ErrNotSnapshot, "this is not a guestlist snapshot"},
		{"newer major version", strings.Replace(whole, `"schema_version":"1.1"`, `"schema_version":"2.0"`, 1), ErrNewer,
			"schema 2.0, this guestlist reads 1.x"},
		{"a version that never was", strings.Replace(whole, `"schema_version":"1.1"`, `"schema_version":"0.9"`, 1),
			ErrNotSnapshot, "unknown schema"},
		{"no version", strings.Replace(whole, `"schema_version":"1.1"`, `"schema_version":""`, 1), ErrNotSnapshot,
			"no schema_version"},
		{"no trailer", strings.Join(lines[:3], ""), ErrTruncated, "its last line is missing"},
		{"a line taken out", lines[0] + lines[1] + strings.Join(lines[3:], ""), ErrAltered,
			"line 4: the snapshot was altered"},
		{"lines exchanged", lines[0] + lines[1] + lines[3] + lines[2] + strings.Join(lines[4:], ""), ErrOrder,
			"not in order"},
		{"more after the trailer", whole + lines[2], ErrAltered, "unexpected data after its last line"},
	} {
		file := filepath.Join(dir, "test.jsonl")
		writeFile(t, file, []byte(test.content))
		err := Verify(file)
		if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestNewerMinorVersionsAreRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "scan.jsonl")
	item := testItem(profile("Default"), 1)
	item.State, item.Kind = "hibernating", "brain-implant" // values of a later version
	header := testHeader()
	write(t, path, header, "guessed", item)
	for record, err := range mustOpen(t, path).Records() {
		if err != nil {
			t.Fatal(err)
		}
		if record.Item != nil && record.Item.State != "hibernating" {
			t.Errorf("state %q", record.Item.State)
		}
	}
}

func TestEveryLineFollowsTheSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "scan.jsonl")
	w, err := Create(path, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	items := someItems(3)
	for i := range items {
		w.AddItem(&items[i])
	}
	w.AddAccount(&inventory.Account{Source: profile("Default"), ID: "1", Login: "it@acme.example",
		TwoFactor: inventory.Unknown})
	w.AddCoverage(&inventory.Coverage{Source: profile("Default"), Status: inventory.StatusPartial, Reason: "one file",
		Details: []inventory.Untrusted{"x"}})
	if _, err := w.Commit(now); err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(Schema(), &document); err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("line.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("line.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(readFile(t, path))) {
		var value any
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
	}
}

func TestCompareFindsEveryDifferenceOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	items := someItems(10)
	write(t, filepath.Join(dir, "old.jsonl"), testHeader(), inventory.StatusComplete, items[:8]...)
	items[3].Version = "2.0"
	write(t, filepath.Join(dir, "new.jsonl"), testHeader(), inventory.StatusComplete, items[2:]...)

	got := map[string]int{}
	for pair, err := range Compare(mustOpen(t, filepath.Join(dir, "old.jsonl")),
		mustOpen(t, filepath.Join(dir, "new.jsonl"))) {
		if err != nil {
			t.Fatal(err)
		}
		if pair.Kind() != KindItem {
			continue
		}
		before, _ := pair.OldItem()
		after, _ := pair.NewItem()
		switch {
		case pair.Same():
			got["same"]++
		case before == nil:
			got["new"]++
		case after == nil:
			got["removed"]++
		case before.Key() == after.Key():
			got["changed"]++
		}
	}
	want := map[string]int{"same": 5, "new": 2, "removed": 2, "changed": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCompareTellsOfAnAlteredSideAtTheEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.jsonl"), filepath.Join(dir, "bad.jsonl")
	write(t, good, testHeader(), inventory.StatusComplete, someItems(3)...)
	writeFile(t, bad, bytes.Replace(readFile(t, good), []byte("app-000002"), []byte("app-000009"), 1))
	for _, sides := range [][2]string{{good, bad}, {bad, good}, {bad, bad}} {
		var last error
		for _, err := range Compare(mustOpen(t, sides[0]), mustOpen(t, sides[1])) {
			last = err
		}
		if !errors.Is(last, ErrAltered) {
			t.Errorf("%v: %v", sides, last)
		}
	}
}

func TestNothingIsLeftOfAScanThatWasKilled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot remove an open file")
	}
	dir := t.TempDir()
	w, err := Create(filepath.Join(dir, "scan.jsonl"), testHeader())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	w.sorter.limit = 1
	items := someItems(5)
	for i := range items {
		if err := w.AddItem(&items[i]); err != nil {
			t.Fatal(err)
		}
	}
	if left := testkit.Names(t, dir); len(w.sorter.ends) != 5 || len(left) != 0 {
		t.Errorf("%d runs were spilled, seen in the folder: %v", len(w.sorter.ends), left)
	}
}

func TestAnItemTooLargeForALineIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	item := testItem(profile("Default"), 1)
	item.Access.Hosts = nil
	for n := range 20_000 {
		item.Access.Hosts = append(item.Access.Hosts,
			inventory.Textf("https://%s-%05d.example/*", strings.Repeat("\x01", 1000), n))
	}
	path := filepath.Join(t.TempDir(), "scan.jsonl")
	write(t, path, testHeader(), inventory.StatusComplete, item)
	for record, err := range mustOpen(t, path).Records() {
		if err != nil {
			t.Fatal(err)
		}
		if record.Item == nil {
			continue
		}
		if len(record.Item.Access.Hosts) != maxListEntries || !record.Item.HasMark(MarkCut) || record.Item.Version != "1.0" {
			t.Errorf("%d hosts, marks %v", len(record.Item.Access.Hosts), record.Item.Marks)
		}
	}
	if len(item.Access.Hosts) != 20_000 {
		t.Error("the caller's item was cut")
	}
}

func TestTheTrailerIsKnownOnceTheFileWasReadWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "scan.jsonl")
	write(t, path, testHeader(), inventory.StatusComplete, someItems(3)...)
	reader := mustOpen(t, path)
	for record := range reader.Records() {
		if record.Item != nil && reader.Trailer().Complete {
			t.Error("the trailer is known before the end")
		}
	}
	got := reader.Trailer()
	if !got.Complete || got.Items != 3 || got.Coverage != 1 || !got.Finished.Equal(now) {
		t.Errorf("%+v", got)
	}
}

func TestTheScopeIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	a := Scope{Providers: []inventory.Provider{"a", "b"}, Homes: []inventory.Untrusted{"/x", "/y"}}
	b := Scope{Providers: []inventory.Provider{"b", "a"}, Homes: []inventory.Untrusted{"/y", "/x", "/x"}}
	if !a.Equal(b) {
		t.Error("order matters")
	}
	b.Builtin = true
	if a.Equal(b) {
		t.Error("what is listed does not matter")
	}
}

func FuzzReader(f *testing.F) {
	dir := f.TempDir()
	for _, name := range []string{"a.jsonl", "a.jsonl.gz"} {
		write(f, filepath.Join(dir, name), testHeader(), inventory.StatusComplete, someItems(2)...)
		f.Add(readFile(f, filepath.Join(dir, name)))
	}
	f.Add([]byte(`{"header":{"schema_version":"1.0"}}` + "\n" + `{"item":null}` + "\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r := &Reader{path: "f", file: io.NopCloser(bytes.NewReader(content)), digest: sha256.New()}
		if r.open() != nil {
			return
		}
		last := ""
		for record, err := range r.Records() {
			if err != nil {
				return
			}
			if record.Item != nil {
				if key := record.Item.Key(); key < last {
					t.Errorf("items out of order: %q after %q", key, last)
				} else {
					last = key
				}
			}
		}
	})
}

func mustOpen(t testing.TB, path string) *Reader {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
