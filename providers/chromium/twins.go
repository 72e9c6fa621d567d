package chromium

import (
	"cmp"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// A profile may describe one extension more than once: in Preferences and in Secure Preferences,
// under an ID in capitals, in a duplicate member. A browser believes one of them, and which one
// depends on its system and version. So the enabled one counts, with all the access that any of
// them grants.

// claims returns the entries for one ID that a browser could count as an installed extension.
func (e *entry) claims() []*entry {
	return slices.DeleteFunc(append([]*entry{e}, e.twins...), func(e *entry) bool { return !e.isInstalled() })
}

// all returns an entry, which may be nil, with its twins and the pending updates.
func (e *entry) all() []*entry {
	if e == nil {
		return nil
	}
	all := append([]*entry{e}, e.pending.all()...)
	for _, twin := range e.twins {
		all = append(all, twin.all()...)
	}
	return all
}

// saysWhere names the two places that describe one extension.
func (e *entry) saysWhere(other *entry) inventory.Untrusted {
	if e.origin == other.origin {
		return inventory.Untrusted("two entries in " + e.origin)
	}
	return inventory.Untrusted(e.origin + " and " + other.origin)
}

// join adds to an item what a second claim about the same extension says, and marks where they
// differ.
func join(item, other *inventory.Item, where inventory.Untrusted) {
	if item.State != other.State {
		item.Mark(inventory.MarkIdentity, inventory.MarkStateMismatch,
			where+" differ: "+inventory.Untrusted(item.State+" and "+other.State))
		if first(states, other.State, item.State) == other.State {
			item.State, item.StateReasons = other.State, other.StateReasons
		}
	}
	if differing := append(excess(other.Access, item.Access), excess(item.Access, other.Access)...); len(differing) > 0 {
		item.Mark(inventory.MarkIdentity, inventory.MarkAccessMismatch, where+" differ: "+localprofile.JoinSome(differing))
	}
	item.Access = union(item.Access, other.Access)
	item.Origin = first(origins, item.Origin, other.Origin)
	item.Kind = first(kinds, item.Kind, other.Kind)
	for _, mark := range other.Marks {
		item.Mark(mark.Class, mark.Name, mark.Detail)
	}
}

// What counts if two claims differ: the first in these orders.
var (
	states  = []inventory.State{inventory.StateEnabled, inventory.StateUnknown, inventory.StateDisabled}
	origins = []inventory.Origin{
		inventory.OriginSideload, inventory.OriginUnknown, inventory.OriginUnpacked, inventory.OriginStore,
		inventory.OriginPolicy, inventory.OriginBuiltin,
	}
	kinds = []inventory.Kind{inventory.KindExtension, inventory.KindBrowserApp, inventory.KindSharedModule,
		inventory.KindTheme}
)

// first returns whichever of a and b comes first in an order.
func first[T comparable](order []T, a, b T) T {
	for _, candidate := range order {
		if candidate == a || candidate == b {
			return candidate
		}
	}
	return a
}

// union is everything that either grants. Hosts are withheld if both withhold them.
func union(a, b inventory.Access) inventory.Access {
	a.Permissions = append(a.Permissions, b.Permissions...)
	a.Hosts = append(a.Hosts, b.Hosts...)
	a.Surfaces = append(a.Surfaces, b.Surfaces...)
	a.Optional = access.Without(append(a.Optional, b.Optional...), a.Permissions)
	a.OptionalHosts = access.ExcessHosts(append(a.OptionalHosts, b.OptionalHosts...), a.Hosts)
	a.Requested = append(a.Requested, b.Requested...)
	if a.HostsWithheld == inventory.Yes && b.HostsWithheld != inventory.Yes {
		a.HostsWithheld = b.HostsWithheld
	}
	a.Basis = cmp.Or(a.Basis, b.Basis)
	return a
}

// excess is what held grants beyond given.
func excess(held, given inventory.Access) []inventory.Untrusted {
	return slices.Concat(
		access.Without(held.Permissions, given.Permissions), access.ExcessHosts(held.Hosts, given.Hosts),
		access.Without(held.Surfaces, given.Surfaces))
}

// with joins two entries with the same ID, the better one first; other may be nil. A browser
// believes one of the two, and which one depends on the system; see [scan.item].
func (e *entry) with(other *entry) *entry {
	if other == nil {
		return e
	}
	first, second := e, other
	if !e.isBetterThan(other) {
		first, second = other, e
	}
	first.twins = append(append(first.twins, second), second.twins...)
	second.twins = nil
	return first
}

// isBetterThan decides between two entries with the same ID: first the one that counts as
// installed, then the one that was updated last, then the one read later.
func (e *entry) isBetterThan(other *entry) bool {
	if e.isInstalled() != other.isInstalled() {
		return e.isInstalled()
	}
	return valueOf(e.updated) >= valueOf(other.updated)
}
