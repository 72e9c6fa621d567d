package firefox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Limits on what one directory may hold.
const (
	maxProfiles = 1000
	maxFolders  = 10_000
)

const (
	prefsFile         = "prefs.js" // only looked for, never opened
	compatibilityFile = "compatibility.ini"
)

// profile is one profile to read.
type profile struct {
	source  inventory.Source
	holder  inventory.Holder
	product product
	root    string // the folder to open: nothing outside it is read, but an add-on's own file
	folder  string // the profile below root; "." is root itself
	system  bool   // root is a path of the scanned system, out of profiles.ini
}

// discovery is what there is to read.
type discovery struct {
	profiles []profile
	gaps     []inventory.Coverage

	env    scanner.Env
	system localprofile.System
	taken  localprofile.Claims
	names  map[inventory.Untrusted]bool
}

// candidate is a directory that exists where a product keeps its profiles.
type candidate struct {
	product
	dir  string
	user inventory.Untrusted
}

// discover finds all profiles, each once.
func (p *Provider) discover() *discovery {
	d := &discovery{env: p.env, system: p.system, names: map[inventory.Untrusted]bool{}}
	for _, at := range localprofile.Find(p.env, places, d.fault) {
		d.directory(candidate{product: at.Row.product, dir: at.Dir, user: at.User})
	}
	for _, dir := range p.env.ProfileDirs {
		d.named(dir)
	}
	return d
}

// fault notes what could not be followed while places were looked up.
func (d *discovery) fault(user inventory.Untrusted, at *place, err error) {
	if at == nil {
		d.gap(d.base().Join(user), err)
		return
	}
	d.gap(d.source(user, at.key), err)
}

// directory takes the profiles of a product's directory, unless it has been taken already.
func (d *discovery) directory(c candidate) {
	info, err := os.Stat(c.dir)
	if err != nil || !d.taken.Take(info) {
		return
	}
	source := d.source(c.user, c.key)
	dir, err := localprofile.Open(c.dir, d.env.Observe)
	if err != nil {
		d.gap(source, localprofile.Doing(err, "opening %q", inventory.Untrusted(c.dir)))
		return
	}
	defer dir.Close()
	listed, err := readProfiles(dir)
	if err != nil {
		gap := wording.Explain(source, "", err)
		gap.Status = inventory.StatusPartial
		gap.Reason += "; profiles were looked for by their folders, without names"
		gap.Remedy = "open about:profiles in the browser, which writes the file again, and scan again"
		d.gaps = append(d.gaps, gap)
	}
	for _, one := range listed {
		d.listed(c, dir, one)
	}
	stray, err := strayProfiles(dir)
	if err != nil {
		d.gap(source, localprofile.Doing(err, "listing %q", inventory.Untrusted(c.dir)))
	}
	for _, folder := range stray {
		d.profile(c, dir, folder, "")
	}
}

// listed takes a profile that profiles.ini names. One that is named and is not there may be on a disk that is away, so it is a gap; only a
// folder beside the others that is gone was deleted.
func (d *discovery) listed(c candidate, dir *localprofile.Dir, one listed) {
	folder := filepath.FromSlash(strings.ReplaceAll(one.path, `\`, "/"))
	switch {
	case one.relative && filepath.IsLocal(folder):
		if at, ok := d.linked(dir, folder); ok {
			d.elsewhere(c, one, at)
			return
		}
		d.profile(c, dir, folder, one.name)
	case one.relative:
		d.away(c, one, fmt.Errorf("%s names a folder outside its own: %q", profilesFile, inventory.Untrusted(one.path)))
	case one.isInHome():
		if home, ok := d.homeOf(c); ok {
			d.elsewhere(c, one, filepath.Join(home, filepath.FromSlash(one.path[len("~/"):])))
			return
		}
		d.elsewhere(c, one, one.path)
	default:
		d.elsewhere(c, one, one.path)
	}
}

// linked returns where a profile's folder lies that is a link out of the directory, as to another disk. The browser follows it.
func (d *discovery) linked(dir *localprofile.Dir, folder string) (string, bool) {
	_, err := dir.Stat(folder)
	at := filepath.Join(dir.Path(), folder)
	if err == nil || !d.system.IsReal() || isMissing(err) && !localprofile.IsLink(at) {
		return "", false
	}
	if real, err := filepath.EvalSymlinks(at); err == nil {
		return real, true
	}
	target, err := os.Readlink(at)
	return target, err == nil && filepath.IsAbs(target)
}

// homeOf returns the home that a directory of profiles is in.
func (d *discovery) homeOf(c candidate) (string, bool) {
	for _, home := range d.env.Homes {
		if below, err := filepath.Rel(home.Dir, c.dir); err == nil && filepath.IsLocal(below) {
			return home.Dir, true
		}
	}
	return "", false
}

// elsewhere takes a profile at an absolute path of the scanned system, or of the home that it is named in.
func (d *discovery) elsewhere(c candidate, one listed, path string) {
	at, p, err := d.openElsewhere(c, path)
	if err != nil {
		d.away(c, one, localprofile.Doing(err, "opening the profile's folder %q", inventory.Untrusted(one.path)))
		return
	}
	defer at.Close()
	d.add(c, at, p, lastPart(one.path), one.name)
}

func (d *discovery) openElsewhere(c candidate, path string) (*localprofile.Dir, profile, error) {
	if home, ok := d.homeOf(c); ok {
		if below, err := filepath.Rel(home, path); err == nil && filepath.IsLocal(below) {
			at, err := localprofile.Open(path, d.env.Observe)
			return at, profile{root: path, folder: "."}, err
		}
	}
	at, err := d.system.Open(path)
	return at, profile{root: path, folder: ".", system: true}, err
}

// away is the gap of a profile that profiles.ini names and that cannot be looked into.
func (d *discovery) away(c candidate, one listed, err error) {
	shown, called := lastPart(one.path), one.name
	if isMissing(err) && slices.ContainsFunc(d.env.ProfileDirs, func(dir string) bool { return filepath.Base(dir) == shown && localprofile.Holds(dir, extensionsFile) }) {
		return // the user says where it is now
	}
	if called == "" {
		called = shown
	}
	gap := wording.Explain(d.source(c.user, c.key).Join(inventory.Untrusted(shown)), "", err)
	gap.Reason = inventory.Untrusted(fmt.Sprintf("the profile %q: ", called)) + gap.Reason
	if isMissing(err) {
		gap.Remedy = "make its disk or folder available and scan again, or name where it is now with --profile-dir; if it is no longer used, remove it in about:profiles"
	}
	d.gaps = append(d.gaps, gap)
}

// profile takes one profile below an opened directory.
func (d *discovery) profile(c candidate, dir *localprofile.Dir, folder, name string) {
	d.add(c, dir, profile{root: c.dir, folder: folder}, filepath.Base(folder), name)
}

// add takes a profile, unless it has been taken or was never started: then there is nothing in it that could be read.
func (d *discovery) add(c candidate, dir *localprofile.Dir, p profile, shown, name string) {
	p.source = d.source(c.user, c.key).Join(inventory.Untrusted(shown))
	info, err := dir.Stat(p.folder)
	switch {
	case isMissing(err):
		return
	case err == nil && !info.IsDir():
		err = errNoFolder
		fallthrough
	case err != nil:
		d.gap(p.source, localprofile.Doing(err, "opening the profile's folder %q", inventory.Untrusted(p.folder)))
		return
	case !isStarted(dir, p.folder) || !d.taken.Take(info):
		return
	}
	if d.names[p.source.Name] {
		p.source = d.source(c.user, c.key).Join(inventory.Untrusted(shown + " in " + p.root))
	}
	d.names[p.source.Name] = true
	p.product = c.product
	p.holder = inventory.Holder{
		Host: d.env.Host, User: c.user, Browser: inventory.Untrusted(c.name),
		Profile: inventory.Untrusted(shown), ProfileName: inventory.Untrusted(name),
	}
	d.profiles = append(d.profiles, p)
}

// errNoFolder is something else where a profile should be.
var errNoFolder = errors.New("it is not a folder")

// isStarted reports whether a browser ever ran with the profile, or will find add-ons in it when it does. A file that cannot be reached is
// not absent.
func isStarted(dir *localprofile.Dir, folder string) bool {
	return slices.ContainsFunc([]string{extensionsFile, startupFile, prefsFile, compatibilityFile}, func(name string) bool {
		_, err := dir.Stat(filepath.Join(folder, name))
		return !isMissing(err)
	}) || holdsAddons(dir, folder)
}

func holdsAddons(dir *localprofile.Dir, folder string) bool {
	entries, err := dir.Entries(filepath.Join(folder, extensionsFolder))
	return err != nil && !isMissing(err) || len(entries) > 0
}

// strayProfiles returns the folders of a directory, and of its folder Profiles, that hold the list of a profile or what a browser starts
// from: those that profiles.ini does not name, or would if it were whole, and those of Firefox's own switch between profiles.
func strayProfiles(dir *localprofile.Dir) ([]string, error) {
	var found []string
	for _, below := range []string{".", "Profiles"} {
		folders, err := dir.Folders(below)
		switch {
		case below != "." && isMissing(err):
			continue
		case err != nil:
			return found, err
		case len(folders) > maxFolders:
			return found, fmt.Errorf("%d folders, limit %d", len(folders), maxFolders)
		}
		for _, folder := range folders {
			folder = filepath.Join(below, folder)
			for _, name := range []string{extensionsFile, startupFile, compatibilityFile} {
				if _, err := dir.Stat(filepath.Join(folder, name)); !isMissing(err) {
					found = append(found, folder)
					break
				}
			}
		}
	}
	if len(found) > maxProfiles {
		return found[:maxProfiles], fmt.Errorf("%d folders with profiles, limit %d", len(found), maxProfiles)
	}
	return found, nil
}

// bundled is where Tor Browser and Mullvad Browser keep their profiles below the folder that they were unpacked to.
const bundled = "Browser/TorBrowser/Data/Browser"

// named takes a directory that the user named, if it is of this family: one with profiles.ini, a single profile, an unpacked Tor
// Browser, or a folder of profiles. All others are the chromium provider's to take or to explain; what it leaves to this one must be
// the same there.
func (d *discovery) named(dir string) {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || d.taken.IsTaken(info) {
		return
	}
	user := inventory.Untrusted(dir)
	switch {
	case localprofile.Holds(dir, profilesFile, installsFile):
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	case localprofile.Holds(dir, extensionsFile, prefsFile, compatibilityFile):
		opened, err := localprofile.Open(dir, d.env.Observe)
		parent := filepath.Dir(dir)
		if filepath.Base(parent) == "Profiles" {
			parent = filepath.Dir(parent)
		}
		c := candidate{product: productAt(parent), dir: dir, user: user}
		if err != nil {
			d.gap(d.source(user, c.key), localprofile.Doing(err, "opening %q", user))
			return
		}
		defer opened.Close()
		d.add(c, opened, profile{root: dir, folder: "."}, filepath.Base(dir), nameOf(parent, dir))
	case localprofile.Holds(dir, bundled):
		dir = filepath.Join(dir, filepath.FromSlash(bundled))
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	case holdsProfiles(dir):
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	}
}

// holdsProfiles reports whether folders of a directory are profiles.
func holdsProfiles(dir string) bool {
	opened, err := localprofile.Open(dir, nil)
	if err != nil {
		return false
	}
	defer opened.Close()
	found, _ := strayProfiles(opened)
	return len(found) > 0
}

// nameOf returns the name that the profiles.ini of parent gives to a folder below it.
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

// productAt returns the product whose place a directory's path ends like. The longest place decides.
func productAt(dir string) product {
	if at, ok := localprofile.Longest(places, dir); ok {
		return at.product
	}
	return unlisted
}

func (d *discovery) base() inventory.Source {
	return inventory.Source{Provider: inventory.Firefox, Host: d.env.Host}
}

func (d *discovery) source(user inventory.Untrusted, key string) inventory.Source {
	return d.base().Join(user).Join(inventory.Untrusted(key))
}

func (d *discovery) gap(source inventory.Source, err error) {
	d.gaps = append(d.gaps, wording.Explain(source, "", err))
}

func lastPart(at string) string {
	at = strings.TrimRight(strings.ReplaceAll(at, `\`, "/"), "/")
	return at[strings.LastIndexByte(at, '/')+1:]
}
