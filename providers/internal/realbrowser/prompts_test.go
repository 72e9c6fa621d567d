package realbrowser_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// hostForms are the kinds of match patterns that manifests hold.
var hostForms = []string{
	"<all_urls>", "*://*/*", "https://*/*", "http://*/*", "https://*/login*", "https://*.com/*", "https://*.co.uk/*",
	"https://example.com/*",
	"https://*.example.org/*", "http://example.net:8080/*", "http://127.0.0.1/*", "file:///*", "ftp://ftp.example.com/*",
	"http://example.com/*", "https://example.com/a/*", "https://www.example.com/*", "https://*.example.com/*",
	"https://example.co.uk/*",
	"https://example.github.io/*", "https://example.io/*", "http://intranet/*", "https://other.example.net/*",
}

// Whether Chromium asks about a permission, a host or a manifest key is what it answers itself: for
// each row of the table that it offers to extensions alone, and for each added to each other.
func TestChromiumAsksAboutWhatTheTableSays(t *testing.T) {
	p := &prompts{t: t, browser: startForPrompts(t, realbrowser.RequireChromium(t, os.Getenv))}
	p.offered()
	if len(p.names) < 60 {
		t.Fatalf("Chromium offers only %d permissions of the table: %q", len(p.names), p.names)
	}
	all := slices.Concat(p.names, hostForms)
	p.alone(all)
	p.scripts()
	p.beside(all)
	p.keys()
	t.Logf("compared %d permissions, %d forms of hosts and each beside each", len(p.names), len(hostForms))
}

type prompts struct {
	t       *testing.T
	browser *realbrowser.Chromium
	asker   string   // the extension that asks
	names   []string // the table's permissions that the browser offers to extensions
}

func startForPrompts(t *testing.T, binary string) *realbrowser.Chromium {
	t.Helper()
	home := t.TempDir()
	browser, err := realbrowser.StartChromium(t.Context(), realbrowser.ChromiumOptions{
		Binary: binary, Home: home, UserDataDir: filepath.Join(home, "profile"), Profile: "Default", Root: os.Geteuid() == 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Kill)
	return browser
}

// offered asks an extension that wants all of the table for what it was given.
func (p *prompts) offered() {
	var table struct {
		Permissions []struct{ Name string }
	}
	if _, err := toml.DecodeFile(filepath.FromSlash("../../../scanner/risk/tables/chrome.toml"), &table); err != nil {
		p.t.Fatal(err)
	}
	var wanted []string
	for _, row := range table.Permissions {
		if !slices.Contains([]string{"fileSystem", "mediaGalleries", "socket", "usbDevices"},
			row.Name) { // of packaged apps, not names alone
			wanted = append(wanted, row.Name)
		}
	}
	manifest, err := json.Marshal(manifestOf(wanted))
	p.must(err)
	dir := p.t.TempDir()
	p.must(os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o600))
	p.must(os.WriteFile(filepath.Join(dir, "page.html"), nil, 0o600))
	p.asker, err = p.browser.LoadUnpacked(p.t.Context(), dir)
	p.must(err)
	given, err := p.browser.Run(p.t.Context(), p.asker, "page.html",
		"chrome.permissions.getAll().then(all => all.permissions)")
	p.must(err)
	p.must(json.Unmarshal(given, &p.names))
	slices.Sort(p.names)
}

// alone compares each addition to an extension that holds nothing.
func (p *prompts) alone(all []string) {
	manifests := make([]map[string]any, len(all))
	for n, name := range all {
		manifests[n] = manifestOf([]string{name})
	}
	for n, warnings := range p.warnings(manifests) {
		silent := risk.Silent(held(), inventory.Untrusted(all[n]))
		if silent != (len(warnings) == 0) {
			p.t.Errorf("%s: silent %v in the table, and Chromium asks %q", all[n], silent, warnings)
		}
	}
}

// scripts compares hosts where they stand under content_scripts.
func (p *prompts) scripts() {
	manifests := make([]map[string]any, len(hostForms))
	for n, host := range hostForms {
		manifests[n] = manifestOf(nil)
		manifests[n]["content_scripts"] = []any{map[string]any{"matches": []string{host}, "css": []string{"style.css"}}}
	}
	for n, warnings := range p.warnings(manifests) {
		if silent := risk.Silent(held(), inventory.Untrusted(hostForms[n])); silent != (len(warnings) == 0) {
			p.t.Errorf("content_scripts %s: silent %v in the table, and Chromium asks %q", hostForms[n], silent, warnings)
		}
	}
}

// beside compares each addition to an extension that holds one other thing. What a host is to
// another, prompts do not tell: they name the best known of example.com and example.net, and what
// an update asks is another matter. See the test of updates.
func (p *prompts) beside(all []string) {
	type pair struct{ first, added string }
	var pairs []pair
	var manifests []map[string]any
	for _, first := range all {
		manifests = append(manifests, manifestOf([]string{first}))
		for _, added := range all {
			if added != first && !(isPattern(first) && isPattern(added)) {
				pairs = append(pairs, pair{first, added})
			}
		}
	}
	before := make(map[string][]string, len(all))
	for n, warnings := range p.warnings(manifests) {
		before[all[n]] = warnings
	}
	manifests = manifests[:0]
	for _, each := range pairs {
		manifests = append(manifests, manifestOf([]string{each.first, each.added}))
	}
	for n, after := range p.warnings(manifests) {
		each := pairs[n]
		silent := risk.Silent(held(each.first), inventory.Untrusted(each.added))
		if asks := !slices.Equal(before[each.first], after); silent == asks {
			p.t.Errorf("%s beside %s: silent %v in the table, and Chromium asks %q before and %q after", each.added,
				each.first, silent,
				before[each.first], after)
		}
	}
}

// keys compares manifest keys.
func (p *prompts) keys() {
	tests := []struct {
		surface, key string
		value        any
	}{
		{"mime_types_handler application/pdf", "mime_types_handler",
			map[string]any{"application/pdf": map[string]any{"handler_url": "page.html"}}},
		{"protocol_handlers mailto", "protocol_handlers",
			[]any{map[string]any{"protocol": "mailto", "name": "Mail", "uriTemplate": "https://example.com/?to=%s"}}},
		{"externally_connectable https://example.com/*", "externally_connectable",
			map[string]any{"matches": []string{"https://example.com/*"}}},
		{"devtools_page", "devtools_page", "page.html"},
		{"chrome_url_overrides.newtab", "chrome_url_overrides", map[string]any{"newtab": "page.html"}},
		{"chrome_url_overrides.history", "chrome_url_overrides", map[string]any{"history": "page.html"}},
		{"chrome_url_overrides.bookmarks", "chrome_url_overrides", map[string]any{"bookmarks": "page.html"}},
	}
	var manifests []map[string]any
	for _, test := range tests {
		manifest := manifestOf(nil)
		manifest[test.key] = test.value
		manifests = append(manifests, manifest)
	}
	for n, warnings := range p.warnings(manifests) {
		surface := tests[n].surface
		if silent := risk.Silent(held(), inventory.Untrusted(surface)); silent != (len(warnings) == 0) {
			p.t.Errorf("%s: silent %v in the table, and Chromium asks %q", surface, silent, warnings)
		}
	}
}

// warnings are sorted: their order is not part of what is asked.
func (p *prompts) warnings(manifests []map[string]any) [][]string {
	p.t.Helper()
	const batch = 500
	var all [][]string
	for part := range slices.Chunk(manifests, batch) {
		texts := make([]string, len(part))
		for n, manifest := range part {
			text, err := json.Marshal(manifest)
			p.must(err)
			texts[n] = string(text)
		}
		list, err := json.Marshal(texts)
		p.must(err)
		answer, err := p.browser.Run(p.t.Context(), p.asker, "page.html",
			"Promise.all("+string(list)+".map(text => chrome.management.getPermissionWarningsByManifest(text)))")
		p.must(err)
		var warnings [][]string
		p.must(json.Unmarshal(answer, &warnings))
		all = append(all, warnings...)
	}
	if len(all) != len(manifests) {
		p.t.Fatalf("%d answers for %d manifests", len(all), len(manifests))
	}
	for _, each := range all {
		slices.Sort(each)
	}
	return all
}

func (p *prompts) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// held is an extension of the store that holds these.
func held(names ...string) *inventory.Item {
	item := &inventory.Item{Source: inventory.Source{Provider: inventory.Chromium}, Kind: inventory.KindExtension,
		Origin: inventory.OriginStore}
	if slices.Contains(names, "devtools_page") {
		item.Access.Surfaces = []inventory.Untrusted{"devtools_page"}
		return item
	}
	permissions, hosts := split(names)
	for _, name := range permissions {
		item.Access.Permissions = append(item.Access.Permissions, inventory.Untrusted(name))
	}
	for _, host := range hosts {
		item.Access.Hosts = append(item.Access.Hosts, inventory.Untrusted(host))
	}
	return item
}

func manifestOf(names []string) map[string]any {
	permissions, hosts := split(names)
	return map[string]any{
		"manifest_version": 3, "name": "Prompts", "version": "1", "permissions": permissions, "host_permissions": hosts,
	}
}

func split(names []string) (permissions, hosts []string) {
	permissions, hosts = []string{}, []string{}
	for _, name := range names {
		if isPattern(name) {
			hosts = append(hosts, name)
		} else {
			permissions = append(permissions, name)
		}
	}
	return permissions, hosts
}

func isPattern(name string) bool {
	return strings.Contains(name, "://") || name == access.AllURLs
}
