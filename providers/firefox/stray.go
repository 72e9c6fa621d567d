package firefox

import (
	"fmt"
	"path/filepath"
	"slices"

	"guestlist/providers/internal/localprofile"
)

// isStarted reports whether a browser ever ran with the profile, or will find add-ons in it when it
// does. A file that cannot be reached is not absent.
func isStarted(dir *localprofile.Dir, folder string) bool {
	return slices.ContainsFunc([]string{extensionsFile, startupFile, prefsFile, compatibilityFile},
		func(name string) bool {
			_, err := dir.Stat(filepath.Join(folder, name))
			return !isMissing(err)
		}) || holdsAddons(dir, folder)
}

func holdsAddons(dir *localprofile.Dir, folder string) bool {
	entries, err := dir.Entries(filepath.Join(folder, extensionsFolder))
	return err != nil && !isMissing(err) || len(entries) > 0
}

// strayProfiles returns the subdirectories of a directory, and of its subdirectory Profiles, that
// hold a profile's list or what a browser starts from: those that profiles.ini does not name, or
// would if it were whole, and those of Firefox's own profile switcher.
func strayProfiles(dir *localprofile.Dir) ([]string, error) {
	var found []string
	for _, below := range []string{".", profilesFolder} {
		folders, err := dir.Folders(below)
		switch {
		case below != "." && isMissing(err):
			continue
		case err != nil:
			return found, err
		case len(folders) > maxFolders:
			return found, fmt.Errorf("%d directories, limit %d", len(folders), maxFolders)
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
		return found[:maxProfiles], fmt.Errorf("%d directories with profiles, limit %d", len(found), maxProfiles)
	}
	return found, nil
}
