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

// leftovers adds what lies below Extensions and is not what the settings call installed: whole extensions that the settings do
// not know, and versions beside the one that runs. The browser removes both in time. An update that waits to be put in place is none.
func (s *scan) leftovers(ctx context.Context, entries map[string]*entry) error {
	if s.extensions == nil {
		return nil
	}
	folders, err := s.extensions.Folders(".")
	if err != nil {
		s.details.Add("the folder Extensions cannot be listed: %s", localprofile.Words(err))
		return nil
	}
	if len(folders) > maxExtensionFolders {
		s.details.Add("%d folders in Extensions, limit %d", len(folders), maxExtensionFolders)
		folders = folders[:maxExtensionFolders]
	}
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
			s.details.Add("%s: its folder cannot be listed: %s", id, localprofile.Words(err))
			continue
		}
		versions = slices.DeleteFunc(versions, func(version string) bool { return inUse(entries[id], folder, version) })
		if len(versions) > maxVersionFolders {
			s.details.Add("%s: %d version folders, limit %d", id, len(versions), maxVersionFolders)
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

// inUse reports whether the settings name a version folder, for what runs or for an update that waits.
func inUse(e *entry, folder, version string) bool {
	for ; e != nil; e = e.pending {
		if e.isInstalled() && strings.ReplaceAll(e.path, `\`, "/") == folder+"/"+version {
			return true
		}
	}
	return false
}

// leftover makes the item of a version folder that nothing runs.
func (s *scan) leftover(id, where string) *inventory.Item {
	item := &inventory.Item{
		Source: s.source, Holder: s.holder, Kind: inventory.KindExtension,
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
