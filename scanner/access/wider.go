package access

import "guestlist/scanner/inventory"

// Change is the difference between what an item could do before and what it may do after. Gained is
// what was not covered before, by meaning: a pattern within one that was already held is not a
// gain.
type Change struct {
	GainedPermissions, LostPermissions []inventory.Untrusted
	GainedHosts, LostHosts             []inventory.Untrusted
	GainedSurfaces, LostSurfaces       []inventory.Untrusted
	// RepositoriesBefore and RepositoriesAfter are set when they differ; RepositoriesWider says the
	// later one reaches further. An "unknown" on one side is a difference, but never wider.
	RepositoriesBefore, RepositoriesAfter inventory.Untrusted
	RepositoriesWider                     bool
	// HostsReleased: host access needed a click on each site, and no longer does.
	HostsReleased bool
}

// Wider compares an item's access at two times. Both sides must have been read on the same basis:
// what a manifest asks for and what runs are different lists. What could not be read afterwards
// does not count as lost.
func Wider(before, after inventory.Access) Change {
	c := Change{
		GainedPermissions: ExcessPermissions(after.Permissions, before.Permissions),
		LostPermissions:   ExcessPermissions(before.Permissions, after.Permissions),
		GainedHosts:       ExcessHosts(after.Hosts, before.Hosts),
		LostHosts:         ExcessHosts(before.Hosts, after.Hosts),
		GainedSurfaces:    ExcessPermissions(after.Surfaces, before.Surfaces),
		LostSurfaces:      ExcessPermissions(before.Surfaces, after.Surfaces),
		HostsReleased: before.HostsWithheld == inventory.Yes && after.HostsWithheld == inventory.No &&
			len(after.Hosts) > 0,
	}
	if before.Repositories != after.Repositories {
		c.RepositoriesBefore, c.RepositoriesAfter = before.Repositories, after.Repositories
		c.RepositoriesWider = RepositoriesWider(before.Repositories, after.Repositories)
	}
	if after.IsUnknown() && before.Basis != "" {
		c.LostPermissions, c.LostHosts, c.LostSurfaces = nil, nil, nil
	}
	return c
}

// RepositoriesWider reports whether after reaches beyond before: "all" is beyond everything,
// "selected" beyond one named repository, and so is another name. An empty value does not apply,
// and "unknown" cannot be compared.
func RepositoriesWider(before, after inventory.Untrusted) bool {
	if before == after || before == "" || after == "" || before == "unknown" || after == "unknown" {
		return false
	}
	if rank(before) == rank(after) {
		return true // two different names
	}
	return rank(after) > rank(before)
}

func rank(repositories inventory.Untrusted) int {
	switch repositories {
	case "none":
		return 0
	case "selected":
		return 2
	case "all":
		return 3
	}
	return 1
}
