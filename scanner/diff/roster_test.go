package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
)

// organizationScan is a scan of an organization that read everything.
func organizationScan(provider inventory.Provider, accounts []inventory.Account, items ...inventory.Item) scan {
	s := scan{accounts: accounts, items: items}
	names := []string{"acme/members", "acme/outside-collaborators", "acme/credentials"}
	if provider == inventory.GoogleWorkspace {
		names = []string{"acme.example/users", "acme.example/grants", "acme.example/app-passwords"}
	}
	for _, name := range names {
		s.coverage = append(s.coverage, inventory.Coverage{
			Source: inventory.Source{Provider: provider, Name: inventory.Untrusted(name)}, Status: inventory.StatusComplete,
		})
	}
	return s
}

// secure is an account that nothing is to be said of but what change makes of it.
func secure(provider inventory.Provider, source, id, login string, change func(*inventory.Account)) inventory.Account {
	return accountOf(provider, source, login, func(a *inventory.Account) {
		a.ID, a.TwoFactor, a.Admin = inventory.Untrusted(id), inventory.Yes, inventory.No
		if change != nil {
			change(a)
		}
	})
}

func briefly(findings []Finding) []string {
	var all []string
	for _, f := range findings {
		text := fmt.Sprintf("%s %s: %s", f.Severity, f.Rule, f.Why)
		for _, holder := range f.Holders {
			text += fmt.Sprintf(" [%s]", strings.TrimSuffix(fmt.Sprintf("%s, %s", holder.Holder.Account, holder.Detail), ", "))
		}
		all = append(all, text)
	}
	return all
}

func TestAccountsAreComparedToTheBaseline(t *testing.T) {
	t.Parallel()
	type accounts = []inventory.Account
	member := func(id, login string, change func(*inventory.Account)) inventory.Account {
		return secure(inventory.GitHub, "acme/members", id, login, change)
	}
	outsider := func(id, login string) inventory.Account {
		return secure(inventory.GitHub, "acme/outside-collaborators", id, login,
			func(a *inventory.Account) { a.Guest = inventory.Yes })
	}
	user := func(id, login string, change func(*inventory.Account)) inventory.Account {
		return secure(inventory.GoogleWorkspace, "acme.example/users", id, login, func(a *inventory.Account) {
			a.Guest, a.Suspended, a.Archived, a.Unit = inventory.No, inventory.No, inventory.No, "/Sales"
			if change != nil {
				change(a)
			}
		})
	}
	admin := func(a *inventory.Account) { a.Admin = inventory.Yes }
	guest := func(a *inventory.Account) { a.Guest = inventory.Yes }
	asleep := func(a *inventory.Account) { a.Suspended = inventory.Yes }
	unknown := func(a *inventory.Account) {
		a.Admin, a.Guest, a.Suspended = inventory.Unknown, inventory.Unknown, inventory.Unknown
	}
	outside := func(a *inventory.Account) {
		a.Unit, a.Facts = "/Support", map[string]inventory.Untrusted{inventory.FactOutsideUnits: "yes"}
	}
	for _, test := range []struct {
		name        string
		provider    inventory.Provider
		before, now accounts
		want        []string
	}{
		{"nothing", inventory.GitHub, accounts{member("1", "it", admin)}, accounts{member("1", "it", admin)}, nil},
		{"ordinary-new-members-are-summed-up", inventory.GitHub, accounts{member("1", "it", admin)},
			accounts{member("1", "it", admin), member("2", "dev", nil), member("3", "qa", nil)},
			[]string{"info new: 2 accounts are new in acme [dev] [qa]"}},
		{"an-outside-collaborator", inventory.GitHub, accounts{member("1", "it", admin)},
			accounts{member("1", "it", admin), outsider("9", "stranger")},
			[]string{"medium new: 1 account from outside was given access to acme (outside collaborator) [stranger]"}},
		{"a-guest-of-a-Workspace", inventory.GoogleWorkspace, accounts{user("1", "it@acme.example", nil)},
			accounts{user("1", "it@acme.example", nil), user("2", "guest@other.example", guest)},
			[]string{"medium new: 1 account from outside was given access to acme.example (guest) [guest@other.example]"}},
		{"a-new-account-with-all-rights", inventory.GitHub, accounts{member("1", "it", nil)},
			accounts{member("1", "it", nil), member("2", "boss", admin)},
			[]string{"high new: 1 new account of acme has the rights of an owner [boss]"}},
		{"a-new-one-that-is-suspended", inventory.GoogleWorkspace, accounts{user("1", "it@acme.example", nil)},
			accounts{user("1", "it@acme.example", nil),
				user("2", "later@acme.example", func(a *inventory.Account) { admin(a); asleep(a) })},
			[]string{"info new: 1 account is new in acme.example [later@acme.example]"}},
		{"a-member-who-became-an-owner", inventory.GitHub, accounts{member("1", "it", nil)},
			accounts{member("1", "it", admin)},
			[]string{"high changed: 1 account of acme became an owner [it]"}},
		{"two-users-who-became-administrators", inventory.GoogleWorkspace, accounts{user("1", "a", nil), user("2", "b", nil)},
			accounts{user("1", "a", admin), user("2", "b", admin)},
			[]string{"high changed: 2 accounts of acme.example became administrators [a] [b]"}},
		{"an-owner-no-more", inventory.GitHub, accounts{member("1", "it", admin)}, accounts{member("1", "it", nil)},
			[]string{"info changed: 1 account of acme is no longer an owner [it]"}},
		{"a-member-who-became-a-guest-is-no-new-account", inventory.GitHub, accounts{member("1", "it", nil)},
			accounts{outsider("1", "it")},
			[]string{"low changed: 1 member of acme is now a guest (outside collaborator) [it]"}},
		{"and-the-other-way", inventory.GitHub, accounts{outsider("1", "it")}, accounts{member("1", "it", nil)},
			[]string{"medium changed: 1 guest of acme became a member [it]"}},
		{"suspended", inventory.GoogleWorkspace, accounts{user("1", "it", nil)}, accounts{user("1", "it", asleep)},
			[]string{"info changed: 1 account of acme.example was suspended or archived [it]"}},
		{"and-active-again", inventory.GoogleWorkspace, accounts{user("1", "it", asleep)}, accounts{user("1", "it", nil)},
			[]string{"low changed: 1 account of acme.example that was suspended is active again [it]"}},
		{"what-was-not-known-is-no-change", inventory.GoogleWorkspace, accounts{user("1", "it", unknown)},
			accounts{user("1", "it", func(a *inventory.Account) { admin(a); guest(a) })}, nil},
		{"what-is-not-known-is-none-either", inventory.GoogleWorkspace, accounts{user("1", "it", admin)},
			accounts{user("1", "it", unknown)}, nil},
		{"another-address", inventory.GoogleWorkspace, accounts{user("1", "old@acme.example", nil)},
			accounts{user("1", "new@acme.example", nil)},
			[]string{"info changed: 1 account of acme.example has a new address [new@acme.example, was old@acme.example]"}},
		{"another-login", inventory.GitHub, accounts{member("1", "it", nil)}, accounts{member("1", "ops", nil)},
			[]string{"info changed: 1 account of acme has a new login [ops, was it]"}},
		{"a-user-who-was-deleted", inventory.GoogleWorkspace, accounts{user("1", "it", nil), user("2", "b", nil)},
			accounts{user("1", "it", nil)},
			[]string{"info removed: 1 account of acme.example was deleted, and what it held is gone [b]"}},
		{"a-member-who-left", inventory.GitHub, accounts{member("1", "it", nil), member("2", "b", nil)},
			accounts{member("1", "it", nil)},
			[]string{"info removed: 1 account of acme left, and what it held is gone [b]"}},
		{"a-user-who-left-the-units", inventory.GoogleWorkspace, accounts{user("1", "it", nil)},
			accounts{user("1", "it", outside)},
			[]string{"info changed: 1 account of acme.example left what is scanned; what it holds was not checked [it, now in /Support]"}},
		{"and-who-came-into-them", inventory.GoogleWorkspace, accounts{user("1", "it", outside)},
			accounts{user("1", "it", nil)},
			[]string{"info changed: 1 account of acme.example came into what is scanned; what it holds was not checked before [it, was in /Support]"}},
		{"who-is-outside-came-went-and-changed-unseen", inventory.GoogleWorkspace,
			accounts{user("1", "it", outside), user("2", "b", outside)},
			accounts{user("1", "it", func(a *inventory.Account) { outside(a); admin(a) }), user("3", "c", outside)}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := organizationScan(test.provider, test.before)
			judgement := judgeScans(t, "[policy]\n", &before, organizationScan(test.provider, test.now))
			if diff := cmp.Diff(test.want, briefly(judgement.Findings)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, f := range judgement.Findings {
				if (f.Severity != inventory.Info) != strings.Contains(string(f.Remedy), " at https://") {
					t.Errorf("%s has the remedy %q", f.Why, f.Remedy)
				}
			}
		})
	}
}

func TestAccountsOfAListThatWasNotReadAreNeitherNewNorGone(t *testing.T) {
	t.Parallel()
	it := secure(inventory.GitHub, "acme/members", "1", "it", nil)
	whole := organizationScan(inventory.GitHub, []inventory.Account{it})
	partly := organizationScan(inventory.GitHub, nil)
	partly.coverage[0].Status = inventory.StatusPartial
	for name, scans := range map[string][2]scan{"new": {partly, whole}, "gone": {whole, partly}} {
		found := judgeScans(t, "[policy]\n", &scans[0], scans[1]).Findings
		if found = slices.DeleteFunc(found, func(f Finding) bool { return f.Rule == NotObserved }); len(found) != 0 {
			t.Errorf("%s: %v", name, briefly(found))
		}
	}
}

func TestAccountsAreToldWhereOnlyTheirPropertiesWereNotRead(t *testing.T) {
	t.Parallel()
	it := secure(inventory.GitHub, "acme/members", "1", "it", nil)
	stranger := secure(inventory.GitHub, "acme/outside-collaborators", "9", "stranger", func(a *inventory.Account) {
		a.Guest, a.TwoFactor = inventory.Yes, inventory.Unknown
	})
	listed := func(accounts ...inventory.Account) scan {
		s := organizationScan(inventory.GitHub, accounts)
		for n := range s.coverage {
			s.coverage[n].Status, s.coverage[n].AllListed = inventory.StatusPartial, true
		}
		return s
	}
	before := listed(it)
	if found := ofRule(judgeScans(t, "[policy]\n", &before, listed(it, stranger)).Findings, New); len(found) != 1 {
		t.Errorf("came: %v", briefly(found))
	}
	before = listed(it, stranger)
	if found := ofRule(judgeScans(t, "[policy]\n", &before, listed(it)).Findings, Removed); len(found) != 1 {
		t.Errorf("left: %v", briefly(found))
	}
}

func TestWhatAnAccountHeldIsToldWithTheAccount(t *testing.T) {
	t.Parallel()
	const client = "42-web.apps.googleusercontent.com"
	const entry = "[[allow]]\nkind = \"oauth-grant\"\nid = \"" + client + "\"\nowner = \"it@acme.example\"\nreason = \"Books\"\napproved = 2026-11-01\n"
	user := func(login string, change func(*inventory.Account)) inventory.Account {
		return secure(inventory.GoogleWorkspace, "acme.example/users", "1", login, change)
	}
	outside := func(a *inventory.Account) {
		a.Facts = map[string]inventory.Untrusted{inventory.FactOutsideUnits: "yes"}
	}
	holding := func(login string, change func(*inventory.Account)) scan {
		return organizationScan(inventory.GoogleWorkspace, []inventory.Account{user(login, change)},
			grantOf(login, client, "42", "Ledger", "drive.file"))
	}
	nothing := func(login string, change func(*inventory.Account)) scan {
		return organizationScan(inventory.GoogleWorkspace, []inventory.Account{user(login, change)})
	}
	for _, test := range []struct {
		name          string
		before, after scan
		want          []string
		counts        string // new, removed
	}{
		{"renamed", holding("old@acme.example", nil), holding("new@acme.example", nil),
			[]string{"info changed: 1 account of acme.example has a new address [new@acme.example, was old@acme.example]"},
			"0 0"},
		{"renamed, and the grant is gone", holding("old@acme.example", nil), nothing("new@acme.example", nil),
			[]string{"info approval-unused: nothing that was scanned matches this entry",
				"info removed: the OAuth grant was there in the last scan and is gone [new@acme.example]",
				"info changed: 1 account of acme.example has a new address [new@acme.example, was old@acme.example]"}, "0 1"},
		{"deleted", holding("it@acme.example", nil), organizationScan(inventory.GoogleWorkspace, nil),
			[]string{"info approval-unused: nothing that was scanned matches this entry",
				"info removed: 1 account of acme.example was deleted, and what it held is gone [it@acme.example, held 1 OAuth grant]"}, "0 1"},
		{"out of the units", holding("it@acme.example", nil), nothing("it@acme.example", outside),
			[]string{"info changed: 1 account of acme.example left what is scanned; what it holds was not checked [it@acme.example]"}, "0 0"},
		{"renamed and out of the units", holding("old@acme.example", nil), nothing("new@acme.example", outside),
			[]string{"info changed: 1 account of acme.example left what is scanned; what it holds was not checked [new@acme.example]"}, "0 0"},
		{"into the units", nothing("it@acme.example", outside), holding("it@acme.example", nil),
			[]string{"info changed: 1 account of acme.example came into what is scanned; what it holds was not checked before [it@acme.example]"}, "0 0"},
	} {
		judgement := judgeScans(t, entry, &test.before, test.after)
		if diff := cmp.Diff(test.want, briefly(judgement.Findings)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if counts := fmt.Sprint(judgement.Counts.New, judgement.Counts.Removed); counts != test.counts {
			t.Errorf("%s: %s new and removed, want %s", test.name, counts, test.counts)
		}
	}
}

func TestABaselineOfAVersionWithoutAccountIDsBringsNothingNew(t *testing.T) {
	t.Parallel()
	users := []inventory.Account{secure(inventory.GoogleWorkspace, "acme.example/users", "1", "it@acme.example", nil)}
	grant := grantOf("it@acme.example", "42-web.apps.googleusercontent.com", "42", "Ledger", "drive.file")
	before := organizationScan(inventory.GoogleWorkspace, users, grant)
	grant.Holder.AccountID = "1"
	judgement := judgeScans(t, "[policy]\n", &before, organizationScan(inventory.GoogleWorkspace, users, grant))
	if c := judgement.Counts; c.New+c.Changed+c.Removed != 0 || len(judgement.Findings) != 1 ||
		judgement.Findings[0].Change != "" {
		t.Errorf("%+v: %v", c, briefly(judgement.Findings))
	}
}

func TestARenamedAccountThatCouldNotBeReadBeforeHoldsNothingNew(t *testing.T) {
	t.Parallel()
	user := func(login string) []inventory.Account {
		return []inventory.Account{secure(inventory.GoogleWorkspace, "acme.example/users", "1", login, nil)}
	}
	before := organizationScan(inventory.GoogleWorkspace, user("old@acme.example"))
	before.coverage = append(before.coverage, inventory.Coverage{
		Source:       inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/grants/old@acme.example"},
		Status:       inventory.StatusNotObservable,
		Unobservable: true,
	})
	after := organizationScan(inventory.GoogleWorkspace, user("new@acme.example"),
		grantOf("new@acme.example", "42-web.apps.googleusercontent.com", "42", "Ledger", "drive"))
	judgement := judgeScans(t, "[policy]\n", &before, after)
	if judgement.Counts.New != 0 {
		t.Errorf("%d new: %v", judgement.Counts.New, briefly(judgement.Findings))
	}
}
