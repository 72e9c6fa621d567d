package chromium

import (
	"errors"
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

// New browsers come faster than rows. Whatever a browser is called, its user data directory stands
// in one of few places, at "Product", "Vendor/Product" or either with "/User Data", and holds Local
// State beside a folder for each profile, which holds Preferences. That is enough to read it.
//
// Other programs that embed Chromium come near: an Electron program keeps Local State and
// Preferences in one folder and its partitions two levels down, so it has no folder with
// Preferences beside Local State; WebView2 keeps a whole browser's layout, in a folder of the name
// EBWebView. Neither can install an extension by itself. So a directory whose profile is the
// directory itself (as Opera GX has it), and one of WebView2, count only if they hold installed
// packages: a folder "Extensions", spelled so, with a folder named by an ID.

// Limits on looking for browsers without a row.
const (
	maxNeighbours = 2_000 // folders looked into in one place for application data
	maxBelow      = 200   // folders of one vendor
)

const (
	userDataFolder = "User Data"
	webViewFolder  = "EBWebView"
)

// usualPlaces are where browsers keep their user data, by operating system. A "*" stands for one
// folder.
var usualPlaces = []localprofile.Where{
	{OS: linux, Base: inConfig},
	{OS: linux, Base: inHome, Path: ".var/app/*/config"},
	{OS: linux, Base: inHome, Path: "snap/*/current/.config"},
	{OS: linux, Base: inHome, Path: "snap/*/common"},
	{OS: macOS, Base: inSupport},
	{OS: windows, Base: inLocalData},
	{OS: windows, Base: inRoamingData},
	{OS: windows, Base: inLocalData, Path: "Packages/*/LocalCache/Local"},
	{OS: windows, Base: inLocalData, Path: "Packages/*/LocalCache/Roaming"},
}

// unlisted takes the user data directories of a home that no row names.
func (d *discovery) unlisted(home scanner.Home) {
	for _, where := range usualPlaces {
		if !localprofile.Applies(d.Env, home, where.OS) {
			continue
		}
		for _, root := range localprofile.Expand(d.Env, home, where) {
			for _, name := range subfolders(root, maxNeighbours) {
				d.unlistedBelow(home, root, name, true)
			}
		}
	}
}

// unlistedBelow takes a directory below a usual place if it is a user data directory, else looks
// one level deeper.
func (d *discovery) unlistedBelow(home scanner.Home, root, name string, deeper bool) {
	for _, at := range []string{name, filepath.Join(name, userDataFolder)} {
		dir := filepath.Join(root, at)
		if !localprofile.Holds(dir, localStateFile) {
			continue
		}
		if info, err := os.Stat(dir); err == nil && d.IsTaken(info) {
			return
		}
		if isUserData(dir) {
			key := filepath.ToSlash(name)
			d.userData(candidate{place: place{key: key, name: path.Base(key)}, dir: dir, user: home.User})
			return
		}
	}
	if !deeper {
		return
	}
	if info, err := os.Lstat(filepath.Join(root, name)); err != nil || !info.IsDir() {
		return // what a link leads to may be large, and is looked for where it stands
	}
	for _, below := range subfolders(filepath.Join(root, name), maxBelow) {
		d.unlistedBelow(home, root, filepath.Join(name, below), false)
	}
}

// isUserData reports whether a directory that holds Local State is laid out as the user data of a
// browser.
func isUserData(dir string) bool {
	folders := subfolders(dir, maxFolders)
	if filepath.Base(dir) != webViewFolder && slices.ContainsFunc(folders, func(folder string) bool {
		return localprofile.Holds(filepath.Join(dir, folder), preferencesFile, securePreferencesFile)
	}) {
		return true
	}
	return slices.ContainsFunc(append(folders, "."), func(folder string) bool { return holdsPackages(filepath.Join(dir, folder)) })
}

// holdsPackages reports whether a profile holds the folder of an installed extension.
func holdsPackages(profile string) bool {
	if !localprofile.Holds(profile, extensionsFolder) || !slices.Contains(subfolders(profile, maxFolders), extensionsFolder) {
		return false
	}
	return slices.ContainsFunc(subfolders(filepath.Join(profile, extensionsFolder), maxExtensionFolders), func(name string) bool {
		_, ok := cleanID(name)
		return ok
	})
}

// subfolders returns the names of the folders in dir, and of links, which may lead to one; none
// where it cannot be read.
func subfolders(dir string, most int) []string {
	file, err := os.Open(dir + string(filepath.Separator)) // with a separator only a folder is opened
	if err != nil {
		return nil
	}
	defer file.Close()
	entries, _ := file.ReadDir(-1)
	var names []string
	for _, entry := range entries {
		if len(names) < most && (entry.IsDir() || entry.Type()&fs.ModeSymlink != 0) {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names
}

// userDataVariable names a whole user data directory, for Chrome and Chromium on Linux that are
// started without --user-data-dir (ChromeMainDelegate, InitializeUserDataDir).
const userDataVariable = "CHROME_USER_DATA_DIR"

// configVariable moves the place of user data directories, for Chrome and Chromium on Linux.
const configVariable = "CHROME_CONFIG_HOME"

// fromEnvironment takes the directories that the environment names. It speaks for the user's own
// home only.
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
		Remedy: inventory.Untrusted("unset " + variable + ", or make the directory available that it names, and scan again"),
	}
}
