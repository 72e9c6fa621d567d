package chromium

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Limits on what one user data directory may hold.
const (
	maxProfiles = 1000
	maxFolders  = 10_000
)

// profile is one profile to read.
type profile struct {
	source   inventory.Source
	holder   inventory.Holder
	key      string // the browser's key, as in places
	root     string // the folder to open: nothing outside it is read
	folder   string // the profile below root; "." is root itself
	userData string // the user data directory
	copied   bool   // the home is a copy from elsewhere, so that what lies outside it is not its browser's
}

// discovery is what there is to read.
type discovery struct {
	profiles []profile
	gaps     []inventory.Coverage

	env   scanner.Env
	taken localprofile.Claims
	names map[inventory.Untrusted]bool
}

// candidate is a directory that exists where a browser keeps its user data.
type candidate struct {
	place
	dir  string
	user inventory.Untrusted
}

// discover finds all profiles, each once.
func (p *Provider) discover() *discovery {
	d := &discovery{env: p.env, names: map[inventory.Untrusted]bool{}}
	for _, at := range localprofile.Find(p.env, places, d.fault) {
		d.userData(candidate{place: at.Row, dir: at.Dir, user: at.User})
	}
	for _, home := range p.env.Homes {
		d.fromEnvironment(home)
		d.unlisted(home)
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

// userData takes the profiles of a user data directory, unless it has been taken already. It reports whether it held any.
func (d *discovery) userData(c candidate) bool {
	info, err := os.Stat(c.dir)
	if err != nil || !d.taken.Take(info) {
		return err == nil
	}
	dir, err := localprofile.Open(c.dir, d.env.Observe)
	if err != nil {
		d.gap(d.source(c.user, c.key), localprofile.Doing(err, "opening %q", inventory.Untrusted(c.dir)))
		return true
	}
	defer dir.Close()
	source := d.source(c.user, c.key)
	folders, err := profileFolders(dir)
	if err != nil {
		d.gap(source, localprofile.Doing(err, "listing %q", inventory.Untrusted(c.dir)))
		return true
	}
	local, err := readLocalState(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		gap := wording.Explain(source, localStateFile, err)
		if len(folders) > 0 {
			gap.Status = inventory.StatusPartial
			gap.Reason += "; the profiles were found by their folders, without names and accounts"
		}
		d.gaps = append(d.gaps, gap)
	}
	for folder := range local {
		if isOneName(folder) && !slices.Contains(folders, folder) {
			if _, err := dir.Lstat(folder); !errors.Is(err, fs.ErrNotExist) { // a link may lead to a disk that is not there
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
func (d *discovery) profile(c candidate, dir *localprofile.Dir, folder string, known localProfile) {
	shown := shownFolder(c.dir, folder)
	source := d.source(c.user, c.key).Join(inventory.Untrusted(shown))
	if info, err := dir.Stat(folder); err != nil {
		d.gap(source, localprofile.Doing(err, "opening the profile's folder %q", inventory.Untrusted(folder)))
		return
	} else if !info.IsDir() {
		d.gap(source, localprofile.Doing(localprofile.ErrNoFolder, "opening the profile's folder %q", inventory.Untrusted(folder)))
		return
	} else if !d.taken.Take(info) && folder != "." {
		return
	}
	if d.names[source.Name] {
		source = d.source(c.user, c.key).Join(inventory.Untrusted(shown + " in " + filepath.Join(c.dir, filepath.Dir(folder))))
	}
	d.names[source.Name] = true
	d.profiles = append(d.profiles, profile{
		source: source,
		holder: inventory.Holder{
			Host: d.env.Host, User: c.user, Browser: inventory.Untrusted(c.name), Profile: inventory.Untrusted(shown),
			ProfileName: inventory.Untrusted(known.name), Account: inventory.Untrusted(known.account),
		},
		key: c.key, root: c.dir, folder: folder, userData: c.dir, copied: d.isCopy(c.user),
	})
}

// shownFolder is what to call a profile's folder. A side profile is known by its own folder, whichever of the two layouts it has.
func shownFolder(userData, folder string) string {
	if folder == "." {
		return filepath.Base(userData)
	}
	if side, ok := strings.CutPrefix(filepath.ToSlash(folder), sideProfiles+"/"); ok {
		return strings.TrimSuffix(side, "/Default")
	}
	return filepath.Base(folder)
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
		gap := noProfile(source, localprofile.Words(err))
		if errors.Is(err, fs.ErrPermission) {
			gap = wording.Explain(source, "", err)
		}
		d.gaps = append(d.gaps, gap)
		return
	case !info.IsDir():
		d.gaps = append(d.gaps, noProfile(source, "it is a file, not a directory"))
		return
	case d.taken.IsTaken(info):
		return
	}
	if localprofile.Holds(dir, preferencesFile, securePreferencesFile) && !localprofile.Holds(dir, localStateFile) {
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
	if !d.taken.Take(info) {
		return
	}
	var known localProfile
	if parent, err := localprofile.Open(filepath.Dir(dir), d.env.Observe); err == nil {
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
		key: key, root: dir, folder: ".", userData: filepath.Dir(dir),
	})
}

// isCopy reports whether a user's home was copied here from another machine.
func (d *discovery) isCopy(user inventory.Untrusted) bool {
	return slices.ContainsFunc(d.env.Homes, func(home scanner.Home) bool { return home.User == user && home.AnyOS })
}

func (d *discovery) base() inventory.Source {
	return inventory.Source{Provider: inventory.Chromium, Host: d.env.Host}
}

func (d *discovery) source(user inventory.Untrusted, key string) inventory.Source {
	return d.base().Join(user).Join(inventory.Untrusted(key))
}

func (d *discovery) gap(source inventory.Source, err error) {
	d.gaps = append(d.gaps, wording.Explain(source, "", err))
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
	if at, ok := localprofile.Longest(places, dir); ok {
		return at.key, at.name
	}
	return unknownKey, unknownName
}

const (
	systemProfile = "System Profile"
	sideProfiles  = "_side_profiles" // Opera's further profiles
)

// profileFolders returns the folders below a user data directory that hold a profile, "." if it is one itself. One with installed
// packages and without preferences is a profile that has lost them.
func profileFolders(dir *localprofile.Dir) ([]string, error) {
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
			below, err := dir.Folders(filepath.Join(sideProfiles, name))
			if err != nil {
				return nil, err
			}
			for _, profile := range below {
				folders = append(folders, filepath.Join(sideProfiles, name, profile))
			}
		}
	}
	folders = append(folders, ".")
	return slices.DeleteFunc(folders, func(folder string) bool {
		for _, name := range []string{preferencesFile, securePreferencesFile, extensionsFolder} {
			if folder == "." && name == extensionsFolder {
				continue
			}
			if _, err := dir.Stat(filepath.Join(folder, name)); !isMissing(err) {
				return false
			}
		}
		return true
	}), nil
}

// isOneName reports whether a name out of a file is a single folder's name.
func isOneName(name string) bool {
	return name != "" && name != "." && filepath.IsLocal(name) && !strings.ContainsAny(name, `/\`)
}

// isFirefoxs reports whether the firefox provider takes a directory that the user named: one with its files, or with folders that
// have an extensions.json.
func isFirefoxs(dir string) bool {
	if localprofile.Holds(dir, "profiles.ini", "installs.ini", "extensions.json", "prefs.js", "compatibility.ini", "Browser/TorBrowser/Data/Browser") {
		return true
	}
	for _, parent := range []string{dir, filepath.Join(dir, "Profiles")} {
		entries, _ := os.ReadDir(parent)
		if slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
			return localprofile.Holds(filepath.Join(parent, entry.Name()), "extensions.json")
		}) {
			return true
		}
	}
	return false
}
