package diff

import (
	"hash/maphash"
	"slices"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// difference gathers the changes of one pass.
type difference struct {
	own    ownRisk
	groups map[changeKey]*changed
	// further has the hashes of changes that are counted but not listed.
	further map[uint64]struct{}
	counts  map[ChangeKind]int
	room    map[shelf]int
	listed  int // holders, in all changes
}

// shelf is a part of the list with a limit of its own.
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

func newDifference(own ownRisk) difference {
	return difference{
		own: own, groups: make(map[changeKey]*changed), further: make(map[uint64]struct{}), counts: make(map[ChangeKind]int),
		room: make(map[shelf]int),
	}
}

// of returns the change in the making; nil if it is only counted, because the list is full.
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

// item adds how one item differs. told says that a finding mentions the item.
func (d *difference) item(item *inventory.Item, c change, assessment risk.Assessment, told bool) {
	kind, severity := c.kind(), d.own.changeSeverity(item, c, assessment)
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
func (d *difference) removed(item *inventory.Item, assessment risk.Assessment) {
	if g := d.of(changeKey{ChangeRemoved, subjectOf(item)}, inventory.Info); g != nil {
		g.add(item, inventory.Info, assessment)
	}
}

func (c *changed) add(item *inventory.Item, severity inventory.Level, assessment risk.Assessment) {
	if c.put(item, severity, assessment); c.gathers {
		c.about = AboutCredentials
	}
}

// account adds an account that was added, left or changed.
func (d *difference) account(event *accountEvent, account *inventory.Account, affected Affected) {
	organization := organizationOf(account.Source)
	id := identity{provider: account.Source.Provider, subject: event.subject(organization)}
	if g := d.of(changeKey{event.change(), id}, event.severity); g != nil {
		g.about, g.event, g.source = AboutAccount, event, organization
		g.finding.Severity = event.severity
		g.affected(affected)
	}
}

// finishDifference returns the list, completed with what accounts held and where else an app is.
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
		ID: identity{rule: Rule("change " + key.kind), provider: key.id.provider, kind: key.id.kind,
			subject: key.id.subject}.id(),
		Kind: key.kind, About: g.about, Provider: key.id.provider, ItemKind: key.id.kind, App: f.App, Also: f.Also,
		Severity: f.Severity, Tier: f.Tier, What: g.what, Gained: f.Gained, Lost: f.Lost, Silent: f.Silent,
		Before: f.Before, After: f.After,
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

// kind says in a word how the item differs. A gain comes first, since it is what someone should
// check.
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

// differ puts the item into the list of changes if it differs.
func (j *judge) differ(item *inventory.Item, c change, assessment risk.Assessment, told bool) {
	if c.rule != "" && j.counts(item) {
		j.difference.item(item, c, assessment, told)
	}
}
