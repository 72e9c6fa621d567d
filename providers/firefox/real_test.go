package firefox

import (
	"slices"
	"strings"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// The home under testdata/real was written by Firefox ESR 153 around four add-ons made for it.
// Through the browser's own AddonManager and ExtensionPermissions one add-on was switched off,
// another was granted optional permissions, and the sites of the third, of manifest version 3, were
// taken away. The second profile of its profiles.ini was never started.
func TestARealHome(t *testing.T) {
	t.Parallel()
	items, coverage := collect(t, scanner.Env{OS: linux,
		Homes: []scanner.Home{{Dir: "testdata/real/person", User: "person"}}, SystemRoot: t.TempDir()})

	if len(coverage) != 1 || coverage[0].Status != inventory.StatusComplete || coverage[0].Items != 4 {
		t.Fatalf("coverage is %+v, want one profile, complete, with 4 items", coverage)
	}
	if name := coverage[0].Source.Name; name != "person/firefox/work.default" {
		t.Errorf("source is %q", name)
	}
	want := map[string]string{
		"notes@acme.example": "extension enabled 1.2 Acme notes | devtools history storage tabs | https://*.acme.example/* https://mail.example/* https://more.example/* | optional bookmarks | requested  | chrome_url_overrides.newtab devtools_page | unsigned",
		"three@acme.example": "extension enabled 3.0 Three | scripting storage |  | optional downloads | requested https://intranet.acme.example/* |  | unsigned",
		"off@acme.example":   "extension disabled 0.1 Off | cookies | <all_urls> | optional  | requested  |  | unsigned",
		"dress@acme.example": "theme disabled 1.0 Dress |  |  | optional  | requested  |  | unsigned",
	}
	for _, item := range items {
		var marks []inventory.Untrusted
		for _, mark := range item.Marks {
			marks = append(marks, inventory.Untrusted(mark.Name))
		}
		a := item.Access
		got := strings.Join([]string{
			strings.Join([]string{string(item.Kind), string(item.State), string(item.Version), string(item.App.Name)}, " "),
			spaced(a.Permissions), spaced(a.Hosts), "optional " + spaced(a.Optional), "requested " + spaced(a.Requested),
			spaced(a.Surfaces), spaced(marks),
		}, " | ")
		if got != want[string(item.App.ID)] {
			t.Errorf("%s:\n got %s\nwant %s", item.App.ID, got, want[string(item.App.ID)])
		}
		if item.Origin != inventory.OriginSideload {
			t.Errorf("%s: origin is %q, want sideload: a program put it there", item.App.ID, item.Origin)
		}
		if item.Holder != (inventory.Holder{User: "person", Browser: "Firefox", Profile: "work.default",
			ProfileName: "Work"}) {
			t.Errorf("%s: holder is %+v", item.App.ID, item.Holder)
		}
		if private := item.Facts["private_browsing"]; (private == "yes") != (item.App.ID == "three@acme.example") {
			t.Errorf("%s: private browsing is %q", item.App.ID, private)
		}
	}
	if len(items) != len(want) {
		t.Errorf("%d items, want %d", len(items), len(want))
	}
}

func spaced(list []inventory.Untrusted) string {
	texts := make([]string, len(list))
	for n, text := range list {
		texts[n] = string(text)
	}
	return strings.Join(texts, " ")
}

func TestOnlyNeededFilesAreOpened(t *testing.T) {
	t.Parallel()
	opened := make(chan string, 100)
	collect(t, scanner.Env{
		OS: linux, Homes: []scanner.Home{{Dir: "testdata/real/person"}}, SystemRoot: t.TempDir(),
		Observe: func(path string) { opened <- path },
	})
	close(opened)
	allowed := []string{profilesFile, extensionsFile, grantsFile, startupFile}
	count := 0
	for path := range opened {
		count++
		if name := lastPart(path); !slices.Contains(allowed, name) && !strings.HasSuffix(name, ".xpi") {
			t.Errorf("%s was opened", path)
		}
	}
	if count != 8 {
		t.Errorf("%d files were opened, want 8", count)
	}
}
