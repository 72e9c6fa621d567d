package firefox

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
)

// Whatever a browser built on Firefox is called, it keeps profiles.ini beside its profiles, or in a
// profile extensions.json beside the files that every start writes. Other programs have a
// profiles.ini too, so one counts only if it names a profile with Firefox's layout, or one that is
// elsewhere and may be missing.

// profilesFolder holds the profiles on macOS and Windows.
const profilesFolder = "Profiles"

// Layout is how the data of a browser of the family is recognized.
func Layout() localprofile.Layout {
	return localprofile.Layout{
		Names: []string{profilesFile, installsFile, profilesFolder, extensionsFile, prefsFile, compatibilityFile,
			startupFile},
	}
}

// unlisted adds the directories of profiles in all homes that have no row, and single profiles.
func (d *discovery) unlisted(walks *localprofile.Walks) {
	for _, at := range d.Unlisted(walks, d.isLikeOurs) {
		isProfile := isLikeProfile(at.Folder)
		key := at.Below
		if isProfile && path.Dir(key) != "." {
			key = strings.TrimSuffix(path.Dir(key), "/"+profilesFolder)
		}
		c := candidate{
			product: product{key: key, name: strings.TrimLeft(path.Base(key), ".")}, dir: at.Dir, user: at.User,
		}
		if isProfile {
			d.single(c, "")
			continue
		}
		d.directory(c)
	}
}

// isLikeOurs reports whether a directory is one of profiles, or a profile.
func (d *discovery) isLikeOurs(folder localprofile.Folder) (string, bool) {
	switch {
	case isLikeProfile(folder):
	case folder.Has(profilesFile) || folder.Has(installsFile):
		if !d.namesProfiles(folder.Dir) && !holdsProfiles(folder.Dir) {
			return "", false
		}
	case !folder.Has(profilesFolder) || !holdsProfiles(folder.Dir):
		return "", false
	}
	return folder.Dir, true
}

// isLikeProfile reports whether a directory is a profile that was started.
func isLikeProfile(folder localprofile.Folder) bool {
	return folder.Has(extensionsFile) && slices.ContainsFunc([]string{prefsFile, compatibilityFile, startupFile},
		folder.Has)
}

// namesProfiles reports whether the profiles.ini of a directory names a profile that is one, or one
// that is elsewhere. One that cannot be read names none.
func (d *discovery) namesProfiles(at string) bool {
	dir, err := localprofile.Open(at, nil)
	if err != nil {
		return false
	}
	defer dir.Close()
	named, _ := readProfiles(dir)
	return slices.ContainsFunc(named, func(one listed) bool {
		if !one.relative {
			return localprofile.IsAbsolute(one.path) || one.isInHome()
		}
		folder := filepath.FromSlash(strings.ReplaceAll(one.path, `\`, "/"))
		return filepath.IsLocal(folder) && isStarted(dir, folder) || localprofile.IsLink(filepath.Join(at, folder))
	})
}
