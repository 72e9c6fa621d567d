package paging

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
)

// Limits of every list.
const (
	MaxPages      = 10_000 // pages of one reading, where List.MaxPages says nothing else
	MaxEmptyPages = 20     // pages without an entry in a row, each of which names a next one
	maxReadings   = 2      // of one list that moves
)

// Unknown is a total or count that was not declared.
const Unknown = -1

// List is one list to be read.
type List[E any] struct {
	// First is the cursor of the first page.
	First string
	// Fetch asks for a page. Its errors end the list.
	Fetch func(ctx context.Context, cursor string) (*Page[E], error)
	// Key identifies an entry. An entry without a key ("") is never taken for a repeated one.
	Key func(E) string
	// Size is how many entries a page was asked to hold; 0 means not known.
	Size int
	// Number returns the cursor of the nth page, from 1; nil where pages have no numbers.
	Number func(page int) string
	// Count asks in another way how many entries the list holds now, or returns Unknown. It is asked
	// only of a list that declares no total and names a second page: after the first page and after
	// the last. Nil asks nothing.
	Count func(ctx context.Context) int
	// NonEmpty: a list without an entry is not whole.
	NonEmpty bool
	// MaxPages bounds one reading; 0 is the package's limit. MaxUndeclared is the same for a list
	// that declares no total and whose entries were not counted; 0 is MaxPages.
	MaxPages, MaxUndeclared int
}

// Page is one answer, as far as paging needs it.
type Page[E any] struct {
	Entries []E
	Next    string // the cursor of the next page; empty where the answer names none
	// Last: the answer explicitly says that no page follows. Without it a full page does not prove
	// the end.
	Last  bool
	Total int // entries of the whole list, as this answer declares; Unknown where it declares none
	// Doubt is why the answer holds less than it was asked for ("the answer is marked as partial");
	// empty if there is no doubt.
	Doubt string
}

// Result is how reading a list went.
type Result struct {
	Read  int // different entries
	Pages int // answers, in all readings
	Total int // as last declared or counted, or Unknown
	Gap   *Gap
}

// Whole reports whether everything was read.
func (r Result) Whole() bool { return r.Gap == nil }

// Err returns the gap as an error, or nil for a whole list.
func (r Result) Err() error {
	if r.Gap == nil {
		return nil
	}
	return r.Gap
}

// GapKind is what is wrong with a list.
type GapKind int

// The kinds of gaps.
const (
	Stuck    GapKind = iota // a page names a next page that was already read
	Repeated                // a page holds only what earlier pages held
	Endless                 // too many pages, or empty ones
	Mismatch                // the total is not what the pages hold
	Moved                   // the list changed while it was read
	Vacant                  // empty, which it cannot be
	Doubtful                // an answer itself says that it is not whole
)

// Gap says why a list was not read whole.
type Gap struct {
	Kind   GapKind
	Reason string // "the list declares 5 entries but holds 3"
}

func (g *Gap) Error() string { return g.Reason }

// passes reports whether another reading may be whole.
func (g *Gap) passes() bool { return g.Kind == Mismatch || g.Kind == Moved }

// Walk reads a list and calls each for every page with the page's new entries. It returns each's
// and Fetch's errors, and the context's. What is wrong with the list itself is not an error but the
// result's gap.
func Walk[E any](ctx context.Context, list List[E], each func([]E) error) (Result, error) {
	w := &walk[E]{list: list, each: each, seen: map[uint64]uint8{}, seed: maphash.MakeSeed(),
		result: Result{Total: Unknown}}
	if w.list.MaxPages <= 0 {
		w.list.MaxPages = MaxPages
	}
	if w.list.MaxUndeclared <= 0 {
		w.list.MaxUndeclared = w.list.MaxPages
	}
	for w.reading = 1; ; w.reading++ {
		gap, err := w.read(ctx)
		if err != nil {
			return w.result, err
		}
		w.result.Gap = gap
		if gap == nil || !gap.passes() || w.reading == maxReadings {
			return w.result, nil
		}
	}
}

// walk is a list being read.
type walk[E any] struct {
	list    List[E]
	each    func([]E) error
	seed    maphash.Seed
	seen    map[uint64]uint8 // by key: the last reading that held it
	reading uint8
	result  Result
}

// reading is one pass through all pages.
type reading struct {
	asked    map[string]bool
	distinct int
	repeated int
	largest  int // entries of the largest page
	empty    int // pages in a row
	total    int // as declared
	counted  int // after the first page
	moved    bool
	doubt    string
}

// read reads the pages once.
func (w *walk[E]) read(ctx context.Context) (*Gap, error) {
	r := &reading{asked: map[string]bool{}, total: Unknown, counted: Unknown}
	cursor := w.list.First
	for number := 1; ; number++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.asked[cursor] = true
		page, err := w.list.Fetch(ctx, cursor)
		if err != nil {
			return nil, err
		}
		w.result.Pages++
		fresh, known := w.take(r, page)
		if len(fresh) > 0 {
			if err := w.each(fresh); err != nil {
				return nil, err
			}
		}
		if known > 0 && known == len(page.Entries) {
			return &Gap{Repeated, "the list repeats a page that was read already"}, nil
		}
		cursor = w.next(r, page, number)
		if gap := w.judge(r, page, cursor); gap != nil || cursor == "" {
			if gap == nil {
				gap = w.end(ctx, r)
			}
			return gap, nil
		}
		if number == 1 && page.Next != "" && w.list.Count != nil && r.total == Unknown {
			r.counted = w.list.Count(ctx)
		}
		if most := w.most(r); number >= most {
			return &Gap{Endless, fmt.Sprintf("the list has more than %d pages", most)}, nil
		}
	}
}

// most is how many pages may be read.
func (w *walk[E]) most(r *reading) int {
	if r.total == Unknown && r.counted == Unknown {
		return w.list.MaxUndeclared
	}
	return w.list.MaxPages
}

// take notes what a page holds. It returns the entries that no page held before, and how many this
// reading already held.
func (w *walk[E]) take(r *reading, page *Page[E]) (fresh []E, known int) {
	for _, entry := range page.Entries {
		key := w.list.Key(entry)
		if key == "" {
			r.distinct++
			if w.reading == 1 {
				fresh = append(fresh, entry)
			}
			continue
		}
		sum := maphash.String(w.seed, key)
		switch w.seen[sum] {
		case 0:
			fresh = append(fresh, entry)
		case w.reading:
			known++
			continue
		}
		w.seen[sum] = w.reading
		r.distinct++
	}
	w.result.Read += len(fresh)
	r.repeated += known
	if page.Total >= 0 {
		r.moved = r.moved || r.total >= 0 && r.total != page.Total
		r.total, w.result.Total = page.Total, page.Total
	}
	if r.doubt == "" {
		r.doubt = page.Doubt
	}
	r.empty++
	if len(page.Entries) > 0 {
		r.empty = 0
	}
	return fresh, known
}

// next returns the cursor of the next page, or "" at the end.
func (w *walk[E]) next(r *reading, page *Page[E], number int) string {
	full := r.isFull(len(page.Entries), w.list.Size)
	r.largest = max(r.largest, len(page.Entries))
	switch {
	case page.Next != "":
		return page.Next
	case w.list.Number == nil, len(page.Entries) == 0, r.total >= 0 && r.distinct >= r.total:
		return ""
	case r.total > r.distinct, !page.Last && full:
		return w.list.Number(number + 1)
	}
	return ""
}

// defaultSizes are how many entries servers send if they were not asked for a number or ignore it.
var defaultSizes = []int{20, 25, 30, 50, 100, 200, 250, 500, 1000}

// MayBeCut reports whether a page with the given number of entries may have been cut off, when it
// was asked to hold size of them (0: not known).
func MayBeCut(entries, size int) bool {
	return size > 0 && entries >= size || slices.Contains(defaultSizes, entries)
}

// isFull reports whether a page may have been cut off, judged by itself or by the pages before it.
func (r *reading) isFull(entries, size int) bool {
	return MayBeCut(entries, size) || r.largest > 0 && entries >= r.largest
}

// judge says why the list must not be followed beyond the page just read.
func (w *walk[E]) judge(r *reading, page *Page[E], next string) *Gap {
	switch {
	case next == "":
		return nil
	case r.asked[next]:
		return &Gap{Stuck, "the list does not advance: it names a page that was read already"}
	case r.empty >= MaxEmptyPages:
		return &Gap{Endless, fmt.Sprintf("the list sent %d empty pages in a row and does not end", r.empty)}
	case r.total >= 0 && r.distinct > r.total+max(w.list.Size, r.largest):
		return mismatch(r.total, r.distinct)
	}
	return nil
}

// end judges a list whose last page was read.
func (w *walk[E]) end(ctx context.Context, r *reading) *Gap {
	total := r.total
	if r.counted != Unknown {
		total = w.list.Count(ctx)
		r.moved = r.moved || total != Unknown && total != r.counted
		w.result.Total = total
	}
	switch {
	case r.doubt != "":
		return &Gap{Doubtful, r.doubt}
	case r.moved:
		return &Gap{Moved, "the list changed while it was read"}
	case total >= 0 && total != r.distinct:
		return mismatch(total, r.distinct)
	case total < 0 && r.repeated > 0:
		return &Gap{Moved, "the list changed while it was read: it repeats entries"}
	case w.list.NonEmpty && r.distinct == 0:
		return &Gap{Vacant, "the list is empty, which it cannot be"}
	}
	return nil
}

func mismatch(declared, held int) *Gap {
	return &Gap{Mismatch, fmt.Sprintf("the list declares %d entries but holds %d", declared, held)}
}
