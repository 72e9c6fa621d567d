package chromium

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/providers/chromium/chromiumtest"
	"guestlist/scanner"
	"guestlist/scanner/testkit"
)

// BenchmarkCollect reads 20 profiles of 100 extensions and 5 MB of preferences each. Beside it, in
// the same run, stands the floor: one goroutine that reads the very same bytes and asks
// encoding/json whether they are valid. Reported are
//
//	x-floor     the time of Collect over the time of the floor; 1.0 or less is the target
//	heap-MB     the most memory that live and not yet collected objects took during Collect; below 64 is the target
//	opened/need files opened over files that the result depends on; 1 is the target
func BenchmarkCollect(b *testing.B) {
	home := b.TempDir()
	spec := chromiumtest.Spec{Profiles: 20, Extensions: 100, PreferencesBytes: 5 << 20, Localized: 10}
	if err := chromiumtest.WriteHome(home, spec); err != nil {
		b.Fatal(err)
	}
	needed, size := neededFiles(b, home)
	b.SetBytes(size)

	var opened atomic.Int64
	sink := &testkit.Counter{}
	p := New(scanner.Env{OS: linux, Homes: []scanner.Home{{Dir: home, User: "person"}}, SystemRoot: home, Locale: "en",
		Observe: func(string) { opened.Add(1) }})
	var floor, ours time.Duration
	var peak uint64
	runs := 0
	for b.Loop() {
		floor += testkit.Took(func() { validate(b, needed) })
		heap := testkit.WatchHeap()
		start := time.Now()
		coverage, err := p.Collect(context.Background(), sink)
		ours += time.Since(start)
		peak = max(peak, heap())
		if err != nil || len(coverage) != spec.Profiles {
			b.Fatalf("%d coverages, error %v", len(coverage), err)
		}
		runs++
	}
	if want := int64(runs * spec.Profiles * spec.Extensions); sink.Items.Load() != want {
		b.Fatalf("%d items, want %d", sink.Items.Load(), want)
	}
	b.ReportMetric(float64(ours)/float64(floor), "x-floor")
	b.ReportMetric(float64(ours.Milliseconds())/float64(runs), "collect-ms")
	b.ReportMetric(float64(peak)/(1<<20), "heap-MB")
	b.ReportMetric(float64(opened.Load())/float64(runs*len(needed)), "opened/needed")
}

// neededFiles are the files that a result depends on: names that are inlined in the settings need
// no messages.json.
func neededFiles(tb testing.TB, home string) (files []string, size int64) {
	tb.Helper()
	names := []string{localStateFile, preferencesFile, securePreferencesFile, manifestFile}
	err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if slices.Contains(names, entry.Name()) {
			files = append(files, path)
			return nil
		}
		// A manifest without a name of its own in the settings: the generator says so by its messages
		// lying beside it.
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), chromiumtest.OnlyInMessages)); err == nil &&
			entry.Name() == "messages.json" {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			tb.Fatal(err)
		}
		size += info.Size()
	}
	return files, size
}

func validate(tb testing.TB, files []string) {
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil || !json.Valid(data) {
			tb.Fatalf("%s: %v", file, err)
		}
	}
}
