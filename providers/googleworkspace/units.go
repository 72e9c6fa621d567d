package googleworkspace

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
)

// maxUnits bounds how many units are remembered for messages; the rest count as one.
const maxUnits = 10_000

// maxUnitNames bounds how many units a message names.
const maxUnitNames = 8

// unitTally counts users by unit.
type unitTally map[string]int

func (t *unitTally) add(unit string) {
	if *t == nil {
		*t = unitTally{}
	}
	if _, known := (*t)[unit]; known || len(*t) < maxUnits {
		(*t)[unit]++
	}
}

// within reports whether a unit is the other one or below it. Google's own search ignores case in
// paths.
func within(unit, parent string) bool {
	unit, parent = strings.ToLower(unit), strings.TrimSuffix(strings.ToLower(parent), "/")
	return parent == "" || unit == parent || strings.HasPrefix(unit, parent+"/")
}

// holds reports whether any user is in unit or below it.
func (t unitTally) holds(unit string) bool {
	for known := range t {
		if within(known, unit) {
			return true
		}
	}
	return len(t) >= maxUnits // not all are known
}

// near names existing units, those most like the wanted one first.
func (t unitTally) near(wanted string) string {
	like := make(map[string]float64, len(t))
	letters := pairs(wanted)
	for unit := range t {
		like[unit] = likeness(pairs(unit), letters)
	}
	units := slices.SortedFunc(maps.Keys(t), func(a,
		b string) int {
		return cmp.Or(cmp.Compare(like[b], like[a]), strings.Compare(a, b))
	})
	text := quotedList(units[:min(len(units), maxUnitNames)])
	if rest := len(units) - maxUnitNames; rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}

// pairs are the pairs of adjacent letters in a path, ignoring case.
func pairs(path string) map[string]bool {
	found := map[string]bool{}
	letters := []rune(strings.ToLower(path))
	for n := range len(letters) - 1 {
		found[string(letters[n:n+2])] = true
	}
	return found
}

// likeness is the share of pairs that two paths have in common, from 0 to 1.
func likeness(a, b map[string]bool) float64 {
	shared := 0
	for pair := range a {
		if b[pair] {
			shared++
		}
	}
	return 2 * float64(shared) / float64(max(len(a)+len(b), 1))
}

// emptyUnits says which configured units hold no users: a typo there would give an all-clear
// forever.
func (s *scan) emptyUnits() *api.Fault {
	if s.listing.units == nil {
		return nil
	}
	var empty []string
	for _, unit := range s.config.Units {
		if !s.listing.units.holds(unit) {
			empty = append(empty, unit)
		}
	}
	switch {
	case len(empty) > 0:
		return &api.Fault{
			Feature: api.Accounts, Cause: api.CauseUnits,
			Text: inventory.Textf("no user is in the %s %s; the units with users are %s", plural(len(empty), "unit"),
				quotedList(empty),
				s.listing.units.near(empty[0])),
			Remedy: "correct units under [google_workspace], or remove what does not exist",
		}
	case s.listing.users == 0 && s.listing.outside > 0:
		return &api.Fault{
			Feature: api.Accounts, Cause: api.CauseUnits,
			Text: inventory.Textf("units and exclude_units leave no one to scan: all %d users are outside; the units with users are %s",
				s.listing.outside, s.listing.units.near("/")),
			Remedy: "correct units and exclude_units under [google_workspace]",
		}
	}
	return nil
}

// unitNotes says which excluded units hold no users: more is scanned than was intended.
func (s *scan) unitNotes() []inventory.Untrusted {
	if s.listing.units == nil || s.listing.fault != nil {
		return nil
	}
	var notes []inventory.Untrusted
	for _, unit := range s.config.ExcludeUnits {
		if !s.listing.units.holds(unit) {
			notes = append(notes, inventory.Textf("exclude_units names %q, which has no users; the units with users are %s",
				inventory.Clean(unit, inventory.MaxNameBytes), s.listing.units.near(unit)))
		}
	}
	return notes
}

func quotedList(units []string) string {
	names := make([]string, len(units))
	for n, unit := range units {
		names[n] = fmt.Sprintf("%q", inventory.Clean(unit, inventory.MaxNameBytes))
	}
	return strings.Join(names, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
