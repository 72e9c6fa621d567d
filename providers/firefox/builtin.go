package firefox

import (
	"path"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
)

// Places of installation of what belongs to the browser itself (XPIProvider's location names).
const (
	inBrowser       = "app-builtin"         // in its archive, installed by itself: themes, search engines
	inBrowserSystem = "app-builtin-addons"  // in its archive, and hidden
	inSystemDefault = "app-system-defaults" // in its directory features, before Firefox 135
	inSystemAddons  = "app-system-addons"   // updates of these, in the profile's directory features
)

// featuresFolder holds the browser's own add-ons, in its own directory and in that of a profile.
const featuresFolder = "features"

// standing is whether an add-on is part of the browser.
type standing int

const (
	ordinary    standing = iota // and it does not claim to be anything else
	builtin                     // part of the browser, by the place it runs from
	unconfirmed                 // where the browser keeps its own, but not known to be one
	pretending                  // it claims to be part of the browser, and is not
)

// ownIDs are add-ons that Mozilla ships with Firefox, or shipped with an earlier version, and
// updates by itself.
var ownIDs = nameSet(
	"activity-stream@mozilla.org", "addons-search-detection@mozilla.com", "aushelper@mozilla.org",
	"data-leak-blocker@mozilla.com",
	"default-theme@mozilla.org", "doh-rollout@mozilla.org", "e10srollout@mozilla.org", "firefox-alpenglow@mozilla.org",
	"firefox-compact-dark@mozilla.org", "firefox-compact-light@mozilla.org", "firefox@getpocket.com",
	"followonsearch@mozilla.com",
	"formautofill@mozilla.org", "fxmonitor@mozilla.org", "ipp-activator@mozilla.com", "newtab@mozilla.org",
	"onboarding@mozilla.org",
	"pictureinpicture@mozilla.org", "proxy-failover@mozilla.com", "reset-search-defaults@mozilla.com",
	"screenshots@mozilla.org",
	"shield-recipe-client@mozilla.org", "telemetry-coverage@mozilla.org", "webcompat-reporter@mozilla.org",
	"webcompat@mozilla.org",
)

// standing says whether the add-on is part of the browser. A list's claim is not enough: what is in
// the browser's archive must run from there according to every list, and what is in a directory
// must be in one of the browser's.
func (s *scan) standing(a *addon) standing {
	state := s.startup[startupKey{a.location, a.id}]
	switch a.location {
	case inBrowser, inBrowserSystem:
		uris := slices.DeleteFunc([]string{a.rootURI, state.RootURI}, func(uri string) bool { return uri == "" })
		isInside := !slices.ContainsFunc(uris, func(uri string) bool { return !strings.HasPrefix(uri, "resource://") })
		if a.path != "" || state.Path != "" || !isInside || len(uris) == 0 && !ownIDs[a.id] {
			return pretending
		}
		return builtin
	case inSystemDefault:
		switch {
		case !isTrue(a.hidden):
			return ordinary
		case !s.isIn(a, path.Join("browser", featuresFolder)) && !s.isIn(a, featuresFolder):
			return pretending
		case isInstalled(a.path):
			return builtin
		}
		return unconfirmed // an unpacked browser, or another directory with the same name
	case inSystemAddons:
		switch {
		case !isTrue(a.hidden):
			return ordinary
		case a.signedState == nil || *a.signedState != signedSystem || !s.isInFeaturesOfProfile(a):
			return pretending
		case !ownIDs[a.id]:
			return unconfirmed
		}
		if _, known := s.signed[a]; !known {
			s.signed[a] = s.bySignature(a)
		}
		return s.signed[a]
	}
	if isTrue(a.hidden) && !s.isPrivileged(a) {
		return pretending
	}
	return ordinary
}

// isIn reports whether the list and what the browser starts from agree that the add-on's xpi is in
// a directory whose path ends with directory.
func (s *scan) isIn(a *addon, folder string) bool {
	state := s.startup[startupKey{a.location, a.id}]
	for _, at := range []string{a.path, state.at()} {
		at = localprofile.Slashes(at)
		if at != "" && (path.Clean(at) != at || !strings.HasSuffix(path.Dir(at), "/"+folder)) {
			return false
		}
	}
	return a.path != "" && lastPart(a.path) == a.id+".xpi"
}

// isInFeaturesOfProfile reports whether the add-on's xpi is in PROFILE/features/{set}/.
func (s *scan) isInFeaturesOfProfile(a *addon) bool {
	parts := strings.Split(localprofile.Slashes(a.path), "/")
	return len(parts) > 3 && parts[len(parts)-3] == featuresFolder && parts[len(parts)-1] == a.id+".xpi" &&
		path.Clean(a.path) == a.path
}

// installPlaces are how the paths of installed browsers begin, with "/" and without a drive letter:
// only an administrator can write there. Windows paths are compared in lower case.
var installPlaces = []string{"/usr/", "/opt/", "/snap/", "/app/", "/nix/store/", "/var/lib/flatpak/",
	"/applications/", "/program files/", "/program files (x86)/"}

// isInstalled reports whether a path is below one of them.
func isInstalled(at string) bool {
	at = strings.ToLower(localprofile.Slashes(at))
	if localprofile.IsWindowsPath(at) {
		at = at[2:]
	}
	return slices.ContainsFunc(installPlaces, func(place string) bool { return strings.HasPrefix(at, place) })
}
