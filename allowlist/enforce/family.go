package enforce

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/allowlist/appid"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// family is what browsers of one origin have in common.
type family struct {
	provider inventory.Provider // whose table names the permissions
	kinds    []inventory.Kind
	isID     func(id string) bool

	// installKey is the key of the address to install from.
	installKey string
	modes      map[Mode]string // words of installation_mode

	// withArgument are permissions that stand with an argument in a manifest. The browser ignores what
	// follows one of them in a list of blocked permissions.
	withArgument []inventory.Untrusted
	// aliases are older names of permissions: blocking one blocks the permission.
	aliases map[inventory.Untrusted]inventory.Untrusted
	// schemes are those of host patterns in a policy.
	schemes []string
	ports   bool // host patterns may have one; without, no extension holds one that has
	// maxHosts is how many patterns of a list count; 0 is no limit.
	maxHosts int
	// minimumVersion: the policy can require one. The version is made of numbers.
	minimumVersion bool
	maxMessage     int // bytes; 0 is no limit

	// Notes on policies that pin permissions, or hosts.
	permissionNotes, hostNotes []string
}

const unknownPermissions = "permissions that this version of guestlist does not know are not blocked: " +
	"emit the policy again after an update of guestlist"

var chromium = family{
	provider: inventory.Chromium,
	kinds: []inventory.Kind{
		inventory.KindExtension, inventory.KindTheme, inventory.KindBrowserApp, inventory.KindSharedModule,
	},
	isID:       vendor.IsChromeID,
	installKey: "update_url",
	modes: map[Mode]string{
		Allowed: "allowed", Blocked: "blocked", Removed: "removed", Forced: "force_installed", Normal: "normal_installed",
	},
	withArgument: []inventory.Untrusted{"socket", "usbDevices"},
	aliases: map[inventory.Untrusted]inventory.Untrusted{ // extensions_api_permissions.cc, chrome_api_permissions.cc
		"windows": "tabs", "unlimited_storage": "unlimitedStorage", "alwaysOnTopWindows": "app.window.alwaysOnTop",
		"fullscreen": "app.window.fullscreen", "overrideEscFullscreen": "app.window.fullscreen.overrideEsc",
	},
	schemes:        []string{"*", "http", "https", "ws", "wss", "ftp"},
	ports:          true,
	maxHosts:       100,
	minimumVersion: true,
	maxMessage:     1000,
	permissionNotes: []string{
		"what a manifest declares beside permissions, such as devtools_page or chrome_url_overrides, cannot be blocked by a policy",
		unknownPermissions,
	},
}

var firefox = family{
	provider: inventory.Firefox,
	kinds: []inventory.Kind{
		inventory.KindExtension, inventory.KindTheme, inventory.KindLanguagePack, inventory.KindDictionary,
		inventory.KindSitePermission,
	},
	isID:       appid.IsAddon,
	installKey: "install_url",
	modes: map[Mode]string{
		// Removed is what Firefox does about every add-on that is blocked.
		Allowed: "allowed", Blocked: "blocked", Removed: "blocked", Forced: "force_installed", Normal: "normal_installed",
	},
	schemes: []string{"*", "http", "https", "ws", "wss", "ftp"},
	permissionNotes: []string{
		"Firefox before version 153 does not know blocked_permissions, and lets each add-on have what it asks for",
		"what a manifest declares beside permissions, such as devtools_page or chrome_url_overrides, cannot be blocked by a policy",
		unknownPermissions,
	},
	hostNotes: []string{
		"Firefox before version 153 does not know runtime_blocked_hosts, and lets each add-on reach the sites it asks for",
	},
}

// blockable returns the permissions that a policy can block, sorted, each under one name.
func (f *family) blockable() []inventory.Untrusted {
	return slices.DeleteFunc(risk.PermissionNames(f.provider), func(name inventory.Untrusted) bool {
		return slices.Contains(f.withArgument, name) || f.canonical(name) != name || !isPermissionName(string(name))
	})
}

// canonical is the name of a permission that may be called by an older one.
func (f *family) canonical(name inventory.Untrusted) inventory.Untrusted {
	return cmp.Or(f.aliases[name], name)
}

// unpinned returns the permissions to block for an app that may have the pinned ones.
func (f *family) unpinned(pinned []inventory.Untrusted) []inventory.Untrusted {
	names := make([]inventory.Untrusted, len(pinned))
	for n, name := range pinned {
		names[n] = f.canonical(name)
	}
	return access.NewPermissions(names).Excess(f.blockable())
}

// isPermissionName reports whether a name has the form that both families require of a blocked
// permission.
func isPermissionName(name string) bool {
	return name != "" && name[0] >= 'a' && name[0] <= 'z' && appid.IsAll(name, func(c byte) bool {
		return appid.IsAlphanumeric(c) || c == '.' || c == '_'
	})
}

// site returns a host pattern as policies of the family write it. Widened is true where that is
// more than the pattern; not ok where a policy cannot name it.
func (f *family) site(pattern pinnedHost) (site inventory.Untrusted, widened, ok bool) {
	text, port, exact, ok := pattern.Site()
	scheme, _, _ := strings.Cut(text, "://")
	if !ok || !slices.Contains(f.schemes, scheme) || port != "" && !f.ports {
		return "", false, false
	}
	if port != "" {
		text += ":" + port
	}
	return inventory.Untrusted(text), !exact, true
}
