package history

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// MaxItems bounds the items kept whole for one subject; all are counted.
const MaxItems = 200

// maxGaps bounds the sources listed as not read in one look.
const maxGaps = 20

// Scan is a scan whose snapshot was read.
type Scan struct {
	Run     inventory.Untrusted `json:"run_id"`
	Started time.Time           `json:"started"`
	Host    inventory.Untrusted `json:"host,omitzero"`
	Path    inventory.Untrusted `json:"path"`
}

// State is what one look says.
type State string

const (
	Present State = "present"
	Absent  State = "absent"   // everywhere it had been was read, and it was not there
	Left    State = "leftover" // only its files are left, and nothing runs them
	Unknown State = "unknown"  // where it had been, or could be, was not read
)

// Look is what one scan saw of a subject.
type Look struct {
	Scan  Scan  `json:"scan"`
	State State `json:"state"`
	// Count is the number of items, and Versions their versions.
	Count    int                   `json:"item_count"`
	Versions []inventory.Untrusted `json:"versions,omitempty"`
	// Holds is what an app may do, or, for any other subject, the apps it has.
	Holds []inventory.Untrusted `json:"holds,omitempty"`
	// Gaps are the first few sources that it was ever in and that this scan did not read, with the
	// reason. Without a reason, the scan did not look there.
	Gaps     []Gap `json:"gaps,omitempty"`
	GapCount int   `json:"gap_count,omitzero"`
}

// Gap is a source that a scan did not read.
type Gap struct {
	Source inventory.Source    `json:"source"`
	Reason inventory.Untrusted `json:"reason,omitzero"`
}

// Traced is what the kept snapshots say about a subject.
type Traced struct {
	Subject Subject
	// Looks are all scans that looked where it is or was, the oldest first.
	Looks []Look
	// Spans are the looks as a history, see [Span].
	Spans []Span
	// Now holds its items as last seen, at most MaxItems; NowCount is how many there are, and Seen
	// the scan that saw the first of them. State sums up the latest looks.
	Now      []inventory.Item
	NowCount int
	Accounts []inventory.Account
	Seen     Scan
	State    State
}

// seen is what one snapshot holds about the subject.
type seen struct {
	scan     Scan
	coverage snapshot.Coverages
	items    []inventory.Item // at most MaxItems
	accounts []inventory.Account
	count    int
	places   map[inventory.Source]*facts
	broken   bool
}

// facts are what one source holds about the subject.
type facts struct {
	present  bool // the subject is there, not just as files that nothing runs
	count    int  // of items, including such files
	versions set
	holds    set
}

type set map[inventory.Untrusted]bool

func (s set) sorted() []inventory.Untrusted { return slices.Sorted(maps.Keys(s)) }

// Trace reads what the snapshots saw of a subject. It calls damaged for each snapshot that cannot
// be read and continues with the others. Memory: for each snapshot, the names of the sources it saw
// the subject in.
func Trace(subject Subject, paths []string, damaged func(path string, err error)) Traced {
	all := make([]seen, len(paths))
	errs := make([]error, len(paths))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, path := range paths {
		group.Go(func() error {
			all[n], errs[n] = subject.look(path)
			return nil
		})
	}
	group.Wait() // the errors are kept for each snapshot
	for n, err := range errs {
		if err != nil {
			damaged(paths[n], err)
			all[n].broken = true
		}
	}
	all = slices.DeleteFunc(all, func(s seen) bool { return s.broken })
	slices.SortStableFunc(all, func(a, b seen) int { return a.scan.Started.Compare(b.scan.Started) })
	return subject.traced(all)
}

func (s *Subject) look(path string) (seen, error) {
	reader, err := snapshot.Open(path)
	if err != nil {
		return seen{}, err
	}
	defer reader.Close()
	header := reader.Header()
	found := seen{
		scan:     Scan{Run: header.RunID, Started: header.Started, Host: header.Host, Path: inventory.Untrusted(path)},
		coverage: make(snapshot.Coverages), places: make(map[inventory.Source]*facts),
	}
	for record, err := range reader.Mentioning(s.spells...) {
		switch {
		case err != nil:
			return seen{}, err
		case record.Coverage != nil:
			copied := *record.Coverage
			found.coverage[copied.Source] = &copied
			if s.Topic == TopicProfile && isSame(copied.Source.Name, s.ID) && copied.Source.Host == s.Within &&
				copied.Status != inventory.StatusNotObservable {
				found.at(copied.Source).present = true
			}
		case record.Account != nil && s.hasAccount(record.Account):
			found.account(record.Account)
		case record.Item != nil && s.has(record.Item):
			found.item(record.Item, s.IsOfApps())
		}
	}
	found.share()
	return found, nil
}

// share keeps identical facts only once: most holders of an app let it do the same.
func (f *seen) share() {
	pool := make(map[string]*facts)
	for source, at := range f.places {
		key := fmt.Sprintf("%v %d %q %q", at.present, at.count, at.versions.sorted(), at.holds.sorted())
		if pool[key] == nil {
			pool[key] = at
		}
		f.places[source] = pool[key]
	}
}

// at returns the facts about a source, for adding to them.
func (f *seen) at(source inventory.Source) *facts {
	if f.places[source] == nil {
		f.places[source] = &facts{versions: make(set), holds: make(set)}
	}
	return f.places[source]
}

func (f *seen) account(account *inventory.Account) {
	f.accounts = append(f.accounts, *account)
	at := f.at(account.Source)
	at.present = true
	for words, is := range map[inventory.Untrusted]bool{
		"administrator": account.Admin == inventory.Yes, "suspended": account.Suspended == inventory.Yes,
		"no second factor": account.TwoFactor == inventory.No, "guest": account.Guest == inventory.Yes,
	} {
		if is {
			at.holds[words] = true
		}
	}
}

func (f *seen) item(item *inventory.Item, isOfApps bool) {
	f.count++
	if len(f.items) < MaxItems {
		f.items = append(f.items, *item)
	}
	at := f.at(item.Source)
	at.count++
	switch {
	case !isOfApps:
		at.present = true
		at.holds[cmp.Or(item.App.Name, item.App.ID)] = true
		return
	case item.State == inventory.StateLeftover: // neither a version that is there nor access
		return
	}
	at.present = true
	if item.Version != "" {
		at.versions[item.Version] = true
	}
	for _, list := range [][]inventory.Untrusted{item.Access.Permissions, item.Access.Hosts, item.Access.Surfaces} {
		for _, access := range list {
			at.holds[access] = true
		}
	}
	if item.Access.Repositories != "" {
		at.holds[item.Access.Repositories+" repositories"] = true
	}
}

// wasRead reports whether a source was read completely: what the snapshot does not hold from it was
// not there.
func (f *seen) wasRead(source inventory.Source) bool {
	c := f.coverage.Of(source)
	return c != nil && c.IsWhole() && !c.Unobservable && c.CarriedFrom == ""
}

// traced makes looks from all snapshots, which are in chronological order.
func (s *Subject) traced(all []seen) Traced {
	result := Traced{Subject: *s, State: Unknown}
	ever := make(map[inventory.Source]bool) // where it was seen at any time
	for n := range all {
		for source := range all[n].places {
			ever[source] = true
		}
	}
	sources := slices.SortedFunc(maps.Keys(ever), inventory.Source.Compare)
	for n := range all {
		if look, looked := all[n].judged(sources); looked {
			result.Looks = append(result.Looks, look)
		}
	}
	result.Spans = spansOf(all, sources, s.IsOfApps())
	result.now(all, sources)
	return result
}

// judged returns what a snapshot by itself says about a subject that was in these sources at one
// time or another; false if it looked at none of them.
func (f *seen) judged(sources []inventory.Source) (Look, bool) {
	look := Look{Scan: f.scan, Count: f.count}
	versions, holds := make(set), make(set)
	present, looked := false, f.count > 0
	for _, source := range sources {
		if at := f.places[source]; at != nil {
			present, looked = present || at.present, true
			maps.Copy(versions, at.versions)
			maps.Copy(holds, at.holds)
		}
		c := f.coverage.Of(source)
		looked = looked || c != nil
		if !f.wasRead(source) {
			look.addGap(source, c)
		}
	}
	look.Versions, look.Holds = versions.sorted(), holds.sorted()
	look.State = stateOf(present, f.count, look.GapCount)
	return look, looked
}

func (l *Look) addGap(source inventory.Source, c *inventory.Coverage) {
	if l.GapCount++; len(l.Gaps) >= maxGaps {
		return
	}
	gap := Gap{Source: source}
	if c != nil {
		gap.Reason = c.Reason
	}
	l.Gaps = append(l.Gaps, gap)
}

// stateOf sums up what was seen, and whether something was not read.
func stateOf(present bool, count, gaps int) State {
	switch {
	case present:
		return Present
	case gaps > 0:
		return Unknown
	case count > 0:
		return Left
	}
	return Absent
}

// now finds what is there now: in each source, what the latest scan that read it saw. What was in a
// source that no newer scan read is still there, as far as is known.
func (t *Traced) now(all []seen, sources []inventory.Source) {
	settled := make(map[inventory.Source]bool)
	known := make(map[string]bool)
	for n := len(all) - 1; n >= 0; n-- {
		f := &all[n]
		fresh := 0
		for i := range f.items {
			item := &f.items[i]
			if settled[item.Source] || known[item.Key()] {
				continue
			}
			known[item.Key()] = true
			if fresh++; len(t.Now) < MaxItems {
				t.Now = append(t.Now, *item)
			}
		}
		if fresh == len(f.items) {
			fresh = f.count // including those that were only counted
		}
		t.NowCount += fresh
		for i := range f.accounts {
			if account := &f.accounts[i]; !settled[account.Source] && !known["account\x00"+account.Key()] {
				known["account\x00"+account.Key()] = true
				t.Accounts = append(t.Accounts, *account)
				fresh++
			}
		}
		if (fresh > 0 || len(f.places) > 0) && t.Seen.Run == "" {
			t.Seen = f.scan
		}
		for _, source := range sources {
			settled[source] = settled[source] || f.wasRead(source)
		}
	}
	isSettled := !slices.ContainsFunc(sources, func(source inventory.Source) bool { return !settled[source] })
	switch {
	case t.NowCount > 0 || len(t.Accounts) > 0 || len(t.Looks) > 0 && t.Looks[len(t.Looks)-1].State == Present:
		t.State = Present
	case isSettled && len(sources) > 0:
		t.State = Absent
		t.last(all)
	}
}

// last shows what is gone as it was last seen.
func (t *Traced) last(all []seen) {
	for n := len(all) - 1; n >= 0; n-- {
		if f := &all[n]; f.count > 0 || len(f.accounts) > 0 {
			t.Now, t.NowCount, t.Accounts, t.Seen = f.items, f.count, f.accounts, f.scan
			return
		}
	}
}
