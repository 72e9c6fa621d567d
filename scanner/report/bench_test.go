package report

import (
	"testing"
	"time"

	"guestlist/scanner/testkit"
)

// benchFindings are as many as a very large organization has.
const benchFindings = 100_000

// looks is how often the heap is looked at while a format is written.
const looks = 5

// counting counts what is written and, every so many bytes, looks how much of the heap is live.
type counting struct {
	bytes, next, every int
	live               uint64
	took               time.Duration
}

func (c *counting) Write(text []byte) (int, error) {
	c.bytes += len(text)
	if c.every > 0 && c.bytes >= c.next {
		c.next += c.every
		c.live = max(c.live, testkit.LiveHeap())
	}
	return len(text), nil
}

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
// it as JSON in the same run; how much is written; and what is live meanwhile beside the report,
// which is what a format keeps, without the garbage that comes and goes.
func BenchmarkFormats(b *testing.B) {
	r := New(manyFindings(benchFindings), Meta{Allowlist: &AllowlistRef{}, Started: finished, Finished: finished})
	write := func(renderer Renderer, w *counting) *counting {
		w.took = testkit.Took(func() {
			if err := renderer.Render(w, r); err != nil {
				b.Fatal(err)
			}
		})
		return w
	}
	for _, format := range Formats {
		b.Run(format.Name, func(b *testing.B) {
			for b.Loop() {
				floor := write(JSON{}, &counting{})
				size := write(format.New(Style{Details: true}), &counting{})
				b.ReportMetric(size.took.Seconds()/floor.took.Seconds(), "x-json")
				kept := write(format.New(Style{Details: true}), &counting{every: size.bytes/looks + 1})
				b.ReportMetric(float64(size.bytes)/(1<<20), "written-MB")
				b.ReportMetric((float64(kept.live)-float64(testkit.LiveHeap()))/(1<<20), "kept-MB")
			}
		})
	}
}
