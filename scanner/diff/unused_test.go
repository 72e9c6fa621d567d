package diff

import (
	"fmt"
	"testing"

	"guestlist/scanner/inventory"
)

func TestAnEntryIsUnusedOnlyWhereTheScanSawEveryHolderThatItCanMean(t *testing.T) {
	t.Parallel()
	at := func(provider inventory.Provider, name inventory.Untrusted,
		change ...func(*inventory.Coverage)) inventory.Coverage {
		c := inventory.Coverage{Source: inventory.Source{Provider: provider, Name: name}, Status: inventory.StatusComplete}
		for _, each := range change {
			each(&c)
		}
		return c
	}
	failed := func(c *inventory.Coverage) { c.Status, c.Reason = inventory.StatusNotObservable, "403" }
	blind := func(c *inventory.Coverage) { failed(c); c.Unobservable = true }
	google := func(name inventory.Untrusted, change ...func(*inventory.Coverage)) inventory.Coverage {
		return at(inventory.GoogleWorkspace, name, change...)
	}
	github := func(name inventory.Untrusted, change ...func(*inventory.Coverage)) inventory.Coverage {
		return at(inventory.GitHub, name, change...)
	}
	chrome := at(inventory.ChromeManagement, "acme.example/extensions")
	const client = "42424242424-web.apps.googleusercontent.com"
	type covers = []inventory.Coverage
	for _, test := range []struct {
		name     string
		kind     inventory.Kind
		id, more string
		coverage covers
		unused   bool
	}{
		{"an extension, on one laptop", inventory.KindExtension, appID, "", covers{complete("Default")}, false},
		{"an extension of Firefox, on one laptop", inventory.KindExtension, "a@acme.example", "",
			covers{at(inventory.Firefox, "finance/firefox/default")}, false},
		{"an extension, in all managed browsers", inventory.KindExtension, appID, "", covers{chrome}, true},
		{"an extension of both families, in managed browsers of one", inventory.KindExtension, "a@acme.example", "",
			covers{chrome}, false},
		{"anything of that ID", "", appID, "", covers{chrome, google("acme.example/grants")}, false},
		{"a grant", inventory.KindOAuthGrant, client, "", covers{google("acme.example/grants")}, true},
		{"a grant, and another part failed", inventory.KindOAuthGrant, client, "",
			covers{google("acme.example/grants"), google("acme.example/app-passwords", failed)}, true},
		{"a grant, and one user could not be read", inventory.KindOAuthGrant, client, "",
			covers{google("acme.example/grants"), google("acme.example/grants/it@acme.example", failed)}, false},
		{"a grant, and another Workspace failed as a whole", inventory.KindOAuthGrant, client, "",
			covers{google("acme.example/grants"), google("labs.example", failed)}, false},
		{"a grant, by a scan that did not ask for grants", inventory.KindOAuthGrant, client, "",
			covers{google("acme.example/users")}, false},
		{"an app password, by a scan without them", inventory.KindAppPassword, "1", "",
			covers{google("acme.example/grants")}, false},
		{"a grant for people of this Workspace", inventory.KindOAuthGrant, client, "for = [\"*@acme.example\"]\n",
			covers{google("acme.example/grants")}, true},
		{"a grant for people of another", inventory.KindOAuthGrant, client, "for = [\"*@labs.example\"]\n",
			covers{google("acme.example/grants")}, false},
		{"an app", inventory.KindInstallation, "3001", "", covers{github("acme/installations")}, true},
		{"an app on an Enterprise Server", inventory.KindInstallation, "3001", "for = [\"labs\"]\n",
			covers{github("ghe.acme.example/labs/installations")}, true},
		{"an app of an organization that was not scanned", inventory.KindInstallation, "3001", "for = [\"labs\"]\n",
			covers{github("acme/installations")}, false},
		{"an app, and another organization failed", inventory.KindInstallation, "3001", "",
			covers{github("acme/installations"), github("labs/installations", failed)}, false},
		{"a deploy key, and no repository was looked at", inventory.KindDeployKey, "SHA256:x", "",
			covers{github("acme/installations")}, false},
		{"a deploy key, and all were", inventory.KindDeployKey, "SHA256:x", "", covers{github("acme/repositories")}, true},
		{"a hook, and only those of the organization were", inventory.KindWebhook, "ci.example", "",
			covers{github("acme/hooks")}, false},
		{"a hook, and all were", inventory.KindWebhook, "ci.example", "",
			covers{github("acme/hooks"), github("acme/repositories")}, true},
		{"a token, which this credential cannot see", inventory.KindAccessToken, "77", "",
			covers{github("acme/installations"), github("acme/tokens", blind)}, false},
	} {
		list := fmt.Sprintf("[[allow]]\nid = %q\nowner = \"it@acme.example\"\nreason = \"Work\"\napproved = 2026-11-01\n%s", test.id, test.more)
		if test.kind != "" {
			list += fmt.Sprintf("kind = %q\n", test.kind)
		}
		if found := ofRule(judgeScans(t, list, nil, scan{coverage: test.coverage}).Findings,
			ApprovalUnused); (len(found) == 1) != test.unused {
			t.Errorf("%s: %d findings, want %v", test.name, len(found), test.unused)
		}
	}
}

func TestAnEntryIsNotUnusedWhereUnitsAreLeftOut(t *testing.T) {
	t.Parallel()
	const list = "[[allow]]\nkind = \"oauth-grant\"\nproject = \"42424242424\"\nowner = \"it@acme.example\"\nreason = \"Work\"\napproved = 2026-11-01\n"
	inside := secure(inventory.GoogleWorkspace, "acme.example/users", "1", "it@acme.example", nil)
	outside := secure(inventory.GoogleWorkspace, "acme.example/users", "2", "qa@acme.example", func(a *inventory.Account) {
		a.Facts = map[string]inventory.Untrusted{inventory.FactOutsideUnits: "yes"}
	})
	if found := judgeScans(t, list, nil, organizationScan(inventory.GoogleWorkspace,
		[]inventory.Account{inside})).Findings; len(found) != 1 {
		t.Errorf("everybody was looked at: %v", briefly(found))
	}
	if found := judgeScans(t, list, nil, organizationScan(inventory.GoogleWorkspace,
		[]inventory.Account{inside, outside})).Findings; len(found) != 0 {
		t.Errorf("somebody was not: %v", briefly(found))
	}
}

func TestAnEntryIsNotUnusedWhereItsHolderCannotBeSeenAnyMore(t *testing.T) {
	t.Parallel()
	const list = "[[allow]]\nkind = \"oauth-grant\"\nproject = \"42\"\nowner = \"it@acme.example\"\nreason = \"Work\"\napproved = 2026-11-01\n"
	user := []inventory.Account{secure(inventory.GoogleWorkspace, "acme.example/users", "1", "it@acme.example", nil)}
	before := organizationScan(inventory.GoogleWorkspace, user,
		grantOf("it@acme.example", "42-web.apps.googleusercontent.com", "42", "Ledger", "drive.file"))
	after := organizationScan(inventory.GoogleWorkspace, user)
	after.coverage = append(after.coverage, inventory.Coverage{
		Source: inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/grants/it@acme.example"},
		Status: inventory.StatusNotObservable, Unobservable: true,
	})
	if found := judgeScans(t, list, &before, after).Findings; len(found) != 0 {
		t.Errorf("%v", briefly(found))
	}
}
