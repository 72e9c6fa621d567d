package diff

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
)

func TestWhatTheBaselineHeldAndThePlatformNowSaysCannotBeThereWasNotRead(t *testing.T) {
	t.Parallel()
	const why = "single sign-on is not set up"
	of := func(name string) inventory.Source {
		return inventory.Source{Provider: inventory.GitHub, Name: inventory.Untrusted(name)}
	}
	read := func(name string) inventory.Coverage {
		return inventory.Coverage{Source: of(name), Status: inventory.StatusComplete}
	}
	nobody := func(name string) inventory.Coverage {
		return inventory.Coverage{Source: of(name), Status: inventory.StatusNotObservable, Unobservable: true, Reason: why}
	}
	credential := inventory.Item{
		Source: of("acme/credentials"), Kind: inventory.KindCredential, State: inventory.StateEnabled,
		App: inventory.App{ID: "credential/1"},
	}
	other := credential
	other.App.ID = "credential/2"
	grant := credential
	grant.Source, grant.Kind = of("acme/grants/former"), inventory.KindOAuthGrant
	account := accountOf(inventory.GitHub, "acme/members", "finance", nil)
	carried := read("acme/credentials")
	carried.CarriedFrom = "an-earlier-run"

	for _, test := range []struct {
		name          string
		before, after scan
		gap           inventory.Untrusted // empty: none
	}{
		{"the-list-held-something",
			scan{coverage: []inventory.Coverage{read("acme/credentials")}, items: []inventory.Item{credential, other}},
			scan{coverage: []inventory.Coverage{nobody("acme/credentials")}},
			"acme/credentials could not be read: the baseline holds 2 entries of it, and now: " + why},
		{"and-still-does-a-scan-later",
			scan{coverage: []inventory.Coverage{carried}, items: []inventory.Item{credential}},
			scan{coverage: []inventory.Coverage{nobody("acme/credentials")}},
			"acme/credentials could not be read: the baseline holds 1 entry of it, and now: " + why},
		{"the-list-held-accounts",
			scan{coverage: []inventory.Coverage{read("acme/members")}, accounts: []inventory.Account{account}},
			scan{coverage: []inventory.Coverage{nobody("acme/members")}},
			"acme/members could not be read: the baseline holds 1 entry of it, and now: " + why},
		{"the-list-was-empty",
			scan{coverage: []inventory.Coverage{read("acme/credentials")}},
			scan{coverage: []inventory.Coverage{nobody("acme/credentials")}}, ""},
		{"nobody-could-read-it-before-either",
			scan{coverage: []inventory.Coverage{nobody("acme/credentials")}},
			scan{coverage: []inventory.Coverage{nobody("acme/credentials")}}, ""},
		{"one-account-of-a-list-that-was-read",
			scan{coverage: []inventory.Coverage{read("acme/grants")}, items: []inventory.Item{grant}},
			scan{coverage: []inventory.Coverage{read("acme/grants"), nobody("acme/grants/former")}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			judgement := judgeScans(t, "", &test.before, test.after)
			var gap inventory.Untrusted
			for _, finding := range judgement.Findings {
				switch finding.Rule {
				case NotObserved:
					gap = finding.Why
				case Removed:
					t.Errorf("told to be removed: %s", finding.Why)
				}
			}
			if diff := cmp.Diff(test.gap, gap); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			isGap := false
			for _, coverage := range judgement.Coverage {
				isGap = isGap || coverage.IsGap()
			}
			if isGap != (test.gap != "") {
				t.Errorf("the judgement's coverage has a gap: %t", isGap)
			}
		})
	}
}
