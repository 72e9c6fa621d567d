package report

import (
	"io"
	"testing"
	"time"

	"guestlist/scanner/testkit"
)

// benchFindings are as many as a very large organization has.
const benchFindings = 100_000

// BenchmarkNew makes the report of a judgement, of which the entries are the largest part.
func BenchmarkNew(b *testing.B) {
	judgement := manyFindings(benchFindings)
	for b.Loop() {
		peak := testkit.WatchHeap()
		r := New(judgement, Meta{Allowlist: &AllowlistRef{}, Started: finished})
		b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MB")
		b.ReportMetric(float64(len(r.Entries)), "entries")
	}
}

// BenchmarkFormats writes the same report in every format. Reported: the time as a ratio to writing
// it as JSON in the same run, and the peak of the heap above what the report itself takes.
func BenchmarkFormats(b *testing.B) {
	r := New(manyFindings(benchFindings), Meta{Allowlist: &AllowlistRef{}, Started: finished, Finished: finished})
	write := func(renderer Renderer) time.Duration {
		return testkit.Took(func() {
			if err := renderer.Render(io.Discard, r); err != nil {
				b.Fatal(err)
			}
		})
	}
	for _, format := range Formats {
		b.Run(format.Name, func(b *testing.B) {
			for b.Loop() {
				floor := write(JSON{})
				resting := testkit.WatchHeap()()
				peak := testkit.WatchHeap()
				took := write(format.New(Style{Details: true}))
				b.ReportMetric(took.Seconds()/floor.Seconds(), "x-json")
				b.ReportMetric((float64(peak())-float64(resting))/(1<<20), "heap-above-MB")
			}
		})
	}
}
