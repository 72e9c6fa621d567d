package news

import (
	"maps"
	"slices"
	"time"

	"guestlist/scanner/inventory"
)

// MemoryVersion is that of a [Memory] as JSON.
const MemoryVersion = 1

// How long and how much is remembered.
const (
	// unseenFor is how long something is remembered that no scan could look at.
	unseenFor = 90 * 24 * time.Hour
	// goneFor is how long something is called back when it comes again, rather than new.
	goneFor = 365 * 24 * time.Hour
	// changesFor is longer than anyone keeps a baseline that scans are compared with.
	changesFor = 90 * 24 * time.Hour
	// maxGone and maxChanges bound both; the oldest are forgotten first.
	maxGone    = 10_000
	maxChanges = 50_000
	// maxSources is how many sources of one thing are remembered one by one.
	maxSources = 16
	// maxFailures is how many different scans that fail are remembered.
	maxFailures = 100
)

// Memory is what one channel has been told.
type Memory struct {
	Version int `json:"version"`
	// Sequence is the number of the last message that was written for the channel.
	Sequence int `json:"sequence"`
	// First is when the channel had its first digest; zero: not yet.
	First time.Time `json:"first,omitzero"`
	// Reminded is when it was last told of everything that is open.
	Reminded time.Time `json:"reminded,omitzero"`
	// Kind and Filter are those of the channel at that time.
	Kind   string `json:"kind"`
	Filter string `json:"filter"`

	Entries map[string]Known       `json:"entries"` // by the entry's ID
	Unread  map[string]KnownSource `json:"unread"`  // by the entry's ID
	// Changes says when a change was told, by its key.
	Changes map[string]time.Time `json:"changes"`
	// Failures are scans that had no result when they last ran, by their scope; "" if a scan failed
	// before that was known.
	Failures map[string]KnownFailure `json:"failures"`
}

// Known is something that needs a person, as the channel knows it.
type Known struct {
	Title    inventory.Untrusted        `json:"title"`
	Kind     inventory.Untrusted        `json:"kind,omitzero"`
	Where    inventory.Untrusted        `json:"where,omitzero"`
	Provider inventory.Provider         `json:"provider,omitzero"`
	Urgency  inventory.Level            `json:"urgency"`
	Findings map[string]inventory.Level `json:"findings"`
	// Sources are where it was, and Many that there were more, which those cover. Scope is that of
	// the scan.
	Sources []inventory.Source `json:"sources,omitempty"`
	Many    bool               `json:"many,omitzero"`
	Scope   string             `json:"scope"`
	Seen    time.Time          `json:"seen"`
	// Gone is when it was found to be gone; zero: it is open.
	Gone time.Time `json:"gone,omitzero"`
}

// KnownSource is a source that cannot be read, as the channel knows it.
type KnownSource struct {
	Title  inventory.Untrusted `json:"title"`
	Source inventory.Source    `json:"source"`
	// Reason is the same for the same reason, whatever the numbers in it.
	Reason string    `json:"reason"`
	Seen   time.Time `json:"seen"`
	Scope  string    `json:"scope"`
}

// KnownFailure is a scan that has no result.
type KnownFailure struct {
	Reason string    `json:"reason"`
	Told   time.Time `json:"told"`
}

// NewMemory returns the memory of a channel that has been told nothing.
func NewMemory() *Memory {
	m := &Memory{Version: MemoryVersion}
	m.fill()
	return m
}

// Forget makes the next digest a first one: the channel is told again of everything that is open.
func (m *Memory) Forget() { *m = Memory{Version: MemoryVersion, Sequence: m.Sequence}; m.fill() }

// fill makes the maps that a file does not have.
func (m *Memory) fill() {
	if m.Entries == nil {
		m.Entries = map[string]Known{}
	}
	if m.Unread == nil {
		m.Unread = map[string]KnownSource{}
	}
	if m.Changes == nil {
		m.Changes = map[string]time.Time{}
	}
	if m.Failures == nil {
		m.Failures = map[string]KnownFailure{}
	}
}

// copied is a memory that can be changed without changing m. Values are replaced, never changed.
func (m *Memory) copied() *Memory {
	next := *m
	next.Version = MemoryVersion
	next.Entries, next.Unread = maps.Clone(m.Entries), maps.Clone(m.Unread)
	next.Changes, next.Failures = maps.Clone(m.Changes), maps.Clone(m.Failures)
	next.fill()
	return &next
}

// trim forgets what is too old to matter.
func (m *Memory) trim(now time.Time) {
	maps.DeleteFunc(m.Changes, func(_ string, told time.Time) bool { return now.Sub(told) > changesFor })
	maps.DeleteFunc(m.Entries, func(_ string, k Known) bool { return !k.Gone.IsZero() && now.Sub(k.Gone) > goneFor })
	keepNewest(m.Changes, maxChanges, func(told time.Time) time.Time { return told })
	keepNewest(m.Failures, maxFailures, func(f KnownFailure) time.Time { return f.Told })
	gone := map[string]Known{}
	for id, known := range m.Entries {
		if !known.Gone.IsZero() {
			gone[id] = known
		}
	}
	for id := range surplus(gone, maxGone, func(k Known) time.Time { return k.Gone }) {
		delete(m.Entries, id)
	}
}

func keepNewest[V any](list map[string]V, most int, at func(V) time.Time) {
	for key := range surplus(list, most, at) {
		delete(list, key)
	}
}

// surplus is the oldest of a list, where it has more than most.
func surplus[V any](list map[string]V, most int, at func(V) time.Time) map[string]bool {
	if len(list) <= most {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(list), func(a, b string) int { return at(list[a]).Compare(at(list[b])) })
	oldest := make(map[string]bool, len(list)-most)
	for _, key := range keys[:len(list)-most] {
		oldest[key] = true
	}
	return oldest
}
