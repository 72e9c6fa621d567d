package diff

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Remedies say what the person who reads them can do. A button that is not there is not named: what came with a package, a program, a
// policy or the browser itself is taken away there.

// remedyFor says how to take back what was let in, and the page of this item, where each has its own.
func remedyFor(item *inventory.Item) (how, page inventory.Untrusted) {
	switch item.Kind {
	case inventory.KindOAuthGrant:
		if item.Source.Provider == inventory.GitHub {
			return "ask an organization owner to deny it", item.App.URL
		}
		return "the account holder can remove it at https://myaccount.google.com/connections; an admin can block it for everyone at " +
			"https://admin.google.com/ac/owl/list?tab=apps", ""
	case inventory.KindAppPassword:
		return "the account holder can remove it at https://myaccount.google.com/apppasswords; an admin in the user's security " +
			"settings at https://admin.google.com/ac/users", ""
	case inventory.KindInstallation:
		return "ask an organization owner to uninstall or suspend it", item.App.URL
	case inventory.KindTokenRequest:
		return "approve or deny it", item.App.URL
	case inventory.KindCredential, inventory.KindAccessToken:
		return "revoke it", item.App.URL
	case inventory.KindSSHKey, inventory.KindGPGKey, inventory.KindDeployKey:
		return "delete it", item.App.URL
	case inventory.KindWebhook:
		return "delete it or point it elsewhere", item.App.URL
	}
	switch item.Source.Provider {
	case inventory.ChromeManagement:
		return managedRemedy(item), ""
	case inventory.Firefox:
		return localRemedy(item, firefoxPages(item)), ""
	}
	return localRemedy(item, chromiumPages(item)), ""
}

func orPage(what string, page inventory.Untrusted) inventory.Untrusted {
	if page == "" {
		return inventory.Untrusted(what)
	}
	return inventory.Untrusted(what) + " at " + page
}

// managedRemedy is for extensions that the console of managed browsers lists.
func managedRemedy(item *inventory.Item) inventory.Untrusted {
	const page = "https://admin.google.com/ac/chrome/apps/user"
	if item.Origin == inventory.OriginPolicy {
		return "it was installed by policy: an admin can take it out of the policy at " + page
	}
	return "an admin can block it for everyone at " + page
}

// browserPages are where a browser lists what it runs, and its policies.
type browserPages struct{ items, policies, temporary inventory.Untrusted }

func chromiumPages(item *inventory.Item) browserPages {
	return browserPages{"chrome://extensions/?id=" + item.App.ID, "chrome://policy", "chrome://extensions/?id=" + item.App.ID}
}

func firefoxPages(item *inventory.Item) browserPages {
	if strings.HasPrefix(string(item.Holder.Browser), "Thunderbird") || strings.HasPrefix(string(item.Holder.Browser), "Betterbird") {
		const menu = "Tools > Add-ons and Themes"
		return browserPages{menu, "Help > Troubleshooting Information", menu}
	}
	return browserPages{"about:addons", "about:policies", "about:debugging#/runtime/this-firefox"}
}

func localRemedy(item *inventory.Item, pages browserPages) inventory.Untrusted {
	path := absolute(item.Path)
	switch {
	case item.State == inventory.StateLeftover:
		return "the browser does not list it: delete its files" + at(path)
	case item.Origin == inventory.OriginBuiltin:
		return "it is part of the browser and cannot be removed from it"
	case item.Origin == inventory.OriginPolicy:
		return "it was installed by policy, so its user cannot remove it: ask whoever manages this browser (" + pages.policies + ") to do that"
	case item.Kind == inventory.KindSharedModule:
		return "it goes when the extensions that import it are removed"
	case item.Facts[factLocation] == "command line":
		return "it is loaded at each start: " + packageOf(path) + "take it off the browser's command line (--load-extension)"
	case isInstalledForMachine(item):
		return "it was installed outside of the profile, so " + pages.items + " has no Remove button for it: " + machineRemedy(item, path)
	case item.Kind == inventory.KindTheme && item.Source.Provider == inventory.Chromium:
		return "choose another theme at chrome://settings/appearance"
	case item.Origin == inventory.OriginUnpacked && item.Source.Provider == inventory.Firefox:
		return "remove it at " + pages.temporary + ", or restart the browser"
	case item.Origin == inventory.OriginUnpacked && path != "":
		return "remove it at " + pages.items + ", and its directory " + path
	}
	return "remove it at " + pages.items
}

// factLocation is the browser's own word for where an extension was installed.
const factLocation = "location"

// isInstalledForMachine reports whether a Firefox add-on lies where its user cannot remove it from within the browser. What a program
// brought into Chromium can be removed there: the browser remembers that.
func isInstalledForMachine(item *inventory.Item) bool {
	if item.Source.Provider != inventory.Firefox {
		return false
	}
	location := string(item.Facts[factLocation])
	return slices.Contains(machineLocations, location) || strings.HasPrefix(location, registryLocation) ||
		location != "app-profile" && isBelowSystem(absolute(item.Path))
}

// machineLocations are Firefox's install locations outside of profiles; those of the registry begin with registryLocation.
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
	"/usr/", "/opt/", "/etc/", "/lib/", "/lib64/", "/snap/", "/app/", "/nix/", "/gnu/", "/Library/", "/Applications/", "/System/",
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

const orApproved inventory.Untrusted = "have it approved"

// remedy says how to take everything back and where, and that it can be approved, where it can.
func (g *group) remedy() inventory.Untrusted {
	switch {
	case g.finding.Remedy != "": // of the rule's own
		return g.finding.Remedy
	case g.finding.Change == Removed:
		return ""
	}
	if !g.pages.differ { // the finding says it for all
		for n := range g.finding.Holders {
			g.finding.Holders[n].Page = ""
		}
	}
	text := orPage(strings.Join(plain(g.revoke), "; "), g.pages.common)
	switch {
	case g.approve != "":
		return either(g.approve, text)
	case g.finding.Rule.Info().Approvable:
		return either(text, orApproved)
	}
	return text
}

// either offers two things to do.
func either(a, b inventory.Untrusted) inventory.Untrusted {
	if text := string(a + b); strings.Contains(text, "; ") || strings.Contains(text, ": ") {
		return a + "; or " + b
	}
	return a + ", or " + b
}

func plain(texts []inventory.Untrusted) []string {
	all := make([]string, len(texts))
	for n, text := range texts {
		all[n] = text.String()
	}
	return all
}
