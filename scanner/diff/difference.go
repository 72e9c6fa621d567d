package diff

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// The difference: everything that is not as it was in the baseline, whether or not a finding speaks
// of it. An approved app that was updated is in it, and so is a source that could be read the last
// time and cannot be now.

// Change is one way in which one thing differs from the baseline, wherever it was let in.
type Change struct {
	// ID follows from the kind of change and what it is about, and stays the same from scan to
	// scan.
	ID    string     `json:"id"`
	Kind  ChangeKind `json:"change"`
	About About      `json:"about"`

	Provider inventory.Provider `json:"provider,omitzero"`
	ItemKind inventory.Kind     `json:"kind,omitzero"`
	App      inventory.App      `json:"app,omitzero"`
	// Also are the other apps of the same project.
	Also []inventory.App `json:"also,omitempty"`

	// Severity is what the change is worth by itself: what was gained weighs what it lets the app
	// do, what came weighs what it may do unless it is approved, the rest is to know. Tier is the
	// risk of all the access held.
	Severity inventory.Level `json:"severity"`
	Tier     inventory.Level `json:"tier,omitzero"`

	// What says in a few words what differs. Empty where the kind of change says it all.
	What   inventory.Untrusted   `json:"what,omitzero"`
	Gained []inventory.Untrusted `json:"gained,omitempty"`
	Lost   []inventory.Untrusted `json:"lost,omitempty"`
	// Silent are those of Gained that raised no prompt.
	Silent []inventory.Untrusted `json:"silent,omitempty"`
	Before inventory.Untrusted   `json:"before,omitzero"`
	After  inventory.Untrusted   `json:"after,omitzero"`
	// Everywhere: what came was nowhere before, what is gone is nowhere now. False is not known, or
	// not so.
	Everywhere bool `json:"everywhere,omitzero"`

	Holders     []Affected `json:"holders"`
	HolderCount int        `json:"holder_count"`
	ItemCount   int        `json:"item_count,omitzero"`

	subject SubjectKey
}

// Subject names what the change is about, in the same words as [Finding.Subject].
func (c *Change) Subject() SubjectKey { return c.subject }

// ChangeKind is a kind of change.
type ChangeKind string

const (
	ChangeAdded     ChangeKind = "added"
	ChangeGained    ChangeKind = "gained-access"
	ChangeLost      ChangeKind = "lost-access"
	ChangeOther     ChangeKind = "changed"
	ChangeRemoved   ChangeKind = "removed"    // its source was fully read both times
	ChangeUnread    ChangeKind = "not-read"   // a source that is read no more
	ChangeReadAgain ChangeKind = "read-again" // a source that the baseline could not tell of
)

// ChangeKinds are all of them: those of one severity are listed in this order.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{ChangeGained, ChangeAdded, ChangeUnread, ChangeOther, ChangeLost, ChangeRemoved, ChangeReadAgain}
}

// String is the kind's name, harmless even when a file brought it.
func (k ChangeKind) String() string { return inventory.Untrusted(k).String() }

// Rank is the kind's place in [ChangeKinds]; nothing, and what is not known, comes last.
func (k ChangeKind) Rank() int {
	if n := slices.Index(ChangeKinds(), k); n >= 0 {
		return n
	}
	return len(ChangeKinds())
}

// Difference is the list of changes.
type Difference struct {
	// Counts are of all changes of each kind; every kind is there.
	Counts map[ChangeKind]int `json:"counts"`
	// List has the most important first. Of each kind it has at most [MaxChanges] of severity high
	// and above, and as many others.
	List []Change `json:"list"`
}

// Total counts all changes, listed or not.
func (d *Difference) Total() int {
	total := 0
	for _, count := range d.Counts {
		total += count
	}
	return total
}

// MaxChanges bounds the changes of one kind that are listed, the serious ones and the others apart.
const MaxChanges = 2_000

// difference gathers the changes of one pass.
type difference struct {
	groups map[changeKey]*changed
	// further are the hashes of changes that are counted and not listed.
	further map[uint64]struct{}
	counts  map[ChangeKind]int
	room    map[shelf]int
	listed  int // holders, in all changes
}

// shelf is a part of the list that has room of its own.
type shelf struct {
	kind    ChangeKind
	serious bool
}

type changeKey struct {
	kind ChangeKind
	id   identity // without a rule
}

// changed is a change in the making.
type changed struct {
	group
	about  About
	event  *accountEvent
	what   inventory.Untrusted
	source inventory.Source // of accounts and sources
}

func newDifference() difference {
	return difference{
		groups: make(map[changeKey]*changed), further: make(map[uint64]struct{}), counts: make(map[ChangeKind]int),
		room: make(map[shelf]int),
	}
}

// of returns the change in the making; nil where it is counted and there is no more room to list
// it.
func (d *difference) of(key changeKey, severity inventory.Level) *changed {
	if c := d.groups[key]; c != nil {
		return c
	}
	hash := maphash.Comparable(holderSeed, key)
	_, counted := d.further[hash]
	if !counted {
		d.counts[key.kind]++
	}
	room := shelf{key.kind, severity.AtLeast(inventory.High)}
	if d.room[room] >= MaxChanges {
		d.further[hash] = struct{}{}
		return nil
	}
	d.room[room]++
	c := &changed{about: AboutApp}
	c.listed = &d.listed
	d.groups[key] = c
	return c
}

// item adds how one item differs. Told says that a finding speaks of the item.
func (d *difference) item(item *inventory.Item, c change, assessment risk.Assessment, told bool) {
	kind, severity := c.kind(), changeSeverity(item, c, assessment)
	if kind == ChangeAdded && told {
		severity = inventory.MaxLevel(severity, unapprovedSeverity(item, assessment))
	}
	g := d.of(changeKey{kind, subjectOf(item)}, severity)
	if g == nil {
		return
	}
	g.add(item, severity, assessment)
	if kind == ChangeAdded {
		return
	}
	if g.altered == nil {
		g.altered = &alteration{first: c.sentence()}
	}
	g.altered.differ = g.altered.differ || c.sentence() != g.altered.first
	g.detail(c.sentence())
	g.gain(c.gained, c.silent)
	g.finding.Lost = union(g.finding.Lost, c.lost)
	g.finding.Before, g.finding.After = c.values()
}

// removed adds an item that is gone.
func (d *difference) removed(item *inventory.Item) {
	if g := d.of(changeKey{ChangeRemoved, subjectOf(item)}, inventory.Info); g != nil {
		g.add(item, inventory.Info, risk.Assess(item))
	}
}

func (c *changed) add(item *inventory.Item, severity inventory.Level, assessment risk.Assessment) {
	if c.put(item, severity, assessment); c.gathers {
		c.about = AboutCredentials
	}
}

// account adds an account that came, left or changed.
func (d *difference) account(event *accountEvent, account *inventory.Account, affected Affected) {
	organization := organizationOf(account.Source)
	id := identity{provider: account.Source.Provider, subject: event.subject(organization)}
	if g := d.of(changeKey{event.change(), id}, event.severity); g != nil {
		g.about, g.event, g.source = AboutAccount, event, organization
		g.finding.Severity = event.severity
		g.affected(affected)
	}
}

// coverage adds the sources that are read no more, and those that are read again.
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
		was, known := nearest(index.before, source)
		is, listed := nearest(index.now, source)
		now, before := index.now[source], index.before[source]
		switch {
		case now.Unobservable || before.Unobservable: // nobody can read it, which is no news of this scan
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

// isRead reports whether a source was read wholly by the scan that says so, and not by an earlier
// one whose result was kept.
func isRead(c *inventory.Coverage) bool { return !c.IsGap() && c.CarriedFrom == "" }

// failed reports whether a provider failed as a whole, which is said once.
func (c *coverageIndex) failed(provider inventory.Provider) bool {
	whole, found := c.now[inventory.Source{Provider: provider, Name: inventory.Untrusted(provider)}]
	return found && whole.IsGap()
}

// sources are those of both scans, in order.
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

// finishDifference returns the list. What accounts held, and where else an app is, the judge knows.
func (j *judge) finishDifference() Difference {
	d := &j.difference
	result := Difference{Counts: make(map[ChangeKind]int), List: make([]Change, 0, len(d.groups))}
	for _, kind := range ChangeKinds() {
		result.Counts[kind] = d.counts[kind]
	}
	for key, g := range d.groups {
		delete(d.groups, key)
		result.List = append(result.List, j.finishChange(key, g))
	}
	slices.SortFunc(result.List, compareChanges)
	return result
}

func (j *judge) finishChange(key changeKey, g *changed) Change {
	f := g.group.finish(key.id, "", allowlist.Date{})
	c := Change{
		ID:   identity{rule: Rule("change " + key.kind), provider: key.id.provider, kind: key.id.kind, subject: key.id.subject}.id(),
		Kind: key.kind, About: g.about, Provider: key.id.provider, ItemKind: key.id.kind, App: f.App, Also: f.Also,
		Severity: f.Severity, Tier: f.Tier, What: g.what, Gained: f.Gained, Lost: f.Lost, Silent: f.Silent, Before: f.Before, After: f.After,
		Holders: f.Holders, HolderCount: f.HolderCount, ItemCount: f.ItemCount, subject: key.id.key(),
	}
	switch {
	case g.event != nil:
		c.What = g.event.sentence(g.source, f.HolderCount)
		if g.event == departed {
			j.tellHeld(&f, g.source.Name)
			c.Holders = f.Holders
		}
	case g.about != AboutSource && g.altered != nil:
		c.What = g.altered.words(&f)
	}
	if c.About == AboutApp && !j.ChangesOnly && (c.Kind == ChangeAdded || c.Kind == ChangeRemoved) {
		c.Everywhere = !slices.ContainsFunc(g.items, func(each kept) bool {
			seen := j.apps[appKey{key.id.kind, each.app.ID}]
			return c.Kind == ChangeAdded && seen.before || c.Kind == ChangeRemoved && seen.now
		})
	}
	return c
}

// compareChanges puts the most important first.
func compareChanges(a, b Change) int {
	return cmp.Or(
		b.Severity.Compare(a.Severity), a.Kind.Rank()-b.Kind.Rank(), b.Tier.Compare(a.Tier), b.HolderCount-a.HolderCount,
		strings.Compare(strings.ToLower(string(a.App.Name)), strings.ToLower(string(b.App.Name))),
		strings.Compare(string(a.App.ID), string(b.App.ID)), strings.Compare(a.ID, b.ID),
	)
}

// kind says in a word how the item differs. What was gained comes first: it is what somebody should
// look at.
func (c *change) kind() ChangeKind {
	switch {
	case c.rule == New:
		return ChangeAdded
	case len(c.gained) > 0:
		return ChangeGained
	case c.publisher.differs() || c.origin.differs() || c.state.differs() || len(c.lost) == 0:
		return ChangeOther
	}
	return ChangeLost
}

// differ puts the item into the list of changes, where it differs.
func (j *judge) differ(item *inventory.Item, c change, assessment risk.Assessment, told bool) {
	if c.rule != "" && j.counts(item) {
		j.difference.item(item, c, assessment, told)
	}
}
