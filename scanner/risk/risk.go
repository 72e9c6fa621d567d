package risk

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Assessment is how much an item may do.
type Assessment struct {
	Level   inventory.Level `json:"level"`
	Reasons []Reason        `json:"reasons"`
}

// Reason is one part of the access and what it is worth. Why reads after "it can".
type Reason struct {
	Level   inventory.Level     `json:"level"`
	Subject inventory.Untrusted `json:"subject"`
	Why     inventory.Untrusted `json:"why"`
}

// Assess gives the highest tier of the item's access, and the reasons of low and above, most serious first.
func Assess(item *inventory.Item) Assessment {
	var reasons []Reason
	switch item.Kind {
	case inventory.KindTheme, inventory.KindDictionary, inventory.KindLanguagePack:
		return Assessment{Level: inventory.Info}
	case inventory.KindOAuthGrant:
		reasons = scopes(item)
	case inventory.KindAppPassword:
		reasons = []Reason{{inventory.High, "app password", "use mail, files and calendars without a second factor"}}
	default:
		if item.Source.Provider == inventory.GitHub {
			reasons = github(item)
		} else {
			reasons = browser(item)
		}
	}
	slices.SortStableFunc(reasons, func(a, b Reason) int {
		return cmp.Or(b.Level.Compare(a.Level), cmp.Compare(a.Subject, b.Subject))
	})
	level := inventory.Info
	if len(reasons) > 0 {
		level = reasons[0].Level
	}
	return Assessment{Level: level, Reasons: slices.DeleteFunc(reasons, func(r Reason) bool { return r.Level == inventory.Info })}
}

// Silent reports whether an update that adds this permission to an item with host access raises no prompt in the browser.
func Silent(item *inventory.Item, permission inventory.Untrusted) bool {
	if !isBrowser(item.Source.Provider) {
		return false
	}
	found := loaded().permissions.find(string(permission))
	return found != nil && found.Silent && slices.Contains(item.Access.Permissions, permission)
}

// SilentIncrease lists what the item may do beyond what it could before, without anybody having been asked.
func SilentIncrease(item *inventory.Item, before inventory.Access) []inventory.Untrusted {
	var silent []inventory.Untrusted
	for _, permission := range access.ExcessPermissions(item.Access.Permissions, before.Permissions) {
		if Silent(item, permission) {
			silent = append(silent, permission)
		}
	}
	return silent
}

func isBrowser(provider inventory.Provider) bool {
	return provider == inventory.Chromium || provider == inventory.Firefox || provider == inventory.ChromeManagement
}

const unknownWhy inventory.Untrusted = "do something that the table does not know"

// browser assesses an extension: its permissions, hosts and surfaces, what it may still ask for, and where it came from.
func browser(item *inventory.Item) []Reason {
	a := &item.Access
	reasons := hostReasons(a.Hosts, hostStep(a))
	for _, permission := range a.Permissions {
		reasons = append(reasons, permissionReason(permission, len(a.Hosts) > 0, 0))
	}
	for _, surface := range a.Surfaces {
		name, _, _ := strings.Cut(string(surface), " ")
		if found := loaded().surfaces.find(name); found != nil {
			reasons = append(reasons, Reason{found.Level, surface, found.Why})
		} else {
			reasons = append(reasons, Reason{inventory.Medium, surface, unknownWhy})
		}
	}
	reasons = append(reasons, optionalReasons(a)...)
	return append(reasons, modifiers(item, reasons)...)
}

// hostStep: access that waits for a click weighs one step less.
func hostStep(a *inventory.Access) int {
	if a.HostsWithheld == inventory.Yes {
		return -1
	}
	return 0
}

func hostReasons(hosts []inventory.Untrusted, step int) []Reason {
	var reasons []Reason
	for _, host := range hosts {
		level, why := hostLevel(host)
		reasons = append(reasons, Reason{level.Shift(step), host, why})
	}
	return reasons
}

func hostLevel(host inventory.Untrusted) (inventory.Level, inventory.Untrusted) {
	pattern, err := access.Parse(host)
	switch {
	case err != nil:
		return inventory.Low, "name a place that is no host pattern"
	case pattern.IsAllHosts():
		return inventory.Critical, "read and change every page"
	case strings.HasPrefix(string(host), "file:"):
		return inventory.Critical, "read files of this computer"
	case strings.HasPrefix(string(host), "chrome:"):
		return inventory.Low, "read icons of pages"
	}
	for _, jewel := range loaded().jewels.Hosts {
		if access.Covers(host, inventory.Untrusted("https://"+jewel+"/*")) {
			return inventory.High, loaded().jewels.Why
		}
	}
	return inventory.Medium, "read and change the pages of named sites"
}

// permissionReason: cookies and requests are as precious as the pages they belong to.
func permissionReason(permission inventory.Untrusted, hasHosts bool, step int) Reason {
	found := loaded().permissions.find(string(permission))
	if found == nil {
		return Reason{inventory.Medium, permission, unknownWhy}
	}
	level := found.Level
	if hasHosts && (permission == "cookies" || permission == "webRequest") {
		level = inventory.Critical
	}
	return Reason{level.Shift(step), permission, found.Why}
}

// optionalReasons: what may be asked for later weighs one step less.
func optionalReasons(a *inventory.Access) []Reason {
	reasons := hostReasons(a.OptionalHosts, -1)
	for _, permission := range a.Optional {
		reasons = append(reasons, permissionReason(permission, len(a.Hosts) > 0, -1))
	}
	for n := range reasons {
		reasons[n].Why = "later ask to " + reasons[n].Why
	}
	return reasons
}

// modifiers raise what is already medium or more by one step, for where it came from and what is known of it.
func modifiers(item *inventory.Item, reasons []Reason) []Reason {
	level := inventory.Info
	for _, reason := range reasons {
		level = inventory.MaxLevel(level, reason.Level)
	}
	if !level.AtLeast(inventory.Medium) {
		return nil
	}
	var raised []Reason
	raise := func(applies bool, subject, why inventory.Untrusted) {
		if applies {
			raised = append(raised, Reason{level.Shift(1), subject, why})
		}
	}
	raise(item.Origin == inventory.OriginUnpacked || item.Origin == inventory.OriginSideload, inventory.Untrusted(item.Origin),
		"change without the store looking at it")
	raise(item.HasMark(inventory.MarkDelisted), inventory.Untrusted(inventory.MarkDelisted), "stay although the store removed it")
	raise(item.HasMark(inventory.MarkUnsigned), inventory.Untrusted(inventory.MarkUnsigned), "be changed on disk unnoticed")
	raise(item.Source.Provider == inventory.Chromium && item.Facts["manifest_version"] == "2", "manifest version 2", "load code from elsewhere")
	return raised
}

// scopes assesses an OAuth grant.
func scopes(item *inventory.Item) []Reason {
	var reasons []Reason
	for _, scope := range item.Access.Permissions {
		if found := loaded().scopes.find(string(scope)); found != nil {
			reasons = append(reasons, Reason{found.Level, scope, found.Why})
		} else {
			reasons = append(reasons, Reason{inventory.Medium, scope, unknownWhy})
		}
	}
	return reasons
}

// github assesses apps, tokens, keys and hooks. Reach over all repositories weighs one step more.
func github(item *inventory.Item) []Reason {
	step := 0
	if item.Access.Repositories == "all" {
		step++
	}
	if item.HasMark(inventory.MarkFirstParty) {
		step--
	}
	var reasons []Reason
	switch item.Kind {
	case inventory.KindWebhook:
		return []Reason{{inventory.Medium, "webhook", "receive what happens in the organization"}}
	case inventory.KindSSHKey, inventory.KindGPGKey:
		reasons = append(reasons, Reason{inventory.Medium, inventory.Untrusted(item.Kind), "act as its owner"})
	}
	for _, permission := range item.Access.Permissions {
		level, why := githubLevel(string(permission))
		if level.AtLeast(inventory.Medium) {
			level = level.Shift(step)
		}
		reasons = append(reasons, Reason{level, permission, why})
	}
	return reasons
}

func githubLevel(permission string) (inventory.Level, inventory.Untrusted) {
	t := loaded()
	if found := t.github.find(permission); found != nil {
		return found.Level, found.Why
	}
	_, level, _ := strings.Cut(permission, ":")
	if level == "write" || level == "admin" {
		return t.unknown.Write, "change something that the table does not know"
	}
	return t.unknown.Read, unknownWhy
}
