package diff

import (
	"slices"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// group is a finding in the making: everything of one identity.
type group struct {
	finding Finding
	// item stands for all items of the group: the first one, with the access of all. Proposals are written from it.
	item    *inventory.Item
	propose bool
	holders map[inventory.Holder]struct{}
}

// add puts an item into the finding of that rule and app, and returns the finding to be filled in.
func (j *judge) add(rule Rule, item *inventory.Item, severity inventory.Level, assessment risk.Assessment) *group {
	subject := string(item.App.ID)
	if item.App.ID == "" {
		subject = item.Key()
	}
	g := j.group(identity{rule: rule, provider: item.Source.Provider, kind: item.Kind, subject: subject})
	severity = rule.clamp(severity)
	if g.item == nil {
		g.start(item, severity, assessment)
	} else {
		g.merge(item, severity, assessment)
	}
	g.affect(item)
	return g
}

func (j *judge) group(id identity) *group {
	g := j.groups[id]
	if g == nil {
		g = &group{holders: make(map[inventory.Holder]struct{})}
		g.finding.Rule = id.rule
		g.finding.Provider = id.provider
		g.finding.Kind = id.kind
		g.finding.Severity = id.rule.Info().Least
		j.groups[id] = g
	}
	return g
}

func (g *group) start(item *inventory.Item, severity inventory.Level, assessment risk.Assessment) {
	copied := *item
	copied.Access = copyAccess(item.Access)
	g.item = &copied
	g.finding.App = item.App
	g.finding.Severity = severity
	g.finding.Tier = assessment.Level
	g.finding.Reasons = assessment.Reasons
	g.finding.Remedy = remedyFor(item)
}

func (g *group) merge(item *inventory.Item, severity inventory.Level, assessment risk.Assessment) {
	g.item.Access = unionAccess(g.item.Access, item.Access)
	g.finding.Severity = inventory.MaxLevel(g.finding.Severity, severity)
	if assessment.Level.Compare(g.finding.Tier) > 0 {
		g.finding.Tier, g.finding.Reasons = assessment.Level, assessment.Reasons
	}
	if g.finding.App.Name == "" {
		g.finding.App.Name = item.App.Name
	}
}

func (g *group) affect(item *inventory.Item) {
	g.affected(Affected{
		Source: item.Source, Holder: item.Holder, Version: item.Version, State: item.State, Origin: item.Origin, Added: item.Added,
	})
}

func (g *group) affected(a Affected) {
	if _, seen := g.holders[a.Holder]; !seen {
		g.holders[a.Holder] = struct{}{}
		g.finding.HolderCount++
		if a.Holder.Admin == inventory.Yes {
			g.finding.AdminCount++
		}
	}
	if n := len(g.finding.Holders); n > 0 && g.finding.Holders[n-1].Source == a.Source && g.finding.Holders[n-1].Version == a.Version {
		return // a second statement about the same item
	}
	if len(g.finding.Holders) < MaxListedHolders {
		g.finding.Holders = append(g.finding.Holders, a)
	}
}

// tell fills in the sentence once; the first item of a group speaks for it.
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

// note marks the finding, and its last holder, as new or changed against the baseline.
func (g *group) note(change change) {
	if change.rule == "" {
		return
	}
	if g.finding.Change == "" || change.rule == New {
		g.finding.Change = change.rule
	}
	if n := len(g.finding.Holders); n > 0 {
		g.finding.Holders[n-1].Change = change.rule
		g.finding.Holders[n-1].Detail = change.sentence()
	}
}

func (g *group) finish(id identity, owner string, today allowlist.Date) Finding {
	g.finding.ID = id.id()
	if g.propose && g.item != nil {
		g.finding.Approve = inventory.Untrusted(allowlist.Propose([]inventory.Item{*g.item}, owner, today))
	}
	if g.finding.Holders == nil {
		g.finding.Holders = []Affected{}
	}
	return g.finding
}

func copyAccess(a inventory.Access) inventory.Access {
	for _, list := range []*[]inventory.Untrusted{&a.Permissions, &a.Hosts, &a.Surfaces, &a.Optional, &a.OptionalHosts, &a.Requested} {
		*list = slices.Clone(*list)
	}
	return a
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

// union merges sorted or unsorted lists into a sorted one, and leaves a as it is when b adds nothing.
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
