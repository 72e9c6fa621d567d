package firefox

import (
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// accessOf is what the add-on may do. The profile's lists are claims. What its manifest requires
// always counts, unless the browser withholds it (sites, since manifest version 3, until they are
// granted), and so does everything else that the lists say.
func (s *scan) accessOf(a *addon, packages []*manifest, kind inventory.Kind) inventory.Access {
	result := inventory.Access{Basis: inventory.BasisManifest}
	later := s.grants[a.id]
	if a.granted != nil {
		result.Basis = inventory.BasisGranted
		result.Permissions, result.Hosts = inventory.All(ofAPIs(a.granted.Permissions)), inventory.All(a.granted.ofHosts())
	}
	result.Permissions = append(result.Permissions, inventory.All(ofAPIs(later.Permissions))...)
	result.Hosts = append(result.Hosts, inventory.All(later.ofHosts())...)
	optional, optionalHosts := slices.Clone(a.optional.Permissions), slices.Clone(a.optional.Origins)
	requested, requestedHosts := slices.Clone(a.requested.Permissions), slices.Clone(a.requested.Origins)
	for _, m := range packages {
		if kind != inventory.KindExtension {
			break // the browser grants nothing to themes, dictionaries and language packs
		}
		may := s.rightsOf(a)
		names, _ := m.required(may)
		sites := m.requiredHosts(may.isPrivileged)
		result.Permissions = append(result.Permissions, inventory.All(names)...)
		result.Surfaces = append(result.Surfaces, m.surfaces()...)
		if m.hasOriginControls() {
			requestedHosts = append(requestedHosts, sites...)
		} else {
			result.Hosts = append(result.Hosts, access.NewSet(result.Hosts).Excess(inventory.All(sites))...)
		}
		optional, optionalHosts = append(optional, m.optional...), append(optionalHosts, m.optionalHosts...)
	}
	held := access.NewSet(result.Hosts)
	result.Optional = without(optional, result.Permissions)
	result.OptionalHosts = held.Excess(inventory.All(optionalHosts))
	result.Requested = without(requested, result.Permissions)
	result.Requested = append(result.Requested, held.Excess(inventory.All(requestedHosts))...)
	return result
}

// surfaces are the manifest's features that give access without being a permission.
func (m *manifest) surfaces() []inventory.Untrusted {
	var found []inventory.Untrusted
	if m.devtoolsPage != "" {
		found = append(found, "devtools_page")
	}
	if m.hasExperiments {
		found = append(found, "experiment_apis")
	}
	if m.isLegacy {
		found = append(found, legacyFile)
	}
	if m.hasLegacyKey {
		found = append(found, "legacy")
	}
	return append(found, m.Names()...)
}

func (s *scan) addGrantFacts(a *addon, item *inventory.Item, packages []*manifest) {
	granted := s.grants[a.id]
	if s.grants != nil && item.Kind == inventory.KindExtension {
		allowed := slices.Contains(granted.Permissions, privateBrowsing)
		item.Facts["private_browsing"] = inventory.Untrusted(inventory.AnswerOf(&allowed))
	}
	data := slices.Clone(granted.Data)
	if a.granted != nil {
		data = append(data, a.granted.Data...)
	}
	optional := slices.Clone(a.optional.Data)
	for _, m := range packages {
		data, optional = append(data, m.data...), append(optional, m.dataOptional...)
	}
	addListFact(item, "data_collection", data)
	addListFact(item, "data_collection_optional", slices.DeleteFunc(optional, func(name string) bool {
		return slices.Contains(data, name)
	}))
}

func addListFact(item *inventory.Item, name string, list []string) {
	if len(list) > 0 {
		item.Facts[name] = localprofile.JoinSome(inventory.All(slices.Compact(slices.Sorted(slices.Values(list)))))
	}
}
