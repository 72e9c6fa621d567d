package enforce

import (
	"net/url"
	"slices"

	"guestlist/scanner/inventory"
)

// Form is a file format of a policy.
type Form string

const (
	FormJSON         Form = "json"         // a file in a directory, on Linux
	FormPlist        Form = "plist"        // managed preferences, on macOS
	FormMobileconfig Form = "mobileconfig" // a configuration profile, on macOS
	FormReg          Form = "reg"          // an export of the registry, on Windows
	FormCSV          Form = "csv"
)

// Target is a browser or a platform with a policy of its own.
type Target struct {
	Name  string
	Title string // for people
	Forms []Form // the first is the default

	// Linux is the directory of its managed policies, or the file itself, macOS the domain of its
	// managed preferences and Windows the key below HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER. Empty:
	// it is no browser.
	Linux, MacOS, Windows string

	// Distribution are the files that count where there is none in the place of its own, as patterns.
	Distribution []string

	// Place says where a file that was written is to be put, for the targets that are no browser.
	Place string

	family *family
	store  func(id inventory.Untrusted) inventory.Untrusted // where it installs from, unless an entry says otherwise
	plan   func(*planner)
	write  func(*planner) ([]byte, error)
	read   func(*Target, []byte) (*Policy, error)
}

const (
	chromeStore = "https://clients2.google.com/service/update2/crx"
	edgeStore   = "https://edge.microsoft.com/extensionwebstorebase/v1/crx"
)

var browserForms = []Form{FormJSON, FormPlist, FormMobileconfig, FormReg}

// Targets returns every target. The caller must not change them.
func Targets() []*Target { return targets }

// TargetNamed returns the target of a name, or nil.
func TargetNamed(name string) *Target {
	if n := slices.IndexFunc(targets, func(t *Target) bool { return t.Name == name }); n >= 0 {
		return targets[n]
	}
	return nil
}

// IsBrowser reports whether the target is a browser, whose policy may be in force on a machine.
func (t *Target) IsBrowser() bool { return t.family != nil }

// IsMerged reports whether the target's place on Linux is a directory of files that count together.
func (t *Target) IsMerged() bool { return t.family == &chromium }

var targets = []*Target{
	{
		Name: "chrome", Title: "Google Chrome", Forms: browserForms, family: &chromium, store: fromStore(chromeStore),
		plan: planBrowser, write: writeBrowser, read: readBrowser,
		Linux: "/etc/opt/chrome/policies/managed", MacOS: "com.google.Chrome", Windows: `SOFTWARE\Policies\Google\Chrome`,
	},
	{
		Name: "chromium", Title: "Chromium", Forms: browserForms, family: &chromium, store: fromStore(chromeStore),
		plan: planBrowser, write: writeBrowser, read: readBrowser,
		Linux: "/etc/chromium/policies/managed", MacOS: "org.chromium.Chromium", Windows: `SOFTWARE\Policies\Chromium`,
	},
	{
		Name: "edge", Title: "Microsoft Edge", Forms: browserForms, family: &chromium, store: fromStore(edgeStore),
		plan: planBrowser, write: writeBrowser, read: readBrowser,
		Linux: "/etc/opt/edge/policies/managed", MacOS: "com.microsoft.Edge", Windows: `SOFTWARE\Policies\Microsoft\Edge`,
	},
	{
		Name: "brave", Title: "Brave", Forms: browserForms, family: &chromium, store: fromStore(chromeStore),
		plan: planBrowser, write: writeBrowser, read: readBrowser,
		Linux: "/etc/brave/policies/managed", MacOS: "com.brave.Browser", Windows: `SOFTWARE\Policies\BraveSoftware\Brave`,
	},
	{
		Name: "firefox", Title: "Firefox", Forms: browserForms, family: &firefox, store: fromAddons,
		plan: planBrowser, write: writeBrowser, read: readBrowser,
		Distribution: []string{
			"/usr/lib/firefox*/distribution/policies.json", "/usr/lib64/firefox*/distribution/policies.json",
			"/opt/firefox*/distribution/policies.json", "/snap/firefox/current/usr/lib/firefox/distribution/policies.json",
			"/Applications/Firefox*.app/Contents/Resources/distribution/policies.json",
			"/Program Files/Mozilla Firefox*/distribution/policies.json",
			"/Program Files (x86)/Mozilla Firefox*/distribution/policies.json",
		},
		Linux: "/etc/firefox/policies/policies.json", MacOS: "org.mozilla.firefox", Windows: `SOFTWARE\Policies\Mozilla\Firefox`,
	},
	{
		Name: "google", Title: "Google Workspace", Forms: []Form{FormCSV}, plan: planGoogle, write: writeGoogle, read: readGoogle,
		Place: "the Admin console: Security > Access and data control > API controls > Manage app access > Bulk update list",
	},
	{
		Name: "github-actions", Title: "GitHub Actions", Forms: []Form{FormJSON}, plan: planActions, write: writeActions, read: readActions,
		Place: "gh api --method PUT /orgs/ORG/actions/permissions/selected-actions --input FILE",
	},
}

func fromStore(address inventory.Untrusted) func(inventory.Untrusted) inventory.Untrusted {
	return func(inventory.Untrusted) inventory.Untrusted { return address }
}

// fromAddons is the address of an add-on's newest version at addons.mozilla.org.
func fromAddons(id inventory.Untrusted) inventory.Untrusted {
	return inventory.Untrusted("https://addons.mozilla.org/firefox/downloads/latest/" + url.PathEscape(string(id)) + "/latest.xpi")
}
