package firefox

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// The browser also picks up add-ons from directories outside the profile, one for the user and some
// for the whole machine, and keeps updates of its own ones in the profile's directory features.
// What is there without an entry in the profile's list is reported like what is in its add-on
// directory, and only as a leftover if the browser leaves it alone.

// applications are the directories that the programs of the family have below those places, by the
// key of their policies.
var applications = map[string]string{
	"firefox":     "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}",
	"thunderbird": "{3550f703-e582-4d05-9a08-453d09bdfdc6}",
}

// userSideloads are the places of one user, below the home.
var userSideloads = []localprofile.Where{
	{OS: linux, Base: inHome, Path: ".mozilla/extensions"},
	{OS: macOS, Base: inSupport, Path: "Mozilla/Extensions"},
	{OS: windows, Base: inRoamingData, Path: "Mozilla/Extensions"},
}

// systemSideloads are the machine's. /usr/share/mozilla/extensions is not among them: distributions
// put packages there, which a profile that has not run since does not list.
var systemSideloads = map[string][]string{
	linux: {"/usr/lib/mozilla/extensions", "/usr/lib64/mozilla/extensions"},
	macOS: {"/Library/Application Support/Mozilla/Extensions"},
}

// leftoversElsewhere adds packages without an entry in the list that are outside the profile's
// add-on directory, where the browser also looks for add-ons.
func (s *scan) leftoversElsewhere(ctx context.Context, addons []*addon) error {
	listed := map[string]bool{}
	for _, a := range addons {
		listed[a.id] = true
	}
	for key := range s.startup {
		listed[key.id] = true
	}
	if sets, err := s.root.Folders(featuresFolder); err == nil {
		for _, set := range sets[:min(len(sets), maxLeftovers)] {
			dir := filepath.Join(s.root.Path(), featuresFolder, set)
			at := sideloadFolder{dir: dir, open: func() (*localprofile.Dir, error) {
				return s.root.Sub(filepath.Join(featuresFolder, set))
			}}
			if err := s.sideloads(ctx, at, listed); err != nil {
				return err
			}
		}
	}
	for _, at := range s.sideloadFolders() {
		if err := s.sideloads(ctx, at, listed); err != nil {
			return err
		}
	}
	return nil
}

// sideloadFolder is a directory outside the profile from which the browser picks up add-ons.
type sideloadFolder struct {
	dir   string
	scope int
	open  func() (*localprofile.Dir, error)
}

// sideloadFolders returns the user's and the machine's, if the home belongs to this machine.
func (s *scan) sideloadFolders() []sideloadFolder {
	var folders []sideloadFolder
	application, env := applications[s.product.policy], s.provider.env
	if application == "" {
		return nil
	}
	for _, home := range s.homes() {
		for _, where := range userSideloads {
			for _, dir := range s.expand(home, where) {
				dir = filepath.Join(dir, application)
				folders = append(folders, sideloadFolder{dir, scopeUser,
					func() (*localprofile.Dir, error) { return localprofile.Open(dir, env.Observe) }})
			}
		}
		if home.AnyOS {
			continue
		}
		for system, dirs := range systemSideloads {
			if !localprofile.Applies(env, home, system) {
				continue
			}
			for _, dir := range dirs {
				dir = path.Join(dir, application)
				folders = append(folders, sideloadFolder{dir, scopeSystem,
					func() (*localprofile.Dir, error) { return s.provider.system.Open(dir) }})
			}
		}
	}
	return folders
}

// sideloads adds the packages in one such directory.
func (s *scan) sideloads(ctx context.Context, at sideloadFolder, listed map[string]bool) error {
	dir, err := at.open()
	if isMissing(err) {
		return nil
	}
	if err != nil {
		s.details.Add("the directory %s cannot be opened: %s", inventory.Untrusted(at.dir), localprofile.Words(err))
		return nil
	}
	defer dir.Close()
	entries, err := dir.Entries(".")
	if err != nil {
		s.details.Add("the directory %s cannot be listed: %s", inventory.Untrusted(at.dir), localprofile.Words(err))
		return nil
	}
	entries = slices.DeleteFunc(entries, func(name string) bool {
		return strings.HasPrefix(name, ".") || listed[strings.TrimSuffix(name, ".xpi")]
	})
	if len(entries) > maxLeftovers {
		s.details.Add("the directory %s holds more than %d files that the list does not name",
			inventory.Untrusted(at.dir), maxLeftovers)
		entries = entries[:maxLeftovers]
	}
	for _, name := range entries {
		if err := s.sideload(ctx, dir, at, name); err != nil {
			return err
		}
	}
	return nil
}

// sideload adds one package. It ignores what no browser would accept as one.
func (s *scan) sideload(ctx context.Context, dir *localprofile.Dir, folder sideloadFolder, name string) error {
	a := &addon{id: strings.TrimSuffix(name, ".xpi"), path: filepath.ToSlash(filepath.Join(folder.dir, name))}
	item := s.unlistedItem(a, a.path)
	reason := s.leftAlone(folder, dir, name)
	item.StateReasons = []inventory.Untrusted{reason}
	if reason == "" {
		item.StateReasons[0] = "where the browser looks for add-ons, but not in " + extensionsFile +
			": not yet installed, or left behind"
	}
	info, err := dir.Stat(name)
	switch {
	case err != nil && !isMissing(err): // a link out of the directory, which the browser follows
		files, err := s.inSystem(filepath.Join(folder.dir, name))
		if err != nil {
			s.unchecked(a, item, err)
			return s.add(ctx, item)
		}
		defer s.close(files)
		return s.addSideload(ctx, a, files, item, reason == "")
	case err != nil || !info.Mode().IsRegular() && !info.IsDir() || info.Mode().IsRegular() && a.id == name:
		return nil
	}
	return s.addSideload(ctx, a, packageFiles{dir: dir, name: name, at: a.path, info: info}, item, reason == "")
}

// leftAlone says why the browser does not pick up a package outside the profile, or "" if it does
// or may. Either its settings exclude the place, or it has looked there since the package arrived,
// as every new build does when it first starts (XPIProvider.sys.mjs, scanForChanges), and left it.
// Mozilla's own builds other than ESR pick up nothing from such places.
func (s *scan) leftAlone(folder sideloadFolder, dir *localprofile.Dir, name string) inventory.Untrusted {
	if folder.scope == 0 {
		return ""
	}
	if s.scopes()&folder.scope == 0 {
		return "the browser's settings (" + scopesSetting + ") leave out the place where it lies"
	}
	info, err := dir.Lstat(name)
	if err != nil {
		return ""
	}
	came, known := localprofile.Changed(info)
	if built, ok := s.built(); ok && known && info.Mode().IsRegular() && came.Before(built) {
		return "the browser looked at the place where it lies after it came, and did not take it in"
	}
	return ""
}

// addSideload adds a package, also as lost coverage if the browser may pick it up.
func (s *scan) addSideload(ctx context.Context, a *addon, files packageFiles, item *inventory.Item, mayRun bool) error {
	m, _, err := readManifest(files.dir, files.name, false)
	if err == errNoManifest {
		return nil
	}
	if err != nil {
		s.notUnderstood(a, item, files, err)
		return s.add(ctx, item)
	}
	s.describeUnlisted(a, m, item)
	if mayRun && (m.id == "" || m.id == a.id) && !s.isOwnUpdate(a, files) {
		s.details.Add("%s: its files are at %s, where the browser looks for add-ons, but %s does not list it",
			a.id, inventory.Untrusted(a.path), extensionsFile)
	}
	return s.add(ctx, item)
}

// isOwnUpdate reports whether a package belongs to one of the browser's own add-ons, by its ID and
// signature: the browser keeps the set before the active one.
func (s *scan) isOwnUpdate(a *addon, files packageFiles) bool {
	if !ownIDs[a.id] || !strings.Contains(filepath.ToSlash(a.path), "/"+featuresFolder+"/") {
		return false
	}
	data, err := readEntry(files.dir, files.name, signatureFile, maxSignature)
	return err == nil && isOwnSignature(data, a.id)
}
