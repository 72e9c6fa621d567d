package firefox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/providers/internal/profilefs"
	"guestlist/providers/provider"
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

	env    provider.Env
	system systemRoot
	seen   []fs.FileInfo // folders that have been taken, whichever name they were found under
	names  map[inventory.Untrusted]bool
}

// candidate is a directory that exists where a product keeps its profiles.
type candidate struct {
	product
	dir    string
	user   inventory.Untrusted
	linked bool // found through a link that leads elsewhere than its name says
}

// discover finds all profiles, each once.
func (p *Provider) discover() *discovery {
	d := &discovery{env: p.env, system: p.system, names: map[inventory.Untrusted]bool{}}
	var found []candidate
	for _, home := range p.env.Homes {
		found = append(found, d.candidates(home)...)
	}
	// A directory that stands where its name says goes before one that a link points to, so that nobody's link takes another's place.
	direct := slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return c.linked })
	linked := slices.DeleteFunc(found, func(c candidate) bool { return !c.linked })
	for _, c := range slices.Concat(direct, linked) {
		d.directory(c)
	}
	for _, dir := range p.env.ProfileDirs {
		d.named(dir)
	}
	return d
}

// candidates returns the directories of a home in which a product of the table keeps its profiles.
func (d *discovery) candidates(home provider.Home) []candidate {
	var found []candidate
	var denied []inventory.Untrusted
	real, _ := filepath.EvalSymlinks(home.Dir)
	for _, place := range places {
		if !home.AnyOS && place.os != layoutOf(d.env.OS) {
			continue
		}
		for _, base := range d.bases(home, place.base) {
			for _, dir := range expandPath(base, strings.Split(place.path, "/")) {
				info, err := os.Stat(dir)
				switch {
				case err == nil && info.IsDir():
					found = append(found, candidate{product: place.product, dir: dir, user: home.User, linked: isLinked(dir, home.Dir, real)})
				case errors.Is(err, fs.ErrPermission):
					denied = append(denied, inventory.Untrusted(dir))
				case err != nil && isLink(dir):
					d.gap(d.source(home.User, place.key), doing(err, "following the link %q", inventory.Untrusted(dir)))
				}
			}
		}
	}
	if len(denied) > 0 {
		d.gap(d.base().Join(home.User), doing(fs.ErrPermission, "looking for browsers in %q", denied[0]))
	}
	return found
}

// layoutOf returns the system whose places apply. The BSDs follow Linux.
func layoutOf(system string) string {
	if system == macOS || system == windows {
		return system
	}
	return linux
}

// bases returns the folders that a base means. The environment speaks for the user's own home only. The usual folder comes first
// and is always read, because a browser started without the variable keeps its profiles there.
func (d *discovery) bases(home provider.Home, from base) []string {
	usual, variable := "", ""
	switch from {
	case inHome:
		return []string{home.Dir}
	case inConfig:
		usual, variable = ".config", "XDG_CONFIG_HOME"
	case inData:
		usual, variable = ".local/share", "XDG_DATA_HOME"
	case inRoamingData:
		usual, variable = "AppData/Roaming", "APPDATA"
	case inLocalData:
		usual, variable = "AppData/Local", "LOCALAPPDATA"
	case inSupport:
		usual = "Library/Application Support"
	}
	dirs := []string{filepath.Join(home.Dir, filepath.FromSlash(usual))}
	if home.Own && d.env.Getenv != nil && variable != "" {
		if dir := d.env.Getenv(variable); filepath.IsAbs(dir) && filepath.Clean(dir) != dirs[0] {
			dirs = append(dirs, filepath.Clean(dir))
		}
	}
	return dirs
}

// expandPath joins a path of the table, looking up a part that holds "*".
func expandPath(dir string, parts []string) []string {
	for n, part := range parts {
		if !strings.Contains(part, "*") {
			dir = filepath.Join(dir, part)
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil
		}
		var found []string
		for _, entry := range entries {
			if ok, _ := path.Match(part, entry.Name()); ok {
				found = append(found, expandPath(filepath.Join(dir, entry.Name()), parts[n+1:])...)
			}
		}
		return found
	}
	return []string{dir}
}

// isLinked reports whether dir lies elsewhere than below the home it was found in.
func isLinked(dir, home, realHome string) bool {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return true
	}
	below, err := filepath.Rel(home, dir)
	return err != nil || real != filepath.Join(realHome, below)
}

func isLink(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// directory takes the profiles of a product's directory, unless it has been taken already.
func (d *discovery) directory(c candidate) {
	info, err := os.Stat(c.dir)
	if err != nil || !d.take(info) {
		return
	}
	source := d.source(c.user, c.key)
	dir, err := profilefs.Open(c.dir, d.env.Observe)
	if err != nil {
		d.gap(source, doing(err, "opening %q", inventory.Untrusted(c.dir)))
		return
	}
	defer dir.Close()
	listed, err := readProfiles(dir)
	if err != nil {
		gap := explain(source, "", err)
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
		d.gap(source, doing(err, "listing %q", inventory.Untrusted(c.dir)))
	}
	for _, folder := range stray {
		d.profile(c, dir, folder, "")
	}
}

// listed takes a profile that profiles.ini names.
func (d *discovery) listed(c candidate, dir *profilefs.Dir, one listed) {
	folder := filepath.FromSlash(strings.ReplaceAll(one.path, `\`, "/"))
	if one.relative && filepath.IsLocal(folder) {
		d.profile(c, dir, folder, one.name)
		return
	}
	source := d.source(c.user, c.key).Join(inventory.Untrusted(lastPart(one.path)))
	if one.relative {
		d.gap(source, fmt.Errorf("%s names a folder outside its own: %q", profilesFile, inventory.Untrusted(one.path)))
		return
	}
	at, err := d.system.open(one.path)
	if err != nil {
		if !isMissing(err) {
			d.gap(source, doing(err, "opening the profile's folder %q", inventory.Untrusted(one.path)))
		}
		return
	}
	defer at.Close()
	d.add(c, at, profile{root: one.path, folder: ".", system: true}, lastPart(one.path), one.name)
}

// profile takes one profile below an opened directory.
func (d *discovery) profile(c candidate, dir *profilefs.Dir, folder, name string) {
	d.add(c, dir, profile{root: c.dir, folder: folder}, filepath.Base(folder), name)
}

// add takes a profile, unless it has been taken or was never started: then there is nothing in it that could be read.
func (d *discovery) add(c candidate, dir *profilefs.Dir, p profile, shown, name string) {
	p.source = d.source(c.user, c.key).Join(inventory.Untrusted(shown))
	info, err := dir.Stat(p.folder)
	switch {
	case isMissing(err):
		return
	case err != nil:
		d.gap(p.source, doing(err, "opening the profile's folder %q", inventory.Untrusted(p.folder)))
		return
	case !info.IsDir() || !isStarted(dir, p.folder) || !d.take(info):
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

// isStarted reports whether a browser ever ran with the profile. A file that cannot be reached is not absent.
func isStarted(dir *profilefs.Dir, folder string) bool {
	return slices.ContainsFunc([]string{extensionsFile, prefsFile, compatibilityFile}, func(name string) bool {
		_, err := dir.Stat(filepath.Join(folder, name))
		return !isMissing(err)
	})
}

// strayProfiles returns the folders of a directory, and of its folder Profiles, that hold extensions.json.
func strayProfiles(dir *profilefs.Dir) ([]string, error) {
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
			if _, err := dir.Stat(filepath.Join(folder, extensionsFile)); !isMissing(err) {
				found = append(found, folder)
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
	if err != nil || !info.IsDir() || d.isTaken(info) {
		return
	}
	user := inventory.Untrusted(dir)
	switch {
	case holds(dir, profilesFile, installsFile):
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	case holds(dir, extensionsFile, prefsFile, compatibilityFile):
		opened, err := profilefs.Open(dir, d.env.Observe)
		parent := filepath.Dir(dir)
		if filepath.Base(parent) == "Profiles" {
			parent = filepath.Dir(parent)
		}
		c := candidate{product: productAt(parent), dir: dir, user: user}
		if err != nil {
			d.gap(d.source(user, c.key), doing(err, "opening %q", user))
			return
		}
		defer opened.Close()
		d.add(c, opened, profile{root: dir, folder: "."}, filepath.Base(dir), nameOf(parent, dir))
	case holds(dir, bundled):
		dir = filepath.Join(dir, filepath.FromSlash(bundled))
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	case holdsProfiles(dir):
		d.directory(candidate{product: productAt(dir), dir: dir, user: user})
	}
}

// holdsProfiles reports whether folders of a directory are profiles.
func holdsProfiles(dir string) bool {
	opened, err := profilefs.Open(dir, nil)
	if err != nil {
		return false
	}
	defer opened.Close()
	found, _ := strayProfiles(opened)
	return len(found) > 0
}

// nameOf returns the name that the profiles.ini of parent gives to a folder below it.
func nameOf(parent, dir string) string {
	opened, err := profilefs.Open(parent, nil)
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
	parts := strings.Split(filepath.ToSlash(dir), "/")
	found, longest := unlisted, 0
	for _, place := range places {
		want := strings.Split(place.path, "/")
		if len(want) > len(parts) || len(want) <= longest {
			continue
		}
		tail := parts[len(parts)-len(want):]
		if slices.EqualFunc(want, tail, func(pattern, part string) bool { ok, _ := path.Match(pattern, part); return ok }) {
			found, longest = place.product, len(want)
		}
	}
	return found
}

// take claims a folder. It is false for one that has been claimed before.
func (d *discovery) take(info fs.FileInfo) bool {
	if d.isTaken(info) {
		return false
	}
	d.seen = append(d.seen, info)
	return true
}

func (d *discovery) isTaken(info fs.FileInfo) bool {
	return slices.ContainsFunc(d.seen, func(other fs.FileInfo) bool { return os.SameFile(info, other) })
}

func (d *discovery) base() inventory.Source {
	return inventory.Source{Provider: inventory.Firefox, Host: d.env.Host}
}

func (d *discovery) source(user inventory.Untrusted, key string) inventory.Source {
	return d.base().Join(user).Join(inventory.Untrusted(key))
}

func (d *discovery) gap(source inventory.Source, err error) {
	d.gaps = append(d.gaps, explain(source, "", err))
}

func lastPart(at string) string {
	at = strings.TrimRight(strings.ReplaceAll(at, `\`, "/"), "/")
	return at[strings.LastIndexByte(at, '/')+1:]
}

func holds(dir string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	})
}
