package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwarp"

	"guestlist/scanner/testkit"
)

// The manual is a comment, so the list stands there a second time.
func TestTheManualListsEveryVariable(t *testing.T) {
	t.Parallel()
	const manualWidth = 100
	longest := 0
	for _, name := range variableNames() {
		longest = max(longest, len(name))
	}
	var text strings.Builder
	for _, group := range variables() {
		fmt.Fprintf(&text, "\n%s:\n\n", group.title)
		for _, v := range group.list {
			name := v.Name
			lines, _ := twwarp.WrapString(v.About, manualWidth-longest-len("    ")-len("  "))
			for _, line := range lines {
				fmt.Fprintf(&text, "\t%-*s  %s\n", longest, name, line)
				name = ""
			}
		}
	}
	path := filepath.Join("..", "..", "guestlist", "doc.go")
	testkit.GoldenBetween(t, path, "\"guestlist help environment\" prints them.\n", "\n# Compatibility\n", text.String())
}

// What is looked up while commands run is what the table says, however the name came about.
func TestWhatCommandsLookUpIsInTheTable(t *testing.T) {
	t.Parallel()
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, args := range [][]string{{"scan"}, {"doctor"}, {"check"}, {"allow", "lint"}, {"demo"}, {"sign-in", "github"}} {
			t.Run(system+"/"+strings.Join(args, "-"), func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				asked := map[string]bool{}
				env := &Env{
					Args: args, Stdout: io.Discard, Stderr: io.Discard, Now: func() time.Time { return demoNow }, OS: system,
					Home: t.TempDir(), SystemRoot: t.TempDir(), StdoutTerminal: true, Width: 80,
					Getenv: func(name string) string {
						mu.Lock()
						defer mu.Unlock()
						asked[name] = true
						return ""
					},
				}
				Run(t.Context(), env)
				if len(asked) == 0 {
					t.Error("nothing was looked up")
				}
				for name := range asked {
					if !slices.Contains(variableNames(), name) {
						t.Errorf("%s was looked up", name)
					}
				}
			})
		}
	}
}

func TestNoVariableIsListedTwice(t *testing.T) {
	t.Parallel()
	names := variableNames()
	slices.Sort(names)
	if once := slices.Compact(slices.Clone(names)); len(once) != len(names) {
		t.Errorf("%q", names)
	}
}

func variableNames() (names []string) {
	for _, group := range variables() {
		for _, v := range group.list {
			names = append(names, v.Name)
		}
	}
	return names
}
