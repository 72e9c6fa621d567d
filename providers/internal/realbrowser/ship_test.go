package realbrowser_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

const waitLong = 60 * time.Second

// The times that the shipped profiles show in place of those of the capture: what was there a while
// ago, and what came since.
var (
	shippedInstalled = time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC)
	shippedChanged   = time.Date(2026, 11, 18, 8, 0, 0, 0, time.UTC)
)

type object = map[string]any

// ship writes what was captured to testdata/profiles: only the files that guestlist reads, without
// what names this run, and with the alterations that its README lists.
func (c *capture) ship() {
	for _, part := range []string{"homes", "earlier", "system"} {
		c.must(os.RemoveAll(filepath.Join(profilesFolder, part)))
	}
	homes := filepath.Join(c.system, "home")
	c.shipTree(homes, filepath.Join(profilesFolder, "homes"))
	earlier := filepath.Join(profilesFolder, "earlier")
	c.shipTree(c.earlier, filepath.Join(earlier, "finance", ".config", "chromium"))
	firefox := filepath.Join("finance", ".config", "mozilla")
	c.must(os.CopyFS(filepath.Join(earlier, firefox), os.DirFS(filepath.Join(profilesFolder, "homes", firefox))))

	system := filepath.Join(profilesFolder, "system")
	panel := filepath.Join("home", "engineering", "src", "acme-panel")
	c.must(os.CopyFS(filepath.Join(system, panel), os.DirFS(filepath.Join(c.system, panel))))
	shared := filepath.FromSlash(firefoxShared[1:])
	c.must(os.CopyFS(filepath.Join(system, shared), os.DirFS(filepath.Join(c.system, shared))))
	c.alterChromium()
	c.alterFirefox()
	c.shipTimes()
}

// shipped are the files of a home that guestlist reads.
var shipped = regexp.MustCompile(`(^|/)(Local State|Preferences|Secure Preferences|extensions\.json|extension-preferences\.json|` +
	`addonStartup\.json\.lz4|profiles\.ini|installs\.ini|times\.json)$` +
	`|/Extensions/[a-p]{32}/[^/]+/(manifest\.json|_locales/.*)$|/firefox/[^/]+/extensions/[^/]+\.xpi$`)

var unshipped = regexp.MustCompile(`^[^/]+/\.cache/|^[^/]+/(src|Downloads)/`)

func (c *capture) shipTree(from, to string) {
	c.t.Helper()
	c.must(filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(from, name)
		slashed := filepath.ToSlash(relative)
		if err != nil || !entry.Type().IsRegular() || !shipped.MatchString(slashed) || unshipped.MatchString(slashed) {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(randomFolder.ReplaceAllString(slashed, unusedFolder)))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if strings.HasSuffix(slashed, ".ini") {
			text = randomFolder.ReplaceAll(text, []byte(unusedFolder))
		}
		return os.WriteFile(target, c.trim(path.Base(slashed), text), 0o644)
	}))
}

// randomFolder is the name of the profile that Firefox makes for other editions and never uses.
var randomFolder = regexp.MustCompile(`(^|[/=])[a-z0-9]{8}\.default([/\r\n]|$)`)

const unusedFolder = "${1}unused.default$2"

// kept are the members of each file that have to do with profiles and extensions.
var kept = map[string]object{
	"Local State": {"profile": object{"info_cache": true, "last_used": true, "last_active_profiles": true}},
	"Preferences": {"extensions": object{"settings": true, "last_chrome_version": true}, "profile": object{"name": true}},
	"Secure Preferences": {
		"extensions": object{"settings": true},
	},
}

func (c *capture) trim(name string, text []byte) []byte {
	c.t.Helper()
	if name == "times.json" {
		return []byte("{}\n")
	}
	members, ok := kept[name]
	if !ok {
		return text
	}
	var document object
	c.must(json.Unmarshal(text, &document))
	keep(document, members)
	return c.encode(document)
}

func keep(document, members object) {
	for name, value := range document {
		below, nested := members[name].(object)
		switch {
		case members[name] == nil:
			delete(document, name)
		case nested:
			if value, ok := value.(object); ok {
				keep(value, below)
			}
		}
	}
}

func (c *capture) encode(document any) []byte {
	c.t.Helper()
	text, err := json.Marshal(document, json.Deterministic(true))
	c.must(err)
	return text
}

// edit changes a JSON file of the shipped profiles.
func (c *capture) edit(name string, change func(document object)) {
	c.t.Helper()
	name = filepath.Join(profilesFolder, filepath.FromSlash(name))
	text, err := os.ReadFile(name)
	c.must(err)
	var document object
	c.must(json.Unmarshal(text, &document))
	change(document)
	c.must(os.WriteFile(name, c.encode(document), 0o644))
}

func at(document object, names ...string) object {
	for _, name := range names {
		next, ok := document[name].(object)
		if !ok {
			next = object{}
			document[name] = next
		}
		document = next
	}
	return document
}

// Chromium

const storeUpdates = "https://clients2.google.com/service/update2/crx"

// shippedProfiles are the profiles with what a person would have called them, and who signed in.
var shippedProfiles = []struct{ browser, profile, name, account string }{
	{"homes/finance/.config/chromium", "Default", "Finance", "finance@acme.example"},
	{"earlier/finance/.config/chromium", "Default", "Finance", "finance@acme.example"},
	{"homes/engineering/.config/chromium", "Profile 12", "Work", "engineering@acme.example"},
	{"homes/engineering/.config/google-chrome", "Default", "Personal", ""},
	{"homes/support/.config/chromium", "Default", "Support", "support@acme.example"},
	{"homes/support/.config/chromium", "Profile 12", "Second line", "support@acme.example"},
	{"homes/front-desk/.config/chromium", "Default", "Front desk", "front-desk@acme.example"},
}

func (c *capture) alterChromium() {
	for _, p := range shippedProfiles {
		c.edit(p.browser+"/Local State", func(document object) {
			known := at(document, "profile", "info_cache", p.profile)
			for name := range known {
				if !slices.Contains([]string{"avatar_icon", "gaia_id", "is_ephemeral", "is_managed", "managed_user_id"}, name) {
					delete(known, name)
				}
			}
			known["name"], known["user_name"], known["is_consented_primary_account"] = p.name, p.account, p.account != ""
		})
		c.edit(p.browser+"/"+p.profile+"/Preferences", func(document object) {
			for id, entry := range at(document, "extensions", "settings") {
				if entry, ok := entry.(object); ok {
					c.fromStore(p.browser+"/"+p.profile, id, entry)
				}
			}
		})
	}
	c.alterEntries()
	broken := filepath.Join(profilesFolder, "homes", "support", ".config", "chromium", "Profile 12", "Preferences")
	text, err := os.ReadFile(broken)
	c.must(err)
	c.must(os.WriteFile(broken, text[:min(brokenSize, len(text))], 0o644))
}

// brokenSize is how much is left of the profile that was cut short, in bytes: half of what the
// browser wrote.
const brokenSize = 1610

// fromStore makes an extension that policy proposed look as one that a person installed from the
// Web Store.
func (c *capture) fromStore(profile, id string, entry object) {
	const proposedByPolicy = 6
	location, _ := entry["location"].(float64)
	if location != proposedByPolicy || id == c.id("neon-cursor") {
		return
	}
	entry["location"], entry["from_webstore"] = 1, true
	at(entry, "manifest")["update_url"] = storeUpdates
	entry["cws-info"] = object{"is-present": true, "is-live": true, "last-updated-time-millis": "1790000000000",
		"violation-type": 0, "unpublished-long-ago": false, "no-privacy-practice": false}
	c.edit(profile+"/Extensions/"+entry["path"].(string)+"/manifest.json",
		func(manifest object) { manifest["update_url"] = storeUpdates })
}

func (c *capture) id(name string) string {
	c.t.Helper()
	versions, err := os.ReadDir(filepath.Join(chromiumSources, name))
	c.must(err)
	id, err := c.extension(name + "@" + versions[0].Name()).ID()
	c.must(err)
	return id
}

// alterEntries writes what no fresh browser writes.
func (c *capture) alterEntries() {
	const chrome, chromium = "homes/engineering/.config/google-chrome/Default", "homes/engineering/.config/chromium/Profile 12"
	entry := func(document object, name string) object { return at(document, "extensions", "settings", c.id(name)) }
	c.edit(chrome+"/Preferences", func(document object) {
		at(entry(document, "bargain-lens"), "cws-info")["violation-type"] = 1
		for _, list := range []string{"active_permissions", "granted_permissions"} {
			at(entry(document, "page-clipper"), list)["api"] = []string{"cookies", "downloads", "storage", "webRequest"}
		}
		at(entry(document, "meeting-scribe"), "manifest")["key"] = at(entry(document, "acme-notes"), "manifest")["key"]
	})
	scribe := chrome + "/Extensions/" + c.id("meeting-scribe") + "/1.1.0_0/manifest.json"
	other, err := c.extension("acme-notes@1.4.0").WithKey()
	c.must(err)
	var withKey object
	c.must(json.Unmarshal(other.Files["manifest.json"], &withKey))
	c.edit(scribe, func(manifest object) { manifest["key"] = withKey["key"] })
	c.edit(chromium+"/Preferences", func(document object) {
		maps.Copy(at(entry(document, "page-clipper"), "cws-info"), object{"is-live": false, "unpublished-long-ago": true})
	})
}

// Firefox

func (c *capture) alterFirefox() {
	for place, change := range map[string]func(addon object){
		"homes/finance/.config/mozilla/firefox/finance1.default-esr": func(a object) {
			c.fromAMO(a,
				"page-reader@reader.example")
		},
		"earlier/finance/.config/mozilla/firefox/finance1.default-esr": func(a object) {
			c.fromAMO(a,
				"page-reader@reader.example")
		},
		"homes/engineering/.config/mozilla/firefox/engineering1.default-esr": func(a object) {
			c.fromAMO(a,
				"vault@acme.example", "evening@acme.example")
		},
		"homes/support/.mozilla/firefox/support1.default-esr": func(a object) {
			c.fromAMO(a, "{5c1a7c1e-0000-4000-8000-00000000acae}")
			if a["id"] == "session-saver@saver.example" {
				a["blocklistState"], a["appDisabled"], a["signedState"] = 2, true, 2
			}
		},
	} {
		number := 0
		c.edit(place+"/extensions.json", func(document object) {
			for _, addon := range document["addons"].([]any) {
				addon := addon.(object)
				number++
				addon["syncGUID"] = fmt.Sprintf("{00000000-0000-4000-8000-%012d}", number)
				if addon["location"] == "app-profile" {
					if policy := at(addon, "installTelemetryInfo"); len(policy) == 0 {
						addon["installTelemetryInfo"] = nil
					} else {
						addon["signedState"] = 2
					}
					change(addon)
				}
			}
		})
	}
}

// fromAMO makes an add-on look as one that a person installed from addons.mozilla.org.
func (c *capture) fromAMO(addon object, ids ...string) {
	if id, _ := addon["id"].(string); slices.Contains(ids, id) {
		addon["signedState"], addon["installTelemetryInfo"] = 2, object{"source": "amo", "method": "amWebAPI"}
		addon["sourceURI"] = "https://addons.mozilla.org/firefox/downloads/file/1/" + path.Base(addon["path"].(string))
	}
}

// Times

func (c *capture) shipTimes() {
	const chromium = ".config/chromium/Default/Preferences"
	before := map[string]string{} // path by ID, in finance's earlier browser
	c.edit("earlier/finance/"+chromium, func(document object) {
		for id, entry := range at(document, "extensions", "settings") {
			before[id], _ = entry.(object)["path"].(string)
		}
	})
	for _, p := range shippedProfiles {
		if p.name == "Second line" {
			continue // cut short
		}
		changes := p.browser == "homes/finance/.config/chromium"
		c.edit(p.browser+"/"+p.profile+"/Preferences", func(document object) {
			for id, entry := range at(document, "extensions", "settings") {
				entry := entry.(object)
				was, known := before[id]
				setTime(entry, changes && !known, "first_install_time", "install_time_for_action_metric")
				setTime(entry, changes && was != entry["path"], "last_update_time")
			}
		})
	}
	for _, pattern := range []string{"*/*/.config/mozilla/firefox/*/extensions.json",
		"*/*/.mozilla/firefox/*/extensions.json"} {
		files, err := fs.Glob(os.DirFS(profilesFolder), pattern)
		c.must(err)
		for _, file := range files {
			c.edit(file, func(document object) {
				for _, addon := range document["addons"].([]any) {
					for _, name := range []string{"installDate", "updateDate"} {
						if _, ok := addon.(object)[name].(float64); ok {
							addon.(object)[name] = shippedInstalled.UnixMilli()
						}
					}
				}
			})
		}
	}
}

// setTime writes a time as Chromium does: microseconds since 1601, as a string.
func setTime(entry object, changed bool, names ...string) {
	const from1601 = 11644473600 // seconds to 1970
	when := shippedInstalled
	if changed {
		when = shippedChanged
	}
	for _, name := range names {
		if _, ok := entry[name]; ok {
			entry[name] = strconv.FormatInt((when.Unix()+from1601)*1_000_000, 10)
		}
	}
}
