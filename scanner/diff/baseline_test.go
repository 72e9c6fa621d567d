package diff

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
)

// TestNothingThatABaselineSaysHidesAFinding: a baseline is a file that somebody may have written,
// or that is from another scan. It adds news and takes nothing away.
func TestNothingThatABaselineSaysHidesAFinding(t *testing.T) {
	t.Parallel()
	wider := extension("Default", func(i *inventory.Item) {
		i.Access.Permissions = []inventory.Untrusted{"cookies", "storage", "tabs"}
		i.Mark(inventory.MarkVendor, inventory.MarkMalware, "")
	})
	other := extension("Default", func(i *inventory.Item) {
		i.App = inventory.App{ID: "bbbbccccddddeeeeffffgggghhhhiiii", Name: "Other"}
	})
	admin := accountOf(inventory.GitHub, "acme/members", "finance", func(a *inventory.Account) { a.Admin = inventory.Yes })
	members := inventory.Coverage{Source: admin.Source, Status: inventory.StatusComplete}
	now := scan{
		coverage: []inventory.Coverage{complete("Default"), unread("Profile 1"), members},
		items:    []inventory.Item{wider, other}, accounts: []inventory.Account{admin},
	}
	rules := func(judgement *Judgement) []Rule {
		var all []Rule
		for _, finding := range judgement.Findings {
			if finding.Change == "" || finding.Change != finding.Rule {
				all = append(all, finding.Rule)
			}
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	want := rules(judgeScans(t, approved, nil, now))
	if len(want) < 4 {
		t.Fatalf("the scan alone has findings of %v", want)
	}

	everything := func(change func(*inventory.Item)) []inventory.Item {
		first, second := wider, other
		change(&first)
		change(&second)
		return []inventory.Item{first, second}
	}
	outside := admin
	outside.Facts = map[string]inventory.Untrusted{inventory.FactOutsideUnits: "yes"}
	nobody := inventory.Coverage{Source: source("Default"), Status: inventory.StatusNotObservable, Unobservable: true}
	carried := complete("Default")
	carried.CarriedFrom = "an-earlier-run"
	with := func(change func(*inventory.Item)) scan { return scan{now.coverage, everything(change), now.accounts} }
	for name, before := range map[string]scan{
		"empty":    {},
		"the-same": now,
		"all-was-there-and-held-more": with(func(i *inventory.Item) {
			i.Access.Hosts = []inventory.Untrusted{"<all_urls>"}
		}),
		"all-was-the-browser's-own": with(func(i *inventory.Item) { i.Origin = inventory.OriginBuiltin }),
		"all-was-a-leftover":        with(func(i *inventory.Item) { i.State = inventory.StateLeftover }),
		"all-stood-in-for-holders": with(func(i *inventory.Item) {
			i.Mark(inventory.MarkNote,
				inventory.MarkHoldersUnread, "")
		}),
		"nothing-could-be-read":         {coverage: []inventory.Coverage{unread("Default"), unread("Profile 1")}},
		"nobody-could-read-it":          {coverage: []inventory.Coverage{nobody}, items: now.items},
		"all-is-carried-from-elsewhere": {coverage: []inventory.Coverage{carried}, items: now.items},
		"its-accounts-were-outside":     {now.coverage, now.items, []inventory.Account{outside}},
		"another-scope": {
			coverage: []inventory.Coverage{complete("Profile 9")}, items: []inventory.Item{extension("Profile 9", nil)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, rules(judgeScans(t, approved, &before, now))); diff != "" {
				t.Errorf("-without +with the baseline\n%s", diff)
			}
		})
	}
}
