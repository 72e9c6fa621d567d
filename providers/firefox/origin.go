package firefox

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// originOf says how an add-on was installed. The machine's policy takes precedence over the
// profile's own claims, and installation by a program over the store's address, because a program
// may install a file from the store.
func (s *scan) originOf(a *addon) inventory.Origin {
	switch {
	case s.standing(a) == builtin:
		return inventory.OriginBuiltin
	case a.location == inTemporary:
		return inventory.OriginUnpacked
	case s.policies.installs(a.id), a.telemetry.Source == "enterprise-policy", a.telemetry.Source == "distribution" &&
		s.isDistributed(a):
		return inventory.OriginPolicy
	case isTrue(a.foreignInstall), a.telemetry.Method == "sideload", isSystemWide(a.location), s.isLinked(a):
		return inventory.OriginSideload
	case isStore(a.sourceURI), a.sourceURI == "" && slices.Contains(storeSources, a.telemetry.Source):
		return inventory.OriginStore
	case a.sourceURI != "", a.telemetry.Source != "", a.telemetry.Method != "":
		return inventory.OriginSideload
	}
	return inventory.OriginUnknown
}

// isDistributed reports whether the browser's own directory holds the add-on: the person who
// installed the browser on the machine put it there, and the browser copies it into every profile
// (XPIProvider.sys.mjs, installDistributionAddons).
func (s *scan) isDistributed(a *addon) bool {
	for _, at := range policyPlaces[s.product.policy] {
		if path.Base(at) != "distribution" {
			continue
		}
		for _, dir := range glob(s.provider.system, at) {
			files, err := s.inSystem("/" + path.Join(dir, extensionsFolder, a.id+".xpi"))
			if err == nil {
				s.close(files)
				return true
			}
		}
	}
	return false
}

// storeSources are the values of installTelemetryInfo.source that mean the store: its site, and the
// browser's own page of it. What Firefox Sync installs comes from the store, by its ID
// (services/sync, addonutils.sys.mjs), and so does what is installed through an invitation by the
// store's site ("rtamo") or by choosing a language.
var storeSources = []string{"amo", "disco", "sync", "rtamo", "about:preferences"}

// storeHosts serve the packages of the stores for Firefox and Thunderbird.
var storeHosts = []string{"addons.mozilla.org", "addons.cdn.mozilla.net", "addons.thunderbird.net"}

func isStore(uri string) bool {
	parsed, err := url.Parse(uri)
	return err == nil && parsed.Scheme == "https" && slices.Contains(storeHosts, strings.ToLower(parsed.Hostname()))
}

// isSystemWide reports whether a place of installation is outside of all profiles, where only
// programs install.
func isSystemWide(location string) bool {
	switch location {
	case "app-global", "app-system-local", "app-system-share", "app-system-user":
		return true
	}
	return strings.HasPrefix(location, "winreg-app-")
}

// scopeOf says where a place of installation is, if it is not the profile: add-ons there have no
// button to remove them.
func scopeOf(location string) inventory.Untrusted {
	switch location {
	case "app-system-local", "app-system-share", "winreg-app-global":
		return "system"
	case "app-global", inSystemDefault:
		return "application"
	case "app-system-user", "winreg-app-user":
		return "user"
	}
	return ""
}
