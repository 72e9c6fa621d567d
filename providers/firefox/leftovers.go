package firefox

import (
	"context"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// maxLeftovers bounds the items made of files that the list does not name.
const maxLeftovers = 1000

// leftovers adds what is in the profile's add-on directory but not in the list: dropped in by a
// program and not yet picked up by the browser, or left behind. The browser reads that directory
// when it starts, so it is worth knowing.
func (s *scan) leftovers(ctx context.Context) error {
	if s.own == nil {
		if !isMissing(s.ownErr) {
			s.details.Add("the directory %s cannot be opened: %s", extensionsFolder, localprofile.Words(s.ownErr))
		}
		return nil
	}
	entries, err := s.own.Entries(".")
	if err != nil {
		s.details.Add("the directory %s cannot be listed: %s", extensionsFolder, localprofile.Words(err))
		return nil
	}
	count := 0
	for _, entry := range entries {
		if s.named[entry] || entry == stagedFolder || entry == trashFolder || strings.HasPrefix(entry, ".") {
			continue
		}
		if count++; count > maxLeftovers {
			s.details.Add("the directory %s holds more than %d files that the list does not name", extensionsFolder,
				maxLeftovers)
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
	item := s.unlistedItem(a, entry)
	item.StateReasons = []inventory.Untrusted{"in the profile's directory of add-ons, but not in " + extensionsFile + ": not yet installed, or left behind"}
	files, err := s.inOwn(entry)
	if err != nil {
		s.unchecked(a, item, err)
		return item
	}
	defer s.close(files)
	m := s.manifest(a, files, item)
	s.describeUnlisted(a, m, item)
	if m != nil && (m.id == "" || m.id == a.id) { // the browser refuses any other name
		s.details.Add("%s: its files are at %s, where the browser looks for add-ons, but %s does not list it", a.id,
			a.path, extensionsFile)
	}
	return item
}

func (s *scan) unlistedItem(a *addon, instance string) *inventory.Item {
	return &inventory.Item{
		Source: s.Source, Holder: s.Holder, Kind: inventory.KindExtension, App: inventory.App{ID: inventory.Untrusted(a.id)},
		Instance: inventory.Untrusted(instance), Path: inventory.Untrusted(a.path),
		State: inventory.StateLeftover, Origin: inventory.OriginUnknown, Facts: map[string]inventory.Untrusted{},
	}
}

func (s *scan) describeUnlisted(a *addon, m *manifest, item *inventory.Item) {
	if m == nil {
		return
	}
	a.checkManifest(item, m)
	item.Kind = m.kind()
	item.Access = s.accessOf(&addon{id: a.id}, []*manifest{m}, item.Kind)
	describeBy(item, m)
}
