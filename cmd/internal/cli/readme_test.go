package cli

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/scanner/testkit"
)

// sampleParts are the verdict and the first finding.
const sampleParts = 2

// The sample in the README is the beginning of what the demo shows on a terminal.
func TestTheReadmeShowsWhatTheDemoShows(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	env := &Env{
		Args: []string{"demo", "--color", "never"}, Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" },
		StdoutTerminal: true, Width: 120,
	}
	if code := Run(t.Context(), env); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	parts := strings.SplitAfterN(stdout.String(), "\n\n", sampleParts+1)
	if len(parts) <= sampleParts {
		t.Fatalf("the demo shows no more than %q", stdout.String())
	}
	sample := "```\n" + strings.Join(parts[:sampleParts], "") + "…\n```\n"
	testkit.GoldenPart(t, filepath.Join("..", "..", "..", "README.md"), "demo", sample)
}
