package chromium

import (
	"slices"

	"guestlist/providers/internal/csp"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// accessOf says what an extension may do: what runs now, else what was accepted, else what the manifest asks for. M may be nil.
//
// While an update waits for consent to more, the settings' active permissions are already those of the update (seen in Chromium
// 156), though the extension is off and nobody agreed: then what was accepted counts, and the rest is requested.
func (e *entry) accessOf(m *manifest) inventory.Access {
	held, basis := e.active, inventory.BasisActive
	waits := e.hasReason(reasonMorePermission) && e.granted != nil
	if held == nil || waits {
		held, basis = e.granted, inventory.BasisGranted
	}
	if held == nil {
		return m.access()
	}
	result := inventory.Access{
		Permissions: untrusted(held.api),
		Hosts:       untrusted(held.explicit, held.scriptable),
		Basis:       basis,
	}
	if e.withheld != nil {
		result.HostsWithheld = inventory.AnswerOf(e.withheld)
	}
	m.addTo(&result)
	for _, name := range held.manifest {
		result.Surfaces = append(result.Surfaces, inventory.Untrusted(name))
	}
	if waits {
		result.Requested = e.requested(m, result)
	}
	return result
}

// requested returns what the extension asks for beyond what it was given.
func (e *entry) requested(m *manifest, given inventory.Access) []inventory.Untrusted {
	var apis, hosts []inventory.Untrusted
	if e.active != nil {
		apis, hosts = untrusted(e.active.api), untrusted(e.active.explicit, e.active.scriptable)
	}
	if m != nil {
		apis = append(apis, untrusted(m.apis())...)
		hosts = append(hosts, untrusted(m.hosts(), m.contentMatches)...)
	}
	return append(without(apis, given.Permissions), access.ExcessHosts(hosts, given.Hosts)...)
}

// access is what the manifest asks for, where nothing better is known. M may be nil.
func (m *manifest) access() inventory.Access {
	result := inventory.Access{Basis: inventory.BasisManifest}
	if m == nil {
		result.Basis = ""
		return result
	}
	result.Permissions = untrusted(m.apis())
	result.Hosts = untrusted(m.hosts(), m.contentMatches)
	m.addTo(&result)
	return result
}

// addTo adds what only the manifest tells: what may be asked for later, and the features that are no permission.
func (m *manifest) addTo(result *inventory.Access) {
	if m == nil {
		return
	}
	result.Optional = without(untrusted(m.optionalAPIs()), result.Permissions)
	result.OptionalHosts = access.ExcessHosts(untrusted(m.optionalHostPatterns()), result.Hosts)
	result.Surfaces = m.surfaces()
}

// surfaces lists the features that give reach without being a permission, by manifest key.
func (m *manifest) surfaces() []inventory.Untrusted {
	var found []inventory.Untrusted
	add := func(text string) { found = append(found, inventory.Untrusted(text)) }
	if m.devtoolsPage != "" {
		add("devtools_page")
	}
	if m.inputComponents {
		add("input_components")
	}
	for _, name := range m.urlOverrides {
		add("chrome_url_overrides." + name)
	}
	for _, name := range m.settingsOverrides {
		add("chrome_settings_overrides." + name)
	}
	for _, match := range m.connectable {
		add("externally_connectable " + match)
	}
	for _, policy := range m.policies {
		for _, source := range csp.WeakSources(policy) {
			add("content_security_policy " + source)
		}
	}
	return found
}

// untrusted joins lists of foreign text.
func untrusted(lists ...[]string) []inventory.Untrusted {
	total := 0
	for _, list := range lists {
		total += len(list)
	}
	if total == 0 {
		return nil
	}
	joined := make([]inventory.Untrusted, 0, total)
	for _, list := range lists {
		for _, text := range list {
			joined = append(joined, inventory.Untrusted(text))
		}
	}
	return joined
}

// without returns those of list that are not in other.
func without(list, other []inventory.Untrusted) []inventory.Untrusted {
	return slices.DeleteFunc(slices.Clone(list), func(text inventory.Untrusted) bool { return slices.Contains(other, text) })
}
