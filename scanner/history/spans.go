package history

import (
	"slices"
	"time"

	"guestlist/scanner/inventory"
)

// Span is a run of looks that saw the same.
type Span struct {
	State    State                 `json:"state"`
	First    time.Time             `json:"first"`
	Last     time.Time             `json:"last"`
	Looks    int                   `json:"scans"`
	Count    int                   `json:"item_count"` // in the last look
	Versions []inventory.Untrusted `json:"versions,omitempty"`
	// Gained and Lost are against the span before that knew.
	Gained []inventory.Untrusted `json:"gained,omitempty"`
	Lost   []inventory.Untrusted `json:"lost,omitempty"`
	// Gaps are those of its last look.
	Gaps     []Gap `json:"gaps,omitempty"`
	GapCount int   `json:"gap_count,omitzero"`
	// Open: it is the last span, so that what it says holds as far as anyone looked.
	Open bool `json:"open,omitzero"`
}

// Spans joins looks that say the same.
func Spans(looks []Look) []Span {
	var spans []Span
	var before *Look // the last that saw it
	for n := range looks {
		look := &looks[n]
		if n > 0 && isAlike(&looks[n-1], look) {
			last := &spans[len(spans)-1]
			last.Last, last.Count, last.Gaps, last.GapCount = look.Scan.Started, look.Count, look.Gaps, look.GapCount
			last.Looks++
		} else {
			spans = append(spans, spanOf(look, before))
		}
		if look.State == Present {
			before = look
		}
	}
	if len(spans) > 0 {
		spans[len(spans)-1].Open = true
	}
	return spans
}

func isAlike(a, b *Look) bool {
	return a.State == b.State && slices.Equal(a.Versions, b.Versions) && slices.Equal(a.Holds, b.Holds)
}

// spanOf begins a span. What a look lacks is lost only where all was read.
func spanOf(look, before *Look) Span {
	span := Span{
		State: look.State, First: look.Scan.Started, Last: look.Scan.Started, Looks: 1, Count: look.Count, Versions: look.Versions,
		Gaps: look.Gaps, GapCount: look.GapCount,
	}
	if before != nil && look.State == Present {
		span.Gained = without(look.Holds, before.Holds)
		if look.GapCount == 0 {
			span.Lost = without(before.Holds, look.Holds)
		}
	}
	return span
}

func without(list, other []inventory.Untrusted) []inventory.Untrusted {
	var left []inventory.Untrusted
	for _, text := range list {
		if !slices.Contains(other, text) {
			left = append(left, text)
		}
	}
	return left
}

// Window is what the scans of a time say.
type Window struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"` // its last moment
	Looks []Look    `json:"scans"`
	// Before and After are the nearest looks outside; nil where there are none.
	Before *Look `json:"before,omitzero"`
	After  *Look `json:"after,omitzero"`
}

// Between cuts the looks of a time out of all.
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

// IsUnknown reports whether no scan of the time says anything of it.
func (w *Window) IsUnknown() bool {
	return !slices.ContainsFunc(w.Looks, func(look Look) bool { return look.State != Unknown })
}
