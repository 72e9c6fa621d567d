package diff

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// told is what a test says of a change.
func told(judgement *Judgement) []string {
	var all []string
	for i := range judgement.Difference.List {
		c := &judgement.Difference.List[i]
		line := fmt.Sprintf("%s %s %s", c.Severity, c.Kind, c.About)
		if c.App.ID != "" {
			line += " " + c.App.Name.String()
		}
		if c.What != "" {
			line += ": " + c.What.String()
		}
		if c.HolderCount != 1 {
			line += fmt.Sprintf(" (%d holders)", c.HolderCount)
		}
		if c.Everywhere {
			line += " everywhere"
		}
		all = append(all, line)
	}
	return all
}

func TestEveryKindOfChangeIsInTheDifference(t *testing.T) {
	t.Parallel()
	version := func(to inventory.Untrusted) func(*inventory.Item) { return func(i *inventory.Item) { i.Version = to } }
	more := func(i *inventory.Item) { i.Access.Permissions = append(i.Access.Permissions, "cookies") }
	fewer := func(i *inventory.Item) { i.Access.Permissions = []inventory.Untrusted{"storage"} }
	of := func(profile inventory.Untrusted, changes ...func(*inventory.Item)) inventory.Item {
		item := extension(profile, nil)
		for _, change := range changes {
			change(&item)
		}
		return item
	}
	one := []inventory.Coverage{complete("Default")}
	two := []inventory.Coverage{complete("Default"), complete("Profile 1")}
	carried := complete("Default")
	carried.CarriedFrom = "earlier"
	for _, test := range []struct {
		name          string
		list          string
		before, after scan
		want          []string
	}{
		{"an ordinary update of what is approved", approved, scan{one, []inventory.Item{of("Default")}, nil},
			scan{one, []inventory.Item{of("Default", version("1.1"))}, nil},
			[]string{"info changed app Acme Tabs: version 1.0 → 1.1"}},
		{"more access than before weighs what it is worth", approved, scan{one, []inventory.Item{of("Default")}, nil},
			scan{one, []inventory.Item{of("Default", more, version("1.1"))}, nil},
			[]string{"critical gained-access app Acme Tabs: version 1.0 → 1.1; gained cookies"}},
		{"less access", approved, scan{one, []inventory.Item{of("Default")}, nil},
			scan{one, []inventory.Item{of("Default", fewer)}, nil},
			[]string{"info lost-access app Acme Tabs: lost tabs"}},
		{"something approved is new here, and nowhere was before", approved, scan{one, nil, nil},
			scan{one, []inventory.Item{of("Default")}, nil},
			[]string{"info added app Acme Tabs everywhere"}},
		{"something that nobody approved weighs what it may do", "", scan{one, nil, nil},
			scan{one, []inventory.Item{of("Default")}, nil},
			[]string{"high added app Acme Tabs everywhere"}},
		{"it is in one more place", approved, scan{two, []inventory.Item{of("Default")}, nil},
			scan{two, []inventory.Item{of("Default"), of("Profile 1")}, nil}, []string{"info added app Acme Tabs"}},
		{"the same change in two places is one", approved, scan{two, []inventory.Item{of("Default"), of("Profile 1")}, nil},
			scan{two, []inventory.Item{of("Default", version("2")), of("Profile 1", version("2"))}, nil},
			[]string{"info changed app Acme Tabs: version 1.0 → 2 (2 holders)"}},
		{"it is gone from everywhere", approved, scan{one, []inventory.Item{of("Default")}, nil}, scan{one, nil, nil},
			[]string{"info removed app Acme Tabs everywhere"}},
		{"it is gone from one of two places", approved, scan{two, []inventory.Item{of("Default"), of("Profile 1")}, nil},
			scan{two, []inventory.Item{of("Default")}, nil}, []string{"info removed app Acme Tabs"}},
		{"what cannot be read is not removed, and said", approved, scan{one, []inventory.Item{of("Default")}, nil},
			scan{[]inventory.Coverage{unread("Default")}, nil, nil}, []string{"medium not-read source: permission denied"}},
		{"what could not be read the last time either is no news", approved,
			scan{[]inventory.Coverage{unread("Default")}, nil, nil},
			scan{[]inventory.Coverage{unread("Default")}, nil, nil}, nil},
		{"nor where the baseline keeps what an earlier scan read", approved, scan{[]inventory.Coverage{carried}, nil, nil},
			scan{[]inventory.Coverage{unread("Default")}, nil, nil}, nil},
		{"read again", approved, scan{[]inventory.Coverage{unread("Default")}, nil, nil}, scan{one, nil, nil},
			[]string{"info read-again source"}},
		{"read again after the baseline kept an earlier reading", approved, scan{[]inventory.Coverage{carried}, nil, nil},
			scan{one, nil, nil},
			[]string{"info read-again source"}},
		{"a source that is there for the first time and cannot be read", approved, scan{one, nil, nil},
			scan{[]inventory.Coverage{complete("Default"), unread("Profile 1")}, nil, nil},
			[]string{"medium not-read source: permission denied"}},
		{"a source that is not there any more, of which nothing is removed", approved,
			scan{two, []inventory.Item{of("Profile 1")}, nil}, scan{one, nil, nil},
			[]string{"info not-read source: it was read in the last scan, and is not there now"}},
		{"nothing", approved, scan{one, []inventory.Item{of("Default")}, nil},
			scan{one, []inventory.Item{of("Default")}, nil}, nil},
	} {
		judgement := judgeScans(t, test.list, &test.before, test.after)
		if diff := cmp.Diff(test.want, told(judgement)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if total := judgement.Difference.Total(); total != len(test.want) {
			t.Errorf("%s: %d are counted", test.name, total)
		}
	}
}

func TestAccountsThatCameLeftOrChangedAreInTheDifference(t *testing.T) {
	t.Parallel()
	users := inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/users"}
	read := []inventory.Coverage{{Source: users, Status: inventory.StatusComplete}}
	account := func(id inventory.Untrusted, change func(*inventory.Account)) inventory.Account {
		a := inventory.Account{Source: users, ID: id, Login: id + "@acme.example", Admin: inventory.No,
			TwoFactor: inventory.Yes}
		if change != nil {
			change(&a)
		}
		return a
	}
	before := scan{coverage: read, accounts: []inventory.Account{account("1", nil), account("2", nil),
		account("3", nil), account("4", nil)}}
	after := scan{coverage: read, accounts: []inventory.Account{
		account("1", func(a *inventory.Account) { a.Admin = inventory.Yes }),
		account("2", func(a *inventory.Account) { a.TwoFactor = inventory.No }),
		account("4", func(a *inventory.Account) { a.TwoFactor = inventory.Unknown }), account("5", nil),
	}}
	judgement := judgeScans(t, approved, &before, after)
	want := []string{
		"high gained-access account: 1 account of acme.example became an administrator",
		"medium changed account: 1 account of acme.example had a second factor and has none now",
		"info added account: 1 account is new in acme.example",
		"info removed account: 1 account of acme.example was deleted, and what it held is gone",
	}
	if diff := cmp.Diff(want, told(judgement)); diff != "" {
		t.Error(diff)
	}
	subjects := make(map[SubjectKey]bool)
	for i := range judgement.Findings {
		subjects[judgement.Findings[i].Subject()] = true
	}
	for i := range judgement.Difference.List {
		if c := &judgement.Difference.List[i]; !subjects[c.Subject()] {
			t.Errorf("no finding is about the same as %q", c.What)
		}
	}
}

func TestAFirstScanHasNoDifference(t *testing.T) {
	t.Parallel()
	judgement := judgeScans(t, "", nil, scan{coverage: []inventory.Coverage{complete("Default")},
		items: []inventory.Item{extension("Default", nil)}})
	if judgement.Difference.Total() != 0 || len(judgement.Difference.List) != 0 {
		t.Errorf("%v", told(judgement))
	}
}

func TestALongDifferenceIsCountedWholeAndItsSeriousPartIsListed(t *testing.T) {
	t.Parallel()
	const ordinary, serious = 3*MaxChanges + 7, 5
	d := newDifference(ownRisk{})
	add := func(n int, item inventory.Item, c change) {
		item.App.ID = inventory.Untrusted(fmt.Sprintf("%032d", n))
		for range 2 { // the same one twice is one
			d.item(&item, c, risk.Assess(&item), false)
		}
	}
	for n := range ordinary {
		add(n, extension("Default", nil), change{rule: Changed, version: fromTo{"1", "2"}})
	}
	for n := range serious {
		c := change{rule: Changed, publisher: fromTo{"a", "b"}}
		add(ordinary+n, extension("Default", func(i *inventory.Item) { i.Access.Hosts = []inventory.Untrusted{"<all_urls>"} }), c)
	}
	j := &judge{difference: d}
	got := j.finishDifference()
	if count := got.Counts[ChangeOther]; count != ordinary+serious {
		t.Errorf("%d changes are counted, want %d", count, ordinary+serious)
	}
	if len(got.List) != MaxChanges+serious || got.List[serious-1].Severity != inventory.High ||
		got.List[serious].Severity != inventory.Info {
		t.Errorf("%d are listed", len(got.List))
	}
}

func TestWhatIsSaidOfOneAppHasOneSubjectAndItsApproval(t *testing.T) {
	t.Parallel()
	two := []inventory.Coverage{complete("Default"), complete("Profile 1")}
	wide := extension("Profile 1", func(i *inventory.Item) {
		i.Access.Permissions = append(i.Access.Permissions,
			"cookies")
	})
	wide.Mark(inventory.MarkVendor, inventory.MarkDelisted, "")
	judgement := judgeScans(t, approved+"\n[[require]]\nid = \"aaaabbbbccccddddeeeeffffgggghhhh\"\nreason = \"Everyone has it\"\n", nil,
		scan{coverage: append(two, inventory.Coverage{
			Source: inventory.Source{Provider: inventory.Chromium, Host: "laptop-01", Name: "intern/chromium/Default"},
			Status: inventory.StatusComplete,
		}), items: []inventory.Item{extension("Default", nil), wide}})
	if len(judgement.Subjects) != 1 {
		t.Fatalf("%d subjects", len(judgement.Subjects))
	}
	subject := judgement.Subjects[0]
	var rules []Rule
	for i := range judgement.Findings {
		if f := &judgement.Findings[i]; f.Subject() == subject.Subject() {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	if diff := cmp.Diff([]Rule{DriftPermissions, RequiredMissing, VendorBlocked}, rules); diff != "" {
		t.Error(diff)
	}
	want := []Approval{{
		Decision: "allowed", At: Position{File: "allowlist.toml", Line: 3}, Owner: "it@acme.example",
		Reason: "Sorts tabs", Approved: "2026-11-01",
	}}
	if diff := cmp.Diff(want, subject.Approvals); diff != "" || subject.HolderCount != 2 || subject.Revoke == "" {
		t.Errorf("%d holders, %q, %s", subject.HolderCount, subject.Revoke, diff)
	}
}
