package enforce

import (
	"slices"

	"guestlist/allowlist/version"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Mode is what a policy does about an app.
type Mode string

const (
	Allowed Mode = "allowed" // people may install or use it
	Blocked Mode = "blocked"
	Removed Mode = "removed"          // blocked, and uninstalled where it is
	Forced  Mode = "force_installed"  // installed, and people cannot turn it off
	Normal  Mode = "normal_installed" // installed, and people can turn it off

	// Of Google's app access control: everything that the app asks for, the services that are not
	// restricted, named scopes. Unset is an app without a setting of its own.
	Trusted  Mode = "trusted"
	Limited  Mode = "limited"
	Specific Mode = "specific"
	Unset    Mode = "unconfigured"
)

// Permits reports whether people can have the app at all.
func (m Mode) Permits() bool { return m != Blocked && m != Removed && m != Unset }

// Installs reports whether the policy installs the app by itself.
func (m Mode) Installs() bool { return m == Forced || m == Normal }

// Rule is what a policy says of one app, or of all that it does not name.
type Rule struct {
	Mode       Mode
	InstallURL inventory.Untrusted // for the modes that install
	// BlockedPermissions are sorted. They stop an app that requires one of them.
	BlockedPermissions []inventory.Untrusted
	// BlockedHosts are taken from the app, unless they are in AllowedHosts. Patterns without a path.
	BlockedHosts, AllowedHosts []inventory.Untrusted
	MinimumVersion             inventory.Untrusted
	Message                    inventory.Untrusted // for people who are refused

	// alternatives are other IDs of the same required app: one of them is enough.
	alternatives []inventory.Untrusted
}

// Policy is a policy, whatever its form.
type Policy struct {
	Default Rule
	// Rules are those of apps that it names, by ID in the form in which IDs are compared.
	Rules map[inventory.Untrusted]Rule
	// Remarks are about parts that the browser or platform ignores, or that were not understood.
	Remarks []inventory.Untrusted
}

// Rule returns the rule that counts for an app.
func (p *Policy) Rule(id inventory.Untrusted) Rule {
	if rule, named := p.Rules[id]; named {
		return rule
	}
	return p.Default
}

// Permits reports whether the rule lets people run this version of an app that requires these
// permissions.
func (r *Rule) Permits(running inventory.Untrusted, permissions []inventory.Untrusted) bool {
	return r.Mode.Permits() &&
		(r.MinimumVersion == "" || version.Compare(string(running), string(r.MinimumVersion)) >= 0) &&
		!slices.ContainsFunc(permissions, func(name inventory.Untrusted) bool { return slices.Contains(r.BlockedPermissions, name) })
}

// Reaches reports whether the rule leaves an app the pages of a match pattern.
func (r *Rule) Reaches(pattern inventory.Untrusted) bool {
	return !meets(r.BlockedHosts, pattern) || access.NewSet(withPaths(r.AllowedHosts)).Covers(pattern)
}

// limitsHosts reports whether the rule leaves an app only the hosts that it names.
func (r *Rule) limitsHosts() bool {
	return access.NewSet(withPaths(r.BlockedHosts)).Covers("*://*/*")
}

// meets reports whether a pattern and one of a list have pages in common, as far as one of them
// covers the other.
func meets(list []inventory.Untrusted, pattern inventory.Untrusted) bool {
	return slices.ContainsFunc(withPaths(list), func(each inventory.Untrusted) bool {
		return access.Covers(each, pattern) || access.Covers(pattern, each)
	})
}

// withPaths makes match patterns of patterns without a path.
func withPaths(sites []inventory.Untrusted) []inventory.Untrusted {
	patterns := make([]inventory.Untrusted, len(sites))
	for n, site := range sites {
		if patterns[n] = site; site != access.AllURLs {
			patterns[n] += "/*"
		}
	}
	return patterns
}
