// Package firefoxtest writes homes with Firefox profiles of a stated size, for tests and
// benchmarks.
//
// What it writes has the shape of a profile by Firefox ESR 153: profiles.ini, extensions.json,
// extension-preferences.json, addonStartup.json.lz4, and an xpi for each add-on. The same Spec
// always writes the same bytes. Every name in it is made up.
package firefoxtest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/pierrec/lz4/v4"
)

// Spec says how large a home to write. The zero value of a field takes its default.
type Spec struct {
	Place    string // of the product, below the home; default ".config/mozilla/firefox"
	Profiles int    // default 1
	Addons   int    // in each profile; default 3
	Locales  int    // languages that each add-on has a name in; default 1
	XPIBytes int    // size of each add-on's file, about; default: what the manifest needs
}

// Profile is the directory of the nth profile, counted from 0.
func Profile(n int) string { return fmt.Sprintf("%04d.person-%d", n, n) }

// ID is the ID of the nth add-on of a profile, from 0.
func ID(n int) string { return fmt.Sprintf("sample-%d@acme.example", n) }

// WriteHome writes a home directory into dir, which it creates if necessary.
func WriteHome(dir string, spec Spec) error {
	if spec.Place == "" {
		spec.Place = ".config/mozilla/firefox"
	}
	spec.Profiles, spec.Addons, spec.Locales = max(spec.Profiles, 1), max(spec.Addons, 3), max(spec.Locales, 1)
	place := filepath.Join(dir, filepath.FromSlash(spec.Place))
	var ini strings.Builder
	for n := range spec.Profiles {
		fmt.Fprintf(&ini, "[Profile%d]\nName=Person %d\nIsRelative=1\nPath=%s\n\n", n, n+1, Profile(n))
		if err := writeProfile(filepath.Join(place, Profile(n)), spec); err != nil {
			return err
		}
	}
	ini.WriteString("[General]\nStartWithLastProfile=1\nVersion=2\n")
	return writeFile(filepath.Join(place, "profiles.ini"), []byte(ini.String()))
}

func writeProfile(dir string, spec Spec) error {
	var addons []any
	grants, startup := map[string]any{}, map[string]any{}
	for n := range spec.Addons {
		id := ID(n)
		path := filepath.Join(dir, "extensions", id+".xpi")
		addons = append(addons, addon(n, path, spec.Locales))
		grants[id] = access([]string{"history"}, []string{fmt.Sprintf("https://more%d.example/*", n)})
		startup[id] = map[string]any{
			"enabled": n%10 != 9, "path": id + ".xpi", "rootURI": rootURI(path), "version": version(n), "type": "extension",
			"signedState": 2,
			"startupData": map[string]any{"persistentListeners": map[string]any{"runtime": map[string]any{"onInstalled": []any{}}}},
		}
		packed, err := xpi(n, spec.XPIBytes)
		if err != nil {
			return err
		}
		if err := writeFile(path, packed); err != nil {
			return err
		}
	}
	started, err := json.Marshal(map[string]any{"app-profile": map[string]any{"path": filepath.Join(dir, "extensions"),
		"addons": startup}})
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, "addonStartup.json.lz4"), MozLz4(started)); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, "extension-preferences.json"), grants); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, "extensions.json"), map[string]any{"schemaVersion": 37, "addons": addons})
}

// addon is an entry of extensions.json. Every tenth is turned off.
func addon(n int, path string, locales int) map[string]any {
	off := n%10 == 9
	text := func(name string, more map[string]any) map[string]any {
		all := map[string]any{
			"name": name, "description": "An add-on that does nothing. " + strings.Repeat("Nothing at all. ", 8),
			"creator":     "Sample works",
			"homepageURL": "https://sample.example/", "developers": nil, "translators": nil, "contributors": nil,
		}
		for key, value := range more {
			all[key] = value
		}
		return all
	}
	var translations []any
	for l := range locales {
		name := fmt.Sprintf("Sample add-on %d in %c%c", n, 'a'+l/26, 'a'+l%26)
		translations = append(translations, text(name,
			map[string]any{"locales": []string{fmt.Sprintf("%c%c", 'a'+l/26, 'a'+l%26)}}))
	}
	return map[string]any{
		"id": ID(n), "syncGUID": fmt.Sprintf("{00000000-0000-4000-8000-%012d}", n), "version": version(n),
		"type": "extension", "loader": nil,
		"updateURL": nil, "installOrigins": nil, "manifestVersion": 2, "optionsURL": nil, "aboutURL": nil,
		"defaultLocale": text(fmt.Sprintf("Sample add-on %d", n), nil), "locales": translations, "visible": true,
		"active": !off, "userDisabled": off,
		"appDisabled": false, "softDisabled": false, "embedderDisabled": false, "installDate": 1795467905901,
		"updateDate":             1795467905901,
		"applyBackgroundUpdates": 1, "path": path, "sourceURI": fmt.Sprintf("https://addons.mozilla.org/firefox/downloads/file/%d/x.xpi", n),
		"releaseNotesURI": nil, "foreignInstall": false, "strictCompatibility": true,
		"targetApplications": []any{map[string]any{"id": "toolkit@mozilla.org", "minVersion": "115.0", "maxVersion": nil}},
		"targetPlatforms":    []any{}, "signedState": 2, "signedTypes": []int{2, 1}, "signedDate": 1790000000000,
		"seen": true, "dependencies": []any{},
		"incognito": "spanning", "userPermissions": access(asked, askedHosts),
		"optionalPermissions":  access([]string{"history", "bookmarks"}, []string{"*://*/*"}),
		"requestedPermissions": access(nil, nil), "icons": map[string]string{"32": "i/32.png", "64": "i/64.png"},
		"iconURL":        nil,
		"blocklistState": 0, "blocklistURL": nil, "startupData": nil, "hidden": false, "rootURI": rootURI(path),
		"location": "app-profile",
		"installTelemetryInfo": map[string]string{"source": "amo",
			"sourceURL": "https://addons.mozilla.org/firefox/addon/sample/", "method": "amWebAPI"},
		"recommendationState": map[string]any{"states": []string{"recommended"}, "validNotBefore": 1790000000000,
			"validNotAfter": 1990000000000},
	}
}

// What every add-on asks for.
var (
	asked      = []string{"storage", "tabs", "alarms", "contextMenus"}
	askedHosts = []string{"https://*.acme.example/*", "https://mail.example/*"}
)

func access(permissions, origins []string) map[string]any {
	return map[string]any{"permissions": append([]string{}, permissions...), "origins": append([]string{}, origins...),
		"data_collection": []string{}}
}

func version(n int) string { return fmt.Sprintf("1.%d.2", n) }

func rootURI(path string) string { return "jar:file://" + filepath.ToSlash(path) + "!/" }

// xpi packs an add-on's manifest and, to make up the size, one file that does not shrink.
func xpi(n, size int) ([]byte, error) {
	manifest, err := json.Marshal(map[string]any{
		"manifest_version": 2, "name": fmt.Sprintf("Sample add-on %d", n), "version": version(n), "author": "Sample works",
		"permissions":               append([]string{askedHosts[0]}, asked...),
		"optional_permissions":      []string{"history", "bookmarks", "*://*/*"},
		"content_scripts":           []any{map[string]any{"matches": askedHosts[1:], "js": []string{"content.js"}}},
		"background":                map[string]any{"scripts": []string{"background.js"}},
		"options_ui":                map[string]any{"page": "options.html"},
		"browser_specific_settings": map[string]any{"gecko": map[string]any{"id": ID(n), "strict_min_version": "115.0"}},
	})
	if err != nil {
		return nil, err
	}
	filler := make([]byte, max(size-len(manifest), 0))
	random := rand.New(rand.NewPCG(1, uint64(n)))
	for i := range filler {
		filler[i] = byte(random.Uint32())
	}
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, file := range []struct {
		name    string
		content []byte
	}{{"manifest.json", manifest}, {"i/64.png", filler}} {
		entry, err := w.Create(file.name)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(file.content); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return packed.Bytes(), err
}

const mozMagic = "mozLz40\x00"

// MozLz4 packs data as Mozilla does: the magic, the size in four bytes (little-endian), one LZ4
// block.
func MozLz4(data []byte) []byte {
	block := make([]byte, lz4.CompressBlockBound(len(data)))
	n, err := lz4.CompressBlock(data, block, nil)
	if err != nil || n == 0 { // what does not shrink is one run of literals
		block = literals(data)
		n = len(block)
	}
	return append(binary.LittleEndian.AppendUint32([]byte(mozMagic), uint32(len(data))), block[:n]...)
}

// literals is an LZ4 block without a match: its length in a token and bytes of 255, then the data.
func literals(data []byte) []byte {
	const inToken = 15
	if len(data) < inToken {
		return append([]byte{byte(len(data)) << 4}, data...)
	}
	block := []byte{inToken << 4}
	left := len(data) - inToken
	for ; left >= 255; left -= 255 {
		block = append(block, 255)
	}
	return append(append(block, byte(left)), data...)
}

func writeJSON(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return writeFile(path, text)
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}
