package report

import (
	"testing"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

func TestAProposalSaysFirstWhatIsKnownToBeBad(t *testing.T) {
	t.Parallel()
	for rule, want := range map[diff.Rule]inventory.Untrusted{
		diff.VendorBlocked:    "Do not approve it before this is cleared up: reported as malware",
		diff.IdentityMismatch: "Do not approve it before this is cleared up: reported as malware",
		diff.Unapproved:       "Held by 1 holder; pinned: nothing, because what it may do is not known",
		diff.DriftPublisher:   "Held by 1 holder; pinned: nothing, because what it may do is not known",
	} {
		t.Run(string(rule), func(t *testing.T) {
			t.Parallel()
			proposed := Proposed{About: &Entry{HolderCount: 1, Findings: []*diff.Finding{{Rule: rule, Why: "reported as malware"}}}}
			if got := proposed.Lines(); got[0] != want {
				t.Errorf("got %q, want %q", got[0], want)
			}
		})
	}
}
