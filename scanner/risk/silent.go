package risk

import (
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Silent reports whether an update that adds this permission, host pattern or surface to a browser extension asks nobody: the browser
// has no prompt for it, or none that says more than what the extension holds besides, or it asks about none of what policy or a developer
// installed. A name that the table does not know is not called silent.
func Silent(item *inventory.Item, permission inventory.Untrusted) bool {
	return silent(item, &item.Access, permission)
}

// SilentIncrease lists what the item may do beyond what it could before, without anybody having been asked: permissions, then hosts,
// then surfaces.
func SilentIncrease(item *inventory.Item, before inventory.Access) []inventory.Untrusted {
	if !isExtension(item) {
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

func isExtension(item *inventory.Item) bool {
	switch item.Source.Provider {
	case inventory.Chromium, inventory.ChromeManagement, inventory.Firefox:
		return true
	}
	return false
}

// silent answers for an addition to what is held.
func silent(item *inventory.Item, held *inventory.Access, added inventory.Untrusted) bool {
	if !isExtension(item) {
		return false
	}
	switch item.Origin {
	case inventory.OriginPolicy, inventory.OriginUnpacked, inventory.OriginBuiltin:
		return true
	}
	t := tableFor(item)
	if isHost(added) {
		switch reach, _ := hostTable.reachOf(added); reach {
		case reachOwn, reachFile:
			return true
		}
		return covered(t.hostsCoveredBy, held, added)
	}
	r, known := t.permission(added)
	if !known {
		r, known = t.surface(added)
	}
	return known && (!r.Warns || covered(r.CoveredBy, held, added))
}

// covered reports whether something held besides the addition already raised a prompt that says as much.
func covered(by []string, held *inventory.Access, added inventory.Untrusted) bool {
	for _, name := range by {
		other := inventory.Untrusted(name)
		switch {
		case other == added:
		case other == access.AllURLs:
			if slices.ContainsFunc(held.Hosts, func(host inventory.Untrusted) bool {
				reach, _ := hostTable.reachOf(host)
				return reach == reachAll && host != added
			}) {
				return true
			}
		case slices.Contains(held.Permissions, other), slices.ContainsFunc(held.Surfaces, func(surface inventory.Untrusted) bool {
			name, _, _ := strings.Cut(string(surface), " ")
			return name == string(other)
		}):
			return true
		}
	}
	return false
}
