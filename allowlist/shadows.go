package allowlist

import (
	"slices"
	"strings"

	"guestlist/allowlist/appid"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// requirement warns of a requirement that a report could only show by its ID.
func (l *linter) requirement(e *Entry) {
	if e.Name == "" {
		l.warn(RuleNoName, e.Position, `such as name = "Password manager"`, "the requirement of %q has no name", e.Title())
	}
}

// copies warns of lists that could not be fetched.
func (l *linter) copies() {
	for n := range l.list.sources {
		if source := &l.list.sources[n]; source.Stale != nil {
			l.warn(RuleOldCopy, source.At, "make the address available, or correct the pin", "%s", source.Note(l.at))
		}
	}
}

// classes warns of classes of access that lower what is critical, or that name nothing.
func (l *linter) classes() {
	for n := range l.list.classes {
		c := &l.list.classes[n]
		if c.Host != "" {
			continue
		}
		worst, known := tableLevel(c.Permission)
		switch {
		case !known:
			l.warn(RuleRiskUnknown, c.at, "guestlist risk NAME says what is known", "%q is in no table", c.Permission)
		case worst == inventory.Critical && c.Level != inventory.Critical:
			l.warn(RuleRiskLowered, c.at, "make sure that this is meant for every app that holds it",
				"%q is critical in the tables, and %s here", c.Permission, inventory.Untrusted(c.Level))
		}
	}
}

// tableLevel is the highest level that the tables have for what a class names.
func tableLevel(pattern inventory.Untrusted) (worst inventory.Level, known bool) {
	worst = inventory.Info
	see := func(name inventory.Untrusted) {
		for _, row := range risk.Lookup(name) {
			if row.Part != risk.PartHost {
				worst, known = inventory.MaxLevel(worst, row.Level, row.WithHosts), true
			}
		}
	}
	see(pattern)
	if strings.Contains(string(pattern), "*") {
		short := risk.ShortName(pattern)
		for _, name := range risk.Names() {
			if access.CoversText(short, name) {
				see(inventory.Untrusted(name))
			}
		}
	}
	return worst, known
}

// shadows warns of an approval beside which another one approves the same and more, so that its
// pins limit nothing, and of one that is meant for some of the same holders.
func (l *linter) shadows(e *Entry) {
	if e.waits(l.at) {
		return
	}
	for _, other := range l.beside(e) {
		switch {
		case other.waits(l.at) || other.Kind != "" && e.Kind != "" && other.Kind != e.Kind:
		case other.includes(e) && !(e.includes(other) && e.Index < other.Index):
			l.warn(RuleShadowed, e.Position, "remove one of the two, or give each its own \"for\"",
				"%q has no effect: %s approves the same and more", e.Title(), l.lineOf(other))
			return
		case e.includes(other):
		case e.Index > other.Index && meets(e, other):
			l.warn(RuleOverlap, e.Position, "give each its own \"for\", or merge them",
				"%q and %s are both meant for some holders: which decides depends on what the app holds", e.Title(), l.lineOf(other))
		}
	}
}

// beside returns the other approvals of what an entry names.
func (l *linter) beside(e *Entry) []*Entry {
	var found []*Entry
	add := func(entries []*Entry) {
		for _, other := range entries {
			if other != e && other.Part == PartAllow && !slices.Contains(found, other) {
				found = append(found, other)
			}
		}
	}
	for _, id := range e.IDs {
		add(l.list.allow.Get(e.Kind, id))
		if project := appid.ClientProject(id); project != "" {
			add(l.list.projects[project])
		}
	}
	if e.Project != "" {
		add(l.list.projects[e.Project])
	}
	return found
}

// includes reports whether an approval is meant for everything that another one is meant for, and
// pins no less of it.
func (e *Entry) includes(other *Entry) bool {
	return e.namesAllOf(other) && (e.Kind == "" || e.Kind == other.Kind) && e.isForAllOf(other) && e.pinsAllOf(other)
}

func (e *Entry) namesAllOf(other *Entry) bool {
	if e.Project != "" {
		return e.Project == other.Project || other.Project == "" && !slices.ContainsFunc(other.IDs,
			func(id inventory.Untrusted) bool { return appid.ClientProject(id) != e.Project })
	}
	return other.Project == "" && !slices.ContainsFunc(other.IDs, func(id inventory.Untrusted) bool { return !e.speaksOf(id) })
}

func (e *Entry) isForAllOf(other *Entry) bool {
	if len(e.accounts) == 0 {
		return true
	}
	return len(other.accounts) > 0 && !slices.ContainsFunc(other.accounts, func(account string) bool {
		return !slices.ContainsFunc(e.accounts, func(own string) bool { return access.CoversText(own, account) })
	})
}

// pinsAllOf reports whether whatever the other's pins allow, this one's do as well.
func (e *Entry) pinsAllOf(other *Entry) bool {
	switch {
	case e.permissions != nil && (other.Permissions == nil || len(e.permissions.Excess(other.Permissions)) > 0):
	case e.hosts != nil && (other.Hosts == nil || len(e.hosts.Excess(other.Hosts)) > 0):
	case !within(e.Origins, other.Origins), !within(e.Publishers, other.Publishers):
	case !e.Versions.IsZero() && e.Versions.String() != other.Versions.String():
	case e.Repositories != "" && e.Repositories != "all" && e.Repositories != other.Repositories:
	default:
		return true
	}
	return false
}

// within reports whether all that another pin allows is in a pin, of which nil pins nothing.
func within[T comparable](pin, other []T) bool {
	return pin == nil || other != nil && !slices.ContainsFunc(other, func(each T) bool { return !slices.Contains(pin, each) })
}

// meets reports whether two approvals are meant for some of the same holders.
func meets(a, b *Entry) bool {
	if len(a.accounts) == 0 || len(b.accounts) == 0 {
		return len(a.accounts) == len(b.accounts) // a rule and its exception are meant so
	}
	return slices.ContainsFunc(a.accounts, func(one string) bool {
		return slices.ContainsFunc(b.accounts, func(other string) bool { return overlap(one, other) })
	})
}
