package enforce_test

import (
	"fmt"
	"strings"
	"testing"

	"guestlist/allowlist/enforce"
)

// An organization's whole list: 10,000 extensions, each with its pins.
func BenchmarkEmitTenThousandEntries(b *testing.B) {
	var text strings.Builder
	text.WriteString("version = 1\n")
	for n := range 10_000 {
		id := []byte(strings.Repeat("a", 32))
		for at, rest := 31, n; rest > 0; at, rest = at-1, rest/16 {
			id[at] = 'a' + byte(rest%16)
		}
		text.WriteString("\n" + approval(fmt.Sprintf("%q", id), `permissions = ["storage", "tabs"]`+"\n"+`hosts = ["https://*.acme.example/*"]`))
	}
	list := parse(b, text.String())
	target := enforce.TargetNamed("chrome")
	options := enforce.Options{At: now}
	var size int
	for b.Loop() {
		output, err := enforce.Emit(list, target, options)
		if err != nil {
			b.Fatal(err)
		}
		size = len(output.Content)
	}
	b.ReportMetric(float64(size)/1e6, "MB")
}
