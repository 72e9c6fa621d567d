package testkit

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Updates reports whether to write golden files: whether go test was given the flag -update.
func Updates() bool { return *update }

// Golden compares a golden file with got, or writes it with -update. It accepts Windows line
// endings, which a checkout may have added.
func Golden(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		write(t, path, got)
		return
	}
	if diff := cmp.Diff(plainLines(ReadFile(t, path)), got); diff != "" {
		t.Errorf("%s is not what the program gives; run with -update and review the difference (-file +program):\n%s",
			path, diff)
	}
}

// GoldenPart is [Golden] for the part of a file between <!-- NAME: begin --> and <!-- NAME: end
// -->.
func GoldenPart(t testing.TB, path, name, got string) {
	t.Helper()
	GoldenBetween(t, path, fmt.Sprintf("<!-- %s: begin -->\n", name), fmt.Sprintf("<!-- %s: end -->\n", name), got)
}

// GoldenBetween is [Golden] for the part of a file between the first occurrences of two texts.
func GoldenBetween(t testing.TB, path, begin, end, got string) {
	t.Helper()
	before, rest, found := strings.Cut(plainLines(ReadFile(t, path)), begin)
	if !found {
		t.Fatalf("%s has no line %s", path, begin)
	}
	have, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no line %s", path, end)
	}
	if have == got {
		return
	}
	if *update {
		write(t, path, before+begin+got+end+after)
		return
	}
	t.Errorf("%s is not what the program gives after %srun with -update and review the difference (-file +program):\n%s",
		path, begin, cmp.Diff(have, got))
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func plainLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
