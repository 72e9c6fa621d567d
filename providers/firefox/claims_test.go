package firefox

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

const wideManifest = `{"manifest_version":2,"name":"Some","version":"1.0","permissions":["storage","cookies","tabs","<all_urls>"],` +
	`"content_scripts":[{"matches":["https://b.example/*"]}],"browser_specific_settings":{"gecko":{"id":"` + someID + `"}}}`

// claim is an entry of an add-on that says to need storage and nothing else.
func claim(members string) string {
	return `{"id":"` + someID + `","version":"1.0","type":"extension","location":"app-profile","active":true,"visible":true,"signedState":2,` +
		`"sourceURI":"https://addons.mozilla.org/x.xpi","path":"/x/extensions/` + someID + `.xpi",` +
		`"userPermissions":{"permissions":["storage"],"origins":[]},"optionalPermissions":{"permissions":[],"origins":[]}` + members + `}`
}

// A program that plants an add-on writes its entry as well. Whatever that says, an approval of
// "storage" alone never covers the add-on: it is told with what the browser gives it, or as
// something else than approved, or the profile is not read in full.
func TestAProfileCannotTalkItsAddonDown(t *testing.T) {
	t.Parallel()
	xpi := packed(t, manifestFile, wideManifest)
	startup := func(members string) string {
		return mozLz4(`{"app-profile":{"path":"/x/extensions","addons":{"` + someID + `":{"enabled":true,"version":"1.0","path":"` + someID + `.xpi"` + members + `}}}}`)
	}
	const own = "extensions/" + someID + ".xpi"
	harmless := packed(t, manifestFile, strings.Replace(wideManifest, `"cookies","tabs","<all_urls>"`, `"alarms"`, 1))
	tests := []struct {
		name  string
		list  string
		files map[string]string // below the profile, beside the add-on's own xpi
	}{
		{"shrunken-permissions", claim(""), nil},
		{"no-permissions", claim(`,"userPermissions":null`), nil},
		{"permissions-of-a-wrong-type", claim(`,"userPermissions":"storage"`), nil},
		{"empty-permissions", claim(`,"userPermissions":{}`), nil},
		{"a-theme", claim(`,"type":"theme"`), nil},
		{"a-dictionary-without-permissions", claim(`,"type":"dictionary","userPermissions":null`), nil},
		{"a-language-pack", claim(`,"type":"locale"`), nil},
		{"a-type-of-tomorrow", claim(`,"type":"widget"`), nil},
		{"no-type", claim(`,"type":null`), nil},
		{"a-site-permission", claim(`,"type":"sitepermission"`), nil},
		{"version-3", claim(`,"manifestVersion":3`), nil},
		{"off-with-no-reason", claim(`,"active":false`), nil},
		{"off-by-the-user-and-started", claim(`,"active":false,"userDisabled":true`),
			map[string]string{startupFile: startup("")}},
		{"removed-and-started", claim(`,"active":false,"pendingUninstall":true`),
			map[string]string{startupFile: startup("")}},
		{"neither-on-nor-off", claim(`,"active":null`), nil},
		{"hidden-by-a-copy-that-is-not-there", claim(`,"active":false,"visible":false`), nil},
		{"hidden", claim(`,"hidden":true`), nil},
		{"no-path", claim(`,"path":null`), nil},
		{"an-empty-path", claim(`,"path":""`), nil},
		{"a-path-of-a-wrong-type", claim(`,"path":7`), nil},
		{"no-location", claim(`,"location":null`), nil},
		{"a-location-of-tomorrow", claim(`,"location":"app-cloud"`), nil},
		{"in-the-browser's-archive", claim(`,"location":"app-builtin","path":null,"rootURI":"resource://builtin-themes/x/"`), nil},
		{"in-the-browser's-archive-and-nowhere", claim(`,"location":"app-builtin-addons","hidden":true,"path":null,"rootURI":null`), nil},
		{"in-the-browser's-archive-by-a-file", claim(`,"location":"app-builtin","path":null,"rootURI":"jar:file:///x/extensions/` + someID + `.xpi!/"`), nil},
		{"one-of-the-browser's-own", claim(`,"location":"app-system-defaults","hidden":true`), nil},
		{"an-update-of-the-browser's-own", claim(`,"location":"app-system-addons","hidden":true,"signedState":3`), nil},
		{"of-the-system-at-no-place", claim(`,"location":"app-system-share","path":"/usr/share/none"`), nil},
		{"a-path-to-a-harmless-one-in-the-same-folder", claim(`,"path":"/x/extensions/other@acme.example.xpi"`),
			map[string]string{"extensions/other@acme.example.xpi": harmless}},
		{"a-path-to-a-harmless-one-elsewhere-in-the-profile", claim(`,"path":"/x/work.default/storage/h.xpi"`),
			map[string]string{"storage/h.xpi": harmless}},
		{"a-harmless-folder-of-the-same-ID", claim(`,"path":"/x/extensions/` + someID + `"`),
			map[string]string{"extensions/" + someID + "/" + manifestFile: strings.Replace(wideManifest,
				`"cookies","tabs","<all_urls>"`, `"alarms"`, 1)}},
		{"a-harmless-twin-after-it", claim("") + "," + claim(`,"path":"/x/extensions/other@acme.example.xpi"`),
			map[string]string{"extensions/other@acme.example.xpi": harmless}},
		{"a-harmless-twin-elsewhere-that-hides-it",
			claim(`,"active":false,"visible":false`) + "," + claim(`,"location":"app-system-share","path":"/usr/none.xpi"`),
			nil},
		{"an-ID-in-other-letters", strings.ReplaceAll(claim(""), someID, "SOME@acme.example"), nil},
		{"no-entry", "", nil},
		{"an-entry-of-a-wrong-type", "null", nil},
		{"an-entry-without-an-ID", `{"location":"app-profile"}`, nil},
		{"no-entry-and-started", "", map[string]string{startupFile: startup("")}},
		{"no-entry-and-started-as-the-browser's-own", "",
			map[string]string{startupFile: mozLz4(`{"app-builtin":{"addons":{"` + someID + `":{"enabled":true,"rootURI":"jar:file:///x/extensions/` + someID + `.xpi!/"}}}}`)}},
		{"granted-what-nobody-may-take-back", claim(""),
			map[string]string{grantsFile: `{"` + someID + `":{"permissions":[],"origins":[]}}`}},
		{"grants-of-a-wrong-type", claim(""), map[string]string{grantsFile: `{"` + someID + `":"none"}`}},
		{"a-waiting-version-with-more", claim(""), map[string]string{"extensions/staged/" + someID + ".xpi": xpi,
			own: harmless}},
		{"two-manifests-in-one-package", claim(""),
			map[string]string{own: packed(t, manifestFile, harmlessManifest, manifestFile, wideManifest)}},
		{"a-manifest-in-capitals", claim(""), map[string]string{own: packed(t, "Manifest.json", wideManifest)}},
		{"a-package-with-another-one-behind-it", claim(""), map[string]string{own: xpi + harmless}},
		{"a-package-with-a-directory-at-its-front", claim(""), map[string]string{own: optimized(t, harmlessManifest)}},
		{"a-package-with-a-header-of-Chromium", claim(""), map[string]string{own: crxHeader(t, harmlessManifest)}},
		{"a-package-with-two-directories", claim(""),
			map[string]string{own: twoDirectories(t, harmlessManifest, wideManifest)}},
		{"a-package-that-is-a-theme-and-is-none", claim(`,"type":"theme"`),
			map[string]string{own: packed(t, manifestFile,
				strings.Replace(wideManifest, `{`, `{"theme":null,"dictionaries":false,`, 1))}},
		{"a-pointer-to-a-folder-in-its-place", claim(`,"path":"/x/extensions/` + someID + `"`),
			map[string]string{"extensions/" + someID: "/nowhere\n"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write(firefoxDir+profilesFile, "[Profile0]\nName=Work\nIsRelative=1\nPath=work.default\n")
			h.write(profileDir+own, xpi)
			for name, content := range test.files {
				h.write(profileDir+name, content)
			}
			h.write(profileDir+extensionsFile, `{"schemaVersion":37,"addons":[`+test.list+`]}`)
			items, coverage := h.collect()
			for _, c := range coverage {
				if c.Status != inventory.StatusComplete {
					return
				}
			}
			for _, item := range items {
				if isBeyond(item) {
					return
				}
			}
			t.Errorf("an approval of storage covers everything: %+v", items)
		})
	}
}

const harmlessManifest = `{"manifest_version":2,"name":"Some","version":"1.0","permissions":["storage"]}`

// isBeyond reports whether an approval of "storage" does not cover an item, or something is said of
// it that no approval covers.
func isBeyond(item inventory.Item) bool {
	if item.State == inventory.StateLeftover {
		return false
	}
	return len(item.Access.Hosts) > 0 ||
		slices.ContainsFunc(item.Marks, func(mark inventory.Mark) bool { return mark.Class == inventory.MarkIdentity }) ||
		slices.ContainsFunc(item.Access.Permissions, func(name inventory.Untrusted) bool { return name != "storage" })
}

// optimized returns a zip with the mark of a directory where the browser looks for one first.
func optimized(t *testing.T, manifest string) string {
	t.Helper()
	return behind(t, "\x00\x00\x00\x00"+zipDirectory, manifest)
}

// crxHeader returns a zip behind the header that the browser skips.
func crxHeader(t *testing.T, manifest string) string {
	t.Helper()
	return behind(t, crxMagic+"\x03\x00\x00\x00\x04\x00\x00\x00abcd", manifest)
}

func behind(t *testing.T, head, manifest string) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(head)
	w := zip.NewWriter(&b)
	w.SetOffset(int64(b.Len()))
	f, err := w.Create(manifestFile)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte(manifest))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// twoDirectories returns a zip whose end record stands behind one directory and gives the offset of
// another one.
func twoDirectories(t *testing.T, behind, named string) string {
	t.Helper()
	first, second := packed(t, manifestFile, named), packed(t, manifestFile, behind)
	end := len(second) - zipEndSize
	moved := []byte(second[:end])
	directory := int(binary.LittleEndian.Uint32([]byte(second[end+16:])))
	binary.LittleEndian.PutUint32(moved[directory+42:], uint32(len(first))) // where its file is now
	tail := []byte(second[end:])
	binary.LittleEndian.PutUint32(tail[16:], binary.LittleEndian.Uint32([]byte(first[len(first)-zipEndSize+16:])))
	return first + string(moved) + string(tail)
}

func TestWhatTheManifestRequiresCounts(t *testing.T) {
	t.Parallel()
	const optionals = `"optional_permissions":["downloads","https://o.example/*"]`
	manifest := func(version int, members string) string {
		return fmt.Sprintf(`{"manifest_version":%d,"name":"Some","version":"1.0",%s}`, version, members)
	}
	tests := []struct {
		name, entry, grants, manifest string
		permissions, hosts, requested string
		marks                         string
	}{
		{
			"a-shrunken-list-of-version-2", `"userPermissions":{"permissions":["storage"],"origins":[]}`, "",
			manifest(2, `"permissions":["storage","cookies","https://a.example/*"],"content_scripts":[{"matches":["https://b.example/x*"]}],`+optionals),
			"cookies storage", "https://a.example/* https://b.example/x*", "",
			"identity permission-mismatch: extensions.json lists less than its manifest asks for: cookies, https://a.example/*, https://b.example/*",
		},
		{
			"version-3-withholds-sites-until-they-are-granted", `"userPermissions":{"permissions":["storage"],"origins":[]}`, "",
			manifest(3, `"permissions":["storage"],"host_permissions":["https://a.example/*"],"content_scripts":[{"matches":["https://b.example/*"]}]`),
			"storage", "", "https://a.example/* https://b.example/*", "",
		},
		{
			"version-3-and-what-was-granted", `"userPermissions":{"permissions":["storage"],"origins":[]}`,
			`{"permissions":["<all_urls>"],"origins":["<all_urls>"]}`,
			manifest(3, `"permissions":["storage"],"host_permissions":["<all_urls>"]`),
			"storage", "<all_urls>", "", "",
		},
		{
			"a-host-pattern-among-the-granted-permissions-alone",
			`"userPermissions":{"permissions":["storage"],"origins":[]}`, `{"permissions":["<all_urls>"],"origins":[]}`,
			manifest(2, `"permissions":["storage"],"optional_permissions":["<all_urls>"]`),
			"storage", "<all_urls>", "", "",
		},
		{
			"a-grant-is-of-the-whole-site", `"userPermissions":{"permissions":["storage"],"origins":[]}`,
			`{"permissions":[],"origins":["https://a.example/*"]}`,
			manifest(2, `"permissions":["storage"],"optional_permissions":["https://a.example/path/*"]`),
			"storage", "https://a.example/*", "", "",
		},
		{
			"names-that-the-browser-drops", `"userPermissions":{"permissions":["storage"],"origins":[]}`, "",
			manifest(2, `"permissions":["storage","sidePanel","debugger","mozillaAddons","userScripts","bookmark","chrome://favicon/"]`),
			"storage", "", "", "",
		},
		{
			"slips-of-the-pen-in-hosts", `"userPermissions":{"permissions":["storage"],"origins":["https://a.example:8443/*","*://*/*"]}`, "",
			manifest(2, `"permissions":["storage","https://a.example:8443/*","*://*/*","http://localhost:*/*","https://www.*.example/*","https://*a.example/*",
				"https://a.example","HTTPS://a.example/*","*://*:8443/*","https:///*","http*://a.example/*"]`),
			"storage", "*://*/* https://a.example:8443/*", "", "",
		},
		{
			"names-for-Mozilla's-own", `"signedState":4,"userPermissions":{"permissions":["storage","mozillaAddons"],"origins":[]}`, "",
			manifest(2, `"permissions":["storage","mozillaAddons"]`),
			"mozillaAddons storage", "", "", "note privileged: signed to use the browser's own interfaces",
		},
		{
			"developer-tools", `"userPermissions":{"permissions":["storage"],"origins":[]}`, "",
			manifest(2, `"permissions":["storage"],"devtools_page":"d.html"`),
			"devtools storage", "", "", "identity permission-mismatch: extensions.json lists less than its manifest asks for: devtools",
		},
		{
			"a-theme-is-given-nothing", `"type":"theme","userPermissions":null`, "",
			manifest(2, `"permissions":["cookies","<all_urls>"],"theme":{}`), "", "", "", "",
		},
		{
			"an-extension-that-calls-itself-a-theme", `"type":"theme","userPermissions":null`, "",
			manifest(2, `"permissions":["cookies"]`), "cookies", "", "",
			"identity permission-mismatch: extensions.json calls it theme, its manifest makes it extension",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write(profileDir+extensionsFile, `{"addons":[{"id":"`+someID+`","version":"1.0","type":"extension","location":"app-profile","active":true,
				"path":"/x/extensions/`+someID+`.xpi",`+test.entry+`}]}`)
			h.write(profileDir+"extensions/"+someID+".xpi", packed(t, manifestFile, test.manifest))
			if test.grants != "" {
				h.write(profileDir+grantsFile, `{"`+someID+`":`+test.grants+`}`)
			}
			items, coverage := h.collect()
			if len(items) != 1 || coverage[0].Status != inventory.StatusComplete {
				t.Fatalf("%d items, coverage %+v", len(items), coverage)
			}
			a := items[0].Access
			for what, pair := range map[string][2]string{
				"permissions": {spaced(a.Permissions), test.permissions}, "hosts": {spaced(a.Hosts), test.hosts},
				"requested": {spaced(a.Requested), test.requested}, "marks": {marksOf(items[0]), test.marks},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s:\n got %s\nwant %s", what, pair[0], pair[1])
				}
			}
		})
	}
}

func TestPartsOfTheBrowserAreKnownByTheirPlace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, entry, startup string
		want                 standing
	}{
		{"in-the-archive", `"location":"app-builtin","rootURI":"resource://builtin-themes/dark/"`, "", builtin},
		{"in-the-archive-and-the-browser-agrees", `"location":"app-builtin-addons","hidden":true,"rootURI":"resource://builtin-addons/x/"`, `"rootURI":"resource://builtin-addons/x/","path":null`, builtin},
		{"in-the-archive-and-the-browser-starts-a-file",
			`"location":"app-builtin","rootURI":"resource://builtin-addons/x/"`, `"rootURI":"jar:file:///home/x.xpi!/"`,
			pretending},
		{"in-the-archive-with-a-path", `"location":"app-builtin","rootURI":"resource://x/","path":"/home/x.xpi"`, "",
			pretending},
		{"no-place-and-an-ID-of-Mozilla's", `"id":"default-theme@mozilla.org","location":"app-builtin"`, "", builtin},
		{"no-place-and-another-ID", `"location":"app-builtin"`, "", pretending},
		{"in-the-browser's-folder", `"location":"app-system-defaults","hidden":true,"path":"/usr/lib/firefox/browser/features/` + someID + `.xpi"`, "", builtin},
		{"in-a-folder-of-that-name-in-a-home", `"location":"app-system-defaults","hidden":true,"path":"/home/ada/firefox/browser/features/` + someID + `.xpi"`, "", unconfirmed},
		{"in-another-folder", `"location":"app-system-defaults","hidden":true,"path":"/opt/x/` + someID + `.xpi"`, "",
			pretending},
		{"in-the-browser's-folder-by-a-roundabout-way",
			`"location":"app-system-defaults","hidden":true,"path":"/home/ada/browser/features/../../../../tmp/browser/features/` + someID + `.xpi"`, "", pretending},
		{"in-the-browser's-folder-and-started-elsewhere",
			`"location":"app-system-defaults","hidden":true,"path":"/usr/lib/firefox/browser/features/` + someID + `.xpi"`,
			`"path":"/tmp/x.xpi"`, pretending},
		{"in-a-folder-of-that-name-that-anybody-can-write",
			`"location":"app-system-defaults","hidden":true,"path":"/var/tmp/browser/features/` + someID + `.xpi"`, "",
			unconfirmed},
		{"an-update", `"id":"newtab@mozilla.org","location":"app-system-addons","hidden":true,"signedState":3,"path":"/signed/features/{1}/newtab@mozilla.org.xpi"`, "", builtin},
		{"an-update-without-a-signature", `"id":"newtab@mozilla.org","location":"app-system-addons","hidden":true,"signedState":3,"path":"/bare/features/{1}/newtab@mozilla.org.xpi"`, "", pretending},
		{"an-update-with-another's-signature", `"id":"webcompat@mozilla.org","location":"app-system-addons","hidden":true,"signedState":3,"path":"/signed/features/{1}/webcompat@mozilla.org.xpi"`, "", pretending},
		{"an-update-whose-files-are-gone", `"id":"newtab@mozilla.org","location":"app-system-addons","hidden":true,"signedState":3,"path":"/gone/features/{1}/newtab@mozilla.org.xpi"`, "", unconfirmed},
		{"an-update-of-what-nobody-knows", `"location":"app-system-addons","hidden":true,"signedState":3,"path":"/p/features/{1}/` + someID + `.xpi"`, "", unconfirmed},
		{"an-update-that-is-not-signed-as-one", `"id":"newtab@mozilla.org","location":"app-system-addons","hidden":true,"signedState":2,"path":"/p/features/{1}/newtab@mozilla.org.xpi"`, "", pretending},
		{"hidden-in-the-profile", `"location":"app-profile","hidden":true,"signedState":2,"path":"/x/extensions/` + someID + `.xpi"`, "", pretending},
		{"hidden-and-privileged", `"location":"app-profile","hidden":true,"signedState":4,"path":"/x/extensions/` + someID + `.xpi"`, "", ordinary},
		{"an-ordinary-one", `"location":"app-profile","path":"/x/extensions/` + someID + `.xpi"`, "", ordinary},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			addons, _, err := parseExtensions(strings.NewReader(`{"addons":[{"id":"` + someID + `",` + test.entry + `}]}`))
			if err != nil || len(addons) != 1 {
				t.Fatalf("%d add-ons, %v", len(addons), err)
			}
			a := addons[0]
			h := newHome(t)
			h.writeSystem("signed/features/{1}/newtab@mozilla.org.xpi",
				packed(t, signatureFile, string(signatureOf(t, "newtab@mozilla.org", "Mozilla Components"))))
			h.writeSystem("signed/features/{1}/webcompat@mozilla.org.xpi",
				packed(t, signatureFile, string(signatureOf(t, "newtab@mozilla.org", "Mozilla Components"))))
			h.writeSystem("bare/features/{1}/newtab@mozilla.org.xpi", packed(t, manifestFile, `{}`))
			s := &scan{provider: New(h.env()), signed: map[*addon]standing{}, said: map[inventory.Untrusted]bool{}}
			if test.startup != "" {
				s.startup, err = parseStartup([]byte(`{"` + a.location + `":{"addons":{"` + a.id + `":{` + test.startup + `}}}}`))
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := s.standing(a); got != test.want {
				t.Errorf("standing is %d, want %d", got, test.want)
			}
		})
	}
}

func TestSurfacesOfAManifest(t *testing.T) {
	t.Parallel()
	m, _, err := parseManifest([]byte(`{"protocol_handlers":[{"protocol":"mailto","name":"M","uriTemplate":"https://a.example/?%s"},{"protocol":"EXT+a"}],"legacy":{"type":"bootstrap"},"experiment_apis":{"x":{}},"devtools_page":"d.html",
		"chrome_settings_overrides":{"search_provider":{},"homepage":"x"},"chrome_url_overrides":{"newtab":"n.html"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "devtools_page experiment_apis legacy protocol_handlers mailto protocol_handlers ext+a " +
		"chrome_url_overrides.newtab chrome_settings_overrides.homepage chrome_settings_overrides.search_provider"
	if got := spaced(m.surfaces()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
