package diff

import (
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

const scopes = "https://www.googleapis.com/auth/"

func installationOf(change func(*inventory.Item)) inventory.Item {
	source := inventory.Source{Provider: inventory.GitHub}.Join("acme").Join("installations")
	item := inventory.Item{
		Source: source, Kind: inventory.KindInstallation, State: inventory.StateEnabled,
		App: inventory.App{ID: "3001", Name: "Example CI", Publisher: "example-ci-vendor", Project: "example-ci-vendor",
			URL: "https://github.com/organizations/acme/settings/installations/5001"},
		Holder: inventory.Holder{Organization: "acme"},
		Access: inventory.Access{
			Permissions: []inventory.Untrusted{"contents:read", "metadata:read"}, Repositories: "selected",
			Basis: inventory.BasisGranted,
		},
	}
	if change != nil {
		change(&item)
	}
	return item
}

func hookOf(repository, id string, events ...inventory.Untrusted) inventory.Item {
	source := inventory.Source{Provider: inventory.GitHub}.Join("acme").Join("repositories").Join(inventory.Untrusted(repository))
	return inventory.Item{
		Source: source, Kind: inventory.KindWebhook, State: inventory.StateEnabled, Instance: inventory.Untrusted(id),
		App: inventory.App{ID: "ci.example", Name: "ci.example",
			URL: inventory.Untrusted("https://github.com/acme/" + repository + "/settings/hooks/" + id)},
		Holder: inventory.Holder{Organization: "acme", Repository: inventory.Untrusted(repository)},
		Access: inventory.Access{Permissions: events, Basis: inventory.BasisActive},
		Facts:  map[string]inventory.Untrusted{"host": "ci.example"},
	}
}

const allowInstallation = `
[[allow]]
kind = "app-installation"
id = "3001"
owner = "it@acme.example"
reason = "Builds"
approved = 2026-11-01
permissions = ["contents:read", "metadata:read"]
repositories = "selected"
`

const allowGrant = `
[[allow]]
kind = "oauth-grant"
project = "430000000003"
owner = "it@acme.example"
reason = "Bookkeeping"
approved = 2026-11-01
permissions = ["openid", "https://www.googleapis.com/auth/drive.file"]
`

const allowHook = `
[[allow]]
kind = "webhook"
id = "ci.example"
owner = "it@acme.example"
reason = "Builds"
approved = 2026-11-01
permissions = ["push"]
`

// TestWhatIsWiderThanApprovedSaysWhatWasApprovedAndWhatIsHeld holds the whole of each finding: the
// sentence, the values before and after, and where it is taken back.
func TestWhatIsWiderThanApprovedSaysWhatWasApprovedAndWhatIsHeld(t *testing.T) {
	t.Parallel()
	ledger := func(account string, permissions ...inventory.Untrusted) inventory.Item {
		return grantOf(account, "430000000003-web.apps.googleusercontent.com", "430000000003", "Ledger Books", permissions...)
	}
	for name, test := range map[string]struct {
		list               string
		items              []inventory.Item
		severity           inventory.Level
		why, before, after string
		remedy             string
		detail             string // of the last holder
	}{
		"a-grant-gained-a-scope": {
			allowGrant, []inventory.Item{ledger("it@acme.example", "openid", scopes+"drive.file", scopes+"drive.readonly")},
			inventory.Critical,
			"approved with openid, " + scopes + "drive.file; it also holds " + scopes + "drive.readonly",
			"openid, " + scopes + "drive.file", scopes + "drive.file, " + scopes + "drive.readonly, openid",
			"https://myaccount.google.com/connections", "",
		},
		"a-grant-whose-scopes-are-not-told": {
			allowGrant, []inventory.Item{ledger("it@acme.example")}, inventory.Medium,
			"approved with openid, " + scopes + "drive.file; what it may do now could not be read",
			"openid, " + scopes + "drive.file", "unknown", "https://myaccount.google.com/connections", "",
		},
		"two-holders-gained-different-scopes": {
			allowGrant, []inventory.Item{
				ledger("finance@acme.example", "openid", scopes+"drive.readonly"),
				ledger("it@acme.example", "openid", scopes+"gmail.labels"),
			}, inventory.Critical,
			"approved with openid, " + scopes + "drive.file; it also holds " + scopes + "drive.readonly, " + scopes + "gmail.labels",
			"openid, " + scopes + "drive.file", scopes + "drive.readonly, " + scopes + "gmail.labels, openid",
			"https://admin.google.com/ac/owl/list", "beyond the approval: " + scopes + "gmail.labels",
		},
		"a-further-client-of-the-approved-project-is-approved-with-the-same-pins": {
			allowGrant, []inventory.Item{
				grantOf("it@acme.example", "430000000003-ios.apps.googleusercontent.com", "430000000003", "Ledger", "openid",
					scopes+"drive"),
			}, inventory.Critical,
			"approved with openid, " + scopes + "drive.file; it also holds " + scopes + "drive",
			"openid, " + scopes + "drive.file", scopes + "drive, openid", "https://myaccount.google.com/connections", "",
		},
		"an-installation-gained-permissions": {
			allowInstallation, []inventory.Item{installationOf(func(i *inventory.Item) {
				i.Access.Permissions = []inventory.Untrusted{"contents:write", "metadata:read", "secrets:write"}
			})}, inventory.Critical,
			"approved with contents:read, metadata:read; it also holds contents:write, secrets:write",
			"contents:read, metadata:read", "contents:write, metadata:read, secrets:write",
			"https://github.com/organizations/acme/settings/installations/5001", "",
		},
		"an-installation-gained-a-permission-that-nobody-knew-of": {
			allowInstallation, []inventory.Item{installationOf(func(i *inventory.Item) {
				i.Access.Permissions = []inventory.Untrusted{"contents:read", "metadata:read", "telepathy:write"}
			})}, inventory.High,
			"approved with contents:read, metadata:read; it also holds telepathy:write",
			"contents:read, metadata:read", "contents:read, metadata:read, telepathy:write",
			"https://github.com/organizations/acme/settings/installations/5001", "",
		},
		"an-installation-went-from-selected-to-all-repositories": {
			allowInstallation, []inventory.Item{installationOf(func(i *inventory.Item) { i.Access.Repositories = "all" })},
			inventory.Critical,
			"approved for selected repositories; it reaches all", "selected repositories", "all repositories",
			"https://github.com/organizations/acme/settings/installations/5001", "",
		},
		"both": {
			allowInstallation, []inventory.Item{installationOf(func(i *inventory.Item) {
				i.Access.Permissions = append(i.Access.Permissions, "workflows:write")
				i.Access.Repositories = "all"
			})}, inventory.Critical,
			"approved with contents:read, metadata:read; it also holds workflows:write; approved for selected repositories; it reaches all",
			"contents:read, metadata:read; selected repositories",
			"contents:read, metadata:read, workflows:write; all repositories",
			"https://github.com/organizations/acme/settings/installations/5001", "",
		},
		"a-webhook-is-sent-more-events": {
			allowHook, []inventory.Item{hookOf("website", "7001", "push"),
				hookOf("billing", "7002", "push", "secret_scanning_alert")}, inventory.Medium,
			"approved to receive push; it also receives secret_scanning_alert", "push", "push, secret_scanning_alert",
			"https://github.com/acme/billing/settings/hooks/7002", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := ofRule(judgeScans(t, test.list, nil, scan{items: test.items}).Findings, DriftPermissions)
			if len(found) != 1 {
				t.Fatalf("%d findings: %+v", len(found), found)
			}
			f := found[0]
			if string(f.Why) != test.why || string(f.Before) != test.before || string(f.After) != test.after {
				t.Errorf("why %q\nbefore %q\nafter %q", f.Why, f.Before, f.After)
			}
			if f.Severity != test.severity {
				t.Errorf("severity %s, want %s", f.Severity, test.severity)
			}
			if !strings.Contains(string(f.Remedy), test.remedy) || f.Decided == nil || f.Approve == "" {
				t.Errorf("remedy %q, decided %v, proposal %q", f.Remedy, f.Decided, f.Approve)
			}
			if last := f.Holders[len(f.Holders)-1]; string(last.Detail) != test.detail {
				t.Errorf("the last holder's detail is %q", last.Detail)
			}
		})
	}
}

func TestWhatIsAsApprovedDriftsNot(t *testing.T) {
	t.Parallel()
	narrower := installationOf(func(i *inventory.Item) { i.Access.Permissions = []inventory.Untrusted{"metadata:read"} })
	for name, test := range map[string]struct {
		list string
		item inventory.Item
	}{
		"as pinned":        {allowInstallation, installationOf(nil)},
		"less than pinned": {allowInstallation, narrower},
		"a hook as pinned": {allowHook, hookOf("website", "7001", "push")},
		"a scope less": {allowGrant, grantOf("it@acme.example", "430000000003-web", "430000000003", "Ledger",
			"openid")},
		"another project's pin": {allowGrant, grantOf("it@acme.example", "77-web", "77", "Ledger Books", scopes+"drive")},
	} {
		if found := ofRule(judgeScans(t, test.list, nil, scan{items: []inventory.Item{test.item}}).Findings,
			DriftPermissions); len(found) != 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// TestChangesSinceTheLastScanAreTold: without a pin, the last scan is what an item is compared to.
func TestChangesSinceTheLastScanAreTold(t *testing.T) {
	t.Parallel()
	whole := func(item inventory.Item) inventory.Coverage {
		return inventory.Coverage{Source: item.Source, Status: inventory.StatusComplete}
	}
	const unpinned = "\n[[allow]]\nkind = \"app-installation\"\nid = \"3001\"\nowner = \"it@acme.example\"\nreason = \"Builds\"\napproved = 2026-11-01\n"
	const hooks = "\n[policy]\nhook_hosts = [\"ci.example\"]\n"
	for name, test := range map[string]struct {
		list        string
		before, now inventory.Item
		severity    inventory.Level
		why         string
	}{
		"an-installation-gained-a-permission": {unpinned, installationOf(nil), installationOf(func(i *inventory.Item) {
			i.Access.Permissions = append(i.Access.Permissions, "workflows:write")
		}), inventory.Critical, "the app's installation differs from the last scan: gained workflows:write"},
		"an-installation-reaches-all-repositories": {unpinned, installationOf(nil), installationOf(func(i *inventory.Item) {
			i.Access.Repositories = "all"
		}), inventory.Critical, "the app's installation differs from the last scan: gained all repositories"},
		"an-installation-was-suspended": {unpinned, installationOf(nil), installationOf(func(i *inventory.Item) {
			i.State = inventory.StateDisabled
		}), inventory.Info, "the app's installation differs from the last scan: state enabled → disabled"},
		"a-webhook-is-sent-more-events": {hooks, hookOf("website", "7001", "push"),
			hookOf("website", "7001", "push", "secret_scanning_alert"),
			inventory.Medium, "the webhook differs from the last scan: gained secret_scanning_alert"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judgement := judgeScans(t, test.list, &scan{coverage: []inventory.Coverage{whole(test.before)},
				items: []inventory.Item{test.before}},
				scan{coverage: []inventory.Coverage{whole(test.now)}, items: []inventory.Item{test.now}})
			found := ofRule(judgement.Findings, Changed)
			if len(found) != 1 || string(found[0].Why) != test.why || found[0].Severity != test.severity ||
				found[0].Remedy == "" {
				t.Errorf("%+v", found)
			}
		})
	}
}

func TestAnAppThatAsksForMoreIsToldWithWhatItHas(t *testing.T) {
	t.Parallel()
	item := installationOf(func(i *inventory.Item) {
		i.Access.Requested = []inventory.Untrusted{"contents:write",
			"secrets:read"}
	})
	found := ofRule(judgeScans(t, allowInstallation, nil, scan{items: []inventory.Item{item}}).Findings, PermissionRequest)
	if len(found) != 1 {
		t.Fatalf("%+v", found)
	}
	f := found[0]
	if f.Why != "it asks for more than it was granted: contents:write (has read), secrets:read (has none)" ||
		f.Before != "contents:read, metadata:read" || f.After != "contents:write, secrets:read" ||
		f.Severity != inventory.High ||
		f.Remedy != "ask an organization owner to accept or ignore the request at https://github.com/organizations/acme/settings/installations/5001" {
		t.Errorf("%+v", f)
	}
}

func TestATokenThatWaitsForApprovalIsTold(t *testing.T) {
	t.Parallel()
	item := tokenOf("finance", "73", "billing report")
	item.Kind, item.State = inventory.KindTokenRequest, inventory.StateDisabled
	item.App.URL = "https://github.com/organizations/acme/settings/personal-access-tokens/pending_requests"
	item.Access = inventory.Access{Requested: []inventory.Untrusted{"members:read"}, Repositories: "all"}
	found := judgeItems(t, item).Findings
	if len(found) != 1 || found[0].Rule != PermissionRequest ||
		found[0].Why != "a token waits for an owner's approval, and asks for members:read" ||
		!strings.HasPrefix(string(found[0].Remedy), "approve or deny it at https://") {
		t.Errorf("%+v", found)
	}
}

// TestChangesOfSeveralHoldersAreOneSentence: it sums up, and each holder says its own.
func TestChangesOfSeveralHoldersAreOneSentence(t *testing.T) {
	t.Parallel()
	const unpinned = "\n[[allow]]\nkind = \"oauth-grant\"\nproject = \"42\"\nowner = \"it@acme.example\"\nreason = \"needed\"\napproved = 2026-11-01\n"
	coverage := []inventory.Coverage{{Source: inventory.Source{Provider: inventory.GoogleWorkspace,
		Name: "acme.example/grants"}, Status: inventory.StatusComplete}}
	held := func(finance, it inventory.Untrusted) *scan {
		return &scan{coverage: coverage, items: []inventory.Item{
			grantOf("finance@acme.example", "42-web.apps.googleusercontent.com", "42", "Ledger", "openid", finance),
			grantOf("it@acme.example", "42-ios.apps.googleusercontent.com", "42", "Ledger", "openid", it),
		}}
	}
	found := ofRule(judgeScans(t, unpinned, held("openid", "openid"), *held("drive", "calendar")).Findings, Changed)
	if len(found) != 1 || found[0].Why != "the OAuth grant differs from the last scan: gained calendar, drive" ||
		found[0].Holders[0].Detail != "gained drive" || found[0].Holders[1].Detail != "gained calendar" {
		t.Errorf("%+v", found)
	}
	alike := ofRule(judgeScans(t, unpinned, held("openid", "openid"), *held("drive", "drive")).Findings, Changed)
	if len(alike) != 1 || alike[0].Why != "the OAuth grant differs from the last scan: gained drive" {
		t.Errorf("%+v", alike)
	}
}

func TestWhatAnAppAsksForIsThatOfAllOrganizations(t *testing.T) {
	t.Parallel()
	asks := func(organization inventory.Untrusted, held, wanted inventory.Untrusted) inventory.Item {
		return inventory.Item{
			Source: inventory.Source{Provider: inventory.GitHub, Name: organization + "/installations"},
			Kind:   inventory.KindInstallation,
			State:  inventory.StateEnabled, App: inventory.App{ID: "3001", Name: "Example CI"},
			Holder: inventory.Holder{Organization: organization},
			Access: inventory.Access{Permissions: []inventory.Untrusted{held}, Requested: []inventory.Untrusted{wanted}},
		}
	}
	found := ofRule(judgeItems(t, asks("acme", "contents:read", "contents:write"),
		asks("labs", "metadata:read", "secrets:write")).Findings, PermissionRequest)
	if len(found) != 1 || found[0].Why != "it asks for more than it was granted: contents:write (has read), secrets:write (has none)" ||
		found[0].Before != "contents:read, metadata:read" || found[0].After != "contents:write, secrets:write" {
		t.Errorf("%+v", found)
	}
}
