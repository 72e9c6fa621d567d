package report

import (
	"testing"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

func TestALineOutsideTheTableSaysWhatTheTableSays(t *testing.T) {
	t.Parallel()
	r := organizations()
	seen := 0
	for i := range r.Entries {
		e := &r.Entries[i]
		words := e.Words()
		if words.Title != e.Title || words.Why != e.Why || words.Kind == "" {
			t.Errorf("%s: %+v", e.Title, words)
		}
		if e.Open && words.Remedy == "" {
			t.Errorf("%s needs a person, and its line does not say what to do", e.Title)
		}
		if (words.Sign != "") != (e.Change != "") {
			t.Errorf("%s: sign %q for change %q", e.Title, words.Sign, e.Change)
		}
		if len(e.Changes) > 0 && words.Change == "" {
			t.Errorf("%s: no words for its change", e.Title)
		}
		if len(e.Changes) > 0 || e.Change != "" {
			seen++
		}
	}
	if seen == 0 {
		t.Error("no entry changed")
	}
	if IsOpen(&diff.Finding{Rule: diff.Removed, Severity: inventory.Info}) ||
		!IsOpen(&diff.Finding{Rule: diff.NotObserved, Severity: inventory.Medium}) {
		t.Error("what is gone needs no one, and what was not read needs someone")
	}
}
