package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

func TestEveryKindOfChangeHasAWord(t *testing.T) {
	t.Parallel()
	for _, kind := range diff.ChangeKinds() {
		if !slices.ContainsFunc(AllNews, func(news News) bool { return slices.Contains(news.Kinds, kind) }) {
			t.Errorf("no word means %s", kind)
		}
	}
}

func TestALimitedReportSaysWhatItLeavesOutAndKeepsVerdictAndExitCode(t *testing.T) {
	t.Parallel()
	gap := inventory.Coverage{Source: inventory.Source{Provider: inventory.Chromium, Name: "ada"}, Reason: "no permission"}
	judgement := func() *diff.Judgement {
		return &diff.Judgement{
			Findings: []diff.Finding{
				{ID: "1", Rule: diff.Unapproved, Severity: inventory.High, Kind: inventory.KindExtension,
					App: inventory.App{ID: "old"}},
				{ID: "2", Rule: diff.Unapproved, Severity: inventory.Low, Kind: inventory.KindExtension,
					App: inventory.App{ID: "new"}, Change: diff.New},
			},
			Coverage: []inventory.Coverage{gap},
		}
	}
	meta := Meta{Started: time.Unix(0, 0), Baseline: &BaselineRef{}, FailOn: inventory.High}
	whole := New(judgement(), meta)
	meta.Only = KindsOf([]string{"new", "gained"})
	limited := New(judgement(), meta)
	if limited.Verdict != whole.Verdict || limited.ExitCode != whole.ExitCode ||
		limited.Summary.Sources != whole.Summary.Sources {
		t.Errorf("%q, %d; of everything: %q, %d", limited.Verdict, limited.ExitCode, whole.Verdict, whole.ExitCode)
	}
	if len(limited.Findings) != 1 || limited.Findings[0].ID != "2" || len(limited.Coverage) != 1 {
		t.Errorf("left are %v and %v", limited.Findings, limited.Coverage)
	}
	if limited.LeftOut != len(whole.Entries)-len(limited.Entries) || limited.LeftOut == 0 {
		t.Errorf("%d of %d entries are left out", limited.LeftOut, len(whole.Entries))
	}
	if text := limited.limits(); text != "Shown is only what is new or gained; 1 other entry is left out." {
		t.Error(text)
	}
	meta.Only = KindsOf([]string{"changed", "gained"})
	if text := New(judgement(), meta).limits(); text != "Shown is only what is changed; 2 other entries are left out." {
		t.Error(text)
	}
}

func TestALimitedListOfChangesNamesTheirApps(t *testing.T) {
	t.Parallel()
	judgement := &diff.Judgement{Difference: diff.Difference{
		Counts: map[diff.ChangeKind]int{diff.ChangeAdded: 1},
		List: []diff.Change{{ID: "1", Kind: diff.ChangeAdded, About: diff.AboutApp, ItemKind: inventory.KindExtension,
			App: inventory.App{ID: "id", Name: "Newcomer"}}},
	}}
	r := New(judgement, Meta{Baseline: &BaselineRef{}, Only: KindsOf([]string{"new"})})
	if lines := (Screen{}).changeLines(r, 1); len(lines) != 1 || lines[0] != "+ Newcomer: new " {
		t.Errorf("%q", lines)
	}
	if text := renderPage(t, r); !strings.Contains(text, ">Newcomer</a>: new") ||
		!strings.Contains(text, "Shown is only what is new") {
		t.Error("the page does not name the app, or not what is left out")
	}
}
