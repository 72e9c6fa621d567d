package chromium

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Any program that the user runs can write Preferences, and there is public code that plants
// extensions that way. The checks here compare the settings with what their author cannot choose:
// the hash that makes the ID, and the files on disk.

// checkID compares the ID with the public keys in the manifests, or with the path of an unpacked
// extension.
func checkID(e *entry, item *inventory.Item, onDisk *manifest) {
	id := string(item.App.ID)
	keys := 0
	for _, copy := range []struct {
		where    string
		manifest *manifest
	}{{"the profile's copy of the manifest", e.manifest}, {"the manifest on disk", onDisk}} {
		if copy.manifest == nil || copy.manifest.key == "" {
			continue
		}
		keys++
		switch derived, ok := idFromKey(copy.manifest.key); {
		case !ok:
			item.Mark(inventory.MarkIdentity, inventory.MarkIDMismatch,
				inventory.Untrusted("the key of "+copy.where+" is not base64"))
		case derived != id:
			item.Mark(inventory.MarkIdentity, inventory.MarkIDMismatch,
				inventory.Untrusted("the key of "+copy.where+" belongs to "+derived))
		}
	}
	switch {
	case keys > 0:
	case e.isUnpacked() && idFromPath(e.where()) == id:
	case e.isUnpacked() && onDisk != nil:
		item.Mark(inventory.MarkIdentity, inventory.MarkIDMismatch,
			inventory.Untrusted("without a key, its path makes its ID "+idFromPath(e.where())))
	case onDisk != nil || e.manifest != nil:
		item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk,
			"no manifest has a key to compare the ID with")
	}
}

// checkManifest compares what the settings say with the manifest on disk.
func checkManifest(e *entry, item *inventory.Item, onDisk *manifest) {
	if onDisk == nil {
		return
	}
	if e.manifest != nil && !sameVersion(e.manifest.version, onDisk.version) {
		item.Mark(inventory.MarkIdentity, inventory.MarkVersionMismatch,
			inventory.Textf("the profile says %q, the manifest on disk %q", e.manifest.version, onDisk.version))
	} else if folder, ok := versionOfFolder(e.where()); ok && e.isInstalledPackage() &&
		!sameVersion(folder, onDisk.version) {
		item.Mark(inventory.MarkIdentity, inventory.MarkVersionMismatch,
			inventory.Textf("the directory says %q, the manifest in it %q", folder, onDisk.version))
	}
	if e.active == nil {
		return
	}
	excess := onDisk.unasked(e.active)
	if len(excess) > 0 {
		item.Mark(inventory.MarkIdentity, inventory.MarkAccessMismatch,
			"runs with more than the manifest on disk asks for: "+localprofile.JoinSome(excess))
	}
}

// unasked returns what runs although the manifest does not ask for it, not even as optional.
func (m *manifest) unasked(active *grant) []inventory.Untrusted {
	var excess []inventory.Untrusted
	for _, name := range active.api {
		if !m.explains(name) {
			excess = append(excess, inventory.Untrusted(name))
		}
	}
	hosts := access.NewSet(inventory.All(m.hosts(), m.optionalHostPatterns(), m.contentMatches))
	excess = append(excess, hosts.Excess(inventory.All(active.explicit))...)
	// A content script's access comes from its matches, or from a host that the extension can reach
	// anyway.
	return append(excess, hosts.Excess(inventory.All(active.scriptable))...)
}

// explains reports whether an active permission follows from the manifest: asked for, optional, or
// what the browser adds for a manifest key.
func (m *manifest) explains(name string) bool {
	for _, list := range [][]string{m.permissions, m.optional} {
		for _, asked := range list {
			if asked == name || renamed[asked] == name || strings.HasPrefix(name, asked+".") {
				return true
			}
		}
	}
	first, _, _ := strings.Cut(name, ".")
	switch name {
	case "devtools":
		return m.devtoolsPage != ""
	case "newTabPageOverride":
		return slices.Contains(m.URLOverrides, "newtab")
	case "homepage", "searchProvider", "startupPages":
		return len(m.SettingsOverrides) > 0
	}
	switch first {
	case "externally_connectable":
		return len(m.Connectable) > 0
	case "app":
		return m.isApp
	case "commands":
		return true // commands.accessibility: a key of the manifest, and no access to pages
	}
	return strings.HasSuffix(name, "Internal") // the browser's own half of a public permission
}

// renamed maps permissions of the manifest to the name under which they run
// (chrome_api_permissions.cc).
var renamed = map[string]string{
	"unlimited_storage":     "unlimitedStorage",
	"windows":               "tabs",
	"alwaysOnTopWindows":    "app.window.alwaysOnTop",
	"fullscreen":            "app.window.fullscreen",
	"overrideEscFullscreen": "app.window.fullscreen.overrideEsc",
	"windowShape":           "app.window.shape",
}

// placeOf says where the settings' path leads, and what is wrong with that: "<id>/<version>_<n>"
// below Extensions for what is installed. The path is returned with "/" between its parts; "." is
// the Extensions directory itself, which an empty path means.
func placeOf(e *entry, id string) (place string, wrong string) {
	if !e.isInstalledPackage() && !e.claimsComponent() {
		return e.where(), ""
	}
	if localprofile.IsAbsolute(e.where()) {
		return e.where(), "installed, but its path is absolute: " + e.where()
	}
	slashed := strings.ReplaceAll(e.where(), `\`, "/")
	place = path.Clean(slashed)
	folder, version, ok := strings.Cut(place, "/")
	leadsUp := slices.Contains(strings.Split(slashed, "/"), "..") // over a link, to anywhere
	if !ok || strings.Contains(version, "/") || leadsUp {
		return place, "not a version directory of its own: " + strconv.Quote(e.where())
	}
	if other, valid := cleanID(folder); !valid || other != id {
		return place, "in another extension's directory: " + e.where()
	}
	return place, ""
}

// versionOfFolder returns the version in "<id>/<version>_<n>".
func versionOfFolder(path string) (string, bool) {
	path = strings.ReplaceAll(path, `\`, "/")
	folder := path[strings.LastIndexByte(path, '/')+1:]
	cut := strings.LastIndexByte(folder, '_')
	if cut <= 0 {
		return "", false
	}
	return folder[:cut], true
}

// sameVersion compares versions as numbers, so that "1.01" and "1.1" are the same: directories are
// named after the numbers.
func sameVersion(a, b string) bool {
	if a == b {
		return true
	}
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	if len(as) != len(bs) {
		return false
	}
	for n := range as {
		an, aerr := strconv.ParseUint(as[n], 10, 64)
		bn, berr := strconv.ParseUint(bs[n], 10, 64)
		if aerr != nil || berr != nil || an != bn {
			return false
		}
	}
	return true
}

// canonicalVersion is a version as the browser spells it everywhere: numbers, so that "1.01" is
// "1.1" (base::Version). Anything that is not a version is returned as it is.
func canonicalVersion(version string) string {
	parts := strings.Split(version, ".")
	for n, part := range parts {
		number, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return version
		}
		parts[n] = strconv.FormatUint(number, 10)
	}
	return strings.Join(parts, ".")
}
