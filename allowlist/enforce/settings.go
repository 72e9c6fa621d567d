package enforce

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"guestlist/allowlist/appid"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// tree is a policy file, whatever its form: strings, booleans, numbers, lists ([]any) and trees.
type tree = map[string]any

// Keys of ExtensionSettings that both families have.
const (
	keySettings           = "ExtensionSettings"
	keyPolicies           = "policies" // of Firefox's policies.json
	keyEveryOther         = "*"
	keyMode               = "installation_mode"
	keyMessage            = "blocked_install_message"
	keyOverride           = "override_update_url"
	keyMinimumVersion     = "minimum_version_required"
	keyBlockedPermissions = "blocked_permissions"
	keyAllowedPermissions = "allowed_permissions"
	keyBlockedHosts       = "runtime_blocked_hosts"
	keyAllowedHosts       = "runtime_allowed_hosts"
)

// settings returns the value of ExtensionSettings.
func (f *family) settings(policy *Policy) tree {
	all := tree{keyEveryOther: f.setting(policy.Default)}
	for id, rule := range policy.Rules {
		all[string(id)] = f.setting(rule)
	}
	return all
}

func (f *family) setting(rule Rule) tree {
	setting := tree{keyMode: f.modes[rule.Mode]}
	for key, text := range map[string]inventory.Untrusted{
		f.installKey: rule.InstallURL, keyMinimumVersion: rule.MinimumVersion, keyMessage: cut(rule.Message, f.maxMessage),
	} {
		if text != "" {
			setting[key] = string(text)
		}
	}
	for key, list := range map[string][]inventory.Untrusted{
		keyBlockedPermissions: rule.BlockedPermissions, keyBlockedHosts: rule.BlockedHosts, keyAllowedHosts: rule.AllowedHosts,
	} {
		if len(list) > 0 {
			setting[key] = list
		}
	}
	if f == &chromium && rule.Mode.Installs() && rule.InstallURL != chromeStore {
		setting[keyOverride] = true // updates come from there, too
	}
	return setting
}

// cut shortens a text to a number of bytes.
func cut(text inventory.Untrusted, most int) inventory.Untrusted {
	if most == 0 || len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// policyOf reads the policies of a browser, as the browser does: newer ones before older ones.
func (f *family) policyOf(policies tree) *Policy {
	r := &reader{family: f, policy: &Policy{Default: Rule{Mode: Allowed}, Rules: map[inventory.Untrusted]Rule{}}}
	r.older(policies)
	value, found := policies[keySettings]
	if !found {
		return r.policy
	}
	settings, ok := asTree(value)
	if !ok {
		r.remark("%s is not an object, and is ignored", keySettings)
		return r.policy
	}
	if setting, ok := asTree(settings[keyEveryOther]); ok {
		r.everyOther(setting)
	}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if key != keyEveryOther {
			r.named(key, settings[key])
		}
	}
	return r.policy
}

// reader reads the policies of a browser.
type reader struct {
	family *family
	policy *Policy
}

func (r *reader) remark(format string, args ...any) {
	r.policy.Remarks = append(r.policy.Remarks, inventory.Textf(format, args...))
}

// older reads the policies that there were before ExtensionSettings, and that still count where it
// says nothing.
func (r *reader) older(policies tree) {
	if r.family == &firefox {
		r.olderOfFirefox(policies)
		return
	}
	for _, id := range texts(policies["ExtensionInstallBlocklist"]) {
		if id == "*" {
			r.policy.Default.Mode = Blocked
		} else {
			r.set(id, Rule{Mode: Blocked})
		}
	}
	for _, id := range texts(policies["ExtensionInstallAllowlist"]) {
		r.set(id, Rule{Mode: Allowed})
	}
	for _, each := range texts(policies["ExtensionInstallForcelist"]) {
		id, address, found := strings.Cut(each, ";")
		if !found {
			address = chromeStore
		}
		r.set(id, Rule{Mode: Forced, InstallURL: inventory.Untrusted(address)})
	}
}

func (r *reader) olderOfFirefox(policies tree) {
	extensions, _ := asTree(policies["Extensions"])
	for _, id := range texts(extensions["Locked"]) {
		r.set(id, Rule{Mode: Forced})
	}
	if permission, ok := asTree(policies["InstallAddonsPermission"]); ok && permission["Default"] == false {
		r.remark("InstallAddonsPermission turns off every installation by hand, also of what is allowed")
	}
}

func (r *reader) set(id string, rule Rule) {
	canonical := appid.Canonical(inventory.Untrusted(strings.TrimSpace(id)))
	if !r.family.isID(string(canonical)) && r.family == &chromium {
		r.remark("%q is not an ID, and is ignored", canonical)
		return
	}
	r.policy.Rules[canonical] = rule
}

func (r *reader) everyOther(setting tree) {
	rule, ok := r.rule(setting, r.policy.Default.Mode, false)
	if !ok {
		r.remark("the settings for %q are invalid, and are ignored", keyEveryOther)
		return
	}
	r.policy.Default = rule
	for _, key := range []string{"install_sources", "allowed_types"} {
		if _, found := setting[key]; found {
			r.remark("%s limits installations further", key)
		}
	}
}

// named reads the settings of one extension, or in Chromium of several.
func (r *reader) named(key string, value any) {
	if strings.HasPrefix(key, "update_url:") {
		r.remark("settings for an update address, %q, are not compared", inventory.Untrusted(key))
		return
	}
	setting, ok := asTree(value)
	for id := range strings.SplitSeq(key, ",") {
		mode := Allowed // in Firefox, settings without a mode are enough
		if r.family == &chromium {
			mode = r.policy.Default.Mode
		}
		if earlier, known := r.policy.Rules[appid.Canonical(inventory.Untrusted(id))]; known {
			mode = earlier.Mode
		}
		rule, valid := r.rule(setting, mode, true)
		if !ok || !valid {
			r.remark("the settings of %q are invalid, and are ignored", inventory.Untrusted(id))
			continue
		}
		r.set(id, rule)
	}
}

// rule reads settings, and reports whether the browser takes them.
func (r *reader) rule(setting tree, mode Mode, named bool) (rule Rule, ok bool) {
	rule.Mode = mode
	if value, found := setting[keyMode]; found {
		if rule.Mode, ok = r.mode(value); !ok || !named && rule.Mode.Installs() {
			return rule, false
		}
	}
	if rule.Mode.Installs() {
		rule.InstallURL = text(setting[r.family.installKey])
		if rule.InstallURL == "" && r.family == &chromium {
			return rule, false
		}
	}
	rule.Message = text(setting[keyMessage])
	if r.family.minimumVersion && named {
		rule.MinimumVersion = text(setting[keyMinimumVersion])
	}
	r.permissions(setting, &rule, named)
	return rule, r.hosts(setting, &rule)
}

func (r *reader) mode(value any) (Mode, bool) {
	for mode, word := range r.family.modes {
		if word == value && (mode != Removed || r.family == &chromium) {
			return mode, true
		}
	}
	return "", false
}

func (r *reader) permissions(setting tree, rule *Rule, named bool) {
	allowed := texts(setting[keyAllowedPermissions])
	for n, name := range allowed {
		allowed[n] = string(r.family.canonical(inventory.Untrusted(name)))
	}
	for _, name := range texts(setting[keyBlockedPermissions]) {
		name = string(r.family.canonical(inventory.Untrusted(name)))
		if slices.Contains(r.family.withArgument, inventory.Untrusted(name)) {
			r.remark("the browser ignores what follows %q in a list of blocked permissions", inventory.Untrusted(name))
			break
		}
		if isPermissionName(name) && (!slices.Contains(allowed, name) || !named && r.family == &firefox) {
			rule.BlockedPermissions = append(rule.BlockedPermissions, inventory.Untrusted(name))
		}
	}
	slices.Sort(rule.BlockedPermissions)
	rule.BlockedPermissions = slices.Compact(rule.BlockedPermissions)
}

func (r *reader) hosts(setting tree, rule *Rule) (ok bool) {
	for key, into := range map[string]*[]inventory.Untrusted{
		keyBlockedHosts: &rule.BlockedHosts, keyAllowedHosts: &rule.AllowedHosts,
	} {
		sites := texts(setting[key])
		if most := r.family.maxHosts; most > 0 && len(sites) > most {
			r.remark("the browser reads %d of the %d patterns of %s", most, len(sites), key)
			sites = sites[:most]
		}
		for _, site := range sites {
			pattern := inventory.Untrusted(site)
			if _, err := access.Parse(withPaths([]inventory.Untrusted{pattern})[0]); err != nil ||
				pattern != access.AllURLs && strings.Count(site, "/") != 2 {
				r.remark("%q is not a host pattern of a policy", pattern)
				return false
			}
			*into = append(*into, pattern)
		}
		slices.Sort(*into)
	}
	return true
}

// asTree returns an object, also one that is written as JSON in a string, as the registry and
// managed preferences hold it.
func asTree(value any) (tree, bool) {
	switch value := value.(type) {
	case tree:
		return value, true
	case string:
		object, err := decodeJSON([]byte(value))
		return object, err == nil
	case []any, []string: // lines of a REG_MULTI_SZ
		lines := texts(value)
		object, err := decodeJSON([]byte(strings.Join(lines, "\n")))
		return object, err == nil
	}
	return nil, false
}

func text(value any) inventory.Untrusted {
	found, _ := value.(string)
	return inventory.Untrusted(found)
}

// texts returns the strings of a list, or of an object with numbered members, as the registry holds
// lists.
func texts(value any) []string {
	var found []string
	switch value := value.(type) {
	case []any:
		for _, each := range value {
			if text, ok := each.(string); ok {
				found = append(found, text)
			}
		}
	case []string:
		return value
	case tree:
		for n := 1; ; n++ {
			text, ok := value[fmt.Sprint(n)].(string)
			if !ok {
				break
			}
			found = append(found, text)
		}
	case string:
		var list []string
		if err := json.Unmarshal([]byte(value), &list); err == nil {
			return list
		}
	}
	return found
}
