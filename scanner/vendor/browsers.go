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
	forms: map[inventory.Kind]Form{
		inventory.KindExtension: chromeIDs, inventory.KindTheme: chromeIDs, inventory.KindBrowserApp: chromeIDs,
		inventory.KindSharedModule: chromeIDs,
	},
	byHand: []byHand{
		{"Edge", puzzle, "edge://extensions/?id={id}"},
		{"Brave", puzzle, "brave://extensions/?id={id}"},
		{"Opera", "Opera menu > Extensions > Manage extensions > Remove", "opera://extensions/?id={id}"},
		{"Vivaldi", "Vivaldi menu > Tools > Extensions > Remove", "vivaldi://extensions/?id={id}"},
		{"Yandex", "menu > Extensions > Remove", "browser://extensions/?id={id}"},
		{"", puzzle, "chrome://extensions/?id={id}"},
	},
	takeBack: func(item *inventory.Item) Remedy {
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
	forms: map[inventory.Kind]Form{
		inventory.KindExtension: addonIDs, inventory.KindTheme: addonIDs, inventory.KindLanguagePack: addonIDs,
		inventory.KindDictionary: addonIDs,
	},
	byHand: []byHand{
		{"Thunderbird", mailAddons, ""}, {"Betterbird", mailAddons, ""},
		{"", "menu > Extensions and themes > ... > Remove", "about:addons"},
	},
	takeBack: func(item *inventory.Item) Remedy { return localRemedy(item, firefoxPages(item)) },
}

// Clicks that several browsers share.
const (
	puzzle     = "puzzle icon > Manage extensions > Remove"
	mailAddons = "menu > Add-ons and Themes > ... > Remove"
)

// browserPages has the pages where a browser lists extensions and policies, and, if they have pages
// of their own, temporary extensions and themes.
type browserPages struct {
	items, policies, temporary, themes inventory.Untrusted
	// onlyOwn: the first page can remove only what the browser itself installed, not what a program
	// did.
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

// IsChromeID reports whether an ID has Chromium's form, 32 letters from a to p, which no Firefox ID
// has.
func IsChromeID(id string) bool {
	if len(id) != 32 {
		return false
	}
	for n := range len(id) {
		if id[n] < 'a' || id[n] > 'p' {
			return false
		}
	}
	return true
}

func localRemedy(item *inventory.Item, pages browserPages) Remedy {
	if ways := otherRemedy(item, pages); ways != nil {
		return Remedy{Ways: ways}
	}
	return Remedy{Ways: []inventory.Untrusted{"remove it at " + pages.items}, ByHand: true}
}

// otherRemedy is for what the browser's page of extensions cannot remove, or not permanently; nil
// for anything else.
func otherRemedy(item *inventory.Item, pages browserPages) []inventory.Untrusted {
	path := absolute(item.Path)
	switch {
	case item.State == inventory.StateLeftover:
		return []inventory.Untrusted{"delete its leftover files" + at(path)}
	case item.Origin == inventory.OriginBuiltin:
		return []inventory.Untrusted{"use another browser (it is part of this one and cannot be removed)"}
	case item.Origin == inventory.OriginPolicy:
		return []inventory.Untrusted{"ask the administrator of this browser" + Contact + " to take it out of the policy that installs it (" +
			pages.policies + ")"}
	case item.Kind == inventory.KindSharedModule:
		return []inventory.Untrusted{"remove the extensions that import it"}
	case item.Facts[factLocation] == "command line":
		const line = "take it off the command line that starts the browser (--load-extension)"
		if isBelowSystem(path) {
			return []inventory.Untrusted{"remove the package that owns " + path, line}
		}
		return []inventory.Untrusted{line}
	case pages.onlyOwn && isInstalledForMachine(item):
		return machineRemedy(item, path, " ("+pages.items+" has no Remove button for it)")
	case item.Kind == inventory.KindTheme && pages.themes != "":
		return []inventory.Untrusted{"choose another theme at " + pages.themes}
	case item.Origin == inventory.OriginUnpacked && pages.temporary != "":
		return []inventory.Untrusted{"remove it at " + pages.temporary, "restart the browser"}
	case item.Origin == inventory.OriginUnpacked && path != "":
		return []inventory.Untrusted{"remove it at " + pages.items + " and delete " + path}
	}
	return nil
}

// factLocation is the browser's own word for where an extension was installed.
const factLocation = "location"

// isInstalledForMachine reports whether a Firefox add-on is where its user cannot remove it from
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

// machineRemedy is for what was installed outside the profile; because says why the browser cannot
// remove it.
func machineRemedy(item *inventory.Item, path, because inventory.Untrusted) []inventory.Untrusted {
	switch {
	case strings.HasPrefix(string(item.Facts[factLocation]), registryLocation):
		return []inventory.Untrusted{"uninstall the program that installed it" + because}
	case path == "":
		return []inventory.Untrusted{"uninstall the package or program that installed it" + because}
	case isBelowSystem(path):
		return []inventory.Untrusted{
			"remove the package that owns " + path + because, "ask the administrator of this machine" + Contact + " to remove it",
		}
	}
	return []inventory.Untrusted{"delete " + path + because}
}

// systemRoots are where packages and installers of the machine put files.
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

// absolute returns a path that a person can open; profiles name some relative to themselves.
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
