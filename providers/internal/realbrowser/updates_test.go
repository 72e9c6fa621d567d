package realbrowser_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// An update that adds what the table calls silent leaves the extension on, and any other switches
// it off until somebody agrees: for what prompts at installation do not tell, each pair is an
// extension that a real Chromium updates. (file:///* is not among them: after an update that adds
// it Chromium asks, and names nothing, so that nobody learns of it.)
func TestChromiumUpdatesWithoutAskingWhatTheTableCallsSilent(t *testing.T) {
	binary := realbrowser.RequireChromium(t, os.Getenv)
	if os.Geteuid() != 0 {
		realbrowser.Missing(t, os.Getenv, "setting a managed policy needs root")
	}
	pairs := []struct{ held, added string }{
		{"", "tabs"}, {"", "cookies"}, {"", "scripting"}, {"", "webRequest"}, {"", "userScripts"}, {"", "identity"},
		{"", "sessions"}, {"", "browsingData"}, {"", "management"}, {"", "nativeMessaging"}, {"", "debugger"},
		{"", "notifications"}, {"tabs", "sessions"}, {"sessions", "tabs"}, {"history", "tabs"}, {"tabs", "history"},
		{"<all_urls>", "tabs"}, {"https://*/login*", "tabs"}, {"https://*.com/*", "tabs"}, {"<all_urls>", "debugger"},
		{"proxy", "<all_urls>"}, {"debugger", "<all_urls>"}, {"tabCapture", "https://example.com/*"},
		{"", "https://example.com/*"}, {"", "https://*.com/*"}, {"https://example.com/*", "https://example.net/*"},
		{"https://example.net/*", "https://example.com/*"}, {"https://example.com/*", "https://example.co.uk/*"},
		{"https://example.co.uk/*", "https://example.com/*"}, {"https://example.com/*", "http://example.com/*"},
		{"https://example.com/a/*", "https://example.com/*"}, {"https://example.com/*", "https://www.example.com/*"},
		{"https://www.example.com/*", "https://example.com/*"}, {"https://*.example.com/*", "https://example.net/*"},
		{"https://*.example.com/*", "https://www.example.net/*"}, {"https://example.com/*", "https://*.example.com/*"},
		{"https://example.com/*", "https://*.example.net/*"},
		{"https://example.github.io/*", "https://example.gitlab.io/*"},
		{"https://example.github.io/*", "https://example.github.com/*"},
		{"https://example.com/*", "https://example.org:8443/*"}, {"http://intranet/*", "http://wiki/*"},
		{"http://127.0.0.1/*", "http://127.0.0.2/*"}, {"*://*/*", "<all_urls>"}, {"https://*/*", "http://*/*"},
		{"https://*/login*", "<all_urls>"}, {"https://*/login*", "https://example.com/*"},
		{"https://*.com/*", "<all_urls>"}, {"https://*.com/*", "https://example.net/*"},
		{"https://*.com/*", "https://*.net/*"}, {"file:///*", "<all_urls>"},
		{"https://*.example.com/*", "https://*.example.net/*"},
		{"https://*.example.com/*", "https://*.www.example.net/*"},
		{"https://*.example.co.uk/*", "https://example.com/*"}, {"file:///*", "https://example.com/*"},
		{"ftp://ftp.example.com/*", "https://ftp.example.com/*"}, {"", "devtools_page"},
		{"", "chrome_url_overrides.newtab"}, {"", "chrome_url_overrides.history"},
		{"", "mime_types_handler application/pdf"}, {"", "protocol_handlers mailto"},
		{"", "externally_connectable https://example.com/*"}, {"<all_urls>", "devtools_page"},
		{"devtools_page", "tabs"}, {"devtools_page", "https://example.com/*"},
	}
	updates, policy := realbrowser.NewUpdates(t), realbrowser.ExtensionPolicy{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ids := make([]string, len(pairs))
	for n, pair := range pairs {
		e := packed(t, n, "1.0", pair.held)
		id, err := e.ID()
		must(err)
		must(updates.Offer(e))
		ids[n], policy[id] = id, realbrowser.ExtensionSetting{Mode: "normal_installed", UpdateURL: updates.URL(),
			Override: true}
	}
	must(realbrowser.SetPolicy(t, policy))
	browser := startForPrompts(t, binary)
	must(browser.UpdateAll(t.Context()))
	all := func(version string) func(map[string]*realbrowser.ChromiumExtension) bool {
		return func(list map[string]*realbrowser.ChromiumExtension) bool {
			return !slices.ContainsFunc(ids, func(id string) bool { return list[id] == nil || list[id].Version != version })
		}
	}
	const long = 120 * time.Second
	must(browser.WaitFor(t.Context(), "all to be installed", long, all("1.0")))
	for n, pair := range pairs {
		must(updates.Offer(packed(t, n, "2.0", pair.held, pair.added)))
	}
	must(browser.UpdateAll(t.Context()))
	must(browser.WaitFor(t.Context(), "all to be updated", long, all("2.0")))
	list, err := browser.Extensions(t.Context())
	must(err)
	for n, pair := range pairs {
		var before []string
		if pair.held != "" {
			before = append(before, pair.held)
		}
		silent := risk.Silent(held(before...), inventory.Untrusted(pair.added))
		if isOn := list[ids[n]].State == "ENABLED"; silent != isOn {
			t.Errorf("%s beside %q: silent %v in the table, and after the update it is %s", pair.added, pair.held, silent,
				list[ids[n]].State)
		}
	}
	t.Logf("compared %d updates", len(pairs))
}

// packed is one version of an extension that holds these permissions, hosts and surfaces.
func packed(t *testing.T, n int, version string, held ...string) *realbrowser.Extension {
	t.Helper()
	var names []string
	manifest := map[string]any{}
	for _, name := range held {
		key, part, _ := strings.Cut(name, " ")
		surface, member, _ := strings.Cut(key, ".")
		switch surface {
		case "":
		case "devtools_page":
			manifest[surface] = "page.html"
		case "chrome_url_overrides":
			manifest[surface] = map[string]any{member: "page.html"}
		case "mime_types_handler":
			manifest[surface] = map[string]any{part: map[string]any{"handler_url": "page.html"}}
		case "protocol_handlers":
			manifest[surface] = []any{map[string]any{"protocol": part, "name": "Links",
				"uriTemplate": "https://example.com/?to=%s"}}
		case "externally_connectable":
			manifest[surface] = map[string]any{"matches": []string{part}}
		default:
			names = append(names, name)
		}
	}
	for key, value := range manifestOf(names) {
		manifest[key] = value
	}
	manifest["version"] = version
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	return &realbrowser.Extension{
		Name: fmt.Sprintf("silent-%d", n), Version: version,
		Files: map[string][]byte{"manifest.json": text, "page.html": []byte("<!doctype html>")},
	}
}
