package enforce

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/allowlist/version"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Sort is the kind of a difference between a policy and the allowlist.
type Sort string

const (
	NotApproved  Sort = "not-approved"  // the policy permits what the allowlist does not
	NotPermitted Sort = "not-permitted" // the allowlist approves what the policy refuses
	Wider        Sort = "wider"         // the policy lets it do more than is approved
	Narrower     Sort = "narrower"      // the policy lets it do less than is approved
	NotInstalled Sort = "not-installed" // required, and not installed by the policy
	Installed    Sort = "installed"     // installed by the policy, and not required
	OpenDefault  Sort = "open-default"  // the policy permits what it does not name
)

// sorts in the order in which differences are reported: what is too much comes first.
var sorts = []Sort{OpenDefault, NotApproved, Wider, NotInstalled, NotPermitted, Narrower, Installed}

// Difference is one difference between a policy and the allowlist.
type Difference struct {
	Sort Sort                `json:"sort"`
	ID   inventory.Untrusted `json:"id,omitzero"`
	Name inventory.Untrusted `json:"name,omitzero"` // as the allowlist has it
	// Text says what differs, without a full stop.
	Text inventory.Untrusted `json:"text"`
}

// Compare reports the differences between the policy that the allowlist asks for and one that is in
// force, both ways. What no policy can express is no difference: see [Wanted].
func Compare(list *allowlist.List, target *Target, options Options, inForce *Policy) []Difference {
	wanted, _ := Wanted(list, target, options)
	c := &comparison{list: list, target: target, wanted: wanted, inForce: inForce, unit: options.OrgUnit}
	if target.IsBrowser() && inForce.Default.Mode.Permits() {
		c.add(OpenDefault, "", "it permits every extension that it does not name, and the allowlist none")
	}
	ids := maps.Clone(inForce.Rules)
	maps.Copy(ids, wanted.Rules)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		c.app(id)
	}
	slices.SortStableFunc(c.found, func(a, b Difference) int {
		return cmp.Compare(slices.Index(sorts, a.Sort), slices.Index(sorts, b.Sort))
	})
	return c.found
}

type comparison struct {
	list            *allowlist.List
	target          *Target
	wanted, inForce *Policy
	unit            inventory.Untrusted
	found           []Difference
}

func (c *comparison) add(sort Sort, id inventory.Untrusted, format string, args ...any) {
	c.found = append(c.found, Difference{Sort: sort, ID: id, Name: NameOf(c.list, idOf(id)),
		Text: inventory.Textf(format, args...)})
}

func (c *comparison) app(id inventory.Untrusted) {
	want, have := c.wantedFor(id), c.inForce.Rule(id)
	if want.Mode.Installs() && !have.Mode.Installs() && c.installsOneOf(want.alternatives) {
		return
	}
	switch {
	case !have.Mode.Permits() && !want.Mode.Permits():
		return
	case !want.Mode.Permits():
		c.add(NotApproved, id, "the policy says %s, and the allowlist does not approve it", modeWords(have.Mode))
		return
	case !have.Mode.Permits():
		c.add(NotPermitted, id, "the allowlist approves it, and the policy says %s", modeWords(have.Mode))
		return
	}
	c.installs(id, &want, &have)
	c.modes(id, want.Mode, have.Mode)
	c.permissions(id, &want, &have)
	c.hosts(id, &want, &have)
	c.versions(id, &want, &have)
}

// wantedFor returns what the allowlist asks for about an app, which a policy may name once more for
// an organizational unit.
func (c *comparison) wantedFor(key inventory.Untrusted) Rule {
	if _, named := c.wanted.Rules[key]; named {
		return c.wanted.Rules[key]
	}
	return c.wanted.Rule(unitKey(idOf(key), c.unit))
}

func modeWords(mode Mode) inventory.Untrusted {
	return inventory.Untrusted(strings.ReplaceAll(string(mode), "_", " "))
}

func (c *comparison) installs(id inventory.Untrusted, want, have *Rule) {
	switch {
	case want.Mode.Installs() && !have.Mode.Installs():
		c.add(NotInstalled, id, "the allowlist requires it, and the policy says %s", modeWords(have.Mode))
	case !want.Mode.Installs() && have.Mode.Installs():
		c.add(Installed, id, "the policy says %s, and the allowlist does not require it", modeWords(have.Mode))
	case want.Mode.Installs() && want.Mode != have.Mode:
		c.add(Installed, id, "the policy says %s, in place of %s", modeWords(have.Mode), modeWords(want.Mode))
	}
}

// installsOneOf reports whether the policy in force installs one of several apps.
func (c *comparison) installsOneOf(ids []inventory.Untrusted) bool {
	return slices.ContainsFunc(ids, func(id inventory.Untrusted) bool {
		rule := c.inForce.Rule(id)
		return rule.Mode.Installs()
	})
}

// modes compares what Google has for an app.
func (c *comparison) modes(id inventory.Untrusted, want, have Mode) {
	reach := []Mode{Limited, Specific, Trusted}
	w, h := slices.Index(reach, want), slices.Index(reach, have)
	switch {
	case w < 0 || h < 0 || w == h:
	case h == 1:
		// The allowlist pins scopes, and so does the console: no file says which.
	case h > w:
		c.add(Wider, id, "the policy says %s, in place of %s", modeWords(have), modeWords(want))
	default:
		c.add(Narrower, id, "the policy says %s, in place of %s", modeWords(have), modeWords(want))
	}
}

func (c *comparison) permissions(id inventory.Untrusted, want, have *Rule) {
	more := access.Without(want.BlockedPermissions, have.BlockedPermissions)
	switch {
	case len(more) > 0 && len(have.BlockedPermissions) == 0:
		c.add(Wider, id, "it may use any permission, and its approval names those that it may")
	case len(more) > 0:
		c.add(Wider, id, "it may use %s, beyond its approval", few(more))
	}
	blockable := c.blockable()
	less := slices.DeleteFunc(access.Without(have.BlockedPermissions, want.BlockedPermissions),
		func(name inventory.Untrusted) bool { return !slices.Contains(blockable, name) })
	if len(less) > 0 {
		c.add(Narrower, id, "it may not use %s, which its approval allows", few(less))
	}
}

func (c *comparison) blockable() []inventory.Untrusted {
	if c.target.family == nil {
		return nil
	}
	return c.target.family.blockable()
}

// hosts compares which sites are left to an app.
func (c *comparison) hosts(id inventory.Untrusted, want, have *Rule) {
	switch {
	case !want.limitsHosts() && !have.limitsHosts():
		if len(have.BlockedHosts) > 0 {
			c.add(Narrower, id, "it may not reach %s, which its approval allows", few(have.BlockedHosts))
		}
	case !have.limitsHosts():
		c.add(Wider, id, "it may reach every site, and its approval allows %s", few(want.AllowedHosts))
	case !want.limitsHosts():
		c.add(Narrower, id, "it may reach %s alone, and its approval allows every site", few(have.AllowedHosts))
	default:
		if more := beyond(have.AllowedHosts, want.AllowedHosts); len(more) > 0 {
			c.add(Wider, id, "it may reach %s, beyond its approval", few(more))
		}
		if less := beyond(want.AllowedHosts, have.AllowedHosts); len(less) > 0 {
			c.add(Narrower, id, "it may not reach %s, which its approval allows", few(less))
		}
	}
}

// beyond returns the sites that others do not cover.
func beyond(sites, others []inventory.Untrusted) []inventory.Untrusted {
	covering := access.NewSet(withPaths(others))
	return slices.DeleteFunc(slices.Clone(sites), func(site inventory.Untrusted) bool {
		return covering.Covers(withPaths([]inventory.Untrusted{site})[0])
	})
}

func (c *comparison) versions(id inventory.Untrusted, want, have *Rule) {
	switch order := version.Compare(string(cmp.Or(have.MinimumVersion, "0")), string(cmp.Or(want.MinimumVersion, "0"))); {
	case order < 0:
		c.add(Wider, id, "it may run in versions before %s, beyond its approval", want.MinimumVersion)
	case order > 0:
		c.add(Narrower, id, "it may not run in versions before %s, which its approval allows", have.MinimumVersion)
	}
}

// few names the first of a list, and counts the others.
func few(list []inventory.Untrusted) inventory.Untrusted {
	const most = 5
	switch {
	case len(list) == 0:
		return "none"
	case len(list) > most:
		return inventory.Textf("%s and %d more", joinedWith(list[:most], ", "), len(list)-most)
	}
	return inventory.Untrusted(joined(list))
}

func joinedWith(list []inventory.Untrusted, separator string) inventory.Untrusted {
	words := make([]string, len(list))
	for n, text := range list {
		words[n] = text.String()
	}
	return inventory.Untrusted(strings.Join(words, separator))
}
