package chromium

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Whatever a browser based on Chromium is called, its user data directory holds Local State beside
// a directory for each profile, which holds Preferences. That is enough to read it, in any of the
// places where programs keep their data (localprofile.Search.Unlisted), at "Product",
// "Vendor/Product" or deeper, or any of these with "/User Data". Without Local State, which a
// browser recreates, a profile with one of the browser's own names will do.
//
// Other programs that embed Chromium look similar: an Electron program keeps Local State and
// Preferences in one directory and its partitions two levels down, so it has no directory with
// Preferences beside Local State; WebView2 has a whole browser's layout, in a directory named
// EBWebView. Neither can install an extension by itself. So a directory whose profile is the
// directory itself (as Opera GX has it), and one of WebView2, count only if they hold installed
// packages: a directory "Extensions", spelled exactly so, with a directory named by an ID.

const (
	userDataFolder = "User Data"
	webViewFolder  = "EBWebView"
)

// usualProfiles are the profile directories by which a directory without Local State is recognized.
var usualProfiles = []string{"Default", "Profile 1"}

// Layout is how the data of a browser of the family is recognized.
func Layout() localprofile.Layout {
	return localprofile.Layout{Names: append([]string{localStateFile, userDataFolder}, usualProfiles...),
		Ends: []string{localStateFile}}
}

// unlisted adds the user data directories in all homes that have no row.
func (d *discovery) unlisted(walks *localprofile.Walks) {
	for _, at := range d.Unlisted(walks, isLikeUserData) {
		d.userData(candidate{
			place: place{key: at.Below, name: strings.TrimLeft(path.Base(at.Below), ".")}, dir: at.Dir, user: at.User,
		})
	}
}

// isLikeUserData returns the user data directory that a directory is or contains.
func isLikeUserData(folder localprofile.Folder) (string, bool) {
	if folder.Has(localStateFile) && isUserData(folder.Dir) || holdsUsualProfile(folder.Dir, folder.Has) {
		return folder.Dir, true
	}
	if !folder.Has(userDataFolder) {
		return "", false
	}
	dir := filepath.Join(folder.Dir, userDataFolder)
	has := func(name string) bool { return localprofile.Holds(dir, name) }
	return dir, has(localStateFile) && isUserData(dir) || holdsUsualProfile(dir, has)
}

// isUserData reports whether a directory that holds Local State is laid out like a browser's user
// data.
func isUserData(dir string) bool {
	folders := localprofile.Subfolders(dir, maxFolders)
	if filepath.Base(dir) != webViewFolder && slices.ContainsFunc(folders, func(folder string) bool {
		return localprofile.Holds(filepath.Join(dir, folder), preferencesFile, securePreferencesFile)
	}) {
		return true
	}
	return slices.ContainsFunc(append(folders, "."),
		func(folder string) bool { return holdsPackages(filepath.Join(dir, folder)) })
}

// holdsUsualProfile reports whether one of the usual profiles is in a directory.
func holdsUsualProfile(dir string, has func(name string) bool) bool {
	return filepath.Base(dir) != webViewFolder && slices.ContainsFunc(usualProfiles, func(name string) bool {
		profile := filepath.Join(dir, name)
		return has(name) && (holdsPackages(profile) ||
			slices.ContainsFunc([]string{preferencesFile, securePreferencesFile},
				func(name string) bool { return isObject(profile, name) }))
	})
}

// isObject reports whether a file begins like a JSON object.
func isObject(dir, name string) bool {
	const start = 64 // bytes
	opened, err := localprofile.Open(dir, nil)
	if err != nil {
		return false
	}
	defer opened.Close()
	file, _, err := opened.OpenFile(name, maxPreferences)
	if err != nil {
		return false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, start))
	return err == nil && bytes.HasPrefix(bytes.TrimSpace(withoutMark(data)), []byte("{"))
}

// holdsPackages reports whether a profile holds the directory of an installed extension.
func holdsPackages(profile string) bool {
	if !localprofile.Holds(profile, extensionsFolder) ||
		!slices.Contains(localprofile.Subfolders(profile, maxFolders), extensionsFolder) {
		return false
	}
	return slices.ContainsFunc(localprofile.Subfolders(filepath.Join(profile, extensionsFolder), maxExtensionFolders),
		func(name string) bool {
			_, ok := cleanID(name)
			return ok
		})
}

// userDataVariable names a whole user data directory, for Chrome and Chromium on Linux that are
// started without --user-data-dir (ChromeMainDelegate, InitializeUserDataDir).
const userDataVariable = "CHROME_USER_DATA_DIR"

// configVariable moves the place of user data directories, for Chrome and Chromium on Linux.
const configVariable = "CHROME_CONFIG_HOME"

// fromEnvironment adds the directories that the environment names. It only applies to the user's
// own home.
func (d *discovery) fromEnvironment(home scanner.Home) {
	if !home.Own || d.Env.Getenv == nil || !localprofile.Applies(d.Env, home, linux) {
		return
	}
	for _, variable := range []string{configVariable, userDataVariable} {
		dir := d.Env.Getenv(variable)
		if dir == "" {
			continue
		}
		source := d.Base().Join(home.User).Join(inventory.Untrusted(variable))
		info, err := os.Stat(dir)
		switch {
		case !filepath.IsAbs(dir):
			d.Gaps = append(d.Gaps, noDirectory(source, variable, dir, "it is not an absolute path"))
		case err != nil && errors.Is(err, fs.ErrPermission):
			d.Gap(source, localprofile.Doing(err, "opening %q", inventory.Untrusted(dir)))
		case err != nil:
			d.Gaps = append(d.Gaps, noDirectory(source, variable, dir, localprofile.Words(err)))
		case !info.IsDir():
			d.Gaps = append(d.Gaps, noDirectory(source, variable, dir, "it is a file, not a directory"))
		case variable == userDataVariable:
			key, name := browserAt(dir)
			d.userData(candidate{place: place{key: key, name: name}, dir: filepath.Clean(dir), user: home.User})
		}
	}
}

func noDirectory(source inventory.Source, variable, dir, why string) inventory.Coverage {
	return inventory.Coverage{
		Source: source, Status: inventory.StatusNotObservable,
		Reason: inventory.Untrusted(variable + " names " + strings.TrimSpace(dir) + ": " + why),
		Remedy: inventory.Untrusted("unset " + variable + ", or make the directory it names available, and scan again"),
	}
}
