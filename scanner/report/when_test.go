package report

import (
	"testing"

	"guestlist/scanner/diff"
)

func TestAReportIsShownWhenItIsWorthIt(t *testing.T) {
	t.Parallel()
	changed := diff.Difference{Counts: map[diff.ChangeKind]int{diff.ChangeUnread: 1}}
	for name, c := range map[string]struct {
		report            Report
		changes, findings bool
	}{
		"nothing":               {Report{Summary: Summary{Sources: SourceCounts{Total: 1, Complete: 1}}}, false, false},
		"findings-as-before":    {Report{ExitCode: ExitFindings, Summary: Summary{Sources: SourceCounts{Total: 1, Complete: 1}}}, false, true},
		"a-change":              {Report{Difference: changed, Summary: Summary{Sources: SourceCounts{Total: 1, Complete: 1}}}, true, false},
		"a-first-scan":          {Report{Since: Since{First: true}, Summary: Summary{Sources: SourceCounts{Total: 1, Complete: 1}}}, true, false},
		"a-gap-as-before":       {Report{ExitCode: ExitIncomplete, Summary: Summary{Sources: SourceCounts{Total: 2, Complete: 1, NotObservable: 1}}}, false, true},
		"a-part-as-before":      {Report{ExitCode: ExitIncomplete, Summary: Summary{Sources: SourceCounts{Total: 1, Partial: 1}}}, false, true},
		"nothing-could-be-read": {Report{ExitCode: ExitIncomplete, Summary: Summary{Sources: SourceCounts{Total: 1, NotObservable: 1}}}, true, true},
		"there-is-no-source":    {Report{ExitCode: ExitIncomplete}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for when, want := range map[When]bool{Always: true, Changes: c.changes, Findings: c.findings} {
				if got := c.report.IsWorth(when); got != want {
					t.Errorf("%s: %v", when, got)
				}
			}
		})
	}
}
