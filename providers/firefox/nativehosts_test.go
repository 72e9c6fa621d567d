package firefox

import (
	"strings"
	"testing"

	"guestlist/providers/internal/winregistry"
	"guestlist/providers/internal/winregistry/winregistrytest"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

func TestTheProgramsThatAnAddonMayTalkToAreFacts(t *testing.T) {
	t.Parallel()
	host := func(name, kind string, ids ...string) string {
		return `{"name":"` + name + `","type":"` + kind + `","path":"/opt/` + name + `","allowed_extensions":["` + strings.Join(ids, `","`) + `"]}`
	}
	const ofProfile = "work.default/"
	for name, test := range map[string]struct {
		os, firefox string // where the browser keeps its profiles, below the home
		permission  string
		home        scanner.Home
		files       map[string]string // below the home, or with "/" below the system
		registry    winregistry.Registry
		want        inventory.Untrusted
		status      inventory.Status
	}{
		"linux": {linux, firefoxDir, "nativeMessaging", scanner.Home{}, map[string]string{
			".mozilla/native-messaging-hosts/example.one.json":    host("example.one", "stdio", someID),
			".mozilla/native-messaging-hosts/example.other.json":  host("example.other", "stdio", "other@example.com"),
			".mozilla/native-messaging-hosts/example.module.json": host("example.module", "pkcs11", someID),
			".mozilla/native-messaging-hosts/broken.json":         `{"name":`,
			".mozilla/native-messaging-hosts/wrong.json":          `{"name":1,"type":"stdio","path":"/opt/wrong","allowed_extensions":["` + someID + `"]}`,
			".mozilla/native-messaging-hosts/note.txt":            host("example.note", "stdio", someID),
			".mozilla/native-messaging-hosts/origins.json":        `{"name":"example.origins","type":"stdio","path":"/opt/x","allowed_origins":["` + someID + `"]}`,
			"/usr/lib/mozilla/native-messaging-hosts/example.two.json": host("example.two", "stdio", "other@example.com",
				someID),
			"/usr/lib64/mozilla/native-messaging-hosts/example.six.json": host("example.six", "stdio", someID),
			"/usr/share/mozilla/native-messaging-hosts/example.ten.json": host("example.ten", "stdio", someID),
		}, nil, "example.one (/opt/example.one), example.six (/opt/example.six), example.ten (/opt/example.ten), example.two (/opt/example.two)", inventory.StatusComplete},
		"a-copied-home": {linux, firefoxDir, "nativeMessaging", scanner.Home{AnyOS: true}, map[string]string{
			".mozilla/native-messaging-hosts/example.one.json":         host("example.one", "stdio", someID),
			"/usr/lib/mozilla/native-messaging-hosts/example.two.json": host("example.two", "stdio", someID),
		}, nil, "example.one (/opt/example.one)", inventory.StatusComplete},
		"without-the-permission": {linux, firefoxDir, "storage", scanner.Home{}, map[string]string{
			".mozilla/native-messaging-hosts/example.one.json": host("example.one", "stdio", someID),
		}, nil, "", inventory.StatusComplete},
		"no-folder-at-all": {linux, firefoxDir, "nativeMessaging", scanner.Home{}, nil, nil, "", inventory.StatusComplete},
		"a-folder-that-is-a-file": {linux, firefoxDir, "nativeMessaging", scanner.Home{}, map[string]string{
			".mozilla/native-messaging-hosts": "",
		}, nil, "", inventory.StatusPartial},
		"too-large": {linux, firefoxDir, "nativeMessaging", scanner.Home{}, map[string]string{
			".mozilla/native-messaging-hosts/large.json": strings.Repeat(" ", 65<<10),
		}, nil, "", inventory.StatusPartial},
		"macos": {macOS, "Library/Application Support/Firefox/", "nativeMessaging", scanner.Home{}, map[string]string{
			"Library/Application Support/Mozilla/NativeMessagingHosts/example.one.json":  host("example.one", "stdio", someID),
			"/Library/Application Support/Mozilla/NativeMessagingHosts/example.two.json": host("example.two", "stdio", someID),
			".mozilla/native-messaging-hosts/example.three.json":                         host("example.three", "stdio", someID),
		}, nil, "example.one (/opt/example.one), example.two (/opt/example.two)", inventory.StatusComplete},
		"windows": {windows, "AppData/Roaming/Mozilla/Firefox/", "nativeMessaging", scanner.Home{Own: true},
			map[string]string{
				"/hosts/one.json": host("example.one", "stdio", someID),
				"/hosts/two.json": host("example.two", "stdio", someID),
				"/hosts/bad.json": `{"name":`,
			}, winregistrytest.Keys{
				`HKEY_LOCAL_MACHINE\` + hostKey + `\example.one`:  "/hosts/one.json",
				`HKEY_LOCAL_MACHINE\` + hostKey + `\example.bad`:  "/hosts/bad.json",
				`HKEY_LOCAL_MACHINE\` + hostKey + `\example.gone`: "/hosts/gone.json",
				`HKEY_CURRENT_USER\` + hostKey + `\example.two`:   "/hosts/two.json",
			}, "example.one (/opt/example.one), example.two (/opt/example.two)", inventory.StatusComplete},
		"windows-of-another-user": {windows, "AppData/Roaming/Mozilla/Firefox/", "nativeMessaging", scanner.Home{},
			map[string]string{
				"/hosts/two.json": host("example.two", "stdio", someID),
			}, winregistrytest.Keys{`HKEY_CURRENT_USER\` + hostKey + `\example.two`: "/hosts/two.json"}, "", inventory.StatusComplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write(test.firefox+profilesFile, "[Profile0]\nName=Work\nIsRelative=1\nPath=work.default\n")
			h.write(test.firefox+ofProfile+extensionsFile, strings.ReplaceAll(one, `"storage"`, `"`+test.permission+`"`))
			h.write(test.firefox+ofProfile+"extensions/"+someID+".xpi",
				packed(t, manifestFile, strings.ReplaceAll(someManifest, `"storage"`, `"`+test.permission+`"`)))
			for at, text := range test.files {
				if below, ok := strings.CutPrefix(at, "/"); ok {
					h.writeSystem(below, text)
				} else {
					h.write(at, text)
				}
			}
			env := h.env()
			test.home.Dir, test.home.User = h.dir, "ada"
			env.OS, env.Homes = test.os, []scanner.Home{test.home}
			p := New(env)
			p.registry = test.registry
			var sink testkit.Sink
			coverage, err := p.Collect(t.Context(), &sink)
			if err != nil || len(sink.Items) != 1 || len(coverage) != 1 || coverage[0].Status != test.status {
				t.Fatalf("items %+v, coverage %+v, %v", sink.Items, coverage, err)
			}
			item := sink.Items[0]
			if got := item.Facts["native_hosts"]; got != test.want {
				t.Errorf("native hosts %q, want %q", got, test.want)
			}
			if item.HasMark(inventory.MarkNativeHost) != (test.want != "") {
				t.Errorf("marks %+v", item.Marks)
			}
		})
	}
}
