package diff

import (
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func accountOf(provider inventory.Provider, source, login string, change func(*inventory.Account)) inventory.Account {
	account := inventory.Account{
		Source: inventory.Source{Provider: provider, Name: inventory.Untrusted(source)},
		ID:     inventory.Untrusted("id-" + login),
		Login:  inventory.Untrusted(login), TwoFactor: inventory.No, TwoFactorEnforced: inventory.No,
	}
	if change != nil {
		change(&account)
	}
	return account
}

func TestSecondFactorsAreToldInOneSentence(t *testing.T) {
	t.Parallel()
	github := func(login string, change func(*inventory.Account)) inventory.Account {
		return accountOf(inventory.GitHub, "acme/members", login, change)
	}
	google := func(login string, change func(*inventory.Account)) inventory.Account {
		return accountOf(inventory.GoogleWorkspace, "acme.example/users", login, change)
	}
	weak := func(a *inventory.Account) { a.TwoFactor, a.TwoFactorWeak = inventory.Yes, inventory.Yes }
	admin := func(a *inventory.Account) { a.Admin = inventory.Yes }
	const required = "[policy]\nrequire_two_factor = true\n"
	for name, test := range map[string]struct {
		list     string
		accounts []inventory.Account
		severity inventory.Level // empty: no finding
		why      string
		detail   string // of the last account
		page     string
	}{
		"one-person-without-a-policy": {"", []inventory.Account{google("sales@acme.example", nil)}, inventory.Medium,
			"1 person of acme.example has 2-Step Verification off; the platform does not enforce it", "off",
			"https://admin.google.com/ac/security/2sv"},
		"an-admin-without-a-policy": {"", []inventory.Account{google("it@acme.example", admin)}, inventory.High,
			"1 person of acme.example has 2-Step Verification off; the platform does not enforce it", "off",
			"https://admin.google.com/ac/security/2sv"},
		"enforced-and-not-yet-switched-on": {required,
			[]inventory.Account{google("sales@acme.example", func(a *inventory.Account) {
				a.TwoFactorEnforced = inventory.Yes
			})}, inventory.High, "1 person of acme.example has 2-Step Verification off; policy.require_two_factor is set",
			"off, though it is enforced",
			"https://admin.google.com/ac/security/2sv"},
		"an-account-that-never-signed-in": {required,
			[]inventory.Account{google("printer@acme.example", func(a *inventory.Account) {
				a.Facts = map[string]inventory.Untrusted{"last_login": "never"}
			})}, inventory.High, "1 person of acme.example has 2-Step Verification off; policy.require_two_factor is set, and the platform does not enforce it",
			"off, never signed in", "2sv"},
		"off-and-insecure-with-a-guest": {required, []inventory.Account{
			github("finance", nil), github("support", weak),
			github("z-contractor", func(a *inventory.Account) { a.Guest = inventory.Yes }),
		}, inventory.High, "2 people of acme have two-factor authentication off; 1 person has two-factor authentication on by a method that the " +
			"platform calls insecure, such as text messages; policy.require_two_factor is set, and the platform does not enforce it",
			"guest, off", "https://github.com/organizations/acme/settings/security"},
		"insecure-only-required-by-the-organization": {"", []inventory.Account{github("support", func(a *inventory.Account) {
			weak(a)
			a.TwoFactorEnforced = inventory.Yes
		})}, inventory.Low, "1 person of acme has two-factor authentication on by a method that the platform calls insecure, such as text messages",
			"by an insecure method", "https://github.com/organizations/acme/settings/security"},
		"an-Enterprise-Server": {"", []inventory.Account{accountOf(inventory.GitHub, "ghe.acme.example/acme/members",
			"finance", nil)}, inventory.Medium,
			"1 person of ghe.acme.example/acme has two-factor authentication off; the platform does not enforce it", "off",
			"https://ghe.acme.example/organizations/acme/settings/security"},
		"one's-own": {"[policy]\nrequire_two_factor = false\n",
			[]inventory.Account{accountOf(inventory.GitHub, "employee/account", "employee", func(a *inventory.Account) {
				a.Facts = map[string]inventory.Untrusted{inventory.FactOwn: "yes"}
			})}, inventory.High, "two-factor authentication of your account is off", "off",
			"https://github.com/settings/security"},
		"unknown-is-not-off": {required, []inventory.Account{google("it@acme.example", func(a *inventory.Account) {
			a.TwoFactor, a.TwoFactorEnforced, a.TwoFactorWeak = inventory.Unknown, inventory.Unknown, inventory.Unknown
		})}, "", "", "", ""},
		"suspended-and-archived-accounts-sign-nobody-in": {required, []inventory.Account{
			google("former@acme.example", func(a *inventory.Account) { a.Suspended = inventory.Yes }),
			google("archive@acme.example", func(a *inventory.Account) { a.Archived = inventory.Yes }),
		}, "", "", "", ""},
		"a-policy-that-does-without": {"[policy]\nrequire_two_factor = false\n",
			[]inventory.Account{google("sales@acme.example", nil)}, "", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := judgeScans(t, test.list, nil, scan{accounts: test.accounts}).Findings
			if test.severity == "" {
				if len(findings) != 0 {
					t.Errorf("%+v", findings)
				}
				return
			}
			if len(findings) != 1 || findings[0].Rule != TwoFactorOff || findings[0].HolderCount != len(test.accounts) {
				t.Fatalf("%+v", findings)
			}
			f := findings[0]
			if string(f.Why) != test.why || f.Severity != test.severity {
				t.Errorf("%s: %q", f.Severity, f.Why)
			}
			if last := f.Holders[len(f.Holders)-1]; string(last.Detail) != test.detail ||
				!strings.Contains(string(f.Remedy), test.page) {
				t.Errorf("detail %q, remedy %q", last.Detail, f.Remedy)
			}
		})
	}
}

func TestOnesOwnKeysAreToldOldestFirstAndApprovedByNobody(t *testing.T) {
	t.Parallel()
	own := accountOf(inventory.GitHub, "employee/account", "employee", func(a *inventory.Account) {
		a.TwoFactor, a.Facts = inventory.Yes, map[string]inventory.Untrusted{inventory.FactOwn: "yes"}
	})
	key := func(id, name string, days int) inventory.Item {
		return inventory.Item{
			Source: inventory.Source{Provider: inventory.GitHub, Name: "employee/ssh-keys"}, Kind: inventory.KindSSHKey,
			State: inventory.StateEnabled,
			App: inventory.App{ID: inventory.Untrusted(id), Name: inventory.Untrusted(name),
				URL: "https://github.com/settings/keys"},
			Holder: inventory.Holder{Account: "employee"}, Added: now.AddDate(0, 0, -days),
		}
	}
	items := []inventory.Item{key("SHA256:a", "laptop", 60), key("SHA256:b", "old laptop", 1500)}
	for _, list := range []string{"", "[policy]\n"} {
		findings := judgeScans(t, list, nil, scan{accounts: []inventory.Account{own}, items: items}).Findings
		if len(findings) != 1 || findings[0].Rule != OwnCredential || findings[0].Severity != inventory.Info ||
			findings[0].Approve != "" ||
			findings[0].Holders[0].Detail != "old laptop" || findings[0].Holders[1].Detail != "laptop" {
			t.Errorf("with the allowlist %q: %+v", list, findings)
		}
	}
	// The same key in an organization's list is the organization's matter.
	if findings := judgeScans(t, "", nil, scan{items: items}).Findings; len(findings) != 1 ||
		findings[0].Rule != Unapproved {
		t.Errorf("without an own account: %+v", findings)
	}
}

func TestASecondFactorThatWasSwitchedOffIsAChange(t *testing.T) {
	t.Parallel()
	off := accountOf(inventory.GoogleWorkspace, "acme.example/users", "sales@acme.example", nil)
	for name, test := range map[string]struct {
		before inventory.Answer
		change Rule
	}{"it was on": {inventory.Yes, Changed}, "it was off": {inventory.No, ""}, "nobody knew": {inventory.Unknown, ""}} {
		before := off
		before.TwoFactor = test.before
		findings := judgeScans(t, "", &scan{accounts: []inventory.Account{before}},
			scan{accounts: []inventory.Account{off}}).Findings
		if len(findings) != 1 || findings[0].Change != test.change ||
			strings.Contains(string(findings[0].Holders[0].Detail), "was on in the last scan") != (test.change == Changed) {
			t.Errorf("%s: %+v", name, findings)
		}
	}
}

func TestSecretGistsAreReviewedOnTheHostThatHasThem(t *testing.T) {
	t.Parallel()
	for source, page := range map[string]string{
		"employee/account":                  "https://gist.github.com/",
		"ghe.acme.example/employee/account": "https://ghe.acme.example/gist/",
	} {
		own := accountOf(inventory.GitHub, source, "employee", func(a *inventory.Account) {
			a.TwoFactor, a.Facts = inventory.Yes, map[string]inventory.Untrusted{inventory.FactOwn: "yes",
				inventory.FactSecretGists: "2"}
		})
		findings := judgeScans(t, "", nil, scan{accounts: []inventory.Account{own}}).Findings
		want := inventory.Untrusted("review them at " + page + " and delete what must not be seen")
		if len(findings) != 1 || findings[0].Rule != ObscureLink || findings[0].Remedy != want {
			t.Errorf("%s: %+v", source, findings)
		}
	}
}
