package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/scanner/testkit"
)

// What a person sees of the demo, with the hints after it and the prompt, is no more than the
// terminal has; in a pipe it is no more than 60 lines.
func TestTheDemosFirstScreenFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 60, 80, 120, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			var shown bytes.Buffer
			env := &Env{
				Args: []string{"demo", "--color", "never"}, Stdout: &shown, Stderr: &shown,
				Getenv:         func(string) string { return "" },
				StdoutTerminal: width > 0, Width: width, Height: 24,
			}
			if code := Run(t.Context(), env); code != 0 {
				t.Fatalf("exit code %d: %s", code, &shown)
			}
			testkit.Golden(t, filepath.Join("testdata", fmt.Sprintf("demo-%d.golden", width)), shown.String())
			lines, most := strings.Count(shown.String(), "\n"), env.Height-promptLines
			if width == 0 {
				most = 60
			}
			if lines > most {
				t.Errorf("%d lines, %d fit", lines, most)
			}
		})
	}
}

func TestTheNextCommandRepeatsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"demo --color never":                      "guestlist demo",
		"scan --home homes -o table --quiet":      "guestlist scan --home homes",
		"scan --output=json=r.json --allowlist a": "guestlist scan --allowlist a",
		"check --details":                         "guestlist check",
		"scan --home a/home/that/is/long/to/type": "",
		"scan --home $HOME":                       "",
	} {
		env := &Env{Args: strings.Fields(typed)}
		if got := env.again(); got != want {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}
