package allowlist

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Usage is what scans saw of what each approval pins, to find pins that nothing uses. Give it every
// item of the scans.
type Usage struct {
	list *List
	seen map[*Entry]*used
}

// used is what was seen of one approval.
type used struct {
	items   int
	unknown bool // of an item, what it may do is not known
	// permissions and hosts are pins that nothing was seen to hold.
	permissions, hosts map[inventory.Untrusted]bool
}

// NewUsage returns a Usage that has seen nothing.
func (l *List) NewUsage() *Usage { return &Usage{list: l, seen: make(map[*Entry]*used)} }

// See notes what an item holds of the pins of every approval that is meant for it. isWhole says that
// everything was read where it was found; otherwise nothing is said of these approvals.
func (u *Usage) See(item *inventory.Item, isWhole bool) {
	if item.State == inventory.StateLeftover {
		return
	}
	meant, _ := u.list.speakers(item, PartAllow)
	for _, e := range meant {
		if e.Preset != "" || e.Permissions == nil && e.Hosts == nil {
			continue
		}
		at := u.seen[e]
		if at == nil {
			at = &used{permissions: setOf(e.Permissions), hosts: setOf(e.Hosts)}
			u.seen[e] = at
		}
		at.see(item, isWhole)
	}
}

func setOf(list []inventory.Untrusted) map[inventory.Untrusted]bool {
	set := make(map[inventory.Untrusted]bool, len(list))
	for _, each := range list {
		set[each] = true
	}
	return set
}

func (u *used) see(item *inventory.Item, isWhole bool) {
	u.items++
	u.unknown = u.unknown || !isWhole || mayDoUnknown(item)
	held := &item.Access
	// What it may be given later, without an update, counts as held.
	for pin := range u.permissions {
		if slices.ContainsFunc(slices.Concat(held.Permissions, held.Surfaces, held.Optional, held.Requested),
			func(name inventory.Untrusted) bool { return needs(pin, name) }) {
			delete(u.permissions, pin)
		}
	}
	for pin := range u.hosts {
		if slices.ContainsFunc(slices.Concat(held.Hosts, held.OptionalHosts, held.Optional),
			func(host inventory.Untrusted) bool { return touchesHost(pin, host) }) {
			delete(u.hosts, pin)
		}
	}
}

// needs reports whether holding a permission needs the pin: it is the same, or a surface that names
// pages within it. A pin at a higher level than anything held is wider than needed.
func needs(pin, name inventory.Untrusted) bool {
	if pin == name {
		return true
	}
	level := strings.LastIndexByte(string(pin), ':')
	if at := strings.LastIndexByte(string(name), ':'); level > 0 && at > 0 && pin[:level] == name[:at] {
		return false
	}
	return access.NewPermissions([]inventory.Untrusted{pin}).Covers(name)
}

// touchesHost reports whether a held pattern and a pinned one have a page in common.
func touchesHost(pin, held inventory.Untrusted) bool {
	pin = inventory.Untrusted(strings.TrimPrefix(string(pin), literalMark))
	return pin == held || access.Covers(pin, held) || access.Covers(held, pin)
}

// Lint returns a warning for each approval that pins more than anything holds. since says which
// scans were looked at, for people, such as "in the scan of 2026-11-23".
func (u *Usage) Lint(since inventory.Untrusted) []Warning {
	lint := &linter{list: u.list}
	for _, e := range u.list.entries {
		at := u.seen[e]
		if lint.entry = e; at == nil || at.unknown || !u.list.isOurs(e) {
			continue
		}
		lint.wide(e, "permissions", "permission", e.Permissions, at.permissions, since)
		lint.wide(e, "hosts", "host", e.Hosts, at.hosts, since)
	}
	return lint.warnings
}

// maxUnusedPins is how many unused pins are named.
const maxUnusedPins = 5

func (l *linter) wide(e *Entry, key, one string, pinned []inventory.Untrusted, unused map[inventory.Untrusted]bool,
	since inventory.Untrusted) {
	if len(unused) == 0 {
		return
	}
	var names []inventory.Untrusted
	for _, pin := range pinned { // in their order
		if unused[pin] {
			names = append(names, pin)
		}
	}
	noun, verb := one, "is"
	if len(pinned) != 1 {
		noun += "s"
	}
	if len(names) != 1 {
		verb = "are"
	}
	more := ""
	if len(names) > maxUnusedPins {
		more = fmt.Sprintf(" and %d more", len(names)-maxUnusedPins)
	}
	l.warn(RuleWidePins, e.Line(key), "remove what it does not need: "+joined(names[:min(len(names), maxUnusedPins)])+more,
		"%q: %d of %d pinned %s %s unused %s", e.Title(), len(names), len(pinned), noun, verb, since)
}

// Unused is a warning that nothing matches an entry, by a scan that saw everything that could.
func (l *List) Unused(e *Entry, since inventory.Untrusted) Warning {
	lint := &linter{list: l, entry: e}
	lint.warn(RuleUnused, e.Position, "remove it if the app is no longer used", "nothing matches %q %s", e.Title(), since)
	return lint.warnings[0]
}
