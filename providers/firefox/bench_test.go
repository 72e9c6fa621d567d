package firefox

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/providers/firefox/firefoxtest"
	"guestlist/providers/provider"
	"guestlist/scanner/inventory"
)

// BenchmarkCollect reads 20 profiles of 100 add-ons with names in 20 languages. Beside it, in the same run, stands the floor: one
// goroutine that reads the very same files and asks encoding/json whether the lists among them are valid. Reported are
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

	var opened, items atomic.Int64
	p := New(provider.Env{
		OS: linux, Homes: []provider.Home{{Dir: home, User: "person"}}, SystemRoot: home, Locale: "en",
		Observe: func(string) { opened.Add(1) },
	})
	var floor, ours time.Duration
	var peak uint64
	runs := 0
	for b.Loop() {
		start := time.Now()
		validate(b, needed)
		floor += time.Since(start)
		runtime.GC()

		stop := watchHeap(&peak)
		start = time.Now()
		coverage, err := p.Collect(context.Background(), counting{&items})
		ours += time.Since(start)
		stop()
		if err != nil || len(coverage) != spec.Profiles || coverage[0].Status != inventory.StatusComplete {
			b.Fatalf("%d coverages, error %v", len(coverage), err)
		}
		runs++
	}
	if want := int64(runs * spec.Profiles * spec.Addons); items.Load() != want {
		b.Fatalf("%d items, want %d", items.Load(), want)
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

// watchHeap notes the largest heap until it is stopped.
func watchHeap(peak *uint64) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for {
			metrics.Read(sample)
			*peak = max(*peak, sample[0].Value.Uint64())
			select {
			case <-done:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() { close(done); <-ended }
}

// counting is a sink that only counts.
type counting struct{ items *atomic.Int64 }

func (c counting) AddItem(*inventory.Item) error { c.items.Add(1); return nil }

func (c counting) AddAccount(*inventory.Account) error { return nil }

func TestAGeneratedHomeIsReadWhole(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := firefoxtest.WriteHome(home, firefoxtest.Spec{Profiles: 2, Addons: 11, Locales: 2}); err != nil {
		t.Fatal(err)
	}
	items, coverage := collect(t, provider.Env{OS: linux, Homes: []provider.Home{{Dir: home, User: "person"}}, SystemRoot: home})
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
