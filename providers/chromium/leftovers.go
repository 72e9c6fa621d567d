package chromium

import (
	"context"
	"path"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

const extensionsFolder = "Extensions"

// Limits on what is listed below Extensions.
const (
	maxExtensionFolders = 20_000
	maxVersionFolders   = 100 // of one extension
)

// leftovers adds what is below Extensions but not installed according to the settings: whole
// extensions that the settings do not list, and versions besides the one that runs. The browser
// removes both in time. A pending update is not a leftover.
//
// A whole extension that the settings do not list, or not in a way that a browser would read, is
// also lost coverage: a browser that removed it would have removed its files, so its entry may have
// been lost or damaged.
func (s *scan) leftovers(ctx context.Context, entries map[string]*entry) error {
	if s.extensions == nil {
		return nil
	}
	folders, err := s.extensions.Folders(".")
	if err != nil {
		s.details.Add("the directory Extensions cannot be listed: %s", localprofile.Words(err))
		return nil
	}
	if len(folders) > maxExtensionFolders {
		s.details.Add("%d directories in Extensions, limit %d", len(folders), maxExtensionFolders)
		folders = folders[:maxExtensionFolders]
	}
	s.checkLoose(entries)
	for _, folder := range folders {
		id, ok := cleanID(folder)
		if !ok {
			continue // "Temp", where the browser unpacks
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		versions, err := s.extensions.Folders(folder)
		if err != nil {
			s.details.Add("%s: its directory cannot be listed: %s", id, localprofile.Words(err))
			continue
		}
		s.checkNamed(id, entries[id], folder, versions)
		versions = slices.DeleteFunc(versions, func(version string) bool {
			return inUse(entries[id], path.Join(folder, version))
		})
		if len(versions) > maxVersionFolders {
			s.details.Add("%s: %d version directories, limit %d", id, len(versions), maxVersionFolders)
			versions = versions[:maxVersionFolders]
		}
		for _, version := range versions {
			if err := s.add(s.leftover(id, path.Join(folder, version))); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkNamed notes packages of an extension that the settings do not list, or not as a browser
// does.
func (s *scan) checkNamed(id string, e *entry, folder string, versions []string) {
	for _, claim := range e.all() {
		if claim.isInstalled() {
			return
		}
	}
	for _, version := range append(versions, ".") {
		if _, err := s.extensions.Stat(path.Join(folder, version, manifestFile)); isMissing(err) {
			continue
		}
		why := "the settings do not name it"
		if e != nil {
			why = "its entry in the settings is not one that a browser reads"
		}
		s.details.Add("%s: its files are at %s, but %s", id, path.Join(extensionsFolder, folder, version), why)
		return
	}
}

// checkLoose notes a package in the Extensions directory itself, unless an entry leads there.
func (s *scan) checkLoose(entries map[string]*entry) {
	if _, err := s.extensions.Stat(manifestFile); isMissing(err) {
		return
	}
	for _, e := range entries {
		if inUse(e, ".") {
			return
		}
	}
	s.details.Add("%s is directly in the directory %s, where the settings name no extension", manifestFile,
		extensionsFolder)
}

// inUse reports whether the settings name a directory below Extensions, for what runs or for a
// pending update.
func inUse(e *entry, folder string) bool {
	return slices.ContainsFunc(e.all(), func(claim *entry) bool {
		return claim.isInstalled() && path.Clean(strings.ReplaceAll(claim.where(), `\`, "/")) == folder
	})
}

// leftover makes the item of a version's directory that is not in use.
func (s *scan) leftover(id, where string) *inventory.Item {
	item := &inventory.Item{
		Source: s.Source, Holder: s.Holder, Kind: inventory.KindExtension,
		App:      inventory.App{ID: inventory.Untrusted(id)},
		Instance: inventory.Untrusted(path.Base(where)),
		State:    inventory.StateLeftover,
		Origin:   inventory.OriginUnknown,
		Path:     inventory.Untrusted(where),
		Facts:    map[string]inventory.Untrusted{},
	}
	files := &extensionFiles{dir: s.extensions, below: where, shown: where}
	read, _, err := s.manifest(files)
	if err != nil {
		reason, _ := wording.Describe(err)
		item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk, manifestFile+": "+reason)
		return item
	}
	item.Access = read.access()
	if derived, ok := idFromKey(read.key); read.key != "" && (!ok || derived != id) {
		item.Mark(inventory.MarkIdentity, inventory.MarkIDMismatch, "the key of the manifest on disk does not make this ID")
	}
	s.describe(item, read, files)
	return item
}
