package vendor

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

var chromium = Vendor{
	Provider: inventory.Chromium, Name: "Chromium", Local: true, FirstParty: "{detail}",
	Also:         []string{"chrome", "edge", "brave", "opera", "vivaldi", "arc"},
	SecondFactor: other.SecondFactor, Accounts: other.Accounts,
	takeBack: func(item *inventory.Item) inventory.Untrusted {
		return localRemedy(item, browserPages{
			items: "chrome://extensions/?id=" + item.App.ID, policies: "chrome://policy",
			themes: "chrome://settings/appearance",
		})
	},
}

var firefox = Vendor{
	Provider: inventory.Firefox, Name: "Firefox", Local: true, FirstParty: "{detail}",
	Also:         []string{"mozilla", "librewolf", "thunderbird", "tor", "zen", "waterfox"},
	SecondFactor: other.SecondFactor, Accounts: other.Accounts,
	takeBack: func(item *inventory.Item) inventory.Untrusted { return localRemedy(item, firefoxPages(item)) },
}

// browserPages are where a browser lists what it runs, its policies, and where it has a page of its
// own for them, what lasts until it stops and themes.
type browserPages struct {
	items, policies, temporary, themes inventory.Untrusted
	// onlyOwn: the first page can remove what the browser installed itself, and nothing that a
	// program brought.
	onlyOwn bool
}

func firefoxPages(item *inventory.Item) browserPages {
	browser := string(item.Holder.Browser)
	if strings.HasPrefix(browser, "Thunderbird") || strings.HasPrefix(browser, "Betterbird") {
		const menu = "Tools > Add-ons and Themes"
		return browserPages{items: menu, policies: "Help > Troubleshooting Information", temporary: menu, onlyOwn: true}
	}
	return browserPages{
		items: "about:addons", policies: "about:policies",
		temporary: "about:debugging#/runtime/this-firefox", onlyOwn: true,
	}
}

// IsChromeID reports whether an ID is of the form that Chromium gives, 32 letters from a to p,
// which no Firefox ID is.
func IsChromeID(id string) bool {
	return len(id) == 32 && strings.Trim(id, "abcdefghijklmnop") == ""
}

func localRemedy(item *inventory.Item, pages browserPages) inventory.Untrusted {
	path := absolute(item.Path)
	switch {
	case item.State == inventory.StateLeftover:
		return "the browser does not list it: delete its files" + at(path)
	case item.Origin == inventory.OriginBuiltin:
		return "it is part of the browser and cannot be removed from it"
	case item.Origin == inventory.OriginPolicy:
		return "it was installed by policy, so its user cannot remove it: ask whoever manages this browser (" +
			pages.policies + ") to do that"
	case item.Kind == inventory.KindSharedModule:
		return "it goes when the extensions that import it are removed"
	case item.Facts[factLocation] == "command line":
		return "it is loaded at each start: " + packageOf(path) +
			"take it off the browser's command line (--load-extension)"
	case pages.onlyOwn && isInstalledForMachine(item):
		return "it was installed outside of the profile, so " + pages.items + " has no Remove button for it: " +
			machineRemedy(item, path)
	case item.Kind == inventory.KindTheme && pages.themes != "":
		return "choose another theme at " + pages.themes
	case item.Origin == inventory.OriginUnpacked && pages.temporary != "":
		return "remove it at " + pages.temporary + ", or restart the browser"
	case item.Origin == inventory.OriginUnpacked && path != "":
		return "remove it at " + pages.items + ", and its directory " + path
	}
	return "remove it at " + pages.items
}

// factLocation is the browser's own word for where an extension was installed.
const factLocation = "location"

// isInstalledForMachine reports whether a Firefox add-on lies where its user cannot remove it from
// within the browser.
func isInstalledForMachine(item *inventory.Item) bool {
	location := string(item.Facts[factLocation])
	return slices.Contains(machineLocations, location) || strings.HasPrefix(location, registryLocation) ||
		location != "app-profile" && isBelowSystem(absolute(item.Path))
}

// machineLocations are Firefox's install locations outside of profiles; those of the registry begin
// with registryLocation.
var machineLocations = []string{"app-global", "app-system-local", "app-system-share", "app-system-user"}

const registryLocation = "winreg-app-"

func machineRemedy(item *inventory.Item, path inventory.Untrusted) inventory.Untrusted {
	switch {
	case strings.HasPrefix(string(item.Facts[factLocation]), registryLocation):
		return "uninstall the program that brought it"
	case path == "":
		return "remove the package or program that brought it"
	case isBelowSystem(path):
		return "remove the package that owns " + path + ", or ask whoever manages this machine"
	}
	return "delete " + path
}

// packageOf is what to do about what a package loads.
func packageOf(path inventory.Untrusted) inventory.Untrusted {
	if !isBelowSystem(path) {
		return ""
	}
	return "remove the package that owns " + path + ", or "
}

// systemRoots hold what packages and installers of the machine bring.
var systemRoots = []string{
	"/usr/", "/opt/", "/etc/", "/lib/", "/lib64/", "/snap/", "/app/", "/nix/", "/gnu/", "/Library/", "/Applications/",
	"/System/",
	`:\Program Files`, `:\ProgramData\`, `:\Windows\`,
}

func isBelowSystem(path inventory.Untrusted) bool {
	return slices.ContainsFunc(systemRoots, func(root string) bool {
		if strings.HasPrefix(root, ":") { // behind a drive's letter
			return len(path) > 1 && len(path) > len(root) && strings.EqualFold(string(path[1:len(root)+1]), root)
		}
		return strings.HasPrefix(string(path), root)
	})
}

// absolute is a path that a person can go to; profiles name some relative to themselves.
func absolute(path inventory.Untrusted) inventory.Untrusted {
	if strings.HasPrefix(string(path), "/") || len(path) > 2 && path[1] == ':' {
		return path
	}
	return ""
}

func at(path inventory.Untrusted) inventory.Untrusted {
	if path == "" {
		return ""
	}
	return " at " + path
}
