package firefox

import (
	"testing"

	"guestlist/scanner"
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
