package firefox

import (
	"regexp"
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

// allURLs is a host pattern that the browser also keeps among the permissions
// (ExtensionPermissions.sys.mjs: granted as one of the two, it is written as both).
const allURLs = "<all_urls>"

// requirable are the names that all programs of the family grant to an add-on whose manifest lists
// them among its required permissions (the schemas of Firefox and Thunderbird 153). A program
// drops, with a warning, what is neither here nor among those of its kind of program: names from
// other programs, typos, and those that can only be optional.
var requirable = nameSet(
	"activeTab", "alarms", "browserSettings", "browsingData", "captivePortal", "clipboardRead", "clipboardWrite",
	"contextualIdentities",
	"cookies", "declarativeNetRequest", "declarativeNetRequestFeedback", "declarativeNetRequestWithHostAccess", "dns",
	"downloads",
	"downloads.open", "geckoProfiler", "geolocation", "identity", "idle", "management", "menus", "menus.overrideContext",
	"nativeMessaging", "notifications", "pkcs11", "privacy", "proxy", "publicSuffix", "scripting", "sessions",
	"storage", "tabs", "theme",
	"unlimitedStorage", "webNavigation", "webRequest", "webRequestAuthProvider", "webRequestBlocking",
	"webRequestFilterResponse",
	"webRequestFilterResponse.serviceWorkerScript",
)

// ofBrowsers are those that only browsers grant, and ofMail those that only mail programs grant.
var (
	ofBrowsers = nameSet("bookmarks", "contextMenus", "devtools", "find", "history", "search", "tabGroups", "tabHide",
		"topSites")
	ofMail = nameSet(
		"accountsFolders", "accountsIdentities", "accountsRead", "addressBooks", "compose", "compose.save", "compose.send",
		"messages.save", "messagesDelete", "messagesImport", "messagesModify", "messagesModifyPermanent", "messagesMove",
		"messagesRead",
		"messagesTags", "messagesTagsList", "messagesUpdate", "messengerSettings", "sensitiveDataUpload",
	)
)

// studies is the one privileged name that some builds grant to any add-on.
const studies = "normandyAddonStudy"

// privileged are the names that are only granted to add-ons signed for them by Mozilla, or to parts
// of the browser.
var privileged = nameSet("activityLog", "mozillaAddons", "networkStatus", studies, "telemetry")

// onlyOptional are the names that the browser grants when asked at run time, and ignores among the
// required ones.
var onlyOptional = nameSet("messages.send", "trialML", "userScripts")

func nameSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// rights are what decides, besides the manifest, which of its names are granted.
type rights struct {
	isPrivileged bool // the browser, or what it starts from, takes the add-on for one of Mozilla's
	isMail       bool // a mail program gives them
	givesStudies bool // the build gives the permission for studies to any add-on
}

func (s *scan) rightsOf(a *addon) rights {
	return rights{isPrivileged: s.isPrivileged(a), isMail: s.isMail(), givesStudies: s.givesStudies()}
}

// required returns what the browser grants an add-on because its manifest requires it, whatever the
// profile's lists say, and the unknown names: those from a later browser, from another kind of
// program, or from none.
func (m *manifest) required(r rights) (names, unknown []string) {
	for _, name := range m.asked {
		switch {
		case requirable[name], r.isMail && ofMail[name], !r.isMail && ofBrowsers[name], privileged[name] && r.isPrivileged,
			name == studies && r.givesStudies:
			names = append(names, name)
		case !privileged[name] && !onlyOptional[name]:
			unknown = append(unknown, name)
		}
	}
	if m.devtoolsPage != "" && !r.isMail && !slices.Contains(m.optional, "devtools") {
		names = append(names, "devtools") // the browser adds it
	}
	return names, unknown
}

// matchPattern is a host pattern as the browser's schema has it (manifest.json,
// "MatchPatternRestricted"). A host may have a star only at its beginning, so ports are numbers.
// What does not match grants nothing, unless the add-on is privileged and asks for mozillaAddons.
var matchPattern = regexp.MustCompile(`^(?:(?:https?|wss?|file|ftp|\*)://(?:\*|\*\.[^*/]+|[^*/]+)/|file:///)`)

// requiredHosts are the sites that the manifest's required permissions and content scripts name.
// Since manifest version 3 the user can grant and revoke them (ExtensionPermissions.sys.mjs,
// "originControls"); before that, they cannot be withheld.
func (m *manifest) requiredHosts(isPrivileged bool) []string {
	hosts := slices.Concat(m.askedHosts, m.contentMatches)
	if isPrivileged && slices.Contains(m.asked, "mozillaAddons") {
		return hosts
	}
	return slices.DeleteFunc(hosts, func(host string) bool { return host != allURLs && !matchPattern.MatchString(host) })
}

func (m *manifest) hasOriginControls() bool { return m.number >= 3 }

// mailFolders are directories that a mail program creates in each of its profiles.
var mailFolders = []string{"Mail", "ImapMail"}

// isMail reports whether the profile is a mail program's: for a directory that the user named, its
// content decides.
func (s *scan) isMail() bool {
	if s.product != unlisted {
		return s.product.policy == thunderbird.policy
	}
	return slices.ContainsFunc(mailFolders, func(folder string) bool {
		info, err := s.root.Stat(folder)
		return err == nil && info.IsDir()
	})
}

// isPrivileged reports whether the browser, or what it starts from, treats the add-on as one of
// Mozilla's.
func (s *scan) isPrivileged(a *addon) bool {
	state := s.startup[startupKey{a.location, a.id}]
	for _, signed := range []*int64{a.signedState, state.SignedState} {
		if signed != nil && *signed >= signedSystem {
			return true
		}
	}
	return strings.HasPrefix(a.location, "app-builtin") || a.location == inSystemAddons
}

// ofAPIs returns the names of a list that are permissions: not the answers of about:addons, and not
// the host pattern.
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
	return access.Without(inventory.All(names), held)
}
