package googleworkspace

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
)

// The demo scans the example organization as it was a week ago, and as it is: every kind of change
// must be among them.
func TestTheExampleOrganizationChangedInAWeek(t *testing.T) {
	t.Parallel()
	scan := func(org googlefake.Organization, at time.Time) (map[string]inventory.Item, map[string]inventory.Account) {
		r := newRig(t, org, googlefake.Options{})
		r.Clock.Move(at.Sub(googletest.Noon))
		config := r.config()
		config.Features = slices.Concat(everything(), api.FeaturesOf(inventory.ChromeManagement))
		accounts, _ := r.collect(r.provider(config))
		extensions, _ := r.collect(r.chrome(config))
		for key, item := range extensions.Items {
			accounts.Items[key] = item
		}
		return accounts.Items, accounts.Accounts
	}
	week := googletest.Noon.AddDate(0, 0, -7)
	before, accountsBefore := scan(googlefake.AcmeEarlier(googletest.Noon), week)
	after, accountsAfter := scan(googlefake.Acme(googletest.Noon), googletest.Noon)

	var changes []string
	tell := func(what string, item inventory.Item) {
		changes = append(changes, fmt.Sprintf("%s: %s of %s", what, item.App.Name, item.Holder.Account))
	}
	for key, item := range after {
		was, known := before[key]
		switch {
		case !known:
			tell("new", item)
		case !slices.Equal(was.Access.Permissions, item.Access.Permissions):
			tell("changed", item)
		}
	}
	for key, item := range before {
		if _, known := after[key]; !known {
			tell("removed", item)
		}
		if item.Added.After(week) {
			t.Errorf("%s was there before it came: %v", item.App.Name, item.Added)
		}
	}
	for key, account := range accountsAfter {
		if was := accountsBefore[key]; was.TwoFactor != account.TwoFactor {
			changes = append(changes, fmt.Sprintf("two-step verification: %s of %s", account.TwoFactor, account.Login))
		}
	}
	slices.Sort(changes)
	want := []string{
		"changed: Ledger Books of finance@acme.example",
		"changed: Password Manager of it@acme.example",
		"changed: Password Manager of people@acme.example",
		"new: Coupon Finder of intern@acme.example",
		"new: Coupon Finder of sales@acme.example",
		"new: Mail Merge of finance@acme.example",
		"new: Саlendar Sync of intern@acme.example",
		"new: Саlendar Sync of sales@acme.example",
		`new: =HYPERLINK("https://evil.example") of finance@acme.example`,
		"removed: Note Taker of support@acme.example",
		"two-step verification: no of sales@acme.example",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Errorf("the changes differ (-want +got):\n%s", diff)
	}
}
