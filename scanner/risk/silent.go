package risk

import (
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Silent reports whether an update that adds this permission, host pattern or surface to a browser
// extension asks nobody: the browser has no prompt for it, or none that says more than what the
// extension holds besides, or it asks about none of what policy or a developer installed. A name
// that the table does not know is not called silent. What is said of Chromium is compared with the
// real one: what it asks when it installs, and which updates it lets through.
func Silent(item *inventory.Item, permission inventory.Untrusted) bool {
	return silent(item, &item.Access, permission)
}

// SilentIncrease lists what the item may do beyond what it could before, without anybody having
// been asked: permissions, then hosts, then surfaces.
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

// silent answers for an addition to what is held.
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

// silentHost answers for a pattern. Of what only the browser itself reaches, and of local files, no
// prompt tells.
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

// covered reports whether one of these names is held besides the addition: something that already
// raised a prompt that says as much.
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
// paths, so one for certain pages of every site is. One for a whole top level ("*.com") is as well;
// another host that an update adds is asked about all the same.
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
