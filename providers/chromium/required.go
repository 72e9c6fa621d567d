package chromium

import (
	"cmp"
	"strings"
)

// ordinary are the permissions that every extension gets on every desktop system when its manifest
// requires them, with the oldest manifest version for which it does (_permission_features.json of
// Chromium 156: stable, without a list of extensions and without a specific platform). Others in a
// manifest are unknown, another browser's, or reserved for apps, ChromeOS or the browser's makers:
// if granted, they show in the settings' list of what runs. Each one in the risk tables was
// requested by itself in Chromium 156, and no others were granted.
var ordinary = map[string]int64{
	"accessibilityFeatures.modify":        2,
	"accessibilityFeatures.read":          2,
	"activeTab":                           2,
	"alarms":                              2,
	"background":                          2,
	"bookmarks":                           2,
	"browsingData":                        2,
	"clipboardRead":                       2,
	"clipboardWrite":                      2,
	"contentSettings":                     2,
	"contextMenus":                        2,
	"cookies":                             2,
	"debugger":                            2,
	"declarativeContent":                  2,
	"declarativeNetRequest":               2,
	"declarativeNetRequestFeedback":       2,
	"declarativeNetRequestWithHostAccess": 2,
	"desktopCapture":                      2,
	"downloads":                           2,
	"downloads.open":                      2,
	"downloads.shelf":                     2,
	"downloads.ui":                        2,
	"favicon":                             2,
	"fontSettings":                        2,
	"gcm":                                 2,
	"geolocation":                         2,
	"history":                             2,
	"identity":                            2,
	"identity.email":                      2,
	"idle":                                2,
	"management":                          2,
	"nativeMessaging":                     2,
	"notifications":                       2,
	"offscreen":                           3,
	"pageCapture":                         2,
	"power":                               2,
	"printerProvider":                     2,
	"privacy":                             2,
	"proxy":                               2,
	"publicSuffix":                        3,
	"readingList":                         3,
	"scripting":                           3,
	"search":                              2,
	"sessions":                            2,
	"sidePanel":                           3,
	"storage":                             2,
	"system.cpu":                          2,
	"system.display":                      2,
	"system.memory":                       2,
	"system.storage":                      2,
	"tabCapture":                          2,
	"tabGroups":                           3,
	"tabs":                                2,
	"topSites":                            2,
	"transientBackground":                 2,
	"tts":                                 2,
	"ttsEngine":                           2,
	"unlimitedStorage":                    2,
	"userScripts":                         3,
	"webAuthenticationProxy":              3,
	"webNavigation":                       2,
	"webRequest":                          2,
	"webRequestAuthProvider":              2,
	"webRequestBlocking":                  2,
}

// channelled are the permissions that only an early channel grants. Chromium, and what is built on
// it without a channel set by its makers, counts as the earliest (observed in Chromium 156).
var channelled = map[string]int64{
	"dns":            2,
	"processes":      2,
	"system.network": 2,
}

// hasLateChannel reports whether the makers of the browser with that key compile a channel into it
// that is not an early one.
func hasLateChannel(key string) bool {
	brand, rest, _ := strings.Cut(key, "-")
	return (brand == "chrome" || brand == "edge") && !strings.HasPrefix(rest, "dev") &&
		!strings.HasPrefix(rest, "canary") && !strings.HasPrefix(rest, "for-testing")
}

// isGiven reports whether the browser with that key grants an extension with that location a
// permission just for requiring it.
func isGiven(key string, location int64, m *manifest, name string) bool {
	const blocking = "webRequestBlocking" // since version 3 only for extensions installed by policy
	since, ok := ordinary[name]
	if !ok && !hasLateChannel(key) {
		since, ok = channelled[name]
	}
	version := int64(2)
	if m.number != nil {
		version = *m.number
	}
	if name == blocking && version >= 3 {
		return location == atPolicy || location == atPolicyDownload
	}
	return ok && version >= since
}

// runsAs is the name under which a permission from the manifest runs.
func runsAs(name string) string { return cmp.Or(renamed[name], name) }
