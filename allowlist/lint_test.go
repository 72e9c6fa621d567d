package allowlist_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		`allowlist.toml:32: "..." cannot be an ID of a known kind ` +
		`allowlist.toml:33: reason is not filled in (say why, for the next reviewer) ` +
		`allowlist.toml:36: "aeblfdkhhhdcdjpifhhbdiojplfjncoa" has no kind, so it is meant for anything with this ID (such as kind = "extension") ` +
		`allowlist.toml:36: the requirement of "aeblfdkhhhdcdjpifhhbdiojplfjncoa" has no name (such as name = "Password manager")]`
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

func lintOf(t *testing.T, text string) []allowlist.Warning {
	t.Helper()
	return mustParse(t, "version = 1\n[policy]\nreview_within = \"365d\"\n"+text, nil).Lint(today)
}

// said returns the warnings of a rule, with their lines.
func said(warnings []allowlist.Warning, rule allowlist.LintRule) []string {
	var found []string
	for _, warning := range warnings {
		if warning.Rule == rule {
			found = append(found, fmt.Sprintf("%d: %s", warning.Position.Line, warning.Message))
		}
	}
	return found
}

func entryOf(kind, id, more string) string {
	return fmt.Sprintf("[[allow]]\nname = \"App\"\nkind = %q\nid = %q\nowner = \"it@acme.example\"\nreason = \"Needed\"\napproved = 2026-11-01\n%s\n", kind, id, more)
}

func TestIDsThatCannotExistAreSaid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, id, want string }{
		{"extension", "aaaabbbbccccddddeeeeffffgggghhhh", ""},
		{"extension", "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH", ""},
		{"extension", "aaaabbbbccccddddeeeeffffgggghhh", "it has 31 letters, and a Chrome ID has 32"},
		{"extension", "aaaabbbbccccddddeeeeffffgggghhhz", `it has "z", and a Chrome ID has only a to p`},
		{"extension", "addon@vendor.example", ""},
		{"extension", "{d634138d-c276-4fc8-924b-40a0ea21d284}", ""},
		{"extension", "d634138d-c276-4fc8-924b-40a0ea21d284", "the ID of an add-on has its UUID in braces"},
		{"extension", "{d634138d-c276-4fc8-924b-40a0ea21d28}", "what is in its braces is no UUID"},
		{"extension", "ublock-origin", "cannot be an ID of kind extension"},
		{"theme", "19570130570-abc", "cannot be an ID of kind theme"},
		{"dictionary", "aaaabbbbccccddddeeeeffffgggghhhh", "cannot be an ID of kind dictionary"}, // Firefox's alone
		{"oauth-grant", "19570130570-abc.apps.googleusercontent.com", ""},
		{"oauth-grant", "77185425430", ""},
		{"oauth-grant", "vendor.example", ""},
		{"oauth-grant", "aaaabbbbccccddddeeeeffffgggghhhh", "cannot be an ID of kind oauth-grant"},
		{"app-installation", "15368", ""},
		{"app-installation", "acme-ci", "it is the name in an app's address: guestlist show acme-ci says its number"},
		{"deploy-key", "SHA256:" + strings.Repeat("a", 43), ""},
		{"deploy-key", "SHA256:short", "cannot be an ID of kind deploy-key"},
		{"access-token", "4711", ""}, {"access-token", "grant-4711", ""},
		{"access-token", "ghp_x", "cannot be an ID of kind access-token"},
		{"webhook", "ci.acme.example", ""},
	} {
		t.Run(test.kind+"-"+test.id, func(t *testing.T) {
			t.Parallel()
			got := said(lintOf(t, entryOf(test.kind, test.id, "")), allowlist.RuleID)
			switch {
			case test.want == "" && len(got) > 0:
				t.Errorf("lint says %q", got)
			case test.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], "7: ") || !strings.Contains(got[0], test.want)):
				t.Errorf("lint says %q, want 7: …%s", got, test.want)
			}
		})
	}
}

func TestApprovalsThatMakeAnotherVoid(t *testing.T) {
	t.Parallel()
	const narrow, wide = "permissions = [\"tabs\"]\nhosts = []", "permissions = [\"storage\", \"tabs\"]\nhosts = [\"<all_urls>\"]"
	app := func(more string) string { return entryOf("extension", appA, more) }
	for _, test := range []struct {
		name, text string
		rule       allowlist.LintRule
		want       string
	}{
		{"a-narrow-exception", app(wide) + app(narrow+"\nfor = [\"*@acme.example\"]"), allowlist.RuleShadowed, `13: "App" has no effect: line 4 approves the same and more`},
		{"a-narrow-rule-beside-a-wide-exception", app(narrow) + app(wide+"\nfor = [\"a@acme.example\"]"), "", ""},
		{"without-pins", app("") + app(narrow+"\nfor = [\"a@acme.example\"]"), allowlist.RuleShadowed, `12: "App" has no effect: line 4 approves the same and more`},
		{"another-version", app(wide+"\nversions = \">=2\"") + app(narrow+"\nfor = [\"a@acme.example\"]"), "", ""},
		{"another-origin", app(wide+"\norigin = [\"policy\"]") + app(narrow+"\norigin = [\"store\"]\nfor = [\"a@acme.example\"]"), "", ""},
		{"a-wider-one-that-waits", strings.Replace(app(wide), `"Needed"`, `"TODO"`, 1) + app(narrow+"\nfor = [\"a@acme.example\"]"), "", ""},
		{"a-project", "[[allow]]\nkind = \"oauth-grant\"\nproject = \"19570130570\"\nowner = \"it@acme.example\"\nreason = \"All of it\"\napproved = 2026-11-01\n" +
			entryOf("oauth-grant", "19570130570-abc", "permissions = [\"openid\"]"), allowlist.RuleShadowed, `10: "App" has no effect: line 4 approves the same and more`},
		{"another-kind", app(wide) + strings.Replace(entryOf("theme", appA, narrow), "extension", "theme", 1), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			warnings := lintOf(t, test.text)
			got := append(said(warnings, allowlist.RuleShadowed), said(warnings, allowlist.RuleOverlap)...)
			if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || got[0] != test.want) {
				t.Errorf("lint says %q, want %q", got, test.want)
			}
		})
	}
}

// What approves the same in two lists, or for some of the same holders, is said once.
func TestApprovalsOfSeveralListsOverlap(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{
		"allowlist.toml": "version = 1\ninclude = [\"base.toml\"]\n" +
			entryOf("extension", appA, "permissions = [\"tabs\"]\nhosts = []") +
			entryOf("extension", appB, "permissions = [\"tabs\"]\nhosts = []\nfor = [\"web-*\"]"),
		"base.toml": "version = 1\n" + entryOf("extension", appA, "permissions = [\"tabs\"]\nhosts = []") +
			entryOf("extension", appB, "permissions = [\"storage\"]\nhosts = []\nfor = [\"*-lead\"]"),
	})
	list, err := allowlist.Load(filepath.Join(dir, "allowlist.toml"))
	if err != nil {
		t.Fatal(err)
	}
	warnings := list.Lint(today)
	for rule, want := range map[allowlist.LintRule]string{
		allowlist.RuleShadowed: `2: "App" has no effect: ` + filepath.ToSlash(dir) + `/allowlist.toml:3 approves the same and more`,
		allowlist.RuleOverlap:  `11: "App" and ` + filepath.ToSlash(dir) + `/allowlist.toml:12 are both meant for some holders: which decides depends on what the app holds`,
	} {
		if got := said(warnings, rule); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q\nwant %q", rule, got, want)
		}
	}
}

func TestEveryRuleOfLintHasARow(t *testing.T) {
	t.Parallel()
	seen := map[allowlist.LintRule]bool{}
	for _, info := range allowlist.LintRules {
		if seen[info.Rule] || info.Summary == "" || info.Help == "" || info.Rule.Info() != info {
			t.Errorf("the row of %q: %+v", info.Rule, info)
		}
		seen[info.Rule] = true
	}
	text := string(readTestdata(t, "lint.toml"))
	for _, warning := range mustParse(t, text, map[string]string{"feed.txt": badA + "\nx\n"}).Lint(today) {
		if !seen[warning.Rule] {
			t.Errorf("%v has the rule %q, which has no row", warning, warning.Rule)
		}
	}
}

func TestPinsThatNothingUses(t *testing.T) {
	t.Parallel()
	texts := func(list ...inventory.Untrusted) []inventory.Untrusted { return list }
	extension := func(access inventory.Access) *inventory.Item {
		return &inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: appA}, Access: access}
	}
	const pins = "permissions = [\"alarms\", \"cookies\", \"storage\", \"tabs\"]\nhosts = [\"https://*.acme.example/*\", \"https://other.example/*\"]"
	for _, test := range []struct {
		name  string
		items []*inventory.Item
		whole bool
		want  []string
	}{
		{"some", []*inventory.Item{extension(inventory.Access{Permissions: texts("storage"), Hosts: texts("https://a.acme.example/*"), Basis: inventory.BasisGranted})}, true,
			[]string{`11: "App": 3 of 4 pinned permissions are unused in the scan of today`, `12: "App": 1 of 2 pinned hosts is unused in the scan of today`}},
		{"what-another-holder-uses", []*inventory.Item{
			extension(inventory.Access{Permissions: texts("storage", "alarms"), Hosts: texts("<all_urls>"), Basis: inventory.BasisGranted}),
			extension(inventory.Access{Permissions: texts("tabs"), Optional: texts("cookies"), Hosts: texts("https://a.acme.example/*"), Basis: inventory.BasisGranted})}, true, nil},
		{"nothing-was-seen", nil, true, nil},
		{"not-everything-was-read", []*inventory.Item{extension(inventory.Access{Permissions: texts("storage"), Hosts: texts(), Basis: inventory.BasisGranted})}, false, nil},
		{"its-access-is-unknown", []*inventory.Item{extension(inventory.Access{})}, true, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			usage := mustParse(t, "version = 1\n[policy]\nreview_within = \"365d\"\n"+entryOf("extension", appA, pins), nil).NewUsage()
			for _, item := range test.items {
				usage.See(item, test.whole)
			}
			got := said(usage.Lint("in the scan of today"), allowlist.RuleWidePins)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lint (-want +got):\n%s", diff)
			}
		})
	}
	usage := mustParse(t, "version = 1\n"+entryOf("app-installation", "15368", "permissions = [\"contents:write\", \"metadata:read\"]"), nil).NewUsage()
	usage.See(&inventory.Item{Kind: inventory.KindInstallation, App: inventory.App{ID: "15368"},
		Access: inventory.Access{Permissions: texts("contents:read", "metadata:read"), Basis: inventory.BasisGranted}}, true)
	if got := said(usage.Lint("now"), allowlist.RuleWidePins); len(got) != 1 || !strings.Contains(got[0], "1 of 2 pinned permissions is unused") {
		t.Errorf("a pin at a higher level than is held: %q", got)
	}
}
