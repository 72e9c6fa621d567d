package realbrowser_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/firefox"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// honestAddons are manifests of add-ons that do what anybody does: every permission of Firefox's schemas and many of other browsers, every
// form of host pattern, both versions, optional ones, and the other kinds of add-on.
func honestAddons() map[string]map[string]any {
	hosts := []string{
		"<all_urls>", "*://*/*", "http://*/*", "https://a.example/*", "https://*.a.example/*", "https://a.example/path/*", "https://a.example:8443/*",
		"file:///*", "wss://a.example/*", "ftp://a.example/*", "https://*.xn--bcher-kva.example/*", "https://192.0.2.1/*", "chrome://favicon/", "*://a.example/*?q=*",
	}
	all := map[string]map[string]any{}
	add := func(name string, version int, members map[string]any) {
		id := name + "@honest.example"
		members["manifest_version"], members["name"], members["version"] = version, name, "1.0"
		members["browser_specific_settings"] = map[string]any{"gecko": map[string]any{"id": id}}
		all[id] = members
	}
	permissions := [][]string{
		{"activeTab", "alarms", "bookmarks", "browserSettings", "browsingData", "captivePortal", "clipboardRead", "clipboardWrite", "contextMenus"},
		{"contextualIdentities", "cookies", "declarativeNetRequest", "declarativeNetRequestFeedback", "declarativeNetRequestWithHostAccess", "devtools"},
		{"dns", "downloads", "downloads.open", "find", "geolocation", "history", "identity", "idle", "management", "menus", "menus.overrideContext"},
		{"nativeMessaging", "notifications", "pkcs11", "privacy", "proxy", "publicSuffix", "scripting", "search", "sessions", "storage", "tabGroups"},
		{"tabHide", "tabs", "theme", "topSites", "unlimitedStorage", "webNavigation", "webRequest", "webRequestAuthProvider", "webRequestBlocking"},
		{"webRequestFilterResponse", "webRequestFilterResponse.serviceWorkerScript", "trialML", "userScripts", "mozillaAddons", "telemetry", "networkStatus"},
		{"background", "debugger", "tabCapture", "desktopCapture", "pageCapture", "contentSettings", "sidePanel", "offscreen", "favicon", "tts", "power"},
		{"gcm", "fontSettings", "declarativeContent", "system.cpu", "readingList", "processes", "enterprise.deviceAttributes", "misspelt", "Storage", ""},
	}
	for n, names := range permissions {
		add(fmt.Sprintf("two-%d", n), 2, map[string]any{"permissions": names})
		add(fmt.Sprintf("three-%d", n), 3, map[string]any{"permissions": names})
		add(fmt.Sprintf("optional-%d", n), 2, map[string]any{"permissions": []string{"storage"}, "optional_permissions": names})
	}
	for n, host := range hosts {
		add(fmt.Sprintf("host-two-%d", n), 2, map[string]any{"permissions": []string{"storage", host}})
		add(fmt.Sprintf("host-three-%d", n), 3, map[string]any{"permissions": []string{"storage"}, "host_permissions": []string{host}})
		add(fmt.Sprintf("host-optional-%d", n), 3, map[string]any{"permissions": []string{"storage"}, "optional_host_permissions": []string{host}})
		if host != "chrome://favicon/" && !strings.HasPrefix(host, "wss:") && !strings.HasPrefix(host, "ftp:") { // no page to run in
			script := []any{map[string]any{"matches": []string{host}, "js": []string{"b.js"}}}
			add(fmt.Sprintf("script-two-%d", n), 2, map[string]any{"content_scripts": script})
			add(fmt.Sprintf("script-three-%d", n), 3, map[string]any{"content_scripts": script})
		}
	}
	add("devtools", 2, map[string]any{"devtools_page": "d.html"})
	add("devtools-optional", 2, map[string]any{"devtools_page": "d.html", "optional_permissions": []string{"devtools"}})
	add("theme", 2, map[string]any{"theme": map[string]any{"colors": map[string]any{"frame": "#fff"}}})
	add("protocols", 2, map[string]any{"protocol_handlers": []any{map[string]any{"protocol": "ext+honest", "name": "H", "uriTemplate": "https://a.example/?%s"}}})
	add("new-tab", 2, map[string]any{"chrome_url_overrides": map[string]any{"newtab": "d.html"}})
	return all
}

// Honest add-ons are accused of nothing, whatever they ask for, and what is read is what Firefox lets each of them do: also those that were
// granted more, switched off and on again, or updated.
func TestHonestAddonsAreAccusedOfNothing(t *testing.T) {
	s := &firefoxScene{t: t, binary: realbrowser.RequireFirefox(t, os.Getenv), home: t.TempDir()}
	ctx := t.Context()
	browser := s.start("work.default-esr")
	folder := t.TempDir()
	install := func(id string, manifest map[string]any) {
		t.Helper()
		text, err := json.Marshal(manifest)
		s.must(err)
		file := filepath.Join(folder, id+".xpi")
		s.must(os.WriteFile(file, zipOf(t, "manifest.json", string(text), "b.js", "", "d.html", ""), 0o600))
		if err := browser.Install(ctx, file, false); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	all := honestAddons()
	for id, manifest := range all {
		install(id, manifest)
	}
	s.must(browser.Grant(ctx, "host-optional-0@honest.example", nil, []string{"<all_urls>"}))
	s.must(browser.Grant(ctx, "host-optional-5@honest.example", nil, []string{"https://a.example/path/*"}))
	s.must(browser.Grant(ctx, "optional-0@honest.example", []string{"bookmarks", "clipboardRead"}, nil))
	s.must(browser.SetEnabled(ctx, "two-1@honest.example", false))
	s.must(browser.SetEnabled(ctx, "two-2@honest.example", false))
	s.must(browser.SetEnabled(ctx, "two-2@honest.example", true))
	for _, id := range []string{"two-3@honest.example", "two-2@honest.example"} {
		all[id]["version"] = "1.1"
		all[id]["permissions"] = append(slices.Clone(all[id]["permissions"].([]string)), "https://more.example/*")
		install(id, all[id])
	}
	running, err := browser.Running(ctx)
	s.must(err)
	s.must(browser.Close(ctx))

	found := &allItems{}
	coverage, err := firefox.New(scanner.Env{
		OS: "linux", Homes: []scanner.Home{{Dir: s.home, User: "person"}}, SystemRoot: string(filepath.Separator), Getenv: func(string) string { return "" },
	}).Collect(ctx, found)
	s.must(err)
	for _, c := range coverage {
		if c.Status != inventory.StatusComplete {
			t.Errorf("%s is not complete: %s %s", c.Source.Name, c.Reason, c.Details)
		}
	}
	compared := 0
	for _, item := range found.items {
		for _, mark := range item.Marks {
			if mark.Class == inventory.MarkIdentity || mark.Class == inventory.MarkVendor && mark.Name != inventory.MarkUnsigned {
				t.Errorf("%s: %s %s", item.App.ID, mark.Name, mark.Detail)
			}
		}
		if item.State == inventory.StateLeftover {
			t.Errorf("%s is a leftover", item.App.ID)
		}
		if runs := running[string(item.App.ID)]; runs != nil && runs.Type == "extension" {
			compared++
			compareRunning(t, item, runs)
		}
	}
	t.Logf("%d add-ons, %d compared with what runs", len(all), compared)
	if compared < len(all)-5 {
		t.Errorf("only %d of %d add-ons run", compared, len(all))
	}
}

func compareRunning(t *testing.T, item *inventory.Item, runs *realbrowser.Running) {
	t.Helper()
	may := slices.DeleteFunc(slices.Clone(runs.Permissions), func(name string) bool { return name == "<all_urls>" || strings.HasPrefix(name, "internal:") })
	if got, want := names(item.Access.Permissions), sorted(may); got != want {
		t.Errorf("%s: permissions read %s, Firefox gives %s", item.App.ID, got, want)
	}
	sites := slices.DeleteFunc(slices.Clone(runs.Origins), func(origin string) bool { return strings.HasPrefix(origin, "moz-extension:") })
	if (len(sites) == 0) != (len(item.Access.Hosts) == 0) {
		t.Errorf("%s: hosts read %s, Firefox gives %s", item.App.ID, names(item.Access.Hosts), sorted(sites))
	}
}
