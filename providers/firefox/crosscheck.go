package firefox

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// The lists of a profile can be written by any program of the user. The checks here compare them with each other and with the
// files that the browser runs.

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
		item.Mark(inventory.MarkIdentity, inventory.MarkStateMismatch, inventory.Untrusted(fmt.Sprintf(format, args...)))
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
	if known && state.Version != "" && a.version != "" && state.Version != a.version {
		item.Mark(inventory.MarkIdentity, inventory.MarkVersionMismatch,
			inventory.Untrusted(fmt.Sprintf("%s says %q, %s %q", extensionsFile, a.version, startupFile, state.Version)))
	}
}

// checkPath compares where an add-on says it lies with what its place of installation and its ID allow.
func checkPath(a *addon, item *inventory.Item) {
	mismatch := func(what string) {
		item.Mark(inventory.MarkIdentity, inventory.MarkPathMismatch, inventory.Untrusted(what))
	}
	if a.claimsBuiltin() {
		mismatch(fmt.Sprintf("it claims to be part of the browser (%s), and lies at %s", a.location, a.path))
	}
	if a.path == "" {
		return
	}
	if at, ok := pathOfURI(a.rootURI); ok && strings.TrimSuffix(localprofile.Slashes(a.path), "/") != at {
		mismatch("path and rootURI lead to different places: " + a.path + ", " + at)
	}
	if a.location != inProfile {
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

// onDisk reads the manifest, or says in the item and the details why there is none.
func (s *scan) onDisk(a *addon, item *inventory.Item) *manifest {
	if a.isBuiltin() {
		return nil // its files are in the browser's own archive
	}
	dir, name, err := s.files(a)
	if err != nil {
		s.unchecked(a, item, err)
		return nil
	}
	if dir != s.own {
		defer dir.Close()
	}
	return s.manifest(a, dir, name, item)
}

// unchecked says why an add-on's files were not compared. What is missing in the profile itself is a claim without a file; elsewhere
// it may be on another machine or disk.
func (s *scan) unchecked(a *addon, item *inventory.Item, err error) {
	if isMissing(err) && a.location == inProfile {
		item.Mark(inventory.MarkIdentity, inventory.MarkManifestMissing, inventory.Untrusted("there is nothing at "+a.path))
		return
	}
	reason, _ := wording.Describe(err)
	item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk, reason)
	if !isMissing(err) {
		s.details.Add("%s: %s: %s", a.id, inventory.Untrusted(a.path), reason)
	}
}

// checkManifest compares what the list says with the manifest that runs.
func (a *addon) checkManifest(item *inventory.Item, m *manifest, later permissions) {
	if m == nil {
		return
	}
	if m.id != "" && m.id != a.id {
		item.Mark(inventory.MarkIdentity, inventory.MarkIDMismatch, inventory.Untrusted(fmt.Sprintf("its manifest names %q", m.id)))
	}
	if m.version != "" && a.version != "" && m.version != a.version {
		item.Mark(inventory.MarkIdentity, inventory.MarkVersionMismatch,
			inventory.Untrusted(fmt.Sprintf("the profile says %q, the manifest %q", a.version, m.version)))
	}
	if excess := m.unasked(a.granted, later); len(excess) > 0 {
		item.Mark(inventory.MarkIdentity, inventory.MarkAccessMismatch,
			"runs with more than its manifest asks for: "+localprofile.JoinSome(excess))
	}
}

// unasked returns what was granted though the manifest does not ask for it, not even as optional.
func (m *manifest) unasked(granted *permissions, later permissions) []inventory.Untrusted {
	names, hosts := withoutInternal(later.Permissions), later.Origins
	if granted != nil {
		names = append(names, withoutInternal(granted.Permissions)...)
		hosts = append(slices.Clone(hosts), granted.Origins...)
	}
	asked := slices.Concat(untrusted(m.asked), untrusted(m.optional))
	if m.devtoolsPage != "" {
		asked = append(asked, "devtools") // the browser adds it
	}
	excess := without(names, asked)
	allowed := access.NewSet(untrusted(slices.Concat(m.askedHosts, m.optionalHosts, m.contentMatches)))
	return append(excess, allowed.Excess(untrusted(hosts))...)
}
