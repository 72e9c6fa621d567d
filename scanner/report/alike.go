package report

import (
	"fmt"

	"guestlist/scanner/inventory"
)

// listedAlike is how many sources with the same reason get lines of their own; if there are more,
// they share one line with their number.
const listedAlike = 3

// alikeSource represents sources at one level that were not read for the same reason, such as the
// grants of every suspended user.
type alikeSource struct {
	first *inventory.Coverage
	count int // of the sources; 1 is a single source
	rest  int // of further sources below the same one that are not listed; first then only names what is above
}

// maxListedGaps is how many gaps below one source people are shown; the other formats list them
// all.
const maxListedGaps = 10

// listedGaps sums up what would fill a terminal.
func listedGaps(all []alikeSource) []alikeSource {
	below := map[inventory.Source]int{}
	for _, each := range all {
		if parent, ok := each.first.Source.Parent(); ok {
			below[parent]++
		}
	}
	var listed []alikeSource
	shown, rests := map[inventory.Source]int{}, map[inventory.Source]int{}
	for _, each := range all {
		parent, ok := each.first.Source.Parent()
		if shown[parent]++; !ok || below[parent] <= maxListedGaps+1 || shown[parent] <= maxListedGaps {
			listed = append(listed, each)
			continue
		}
		n, found := rests[parent]
		if !found {
			n = len(listed)
			rests[parent] = n
			listed = append(listed, alikeSource{first: &inventory.Coverage{
				Source: each.first.Source, Status: each.first.Status, Reason: "for reasons of their own; --output json lists them",
			}})
		}
		listed[n].rest += each.count
	}
	return listed
}

func (a alikeSource) name() string {
	if a.rest > 0 {
		parent, _ := a.first.Source.Parent()
		return fmt.Sprintf("%s more below %s", thousands(a.rest), parent.Name)
	}
	name := a.first.Source.Name.String()
	if a.count > 1 {
		name += fmt.Sprintf(" and %s more beside it", thousands(a.count-1))
	}
	return name
}

// alikeSources gathers the coverage that is wanted, in its order.
func alikeSources(coverage []inventory.Coverage, wanted func(*inventory.Coverage) bool) []alikeSource {
	type reason struct {
		parent          inventory.Source
		status          inventory.Status
		reason, remedy  inventory.Untrusted
		details, counts bool
	}
	of := func(c *inventory.Coverage) reason {
		parent, _ := c.Source.Parent()
		return reason{parent, c.Status, c.Reason, c.Remedy, len(c.Details) > 0, c.Expected > 0}
	}
	counts := map[reason]int{}
	for i := range coverage {
		if c := &coverage[i]; wanted(c) {
			counts[of(c)]++
		}
	}
	var all []alikeSource
	told := map[reason]bool{}
	for i := range coverage {
		c := &coverage[i]
		if !wanted(c) {
			continue
		}
		key := of(c)
		switch {
		case counts[key] <= listedAlike || key.details || key.counts: // what differs is reported for each
			all = append(all, alikeSource{first: c, count: 1})
		case !told[key]:
			told[key] = true
			all = append(all, alikeSource{first: c, count: counts[key]})
		}
	}
	return all
}
