package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner/report"
	"guestlist/scanner/testkit"
)

func TestOfEditsAtTheSameTimeNoneIsLost(t *testing.T) {
	t.Parallel()
	const editors = 12
	dir := t.TempDir()
	path := filepath.Join(dir, "allowlist.toml")
	testkit.WriteFile(t, path, "version = 1\n")
	var codes [editors]int
	var outputs [editors]bytes.Buffer
	var all errgroup.Group
	for n := range editors {
		all.Go(func() error {
			codes[n] = Run(context.Background(), &Env{
				Args:   []string{"allow", "add", editedID(n), "--allowlist", path, "--owner", "it@acme.example", "--reason", "Notes"},
				Stdout: &outputs[n], Stderr: &outputs[n], Now: time.Now, OS: "linux", SystemRoot: dir,
				Getenv: func(name string) string {
					return map[string]string{"GUESTLIST_STATE_DIR": filepath.Join(dir, "state")}[name]
				},
			})
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for n := range editors {
		switch isThere := strings.Contains(string(content), editedID(n)); {
		case codes[n] == report.ExitClean && isThere:
			written++
		case codes[n] == report.ExitFailed && !isThere && strings.Contains(outputs[n].String(), "was changed meanwhile"):
		default:
			t.Errorf("edit %d ended with %d, and its entry is there: %t\n%s", n, codes[n], isThere, &outputs[n])
		}
	}
	if written == 0 {
		t.Error("no edit was written")
	}
}

// editedID is the ID of the nth extension.
func editedID(n int) string { return strings.Repeat(fmt.Sprintf("%c", 'a'+n), 32) }

func TestANameInACommitClosesNoIssueAndCallsNoOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"an-issue", "Fixes #12", `Fixes \u{0023}12`},
		{"an-issue-elsewhere", "closes acme/x#1", `closes acme/x\u{0023}1`},
		{"an-issue-by-letters", "resolves gh-7", `resolves gh\u{002D}7`},
		{"an-address", "fixes https://github.com/acme/x/issues/1", `fixes https:/\u{002F}github.com/acme/x/issues/1`},
		{"a-person", "@ann and cc:@acme/admins", `\u{0040}ann and cc:\u{0040}acme/admins`},
		{"an-add-on", "tabs@acme.example", "tabs@acme.example"},
		{"plain", "Acme Notes - High-5", "Acme Notes - High-5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := inertInCommit(test.text); got != test.want {
				t.Errorf("%q becomes %q, want %q", test.text, got, test.want)
			}
		})
	}
}
