// Package news decides what is news to a channel: from a report, and from what the channel has been
// told before, it makes the channel's next [notify.Digest]. It is pure: where memories are kept, and
// how a digest is delivered, is the business of package outbox.
//
// # What is told once
//
// What needs a person is told when the channel does not know it yet, and again when it gets worse
// (its urgency rises, another problem is found, it gains access or comes to more places) or comes
// back after it was gone. This does not depend on the baseline that the report compares with: a lost
// baseline makes nothing new, and an approval that expires is news although nothing changed.
//
// What else changed comes from the comparison with the baseline. A change is told once, even if its
// scan was killed before the baseline was replaced, so that the next scan finds it again: the memory
// has when it was told, and the same change since a later baseline is another one.
//
// A source that cannot be read is told when that begins and when the reason becomes another one;
// when it is read again, that is told, too.
//
// # What is unknown stays as it was
//
// Something is gone only if a scan read, completely, every source in which it was. Until then it is
// neither gone nor, when it is seen again, news.
//
// # The first digest
//
// To a channel without a memory everything that is open is new. So it is to one whose kind changed,
// and to one that lost a message, or its memory.
package news

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/report"
)

// reminderSlack lets a scan be reminded that begins a little earlier in the day than a week ago.
const reminderSlack = time.Hour

// Scan is what a scan has to say. A scan without a report failed.
type Scan struct {
	Report  *report.Report
	Failure inventory.Untrusted // why it has no report
	// Scope is the digest of what it looks at; empty if it failed before that was known.
	Scope string
	// Tool, RunID and Host are those of the report, for a scan that has none.
	Tool        report.Tool
	RunID, Host inventory.Untrusted
	Now         time.Time
}

// Digest returns what a channel is to be told of a scan, nil if nothing, and what it knows then. It
// changes neither the scan nor the memory.
func Digest(scan *Scan, f Filter, before *Memory) (*notify.Digest, *Memory) {
	t := newTelling(scan, f, before)
	if scan.Report == nil {
		t.failed()
	} else {
		t.report()
	}
	t.memory.trim(scan.Now)
	return t.digest, t.memory
}

// Test returns a digest that says nothing but that the channel works.
func Test(channel string, tool report.Tool, host inventory.Untrusted, now time.Time) *notify.Digest {
	d := &notify.Digest{Occasion: notify.Test, Tool: tool, Host: host, Finished: now.UTC(),
		Open: map[inventory.Level]int{},
		Verdict: []inventory.Untrusted{"This is a test of guestlist",
			inventory.Textf("The channel %q works. No scan was run, and nothing needs to be done.", channel)}}
	d.Key = keyOf(d)
	return d
}

// telling is a digest in the making.
type telling struct {
	scan   *Scan
	filter Filter
	memory *Memory
	digest *notify.Digest

	first    bool // the channel has been told nothing
	refilter bool // it was for other things before
	coverage map[inventory.Source]inventory.Coverage
	gaps     []inventory.Source
	standing map[string]bool // entries that need a person, by ID
	unread   []notify.Line   // all of them
	told     []string        // keys of changes in the digest
}

func newTelling(scan *Scan, f Filter, before *Memory) *telling {
	t := &telling{scan: scan, filter: f, memory: before.copied(), standing: map[string]bool{},
		coverage: map[inventory.Source]inventory.Coverage{}}
	if t.memory.Kind != f.Kind {
		t.memory.Forget()
	}
	t.first = t.memory.First.IsZero()
	t.refilter = !t.first && t.memory.Filter != f.digest()
	t.memory.Kind, t.memory.Filter = f.Kind, f.digest()
	t.digest = &notify.Digest{Occasion: notify.News, Tool: scan.Tool, RunID: scan.RunID, Host: scan.Host,
		Finished: scan.Now.UTC(), Open: map[inventory.Level]int{}, Command: "guestlist scan --details"}
	return t
}

// failed tells that there is no result: once, and again with every reminder.
func (t *telling) failed() {
	known, isKnown := t.memory.Failures[t.scan.Scope]
	reason := withoutNumbers(t.scan.Failure)
	due := t.isDue(known.Told)
	if isKnown && known.Reason == reason && !due && t.filter.When != Always {
		t.digest = nil
		return
	}
	t.memory.Failures[t.scan.Scope] = KnownFailure{Reason: reason, Told: t.scan.Now.UTC()}
	d := t.digest
	d.Occasion, d.Urgency = notify.Failed, inventory.High
	d.Verdict = []inventory.Untrusted{"The scan failed: nothing was checked", t.scan.Failure,
		"What was reported before is neither gone nor confirmed."}
	d.Unread = []notify.Line{{ID: "scan " + t.scan.Scope, Urgency: inventory.High, Title: theScan, Kind: "scan",
		Why: t.scan.Failure}}
	d.Key = keyOf(d)
}

// isDue reports whether it is time to remind of what was told then. A time to come was told by a clock
// that was ahead: it would keep the channel silent for as long as that was.
func (t *telling) isDue(told time.Time) bool {
	ago := t.scan.Now.Sub(told)
	return t.filter.Remind > 0 && (ago >= t.filter.Remind-reminderSlack || ago < -reminderSlack)
}

// theScan is the title of a line about a scan as a whole.
const theScan = "The scan"

// report tells what a report says.
func (t *telling) report() {
	r, d := t.scan.Report, t.digest
	d.Tool, d.RunID, d.Host, d.Finished, d.Since = r.Tool, r.RunID, r.Host, r.Finished, r.Since.Words
	if r.Allowlist != nil {
		d.Contact = r.Allowlist.Contact
	}
	for i := range r.Coverage {
		c := &r.Coverage[i]
		t.coverage[c.Source] = *c
		if c.IsGap() {
			t.gaps = append(t.gaps, c.Source)
		}
	}
	for i := range r.Entries {
		if e := &r.Entries[i]; t.filter.wantsProvider(e.Provider) {
			t.entry(e)
		}
	}
	t.missing()
	t.sources()
	t.again()
	t.occasion()
}

// occasion decides whether there is a digest, and finishes it.
func (t *telling) occasion() {
	d, m := t.digest, t.memory
	now := t.scan.Now.UTC()
	open := total(d.Open)
	due := !t.first && open+len(t.unread) > 0 && t.isDue(m.Reminded)
	switch {
	case t.first:
		d.Occasion, d.Unread, m.Reminded = notify.First, t.unread, now
	case due:
		d.Occasion, d.Unread, m.Reminded = notify.Reminder, t.unread, now
	}
	if !due && !t.filter.Living {
		d.Still = nil
	}
	if t.filter.Living && d.Occasion == notify.News {
		d.Still = append(d.Still, t.knownGaps()...)
	}
	needed := len(d.Act) + len(d.Unread)
	wanted := t.filter.When == Always || t.filter.Living || due || needed > 0 ||
		t.filter.When != Findings && (t.first || len(d.Changes)+len(d.Gone) > 0)
	if m.First.IsZero() {
		m.First = now
	}
	if !wanted {
		t.digest = nil
		return
	}
	for _, key := range t.told {
		m.Changes[key] = now
	}
	for _, list := range [][]notify.Line{d.Act, d.Still, d.Gone} {
		sortLines(list)
	}
	for _, list := range [][]notify.Line{d.Act, d.Unread} {
		for i := range list {
			if d.Urgency == "" || list[i].Urgency.Compare(d.Urgency) > 0 {
				d.Urgency = list[i].Urgency
			}
		}
	}
	sources := t.scan.Report.Summary.Sources
	d.Clean = open == 0 && len(t.unread) == 0 && sources.Total > 0 && sources.Complete == sources.Total
	d.Verdict = append([]inventory.Untrusted{headline(d)}, t.scan.Report.VerdictLines...)
	if t.refilter {
		d.Verdict = append(d.Verdict, "What this channel is for was changed: what it now covers as well is new to it.")
	}
	d.Key = keyOf(d)
}

// entry tells of one app, account or credential. Sources that cannot be read are told apart.
func (t *telling) entry(e *report.Entry) {
	if e.About == diff.AboutSource && (len(e.Findings) > 0 || e.Change == diff.ChangeReadAgain) {
		return
	}
	findings, level := standingOf(e)
	changeLevel, isEvent := changeOf(e)
	line := lineOf(e)
	stands := len(findings) > 0 && t.filter.wantsLevel(level)
	changed := (len(e.Changes) > 0 || isEvent) && t.filter.wantsLevel(changeLevel) && !t.knows(e)
	isNews, word := changed && isEvent, inventory.Untrusted("")
	if stands {
		isNews, word = t.stands(e, &line, findings, level)
		isNews = isNews || changed && (isEvent || e.Change == diff.ChangeAdded || e.Change == diff.ChangeGained)
	}
	if line.Urgency = changeLevel; stands {
		line.Urgency = inventory.MaxLevel(level, eventLevel(isEvent, changeLevel))
	}
	if stands || isNews {
		t.digest.Open[line.Urgency]++
	}
	if changed {
		t.told = append(t.told, changeKeys(e)...)
	}
	switch {
	case isNews:
		line.Change = joined(word, line.Change)
		t.digest.Act = append(t.digest.Act, line)
		return
	case changed:
		t.digest.Changes = append(t.digest.Changes, line)
	}
	if stands {
		line.Sign, line.Change = "", ""
		t.digest.Still = append(t.digest.Still, line)
	}
}

// stands remembers what needs a person, and reports whether the channel is to be told, with a word
// for what is news about it.
func (t *telling) stands(e *report.Entry, line *notify.Line, findings map[string]inventory.Level,
	level inventory.Level) (isNews bool, word inventory.Untrusted) {
	known, isKnown := t.memory.Entries[e.ID]
	t.standing[e.ID] = true
	next := Known{Title: line.Title, Kind: line.Kind, Where: line.Where, Provider: e.Provider, Urgency: level,
		Findings: findings, Scope: t.scan.Scope, Seen: t.scan.Now.UTC()}
	next.Sources, next.Many = t.sourcesOf(e)
	switch {
	case !isKnown:
		isNews = true
	case !known.Gone.IsZero():
		isNews, word = true, "it is back"
	case level.Compare(known.Urgency) > 0:
		isNews, word = true, inventory.Textf("was %s", known.Urgency)
	default:
		for id, severity := range findings {
			if before, found := known.Findings[id]; !found || severity.Compare(before) > 0 {
				isNews, word = true, "another problem was found"
			}
		}
		if !t.couldSee(&known) { // what is not seen now may still be so
			next.Findings = maps.Clone(known.Findings)
			maps.Copy(next.Findings, findings)
			next.Sources, next.Many = known.Sources, known.Many
			next.Urgency = inventory.MaxLevel(level, known.Urgency)
		}
	}
	t.memory.Entries[e.ID] = next
	return isNews, word
}

// missing tells of what the channel knows to be open, and what this report does not have.
func (t *telling) missing() {
	entries := map[string]*report.Entry{}
	for i := range t.scan.Report.Entries {
		entries[t.scan.Report.Entries[i].ID] = &t.scan.Report.Entries[i]
	}
	byTitle := func(a, b string) int {
		return cmp.Or(cmp.Compare(t.memory.Entries[a].Title, t.memory.Entries[b].Title), cmp.Compare(a, b))
	}
	for _, id := range slices.SortedFunc(maps.Keys(t.memory.Entries), byTitle) {
		known := t.memory.Entries[id]
		switch {
		case t.standing[id] || !known.Gone.IsZero():
			continue
		case !t.filter.wantsProvider(known.Provider) || t.refilter && !t.filter.wantsLevel(known.Urgency):
			delete(t.memory.Entries, id) // the channel is no longer for it
			continue
		}
		line := notify.Line{ID: id, Urgency: known.Urgency, Provider: known.Provider, Title: known.Title,
			Kind: known.Kind, Where: known.Where}
		switch why := t.goneWhy(&known, entries[id]); {
		case why != "":
			line.Why = why
			t.digest.Gone = append(t.digest.Gone, line)
			t.digest.Changes = slices.DeleteFunc(t.digest.Changes, func(l notify.Line) bool { return l.ID == id && l.Sign == "-" })
			known.Gone = t.scan.Now.UTC()
			t.memory.Entries[id] = known
		case known.Scope == t.scan.Scope:
			line.Why = "not seen by this scan, which could not read everything"
			t.digest.Still = append(t.digest.Still, line)
			t.digest.Open[known.Urgency]++
		}
	}
}

// goneWhy says why something no longer needs anyone; empty: it is not known whether it does.
func (t *telling) goneWhy(known *Known, e *report.Entry) inventory.Untrusted {
	switch {
	case e != nil && t.isLess(e):
		return inventory.Textf("less urgent: %s", e.Urgency)
	case t.scan.Now.Sub(known.Seen) > unseenFor:
		return inventory.Textf("no scan could look at it since %s", known.Seen.UTC().Format("2 Jan 2006"))
	case !t.couldSee(known):
		return ""
	case e == nil || e.Change == diff.ChangeRemoved:
		return "it is gone"
	case len(e.Approvals) > 0:
		return "approved"
	}
	return "fixed"
}

// isLess reports whether an entry still needs a person, but is less urgent than what the channel is
// for.
func (t *telling) isLess(e *report.Entry) bool {
	findings, level := standingOf(e)
	return len(findings) > 0 && !t.filter.wantsLevel(level)
}

// couldSee reports whether this scan would have seen something if it were still there.
func (t *telling) couldSee(known *Known) bool {
	if len(known.Sources) == 0 { // it is about something missing
		return known.Scope == t.scan.Scope && len(t.gaps) == 0
	}
	for _, source := range known.Sources {
		if c, found := inventory.NearestCoverage(t.coverage, source); !found || !c.IsWhole() {
			return false
		}
		if known.Many && slices.ContainsFunc(t.gaps, func(gap inventory.Source) bool { return isBelow(gap, source) }) {
			return false
		}
	}
	return true
}

func isBelow(source, above inventory.Source) bool {
	return source.Provider == above.Provider && source.Host == above.Host &&
		strings.HasPrefix(string(source.Name), string(above.Name)+"/")
}

// sourcesOf are the sources that an entry is in: each of them if they are few, otherwise those whose
// coverage stands for them.
func (t *telling) sourcesOf(e *report.Entry) (sources []inventory.Source, many bool) {
	seen := map[inventory.Source]bool{}
	add := func(source inventory.Source) {
		if !seen[source] {
			seen[source] = true
			sources = append(sources, source)
		}
	}
	most := 0
	for _, f := range e.Findings {
		most = max(most, f.HolderCount)
		for i := range f.Holders {
			add(f.Holders[i].Source)
		}
	}
	if most <= maxSources && len(sources) <= maxSources {
		return sources, false
	}
	each := sources
	sources, seen = nil, map[inventory.Source]bool{}
	for _, source := range each {
		c, found := inventory.NearestCoverage(t.coverage, source)
		if !found {
			c.Source = source
		}
		add(c.Source)
	}
	if len(sources) > maxSources {
		sources = sources[:maxSources]
	}
	return sources, true
}

// sources tells of the sources that cannot be read.
func (t *telling) sources() {
	r := t.scan.Report
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Rule() != diff.NotObserved || e.Source == nil || !t.filter.wantsProvider(e.Provider) {
			continue
		}
		c := t.coverage[*e.Source]
		line := lineOf(e)
		line.Sign, line.Change, line.Urgency, line.Remedy = "", "", e.Urgency, cmp.Or(c.Remedy, line.Remedy)
		line.Why = cmp.Or(c.Reason, line.Why)
		t.digest.Open[line.Urgency]++
		t.gap(line, KnownSource{Title: e.Title, Source: *e.Source,
			Reason: string(c.Status) + " " + withoutNumbers(c.Reason)})
	}
	if r.Summary.Sources.Total == 0 {
		t.gap(notify.Line{ID: "nothing " + t.scan.Scope, Urgency: inventory.High, Title: theScan, Kind: "scan",
			Why: "no source was found: nothing was read"}, KnownSource{Title: theScan, Reason: "no source"})
	}
}

// gap tells of one source that cannot be read, if the channel does not know it.
func (t *telling) gap(line notify.Line, now KnownSource) {
	known, isKnown := t.memory.Unread[line.ID]
	now.Seen, now.Scope = t.scan.Now.UTC(), t.scan.Scope
	t.memory.Unread[line.ID] = now
	t.unread = append(t.unread, line)
	if isKnown && known.Reason == now.Reason {
		return
	}
	if isKnown {
		line.Change = "for another reason than before"
	}
	t.digest.Unread = append(t.digest.Unread, line)
}

// knownGaps are the sources that cannot be read and were told of before.
func (t *telling) knownGaps() []notify.Line {
	told := map[string]bool{}
	for _, line := range t.digest.Unread {
		told[line.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(t.unread), func(line notify.Line) bool { return told[line.ID] })
}

// again tells of the sources that can be read again, and of scans that have a result again.
func (t *telling) again() {
	for _, id := range slices.Sorted(maps.Keys(t.memory.Unread)) {
		known := t.memory.Unread[id]
		if known.Seen.Equal(t.scan.Now.UTC()) && known.Scope == t.scan.Scope {
			continue // it was just told
		}
		line := notify.Line{ID: id, Urgency: inventory.Info, Provider: known.Source.Provider, Title: known.Title,
			Kind: "source", Why: "read again"}
		c, found := t.coverage[known.Source]
		isNothing := known.Source == inventory.Source{}
		switch {
		case !t.filter.wantsProvider(known.Source.Provider):
		case isNothing && known.Scope == t.scan.Scope:
			line.Kind, line.Why = "scan", "sources were found again"
			t.digest.Changes = append(t.digest.Changes, line)
		case isNothing:
			continue
		case found && c.Status == inventory.StatusComplete:
			t.digest.Changes = append(t.digest.Changes, line)
		case !found && known.Scope != t.scan.Scope && t.scan.Now.Sub(known.Seen) <= unseenFor:
			continue // this scan looked elsewhere
		case found:
			line.Why = "no longer expected to be read"
			t.digest.Changes = append(t.digest.Changes, line)
		default:
			line.Why = "it is no longer there"
			t.digest.Changes = append(t.digest.Changes, line)
		}
		delete(t.memory.Unread, id)
	}
	for _, scope := range []string{"", t.scan.Scope} {
		if _, failed := t.memory.Failures[scope]; !failed {
			continue
		}
		delete(t.memory.Failures, scope)
		t.digest.Changes = append(t.digest.Changes, notify.Line{ID: "scan " + scope, Urgency: inventory.Info,
			Title: theScan, Kind: "scan", Why: "has a result again"})
	}
}
