package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwarp"

	"guestlist/scanner/testkit"
)

// The manual is a comment, so the list stands there a second time.
func TestTheManualListsEveryVariable(t *testing.T) {
	t.Parallel()
	const manualWidth = 100
	longest := 0
	for _, group := range variables {
		for _, v := range group.list {
			longest = max(longest, len(v.name))
		}
	}
	var text strings.Builder
	for _, group := range variables {
		fmt.Fprintf(&text, "\n%s:\n\n", group.title)
		for _, v := range group.list {
			name := v.name
			lines, _ := twwarp.WrapString(v.about, manualWidth-longest-len("    ")-len("  "))
			for _, line := range lines {
				fmt.Fprintf(&text, "\t%-*s  %s\n", longest, name, line)
				name = ""
			}
		}
	}
	path := filepath.Join("..", "..", "guestlist", "doc.go")
	testkit.GoldenBetween(t, path, "\"guestlist help environment\" prints them.\n", "\n# Compatibility\n", text.String())
}

func TestNoVariableIsListedTwice(t *testing.T) {
	t.Parallel()
	var names []string
	for _, group := range variables {
		for _, v := range group.list {
			names = append(names, v.name)
		}
	}
	slices.Sort(names)
	if once := slices.Compact(slices.Clone(names)); len(once) != len(names) {
		t.Errorf("%q", names)
	}
}
