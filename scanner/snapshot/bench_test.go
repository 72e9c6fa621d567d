package snapshot

import (
	"bufio"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// benchItems is the size of each snapshot that BenchmarkCompare compares.
const benchItems = 1_000_000

// BenchmarkCompare compares two snapshots of a million items of which one in a thousand differs.
// The floor is one goroutine that reads both files line by line and digests them. Reported: the
// ratio to it, items a second, and the heap's peak in MB.
func BenchmarkCompare(b *testing.B) {
	dir := b.TempDir()
	old, now := filepath.Join(dir, "old.jsonl"), filepath.Join(dir, "new.jsonl")
	writeMany(b, old, "1.0")
	writeMany(b, now, "1.1")
	for b.Loop() {
		floor := testkit.Took(func() { readLines(b, old); readLines(b, now) })
		peak := testkit.WatchHeap()
		changed := 0
		took := testkit.Took(func() { changed = compareAll(b, old, now) })
		if changed != benchItems/1000 {
			b.Fatalf("%d differences", changed)
		}
		b.ReportMetric(took.Seconds()/floor.Seconds(), "x-floor")
		b.ReportMetric(2*benchItems/took.Seconds(), "items/s")
		b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MB")
	}
}

// BenchmarkWrite and BenchmarkRead give records a second and the heap's peak in MB. Writing a
// million items spills them some forty times.
func BenchmarkWrite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "scan.jsonl")
	for b.Loop() {
		peak := testkit.WatchHeap()
		took := testkit.Took(func() { writeMany(b, path, "1.0") })
		b.ReportMetric(benchItems/took.Seconds(), "items/s")
		b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MB")
	}
}

func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "scan.jsonl")
	writeMany(b, path, "1.0")
	for b.Loop() {
		floor := testkit.Took(func() { readLines(b, path) })
		took := testkit.Took(func() {
			for _, err := range mustOpen(b, path).Records() {
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.ReportMetric(benchItems/took.Seconds(), "items/s")
		b.ReportMetric(took.Seconds()/floor.Seconds(), "x-floor")
	}
}

func writeMany(b *testing.B, path string, version inventory.Untrusted) {
	b.Helper()
	w, err := Create(path, testHeader())
	if err != nil {
		b.Fatal(err)
	}
	defer w.Abort()
	for n := range benchItems {
		item := testItem(profile("Default"), n)
		if n%1000 == 0 {
			item.Version = version
		}
		if err := w.AddItem(&item); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Commit(now); err != nil {
		b.Fatal(err)
	}
}

func compareAll(b *testing.B, old, now string) int {
	changed := 0
	for pair, err := range Compare(mustOpen(b, old), mustOpen(b, now)) {
		if err != nil {
			b.Fatal(err)
		}
		if !pair.Same() {
			changed++
		}
	}
	return changed
}

func readLines(b *testing.B, path string) {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	digest := sha256.New()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		digest.Write(lines.Bytes())
	}
}
