package firefox

import (
	"strings"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// Browsers drop the names of mail programs and mail programs those of browsers, so an add-on that
// asks for both is given what its program has. Of a directory that no table knows, what lies in it
// says what its program is.
func TestAnAddonIsGivenTheNamesOfItsKindOfProgram(t *testing.T) {
	t.Parallel()
	asks := `{"manifest_version":2,"name":"Some","version":"1.0","devtools_page":"d.html","browser_specific_settings":{"gecko":{"id":"` + someID + `"}},
		"permissions":["storage","bookmarks","compose","messages.send","messengerSettings"]}`
	tests := []struct {
		name, directory string
		isNamed         bool     // with --profile-dir
		beside          []string // directories in the profile
		want            string
	}{
		{"a-browser", firefoxDir, false, nil, "bookmarks devtools storage"},
		{"a-browser-with-a-directory-called-mail", firefoxDir, false, []string{"Mail"}, "bookmarks devtools storage"},
		{"a-mail-program", ".thunderbird/", false, nil, "compose messengerSettings storage"},
		{"a-directory-that-was-named", "elsewhere/", true, nil, "bookmarks devtools storage"},
		{"a-mail-program-in-a-directory-that-was-named", "elsewhere/", true, []string{"Mail"},
			"compose messengerSettings storage"},
		{"a-mail-program-without-local-mail", "elsewhere/", true, []string{"ImapMail"}, "compose messengerSettings storage"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			profile := test.directory + "work.default/"
			h.write(test.directory+profilesFile, "[Profile0]\nName=Work\nIsRelative=1\nPath=work.default\n")
			h.write(profile+extensionsFile, `{"addons":[{"id":"`+someID+`","version":"1.0","type":"extension","location":"app-profile","active":true,
				"visible":true,"path":"/x/extensions/`+someID+`.xpi"}]}`)
			h.write(profile+"extensions/"+someID+".xpi", packed(t, manifestFile, asks))
			for _, folder := range test.beside {
				h.write(profile+folder+"/note", "")
			}
			env := h.env()
			if test.isNamed {
				env = scanner.Env{OS: linux, SystemRoot: h.system, ProfileDirs: []string{h.dir + "/" + profile}}
			}
			items, coverage := collect(t, env)
			if len(items) != 1 {
				t.Fatalf("%d items, coverage %+v", len(items), coverage)
			}
			if got := spaced(items[0].Access.Permissions); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Only the build says whether an add-on that is not Mozilla's is given the permission for studies,
// and no list of the profile's can hide it.
func TestThePermissionForStudiesCountsWhereTheBuildGivesIt(t *testing.T) {
	t.Parallel()
	asks := strings.ReplaceAll(someManifest, `"storage"`, `"storage","normandyAddonStudy","telemetry"`)
	for name, test := range map[string]struct {
		directory, ran string
		installed      string // a directory of the machine
		copied         bool
		want           string
	}{
		"mozilla's": {firefoxDir, "/usr/lib/firefox", "usr/lib/firefox", false, "storage"},
		"debian's": {firefoxDir, "/usr/lib/firefox-esr", "usr/lib/firefox-esr", false,
			"normandyAddonStudy storage"},
		"debian's-of-a-copied-home":  {firefoxDir, "/usr/lib/firefox-esr", "", true, "normandyAddonStudy storage"},
		"mozilla's-of-a-copied-home": {firefoxDir, "/opt/firefox", "usr/lib/firefox-esr", true, "storage"},
		"a-profile-that-says-otherwise": {firefoxDir, "/usr/lib/firefox", "usr/lib/firefox-esr", false,
			"normandyAddonStudy storage"},
		"a-profile-that-does-not-say": {firefoxDir, "", "", false, "normandyAddonStudy storage"},
		"a-mail-program":              {".thunderbird/", "/usr/lib/thunderbird", "usr/lib/firefox-esr", false, "storage"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write(test.directory+profilesFile, "[Profile0]\nName=Work\nIsRelative=1\nPath=work.default\n")
			h.write(test.directory+"work.default/"+extensionsFile, one)
			h.write(test.directory+"work.default/extensions/"+someID+".xpi", packed(t, manifestFile, asks))
			if test.ran != "" {
				h.write(test.directory+"work.default/"+compatibilityFile, "[Compatibility]\nLastPlatformDir="+test.ran+"\n")
			}
			if test.installed != "" {
				h.writeSystem(test.installed+"/firefox", "")
			}
			env := h.env()
			env.Homes[0].AnyOS = test.copied
			items, coverage := collect(t, env)
			if len(items) != 1 {
				t.Fatalf("%d items, coverage %+v", len(items), coverage)
			}
			if got := spaced(items[0].Access.Permissions); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEveryNameThatIsGivenHasARisk(t *testing.T) {
	t.Parallel()
	reasons := func(name string) []risk.Reason {
		return risk.Assess(&inventory.Item{
			Source: inventory.Source{Provider: inventory.Firefox}, Kind: inventory.KindExtension,
			Access: inventory.Access{Permissions: []inventory.Untrusted{inventory.Untrusted(name)}},
		}).Reasons
	}
	unknown := reasons("a name that nobody knows")
	if len(unknown) == 0 {
		t.Fatal("an unknown name has no reason")
	}
	for _, names := range []map[string]bool{requirable, ofBrowsers, ofMail, privileged, onlyOptional} {
		for name := range names {
			for _, reason := range reasons(name) {
				if reason.Why == unknown[0].Why {
					t.Errorf("%s: %s", name, reason.Why.String())
				}
			}
		}
	}
}
