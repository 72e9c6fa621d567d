package diff

import (
	"fmt"
	"testing"

	"guestlist/scanner/inventory"
)

func TestAnAppOfFewHoldersTakesNoMoreRoomThanTheyNeed(t *testing.T) {
	t.Parallel()
	for holders, room := range map[int]int{1: 1, leastListed: leastListed} {
		t.Run(fmt.Sprint(holders), func(t *testing.T) {
			t.Parallel()
			var items []inventory.Item
			for n := range holders {
				items = append(items, grantOf(fmt.Sprintf("user-%d@acme.example", n), "42-web.apps.googleusercontent.com", "42",
					"Ledger", "drive"))
			}
			found := ofRule(judgeItems(t, items...).Findings, Unapproved)
			if len(found) != 1 || len(found[0].Holders) != holders || cap(found[0].Holders) != room {
				t.Errorf("%d findings, %d holders in room for %d", len(found), len(found[0].Holders), cap(found[0].Holders))
			}
		})
	}
}
