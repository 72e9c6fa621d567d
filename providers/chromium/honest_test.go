package chromium

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/inventory"

	"github.com/go-json-experiment/json"
)

// honestManifests are manifests of honest extensions: one for each permission that required.go
// counts on, and every form of host.
func honestManifests() map[string]map[string]any {
	all := map[string]map[string]any{}
	for name, since := range ordinary {
		all["permission "+name] = map[string]any{"manifest_version": max(since, 3), "permissions": []string{name}}
	}
	for n, host := range []string{
		"<all_urls>", "*://*/*", "http://*/*", "https://*/*", "*://*.example.com/*", "https://example.com/deep/path", "https://example.com:8443/*",
		"http://127.0.0.1/*", "https://[::1]/*", "file:///*", "ftp://example.com/*", "ws://example.com/*", "https://*.xn--exmple-cua.com/*", "https://EXAMPLE.com/*",
	} {
		all[fmt.Sprintf("host %d", n)] = map[string]any{"manifest_version": 3, "host_permissions": []string{host}}
		all[fmt.Sprintf("content script %d", n)] = map[string]any{
			"manifest_version": 3, "content_scripts": []any{map[string]any{"matches": []string{host}, "js": []string{"c.js"}}},
		}
	}
	all["unknown names"] = map[string]any{"manifest_version": 3, "permissions": []string{"storage", "fileSystem", "menus", "nonsense", "webRequestBlocking"}}
	all["optional"] = map[string]any{"manifest_version": 3, "optional_permissions": []string{"history"}, "optional_host_permissions": []string{"<all_urls>"}}
	all["surfaces"] = map[string]any{
		"manifest_version": 3, "devtools_page": "d.html", "omnibox": map[string]any{"keyword": "x"}, "chrome_url_overrides": map[string]any{"newtab": "d.html"},
		"externally_connectable": map[string]any{"matches": []string{"https://example.com/*"}},
	}
	return all
}

// TestHonestExtensionsOfARealBrowserAreNotAccused loads an extension for each permission and each
// form of host into the real browser, some switched off and on again. None is accused of anything,
// and each holds what the browser says that it holds.
func TestHonestExtensionsOfARealBrowserAreNotAccused(t *testing.T) {
	if testing.Short() {
		t.Skip("it loads about a hundred extensions")
	}
	binary := realbrowser.RequireChromium(t, os.Getenv)
	home := t.TempDir()
	browser, err := realbrowser.StartChromium(t.Context(), realbrowser.ChromiumOptions{
		Binary: binary, Home: home, UserDataDir: filepath.Join(home, ".config", "chromium"), Profile: "Default", Root: os.Geteuid() == 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Kill)
	manifests := honestManifests()
	byID := map[string]string{}
	for n, name := range slices.Sorted(maps.Keys(manifests)) {
		manifest := manifests[name]
		manifest["name"], manifest["version"] = name, "1.0"
		encoded, err := json.Marshal(manifest)
		if err != nil {
			t.Fatal(err)
		}
		e := &realbrowser.Extension{Name: name, Version: "1.0", Files: map[string][]byte{"manifest.json": encoded, "c.js": {}, "d.html": {}}}
		folder := filepath.Join(home, "src", fmt.Sprint(n))
		if err := e.WriteTo(folder); err != nil {
			t.Fatal(err)
		}
		id, err := browser.LoadUnpacked(t.Context(), folder)
		if err != nil {
			t.Logf("the browser refuses %s: %v", name, err)
			continue
		}
		byID[id] = name
		for _, on := range [][]bool{nil, {false}, {false, true}}[n%3] {
			if err := browser.SetEnabled(t.Context(), id, on); err != nil {
				t.Fatal(err)
			}
		}
	}
	says, err := browser.Extensions(t.Context())
	if err == nil {
		err = browser.Close(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	items, coverage := collect(t, scanner.Env{OS: runtime.GOOS, Homes: []scanner.Home{{Dir: home, User: "ada"}}, SystemRoot: "/"})
	if len(coverage) != 1 || coverage[0].Status != inventory.StatusComplete {
		t.Errorf("coverage %+v", coverage)
	}
	found := 0
	for _, item := range items {
		name, ok := byID[string(item.App.ID)]
		if !ok {
			continue // of the machine: Debian's Chromium loads what lies below /usr/share
		}
		found++
		real := says[string(item.App.ID)]
		for _, mark := range item.Marks {
			t.Errorf("%s: marked %s %s: %q", name, mark.Class, mark.Name, mark.Detail)
		}
		if (item.State == inventory.StateEnabled) != (real.State == "ENABLED") {
			t.Errorf("%s: %s, the browser says %s", name, item.State, real.State)
		}
		slices.Sort(real.Management.Permissions)
		if got := strings.Join(texts(item.Access.Permissions), " "); got != strings.Join(real.Management.Permissions, " ") {
			t.Errorf("%s: permissions %q, the browser says %q", name, got, real.Management.Permissions)
		}
	}
	if found != len(byID) || found < 40 {
		t.Errorf("%d extensions read of %d loaded", found, len(byID))
	}
	t.Logf("%d honest extensions, none accused", found)
}

func texts(list []inventory.Untrusted) []string {
	var converted []string
	for _, text := range list {
		converted = append(converted, string(text))
	}
	return converted
}
