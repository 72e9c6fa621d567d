// Package chromiumtest writes homes with Chromium profiles of a stated size, for tests and
// benchmarks.
//
// What it writes has the shape of a real profile: Local State, Preferences with the extension
// settings among many site settings, Secure Preferences, and an Extensions directory whose
// manifests contain the keys that the IDs derive from. The same Spec always writes the same bytes.
// Every name in it is invented.
package chromiumtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Spec says how large a home to write. The zero value of a field takes its default.
type Spec struct {
	UserDataDir      string // below the home; default ".config/google-chrome"
	Profiles         int    // default 1
	Extensions       int    // in each profile; default 3
	PreferencesBytes int    // size of each Preferences file, at least; default: what the extensions need
	// Localized is how many of the extensions have their name only in messages.json. The other
	// names are inlined in the settings, as browsers do. Default 0.
	Localized int
}

// OnlyInMessages is the name of a file beside a messages.json that must be read, because the
// extension's name is nowhere else. Benchmarks use it to find the files that a scan needs.
const OnlyInMessages = "only-in-messages"

// Profile is the directory of the nth profile, counted from 0.
func Profile(n int) string {
	if n == 0 {
		return "Default"
	}
	return fmt.Sprintf("Profile %d", n)
}

// WriteHome writes a home directory into dir, which it creates if necessary.
func WriteHome(dir string, spec Spec) error {
	spec = spec.withDefaults()
	userData := filepath.Join(dir, filepath.FromSlash(spec.UserDataDir))
	extensions := make([]extension, spec.Extensions)
	for n := range extensions {
		extensions[n] = newExtension(n, n < spec.Localized)
	}
	cache := map[string]any{}
	for n := range spec.Profiles {
		name := Profile(n)
		cache[name] = map[string]any{
			"name": fmt.Sprintf("Person %d", n+1), "user_name": fmt.Sprintf("person%d@acme.example", n+1),
			"avatar_icon": "chrome://theme/x",
		}
		if err := writeProfile(filepath.Join(userData, name), extensions, spec.PreferencesBytes); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(userData, "Local State"),
		map[string]any{"profile": map[string]any{"info_cache": cache}})
}

func (s Spec) withDefaults() Spec {
	if s.UserDataDir == "" {
		s.UserDataDir = ".config/google-chrome"
	}
	if s.Profiles == 0 {
		s.Profiles = 1
	}
	if s.Extensions == 0 {
		s.Extensions = 3
	}
	return s
}

type extension struct {
	id       string
	manifest map[string]any // as it is on disk
	inlined  map[string]any // as in the settings: localized; nil if the settings have none
	messages map[string]any
}

func newExtension(n int, localized bool) extension {
	key := sha256.Sum256(fmt.Appendf(nil, "guestlist test key %d", n))
	name := fmt.Sprintf("Sample extension %d", n)
	manifest := map[string]any{
		"manifest_version":     3,
		"name":                 "__MSG_appName__",
		"short_name":           "__MSG_shortName__",
		"description":          "__MSG_appDesc__",
		"version":              fmt.Sprintf("1.%d.2", n),
		"default_locale":       "en",
		"author":               "Sample works",
		"update_url":           "https://updates.example/service/update2/crx",
		"permissions":          []string{"storage", "tabs", "scripting", "alarms", "contextMenus"},
		"host_permissions":     []string{"https://*.acme.example/*", fmt.Sprintf("https://site%d.example/*", n)},
		"optional_permissions": []string{"history", "bookmarks"},
		"background":           map[string]any{"service_worker": "background.js"},
		"action": map[string]any{"default_popup": "popup.html",
			"default_icon": map[string]string{"16": "i/16.png", "48": "i/48.png"}},
		"content_scripts": []any{map[string]any{
			"matches": []string{"https://mail.example/*"}, "js": []string{"content.js"}, "run_at": "document_idle",
		}},
		"icons": map[string]string{"16": "i/16.png", "48": "i/48.png", "128": "i/128.png"},
		"web_accessible_resources": []any{map[string]any{
			"resources": []string{"frame.html", "assets/*"}, "matches": []string{"https://*.acme.example/*"},
		}},
		"key": base64.StdEncoding.EncodeToString(bytes.Repeat(key[:], 9)[:270]),
	}
	sum := sha256.Sum256(bytes.Repeat(key[:], 9)[:270])
	made := extension{
		id:       letters(sum[:16]),
		manifest: manifest,
		messages: map[string]any{
			"appname":   map[string]string{"message": name, "description": "The name"},
			"shortName": map[string]string{"message": fmt.Sprintf("Sample %d", n)},
			"appDesc": map[string]string{"message": "An extension that does nothing. " + strings.Repeat("Nothing at all. ",
				10)},
		},
	}
	if localized {
		return made
	}
	made.inlined = map[string]any{"current_locale": "en"}
	for name, value := range manifest {
		made.inlined[name] = value
	}
	made.inlined["name"], made.inlined["short_name"] = name, fmt.Sprintf("Sample %d", n)
	made.inlined["description"] = "An extension that does nothing."
	return made
}

func (e extension) version() string { return e.manifest["version"].(string) }

func (e extension) settings() map[string]any {
	access := map[string]any{
		"api":                  []string{"alarms", "contextMenus", "storage", "tabs", "scripting"},
		"explicit_host":        e.manifest["host_permissions"],
		"manifest_permissions": []string{},
		"scriptable_host":      []string{"https://mail.example/*"},
	}
	entry := map[string]any{
		"account_extension_type": 0, "active_permissions": access, "granted_permissions": access,
		"commands":         map[string]any{},
		"content_settings": []any{}, "creation_flags": 9, "disable_reasons": []int{}, "events": []any{},
		"from_webstore":      true,
		"first_install_time": "13439934769817383", "last_update_time": "13439934886480327", "location": 1,
		"path": e.id + "/" + e.version() + "_0", "preferences": map[string]any{},
		"regular_only_preferences":         map[string]any{},
		"service_worker_registration_info": map[string]any{"version": e.version()},
		"serviceworkerevents":              []string{"alarms.onAlarm", "tabs.onUpdated"},
		"was_installed_by_default":         false, "was_installed_by_oem": false, "withholding_permissions": false,
		"cws-info": map[string]any{"is-present": true, "is-live": true, "last-updated-time-millis": "1760000000000",
			"violation-type": 0},
	}
	if e.inlined != nil {
		entry["manifest"] = e.inlined
	}
	return entry
}

func writeProfile(dir string, extensions []extension, preferencesBytes int) error {
	settings := map[string]any{}
	for _, e := range extensions {
		settings[e.id] = e.settings()
		files := map[string]any{"manifest.json": e.manifest, "_locales/en/messages.json": e.messages}
		if e.inlined == nil {
			files["_locales/en/"+OnlyInMessages] = true
		}
		for name, value := range files {
			if err := writeJSON(filepath.Join(dir, "Extensions", e.id, e.version()+"_0", filepath.FromSlash(name)),
				value); err != nil {
				return err
			}
		}
	}
	preferences := map[string]any{
		"account_info": []any{map[string]any{"email": "someone@acme.example"}},
		"extensions":   map[string]any{"settings": settings, "alerts": map[string]any{"initialized": true}},
		"profile":      map[string]any{"name": "Person", "content_settings": map[string]any{"exceptions": map[string]any{}}},
	}
	text, err := json.Marshal(preferences)
	if err != nil {
		return err
	}
	if missing := preferencesBytes - len(text); missing > 0 {
		preferences["profile"] = map[string]any{
			"name":             "Person",
			"content_settings": map[string]any{"exceptions": map[string]any{"site_engagement": siteSettings(missing)}},
		}
	}
	if err := writeJSON(filepath.Join(dir, "Preferences"), preferences); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, "Secure Preferences"),
		map[string]any{"protection": map[string]any{"super_mac": strings.Repeat("AB", 32)}})
}

// siteSettings fills a Preferences file with what makes up most of a real one: a few numbers for
// each site visited.
func siteSettings(size int) map[string]any {
	random := rand.New(rand.NewPCG(1, 2))
	sites := map[string]any{}
	for written := 0; written < size; {
		site := fmt.Sprintf("https://host%d.site%d.example:443,*", random.IntN(1000), random.IntN(1_000_000))
		if _, ok := sites[site]; ok {
			continue
		}
		value := map[string]any{
			"last_modified": fmt.Sprintf("134%014d", random.Int64N(100_000_000_000_000)),
			"setting": map[string]any{"lastEngagementTime": 1.3e16 + float64(random.IntN(1e9)),
				"pointsAddedToday": random.Float64() * 15, "rawScore": random.Float64() * 100},
		}
		sites[site] = value
		text, _ := json.Marshal(value) // strings and numbers always encode
		written += len(site) + len(text) + 4
	}
	return sites
}

func writeJSON(path string, value any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}

// letters spells an ID as Chrome does: each half byte as a letter from a to p.
func letters(hash []byte) string {
	text := make([]byte, 0, 2*len(hash))
	for _, b := range hash {
		text = append(text, 'a'+b>>4, 'a'+b&15)
	}
	return string(text)
}
