package allowlist_test

import (
	"regexp"
	"strings"
	"testing"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
	"guestlist/scanner/inventory"
)

var todayDate = allowlist.DateOf(today)

func TestPropose(t *testing.T) {
	t.Parallel()
	extension := inventory.Item{
		Kind: inventory.KindExtension, App: inventory.App{ID: chromeID, Name: "Evil\"\n[[allow]]\u202e\u001b[31m",
			Publisher: "Vendor"},
		Origin: inventory.OriginStore, Version: "1.2",
		Access: inventory.Access{
			Permissions: untrusted("tabs", "storage"),
			Hosts:       untrusted("https://a.example.com/*", "https://*.example.com/*", "=odd", "odd"),
			Surfaces:    untrusted("devtools_page"),
		},
	}
	firefox := extension
	firefox.App = inventory.App{ID: addonID, Name: "Good"}
	firefox.Origin = inventory.OriginUnknown
	firefox.Access = inventory.Access{Permissions: untrusted("cookies"), Hosts: untrusted("<all_urls>")}
	tests := []struct {
		name  string
		items []inventory.Item
		want  string
	}{
		{"nothing", nil, ""},
		{"an-extension-with-a-hostile-name", []inventory.Item{extension}, `[[allow]]
name = "Evil\"\n[[allow]]\u202E\u001B[31m"
kind = "extension"
id = "` + chromeID + `"
owner = "it@acme.example"
reason = "TODO: what it is needed for"
approved = 2026-12-01
permissions = ["devtools_page", "storage", "tabs"]
hosts = ["==odd", "https://*.example.com/*", "=odd"]
origin = ["store"]
publisher = ["Vendor"]
`},
		{"one-app-in-two-browsers", []inventory.Item{extension, firefox}, `[[allow]]
name = "Evil\"\n[[allow]]\u202E\u001B[31m"
kind = "extension"
id = ["addon@vendor.example", "` + chromeID + `"]
owner = "it@acme.example"
reason = "TODO: what it is needed for"
approved = 2026-12-01
permissions = ["cookies", "devtools_page", "storage", "tabs"]
hosts = ["<all_urls>", "==odd", "=odd"]
`},
		{"a-grant-of-unknown-access-is-pinned-to-none-of-it", []inventory.Item{
			{Kind: inventory.KindOAuthGrant, App: inventory.App{ID: clientID, Name: "Slack"}}}, `[[allow]]
name = "Slack"
kind = "oauth-grant"
id = "` + clientID + `"
owner = "it@acme.example"
reason = "TODO: what it is needed for"
approved = 2026-12-01
`},
		{"a-grant", []inventory.Item{{Kind: inventory.KindOAuthGrant, App: inventory.App{ID: clientID, Name: "Slack"},
			Access: inventory.Access{Permissions: untrusted("https://www.googleapis.com/auth/calendar.readonly", "https://www.googleapis.com/auth/drive.file")}}}, `[[allow]]
name = "Slack"
kind = "oauth-grant"
id = "` + clientID + `"
owner = "it@acme.example"
reason = "TODO: what it is needed for"
approved = 2026-12-01
permissions = [
  "https://www.googleapis.com/auth/calendar.readonly",
  "https://www.googleapis.com/auth/drive.file",
]
`},
		{"an-installation", []inventory.Item{{Kind: inventory.KindInstallation, App: inventory.App{ID: "ci-app"},
			Access: inventory.Access{Permissions: untrusted("contents:read"), Repositories: "all"}}}, `[[allow]]
kind = "app-installation"
id = "ci-app"
owner = "it@acme.example"
reason = "TODO: what it is needed for"
approved = 2026-12-01
permissions = ["contents:read"]
repositories = "all"
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := allowlist.Propose(test.items, "it@acme.example", todayDate)
			if got != test.want {
				t.Errorf("Propose:\n%s\nwant:\n%s", got, test.want)
			}
			if got != "" {
				checkProposal(t, test.items, got)
			}
		})
	}
}

var leftToFillIn = regexp.MustCompile(`(?m)^(owner|reason) = .*$`)

// checkProposal holds what Propose promises: the text parses, approves nothing before somebody
// filled it in, and then approves every item as it is.
func checkProposal(t *testing.T, items []inventory.Item, proposal string) {
	t.Helper()
	if at := strings.IndexFunc(proposal, func(r rune) bool {
		return r != '\n' &&
			inventory.Untrusted(r).String() != string(r)
	}); at >= 0 {
		t.Errorf("the proposal holds a character that acts:\n%q", proposal)
	}
	list, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n"+proposal), nil)
	if err != nil {
		t.Fatalf("the proposal does not parse: %v\n%s", err, proposal)
	}
	if n := len(list.Entries()); n != 1 {
		t.Fatalf("the proposal holds %d entries:\n%s", n, proposal)
	}
	for n := range items {
		if v := list.Decide(&items[n], today); v.Decision != allowlist.Pending {
			t.Errorf("nobody has approved it, and the verdict is %s:\n%s", v.Decision, proposal)
		}
	}
	proposal = leftToFillIn.ReplaceAllString(proposal, `$1 = "it@acme.example, for work"`)
	if list, err = allowlist.Parse("allowlist.toml", []byte("version = 1\n"+proposal), nil); err != nil {
		t.Fatalf("filled in, the proposal does not parse: %v\n%s", err, proposal)
	}
	for n := range items {
		if v := list.Decide(&items[n], today); !isClean(v) {
			t.Errorf("the proposal does not approve %+v: %s %v\n%s", items[n], v.Decision, v.Drifts, proposal)
		}
	}
}

func FuzzPropose(f *testing.F) {
	f.Add("abc@example.com", "Name", "Vendor", "tabs", "https://*.example.com/*", "externally_connectable <all_urls>",
		"store", "selected", uint8(0))
	f.Add(clientID, "a\"\\\n\x00\u2028", " x ", "https://mail.google.com/", "=odd", "", "", "unknown", uint8(7))
	f.Add("\u202eid with space", "\xff", "\u3164", "contents:read", "http://[::1]/*", "a b", "unpacked", "acme/app",
		uint8(8))
	f.Fuzz(func(t *testing.T, id, name, publisher, permission, host, surface, origin, reach string, kind uint8) {
		kinds := inventory.Kinds()
		first := inventory.Item{
			Kind: kinds[int(kind)%len(kinds)], App: inventory.App{ID: inventory.Untrusted(id),
				Name: inventory.Untrusted(name), Publisher: inventory.Untrusted(publisher)},
			Origin: inventory.Origin(origin), Version: "1.0",
			Access: inventory.Access{
				Permissions: untrusted(permission, "storage"), Hosts: untrusted(host, "https://a.example/*"),
				Surfaces:     untrusted(surface),
				Repositories: inventory.Untrusted(reach),
			},
		}
		second := first
		second.App.Name, second.App.Publisher = "", inventory.Untrusted(name)
		second.Access = inventory.Access{Permissions: untrusted(surface, host), Hosts: untrusted(permission, host),
			Repositories: "selected"}
		items := []inventory.Item{first, second}
		for n := range items {
			items[n].Normalize()
		}
		if proposal := allowlist.Propose(items, name, todayDate); proposal != "" {
			checkProposal(t, items, proposal)
			checkAppended(t, items, name)
		}
	})
}

// checkAppended holds that an entry, and a refusal, of whatever ID and name is exactly one entry
// with exactly these in a list, and changes nothing in it.
func checkAppended(t *testing.T, items []inventory.Item, text string) {
	t.Helper()
	const before = "version = 1\n\n[[deny]]\nid = \"other\"\nreason = \"x\"\n"
	approval, found := allowlist.Approval{Owner: text, Reason: text, Approved: todayDate}.Entry(items)
	if !found {
		return
	}
	objection := allowlist.Objection{Name: items[0].App.Name, Kind: items[0].Kind,
		IDs: []inventory.Untrusted{items[0].App.ID}, Reason: text, Until: todayDate}
	for _, entry := range []edit.Entry{approval, objection.Entry()} {
		doc, err := allowlist.Open("allowlist.toml", []byte(before))
		if err == nil {
			err = doc.Append(entry)
		}
		if err != nil {
			t.Fatal(err)
		}
		list, err := allowlist.Parse("allowlist.toml", doc.Bytes(), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, doc.Bytes())
		}
		if !strings.HasPrefix(string(doc.Bytes()), before) || len(list.Entries()) != 2 {
			t.Fatalf("%d entries:\n%s", len(list.Entries()), doc.Bytes())
		}
		added := list.Entries()[1]
		if added.Name != items[0].App.Name || len(added.IDs) != 1 || added.IDs[0] != items[0].App.ID {
			t.Errorf("%q %q became %q %q", items[0].App.Name, items[0].App.ID, added.Name, added.IDs)
		}
	}
}
