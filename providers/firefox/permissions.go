package firefox

import (
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Permissions that are answers of about:addons and not of the manifest.
const (
	internalPrefix  = "internal:"
	privateBrowsing = "internal:privateBrowsingAllowed"
)

// allURLs is a host pattern that the browser keeps among the permissions as well
// (ExtensionPermissions.sys.mjs: granted as one of the two, it is written as both).
const allURLs = "<all_urls>"

// requirable are the names that the browsers of the family give to an add-on whose manifest asks for them among its required
// permissions (the schemas of Firefox 153 and Thunderbird). What is not here, the browser drops with a warning: names of
// other browsers, slips of the pen, and those that can only be optional.
var requirable = nameSet(
	"activeTab", "alarms", "bookmarks", "browserSettings", "browsingData", "captivePortal", "clipboardRead", "clipboardWrite",
	"contextMenus", "contextualIdentities", "cookies", "declarativeNetRequest", "declarativeNetRequestFeedback",
	"declarativeNetRequestWithHostAccess", "devtools", "dns", "downloads", "downloads.open", "find", "geckoProfiler", "geolocation",
	"history", "identity", "idle", "management", "menus", "menus.overrideContext", "nativeMessaging", "notifications", "pkcs11", "privacy",
	"proxy", "publicSuffix", "scripting", "search", "sessions", "storage", "tabGroups", "tabHide", "tabs", "theme", "topSites",
	"unlimitedStorage", "webNavigation", "webRequest", "webRequestAuthProvider", "webRequestBlocking", "webRequestFilterResponse",
	"webRequestFilterResponse.serviceWorkerScript",

	"accountsFolders", "accountsIdentities", "accountsRead", "addressBooks", "compose", "compose.save", "compose.send",
	"messagesDelete", "messagesImport", "messagesModify", "messagesModifyPermanent", "messagesMove", "messagesRead", "messagesTags",
	"messagesTagsList", "messagesUpdate", "sensitiveDataUpload",
)

// privileged are the names that only an add-on signed by Mozilla for it, or a part of the browser, is given.
var privileged = nameSet("activityLog", "mozillaAddons", "networkStatus", "normandyAddonStudy", "telemetry")

// onlyOptional are the names that the browser gives when it is asked at run time, and ignores among the required ones.
var onlyOptional = nameSet("trialML", "userScripts")

func nameSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// required returns what the browser gives an add-on for what its manifest requires, whatever the profile's lists say, and the names
// that nothing is known of: of a later browser, or of none.
func (m *manifest) required(isPrivileged bool) (names, unknown []string) {
	for _, name := range m.asked {
		switch {
		case requirable[name], privileged[name] && isPrivileged:
			names = append(names, name)
		case !privileged[name] && !onlyOptional[name]:
			unknown = append(unknown, name)
		}
	}
	if m.devtoolsPage != "" && !slices.Contains(m.optional, "devtools") {
		names = append(names, "devtools") // the browser adds it
	}
	return names, unknown
}

// schemes are those of the pages that an add-on can be given (MatchPattern.cpp, "restrictSchemes"). A pattern of another scheme gives
// nothing, unless the add-on is privileged and asks for mozillaAddons.
var schemes = nameSet("*", "http", "https", "ws", "wss", "file", "ftp", "data")

// requiredHosts are the sites that the manifest's required permissions and content scripts name. Since manifest version 3 they are
// the user's to give and to take away (ExtensionPermissions.sys.mjs, "originControls"); before, they cannot be withheld.
func (m *manifest) requiredHosts(isPrivileged bool) []string {
	hosts := slices.Concat(m.askedHosts, m.contentMatches)
	if isPrivileged && slices.Contains(m.asked, "mozillaAddons") {
		return hosts
	}
	return slices.DeleteFunc(hosts, func(host string) bool {
		scheme, _, isURL := strings.Cut(host, "://")
		return isURL && !schemes[scheme]
	})
}

func (m *manifest) hasOriginControls() bool { return m.number >= 3 }

// isPrivileged reports whether the browser, or what it starts from, takes the add-on for one of Mozilla's.
func (s *scan) isPrivileged(a *addon) bool {
	state := s.startup[startupKey{a.location, a.id}]
	for _, signed := range []*int64{a.signedState, state.SignedState} {
		if signed != nil && *signed >= signedSystem {
			return true
		}
	}
	return strings.HasPrefix(a.location, "app-builtin") || a.location == inSystemAddons
}

// ofAPIs returns the names of a list that are permissions: not the answers of about:addons, and not the host pattern.
func ofAPIs(permissions []string) []string {
	return slices.DeleteFunc(slices.Clone(permissions), func(name string) bool {
		return strings.HasPrefix(name, internalPrefix) || name == allURLs
	})
}

// ofHosts returns the host patterns of a grant or a list, whichever of its two members they are in.
func (p permissions) ofHosts() []string {
	if slices.Contains(p.Permissions, allURLs) && !slices.Contains(p.Origins, allURLs) {
		return append(slices.Clone(p.Origins), allURLs)
	}
	return p.Origins
}

// without returns the names that are not among those held.
func without(names []string, held []inventory.Untrusted) []inventory.Untrusted {
	return access.Without(untrusted(names), held)
}
