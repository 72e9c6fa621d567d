package chromium

import (
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// accessOf says what an extension may do: what runs now or else what was accepted, and always what
// its manifests require. Whatever the settings say, the browser grants all of that when it loads an
// extension (PermissionsUpdater::InitializePermissions). If the settings' copy of the manifest and
// the file on disk differ, which of them is read depends on the browser's language, so both count.
// The manifests may be nil.
//
// While an update waits for consent to more, the settings' active permissions are already those of
// the update (observed in Chromium 156), although the extension is off and no one has agreed: then
// what was accepted counts, and the rest is requested. lastRun is the version of the browser.
func (e *entry) accessOf(lastRun string, manifests ...*manifest) inventory.Access {
	manifests = slices.DeleteFunc(slices.Clone(manifests), func(m *manifest) bool { return m == nil })
	held, basis := e.active, inventory.BasisActive
	waits := e.waitsForConsent(lastRun) && e.granted != nil
	if held == nil || waits {
		held, basis = e.granted, inventory.BasisGranted
	}
	var result inventory.Access
	switch {
	case held != nil:
		result.Permissions, result.Hosts = inventory.All(held.api), inventory.All(held.explicit, held.scriptable)
		result.Basis = basis
	case len(manifests) > 0:
		result.Basis = inventory.BasisManifest
	}
	for _, m := range manifests {
		if held == nil {
			result.Permissions = append(result.Permissions, inventory.All(m.apis())...)
			result.Hosts = append(result.Hosts, inventory.All(m.hosts(), m.contentMatches)...)
		} else if !waits {
			apis, hosts := e.required(m)
			result.Permissions = append(result.Permissions, access.Without(apis, result.Permissions)...)
			result.Hosts = append(result.Hosts, access.ExcessHosts(hosts, result.Hosts)...)
		}
	}
	e.addPending(&result, lastRun)
	for _, m := range manifests {
		m.addTo(&result)
	}
	if held != nil {
		for _, name := range held.manifest {
			result.Surfaces = append(result.Surfaces, inventory.Untrusted(name))
		}
		result.HostsWithheld = e.hostsWithheld(result.Hosts)
	}
	if waits {
		result.Requested = append(result.Requested, e.requested(manifests, result)...)
	}
	return result
}

// addPending adds what a pending update requires, one that waits for the extension to be idle. The
// browser installs it at its next start, without asking anyone unless it has already recorded that
// it must (observed in Chromium 156).
func (e *entry) addPending(result *inventory.Access, lastRun string) {
	for _, waiting := range e.pending.manifests() {
		apis, hosts := e.required(waiting)
		apis, hosts = access.Without(apis, result.Permissions), access.ExcessHosts(hosts, result.Hosts)
		if e.pending.waitsForConsent(lastRun) {
			result.Requested = slices.Concat(result.Requested, apis, hosts)
			continue
		}
		result.Permissions, result.Hosts = append(result.Permissions, apis...), append(result.Hosts, hosts...)
		waiting.addTo(result)
	}
}

// hostsWithheld says whether access to the hosts waits for a click on each site. It cannot be
// withheld from extensions installed by policy or from the browser's own components
// (util::CanWithholdPermissionsFromExtension), and a person may have granted the hosts again.
func (e *entry) hostsWithheld(hosts []inventory.Untrusted) inventory.Answer {
	switch {
	case e.withheld == nil:
		return ""
	case !*e.withheld, e.at() == atPolicy, e.at() == atPolicyDownload, e.claimsComponent():
		return inventory.No
	}
	if e.runtime != nil && len(hosts) > 0 {
		given := inventory.All(e.runtime.explicit, e.runtime.scriptable)
		if len(access.ExcessHosts(hosts, given)) == 0 || slices.ContainsFunc(given, isAllHosts) {
			return inventory.No
		}
	}
	return inventory.Yes
}

func isAllHosts(host inventory.Untrusted) bool {
	pattern, err := access.Parse(host)
	return err == nil && pattern.IsAllHosts()
}

// required returns what the browser grants an extension for its manifest without asking again.
func (e *entry) required(m *manifest) (apis, hosts []inventory.Untrusted) {
	if m.isTheme {
		return nil, nil // a theme's other keys are ignored
	}
	for _, name := range m.apis() {
		if name = runsAs(name); isGiven(e.browser, e.at(), m, name) {
			apis = append(apis, inventory.Untrusted(name))
		}
	}
	for _, host := range inventory.All(m.hosts(), m.contentMatches) {
		if !strings.HasPrefix(string(host), "file:") || isTrue(e.fileAccess) {
			hosts = append(hosts, host)
		}
	}
	return apis, hosts
}

// checkRequired notes what the manifest on disk requires and the settings do not list as running.
func checkRequired(e *entry, item *inventory.Item, onDisk *manifest, lastRun string) {
	if onDisk == nil || e.active == nil || e.waitsForConsent(lastRun) {
		return
	}
	apis, hosts := e.required(onDisk)
	missing := access.Without(apis, inventory.All(e.active.api))
	missing = append(missing, access.ExcessHosts(hosts, inventory.All(e.active.explicit, e.active.scriptable))...)
	if len(missing) > 0 {
		item.Mark(inventory.MarkNote, inventory.MarkAccessMismatch,
			"required by the manifest on disk, but not in the profile's list of what runs: "+localprofile.JoinSome(missing))
	}
}

// requested returns what the extension asks for beyond what it was granted.
func (e *entry) requested(manifests []*manifest, given inventory.Access) []inventory.Untrusted {
	var apis, hosts []inventory.Untrusted
	if e.active != nil {
		apis, hosts = inventory.All(e.active.api), inventory.All(e.active.explicit, e.active.scriptable)
	}
	for _, m := range manifests {
		apis = append(apis, inventory.All(m.apis())...)
		hosts = append(hosts, inventory.All(m.hosts(), m.contentMatches)...)
	}
	return append(access.Without(apis, given.Permissions), access.ExcessHosts(hosts, given.Hosts)...)
}

// access is what the manifest asks for, when nothing else is known.
func (m *manifest) access() inventory.Access { return (&entry{}).accessOf("", m) }

// addTo adds what only the manifest says: what may be asked for later, and features that are not
// permissions.
func (m *manifest) addTo(result *inventory.Access) {
	result.Optional = append(result.Optional, access.Without(inventory.All(m.optionalAPIs()), result.Permissions)...)
	result.OptionalHosts = append(result.OptionalHosts,
		access.ExcessHosts(inventory.All(m.optionalHostPatterns()), result.Hosts)...)
	result.Surfaces = append(result.Surfaces, m.surfaces()...)
}

// surfaces lists, by manifest key, the features that give access without being a permission.
func (m *manifest) surfaces() []inventory.Untrusted {
	var found []inventory.Untrusted
	add := func(text string) { found = append(found, inventory.Untrusted(text)) }
	if m.devtoolsPage != "" {
		add("devtools_page")
	}
	if m.inputComponents {
		add("input_components")
	}
	for _, name := range m.devices {
		add(name)
	}
	for _, handled := range m.handled {
		types := []string{handled}
		if handled == "" && len(m.mimeTypes) > 0 {
			types = m.mimeTypes
		}
		for _, mime := range types {
			add(strings.TrimSpace("mime_types_handler " + strings.ToLower(mime)))
		}
	}
	return append(found, m.Names()...)
}
