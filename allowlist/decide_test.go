package allowlist_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

const (
	chromeID  = "cjpalhdlnbpafiamejdnhcphjbkeiagm"
	addonID   = "addon@vendor.example"
	clientID  = "19570130570-tnpdlsr8gj29j1qbhtm9dtgo1k1a1j2k"
	approvedX = "\nowner = \"it@acme.example\"\nreason = \"Work\"\napproved = 2026-11-23\n"
)

var today = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

func TestIdentityMatchesAndNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, entry string
		kind        inventory.Kind
		app         inventory.App
		want        allowlist.Decision
	}{
		{"the-ID", `id = "` + chromeID + `"`, inventory.KindExtension, inventory.App{ID: chromeID}, allowlist.Allowed},
		{"Chrome's-ID-in-capitals", `id = "CJPALHDLNBPAFIAMEJDNHCPHJBKEIAGM"`, inventory.KindExtension,
			inventory.App{ID: chromeID}, allowlist.Allowed},
		{"Firefox's-ID-keeps-its-case", `id = "Addon@vendor.example"`, inventory.KindExtension,
			inventory.App{ID: addonID}, allowlist.Unlisted},
		{"a-name-never-matches", `id = "uBlock"` + "\nname = \"uBlock\"", inventory.KindExtension,
			inventory.App{ID: chromeID, Name: "uBlock"}, allowlist.Unlisted},
		{"part-of-an-ID", `id = "addon"`, inventory.KindExtension, inventory.App{ID: addonID}, allowlist.Unlisted},
		{"a-star-is-no-pattern", `id = "*"`, inventory.KindExtension, inventory.App{ID: addonID}, allowlist.Unlisted},
		{"a-client-ID-without-suffix-for-one-with", `id = "` + clientID + `"`, inventory.KindOAuthGrant,
			inventory.App{ID: clientID + ".apps.googleusercontent.com"}, allowlist.Allowed},
		{"a-client-ID-with-suffix-for-one-without", `id = "` + clientID + `.apps.googleusercontent.com"`,
			inventory.KindOAuthGrant,
			inventory.App{ID: clientID}, allowlist.Allowed},
		{"a-suffix-on-something-that-is-no-client-ID", `id = "evil.example.apps.googleusercontent.com"`,
			inventory.KindOAuthGrant,
			inventory.App{ID: "evil.example"}, allowlist.Unlisted},
		{"a-client-ID's-number-is-no-GitHub-App", `id = "12345.apps.googleusercontent.com"`, inventory.KindInstallation,
			inventory.App{ID: "12345"}, allowlist.Unlisted},
		{"the-kind", `kind = "extension"` + "\nid = \"" + addonID + `"`, inventory.KindExtension,
			inventory.App{ID: addonID}, allowlist.Allowed},
		{"another-kind", `kind = "theme"` + "\nid = \"" + addonID + `"`, inventory.KindExtension,
			inventory.App{ID: addonID}, allowlist.Unlisted},
		{"a-project-by-the-client-ID's-number", "kind = \"oauth-grant\"\nproject = \"19570130570\"", inventory.KindOAuthGrant,
			inventory.App{ID: clientID}, allowlist.Allowed},
		{"a-project-that-is-only-claimed", "kind = \"oauth-grant\"\nproject = \"19570130570\"", inventory.KindOAuthGrant,
			inventory.App{ID: "666-evil", Project: "19570130570"}, allowlist.Unlisted},
		{"a-number-that-only-begins-like-the-project", "kind = \"oauth-grant\"\nproject = \"1957013057\"",
			inventory.KindOAuthGrant,
			inventory.App{ID: clientID}, allowlist.Unlisted},
		{"a-GitHub-owner-in-any-case", "kind = \"app-installation\"\nproject = \"Acme\"", inventory.KindInstallation,
			inventory.App{ID: "ci-app", Project: "acme"}, allowlist.Allowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := mustParse(t, "version = 1\n[[allow]]\n"+test.entry+approvedX, nil)
			item := inventory.Item{Kind: test.kind, App: test.app}
			if got := list.Decide(&item, today); got.Decision != test.want {
				t.Errorf("Decide = %s (%s), want %s", got.Decision, got.Why, test.want)
			}
		})
	}
}

func TestPins(t *testing.T) {
	t.Parallel()
	item := inventory.Item{
		Kind: inventory.KindExtension, App: inventory.App{ID: addonID, Publisher: "Vendor GmbH"}, Version: "2.10.1",
		Origin: inventory.OriginStore,
		Access: inventory.Access{
			Permissions:  untrusted("storage", "tabs"),
			Hosts:        untrusted("https://a.example.com/*"),
			Surfaces:     untrusted("devtools_page", "externally_connectable https://a.example.com/*"),
			Repositories: "selected",
		},
	}
	tests := []struct {
		name, pins string
		change     func(*inventory.Item)
		want       []allowlist.Drift
	}{
		{name: "nothing-pinned-is-no-drift", pins: ""},
		{name: "the-very-access", pins: `permissions = ["storage", "tabs", "devtools_page", "externally_connectable https://*.example.com/*"]
hosts = ["https://*.example.com/*"]`},
		{name: "no-hosts-pinned-by-an-empty-list", pins: `hosts = []`, want: []allowlist.Drift{
			{Aspect: allowlist.AspectPermissions, Hosts: untrusted("https://a.example.com/*")}}},
		{name: "surfaces-count-as-permissions", pins: `permissions = ["storage", "tabs"]`, want: []allowlist.Drift{
			{Aspect: allowlist.AspectPermissions, Permissions: untrusted("devtools_page",
				"externally_connectable https://a.example.com/*")}}},
		{name: "permissions-and-hosts-are-one-drift",
			pins: "permissions = [\"storage\", \"devtools_page\", \"externally_connectable <all_urls>\"]\nhosts = [\"http://a.example.com/*\"]",
			want: []allowlist.Drift{{Aspect: allowlist.AspectPermissions, Permissions: untrusted("tabs"),
				Hosts: untrusted("https://a.example.com/*")}}},
		{name: "an-unknown-access", pins: "permissions = [\"storage\", \"tabs\"]\nhosts = [\"https://a.example.com/*\"]",
			change: func(i *inventory.Item) { i.Access = inventory.Access{} },
			want: []allowlist.Drift{{Aspect: allowlist.AspectAccess, Before: "storage, tabs, https://a.example.com/*",
				After: "unknown"}}},
		{name: "an-unknown-access-where-none-is-approved", pins: `permissions = []`,
			change: func(i *inventory.Item) { i.Access = inventory.Access{} },
			want:   []allowlist.Drift{{Aspect: allowlist.AspectAccess, Before: "nothing", After: "unknown"}}},
		{name: "an-access-that-is-known-to-be-none", pins: `permissions = ["storage"]`,
			change: func(i *inventory.Item) { i.Access = inventory.Access{Basis: inventory.BasisGranted} }},
		{name: "an-unknown-access-of-a-kind-that-has-none", pins: `permissions = []`,
			change: func(i *inventory.Item) { i.Kind, i.Access = inventory.KindAppPassword, inventory.Access{} }},
		{name: "a-host-pinned-as-text", pins: `hosts = ["=nonsense", "<all_urls>"]`,
			change: func(i *inventory.Item) { i.Access.Hosts = untrusted("nonsense") }},
		{name: "the-publisher's-text", pins: `publisher = ["Vendor GmbH", "Vendor Inc."]`},
		{name: "another-publisher", pins: `publisher = "Vendor"`, want: []allowlist.Drift{
			{Aspect: allowlist.AspectPublisher, Before: "Vendor", After: "Vendor GmbH"}}},
		{name: "an-unknown-publisher", pins: `publisher = "Vendor GmbH"`,
			change: func(i *inventory.Item) { i.App.Publisher = "" },
			want:   []allowlist.Drift{{Aspect: allowlist.AspectPublisher, Before: "Vendor GmbH", After: "unknown"}}},
		{name: "a-version-in-range", pins: `versions = ">=2.9, <3"`},
		{name: "a-version-out-of-range", pins: `versions = "<2.9"`, want: []allowlist.Drift{
			{Aspect: allowlist.AspectVersion, Before: "<2.9", After: "2.10.1"}}},
		{name: "an-unknown-version", pins: `versions = "2.*"`, change: func(i *inventory.Item) { i.Version = "" },
			want: []allowlist.Drift{{Aspect: allowlist.AspectVersion, Before: "2.*", After: "unknown"}}},
		{name: "another-origin", pins: `origin = ["policy", "builtin"]`, want: []allowlist.Drift{
			{Aspect: allowlist.AspectOrigin, Before: "policy, builtin", After: "store"}}},
		{name: "an-unknown-origin", pins: `origin = ["store"]`,
			change: func(i *inventory.Item) { i.Origin = inventory.OriginUnknown },
			want:   []allowlist.Drift{{Aspect: allowlist.AspectOrigin, Before: "store", After: "unknown"}}},
		{name: "selected-repositories-are-inside-all", pins: `repositories = "all"`},
		{name: "all-repositories-are-beyond-selected", pins: `repositories = "selected"`,
			change: func(i *inventory.Item) { i.Access.Repositories = "all" },
			want:   []allowlist.Drift{{Aspect: allowlist.AspectRepositories, Before: "selected", After: "all"}}},
		{name: "one-repository-is-inside-selected", pins: `repositories = "selected"`,
			change: func(i *inventory.Item) { i.Access.Repositories = "acme/app" }},
		{name: "repositories-that-are-not-visible", pins: `repositories = "selected"`,
			change: func(i *inventory.Item) { i.Access.Repositories = "unknown" },
			want:   []allowlist.Drift{{Aspect: allowlist.AspectRepositories, Before: "selected", After: "unknown"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := mustParse(t, "version = 1\n[[allow]]\nid = \""+addonID+"\""+approvedX+test.pins, nil)
			item := item
			if test.change != nil {
				test.change(&item)
			}
			got := list.Decide(&item, today)
			if diff := cmp.Diff(test.want, got.Drifts); diff != "" {
				t.Errorf("Drifts (-want +got):\n%s", diff)
			}
			if isClean(got) != (len(test.want) == 0) {
				t.Errorf("clean is %v", isClean(got))
			}
		})
	}
}

func TestApprovalsEndAtTheEndOfTheirDay(t *testing.T) {
	t.Parallel()
	const policy = "version = 1\n[policy]\nreview_within = \"10d\"\nnotice = \"3d\"\n"
	entry := "[[allow]]\nid = \"" + addonID + "\"" + approvedX
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	tests := []struct {
		name, file string
		at         time.Time
		want       allowlist.Expiry
		on         string
	}{
		{"no-end", "version = 1\n" + entry, today, allowlist.NoExpiry, ""},
		{"long-before", policy + entry, at("2026-11-29T23:59:59Z"), allowlist.Valid, "2026-12-03"},
		{"within-the-notice", policy + entry, at("2026-11-30T00:00:00Z"), allowlist.Expiring, "2026-12-03"},
		{"the-last-second-in-UTC", policy + entry, at("2026-12-03T23:59:59Z"), allowlist.Expiring, "2026-12-03"},
		{"the-next-day-in-UTC", policy + entry, at("2026-12-04T00:00:00Z"), allowlist.Expired, "2026-12-03"},
		{"the-next-day-in-Sydney-is-the-last-day-in-UTC", policy + entry, at("2026-12-04T10:59:00+11:00"),
			allowlist.Expiring, "2026-12-03"},
		{"the-last-day-in-Honolulu-is-the-next-day-in-UTC", policy + entry, at("2026-12-03T14:00:00-10:00"),
			allowlist.Expired, "2026-12-03"},
		{"its-own-end-wins-over-the-policy", policy + entry + "expires = 2027-01-31\n", today, allowlist.Valid, "2027-01-31"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID}}
			got := mustParse(t, test.file, nil).Decide(&item, test.at)
			if got.Expiry != test.want || got.ExpiresOn.String() != test.on {
				t.Errorf("Expiry = %s on %v, want %s on %s", got.Expiry, got.ExpiresOn, test.want, test.on)
			}
			if got.Decision != allowlist.Allowed || isClean(got) == (test.want == allowlist.Expired) {
				t.Errorf("Decision = %s, clean is %v", got.Decision, isClean(got))
			}
		})
	}
}

func TestHolders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, pattern string
		holder        inventory.Holder
		want          allowlist.Decision
	}{
		{"an-address", "ada@acme.example", inventory.Holder{Account: "Ada@ACME.example"}, allowlist.Allowed},
		{"a-domain", "*@acme.example", inventory.Holder{Account: "ada@acme.example"}, allowlist.Allowed},
		{"a-domain-that-only-ends-like-it", "*@acme.example", inventory.Holder{Account: "ada@notacme.example"},
			allowlist.Unlisted},
		{"an-organization", "acme", inventory.Holder{Organization: "Acme"}, allowlist.Allowed},
		{"a-repository-with-its-organization", "acme/*", inventory.Holder{Organization: "acme", Repository: "app"},
			allowlist.Allowed},
		{"a-repository-that-holds-its-organization", "acme/app",
			inventory.Holder{Organization: "acme", Repository: "acme/app"}, allowlist.Allowed},
		{"nobody-known", "*", inventory.Holder{Host: "laptop-1", User: "ada", Profile: "Default"}, allowlist.Unlisted},
		{"everybody-known", "*", inventory.Holder{Account: "x"}, allowlist.Allowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := mustParse(t, fmt.Sprintf("version = 1\n[[allow]]\nid = %q\nfor = [%q]%s", addonID, test.pattern,
				approvedX), nil)
			item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID}, Holder: test.holder}
			if got := list.Decide(&item, today); got.Decision != test.want {
				t.Errorf("Decide = %s (%s), want %s", got.Decision, got.Why, test.want)
			}
			if got := list.Entries()[0].Matches(&item); got != (test.want == allowlist.Allowed) {
				t.Errorf("Matches = %v", got)
			}
		})
	}
}

// One app in several entries: who decides, and which entries were meant as well.
func TestAnEntryThatIsNotFilledInApprovesNothing(t *testing.T) {
	t.Parallel()
	const (
		entry  = "[[allow]]\nkind = \"extension\"\nid = \"" + addonID + "\"\n"
		policy = "[policy]\nreview_within = \"30d\"\n"
		owner  = "owner = \"it@acme.example\"\n"
		day    = "approved = 2026-11-23\n"
	)
	reason := func(text string) string { return fmt.Sprintf("reason = %q\n", text) }
	for _, test := range []struct {
		name, file string
		want       allowlist.Decision
		pending    string
	}{
		{"all filled in", entry + owner + reason("Work") + day, allowlist.Allowed, ""},
		{"nothing", entry, allowlist.Pending, "owner, reason, approved"},
		{"no owner", entry + reason("Work") + day, allowlist.Pending, "owner"},
		{"no reason", entry + owner + day, allowlist.Pending, "reason"},
		{"no day", entry + owner + reason("Work"), allowlist.Pending, "approved"},
		{"no day, though the policy has a length", policy + entry + owner + reason("Work"), allowlist.Pending, "approved"},
		{"no day, though it has an end", entry + owner + reason("Work") + "expires = 2027-01-01\n", allowlist.Pending,
			"approved"},
		{"a placeholder", entry + owner + reason("TODO") + day, allowlist.Pending, "reason"},
		{"a placeholder with more", entry + owner + reason("todo: what it is needed for") + day, allowlist.Pending, "reason"},
		{"in brackets", entry + owner + reason("<TODO>") + day, allowlist.Pending, "reason"},
		{"another word for it", entry + owner + reason("tbd") + day, allowlist.Pending, "reason"},
		{"no word at all", entry + owner + reason("...") + day, allowlist.Pending, "reason"},
		{"a name that begins alike", entry + owner + reason("Todoist syncs tasks") + day, allowlist.Allowed, ""},
		{"a placeholder for the owner", entry + "owner = \"TODO: who answers for it\"\n" + reason("Work") + day,
			allowlist.Pending, "owner"},
		{"one for everybody beside a real one for some", entry + owner + reason("TODO") + day +
			entry + "for = [\"ada@acme.example\"]\n" + owner + reason("Work") + day, allowlist.Allowed, ""},
		{"a refusal wins", entry + "[[deny]]\nid = \"" + addonID + "\"\n" + reason("Bad"), allowlist.Denied, ""},
		{"what is required needs no approval", entry + "[[require]]\nid = \"" + addonID + "\"\n" + reason("Good"),
			allowlist.Allowed, ""},
		{"a requirement that nobody explained", "[[require]]\nid = \"" + addonID + "\"\n" + reason("TODO"), allowlist.Pending,
			"reason"},
		{"one beside an approval", "[[require]]\nid = \"" + addonID + "\"\n" + reason("TODO") + entry + owner + reason("Work") + day,
			allowlist.Allowed, ""},
	} {
		list := mustParse(t, "version = 1\n"+test.file, nil)
		item := &inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID},
			Holder: inventory.Holder{Account: "ada@acme.example"}}
		v := list.Decide(item, today)
		if v.Decision != test.want || isClean(v) != (test.want == allowlist.Allowed) {
			t.Errorf("%s: %s (%s), want %s", test.name, v.Decision, v.Why, test.want)
		}
		if v.Decision == allowlist.Pending && strings.Join(v.Entry.Pending(), ", ") != test.pending {
			t.Errorf("%s: %v is left to fill in, want %s", test.name, v.Entry.Pending(), test.pending)
		}
		if said := strings.Contains(fmt.Sprint(list.Lint(today)),
			"not filled in"); said != (len(list.Entries()[0].Pending()) > 0) {
			t.Errorf("%s: lint says %v", test.name, list.Lint(today))
		}
	}
}

func TestAnApprovalOfADayThatIsStillToComeApprovesNothing(t *testing.T) {
	t.Parallel()
	const entry = "[[allow]]\nkind = \"extension\"\nid = \"" + addonID + "\"\nowner = \"it@acme.example\"\nreason = \"Work\"\n"
	evening := time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, file string
		at         time.Time
		want       allowlist.Decision
	}{
		{"today", entry + "approved = 2026-11-23\n", evening, allowlist.Allowed},
		{"tomorrow-which-has-begun-in-the-east", entry + "approved = 2026-11-24\n", evening, allowlist.Allowed},
		{"tomorrow-which-has-begun-nowhere", entry + "approved = 2026-11-24\n", evening.Add(-13 * time.Hour),
			allowlist.Pending},
		{"the-day-after", entry + "approved = 2026-11-25\n", evening, allowlist.Pending},
		{"a-wrong-century", entry + "approved = 2126-11-23\n", evening, allowlist.Pending},
		{"beside-one-that-stands", entry + "approved = 2126-11-23\n" + entry + "for = [\"ada@acme.example\"]\napproved = 2026-11-23\n",
			evening, allowlist.Allowed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := mustParse(t, "version = 1\n"+test.file, nil)
			item := &inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID},
				Holder: inventory.Holder{Account: "ada@acme.example"}}
			v := list.Decide(item, test.at)
			if v.Decision != test.want {
				t.Errorf("%s (%s), want %s", v.Decision, v.Why, test.want)
			}
			if v.Decision == allowlist.Pending && !strings.Contains(string(v.Why), "which is still to come") {
				t.Errorf("it says %q", v.Why)
			}
		})
	}
}

func TestWhatSaysNothingIsAPlaceholderHoweverItIsSpelled(t *testing.T) {
	t.Parallel()
	reasonIs := func(text string) allowlist.Decision {
		list := mustParse(t, fmt.Sprintf("version = 1\n[[allow]]\nid = %q\nowner = \"it@acme.example\"\nreason = %q\napproved = 2026-11-23\n",
			addonID, text), nil)
		return list.Decide(&inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID}}, today).Decision
	}
	for _, text := range []string{
		"TO DO", "to-do", "T.O.D.O.", "T0DO", "T\u041eDO", "\uff34\uff2f\uff24\uff2f", "# TODO", "// todo: ask", "@todo",
		"tba", "TBC.",
		"n/a", "N.A.", "n/a yet", "none", "Unknown", "to be decided", "change-me", "<your reason>", "\u3164", "\u2026",
	} {
		if got := reasonIs(text); got != allowlist.Pending {
			t.Errorf("%q is %s", text, got)
		}
	}
	for _, text := range []string{
		"To-do lists of the team", "Todoist", "todos of the team", "None of the others reads our tickets",
		"Unknown callers are named",
		"<it@acme.example> wants it", "N26 bookkeeping", "Tabs",
	} {
		if got := reasonIs(text); got != allowlist.Allowed {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestLintTellsARefusalThatIsNotFilledIn(t *testing.T) {
	t.Parallel()
	list := mustParse(t, "version = 1\n[[deny]]\nkind = \"extension\"\nid = \""+addonID+"\"\nreason = \"TODO\"\n", nil)
	item := &inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID}}
	if v := list.Decide(item, today); v.Decision != allowlist.Denied {
		t.Errorf("a refusal refuses all the same, and the verdict is %s", v.Decision)
	}
	if warnings := fmt.Sprint(list.Lint(today)); !strings.Contains(warnings, "allowlist.toml:5: reason is not filled in") {
		t.Error(warnings)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	allow := func(more string) string {
		return "[[allow]]\nid = \"" + addonID + "\"\nowner = \"it@acme.example\"\nreason = \"Work\"\n" + more + "\n"
	}
	const (
		everyone = "approved = 2026-11-23\npermissions = [\"storage\"]"
		finance  = "approved = 2026-11-23\nfor = [\"*@acme.example\"]\npermissions = [\"storage\", \"tabs\"]"
		ended    = "approved = 2025-01-01\nexpires = 2025-06-01\nfor = [\"ada@*\"]"
		deny     = "[[deny]]\nid = \"" + addonID + "\"\nreason = \"Sold\"\n"
		old      = "[[deny]]\nid = \"" + addonID + "\"\nversions = \"<2\"\nreason = \"Leaks\"\n"
		require  = "[[require]]\nid = \"" + addonID + "\"\nreason = \"Passwords\"\n"
		feed     = "[[feed]]\npath = \"bad.txt\"\n"
	)
	tests := []struct {
		name, file  string
		permissions []inventory.Untrusted
		version     inventory.Untrusted
		decision    allowlist.Decision
		at          string
		also        int
		expiry      allowlist.Expiry
	}{
		{name: "the-first-without-drift", file: allow(everyone) + allow(finance), permissions: untrusted("storage"),
			decision: allowlist.Allowed, at: "allowlist.toml:2", also: 1},
		{name: "one-without-drift-before-an-earlier-one-with", file: allow(everyone) + allow(finance),
			permissions: untrusted("tabs"),
			decision:    allowlist.Allowed, at: "allowlist.toml:8", also: 1},
		{name: "the-least-drift-if-all-drift", file: allow(everyone) + allow(finance),
			permissions: untrusted("tabs", "cookies"),
			decision:    allowlist.Allowed, at: "allowlist.toml:8", also: 1},
		{name: "one-that-stands-before-one-that-has-ended", file: allow(ended) + allow(everyone),
			permissions: untrusted("storage"),
			decision:    allowlist.Allowed, at: "allowlist.toml:9", also: 1},
		{name: "one-without-drift-before-one-that-stands", file: allow(ended) + allow(everyone),
			permissions: untrusted("tabs"),
			decision:    allowlist.Allowed, at: "allowlist.toml:2", also: 1, expiry: allowlist.Expired},
		{name: "a-refusal-before-an-approval", file: allow(everyone) + deny, decision: allowlist.Denied,
			at: "allowlist.toml:8", also: 1},
		{name: "a-refusal-of-another-version", file: allow(everyone) + old, version: "2.0", decision: allowlist.Allowed,
			at: "allowlist.toml:2"},
		{name: "a-refusal-of-this-version", file: allow(everyone) + old, version: "1.9", decision: allowlist.Denied,
			at: "allowlist.toml:8", also: 1},
		{name: "a-refusal-of-some-versions-where-the-version-is-not-known", file: allow(everyone) + old,
			decision: allowlist.Denied,
			at:       "allowlist.toml:8", also: 1},
		{name: "a-feed-before-an-approval", file: allow(everyone) + feed, decision: allowlist.Denied, at: "bad.txt:1",
			also: 1},
		{name: "a-refusal-before-a-feed", file: feed + deny, decision: allowlist.Denied, at: "allowlist.toml:4"},
		{name: "an-approval-before-what-is-required", file: require + allow(everyone), decision: allowlist.Allowed,
			at: "allowlist.toml:5"},
		{name: "what-is-required-is-allowed", file: require, decision: allowlist.Allowed, at: "allowlist.toml:2"},
		{name: "what-is-required-may-be-denied", file: require + deny, decision: allowlist.Denied, at: "allowlist.toml:5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := mustParse(t, "version = 1\n"+test.file, map[string]string{"bad.txt": addonID})
			item := inventory.Item{
				Kind: inventory.KindExtension, App: inventory.App{ID: addonID}, Version: test.version,
				Holder: inventory.Holder{Account: "ada@acme.example"}, Access: inventory.Access{Permissions: test.permissions},
			}
			if test.expiry == "" {
				test.expiry = allowlist.NoExpiry
			}
			got := list.Decide(&item, today)
			if got.Decision != test.decision || got.Position.String() != test.at || len(got.Also) != test.also ||
				got.Expiry != test.expiry {
				t.Errorf("Decide = %s at %v with %d more, %s (%s)\nwant %s at %s with %d more, %s",
					got.Decision, got.Position, len(got.Also), got.Expiry, got.Why, test.decision, test.at, test.also, test.expiry)
			}
		})
	}
}

func TestWebhooksToNamedHosts(t *testing.T) {
	t.Parallel()
	list := mustParse(t, "version = 1\n[policy]\nhook_hosts = [\"ci.acme.example\", \"*.hooks.example\"]\n", nil)
	tests := map[inventory.Untrusted]allowlist.Decision{
		"https://ci.acme.example/hook":               allowlist.Allowed,
		"https://CI.acme.example:8443/hook?x=1":      allowlist.Allowed,
		"https://a.b.hooks.example/":                 allowlist.Allowed,
		"https://ci.acme.example.evil.test/":         allowlist.Unlisted,
		"https://ci.acme.example@evil.test/":         allowlist.Unlisted,
		"https://evil.test/#https://ci.acme.example": allowlist.Unlisted,
		"ftp://ci.acme.example/":                     allowlist.Unlisted,
		"ci.acme.example":                            allowlist.Allowed,
		"notci.acme.example":                         allowlist.Unlisted,
		"x@ci.acme.example":                          allowlist.Unlisted,
		"":                                           allowlist.Unlisted,
	}
	for hook, want := range tests {
		item := inventory.Item{Kind: inventory.KindWebhook, App: inventory.App{ID: hook}}
		got := list.Decide(&item, today)
		if got.Decision != want {
			t.Errorf("a webhook to %q is %s, want %s", hook, got.Decision, want)
		}
		if want == allowlist.Allowed && got.Position.String() != "allowlist.toml:3" {
			t.Errorf("a webhook to %q is decided at %v", hook, got.Position)
		}
	}
	extension := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: "https://ci.acme.example/"}}
	if got := list.Decide(&extension, today); got.Decision != allowlist.Unlisted {
		t.Errorf("an extension with such a page is %s", got.Decision)
	}
}

func TestPresetsAreIncludedByName(t *testing.T) {
	t.Parallel()
	chrome := inventory.Item{Kind: inventory.KindOAuthGrant, App: inventory.App{ID: "77185425430"}}
	if got := mustParse(t, "version = 1", nil).Decide(&chrome, today); got.Decision != allowlist.Unlisted {
		t.Errorf("without the preset Chrome is %s", got.Decision)
	}
	list := mustParse(t, "version = 1\ninclude = [\"google-first-party\"]\n[policy]\nreview_within = \"1d\"\n", nil)
	got := list.Decide(&chrome, today)
	if got.Decision != allowlist.Allowed || got.Entry.Preset != "google-first-party" || got.Expiry != allowlist.NoExpiry ||
		got.Why != "named by the preset google-first-party: Google's own browser, signed in to by its user" {
		t.Errorf("with the preset Chrome is %s by %q, %s (%s)", got.Decision, got.Entry.Preset, got.Expiry, got.Why)
	}
	for _, name := range allowlist.Presets() {
		mustParse(t, fmt.Sprintf("version = 1\ninclude = [%q]", name), nil)
		if text, found := allowlist.Preset(name); !found || len(text) == 0 {
			t.Errorf("preset %q has no text", name)
		}
	}
	if _, found := allowlist.Preset("../schema"); found {
		t.Error("a path is taken for a preset")
	}
}

func BenchmarkDecide(b *testing.B) {
	text := []byte("version = 1\n[policy]\nreview_within = \"180d\"\n")
	const apps = 1000
	for n := range apps {
		text = fmt.Appendf(text, "[[allow]]\nkind = \"oauth-grant\"\nid = \"%d-%s.apps.googleusercontent.com\"%spermissions = [\"openid\", \"email\", \"profile\", \"https://www.googleapis.com/auth/calendar.readonly\"]\n",
			100000000+n, "tnpdlsr8gj29j1qbhtm9dtgo1k1a1j2k", approvedX)
	}
	list := mustParse(b, string(text), nil)
	items := make([]inventory.Item, 4*apps)
	for n := range items {
		items[n] = inventory.Item{
			Kind:   inventory.KindOAuthGrant,
			App:    inventory.App{ID: inventory.Textf("%d-tnpdlsr8gj29j1qbhtm9dtgo1k1a1j2k", 100000000+n%(2*apps))},
			Holder: inventory.Holder{Account: "ada@acme.example"},
			Access: inventory.Access{Permissions: untrusted("email", "https://www.googleapis.com/auth/calendar.readonly",
				"openid", "profile")},
		}
		if n%10 == 0 {
			items[n].Access.Permissions = append(items[n].Access.Permissions, "https://mail.google.com/")
		}
	}
	allowed := 0
	n := 0
	for b.Loop() {
		if v := list.Decide(&items[n%len(items)], today); v.Decision == allowlist.Allowed {
			allowed++
		}
		n++
	}
	if allowed == 0 {
		b.Fatal("nothing was allowed")
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}

func BenchmarkDecideExtension(b *testing.B) {
	list := mustParse(b, "version = 1\n[[allow]]\nkind = \"extension\"\nid = \""+chromeID+"\""+approvedX+
		"permissions = [\"storage\", \"tabs\", \"webRequest\"]\nhosts = [\"https://*.example.com/*\", \"*://*.example.org/*\"]\n", nil)
	item := inventory.Item{
		Kind: inventory.KindExtension, App: inventory.App{ID: chromeID},
		Access: inventory.Access{Permissions: untrusted("storage", "tabs", "webRequest"), Hosts: untrusted(
			"https://a.example.com/*", "https://b.example.com/*", "http://c.example.org/x/*", "https://d.example.org/*")},
	}
	n := 0
	for b.Loop() {
		if v := list.Decide(&item, today); !isClean(v) {
			b.Fatalf("drifts: %v", v.Drifts)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}
