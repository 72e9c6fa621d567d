package diff

import (
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func TestWhatIsAmissWithCredentialsIsGatheredByOrganization(t *testing.T) {
	t.Parallel()
	credential := func(account, id string, change func(*inventory.Item)) inventory.Item {
		item := tokenOf(account, id, "script "+id)
		item.Marks = nil
		item.App.URL = inventory.Untrusted("https://github.com/orgs/acme/people/" + account + "/sso")
		if change != nil {
			change(&item)
		}
		return item
	}
	at := func(days int) func(*inventory.Item) {
		return func(i *inventory.Item) { i.LastUsed = now.AddDate(0, 0, -days) }
	}
	never := func(days int) func(*inventory.Item) {
		return func(i *inventory.Item) {
			i.Added, i.Facts = now.AddDate(0, 0, -days), map[string]inventory.Untrusted{"never_used": "true"}
		}
	}
	noExpiry := func(i *inventory.Item) { i.Mark(inventory.MarkNote, inventory.MarkNoExpiry, "") }
	left := func(i *inventory.Item) {
		i.Mark(inventory.MarkNote, inventory.MarkOwnerLeft, "former is neither a member nor an outside collaborator")
	}
	for name, test := range map[string]struct {
		list    string
		items   []inventory.Item
		rule    Rule
		why     string // empty: no such finding
		details []string
		remedy  string
	}{
		"without-an-end": {"[policy]\n", []inventory.Item{credential("finance", "1", noExpiry),
			credential("support", "2", noExpiry)}, TokenNoExpiry,
			"credentials that never expire", []string{"script 1", "script 2"},
			"revoke them at https://github.com/orgs/acme/people/…/sso"},
		"one-without-an-end": {"[policy]\n", []inventory.Item{credential("finance", "1", noExpiry)}, TokenNoExpiry,
			"it never expires", []string{"script 1"}, "revoke it at https://github.com/orgs/acme/people/finance/sso"},
		"unused-for-ninety-days": {"[policy]\n", []inventory.Item{credential("finance", "1", at(90)),
			credential("support", "2", at(89))}, TokenUnused,
			"unused for a long time", []string{"script 1, last used on 2026-08-25"},
			"revoke it at https://github.com/orgs/acme/people/finance/sso"},
		"unused-for-longer-than-the-policy-allows": {"[policy]\nunused_after = \"30d\"\n",
			[]inventory.Item{credential("finance", "1", at(31))}, TokenUnused,
			"unused for a long time", []string{"script 1, last used on 2026-10-23"}, "revoke it"},
		"never-used": {"[policy]\n", []inventory.Item{credential("finance", "1", never(400)),
			credential("support", "2", never(3))}, TokenUnused,
			"unused for a long time", []string{"script 1, never used since 2025-10-19"}, "revoke it"},
		"a-use-that-is-not-known-is-no-use-that-is-missing": {"[policy]\n",
			[]inventory.Item{credential("finance", "1", nil)}, TokenUnused, "", nil, ""},
		"an-owner-who-left": {"[policy]\n", []inventory.Item{credential("former", "1", left)}, OwnerLeft,
			"its owner is no longer here", []string{"script 1, former is neither a member nor an outside collaborator"},
			"revoke it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := ofRule(judgeScans(t, test.list, nil, scan{items: test.items}).Findings, test.rule)
			if test.why == "" {
				if len(found) != 0 {
					t.Errorf("%+v", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("%d findings: %+v", len(found), found)
			}
			var details []string
			for _, holder := range found[0].Holders {
				details = append(details, string(holder.Detail))
			}
			if string(found[0].Why) != test.why || strings.Join(details, "|") != strings.Join(test.details, "|") ||
				!strings.HasPrefix(string(found[0].Remedy), test.remedy) {
				t.Errorf("why %q, details %q, remedy %q", found[0].Why, details, found[0].Remedy)
			}
		})
	}
}

func TestADeployKeyThatOutlivesItsAppIsTold(t *testing.T) {
	t.Parallel()
	key := inventory.Item{
		Source: inventory.Source{Provider: inventory.GitHub, Name: "acme/repositories/website"},
		Kind:   inventory.KindDeployKey, State: inventory.StateEnabled,
		App:    inventory.App{ID: "SHA256:a", Name: "deployer", URL: "https://github.com/acme/website/settings/keys"},
		Holder: inventory.Holder{Organization: "acme", Repository: "website"},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"contents:write"}, Repositories: "acme/website",
			Basis: inventory.BasisGranted},
	}
	key.Mark(inventory.MarkNote, inventory.MarkOwnerLeft, "the GitHub App deployer that made it is no longer installed")
	found := ofRule(judgeItems(t, key).Findings, OwnerLeft)
	if len(found) != 1 || found[0].Severity != inventory.Critical ||
		!strings.Contains(string(found[0].Holders[0].Detail), "no longer installed") ||
		found[0].Remedy != "delete it at https://github.com/acme/website/settings/keys" {
		t.Errorf("%+v", found)
	}
}

func TestAWebhookToAHostThatThePolicyDoesNotNameIsTold(t *testing.T) {
	t.Parallel()
	items := []inventory.Item{hookOf("website", "7001", "push"), hookOf("billing", "7002", "push")}
	found := ofRule(judgeScans(t, "[policy]\nhook_hosts = [\"*.acme.example\"]\n", nil, scan{items: items}).Findings,
		HookHost)
	if len(found) != 1 || found[0].ItemCount != 2 ||
		found[0].Why != "it sends to ci.example, which policy.hook_hosts does not name" ||
		found[0].Remedy != "delete it or point it elsewhere at https://github.com/acme/…/settings/hooks/…, or add its host to policy.hook_hosts" {
		t.Errorf("%+v", found)
	}
	if found := judgeScans(t, "[policy]\nhook_hosts = [\"ci.example\"]\n", nil,
		scan{items: items}).Findings; len(found) != 0 {
		t.Errorf("a host that it names: %+v", found)
	}
}

func TestOrganizationsOfOneNameOnTwoServersStayApart(t *testing.T) {
	t.Parallel()
	here, there := tokenOf("finance", "1", "script"), tokenOf("finance", "2", "script")
	there.Source.Name = "ghe.acme.example/" + there.Source.Name
	for _, rule := range []Rule{Unapproved, TokenNoExpiry} {
		if found := ofRule(judgeItems(t, here, there).Findings, rule); len(found) != 2 {
			t.Errorf("%s: %d findings, want one for each server", rule, len(found))
		}
	}
}

func TestPagesThatDifferAreOneAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pages []inventory.Untrusted
		want  inventory.Untrusted
	}{
		{nil, ""},
		{[]inventory.Untrusted{"https://a.test/x", "https://a.test/x"}, "https://a.test/x"},
		{[]inventory.Untrusted{"https://a.test/orgs/acme/people/one/sso", "https://a.test/orgs/acme/people/two/sso",
			"https://a.test/orgs/acme/people/one/sso"},
			"https://a.test/orgs/acme/people/…/sso"},
		{[]inventory.Untrusted{"https://a.test/x/y", "https://a.test/x"}, "https://a.test/x/…"},
		{[]inventory.Untrusted{"https://a.test/x", "https://a.test/x/y"}, "https://a.test/x/…"},
	} {
		var p pages
		for _, page := range test.pages {
			p.add(page)
		}
		if p.common != test.want {
			t.Errorf("%q: %q, want %q", test.pages, p.common, test.want)
		}
	}
}
