package chromium

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

// Limits on what one user data directory may hold.
const (
	maxProfiles = 1000
	maxFolders  = 10_000
)

// profile is one profile to read.
type profile struct {
	source inventory.Source
	holder inventory.Holder
	key    string // the browser's key, as in places
	root   string // the folder to open: nothing outside it is read
	folder string // the profile below root; "." is root itself
}

// discovery is what there is to read.
type discovery struct {
	profiles []profile
	gaps     []inventory.Coverage

	env   provider.Env
	seen  []fs.FileInfo // folders that have been taken, whichever name they were found under
	names map[inventory.Untrusted]bool
}

// candidate is a directory that exists where a browser keeps its user data.
type candidate struct {
	place
	dir    string
	user   inventory.Untrusted
	linked bool // found through a link that leads elsewhere than its name says
}

// discover finds all profiles, each once.
func (p *Provider) discover() *discovery {
	d := &discovery{env: p.env, names: map[inventory.Untrusted]bool{}}
	var found []candidate
	for _, home := range p.env.Homes {
		found = append(found, d.candidates(home)...)
	}
	// A directory that stands where its name says goes before one that a link points to, so that nobody's link takes another's place.
	slices.SortStableFunc(found, func(a, b candidate) int { return boolOrder(a.linked, b.linked) })
	for _, c := range found {
		d.userData(c)
	}
	for _, dir := range p.env.ProfileDirs {
		d.named(dir)
	}
	return d
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// candidates returns the directories of a home in which a browser of the table keeps its user data.
func (d *discovery) candidates(home provider.Home) []candidate {
	var found []candidate
	var denied []inventory.Untrusted
	real, _ := filepath.EvalSymlinks(home.Dir)
	for _, place := range places {
		if !home.AnyOS && place.os != layoutOf(d.env.OS) {
			continue
		}
		for _, dir := range d.expand(home, place) {
			info, err := os.Stat(dir)
			switch {
			case err == nil && info.IsDir():
				found = append(found, candidate{place: place, dir: dir, user: home.User, linked: isLinked(dir, home.Dir, real)})
			case errors.Is(err, fs.ErrPermission):
				denied = append(denied, inventory.Untrusted(dir))
			case err != nil && isLink(dir):
				d.gap(d.source(home.User, place.key), doing(err, "following the link %q", inventory.Untrusted(dir)))
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

// expand returns where a place may be in a home.
func (d *discovery) expand(home provider.Home, at place) []string {
	var dirs []string
	for _, base := range d.bases(home, at.base) {
		dirs = append(dirs, expandPath(base, strings.Split(at.path, "/"))...)
	}
	return dirs
}

// bases returns the folders that a base means. The environment speaks for the user's own home only. The usual folder comes first
// and is always read, because a browser started without the variable keeps its profile there.
func (d *discovery) bases(home provider.Home, from base) []string {
	usual, variables := "", []string(nil)
	switch from {
	case inHome:
		return []string{home.Dir}
	case inConfig:
		usual, variables = ".config", []string{"XDG_CONFIG_HOME", "CHROME_CONFIG_HOME"}
	case inLocalData:
		usual, variables = "AppData/Local", []string{"LOCALAPPDATA"}
	case inRoamingData:
		usual, variables = "AppData/Roaming", []string{"APPDATA"}
	case inSupport:
		usual = "Library/Application Support"
	}
	dirs := []string{filepath.Join(home.Dir, filepath.FromSlash(usual))}
	if !home.Own || d.env.Getenv == nil {
		return dirs
	}
	for _, name := range variables {
		if dir := d.env.Getenv(name); filepath.IsAbs(dir) && !slices.Contains(dirs, filepath.Clean(dir)) {
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

// userData takes the profiles of a user data directory, unless it has been taken already. It reports whether it held any.
func (d *discovery) userData(c candidate) bool {
	info, err := os.Stat(c.dir)
	if err != nil || !d.take(info) {
		return err == nil
	}
	dir, err := profilefs.Open(c.dir, d.env.Observe)
	if err != nil {
		d.gap(d.source(c.user, c.key), doing(err, "opening %q", inventory.Untrusted(c.dir)))
		return true
	}
	defer dir.Close()
	source := d.source(c.user, c.key)
	folders, err := profileFolders(dir)
	if err != nil {
		d.gap(source, doing(err, "listing %q", inventory.Untrusted(c.dir)))
		return true
	}
	local, err := readLocalState(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		gap := explain(source, localStateFile, err)
		if len(folders) > 0 {
			gap.Status = inventory.StatusPartial
			gap.Reason += "; the profiles were found by their folders, without names and accounts"
		}
		d.gaps = append(d.gaps, gap)
	}
	for folder := range local {
		if isOneName(folder) && !slices.Contains(folders, folder) {
			if _, err := dir.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
				folders = append(folders, folder)
			}
		}
	}
	slices.Sort(folders)
	found := false
	for n, folder := range folders {
		if n == maxProfiles {
			d.gap(source, fmt.Errorf("%d folders with profiles, limit %d", len(folders), maxProfiles))
			break
		}
		if folder == systemProfile && !d.env.Builtin {
			continue
		}
		found = true
		d.profile(c, dir, folder, local[folder])
	}
	return found
}

// profile takes one profile below an opened user data directory.
func (d *discovery) profile(c candidate, dir *profilefs.Dir, folder string, known localProfile) {
	shown := filepath.Base(folder)
	if folder == "." {
		shown = filepath.Base(c.dir)
	}
	source := d.source(c.user, c.key).Join(inventory.Untrusted(shown))
	if info, err := dir.Stat(folder); err != nil {
		d.gap(source, doing(err, "opening the profile's folder %q", inventory.Untrusted(folder)))
		return
	} else if !info.IsDir() || !d.take(info) && folder != "." {
		return
	}
	if d.names[source.Name] {
		source = d.source(c.user, c.key).Join(inventory.Untrusted(shown + " in " + c.dir))
	}
	d.names[source.Name] = true
	d.profiles = append(d.profiles, profile{
		source: source,
		holder: inventory.Holder{
			Host: d.env.Host, User: c.user, Browser: inventory.Untrusted(c.name), Profile: inventory.Untrusted(shown),
			ProfileName: inventory.Untrusted(known.name), Account: inventory.Untrusted(known.account),
		},
		key: c.key, root: c.dir, folder: folder,
	})
}

// named takes a directory that the user named: a user data directory, a single profile, or neither.
func (d *discovery) named(dir string) {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	source := d.base().Join(inventory.Untrusted(dir))
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		gap := noProfile(source, words(err))
		if errors.Is(err, fs.ErrPermission) {
			gap = explain(source, "", err)
		}
		d.gaps = append(d.gaps, gap)
		return
	case !info.IsDir():
		d.gaps = append(d.gaps, noProfile(source, "it is a file, not a directory"))
		return
	case slices.ContainsFunc(d.seen, func(other fs.FileInfo) bool { return os.SameFile(info, other) }):
		return
	}
	if holds(dir, preferencesFile, securePreferencesFile) && !holds(dir, localStateFile) {
		d.namedProfile(dir, info)
		return
	}
	key, name := browserAt(dir)
	before := len(d.gaps)
	found := d.userData(candidate{place: place{key: key, name: name}, dir: dir, user: inventory.Untrusted(dir)})
	if !found && len(d.gaps) == before && !isFirefoxs(dir) {
		d.gaps = append(d.gaps, noProfile(source, "it holds no browser profile"))
	}
}

// namedProfile takes a single profile folder. The Local State beside it, if any, gives its names.
func (d *discovery) namedProfile(dir string, info fs.FileInfo) {
	if !d.take(info) {
		return
	}
	var known localProfile
	if parent, err := profilefs.Open(filepath.Dir(dir), d.env.Observe); err == nil {
		if local, err := readLocalState(parent); err == nil {
			known = local[filepath.Base(dir)]
		}
		parent.Close()
	}
	key, name := browserAt(filepath.Dir(dir))
	folder := inventory.Untrusted(filepath.Base(dir))
	d.profiles = append(d.profiles, profile{
		source: d.source(inventory.Untrusted(dir), key).Join(folder),
		holder: inventory.Holder{
			Host: d.env.Host, User: inventory.Untrusted(dir), Browser: inventory.Untrusted(name), Profile: folder,
			ProfileName: inventory.Untrusted(known.name), Account: inventory.Untrusted(known.account),
		},
		key: key, root: dir, folder: ".",
	})
}

// take claims a folder. It is false for one that has been claimed before.
func (d *discovery) take(info fs.FileInfo) bool {
	for _, other := range d.seen {
		if os.SameFile(info, other) {
			return false
		}
	}
	d.seen = append(d.seen, info)
	return true
}

func (d *discovery) base() inventory.Source {
	return inventory.Source{Provider: inventory.Chromium, Host: d.env.Host}
}

func (d *discovery) source(user inventory.Untrusted, key string) inventory.Source {
	return d.base().Join(user).Join(inventory.Untrusted(key))
}

func (d *discovery) gap(source inventory.Source, err error) {
	d.gaps = append(d.gaps, explain(source, "", err))
}

func noProfile(source inventory.Source, why string) inventory.Coverage {
	return inventory.Coverage{
		Source: source,
		Status: inventory.StatusNotObservable,
		Reason: inventory.Untrusted(why),
		Remedy: "name a user data directory (it holds Local State), a profile folder (it holds Preferences) or a Firefox profile",
	}
}

// Other browsers' directories have no row in the table, so they are called by the family's name.
const (
	unknownKey  = "chromium-based"
	unknownName = "Chromium-based browser"
)

// browserAt returns the key and name of the browser whose place a directory's path ends like. The longest place decides.
func browserAt(dir string) (key, name string) {
	parts := strings.Split(filepath.ToSlash(dir), "/")
	key, name, longest := unknownKey, unknownName, 0
	for _, place := range places {
		want := strings.Split(place.path, "/")
		if len(want) > len(parts) || len(want) <= longest {
			continue
		}
		tail := parts[len(parts)-len(want):]
		if slices.EqualFunc(want, tail, func(pattern, part string) bool { ok, _ := path.Match(pattern, part); return ok }) {
			key, name, longest = place.key, place.name, len(want)
		}
	}
	return key, name
}

const (
	systemProfile = "System Profile"
	sideProfiles  = "_side_profiles" // Opera's further profiles
)

// profileFolders returns the folders below a user data directory that hold a profile, "." if it is one itself.
func profileFolders(dir *profilefs.Dir) ([]string, error) {
	folders, err := dir.Folders(".")
	if err != nil {
		return nil, err
	}
	if len(folders) > maxFolders {
		return nil, fmt.Errorf("%d folders, limit %d", len(folders), maxFolders)
	}
	if slices.Contains(folders, sideProfiles) {
		side, err := dir.Folders(sideProfiles)
		if err != nil {
			return nil, err
		}
		for _, name := range side {
			folders = append(folders, filepath.Join(sideProfiles, name))
		}
	}
	folders = append(folders, ".")
	return slices.DeleteFunc(folders, func(folder string) bool {
		for _, name := range []string{preferencesFile, securePreferencesFile} {
			if _, err := dir.Stat(filepath.Join(folder, name)); !isAbsent(err) {
				return false
			}
		}
		return true
	}), nil
}

// isAbsent reports whether there is no such file. One that cannot be reached is not absent.
func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// isOneName reports whether a name out of a file is a single folder's name.
func isOneName(name string) bool {
	return name != "" && name != "." && filepath.IsLocal(name) && !strings.ContainsAny(name, `/\`)
}

// isFirefoxs reports whether the firefox provider takes a directory that the user named: one with its files, or with folders that
// have an extensions.json.
func isFirefoxs(dir string) bool {
	if holds(dir, "profiles.ini", "installs.ini", "extensions.json", "prefs.js", "compatibility.ini", "Browser/TorBrowser/Data/Browser") {
		return true
	}
	for _, parent := range []string{dir, filepath.Join(dir, "Profiles")} {
		entries, _ := os.ReadDir(parent)
		if slices.ContainsFunc(entries, func(entry os.DirEntry) bool { return holds(filepath.Join(parent, entry.Name()), "extensions.json") }) {
			return true
		}
	}
	return false
}

func holds(dir string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	})
}
