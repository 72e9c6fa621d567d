package report

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestJSONThatIsMadeVisibleMeansTheSame(t *testing.T) {
	t.Parallel()
	const name = "a\u009b31m\u202e\u200b\u0085é\U000e0041\U0001f3f4z\ufeff"
	written, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1; size <= len(written); size++ { // wherever a write ends
		var out bytes.Buffer
		w := &visible{w: &out}
		for rest := written; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if n, err := w.Write(rest[:min(size, len(rest))]); err != nil || n != min(size, len(rest)) {
				t.Fatalf("writing %d bytes: %d, %v", size, n, err)
			}
		}
		const want = `"a\u009b31m\u202e\u200b\u0085é\udb40\udc41` + "\U0001f3f4" + `z\ufeff"`
		if out.String() != want {
			t.Fatalf("in writes of %d bytes: %s", size, out.String())
		}
		var read string
		if err := json.Unmarshal(out.Bytes(), &read); err != nil || read != name {
			t.Errorf("read back as %q, %v", read, err)
		}
	}
}
