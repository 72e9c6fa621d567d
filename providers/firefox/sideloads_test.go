package firefox

import (
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func TestPackagesThatNoListNamesAreToldWhereverTheBrowserTakesAddonsIn(t *testing.T) {
	t.Parallel()
	const firefoxID = "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/"
	wide := func(id string) string {
		return `{"manifest_version":2,"name":"x","version":"1.0","permissions":["<all_urls>"],"browser_specific_settings":{"gecko":{"id":"` + id + `"}}}`
	}
	for name, test := range map[string]struct {
		at     string // below the home, or with "/" below the system
		id     string
		signed bool
		copied bool
		told   bool // as lost coverage
		items  int  // beside the one of the profile
	}{
		"the-user's":                  {".mozilla/extensions/" + firefoxID, "new@example.com", false, false, true, 1},
		"the-user's-of-a-copied-home": {".mozilla/extensions/" + firefoxID, "new@example.com", false, true, true, 1},
		"the-machine's": {"/usr/lib/mozilla/extensions/" + firefoxID, "new@example.com", false, false,
			true, 1},
		"the-machine's-beside-a-copy": {"/usr/lib/mozilla/extensions/" + firefoxID, "new@example.com", false, true,
			false, 0},
		"another-program's": {".mozilla/extensions/{3550f703-e582-4d05-9a08-453d09bdfdc6}/",
			"new@example.com", false, false, false, 0},
		"what-the-list-names":               {".mozilla/extensions/" + firefoxID, someID, false, false, false, 0},
		"in-features":                       {profileDir + "features/{1}/", "webcompat@mozilla.org", false, false, true, 1},
		"in-features-and-signed-as-its-own": {profileDir + "features/{1}/", "webcompat@mozilla.org", true, false, false, 1},
		"in-features-and-nobody-knows-it":   {profileDir + "features/{1}/", "new@example.com", true, false, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			files := []string{manifestFile, wide(test.id)}
			if test.signed {
				files = append(files, signatureFile, string(signatureOf(t, test.id, "Mozilla Components")))
			}
			if at, ok := strings.CutPrefix(test.at, "/"); ok {
				h.writeSystem(path.Join(at, test.id+".xpi"), packed(t, files...))
			} else {
				h.write(path.Join(test.at, test.id+".xpi"), packed(t, files...))
			}
			env := h.env()
			env.Homes[0].AnyOS = test.copied
			items, coverage := collect(t, env)
			if len(items) != 1+test.items {
				t.Fatalf("%d items: %+v", len(items), items)
			}
			told := slices.ContainsFunc(coverage[0].Details, func(detail inventory.Untrusted) bool {
				return strings.HasPrefix(string(detail), test.id+": its files are at ")
			})
			if told != test.told || (coverage[0].Status == inventory.StatusComplete) == test.told {
				t.Errorf("coverage %+v", coverage)
			}
			if test.items > 0 && !slices.ContainsFunc(items, func(i inventory.Item) bool {
				return i.State == inventory.StateLeftover && i.App.ID == inventory.Untrusted(test.id) &&
					slices.Contains(i.Access.Hosts, "<all_urls>")
			}) {
				t.Errorf("items %+v", items)
			}
		})
	}
}

func TestAPlaceThatIsNamedAndNotThereIsLostCoverageBesideAPackage(t *testing.T) {
	t.Parallel()
	missing := `"path":"/away/other.xpi"`
	for name, test := range map[string]struct {
		entry, startup string
		want           bool
	}{
		"none":                {`"path":"/x/extensions/` + someID + `.xpi"`, "", false},
		"in-the-list":         {missing, "", true},
		"in-the-startup-file": {`"path":"/x/extensions/` + someID + `.xpi"`, `"path":"/away/other.xpi"`, true},
		"in-its-address": {`"path":"/x/extensions/` + someID + `.xpi","rootURI":"jar:file:///away/other.xpi!/"`, "",
			true},
		"a-moved-profile": {`"path":"/y/extensions/` + someID + `.xpi"`, `"path":"/z/extensions/` + someID + `.xpi"`,
			false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			h.write(profileDir+extensionsFile, `{"addons":[{"id":"`+someID+`","version":"1.0","type":"extension","location":"app-profile","active":true,`+test.entry+`}]}`)
			if test.startup != "" {
				h.write(profileDir+startupFile, mozLz4(`{"app-profile":{"addons":{"`+someID+`":{"enabled":true,"version":"1.0",`+test.startup+`}}}}`))
			}
			_, coverage := h.collect()
			if got := slices.Contains(coverage[0].Details, someID+": /away/other.xpi: it is missing"); got != test.want {
				t.Errorf("coverage %+v", coverage)
			}
		})
	}
}

func TestPackagesThatTheBrowserLeavesAloneAreLeftoversAndNoLostCoverage(t *testing.T) {
	t.Parallel()
	const below = ".mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/new@example.com"
	pref := func(name, value string) string { return "// x\nuser_pref(\"" + name + "\", " + value + ");\n" }
	const past, future = "20010101000000", "29990101000000"
	for name, test := range map[string]struct {
		prefs, user string // files of settings
		ran, built  string // where the program lies by the profile, and when it was built
		copied      bool
		unpacked    bool
		told        bool // as lost coverage
	}{
		"as-the-browser-is":             {told: true},
		"settings-leave-the-place-out":  {prefs: pref(scopesSetting, "5")},
		"the-user's-settings-do":        {user: pref(scopesSetting, "5")},
		"the-user's-settings-come-last": {prefs: pref(scopesSetting, "5"), user: pref(scopesSetting, "15"), told: true},
		"the-last-one-of-a-file-counts": {prefs: pref(scopesSetting, "5") + pref(scopesSetting, "7"), told: true},
		"settings-leave-another-out":    {prefs: pref(scopesSetting, "7"), told: true},
		"settings-of-another-name":      {prefs: pref(scopesSetting+".x", "5"), told: true},
		"a-setting-in-a-comment": {prefs: "// " + pref(scopesSetting,
			"15") + "//user_pref(\"" + scopesSetting + "\", 5);\n", told: true},
		"settings-that-are-no-number":     {prefs: pref(scopesSetting, `"5"`), told: true},
		"a-build-from-before":             {ran: "/usr/lib/firefox", built: past, told: true},
		"a-build-from-after":              {ran: "/usr/lib/firefox", built: future, told: !canTellChanges},
		"a-directory-may-have-changed":    {ran: "/usr/lib/firefox", built: future, unpacked: true, told: true},
		"a-program-of-another-machine":    {ran: "/usr/lib/firefox", built: future, copied: true, told: true},
		"a-program-that-is-not-there":     {ran: "/opt/none", built: future, told: true},
		"a-program-without-a-build":       {ran: "/usr/lib/firefox", built: "soon", told: true},
		"a-program-at-a-place-of-its-own": {ran: "firefox", built: future, told: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			manifest := `{"manifest_version":2,"name":"x","version":"1.0","permissions":["tabs"],"browser_specific_settings":{"gecko":{"id":"new@example.com"}}}`
			if test.unpacked {
				h.write(below+"/"+manifestFile, manifest)
			} else {
				h.write(below+".xpi", packed(t, manifestFile, manifest))
			}
			for file, text := range map[string]string{prefsFile: test.prefs, userPrefsFile: test.user} {
				if text != "" {
					h.write(profileDir+file, text)
				}
			}
			if test.ran != "" {
				h.write(profileDir+compatibilityFile, "[Compatibility]\nLastVersion=1_2/2\nLastPlatformDir="+test.ran+"\n")
				h.writeSystem("usr/lib/firefox/"+applicationFile, "[App]\nBuildID="+test.built+"\n")
			}
			env := h.env()
			env.Homes[0].AnyOS = test.copied
			items, coverage := collect(t, env)
			if len(items) != 2 || !slices.ContainsFunc(items, func(i inventory.Item) bool {
				return i.App.ID == "new@example.com" && i.State == inventory.StateLeftover && len(i.StateReasons) == 1 &&
					i.StateReasons[0] != ""
			}) {
				t.Fatalf("items %+v", items)
			}
			if told := coverage[0].Status != inventory.StatusComplete; told != test.told {
				t.Errorf("coverage %+v", coverage)
			}
		})
	}
}

// canTellChanges says whether the system tells when a file was really changed.
const canTellChanges = runtime.GOOS == "linux" || runtime.GOOS == "darwin"
