package googleworkspace

import (
	"slices"
	"time"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/scanner/inventory"
)

// coverage is what the scan reports about its sources.
func (s *scan) coverage() []inventory.Coverage {
	coverage := []inventory.Coverage{s.listing.coverage(s)}
	if note := s.deletedNote(); note != "" {
		coverage[0].Details = append(coverage[0].Details, note)
	}
	notes := s.notes()
	if s.grants != nil {
		list := s.grants.Coverage(s.total-s.duplicates, s.unlisted())
		list[0].Details = s.grantDetails(notes)
		coverage = append(coverage, list...)
	}
	if s.passwords != nil {
		list := s.passwords.Coverage(s.total-s.duplicates, s.unlisted())
		list[0].Details = notes
		if n := s.carried.Load(); n > 0 {
			list[0].Details = append(list[0].Details, inventory.Textf(
				"app passwords of %d users are carried over from an earlier scan: no log reports them, and every user is read again within %d scans",
				n, checkpoint.RollingShares))
		}
		coverage = append(coverage, list...)
	}
	if s.api.Has(api.Events) {
		coverage = append(coverage, s.events.coverage(s))
	}
	if s.api.Has(api.Usage) {
		coverage = append(coverage, s.usage.coverage(s))
	}
	return coverage
}

// deletedNote names the users who were deleted while the scan ran. Nothing that should have been
// read is missing because of that.
func (s *scan) deletedNote() inventory.Untrusted {
	gone := append(s.grants.Deleted(), s.passwords.Deleted()...)
	slices.Sort(gone)
	if gone = slices.Compact(gone); len(gone) == 0 {
		return ""
	}
	return inventory.Textf("%d %s deleted after the list was read: %s", len(gone),
		map[bool]string{true: "user was", false: "users were"}[len(gone) == 1], tally.SomeOf(gone))
}

func (s *scan) notes() []inventory.Untrusted {
	var notes []inventory.Untrusted
	for _, note := range s.state.Notes {
		notes = append(notes, inventory.Untrusted(note))
	}
	if n := s.resumed.Load(); n > 0 {
		notes = append(notes, inventory.Textf("resumed the scan interrupted at %s, which had read %d of %d users",
			s.state.Meta.Started.Format(time.RFC3339), n, s.total))
	}
	if s.state.Base != nil {
		notes = append(notes, inventory.Textf("incremental scan: %d of %d users are unchanged since the scan at %s",
			s.carried.Load(), s.total, s.state.BaseMeta.Started.Format(time.RFC3339)))
	}
	return notes
}

func (s *scan) grantDetails(notes []inventory.Untrusted) []inventory.Untrusted {
	details, rest := notes, 0
	for _, collision := range s.apps.collisions() {
		details = tally.AddDetail(details, &rest, collision)
	}
	return tally.CloseDetails(details, rest)
}
