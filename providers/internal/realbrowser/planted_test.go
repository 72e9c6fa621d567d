package realbrowser_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/chromium"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"

	"github.com/go-json-experiment/json"
)

// claims are what whoever writes a profile may say of an extension that reads every page. MANIFEST
// is its manifest, HARMLESS one with the same key that asks for storage alone, ID its ID.
var claims = map[string]string{
	"nothing hidden":                    `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"no list of what runs":              `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST}`,
	"a shrunken list of what runs":      `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":{"api":["storage"]},"granted_permissions":ALL}`,
	"an empty list of what runs":        `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":{},"granted_permissions":ALL}`,
	"shrunken lists of both":            `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":{"api":["storage"]},"granted_permissions":{"api":["storage"]}}`,
	"a harmless copy of the manifest":   `{"location":1,"path":"ID/1.0_0","manifest":HARMLESS,"active_permissions":{"api":["storage"]}}`,
	"a copy to be put in its language":  `{"location":1,"path":"ID/1.0_0","manifest":LOCALIZED,"active_permissions":{"api":["storage"]}}`,
	"no copy of the manifest":           `{"location":1,"path":"ID/1.0_0","active_permissions":ALL}`,
	"state two":                         `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"state":2,"active_permissions":ALL,"granted_permissions":ALL}`,
	"state off":                         `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"state":0,"active_permissions":ALL,"granted_permissions":ALL}`,
	"reasons that are text":             `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"disable_reasons":["1"],"active_permissions":ALL,"granted_permissions":ALL}`,
	"a reason with a fraction":          `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"disable_reasons":[1.5],"active_permissions":ALL,"granted_permissions":ALL}`,
	"a reason as a bit":                 `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"disable_reasons":1,"active_permissions":ALL,"granted_permissions":ALL}`,
	"a reason nobody knows":             `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"disable_reasons":[1073741824],"active_permissions":ALL,"granted_permissions":ALL}`,
	"a reason of nothing":               `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"disable_reasons":[0],"active_permissions":ALL,"granted_permissions":ALL}`,
	"two lists of reasons":              `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"disable_reasons":[1],"disable_reasons":[],"active_permissions":ALL,"granted_permissions":ALL}`,
	"a component":                       `{"location":5,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"an external component":             `{"location":10,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"an external component elsewhere":   `{"location":10,"path":"HOME/resources/own","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"a store's one at an absolute path": `{"location":1,"path":"HOME/resources/own","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"a path that climbs":                `{"location":1,"path":"../../../resources/own","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"an empty path":                     `{"location":1,"path":"","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"a path with dots":                  `{"location":1,"path":"./ID/./1.0_0","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL}`,
	"a bookmark's flag":                 `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"creation_flags":17,"active_permissions":ALL,"granted_permissions":ALL}`,
	"an update that waits": `{"location":1,"path":"ID/0.9_0","manifest":HARMLESS,"active_permissions":{"api":["storage"]},"granted_permissions":ALL,` +
		`"idle_install_info":{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"disable_reasons":[],"from_webstore":true,"creation_flags":9}}`,
	"withheld and given back": `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL,"withholding_permissions":true,"runtime_granted_permissions":ALL}`,
	"withheld":                `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":ALL,"granted_permissions":ALL,"withholding_permissions":true}`,
	"no location":             `{"path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":ALL}`,
	"a location that is text": `{"location":"1","path":"ID/1.0_0","manifest":MANIFEST,"active_permissions":ALL}`,
	"a verdict that is text":  `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"blacklist_state":"1","active_permissions":ALL,"granted_permissions":ALL}`,
	"an older name's verdict": `{"location":1,"path":"ID/1.0_0","manifest":MANIFEST,"blacklist":true,"active_permissions":ALL,"granted_permissions":ALL}`,
}

const everything = `{"api":["cookies","storage"],"explicit_host":["<all_urls>"],"manifest_permissions":[],"scriptable_host":[]}`

// TestWhatChromiumLoadsOfAPlantedProfileIsTold writes a profile as somebody would who wants to hide
// an extension, each time in another way. Whatever the real browser then runs, guestlist had said
// of that profile: as on, and with all that the browser gives it.
func TestWhatChromiumLoadsOfAPlantedProfileIsTold(t *testing.T) {
	binary := realbrowser.RequireChromium(t, os.Getenv)
	home := t.TempDir()
	profile := filepath.Join(home, ".config", "chromium", "Default")
	var entries []string
	names := map[string]string{} // of the claims, by ID
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		id, entry := plant(t, home, profile, name)
		names[id] = name
		entries = append(entries, fmt.Sprintf("%q:%s", id, entry))
	}
	write(t, filepath.Join(profile, "Preferences"), `{"extensions":{"settings":{`+strings.Join(entries, ",")+`}}}`)
	told, coverage := scanHome(t, home, func(env scanner.Env) scanner.Provider { return chromium.New(env) })
	if len(coverage) != 1 || coverage[0].Status == inventory.StatusComplete {
		t.Errorf("coverage %+v of a profile with damaged entries", coverage)
	}

	s := &chromiumScene{t: t, binary: binary, home: home, ids: map[string]string{}}
	running := s.start("chromium", "Default")
	says := s.says(running)
	s.must(running.Close(t.Context()))
	loaded := 0
	for id, name := range names {
		real := says[id]
		if real == nil || real.State != "ENABLED" || real.Management == nil {
			t.Logf("not run: %s", name)
			continue
		}
		loaded++
		item := told["chromium/Default"][id]
		if item == nil || item.State == inventory.StateDisabled {
			t.Errorf("%s: the browser runs it, read %+v", name, item)
			continue
		}
		if lost := access.ExcessPermissions(inventory.All(real.Management.Permissions),
			item.Access.Permissions); len(lost) > 0 {
			t.Errorf("%s: the browser gives it %q beyond what was read", name, lost)
		}
		if lost := access.ExcessHosts(inventory.All(real.Management.HostPermissions), item.Access.Hosts); len(lost) > 0 {
			t.Errorf("%s: the browser gives it %q beyond what was read", name, lost)
		}
	}
	if loaded < len(claims)/2 {
		t.Errorf("the scene is not set: the browser runs %d of %d", loaded, len(claims))
	}
	t.Logf("the browser runs %d of %d", loaded, len(claims))
}

// plant writes the files of an extension and returns its entry.
func plant(t *testing.T, home, profile, name string) (id, entry string) {
	t.Helper()
	manifest := func(more map[string]any) (*realbrowser.Extension, string) {
		e := &realbrowser.Extension{Name: "planted " + name, Version: "1.0", Files: map[string][]byte{
			"manifest.json": []byte(`{"name":"Planted","version":"1.0","manifest_version":3}`),
		}}
		e, err := e.WithKey()
		if err == nil {
			e, err = e.WithManifest(more)
		}
		if err != nil {
			t.Fatal(err)
		}
		return e, string(e.Files["manifest.json"])
	}
	e, wide := manifest(map[string]any{"permissions": []string{"storage", "cookies"},
		"host_permissions": []string{"<all_urls>"}})
	_, harmless := manifest(map[string]any{"permissions": []string{"storage"}})
	_, localized := manifest(map[string]any{"permissions": []string{"storage"}, "default_locale": "en",
		"current_locale": "xx"})
	id, err := e.ID()
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(profile, "Extensions", id, "1.0_0")
	own := filepath.Join(home, "resources", "own "+id)
	switch entry = claims[name]; {
	case strings.Contains(entry, "resources/own"):
		at = own
	case strings.Contains(entry, `"path":""`):
		at = filepath.Join(profile, "Extensions")
	}
	if strings.Contains(entry, "LOCALIZED") {
		e, err = e.WithManifest(map[string]any{"default_locale": "en"})
		if err != nil {
			t.Fatal(err)
		}
		e.Files["_locales/en/messages.json"] = []byte(`{}`)
	}
	if err := e.WriteTo(at); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(entry, "0.9_0") {
		write(t, filepath.Join(profile, "Extensions", id, "0.9_0", "manifest.json"), harmless)
	}
	quotedHome, err := json.Marshal(home)
	if err != nil {
		t.Fatal(err)
	}
	return id, strings.NewReplacer("MANIFEST", wide, "HARMLESS", harmless, "LOCALIZED", localized, "ALL", everything,
		"resources/own", "resources/own "+id, "ID", id, "HOME", strings.Trim(string(quotedHome), `"`)).Replace(entry)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// An unpacked extension whose directory is gone, or lies on a disk that is away, cannot run: the
// real browser forgets it when it starts. Till then its entry is an item with a note, and no lost
// coverage.
func TestAnUnpackedExtensionWithoutItsDirectoryCannotRun(t *testing.T) {
	s := &chromiumScene{t: t, binary: realbrowser.RequireChromium(t, os.Getenv), home: t.TempDir(),
		ids: map[string]string{}}
	browser := s.start("chromium", "")
	id := s.load(browser, "acme-panel@0.3")
	s.must(browser.Close(t.Context()))
	s.must(os.RemoveAll(filepath.Join(s.home, "src")))

	items, coverage := scanHome(t, s.home, func(env scanner.Env) scanner.Provider { return chromium.New(env) })
	item := items["chromium/Default"][id]
	if len(coverage) != 1 || coverage[0].Status != inventory.StatusComplete || item == nil {
		t.Fatalf("items %v, coverage %+v", items, coverage)
	}
	if !item.HasMark(inventory.MarkUncheckedOnDisk) || len(accusations(item)) > 0 ||
		item.Origin != inventory.OriginUnpacked {
		t.Errorf("item %+v", item)
	}

	browser = s.start("chromium", "")
	if e := s.says(browser)[id]; e != nil && e.State == "ENABLED" {
		t.Errorf("the browser runs it: %+v", e)
	} else {
		t.Logf("the browser says of it: %+v", e)
	}
	s.must(browser.Close(t.Context()))
	s.must(s.extension("acme-panel@0.3").WriteTo(filepath.Join(s.home, "src", "acme-panel-0.3")))
	browser = s.start("chromium", "")
	now := s.says(browser)[id]
	s.must(browser.Close(t.Context()))
	items, _ = scanHome(t, s.home, func(env scanner.Env) scanner.Provider { return chromium.New(env) })
	if item := items["chromium/Default"][id]; (item != nil) != (now != nil) {
		t.Errorf("once the directory is back, the browser has %+v, read %+v", now, item)
	}
}
