package diff

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// change is how an item differs from the baseline. The zero value: it does not, or not in a way to
// report.
type change struct {
	rule          Rule // New, Changed or nothing
	access        access.Change
	gained, lost  []inventory.Untrusted // of all kinds of access
	silent        []inventory.Untrusted
	publisher     fromTo
	version       fromTo
	origin        fromTo
	state         fromTo
	consequential bool // more than a plain update
	approved      bool // an approval pins all that the item holds now
}

type fromTo struct{ from, to inventory.Untrusted }

func (f fromTo) differs() bool { return f.from != f.to }

// compare says what is new about an item. before is nil if the baseline does not have it.
func (j *judge) compare(before, now *inventory.Item) change {
	if !j.Baseline {
		return change{}
	}
	if before == nil {
		if !j.coverage.couldSeeBefore(j.roster.before(now.Source), j.SameScope) || j.roster.fresh[placeOf(now)] {
			return change{}
		}
		if now.HasMark(inventory.MarkHoldersUnread) { // its holders held it before, as far as is known
			return change{}
		}
		if j.counts(now) {
			j.judgement.Counts.New++
		}
		return change{rule: New}
	}
	c := differences(before, now)
	if c.rule != "" {
		j.judgement.Counts.Changed++
	}
	if len(c.gained) > 0 {
		j.judgement.Counts.Gained++
	}
	return c
}

// counts reports whether to mention that an item appeared or disappeared: files that an update
// leaves behind do so by themselves.
func (j *judge) counts(item *inventory.Item) bool {
	return item.State != inventory.StateLeftover || j.ChangesOnly
}

func differences(before, now *inventory.Item) change {
	wider := access.Wider(before.Access, now.Access)
	c := change{
		access:    wider,
		gained:    gainedBy(wider),
		lost:      slices.Concat(wider.LostPermissions, wider.LostHosts, wider.LostSurfaces),
		silent:    risk.SilentIncrease(now, before.Access),
		publisher: fromTo{before.App.Publisher, now.App.Publisher},
		version:   fromTo{before.Version, now.Version},
		origin:    fromTo{inventory.Untrusted(before.Origin), inventory.Untrusted(now.Origin)},
		state:     fromTo{inventory.Untrusted(before.State), inventory.Untrusted(now.State)},
	}
	if before.App.Publisher == "" || now.App.Publisher == "" { // unknown on one side is no change
		c.publisher = fromTo{}
	}
	c.consequential = len(c.gained) > 0 || c.publisher.differs() || c.origin.differs() || c.state.differs()
	if c.consequential || len(c.lost) > 0 || c.version.differs() {
		c.rule = Changed
	}
	return c
}

func gainedBy(c access.Change) []inventory.Untrusted {
	gained := slices.Concat(c.GainedPermissions, c.GainedHosts, c.GainedSurfaces)
	if c.RepositoriesWider {
		gained = append(gained, c.RepositoriesAfter+" repositories")
	}
	if c.HostsReleased {
		gained = append(gained, "hosts without a click")
	}
	return gained
}

// sentence describes the change in a few words; "" if the item is only new.
func (c change) sentence() inventory.Untrusted {
	var parts []string
	for _, part := range []struct {
		name string
		fromTo
	}{{"version", c.version}, {"publisher", c.publisher}, {"origin", c.origin}, {"state", c.state}} {
		if part.differs() {
			parts = append(parts, fmt.Sprintf("%s %s → %s", part.name, orUnknown(part.from), orUnknown(part.to)))
		}
	}
	if len(c.gained) > 0 {
		parts = append(parts, "gained "+list(c.gained))
	}
	if len(c.lost) > 0 {
		parts = append(parts, "lost "+list(c.lost))
	}
	return inventory.Untrusted(strings.Join(parts, "; "))
}

// tellChange makes a finding of a change that no other finding reports.
func (j *judge) tellChange(item *inventory.Item, c change, assessment risk.Assessment) {
	switch {
	case c.rule == "" || !j.counts(item):
		return
	case c.rule == Changed && !c.consequential && !j.ChangesOnly: // an ordinary update is not news
		return
	}
	g := j.add(c.rule, item, j.own.changeSeverity(item, c, assessment), assessment)
	g.note(c)
	g.finding.Change = c.rule
	switch c.rule {
	case New:
		if g.gathers {
			g.tell("credentials that were not there in the last scan")
		}
		g.tell(inventory.Textf("%s was not there in the last scan", noun(item)))
	case Changed:
		g.alter(item, c)
		g.gain(c.gained, c.silent)
		g.finding.Lost = union(g.finding.Lost, c.lost)
		g.finding.Before, g.finding.After = c.values()
	}
}

// values returns the most significant values that differ.
func (c change) values() (before, after inventory.Untrusted) {
	for _, each := range []fromTo{c.publisher, c.origin, c.state} {
		if each.differs() {
			return each.from, each.to
		}
	}
	return c.version.from, c.version.to
}

// ownRisk weighs access by the organization's own classes, where it has any.
type ownRisk struct{ *risk.Own }

// changeSeverity: a gain weighs as much as it lets the app do, unless an approval pins it; a new
// publisher or origin is worth a look; the rest is for information.
func (o ownRisk) changeSeverity(item *inventory.Item, c change, assessment risk.Assessment) inventory.Level {
	level := inventory.Info
	if len(c.gained) > 0 && !c.approved {
		level = inventory.MaxLevel(inventory.Low, o.gainLevel(item, c.access))
	}
	if c.publisher.differs() || c.origin.differs() {
		level = inventory.MaxLevel(level, inventory.Medium, assessment.Level.Shift(-1))
	}
	return level
}

// gainLevel is the risk tier of the gained access alone. A permission that works on hosts is
// weighed together with hosts that were already held.
func (o ownRisk) gainLevel(item *inventory.Item, gained access.Change) inventory.Level {
	if gained.RepositoriesWider { // all that it may do, it may do in more places
		return o.Assess(item).Level
	}
	part := inventory.Item{Source: item.Source, Kind: item.Kind, Facts: item.Facts}
	part.Access.Repositories = item.Access.Repositories
	part.Access.Permissions = gained.GainedPermissions
	part.Access.Surfaces = gained.GainedSurfaces
	part.Access.Hosts = gained.GainedHosts
	level := o.Assess(&part).Level
	if len(gained.GainedHosts) > 0 || len(item.Access.Hosts) == 0 || len(gained.GainedPermissions) == 0 {
		return level
	}
	held := inventory.Item{Source: item.Source, Kind: item.Kind, Facts: item.Facts}
	held.Access.Hosts = item.Access.Hosts
	part.Access.Hosts = item.Access.Hosts
	together := o.Assess(&part).Level
	if together.Compare(o.Assess(&held).Level) > 0 {
		return together
	}
	return level
}

// removed reports an item that is in the baseline and not in this scan.
func (j *judge) removed(before *inventory.Item) {
	if !j.coverage.couldSeeNow(before.Source) || !j.coverage.couldSeeBefore(j.roster.before(before.Source), j.SameScope) {
		j.unseen(before)
		return
	}
	if j.goneWith(before) || before.HasMark(inventory.MarkHoldersUnread) {
		return
	}
	if !j.counts(before) {
		return
	}
	j.judgement.Counts.Removed++
	j.difference.removed(before, j.own.Assess(before))
	g := j.add(Removed, before, inventory.Info, j.own.Assess(before))
	g.finding.Change = Removed
	g.finding.Remedy = ""
	if g.gathers {
		g.tell("credentials that were there in the last scan and are gone")
	}
	g.tell(inventory.Textf("%s was there in the last scan and is gone", noun(before)))
}

// alteration is how the items of one finding differ from the last scan; the change of each is
// written beside its holder.
type alteration struct {
	noun    string
	gathers bool
	first   inventory.Untrusted
	differ  bool
}

// alter adds an item's change to the finding.
func (g *group) alter(item *inventory.Item, c change) {
	sentence := c.sentence()
	if g.altered == nil {
		g.altered = &alteration{noun: noun(item), gathers: g.gathers, first: sentence}
		g.close = g.altered.close
	}
	g.altered.differ = g.altered.differ || sentence != g.altered.first
}

// words describes the change of all items: the one they have in common, or else what they gained
// and lost together.
func (a *alteration) words(f *Finding) inventory.Untrusted {
	if !a.differ && !a.gathers {
		return a.first
	}
	var parts []string
	if len(f.Gained) > 0 {
		parts = append(parts, "gained "+list(f.Gained))
	}
	if len(f.Lost) > 0 {
		parts = append(parts, "lost "+list(f.Lost))
	}
	if len(parts) == 0 {
		return "each in its own way"
	}
	return inventory.Untrusted(strings.Join(parts, "; "))
}

func (a *alteration) close(f *Finding) {
	what := a.words(f)
	subject := a.noun + " differs"
	if a.gathers {
		subject = "credentials differ"
	}
	f.Why = inventory.Textf("%s from the last scan: %s", subject, what)
}
