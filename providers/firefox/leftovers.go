package firefox

import (
	"context"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/profilefs"
	"guestlist/scanner/inventory"
)

// maxLeftovers bounds the items made of files that the list does not name.
const maxLeftovers = 1000

// leftovers adds what lies in the profile's folder of add-ons and is not in the list: dropped in by a program and not yet taken in
// by the browser, or left behind. The browser looks at that folder when it starts, so it is worth knowing.
func (s *scan) leftovers(ctx context.Context, addons []*addon) error {
	if s.own == nil {
		if !isMissing(s.ownErr) {
			s.details.Add("the folder %s cannot be opened: %s", extensionsFolder, localprofile.Words(s.ownErr))
		}
		return nil
	}
	entries, err := s.own.Entries(".")
	if err != nil {
		s.details.Add("the folder %s cannot be listed: %s", extensionsFolder, localprofile.Words(err))
		return nil
	}
	named := map[string]bool{"staged": true, "trash": true} // the browser's own
	for _, a := range addons {
		if a.location == inProfile {
			named[lastPart(a.path)] = true
		}
	}
	for _, state := range s.startup {
		if state.location == inProfile && isTrue(state.Enabled) {
			named[lastPart(state.at())] = true
		}
	}
	count := 0
	for _, entry := range entries {
		if named[entry] || strings.HasPrefix(entry, ".") {
			continue
		}
		if count++; count > maxLeftovers {
			s.details.Add("the folder %s holds more than %d files that the list does not name", extensionsFolder, maxLeftovers)
			break
		}
		if err := s.add(ctx, s.leftover(entry)); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) leftover(entry string) *inventory.Item {
	a := &addon{id: strings.TrimSuffix(entry, ".xpi"), path: extensionsFolder + "/" + entry}
	item := &inventory.Item{
		Source: s.source, Holder: s.holder, Kind: inventory.KindExtension, App: inventory.App{ID: inventory.Untrusted(a.id)},
		Instance: inventory.Untrusted(entry), Path: inventory.Untrusted(a.path),
		State: inventory.StateLeftover, Origin: inventory.OriginUnknown, Facts: map[string]inventory.Untrusted{},
	}
	item.StateReasons = []inventory.Untrusted{"in the profile's folder of add-ons, not in " + extensionsFile + ": not yet taken in, or left behind"}
	m := s.manifest(a, s.own, entry, item)
	a.checkManifest(item, m, permissions{})
	item.Access = accessOf(a, permissions{}, m)
	if m != nil {
		describeBy(item, m)
	}
	return item
}

// manifest reads the manifest of an add-on's file, or says in the item why it could not.
func (s *scan) manifest(a *addon, dir *profilefs.Dir, name string, item *inventory.Item) *manifest {
	m, faults, err := readManifest(dir, name)
	if err != nil {
		s.unchecked(a, item, err)
		return nil
	}
	for _, fault := range faults {
		s.details.Add("%s: %s: %s", a.id, manifestFile, fault)
	}
	if a.locale.Name == "" {
		m.localize(dir, name, s.provider.env.Locale)
	}
	return m
}
