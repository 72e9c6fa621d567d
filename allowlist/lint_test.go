package allowlist_test

import (
	"fmt"
	"strings"
	"testing"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

func TestLint(t *testing.T) {
	t.Parallel()
	list := mustParse(t, string(readTestdata(t, "lint.toml")), map[string]string{
		"feed.txt": badA + " # Stealer\nheading\n" + strings.Repeat("x\n", 25),
	})
	var b strings.Builder
	for _, warning := range list.Lint(today) {
		fmt.Fprintln(&b, warning)
	}
	checkGolden(t, "lint.golden", b.String())
}

func TestLintHasNothingToSayOfTheDesignExampleButItsPlaceholder(t *testing.T) {
	t.Parallel()
	list := mustParse(t, string(readTestdata(t, "design.toml")), map[string]string{"feeds/malicious.csv": badA})
	got := fmt.Sprint(list.Lint(today))
	want := `[allowlist.toml:31: "..." has no kind, so it is meant for anything with this ID (such as kind = "extension") ` +
		`allowlist.toml:32: "..." does not look like an ID of a known kind ` +
		`allowlist.toml:33: reason is not filled in (say why, for the next reviewer) ` +
		`allowlist.toml:36: "aeblfdkhhhdcdjpifhhbdiojplfjncoa" has no kind, so it is meant for anything with this ID (such as kind = "extension")]`
	if got != want {
		t.Errorf("Lint:\n%s\nwant:\n%s", got, want)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	list := mustParse(t, `version = 1
[policy]
review_within = "30d"
[[allow]]
name = "Adder"
kind = "extension"
id = "addon@vendor.example"
permissions = ["storage"]
hosts = ["<all_urls>"]
owner = "it@acme.example"
reason = "Work"
approved = 2026-11-23
[[allow]]
kind = "extension"
id = "addon@vendor.example"
for = ["finance-*@acme.example"]
permissions = ["storage", "tabs"]
owner = "finance@acme.example"
reason = "Reports"
approved = 2026-10-01
versions = ">=1.0"
[[allow]]
kind = "theme"
id = "addon@vendor.example"
owner = "it@acme.example"
reason = "Looks"
approved = 2026-11-23
[[deny]]
id = "addon@vendor.example"
versions = "<2"
reason = "Leaks"
[[require]]
id = "addon@vendor.example"
reason = "Wanted"
[[feed]]
path = "bad.json"
`, map[string]string{"bad.json": `[{"id": "addon@vendor.example", "versions": ["1.0"], "reason": "Malware"}]`})

	item := inventory.Item{
		Kind: inventory.KindExtension, App: inventory.App{ID: "addon@vendor.example"}, Version: "2.1",
		Holder: inventory.Holder{Account: "finance-ada@acme.example"},
		Access: inventory.Access{Permissions: untrusted("storage", "tabs")},
	}
	bad := item
	bad.Version = "1.0"
	var b strings.Builder
	print := func(title string, statements []allowlist.Statement) {
		fmt.Fprintln(&b, "#", title)
		for _, s := range statements {
			fmt.Fprintf(&b, "%v: decides %v: %s\n", s.Position, s.Decides, s.Text)
		}
	}
	print("an ID", list.Explain("addon@vendor.example", today))
	print("a name", list.Explain("adder", today))
	print("nothing", list.Explain("other@vendor.example", today))
	print("an item", list.ExplainItem(&item, today))
	print("an item of a bad version", list.ExplainItem(&bad, today))
	checkGolden(t, "explain.golden", b.String())
}

func TestRequired(t *testing.T) {
	t.Parallel()
	list := mustParse(t, string(readTestdata(t, "design.toml")), map[string]string{"feeds/malicious.csv": badA})
	required := list.Required()
	if len(required) != 1 || required[0].Title() != "aeblfdkhhhdcdjpifhhbdiojplfjncoa" {
		t.Fatalf("Required = %v", required)
	}
	item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: "{d634138d-c276-4fc8-924b-40a0ea21d284}"}}
	if !required[0].Matches(&item) {
		t.Error("the second ID of a required app does not match")
	}
	item.App.ID = "{00000000-c276-4fc8-924b-40a0ea21d284}"
	if required[0].Matches(&item) {
		t.Error("another ID matches")
	}
}
