package diff

import (
	"testing"

	"guestlist/scanner/inventory"
)

func TestAFindingThatHasEveryPlaceOfAnAppStandsForIt(t *testing.T) {
	t.Parallel()
	two := []inventory.Coverage{complete("Default"), complete("Profile 1")}
	wide := func(i *inventory.Item) { i.Access.Permissions = append(i.Access.Permissions, "cookies") }
	for _, test := range []struct {
		name      string
		allowlist string
		items     []inventory.Item
		whole     int // places that the finding stands for; 0: it does not
		holders   int // places of the subject
	}{
		{"none-approved", "# empty\n", []inventory.Item{extension("Default", nil), extension("Profile 1", nil)}, 2, 2},
		{"all-approved", approved, []inventory.Item{extension("Default", nil), extension("Profile 1", nil)}, 0, 2},
		{"the-second-drifted", approved, []inventory.Item{extension("Default", nil), extension("Profile 1", wide)}, 0, 2},
		{"the-first-drifted", approved, []inventory.Item{extension("Default", wide), extension("Profile 1", nil)}, 0, 2},
	} {
		judgement := judgeScans(t, test.allowlist, nil, scan{coverage: two, items: test.items})
		whole, holders := 0, 0
		for i := range judgement.Findings {
			if f := &judgement.Findings[i]; f.Whole() != nil {
				whole += f.HolderCount
				holders += f.HolderCount
				if f.Whole().Revoke == "" {
					t.Errorf("%s: nothing says how it is revoked", test.name)
				}
			}
		}
		for i := range judgement.Subjects {
			s := &judgement.Subjects[i]
			holders += s.HolderCount
			if s.HolderCount != len(s.Holders) || s.ItemCount != 2 || s.Revoke == "" {
				t.Errorf("%s: %d holders, %d items, %q", test.name, s.HolderCount, s.ItemCount, s.Revoke)
			}
		}
		if whole != test.whole || holders != test.holders {
			t.Errorf("%s: findings stand for %d places and all are %d, want %d and %d", test.name, whole, holders,
				test.whole, test.holders)
		}
	}
}
