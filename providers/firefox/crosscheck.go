package firefox

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Any program that the user runs can write a profile's lists. The checks here compare them with
// each other and with the files that the browser runs.

func (f addonFault) String() string {
	if f.id == "" {
		return f.what
	}
	return f.id + ": " + f.what
}

// checkStartup compares the list with what the browser starts from.
func (s *scan) checkStartup(a *addon, item *inventory.Item) {
	if s.startup == nil || a.active == nil || isFalse(a.visible) {
		return
	}
	state, known := s.startup[startupKey{a.location, a.id}]
	mismatch := func(format string, args ...any) {
		item.Mark(inventory.MarkIdentity, inventory.MarkStateMismatch, inventory.Textf(format, args...))
	}
	switch {
	case !known && *a.active && a.location == inProfile:
		mismatch("%s calls it active, %s does not name it", extensionsFile, startupFile)
	case !known || state.Enabled == nil:
	case *state.Enabled && !*a.active:
		mismatch("%s starts it, %s calls it off", startupFile, extensionsFile)
	case !*state.Enabled && *a.active:
		mismatch("%s does not start it, %s calls it active", startupFile, extensionsFile)
	}
}

// checkStartedVersion compares the version in the list with that in what the browser starts from.
// What lags behind an update whose package is the only one there is, is no lie.
func (s *scan) checkStartedVersion(a *addon, item *inventory.Item, packages []*manifest) {
	if a.active == nil || isFalse(a.visible) {
		return
	}
	state := s.startup[startupKey{a.location, a.id}]
	isSame := state.Version == "" || a.version == "" || state.Version == a.version
	isUpdated := len(packages) == 1 && packages[0].version == a.version
	if isSame || isUpdated && state.lagsBehind(a) {
		return
	}
	item.Mark(inventory.MarkIdentity, inventory.MarkVersionMismatch,
		inventory.Textf("%s says %q, %s %q", extensionsFile, a.version, startupFile, state.Version))
}

// checkPath compares where an add-on claims to be with what its place of installation and its ID
// allow.
func (s *scan) checkPath(a *addon, item *inventory.Item) {
	mismatch := func(what string) {
		item.Mark(inventory.MarkIdentity, inventory.MarkPathMismatch, inventory.Untrusted(what))
	}
	switch s.standing(a) {
	case pretending:
		lies := a.path
		for _, other := range []string{a.rootURI, "no known place"} {
			if lies == "" {
				lies = other
			}
		}
		mismatch(fmt.Sprintf("it claims to be part of the browser (%s), but is at %s", a.location, lies))
	case unconfirmed:
		item.Mark(inventory.MarkNote, inventory.MarkPathMismatch,
			inventory.Untrusted("where the browser keeps add-ons of its own, but not known as one: "+a.path))
	}
	if a.path == "" {
		return
	}
	if at, ok := pathOfURI(a.rootURI); ok && strings.TrimSuffix(localprofile.Slashes(a.path), "/") != at {
		mismatch("path and rootURI lead to different places: " + a.path + ", " + at)
	}
	if a.location != inProfile || s.isLinked(a) {
		return
	}
	parts := strings.Split(localprofile.Slashes(a.path), "/")
	switch last := parts[len(parts)-1]; {
	case len(parts) < 2 || parts[len(parts)-2] != extensionsFolder:
		mismatch("installed in the profile, but its path is elsewhere: " + a.path)
	case last != a.id && last != a.id+".xpi":
		mismatch("its file is named for another add-on: " + last)
	}
}

// checkManifest compares what the list says with the manifest that runs.
func (a *addon) checkManifest(item *inventory.Item, m *manifest) {
	if m.id != "" && m.id != a.id {
		item.Mark(inventory.MarkIdentity, inventory.MarkIDMismatch,
			inventory.Textf("its manifest names %q", m.id))
	}
	if m.version != "" && a.version != "" && m.version != a.version {
		item.Mark(inventory.MarkIdentity, inventory.MarkVersionMismatch,
			inventory.Textf("the profile says %q, the manifest %q", a.version, m.version))
	}
	if claimed, runs := kindOf(a.kind), m.kind(); claimed != inventory.KindExtension && claimed != runs {
		item.Mark(inventory.MarkIdentity, inventory.MarkAccessMismatch,
			inventory.Textf("%s calls it %s, its manifest makes it %s", extensionsFile, claimed, runs))
	}
}

// checkAccess compares what the lists say that an add-on may do with what its manifests ask for.
func (s *scan) checkAccess(a *addon, item *inventory.Item, packages []*manifest) {
	if len(packages) == 0 || item.Kind != inventory.KindExtension || packages[0].isLegacy {
		return
	}
	var required, unknown []string
	var sites, optional []string
	may := s.rightsOf(a)
	var requiredSites []string // that cannot be withheld
	for _, m := range packages {
		names, others := m.required(may)
		required, unknown = append(required, names...), append(unknown, others...)
		optional = slices.Concat(optional, m.asked, m.optional)
		sites = slices.Concat(sites, m.askedHosts, m.contentMatches, m.optionalHosts)
		if !m.hasOriginControls() {
			requiredSites = append(requiredSites, m.requiredHosts(may.isPrivileged)...)
		}
	}
	if excess := s.unasked(a, slices.Concat(required, optional), sites); len(excess) > 0 {
		item.Mark(inventory.MarkIdentity, inventory.MarkAccessMismatch,
			"runs with more than its manifest asks for: "+localprofile.JoinSome(excess))
	}
	if missing := understated(a, required, requiredSites); len(missing) > 0 {
		item.Mark(inventory.MarkIdentity, inventory.MarkAccessMismatch,
			extensionsFile+" lists less than its manifest asks for: "+localprofile.JoinSome(missing))
	}
	if a.granted != nil {
		unknown = slices.DeleteFunc(unknown, func(name string) bool { return slices.Contains(a.granted.Permissions, name) })
	}
	addListFact(item, "unknown_permissions", unknown)
}

// unasked returns what was granted although no manifest asks for it, not even as optional.
func (s *scan) unasked(a *addon, names, sites []string) []inventory.Untrusted {
	later := s.grants[a.id]
	held, heldSites := ofAPIs(later.Permissions), later.ofHosts()
	if a.granted != nil {
		held, heldSites = slices.Concat(held, ofAPIs(a.granted.Permissions)), slices.Concat(heldSites, a.granted.ofHosts())
	}
	excess := without(held, inventory.All(names))
	return append(excess, access.NewSet(withoutPaths(sites)).Excess(withoutPaths(heldSites))...)
}

// understated returns what the manifests require but extensions.json does not list, although the
// browser copies it from them.
func understated(a *addon, names, sites []string) []inventory.Untrusted {
	if a.granted == nil {
		return nil
	}
	missing := without(names, inventory.All(a.granted.Permissions))
	return append(missing, access.NewSet(withoutPaths(a.granted.ofHosts())).Excess(withoutPaths(sites))...)
}

// withoutPaths spells host patterns the way the browser compares them: it grants whole sites
// ("ignorePath").
func withoutPaths(patterns []string) []inventory.Untrusted {
	spelled := make([]inventory.Untrusted, len(patterns))
	for n, pattern := range patterns {
		scheme, rest, isURL := strings.Cut(pattern, "://")
		if host, _, _ := strings.Cut(rest, "/"); isURL {
			pattern = scheme + "://" + host + "/*"
		}
		spelled[n] = inventory.Untrusted(pattern)
	}
	return spelled
}
