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
	localprofile.Profile
	key      string // the browser's key, as in places
	userData string // the user data directory
	own      bool   // the home belongs to the user who runs this program
	copied   bool   // the home is a copy from elsewhere: what is outside it is not its browser's
}

// discovery gathers what there is to read.
type discovery struct {
	localprofile.Search
	profiles []profile
}

// candidate is a directory that exists where a browser keeps its user data.
type candidate struct {
	place
	dir  string
	user inventory.Untrusted
}

func (p *Provider) newDiscovery() *discovery {
	return &discovery{Search: localprofile.Search{Env: p.env, Family: p.Name(), Wording: wording}}
}

// discover finds all profiles, each once.
func (p *Provider) discover() *discovery {
	d := p.newDiscovery()
	for _, at := range localprofile.Find(&d.Search, places) {
		d.userData(candidate{place: at.Row, dir: at.Dir, user: at.User})
	}
	for _, home := range p.env.Homes {
		d.fromEnvironment(home)
	}
	d.unlisted(p.walks)
	for _, dir := range p.env.ProfileDirs {
		d.named(dir)
	}
	return d
}

// userData adds the profiles of a user data directory, unless they have been added before. It
// reports whether there were any.
func (d *discovery) userData(c candidate) bool {
	info, err := os.Stat(c.dir)
	if err != nil || !d.Take(info) {
		return err == nil
	}
	dir, err := localprofile.Open(c.dir, d.Env.Observe)
	if err != nil {
		d.Gap(d.Source(c.user, c.key), localprofile.Doing(err, "opening %q", inventory.Untrusted(c.dir)))
		return true
	}
	defer dir.Close()
	source := d.Source(c.user, c.key)
	folders, err := profileFolders(dir)
	if err != nil {
		d.Gap(source, localprofile.Doing(err, "listing %q", inventory.Untrusted(c.dir)))
		return true
	}
	local, err := readLocalState(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		gap := wording.Explain(source, localStateFile, err)
		if len(folders) > 0 {
			gap.Status = inventory.StatusPartial
			gap.Reason += "; the profiles were found by their directories, without names and accounts"
		}
		d.Gaps = append(d.Gaps, gap)
	}
	for folder := range local {
		if isOneName(folder) && !slices.Contains(folders, folder) {
			if _, err := dir.Lstat(folder); !errors.Is(err, fs.ErrNotExist) { // a link may lead to a missing disk
				folders = append(folders, folder)
			}
		}
	}
	slices.Sort(folders)
	found := false
	for n, folder := range folders {
		if n == maxProfiles {
			d.Gap(source, fmt.Errorf("%d directories with profiles, limit %d", len(folders), maxProfiles))
			break
		}
		if folder == systemProfile && !d.Env.Builtin {
			continue
		}
		found = true
		d.profile(c, dir, folder, local[folder])
	}
	return found
}

// profile adds one profile below an opened user data directory.
func (d *discovery) profile(c candidate, dir *localprofile.Dir, folder string, known localProfile) {
	shown := shownFolder(c.dir, folder)
	source := d.Source(c.user, c.key).Join(inventory.Untrusted(shown))
	if info, err := dir.Stat(folder); err != nil {
		d.Gap(source, localprofile.Doing(err, "opening the profile's directory %q", inventory.Untrusted(folder)))
		return
	} else if !info.IsDir() {
		d.Gap(source, localprofile.Doing(localprofile.ErrNoFolder, "opening the profile's directory %q",
			inventory.Untrusted(folder)))
		return
	} else if !d.Take(info) && folder != "." {
		return
	}
	d.profiles = append(d.profiles, profile{
		Profile: localprofile.Profile{
			Source: d.ProfileSource(c.user, c.key, shown, filepath.Join(c.dir, filepath.Dir(folder))),
			Holder: d.holder(c, shown, known), Root: c.dir, Folder: folder,
		},
		key: c.key, userData: c.dir, copied: d.isCopy(c.user), own: d.isOwn(c.user),
	})
}

func (d *discovery) holder(c candidate, shown string, known localProfile) inventory.Holder {
	return inventory.Holder{
		Host: d.Env.Host, User: c.user, Browser: inventory.Untrusted(c.name), Profile: inventory.Untrusted(shown),
		ProfileName: inventory.Untrusted(known.name), Account: inventory.Untrusted(known.account),
	}
}

// shownFolder is what to call a profile's directory. A side profile is named after its own
// directory, whichever of the two layouts it has.
func shownFolder(userData, folder string) string {
	if folder == "." {
		return filepath.Base(userData)
	}
	if side, ok := strings.CutPrefix(filepath.ToSlash(folder), sideProfiles+"/"); ok {
		return strings.TrimSuffix(side, "/Default")
	}
	return filepath.Base(folder)
}

// isCopy reports whether a user's home was copied here from another machine.
func (d *discovery) isCopy(user inventory.Untrusted) bool {
	return slices.ContainsFunc(d.Env.Homes, func(home scanner.Home) bool { return home.User == user && home.AnyOS })
}

func (d *discovery) isOwn(user inventory.Untrusted) bool {
	return slices.ContainsFunc(d.Env.Homes, func(home scanner.Home) bool { return home.User == user && home.Own })
}

const (
	systemProfile = "System Profile"
	sideProfiles  = "_side_profiles" // Opera's further profiles
)

// profileFolders returns the directories below a user data directory that hold a profile, "." if it
// is one itself. One with installed packages but without preferences is a profile that has lost
// them.
func profileFolders(dir *localprofile.Dir) ([]string, error) {
	folders, err := dir.Folders(".")
	if err != nil {
		return nil, err
	}
	if len(folders) > maxFolders {
		return nil, fmt.Errorf("%d directories, limit %d", len(folders), maxFolders)
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

// isOneName reports whether a name from a file is the name of a single directory.
func isOneName(name string) bool {
	return name != "" && name != "." && filepath.IsLocal(name) && !strings.ContainsAny(name, `/\`)
}
