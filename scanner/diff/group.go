package diff

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// group is a finding in the making: everything of one identity.
type group struct {
	finding Finding
	subject string // in its identity
	// items represent all items of the group, one for each app: the first one, with the access of
	// all. Proposals are written from them.
	items   []kept
	gathers bool                  // several apps that a person deals with at once; each holder's detail names its own
	holder  uint64                // the hash of the first one
	holders map[uint64]struct{}   // the hashes of the others: the names in a large organization would not fit
	last    itemKey               // of the item that was added last
	listed  *int                  // holders listed in all groups
	most    int                   // holders listed in this one; 0 is maxListedHolders
	names   []inventory.Untrusted // the app's other names
	revoke  []vendor.Remedy       // how to revoke items, without the page
	owner   inventory.Untrusted   // who owns the approval
	asked   inventory.Untrusted   // whom to ask in a self-check, where nothing names anyone
	contact inventory.Untrusted   // whom the policy says to ask
	blanks  []inventory.Untrusted // what entries lack, and where
	pages   pages
	wider   *widening
	altered *alteration
	factors *factors
	asks    *asking
	// close completes the finding when everything is in it, with sentences that sum it up.
	close func(*Finding)
}

// kept is what a proposal needs of an item. A whole item is more than twice as large, and there may
// be one for each app.
type kept struct {
	app    inventory.App
	origin inventory.Origin
	access inventory.Access
}

// itemKey is what [inventory.Item.Key] joins.
type itemKey struct {
	source        inventory.Source
	kind          inventory.Kind
	app, instance inventory.Untrusted
}

// maxNames bounds the other names of an app that a finding lists.
const maxNames = 5

// maxRevokes bounds the ways to revoke an app that a finding lists: it may have been let in by
// several routes.
const maxRevokes = 3

// maxProposed bounds the apps of one group for which a proposal is written.
const maxProposed = 100

var holderSeed = maphash.MakeSeed()

// add puts an item into the finding of that rule and app, and returns the finding to be filled in.
func (j *judge) add(rule Rule, item *inventory.Item, severity inventory.Level, assessment risk.Assessment) *group {
	name, gathers := subject(rule, item)
	g := j.group(identity{rule: rule, provider: item.Source.Provider, kind: item.Kind, subject: name})
	severity = rule.clamp(severity)
	if len(g.items) == 0 {
		g.gathers = gathers
		g.start(item, severity, assessment)
	} else {
		g.merge(item, severity, assessment)
	}
	g.takeBack(item)
	if assessment.Level != "" {
		j.sighting.groups = append(j.sighting.groups, g)
	}
	return g
}

// takeBack lists where an item acts, and how to revoke it there.
func (g *group) takeBack(item *inventory.Item) {
	how := vendor.RemedyFor(item)
	page := how.Page
	how.Page = ""
	isKnown := func(known vendor.Remedy) bool { return slices.Equal(known.Ways, how.Ways) }
	if len(g.revoke) < maxRevokes && !slices.ContainsFunc(g.revoke, isKnown) {
		g.revoke = append(g.revoke, how)
	}
	g.pages.add(page)
	g.affect(item, page, how.ByHand)
}

func (j *judge) group(id identity) *group {
	g := j.groups[id]
	if g == nil {
		g = &group{listed: &j.listed, subject: id.subject, asked: j.approver(), contact: j.contact()}
		g.finding.Rule = id.rule
		g.finding.Provider = id.provider
		g.finding.Kind = id.kind
		g.finding.Severity = id.rule.Info().Least
		j.groups[id] = g
	}
	return g
}

func (g *group) start(item *inventory.Item, severity inventory.Level, assessment risk.Assessment) {
	g.keep(item)
	if !g.gathers {
		g.finding.App = item.App
	}
	g.finding.Notes = notesOf(item)
	g.finding.Severity = severity
	g.finding.Tier = assessment.Level
	g.finding.Reasons = slices.Clone(assessment.Reasons) // without spare capacity
}

func (g *group) merge(item *inventory.Item, severity inventory.Level, assessment risk.Assessment) {
	if n := slices.IndexFunc(g.items, func(each kept) bool { return each.app.ID == item.App.ID }); n >= 0 {
		if g.proposes() {
			g.items[n].access = unionAccess(g.items[n].access, item.Access)
		}
	} else {
		g.keep(item)
		if !g.gathers && len(g.finding.Also) < maxProposed {
			g.finding.Also = append(g.finding.Also, item.App)
		}
	}
	g.finding.Notes = union(g.finding.Notes, notesOf(item))
	g.finding.Severity = inventory.MaxLevel(g.finding.Severity, severity)
	g.finding.Tier = inventory.MaxLevel(g.finding.Tier, assessment.Level)
	g.finding.Reasons = mergeReasons(g.finding.Reasons, assessment.Reasons)
	if !g.gathers {
		g.name(item.App.Name)
	}
}

// name remembers the names that an app goes by: its maker may use a different one for each client
// ID, and change it.
func (g *group) name(name inventory.Untrusted) {
	switch {
	case name == "" || name == g.finding.App.Name || slices.Contains(g.names, name) || len(g.names) >= maxNames:
	case g.finding.App.Name == "":
		g.finding.App.Name = name
	default:
		g.names = append(g.names, name)
	}
}

// keep remembers an app, with what it holds here if a proposal needs that.
func (g *group) keep(item *inventory.Item) {
	switch {
	case len(g.items) >= maxProposed:
	case g.proposes():
		g.items = append(g.items, kept{item.App, item.Origin, ownAccess(item.Access)})
	default:
		g.items = append(g.items, kept{app: item.App})
	}
}

func (g *group) proposes() bool {
	n := g.finding.Rule.index()
	return n >= 0 && Rules[n].proposes
}

// affect lists where an item acts, once for each item.
func (g *group) affect(item *inventory.Item, page inventory.Untrusted, byHand bool) {
	key := itemKey{item.Source, item.Kind, item.App.ID, item.Instance}
	if g.finding.ItemCount > 0 && key == g.last {
		return
	}
	g.last = key
	g.finding.ItemCount++
	a := Affected{
		Source: item.Source, Holder: item.Holder, Version: item.Version, State: item.State, Origin: item.Origin,
		Added: item.Added,
		Page:  page, ByHand: byHand,
	}
	if g.gathers {
		if a.Detail = item.App.Name; a.Detail == "" {
			a.Detail = item.App.ID
		}
		a.Expires = item.Expires
		if g.finding.Rule != TokenUnused { // which says it in words
			a.LastUsed = item.LastUsed
		}
	}
	g.affected(a)
}

// detail adds to what is said about the last item added.
func (g *group) detail(text inventory.Untrusted) {
	n := len(g.finding.Holders)
	if n == 0 || text == "" || g.finding.ItemCount > n { // the list is full
		return
	}
	if holder := &g.finding.Holders[n-1]; holder.Detail == "" {
		holder.Detail = text
	} else {
		holder.Detail += ", " + text
	}
}

func (g *group) affected(a Affected) {
	if g.isNew(maphash.Comparable(holderSeed, a.Holder)) {
		g.finding.HolderCount++
		if a.Holder.Admin == inventory.Yes {
			g.finding.AdminCount++
		}
	}
	if n := len(g.finding.Holders); n < leastListed || n < cmp.Or(g.most, maxListedHolders) && *g.listed < maxListed {
		if n == 1 { // most apps have one holder, and most others more than are listed
			g.finding.Holders = slices.Grow(g.finding.Holders, leastListed-n)
		}
		g.finding.Holders = append(g.finding.Holders, a)
		*g.listed++
	}
}

// isNew remembers a holder, and reports whether it was not known yet. Most apps have one.
func (g *group) isNew(holder uint64) bool {
	if g.finding.HolderCount == 0 {
		g.holder = holder
		return true
	}
	if _, seen := g.holders[holder]; seen || holder == g.holder {
		return false
	}
	if g.holders == nil {
		g.holders = make(map[uint64]struct{})
	}
	g.holders[holder] = struct{}{}
	return true
}

// tell fills in the sentence once, from the first item of a group.
func (g *group) tell(why inventory.Untrusted) {
	if g.finding.Why == "" {
		g.finding.Why = why
	}
}

func (g *group) gain(gained, silent []inventory.Untrusted) {
	g.finding.Gained = union(g.finding.Gained, gained)
	g.finding.Silent = union(g.finding.Silent, silent)
}

func (g *group) decide(at allowlist.Position) {
	if at.Line > 0 && g.finding.Decided == nil {
		g.finding.Decided = &Position{File: inventory.Untrusted(at.File), Line: at.Line}
	}
}

// note marks the finding, and its last holder, as new or changed since the baseline.
func (g *group) note(change change) {
	if change.rule == "" {
		return
	}
	if g.finding.Change == "" || change.rule == New {
		g.finding.Change = change.rule
	}
	if n := len(g.finding.Holders); n > 0 && g.finding.Holders[n-1].Change == "" {
		g.finding.Holders[n-1].Change = change.rule
		g.detail(change.sentence())
	}
}

func (g *group) finish(id identity, owner string, today allowlist.Date) Finding {
	g.finding.ID = id.id()
	for _, name := range g.names {
		g.finding.Notes = append(g.finding.Notes, "also goes by the name "+name)
	}
	g.finding.Notes = append(g.finding.Notes, mixedScripts(append([]inventory.Untrusted{g.finding.App.Name},
		g.names...))...)
	g.finding.Remedy = g.remedy()
	rule := id.rule.Info()
	if rule.one != "" && g.gathers && g.finding.ItemCount == 1 {
		g.finding.Why = rule.one
	}
	if g.close != nil {
		g.close(&g.finding)
	}
	if rule.proposes {
		g.finding.entries = g.proposal(owner, today)
		g.finding.Approve = textOf(g.finding.entries)
	}
	if rule.Command != "" {
		g.finding.appIDs = g.ids()
	}
	if g.finding.Holders == nil {
		g.finding.Holders = []Affected{}
	}
	return g.finding
}

// ids are those of the apps of the group.
func (g *group) ids() []inventory.Untrusted {
	ids := make([]inventory.Untrusted, 0, len(g.items))
	for _, each := range g.items {
		if each.app.ID != "" {
			ids = append(ids, each.app.ID)
		}
	}
	return ids
}

// proposal is an entry for each app: each client ID of a project is pinned to its own access, and
// one that the maker adds later is not approved. To trust the maker with that, write the project in
// place of the ID.
func (g *group) proposal(owner string, today allowlist.Date) []edit.Entry {
	var entries []edit.Entry
	approval := allowlist.Approval{Owner: owner, Approved: today}
	for _, each := range g.items {
		item := inventory.Item{Kind: g.finding.Kind, App: each.app, Origin: each.origin, Access: each.access}
		if entry, found := approval.Entry([]inventory.Item{item}); found {
			entries = append(entries, entry)
		}
	}
	if project := g.finding.App.Project; project != "" && len(entries) > 1 && g.finding.Kind == inventory.KindOAuthGrant {
		entries[0].Comment = []inventory.Untrusted{
			inventory.Textf("%d client IDs of one project. In place of an id,", len(g.items)),
			inventory.Textf("project = %q would also approve those that its maker adds later.", project),
		}
	}
	return entries
}

// textOf is what entries are in TOML.
func textOf(entries []edit.Entry) inventory.Untrusted {
	texts := make([]string, len(entries))
	for n := range entries {
		texts[n] = entries[n].String()
	}
	return inventory.Untrusted(strings.Join(texts, "\n"))
}

// notesOf returns what a person should know about an app besides its access.
func notesOf(item *inventory.Item) []inventory.Untrusted {
	var notes []inventory.Untrusted
	for _, mark := range item.Marks {
		words := noteWords[mark.Name]
		if mark.Name == inventory.MarkFirstParty {
			words = firstPartyWords(item.Source.Provider, mark.Detail)
		}
		if mark.Name == inventory.MarkNativeHost || mark.Name == inventory.MarkByAgent {
			words += ": " + mark.Detail
		}
		if words != "" {
			notes = append(notes, words)
		}
	}
	return notes
}

// ownAccess returns an access whose lists can grow without changing those of the item.
func ownAccess(a inventory.Access) inventory.Access {
	for _, list := range []*[]inventory.Untrusted{&a.Permissions, &a.Hosts, &a.Surfaces, &a.Optional, &a.OptionalHosts,
		&a.Requested} {
		*list = slices.Clip(*list)
	}
	return a
}

// mergeReasons returns what the items of one finding let it do together: a decision about it is
// about all its holders.
func mergeReasons(all, more []risk.Reason) []risk.Reason {
	grown := false
	for _, reason := range more {
		n := slices.IndexFunc(all, func(each risk.Reason) bool {
			return each.Subject == reason.Subject && each.Why == reason.Why
		})
		switch {
		case n < 0:
			all, grown = append(all, reason), true
		case reason.Level.Compare(all[n].Level) > 0:
			all[n].Level, grown = reason.Level, true
		}
	}
	if grown {
		slices.SortStableFunc(all, func(a, b risk.Reason) int { return b.Level.Compare(a.Level) })
	}
	return all[:min(len(all), risk.MaxReasons)]
}

func unionAccess(a, b inventory.Access) inventory.Access {
	a.Permissions = union(a.Permissions, b.Permissions)
	a.Hosts = union(a.Hosts, b.Hosts)
	a.Surfaces = union(a.Surfaces, b.Surfaces)
	a.Optional = union(a.Optional, b.Optional)
	a.OptionalHosts = union(a.OptionalHosts, b.OptionalHosts)
	a.Requested = union(a.Requested, b.Requested)
	if b.Repositories == "all" {
		a.Repositories = b.Repositories
	}
	return a
}

// union merges two lists into a sorted one, or returns a unchanged if b adds nothing.
func union(a, b []inventory.Untrusted) []inventory.Untrusted {
	grown := false
	for _, value := range b {
		if !slices.Contains(a, value) {
			a = append(a, value)
			grown = true
		}
	}
	if grown {
		slices.Sort(a)
	}
	return a
}
