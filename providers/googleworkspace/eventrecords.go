package googleworkspace

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/scanner/inventory"
)

// addressEvents are the log entries that contain an address but no ID.
type addressEvents map[string][]eventRecord

// load reads them from disk.
func (a *addressEvents) load(run *checkpoint.Store) error {
	*a = addressEvents{}
	return checkpoint.Each(run, checkpoint.Addressed, 0,
		func(event eventRecord) { (*a)[event.ID] = append((*a)[event.ID], event) })
}

// of returns the entries of a user, by the current address and the one at the last scan.
func (a addressEvents) of(user *userRecord, base *record) []eventRecord {
	if len(a) == 0 {
		return nil
	}
	now := strings.ToLower(user.Email)
	events := a[now]
	if base != nil && strings.ToLower(base.Email) != now {
		events = slices.Concat(events, a[strings.ToLower(base.Email)])
	}
	return events
}

// agents counts the entries made by AI agents, by agent.
type agents map[string]int

// maxAgents bounds how many different agents are counted.
const maxAgents = 1000

func (a *agents) add(name string) {
	if name == "" {
		return
	}
	if *a == nil {
		*a = agents{}
	}
	if _, known := (*a)[name]; known || len(*a) < maxAgents {
		(*a)[name]++
	}
}

// notes lists the agents, busiest first.
func (a agents) notes() []inventory.Untrusted {
	names := slices.SortedFunc(maps.Keys(a), func(x,
		y string) int {
		return cmp.Or(cmp.Compare(a[y], a[x]), strings.Compare(x, y))
	})
	var notes []inventory.Untrusted
	rest := 0
	for _, name := range names {
		notes = tally.AddDetail(notes, &rest, inventory.Textf("the AI agent %s made %d entries", name, a[name]))
	}
	return tally.CloseDetails(notes, rest)
}

// mergeEvents joins the log entries that two scans read for one user; those in the overlap occur
// twice.
func mergeEvents(earlier, later []eventRecord) []eventRecord {
	if len(earlier) == 0 {
		return later
	}
	merged := slices.Clone(earlier)
	for _, event := range later {
		event.ID = ""
		same := func(e eventRecord) bool {
			return e.Kind == event.Kind && e.Client == event.Client && e.Time.Equal(event.Time)
		}
		if !slices.ContainsFunc(merged, same) {
			merged = append(merged, event)
		}
	}
	return merged
}
