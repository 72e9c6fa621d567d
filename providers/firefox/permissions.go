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

// allURLs is a host pattern that the browser keeps among the permissions as well
// (ExtensionPermissions.sys.mjs: granted as one of the two, it is written as both).
const allURLs = "<all_urls>"

// requirable are the names that all programs of the family give to an add-on whose manifest asks
// for them among its required permissions (the schemas of Firefox and Thunderbird 153). What is
// neither here nor among those of its kind of program, it drops with a warning: names of other
// programs, slips of the pen, and those that can only be optional.
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

// ofBrowsers are those that browsers give beside them, and ofMail those of mail programs.
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

// studies is the one of the privileged names that some builds give to any add-on.
const studies = "normandyAddonStudy"

// privileged are the names that only an add-on signed by Mozilla for it, or a part of the browser,
// is given.
var privileged = nameSet("activityLog", "mozillaAddons", "networkStatus", studies, "telemetry")

// onlyOptional are the names that the browser gives when it is asked at run time, and ignores among
// the required ones.
var onlyOptional = nameSet("messages.send", "trialML", "userScripts")

func nameSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// rights are what decides which of the names in a manifest are given, beside the manifest.
type rights struct {
	isPrivileged bool // the browser, or what it starts from, takes the add-on for one of Mozilla's
	isMail       bool // a mail program gives them
	givesStudies bool // the build gives the permission for studies to any add-on
}

func (s *scan) rightsOf(a *addon) rights {
	return rights{isPrivileged: s.isPrivileged(a), isMail: s.isMail(), givesStudies: s.givesStudies()}
}

// required returns what the browser gives an add-on for what its manifest requires, whatever the
// profile's lists say, and the names that nothing is known of: of a later browser, of a program of
// another kind, or of none.
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
// "MatchPatternRestricted"). A host is no longer one when a star is anywhere but at its front, so
// that ports are numbers. What is none gives nothing, unless the add-on is privileged and asks for
// mozillaAddons.
var matchPattern = regexp.MustCompile(`^(?:(?:https?|wss?|file|ftp|\*)://(?:\*|\*\.[^*/]+|[^*/]+)/|file:///)`)

// requiredHosts are the sites that the manifest's required permissions and content scripts name.
// Since manifest version 3 they are the user's to give and to take away
// (ExtensionPermissions.sys.mjs, "originControls"); before, they cannot be withheld.
func (m *manifest) requiredHosts(isPrivileged bool) []string {
	hosts := slices.Concat(m.askedHosts, m.contentMatches)
	if isPrivileged && slices.Contains(m.asked, "mozillaAddons") {
		return hosts
	}
	return slices.DeleteFunc(hosts, func(host string) bool { return host != allURLs && !matchPattern.MatchString(host) })
}

func (m *manifest) hasOriginControls() bool { return m.number >= 3 }

// mailFolders are directories that a mail program makes in each of its profiles.
var mailFolders = []string{"Mail", "ImapMail"}

// isMail reports whether the profile is a mail program's: of a directory that the user named, what
// lies in it says so.
func (s *scan) isMail() bool {
	if s.product != unlisted {
		return s.product.policy == thunderbird.policy
	}
	return slices.ContainsFunc(mailFolders, func(folder string) bool {
		info, err := s.root.Stat(folder)
		return err == nil && info.IsDir()
	})
}

// isPrivileged reports whether the browser, or what it starts from, takes the add-on for one of
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
