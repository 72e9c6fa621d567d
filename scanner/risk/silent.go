package risk

import (
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Silent reports whether an update that adds this permission, host pattern or surface to a browser
// extension raises no prompt. Either the browser has no prompt for it, or none that says more than
// the prompts for what the extension already holds, or it never asks about extensions that policy
// or a developer installed. A name that is not in the table is not silent. Tests compare this with
// the real Chromium: what it asks on installation, and which updates it lets through.
func Silent(item *inventory.Item, permission inventory.Untrusted) bool {
	return silent(item, &item.Access, permission)
}

// SilentIncrease lists what the item may do now and could not before, and for which no one was
// asked: permissions, then hosts, then surfaces.
func SilentIncrease(item *inventory.Item, before inventory.Access) []inventory.Untrusted {
	if !tableFor(item).browser {
		return nil
	}
	gained := access.Wider(before, item.Access)
	var found []inventory.Untrusted
	for _, list := range [][]inventory.Untrusted{gained.GainedPermissions, gained.GainedHosts, gained.GainedSurfaces} {
		for _, text := range list {
			if silent(item, &before, text) {
				found = append(found, text)
			}
		}
	}
	return found
}

// silent is [Silent] for an addition to what is held.
func silent(item *inventory.Item, held *inventory.Access, added inventory.Untrusted) bool {
	if !tableFor(item).browser {
		return false
	}
	switch item.Origin {
	case inventory.OriginPolicy, inventory.OriginUnpacked, inventory.OriginBuiltin:
		return true
	}
	t := tableFor(item)
	if isHost(added) {
		return t.silentHost(held, added)
	}
	r, known := t.permission(added)
	if !known {
		r, known = t.surface(added)
	}
	return known && (!r.Warns && !covered(r.WarnsBeside, held, added) || r.Warns && covered(r.CoveredBy, held, added))
}

// silentHost is [Silent] for a pattern. No prompt mentions the browser's own pages or local files.
func (t *table) silentHost(held *inventory.Access, added inventory.Untrusted) bool {
	switch reach, _ := hostTable.reachOf(added); reach {
	case reachOwn, reachFile:
		return true
	}
	if covered(t.hostsCoveredBy, held, added) {
		return true
	}
	name := askedName(added)
	return t.hostsByName && name != "" && slices.ContainsFunc(held.Hosts, func(host inventory.Untrusted) bool {
		return host != added && coversName(askedName(host), name)
	})
}

// covered reports whether one of these names is held besides the addition: its prompt already said
// as much.
func covered(by []string, held *inventory.Access, added inventory.Untrusted) bool {
	return slices.ContainsFunc(by, func(name string) bool {
		switch other := inventory.Untrusted(name); other {
		case access.AllURLs:
			return slices.ContainsFunc(held.Hosts, func(host inventory.Untrusted) bool {
				return host != added && warnsOfAll(host, isHost(added))
			})
		case added:
			return false
		default:
			return slices.Contains(held.Permissions, other) || holdsSurface(held, name)
		}
	})
}

func holdsSurface(held *inventory.Access, name string) bool {
	return slices.ContainsFunc(held.Surfaces, func(surface inventory.Untrusted) bool {
		first, _, _ := strings.Cut(string(surface), " ")
		return first == name
	})
}

// warnsOfAll reports whether the prompt for a pattern was the one for every site. Prompts name no
// paths, so a pattern for certain pages of every site counts. So does one for a whole top-level
// domain ("*.com"), although the browser still asks about another host that an update adds.
func warnsOfAll(pattern inventory.Untrusted, besideHost bool) bool {
	switch reach, _ := hostTable.reachOf(pattern); reach {
	case reachSome:
		return true
	case reachAll:
		_, host, _ := splitPattern(string(pattern))
		return !besideHost || pattern == access.AllURLs || host == "*"
	}
	return false
}
