package history

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Policy says which snapshots are kept.
type Policy struct {
	Last     int   // of each scope
	Weeks    int   // for which the last of each week is kept, per scope; counted back from now
	MaxBytes int64 // of all scopes together
}

// DefaultPolicy is the last 10 and one a week for a year, in 500 MB.
func DefaultPolicy() Policy { return Policy{Last: 10, Weeks: 52, MaxBytes: 500_000_000} }

func (p Policy) keepsNothing() bool { return p.Last == 0 && p.Weeks == 0 }

// surplus returns the snapshots to remove from a list that is sorted by time.
func (p Policy) surplus(list []Kept, now time.Time) []Kept {
	counted := make(map[string]int) // by scope
	taken := make(map[week]bool)    // already has its snapshot
	var gone, others []Kept         // others: kept if there is room
	var total int64
	for _, kept := range slices.Backward(list) {
		in := weekOf(kept)
		isWeekly := !taken[in] && in.before(now) < p.Weeks
		isNewest := counted[kept.Scope] == 0
		switch {
		case counted[kept.Scope] >= p.Last && !isWeekly:
			gone = append(gone, kept)
		case isNewest:
			total += kept.Size
		default:
			others = append(others, kept)
		}
		counted[kept.Scope]++
		taken[in] = true
	}
	for n, kept := range others {
		if total += kept.Size; total > p.MaxBytes {
			return append(gone, others[n:]...)
		}
	}
	return gone
}

// week is a week of one scope.
type week struct {
	scope  string
	monday time.Time
}

func weekOf(kept Kept) week { return week{kept.Scope, mondayOf(kept.Time)} }

// before counts the weeks from w to the week of now.
func (w week) before(now time.Time) int { return int(mondayOf(now).Sub(w.monday).Hours() / (7 * 24)) }

// mondayOf is the beginning of the week of t, in UTC.
func mondayOf(t time.Time) time.Time {
	year, month, day := t.UTC().Date()
	sinceMonday := (int(t.UTC().Weekday()) + 6) % 7
	return time.Date(year, month, day-sinceMonday, 0, 0, 0, 0, time.UTC)
}

// sortKept puts the oldest first; within a second, what was written first.
func sortKept(list []Kept) {
	slices.SortFunc(list, func(a, b Kept) int {
		return cmp.Or(a.Time.Compare(b.Time), a.written.Compare(b.written), strings.Compare(a.Path, b.Path))
	})
}
