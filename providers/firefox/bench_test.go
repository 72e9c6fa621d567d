package firefox

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/providers/firefox/firefoxtest"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// BenchmarkCollect reads 20 profiles of 100 add-ons with names in 20 languages. Beside it, in the
// same run, stands the floor: one goroutine that reads the very same files and asks encoding/json
// whether the lists among them are valid. Reported are
//
//	x-floor       the time of Collect over the time of the floor
//	heap-MB       the most memory that live and not yet collected objects took during Collect; below 64 is the target
//	opened/needed files opened over files that the result depends on; 1 is the target
func BenchmarkCollect(b *testing.B) {
	home := b.TempDir()
	spec := firefoxtest.Spec{Profiles: 20, Addons: 100, Locales: 20, XPIBytes: 16 << 10}
	if err := firefoxtest.WriteHome(home, spec); err != nil {
		b.Fatal(err)
	}
	needed, size := filesBelow(b, home)
	b.SetBytes(size)

	var opened atomic.Int64
	var sink testkit.Counter
	p := New(scanner.Env{
		OS: linux, Homes: []scanner.Home{{Dir: home, User: "person"}}, SystemRoot: home, Locale: "en",
		Observe: func(string) { opened.Add(1) },
	})
	var floor, ours time.Duration
	var peak uint64
	runs := 0
	for b.Loop() {
		floor += testkit.Took(func() { validate(b, needed) })
		heap := testkit.WatchHeap()
		start := time.Now()
		coverage, err := p.Collect(context.Background(), &sink)
		ours += time.Since(start)
		peak = max(peak, heap())
		if err != nil || len(coverage) != spec.Profiles || coverage[0].Status != inventory.StatusComplete {
			b.Fatalf("%d coverages, error %v", len(coverage), err)
		}
		runs++
	}
	if want := int64(runs * spec.Profiles * spec.Addons); sink.Items.Load() != want {
		b.Fatalf("%d items, want %d", sink.Items.Load(), want)
	}
	b.ReportMetric(float64(ours)/float64(floor), "x-floor")
	b.ReportMetric(float64(ours.Milliseconds())/float64(runs), "collect-ms")
	b.ReportMetric(float64(peak)/(1<<20), "heap-MB")
	b.ReportMetric(float64(opened.Load())/float64(runs*len(needed)), "opened/needed")
}

// filesBelow are all files of a generated home: a result depends on every one of them.
func filesBelow(tb testing.TB, home string) (files []string, size int64) {
	tb.Helper()
	err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		files, size = append(files, path), size+info.Size()
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files, size
}

func validate(tb testing.TB, files []string) {
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil || strings.HasSuffix(file, ".json") && !json.Valid(data) {
			tb.Fatalf("%s: %v", file, err)
		}
	}
}

func TestAGeneratedHomeIsReadWhole(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := firefoxtest.WriteHome(home, firefoxtest.Spec{Profiles: 2, Addons: 11, Locales: 2}); err != nil {
		t.Fatal(err)
	}
	items, coverage := collect(t, scanner.Env{OS: linux, Homes: []scanner.Home{{Dir: home, User: "person"}},
		SystemRoot: home})
	expectSources(t, coverage, "person/firefox/"+firefoxtest.Profile(0), "person/firefox/"+firefoxtest.Profile(1))
	off := 0
	for _, item := range items {
		if len(item.Marks) > 0 || item.Origin != inventory.OriginStore {
			t.Errorf("%s: origin %s, marks %s", item.App.ID, item.Origin, marksOf(item))
		}
		if item.State == inventory.StateDisabled {
			off++
		}
	}
	if len(items) != 22 || off != 2 {
		t.Errorf("%d items, %d off; want 22, 2 off", len(items), off)
	}
}
