package diff

import (
	"fmt"
	"slices"

	"guestlist/scanner/inventory"
)

// How well each source was read, then and now, and what follows from it.

// coverageIndex answers how well a source was read, then and now.
type coverageIndex struct {
	now, before map[inventory.Source]inventory.Coverage
}

func (c coverageIndex) couldSeeNow(source inventory.Source) bool {
	found, whole := lookUp(c.now, source)
	return found && whole
}

// couldSeeBefore reports whether the baseline would have what the source has. A source that it does
// not name was not there, provided that it looked at the same places.
func (c coverageIndex) couldSeeBefore(source inventory.Source, sameScope bool) bool {
	found, whole := lookUp(c.before, source)
	if !found {
		return sameScope
	}
	return whole
}

// lookUp reports whether there is coverage for the source, and whether that is whole.
func lookUp(index map[inventory.Source]inventory.Coverage, source inventory.Source) (found, whole bool) {
	coverage, found := inventory.NearestCoverage(index, source)
	return found, found && coverage.IsWhole()
}

// failed reports whether a provider failed as a whole, which is said once.
func (c *coverageIndex) failed(provider inventory.Provider) bool {
	whole, found := c.now[inventory.Source{Provider: provider, Name: inventory.Untrusted(provider)}]
	return found && whole.IsGap()
}

// sources returns the sources of both scans, in order.
func (c *coverageIndex) sources() []inventory.Source {
	all := make([]inventory.Source, 0, len(c.now)+len(c.before))
	for source := range c.now {
		all = append(all, source)
	}
	for source := range c.before {
		if _, both := c.now[source]; !both {
			all = append(all, source)
		}
	}
	slices.SortFunc(all, inventory.Source.Compare)
	return all
}

// isRead reports whether a source was read completely by this scan, and not carried over from an
// earlier one.
func isRead(c *inventory.Coverage) bool { return !c.IsGap() && c.CarriedFrom == "" }

// coverage adds the sources that are no longer read, and those that are read again.
func (d *difference) coverage(index *coverageIndex, sameScope bool) {
	add := func(kind ChangeKind, source inventory.Source, severity inventory.Level, what inventory.Untrusted) {
		g := d.of(changeKey{kind, identity{provider: source.Provider, subject: source.Key()}}, severity)
		if g == nil {
			return
		}
		g.about, g.source, g.what, g.finding.Severity = AboutSource, source, what, severity
		g.affected(Affected{Source: source})
	}
	for _, source := range index.sources() {
		was, known := inventory.NearestCoverage(index.before, source)
		is, listed := inventory.NearestCoverage(index.now, source)
		now, before := index.now[source], index.before[source]
		switch {
		case now.Unobservable && before.Status == inventory.StatusComplete && before.CarriedFrom == "":
			add(ChangeUnread, source, inventory.Info, is.Reason)
		case now.Unobservable || before.Unobservable: // it is not readable by anyone, which is not news
		case !listed && sameScope && isRead(&was) && !index.failed(source.Provider):
			add(ChangeUnread, source, inventory.Info, "it was read in the last scan, and is not there now")
		case !listed:
		case is.IsGap() && now.Source == source && (known && isRead(&was) || !known && sameScope):
			add(ChangeUnread, source, NotObserved.Info().Least, is.Reason)
		case known && !isRead(&was) && isRead(&is) && before.Source == source:
			add(ChangeReadAgain, source, inventory.Info, "")
		}
	}
}

// missed counts, by source, what the baseline holds of sources that the platform now says do not
// exist.
type missed map[inventory.Source]int

// miss notes a record of the baseline whose source is not readable by anyone now. For a single
// account or app in a list that was otherwise read, the coverage itself explains it.
func (j *judge) miss(source inventory.Source) {
	now, found := inventory.NearestCoverage(j.coverage.now, source)
	if !found || !now.Unobservable || now.IsWhole() {
		return
	}
	if above, ok := now.Source.Parent(); ok {
		if _, isPart := inventory.NearestCoverage(j.coverage.now, above); isPart {
			return
		}
	}
	j.missed[now.Source]++
}

// coverMissed makes a gap of every source that held something in the baseline and that the platform
// now says does not exist: that may be true, or a fault, and there is no way to know.
func (j *judge) coverMissed() {
	for n := range j.judgement.Coverage {
		coverage := &j.judgement.Coverage[n]
		count := j.missed[coverage.Source]
		if count == 0 {
			continue
		}
		coverage.Unobservable = false
		coverage.Reason = inventory.Textf("the baseline holds %s of it, and now: ", records(count)) + coverage.Reason
		if coverage.Remedy != "" {
			coverage.Remedy += "; "
		}
		coverage.Remedy += "if it is gone for good, remove the baseline that this report names, to start from a new one"
		j.coverage.now[coverage.Source] = *coverage
	}
}

func records(count int) string {
	if count == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", count)
}
