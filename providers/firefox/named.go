package firefox

import (
	"path/filepath"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// bundled is where Tor Browser and Mullvad Browser keep their profiles, below the directory they
// were unpacked to.
const bundled = "Browser/TorBrowser/Data/Browser"

// Recognizes reports whether a directory that the user named holds, or may hold, profiles of this
// family.
func (p *Provider) Recognizes(dir string) bool { return p.newDiscovery().named(dir) }

// named adds a directory that the user named, if it belongs to this family: one with profiles.ini,
// a single profile, an unpacked Tor Browser, or a directory of profiles.
func (d *discovery) named(dir string) bool {
	dir, info := d.Named(dir)
	switch {
	case info == nil:
		return false
	case d.IsTaken(info):
		return true
	}
	user := inventory.Untrusted(dir)
	switch {
	case localprofile.Holds(dir, profilesFile, installsFile):
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	case localprofile.Holds(dir, extensionsFile, prefsFile, compatibilityFile):
		d.namedProfile(dir)
	case localprofile.Holds(dir, bundled):
		dir = filepath.Join(dir, filepath.FromSlash(bundled))
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	case holdsProfiles(dir):
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	default:
		return false
	}
	return true
}

// namedProfile adds a single profile. The profiles.ini beside it, if any, has its name.
func (d *discovery) namedProfile(dir string) {
	parent := filepath.Dir(dir)
	if filepath.Base(parent) == profilesFolder {
		parent = filepath.Dir(parent)
	}
	d.single(candidate{product: productAt(parent), dir: dir, user: inventory.Untrusted(dir)}, nameOf(parent, dir))
}

// single adds a candidate's directory, which is itself a profile.
func (d *discovery) single(c candidate, name string) {
	opened, err := localprofile.Open(c.dir, d.Env.Observe)
	if err != nil {
		d.Gap(d.Source(c.user, c.key), localprofile.Doing(err, "opening %q", inventory.Untrusted(c.dir)))
		return
	}
	defer opened.Close()
	d.add(c, opened, profile{Profile: localprofile.Profile{Root: c.dir, Folder: "."}}, filepath.Base(c.dir), name)
}

// holdsProfiles reports whether any subdirectory of a directory is a profile.
func holdsProfiles(dir string) bool {
	opened, err := localprofile.Open(dir, nil)
	if err != nil {
		return false
	}
	defer opened.Close()
	found, _ := strayProfiles(opened)
	return len(found) > 0
}

// nameOf returns the name that the profiles.ini of parent gives to a directory below it.
func nameOf(parent, dir string) string {
	opened, err := localprofile.Open(parent, nil)
	if err != nil {
		return ""
	}
	defer opened.Close()
	listed, _ := readProfiles(opened)
	for _, one := range listed {
		if one.relative && filepath.Join(parent, filepath.FromSlash(strings.ReplaceAll(one.path, `\`, "/"))) == dir {
			return one.name
		}
	}
	return ""
}

// productAt returns the product with whose place a directory's path ends. The longest place wins.
func productAt(dir string) product {
	if at, ok := localprofile.Longest(places, dir); ok {
		return at.product
	}
	return unlisted
}
