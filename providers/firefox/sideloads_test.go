package firefox

import (
	"path"
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
