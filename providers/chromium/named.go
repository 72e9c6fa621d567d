package chromium

import (
	"io/fs"
	"path/filepath"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// Recognizes reports whether a directory that the user named holds, or may hold, profiles of this
// family.
func (p *Provider) Recognizes(dir string) bool { return p.newDiscovery().named(dir) }

// named adds a directory that the user named, if it belongs to this family: a user data directory
// or a single profile.
func (d *discovery) named(dir string) bool {
	dir, info := d.Named(dir)
	switch {
	case info == nil:
		return false
	case d.IsTaken(info):
		return true
	}
	if localprofile.Holds(dir, preferencesFile, securePreferencesFile) && !localprofile.Holds(dir, localStateFile) {
		d.namedProfile(dir, info)
		return true
	}
	key, name := browserAt(dir)
	before := len(d.Gaps)
	found := d.userData(candidate{place: place{key: key, name: name}, dir: dir, user: inventory.Untrusted(dir)})
	return found || len(d.Gaps) > before
}

// namedProfile adds a single profile's directory. The Local State beside it, if any, has its names.
func (d *discovery) namedProfile(dir string, info fs.FileInfo) {
	d.Take(info)
	var known localProfile
	if parent, err := localprofile.Open(filepath.Dir(dir), d.Env.Observe); err == nil {
		if local, err := readLocalState(parent); err == nil {
			known = local[filepath.Base(dir)]
		}
		parent.Close()
	}
	key, name := browserAt(filepath.Dir(dir))
	shown, c := filepath.Base(dir), candidate{place: place{key: key, name: name}, dir: dir, user: inventory.Untrusted(dir)}
	d.profiles = append(d.profiles, profile{
		Profile: localprofile.Profile{
			Source: d.Source(c.user, key).Join(inventory.Untrusted(shown)), Holder: d.holder(c, shown, known), Root: dir,
			Folder: ".",
		},
		key: key, userData: filepath.Dir(dir),
	})
}

// Other browsers' directories have no row in the table, so they get the family's name.
const (
	unknownKey  = "chromium-based"
	unknownName = "Chromium-based browser"
)

// browserAt returns the key and name of the browser with whose place a directory's path ends. The
// longest place wins.
func browserAt(dir string) (key, name string) {
	if at, ok := localprofile.Longest(places, dir); ok {
		return at.key, at.name
	}
	return unknownKey, unknownName
}
