// Package readme keeps tables of README.md equal to the code they describe: a test writes a table anew, and fails when it differs.
package readme

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Check compares the part of the repository's README.md between <!-- NAME: begin --> and <!-- NAME: end --> with a text, or writes it
// there with -update. The package under test lies two folders below the repository.
func Check(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("..", "..", "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Appendf(nil, "<!-- %s: begin -->\n", name), fmt.Appendf(nil, "<!-- %s: end -->\n", name)
	before, rest, found := bytes.Cut(text, begin)
	if !found {
		t.Fatalf("README.md has no line %s", begin)
	}
	got, after, found := bytes.Cut(rest, end)
	if !found {
		t.Fatalf("README.md has no line %s", end)
	}
	if string(got) == want {
		return
	}
	if !*update {
		t.Errorf("README.md differs from the code between %sgo test ./providers/... -update writes it anew. It should be:\n%s", begin, want)
		return
	}
	if err := os.WriteFile(path, bytes.Join([][]byte{before, begin, []byte(want), end, after}, nil), 0o644); err != nil {
		t.Fatal(err)
	}
}
