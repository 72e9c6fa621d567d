package history

import (
	"maps"
	"slices"
	"time"

	"guestlist/scanner/inventory"
)

// Span is a period in which scans saw the same thing, as far as they looked. Scans of different
// places complement each other: what a place holds is what the last scan that read it saw there.
type Span struct {
	State    State                 `json:"state"`
	First    time.Time             `json:"first"`
	Last     time.Time             `json:"last"`
	Looks    int                   `json:"scans"`
	Count    int                   `json:"item_count"` // in the last look
	Versions []inventory.Untrusted `json:"versions,omitempty"`
	// Gained and Lost are relative to the most recent earlier span that is not unknown.
	Gained []inventory.Untrusted `json:"gained,omitempty"`
	Lost   []inventory.Untrusted `json:"lost,omitempty"`
	// Gaps are the gaps in its last look.
	Gaps     []Gap `json:"gaps,omitempty"`
	GapCount int   `json:"gap_count,omitzero"`
	// Open: this is the last span, so it still holds as far as anyone has looked.
	Open bool `json:"open,omitzero"`
}

// teller follows what is known from scan to scan.
type teller struct {
	sources []inventory.Source
	apps    bool                        // they hold access
	known   map[inventory.Source]*facts // as last read
	before  state                       // of all places together, before the current scan
	spans   []Span
}

// state is what is known about all places together.
type state struct {
	present         bool
	count           int
	versions, holds set
}

// spansOf returns the history of a subject that was in these sources at one time or another.
func spansOf(all []seen, sources []inventory.Source, apps bool) []Span {
	t := &teller{sources: sources, apps: apps, known: make(map[inventory.Source]*facts)}
	for n := range all {
		t.scan(&all[n])
	}
	if len(t.spans) > 0 {
		t.spans[len(t.spans)-1].Open = true
	}
	return t.spans
}

// scan adds what one scan saw. Gains are reported for places that an earlier scan saw, losses for
// places that both read completely.
func (t *teller) scan(f *seen) {
	var look Look
	learned, gained, lost := false, make(set), make(set)
	for _, source := range t.sources {
		c := f.coverage.Of(source)
		at := f.places[source]
		if c == nil && at == nil { // it looked elsewhere
			continue
		}
		whole := f.wasRead(source)
		if !whole {
			look.addGap(source, c)
		}
		if at == nil && !whole {
			continue
		}
		if at == nil {
			at = &facts{}
		}
		if before := t.known[source]; before != nil {
			addMissing(gained, at.holds, before.holds)
			if whole {
				addMissing(lost, before.holds, at.holds)
			}
		}
		t.known[source], learned = at, true
	}
	if !learned && look.GapCount == 0 {
		return
	}
	now := t.together()
	span := Span{
		State: Unknown, First: f.scan.Started, Last: f.scan.Started, Looks: 1, Gaps: look.Gaps, GapCount: look.GapCount,
	}
	if learned {
		span.State, span.Count = stateOf(now.present, now.count, look.GapCount), now.count
		span.Versions = now.versions.sorted()
		if isBoth := now.present && t.before.present; isBoth || !t.apps { // an app that is gone has not lost its access
			span.Gained, span.Lost = except(gained, t.before.holds), except(lost, now.holds)
		}
	}
	t.add(span, maps.Equal(now.holds, t.before.holds))
	t.before = now
}

// together is what is known about all places.
func (t *teller) together() state {
	all := state{versions: make(set), holds: make(set)}
	for _, at := range t.known {
		all.present = all.present || at.present
		all.count += at.count
		maps.Copy(all.versions, at.versions)
		maps.Copy(all.holds, at.holds)
	}
	return all
}

// add adds a span, or makes the last one longer.
func (t *teller) add(span Span, isHeldTheSame bool) {
	if len(t.spans) > 0 {
		last := &t.spans[len(t.spans)-1]
		if isHeldTheSame && last.State == span.State && last.Count == span.Count &&
			slices.Equal(last.Versions, span.Versions) &&
			slices.Equal(last.Gaps, span.Gaps) {
			last.Last, last.GapCount = span.Last, span.GapCount
			last.Looks++
			return
		}
	}
	t.spans = append(t.spans, span)
}

// addMissing adds what is in has but not in lacks.
func addMissing(to, has, lacks set) {
	for text := range has {
		if !lacks[text] {
			to[text] = true
		}
	}
}

func except(has, without set) []inventory.Untrusted {
	left := make(set)
	addMissing(left, has, without)
	return left.sorted()
}

// Window is what the scans in a period say.
type Window struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"` // its last moment
	Looks []Look    `json:"scans"`
	// Before and After are the nearest looks outside; nil where there are none.
	Before *Look `json:"before,omitzero"`
	After  *Look `json:"after,omitzero"`
}

// Between returns the looks within a period.
func Between(looks []Look, from, to time.Time) Window {
	w := Window{From: from.UTC(), To: to.UTC(), Looks: []Look{}}
	for n := range looks {
		look := &looks[n]
		switch at := look.Scan.Started; {
		case at.Before(from):
			w.Before = look
		case !at.After(to):
			w.Looks = append(w.Looks, *look)
		case w.After == nil:
			w.After = look
		}
	}
	return w
}

// IsUnknown reports whether no scan in the period says anything about the subject.
func (w *Window) IsUnknown() bool {
	return !slices.ContainsFunc(w.Looks, func(look Look) bool { return look.State != Unknown })
}
