package cli

import (
	"strings"
	"testing"

	"guestlist/scanner/diff"
)

func TestTheHelpOfRulesNamesThemAllAndFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, maxHelpWidth} {
		page := rulesPage(width)
		for n := range diff.Rules {
			if name := diff.Rules[n].Rule.String(); !strings.Contains("\n"+page, "\n"+name+" (") {
				t.Errorf("%d columns: %s is not there", width, name)
			}
		}
		for line := range strings.Lines(page) {
			if len(strings.TrimRight(line, "\n")) > width {
				t.Errorf("%d columns: %q", width, line)
			}
		}
	}
}
