package firefox

import (
	"context"
	"maps"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// The browser's own directories among the profile's add-ons (XPIInstall.sys.mjs).
const (
	stagedFolder = "staged"
	trashFolder  = "trash"
)

// readStaged reads the pending packages that the browser installs when it starts: an update that
// its add-on postponed, or an installation.
func (s *scan) readStaged() {
	if s.own == nil {
		return
	}
	entries, err := s.own.Entries(stagedFolder)
	if isMissing(err) {
		return
	}
	if err != nil {
		s.details.Add("the directory %s/%s cannot be listed: %s", extensionsFolder, stagedFolder, localprofile.Words(err))
		return
	}
	s.staged = map[string]*manifest{}
	for n, entry := range entries {
		if n >= maxLeftovers {
			s.details.Add("the directory %s/%s holds more than %d files", extensionsFolder, stagedFolder, maxLeftovers)
			return
		}
		name := stagedFolder + "/" + entry
		info, err := s.own.Stat(name)
		id, isPacked := strings.CutSuffix(entry, ".xpi")
		if err != nil || !isPacked && !info.IsDir() {
			continue // such as the notes that older browsers keep beside a package
		}
		m, _, err := readManifest(s.own, name, false)
		if err != nil {
			s.details.Add("%s: %s/%s: %s", id, extensionsFolder, name, localprofile.Words(err))
			continue
		}
		s.staged[id] = m
	}
}

// addStaged says which version of an add-on is pending, and counts what it requires: any prompt was
// shown before the package was put there (XPIInstall.sys.mjs, checkPrompt before postpone), and the
// browser installs it at its next start without asking.
func (s *scan) addStaged(a *addon, item *inventory.Item) {
	m := s.staged[a.id]
	if m == nil || a.location != inProfile {
		return
	}
	delete(s.staged, a.id)
	version := m.version
	if version == "" {
		version = "unknown"
	}
	item.Facts["pending_version"] = inventory.Clean(version, inventory.MaxNameBytes)
	next := s.accessOf(&addon{id: a.id, location: a.location, signedState: a.signedState}, []*manifest{m}, m.kind())
	held := &item.Access
	held.Permissions = append(held.Permissions, access.Without(next.Permissions, held.Permissions)...)
	held.Hosts = append(held.Hosts, access.NewSet(held.Hosts).Excess(next.Hosts)...)
	held.Surfaces = append(held.Surfaces, access.Without(next.Surfaces, held.Surfaces)...)
	held.Requested = append(held.Requested, access.Without(next.Requested, held.Requested)...)
}

// waiting adds the pending packages that are not updates of anything in the list.
func (s *scan) waiting(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(s.staged)) {
		a := &addon{id: id, path: extensionsFolder + "/" + stagedFolder + "/" + id}
		item := s.unlistedItem(a, stagedFolder)
		item.StateReasons = []inventory.Untrusted{"waiting to be installed when the browser starts, but not in " + extensionsFile}
		s.details.Add("%s: it is waiting at %s to be installed, but %s does not list it", id, a.path, extensionsFile)
		s.describeUnlisted(a, s.staged[id], item)
		if err := s.add(ctx, item); err != nil {
			return err
		}
	}
	return nil
}
