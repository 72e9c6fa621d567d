package allowlist

import (
	"cmp"
	"slices"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Drift is one way in which an approved item exceeds its approval.
type Drift struct {
	Aspect Aspect
	// Permissions (API permissions, scopes and surfaces) and Hosts are what it holds beyond the
	// pins; for AspectPermissions.
	Permissions []inventory.Untrusted
	Hosts       []inventory.Untrusted
	// Before is what was approved and After what was found, for the other aspects; "unknown" if it
	// could not be read.
	Before, After inventory.Untrusted
}

// Aspect is the property of an item that drifted.
type Aspect string

const (
	AspectPermissions  Aspect = "permissions"
	AspectAccess       Aspect = "access" // unreadable, where permissions or hosts are pinned
	AspectPublisher    Aspect = "publisher"
	AspectVersion      Aspect = "version"
	AspectOrigin       Aspect = "origin"
	AspectRepositories Aspect = "repositories"
)

const unknown inventory.Untrusted = "unknown"

// drifts compares an item with the entry's pins.
func (e *Entry) drifts(item *inventory.Item) []Drift {
	var drifts []Drift
	var excess Drift
	if e.permissions != nil {
		excess.Permissions = e.permissions.Excess(item.Access.Permissions)
		if len(item.Access.Surfaces) > 0 {
			excess.Permissions = append(excess.Permissions, e.permissions.Excess(item.Access.Surfaces)...)
		}
	}
	if e.hosts != nil {
		excess.Hosts = e.hosts.Excess(item.Access.Hosts)
	}
	if len(excess.Permissions) > 0 || len(excess.Hosts) > 0 {
		excess.Aspect = AspectPermissions
		drifts = append(drifts, excess)
	}
	if (e.permissions != nil || e.hosts != nil) && mayDoUnknown(item) {
		approved := cmp.Or(joined(slices.Concat(e.Permissions, e.Hosts)), "nothing")
		drifts = append(drifts, drift(AspectAccess, approved, unknown))
	}
	if e.Publishers != nil && !slices.Contains(e.Publishers, item.App.Publisher) {
		drifts = append(drifts, drift(AspectPublisher, joined(e.Publishers), item.App.Publisher))
	}
	if !e.Versions.Contains(item.Version) {
		drifts = append(drifts, drift(AspectVersion, e.Versions.String(), item.Version))
	}
	if e.Origins != nil && !slices.Contains(e.Origins, item.Origin) {
		drifts = append(drifts, drift(AspectOrigin, joined(e.Origins), inventory.Untrusted(item.Origin)))
	}
	if e.Repositories != "" && e.reachesBeyond(item.Access.Repositories) {
		drifts = append(drifts, drift(AspectRepositories, e.Repositories.String(), item.Access.Repositories))
	}
	return drifts
}

// mayDoUnknown reports whether what an item may do could not be read. Kinds without an access of
// their own are never unknown.
func mayDoUnknown(item *inventory.Item) bool {
	switch item.Kind {
	case inventory.KindExtension, inventory.KindBrowserApp, inventory.KindOAuthGrant, inventory.KindInstallation,
		inventory.KindCredential, inventory.KindAccessToken, inventory.KindTokenRequest, inventory.KindWebhook:
		return item.Access.IsUnknown()
	}
	return false
}

func drift(aspect Aspect, before string, after inventory.Untrusted) Drift {
	if after == "" {
		after = unknown
	}
	return Drift{Aspect: aspect, Before: inventory.Untrusted(before), After: after}
}

// reachesBeyond reports whether an item reaches more repositories than the entry pins. An empty
// reach does not apply to the item.
func (e *Entry) reachesBeyond(held inventory.Untrusted) bool {
	return held == unknown && e.Repositories != "all" || access.RepositoriesWider(e.Repositories, held)
}

// weigh counts what an item holds beyond its approval, to find the closest approval.
func weigh(drifts []Drift) int {
	weight := 0
	for _, d := range drifts {
		weight += max(1, len(d.Permissions)+len(d.Hosts))
	}
	return weight
}

// Drifts compares an item with the entry's pins, whoever the entry is meant for.
func (e *Entry) Drifts(item *inventory.Item) []Drift { return e.drifts(item) }
