package chromium

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/inventory"
)

// A key and the ID that follows from it.
var (
	someKey = base64.StdEncoding.EncodeToString([]byte("a public key, as far as a hash can tell"))
	keyID   = idFromHash(sha256.Sum256([]byte("a public key, as far as a hash can tell")))
)

// only reads the one extension of a profile whose settings hold entry under id, and whose manifest
// on disk is onDisk ("" for none).
func only(t *testing.T, id, entry, onDisk string) (inventory.Item, inventory.Coverage) {
	t.Helper()
	h := newHome(t)
	h.write(profileDir+"Preferences", `{"extensions":{"settings":{"`+id+`":`+entry+`}}}`)
	if onDisk != "" {
		h.write(profileDir+"Extensions/"+id+"/1.0_0/manifest.json", onDisk)
	}
	items, coverage := collect(t, h.env())
	items = slices.DeleteFunc(items, func(i inventory.Item) bool { return i.State == inventory.StateLeftover })
	if len(items) != 1 {
		t.Fatalf("%d items, want one; coverage %q", len(items), statuses(coverage))
	}
	return items[0], coverage[0]
}

func TestStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, entry string
		state       inventory.State
		reasons     []inventory.Untrusted
	}{
		{"no reason is on", ``, inventory.StateEnabled, nil},
		{"an empty list is on", `,"disable_reasons":[]`, inventory.StateEnabled, nil},
		{"zero is on", `,"disable_reasons":0`, inventory.StateEnabled, nil},
		{"the list of today", `,"disable_reasons":[1,16777216]`, inventory.StateDisabled,
			[]inventory.Untrusted{"developer mode is off", "user action"}},
		{
			"the bits of before, which browsers of today do not read", `,"disable_reasons":8193,"state":0`,
			inventory.StateUnknown,
			[]inventory.Untrusted{"installed by a program, not yet accepted", "user action",
				"written as only browsers before 136 read it"},
		},
		{"a number nobody knows", `,"disable_reasons":[4096]`, inventory.StateDisabled, []inventory.Untrusted{"reason 4096"}},
		{"the old state on", `,"state":1`, inventory.StateEnabled, nil},
		{"the old state off has a reason", `,"state":0,"disable_reasons":[1]`, inventory.StateDisabled,
			[]inventory.Untrusted{"user action"}},
		{"a state off without a reason switches nothing off", `,"state":0`, inventory.StateEnabled, nil},
		{"a state nobody knows switches nothing off", `,"state":9`, inventory.StateEnabled, nil},
		{"a state left from before does not switch on", `,"state":1,"disable_reasons":[1]`, inventory.StateDisabled,
			[]inventory.Untrusted{"user action"}},
		{"reasons that are text are none to the browser", `,"disable_reasons":["1"]`, inventory.StateEnabled, nil},
		{"the last list of reasons counts", `,"disable_reasons":[1],"disable_reasons":[]`, inventory.StateEnabled, nil},
		{"an unverified one", `,"disable_reasons":[256]`, inventory.StateDisabled, []inventory.Untrusted{"not verified"}},
		{"a reinstall", `,"disable_reasons":[524288]`, inventory.StateDisabled, []inventory.Untrusted{"reinstall"}},
		{
			"one off the list of known extensions", `,"disable_reasons":[1048576]`, inventory.StateDisabled,
			[]inventory.Untrusted{"not on the browser's list of known extensions"},
		},
		{"a policy check in the cloud", `,"disable_reasons":[67108864]`, inventory.StateDisabled,
			[]inventory.Untrusted{"blocked by a cloud policy check"}},
		{"retired reasons have no name", `,"disable_reasons":[128,2097152]`, inventory.StateDisabled,
			[]inventory.Untrusted{"reason 128", "reason 2097152"}},
		{"malware is not loaded", `,"blacklist_state":1`, inventory.StateDisabled,
			[]inventory.Untrusted{"blocked by the browser as malware"}},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			item, _ := only(t, someID, `{"location":4,"path":"/x"`+test.entry+`}`, "")
			if item.State != test.state || !slices.Equal(item.StateReasons, test.reasons) {
				t.Errorf("%s %q, want %s %q", item.State, item.StateReasons, test.state, test.reasons)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		browser, entry string
		want           inventory.Origin
	}{
		{"chrome", `"location":1,"from_webstore":true`, inventory.OriginStore},
		{"chrome", `"location":1,"from_webstore":false`, inventory.OriginSideload},
		{"chrome", `"location":1,"from_webstore":true,"manifest":{"update_url":"https://clients2.google.com/service/update2/crx"}`, inventory.OriginStore},
		{"chrome", `"location":1,"from_webstore":true,"manifest":{"update_url":"http://clients2.google.com/service/update2/crx?x=y"}`, inventory.OriginStore},
		{"yandex", `"location":1,"from_webstore":true,"manifest":{"update_url":"https://extension-updates.opera.com/api/omaha/update/"}`, inventory.OriginStore},
		{"chrome", `"location":1,"from_webstore":true,"manifest":{"update_url":"https://updates.example/crx"}`,
			inventory.OriginSideload},
		{"chrome", `"location":1,"from_webstore":true,"manifest":{"update_url":"https://clients2.google.com.example/service/update2/crx"}`, inventory.OriginSideload},
		{"edge", `"location":1,"from_webstore":true,"manifest":{"update_url":"https://updates.example/crx"}`,
			inventory.OriginSideload},
		{"chrome", `"location":6,"was_installed_by_default":true,"from_webstore":true`, inventory.OriginStore},
		{"chrome", `"location":6,"was_installed_by_default":true,"from_webstore":true,"manifest":{"update_url":"https://updates.example/crx"}`, inventory.OriginSideload},
		{"chrome", `"location":1,"manifest":{"update_url":"https://edge.microsoft.com/extensionwebstorebase/v1/crx"}`,
			inventory.OriginSideload},
		{"edge", `"location":1,"manifest":{"update_url":"https://edge.microsoft.com/extensionwebstorebase/v1/crx"}`,
			inventory.OriginStore},
		{"chrome", `"location":2`, inventory.OriginSideload},
		{"chrome", `"location":3`, inventory.OriginSideload},
		{"chrome", `"location":4`, inventory.OriginUnpacked},
		{"chrome", `"location":6,"from_webstore":true`, inventory.OriginSideload},
		{"chrome", `"location":7`, inventory.OriginPolicy},
		{"chrome", `"location":8`, inventory.OriginUnpacked},
		{"chrome", `"location":9`, inventory.OriginPolicy},
		{"chrome", `"location":99`, inventory.OriginUnknown},
	}
	for _, test := range tests {
		t.Run(test.browser+"_"+test.entry, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			dir := map[string]string{"chrome": ".config/google-chrome", "edge": ".config/microsoft-edge",
				"yandex": ".config/yandex-browser"}[test.browser]
			h.write(dir+"/Default/Preferences", `{"extensions":{"settings":{"`+someID+`":{"path":"`+someID+`/1.0_0",`+test.entry+`}}}}`)
			items, _ := collect(t, h.env())
			if len(items) != 1 || items[0].Origin != test.want {
				t.Errorf("items %+v, want one of origin %s", items, test.want)
			}
		})
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	const v2 = `{"name":"x","version":"1.0","manifest_version":2,"permissions":["tabs","https://a.example/deep/path",{"fileSystem":["write"]}],
		"optional_permissions":["history","https://b.example/"],"content_scripts":[{"matches":["https://c.example/mail/*"]}]}`
	const v3 = `{"name":"x","version":"1.0","manifest_version":3,"permissions":["tabs"],"host_permissions":["*://*.a.example/*"],
		"optional_permissions":["history","cookies"],"optional_host_permissions":["https://b.example/*"]}`
	list := func(texts ...inventory.Untrusted) []inventory.Untrusted { return texts }
	tests := []struct {
		name, settings, manifest string
		want                     inventory.Access
	}{
		{
			"what is active counts first",
			`"active_permissions":{"api":["tabs","history"],"explicit_host":["*://*.a.example/*"],"scriptable_host":["https://c.example/*"]},"granted_permissions":{"api":["cookies"]}`, v3,
			inventory.Access{
				Permissions: list("history", "tabs"), Hosts: list("*://*.a.example/*", "https://c.example/*"),
				Optional: list("cookies"), OptionalHosts: list("https://b.example/*"), Basis: inventory.BasisActive,
			},
		},
		{
			"what was granted counts next", `"granted_permissions":{"api":["cookies"]}`, v3,
			inventory.Access{
				Permissions: list("cookies", "tabs"), Hosts: list("*://*.a.example/*"), Optional: list("history"),
				OptionalHosts: list("https://b.example/*"), Basis: inventory.BasisGranted,
			},
		},
		{
			"the manifest counts last, version 3", ``, v3,
			inventory.Access{
				Permissions: list("tabs"), Hosts: list("*://*.a.example/*"), Optional: list("cookies", "history"),
				OptionalHosts: list("https://b.example/*"), Basis: inventory.BasisManifest,
			},
		},
		{
			"the manifest counts last, version 2", ``, v2,
			inventory.Access{
				Permissions: list("fileSystem", "fileSystem.write", "tabs"),
				Hosts:       list("https://a.example/*", "https://c.example/mail/*"),
				Optional:    list("history"), OptionalHosts: list("https://b.example/*"), Basis: inventory.BasisManifest,
			},
		},
		{
			"withheld hosts are said to be", `"active_permissions":{"explicit_host":["<all_urls>"]},"withholding_permissions":true`, v3,
			inventory.Access{
				Permissions: list("tabs"), Hosts: list("<all_urls>"), Optional: list("cookies", "history"),
				HostsWithheld: inventory.Yes, Basis: inventory.BasisActive,
			},
		},
		{
			"an update that waits for consent does not have yet what it asks for",
			`"disable_reasons":[2],"active_permissions":{"api":["tabs","history"],"explicit_host":["*://*.a.example/*"]},"granted_permissions":{"api":["tabs"]}`, v3,
			inventory.Access{
				Permissions: list("tabs"), Hosts: list(), Optional: list("cookies", "history"),
				OptionalHosts: list("https://b.example/*"),
				Requested:     list("*://*.a.example/*", "history"), Basis: inventory.BasisGranted,
			},
		},
		{
			"a reason that the browser does not believe withholds nothing",
			`"disable_reasons":2,"active_permissions":{"api":["tabs"]},"granted_permissions":{}`, v3,
			inventory.Access{
				Permissions: list("tabs"), Hosts: list("*://*.a.example/*"), Optional: list("cookies", "history"),
				OptionalHosts: list("https://b.example/*"),
				Basis:         inventory.BasisActive,
			},
		},
		{
			"nor does one of an update that waits to be put in place",
			`"active_permissions":{"api":["tabs"],"explicit_host":["*://*.a.example/*"]},
			"idle_install_info":{"location":1,"path":"p","disable_reasons":2,"manifest":{"version":"2.0","manifest_version":3,"permissions":["cookies"]}}`, v3,
			inventory.Access{
				Permissions: list("cookies", "tabs"), Hosts: list("*://*.a.example/*"), Optional: list("history"),
				OptionalHosts: list("https://b.example/*"),
				Basis:         inventory.BasisActive,
			},
		},
		{
			"an update that waits to be put in place is as good as there",
			`"active_permissions":{"api":["tabs"],"explicit_host":["*://*.a.example/*"]},
			"idle_install_info":{"location":1,"path":"p","manifest":{"version":"2.0","manifest_version":3,"permissions":["tabs","cookies"],"host_permissions":["<all_urls>"]}}`, v3,
			inventory.Access{
				Permissions: list("cookies", "tabs"), Hosts: list("*://*.a.example/*", "<all_urls>"), Optional: list("history"),
				Basis: inventory.BasisActive,
			},
		},
		{
			"one that must wait for consent asks for more",
			`"active_permissions":{"api":["tabs"],"explicit_host":["*://*.a.example/*"]},
			"idle_install_info":{"location":1,"path":"p","disable_reasons":[2],"manifest":{"version":"2.0","manifest_version":3,"permissions":["cookies"]}}`, v3,
			inventory.Access{
				Permissions: list("tabs"), Hosts: list("*://*.a.example/*"), Optional: list("cookies", "history"),
				OptionalHosts: list("https://b.example/*"),
				Requested:     list("cookies"), Basis: inventory.BasisActive,
			},
		},
		{
			"what opens documents and links is a surface", `"active_permissions":{}`,
			`{"name":"x","version":"1.0","manifest_version":3,"mime_types_handler":{"Application/PDF":{"handler_url":"h.html"}},
			"protocol_handlers":[{"protocol":"mailto","name":"x","uriTemplate":"/m?%s"},{"protocol":"web+x"}],"sockets":{"tcp":{"connect":"*"}},"automation":false}`,
			inventory.Access{
				Permissions: list(), Hosts: list(), Basis: inventory.BasisActive,
				Surfaces: list("mime_types_handler application/pdf", "protocol_handlers mailto", "protocol_handlers web+x",
					"sockets"),
			},
		},
		{
			"the older form of the same", ``,
			`{"name":"x","version":"1.0","mime_types":["application/pdf","text/pdf"],"mime_types_handler":"index.html"}`,
			inventory.Access{
				Permissions: list(), Hosts: list(), Basis: inventory.BasisManifest,
				Surfaces: list("mime_types_handler application/pdf", "mime_types_handler text/pdf"),
			},
		},
		{
			"a surface in the manifest on disk only", `"active_permissions":{},"manifest":{"name":"x","version":"1.0"}`,
			`{"name":"x","version":"1.0","mime_types_handler":{"application/pdf":{}}}`,
			inventory.Access{Permissions: list(), Hosts: list(), Basis: inventory.BasisActive,
				Surfaces: list("mime_types_handler application/pdf")},
		},
		{
			"features of the manifest are surfaces", `"active_permissions":{}`,
			`{"name":"x","version":"1.0","devtools_page":"d.html","chrome_url_overrides":{"newtab":"n.html"},"chrome_settings_overrides":{"homepage":"h"},
			"externally_connectable":{"matches":["https://app.example/*"]},"content_security_policy":"script-src 'self' 'unsafe-eval' https://cdn.example; object-src 'self'"}`,
			inventory.Access{
				Permissions: list(), Hosts: list(), Basis: inventory.BasisActive,
				Surfaces: list("chrome_settings_overrides.homepage", "chrome_url_overrides.newtab",
					"content_security_policy https://cdn.example",
					"content_security_policy unsafe-eval", "devtools_page", "externally_connectable https://app.example/*"),
			},
		},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			entry := `{"location":1,"path":"` + someID + `/1.0_0"`
			if test.settings != "" {
				entry += "," + test.settings
			}
			item, coverage := only(t, someID, entry+"}", test.manifest)
			if fmt.Sprintf("%+v", item.Access) != fmt.Sprintf("%+v", test.want) {
				t.Errorf("got  %+v\nwant %+v", item.Access, test.want)
			}
			if coverage.Status != inventory.StatusComplete {
				t.Errorf("coverage %+v", coverage)
			}
		})
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	const good = `{"name":"x","version":"1.0","key":"KEY","permissions":["tabs"],"host_permissions":["https://*.a.example/*"],"optional_permissions":["history"],"optional_host_permissions":["*://*/*"]}`
	installed := func(more string) string {
		return `{"location":1,"from_webstore":true,"path":"` + keyID + `/1.0_0","manifest":{"name":"x","version":"1.0","key":"KEY"}` + more + `}`
	}
	tests := []struct {
		name, entry, onDisk string
		want                []string
	}{
		{"all agrees", installed(``), good, nil},
		{
			"granted later is asked for as optional",
			installed(`,"active_permissions":{"api":["tabs","history"],"explicit_host":["https://*.a.example/*","https://other.example/*"]}`), good, nil,
		},
		{"nothing from the store says nothing", installed(`,"cws-info":{"is-present":true,"is-live":true,"violation-type":0}`), good, nil},
		{"the store's word: malware", installed(`,"cws-info":{"is-present":true,"is-live":true,"violation-type":1}`),
			good, []string{"vendor malware"}},
		{"the store's word: policy and gone", installed(`,"cws-info":{"is-present":true,"is-live":false,"violation-type":2}`), good, []string{"vendor delisted", "vendor policy-violation"}},
		{"the store's word: minor", installed(`,"cws-info":{"violation-type":3,"no-privacy-practice":true}`), good,
			[]string{"note no-privacy-practice", "vendor minor-policy-violation"}},
		{"the store's word: old", installed(`,"cws-info":{"is-present":false,"unpublished-long-ago":true}`), good,
			[]string{"vendor delisted", "vendor unpublished-long-ago"}},
		{"the lists by number", installed(`,"blacklist_state":3,"extension_telemetry_service_blocklist_state":4`), good,
			[]string{"vendor policy-violation", "vendor potentially-unwanted"}},
		{"the list by bits", installed(`,"omaha_blocklist_state":6`), good,
			[]string{"vendor policy-violation", "vendor vulnerable"}},
		{"a verdict nobody knows", installed(`,"blacklist_state":77,"omaha_blocklist_state":64`), good,
			[]string{"vendor blocklisted", "vendor blocklisted"}},
		{"another key on disk", installed(``), strings.Replace(good, "KEY", "QUFBQQ==", 1), []string{"identity id-mismatch"}},
		{"a key that is no base64", installed(``), strings.Replace(good, "KEY", "!", 1), []string{"identity id-mismatch"}},
		{"another version on disk", installed(``), strings.Replace(good, `"1.0"`, `"9.0"`, 1),
			[]string{"identity version-mismatch"}},
		{"the same version spelled otherwise", installed(``), strings.Replace(good, `"1.0"`, `"1.00"`, 1), nil},
		{"nothing on disk", installed(``), "", []string{"identity manifest-missing"}},
		{"more than asked for", installed(`,"active_permissions":{"api":["tabs","debugger"]}`), good,
			[]string{"identity permission-mismatch", "note permission-mismatch"}},
		{
			"hosts beyond those asked for", installed(`,"active_permissions":{"explicit_host":["<all_urls>"]}`),
			strings.Replace(good, `,"optional_host_permissions":["*://*/*"]`, "", 1),
			[]string{"identity permission-mismatch", "note permission-mismatch"},
		},
		{
			"an absolute path", strings.Replace(installed(``), keyID+"/1.0_0", "/opt/planted", 1), "",
			[]string{"identity path-mismatch", "note unchecked-on-disk"},
		},
		{
			"another extension's folder", strings.Replace(installed(``), keyID+"/1.0_0", someID+"/1.0_0", 1), "",
			[]string{"identity manifest-missing", "identity path-mismatch"},
		},
		{
			"a path that climbs", strings.Replace(installed(``), keyID+"/1.0_0", "../../../x", 1), good,
			[]string{"identity path-mismatch", "note unchecked-on-disk"},
		},
		{"the path of Windows", strings.Replace(installed(``), keyID+"/1.0_0", keyID+`\\1.0_0`, 1), good, nil},
		{"an unpacked folder that is gone", `{"location":4,"path":"/nowhere"}`, "", []string{"note unchecked-on-disk"}},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			item, _ := only(t, keyID, strings.ReplaceAll(test.entry, "KEY", someKey),
				strings.ReplaceAll(test.onDisk, "KEY", someKey))
			var got []string
			for _, mark := range item.Marks {
				got = append(got, fmt.Sprintf("%s %s", mark.Class, mark.Name))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("marks %+v, want %q", item.Marks, test.want)
			}
		})
	}
}

func TestAnUnpackedExtensionIsCheckedWhereItLies(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	const manifest = `{"name":"x","version":"1.0"}`
	h.write("src/mine/manifest.json", manifest)
	entry := `{"location":4,"path":"/src/mine"}`
	h.write(profileDir+"Preferences", `{"extensions":{"settings":{"`+idFromPath("/src/mine")+`":`+entry+`,"`+someID+`":`+entry+`}}}`)
	items, _ := collect(t, h.env())
	if len(items) != 2 {
		t.Fatalf("%d items", len(items))
	}
	for _, item := range items {
		if item.App.Name != "x" || item.HasMark(inventory.MarkIDMismatch) != (item.App.ID == someID) {
			t.Errorf("item %+v: only the ID that does not follow from the path is a mismatch", item)
		}
	}
}

func TestWhatIsLeftOfAnExtensionIsNone(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	ids := []string{}
	for n := range 5 {
		ids = append(ids, strings.Repeat(string(rune('a'+n)), 32))
	}
	h.write(profileDir+"Preferences", `{"extensions":{"settings":{
		"`+ids[0]+`":{"ack_external":true},
		"`+ids[1]+`":{"location":2,"state":2,"path":"`+ids[1]+`/1.0_0","manifest":{"name":"removed by the user"}},
		"`+ids[2]+`":{"location":1,"creation_flags":16,"path":"`+ids[2]+`/1.0_0","manifest":{"name":"an old bookmark app"}},
		"`+ids[3]+`":{"blacklist_state":1},
		"`+ids[4]+`":{"location":5,"path":"/usr/lib/chromium/resources/pdf","manifest":{"name":"a component"}},
		"notanid":{"location":1,"path":"x"}}}}`)
	items, coverage := collect(t, h.env())
	if len(items) != 0 || coverage[0].Status != inventory.StatusComplete {
		t.Errorf("items %+v, coverage %q", items, statuses(coverage))
	}
}

func TestLeftovers(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	manifest := `{"name":"__MSG_n__","version":"1.0","default_locale":"fr","permissions":["tabs"]}`
	other := strings.Repeat("b", 32)
	h.write(profileDir+"Preferences", `{"extensions":{"settings":{"`+someID+`":{"location":1,"path":"`+someID+`/2.0_0",
		"manifest":{"name":"x","version":"2.0"},"idle_install_info":{"location":1,"path":"`+someID+`/3.0_0","manifest":{"version":"3.0"}}}}}}`)
	h.write(profileDir+"Extensions/"+someID+"/2.0_0/manifest.json", `{"name":"x","version":"2.0"}`)
	h.write(profileDir+"Extensions/"+someID+"/3.0_0/manifest.json", `{"name":"x","version":"3.0"}`)
	h.write(profileDir+"Extensions/"+someID+"/1.0_0/manifest.json", manifest)
	h.write(profileDir+"Extensions/"+other+"/1.0_0/manifest.json", manifest)
	h.write(profileDir+"Extensions/"+other+"/1.0_0/_locales/fr/messages.json", `{"N":{"message":"Reste"}}`)
	h.write(profileDir+"Extensions/Temp/scoped_dir/manifest.json", manifest)
	items, _ := collect(t, h.env())
	var got []string
	for _, i := range items {
		got = append(got, fmt.Sprintf("%s %s %s %q %s", i.App.ID[:2], i.Instance, i.State, string(i.App.Name),
			i.Facts["pending_version"]))
	}
	want := []string{`ab  enabled "x" 3.0`, `ab 1.0_0 leftover "__MSG_n__" `, `bb 1.0_0 leftover "Reste" `}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	item, _ := only(t, someID, `{"location":4,"path":"/x","install_time":"13000000000000000","last_update_time":13439934886480327}`, "")
	if want := time.Date(2012, 12, 14, 23, 6, 40, 0, time.UTC); !item.Added.Equal(want) {
		t.Errorf("added %v, want %v", item.Added, want)
	}
	if want := time.Date(2026, 11, 23, 19, 14, 46, 480e6, time.UTC); !item.Updated.Equal(want) {
		t.Errorf("updated %v, want %v", item.Updated, want)
	}
	item, _ = only(t, someID, `{"location":4,"path":"/x","first_install_time":"0","last_update_time":"9223372036854775807"}`, "")
	if !item.Added.IsZero() || !item.Updated.IsZero() {
		t.Errorf("times that cannot be are %v and %v, want unknown", item.Added, item.Updated)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for manifest, want := range map[string]inventory.Kind{
		`{}`: inventory.KindExtension, `{"theme":{}}`: inventory.KindTheme,
		`{"app":{"urls":[]}}`: inventory.KindBrowserApp, `{"export":{}}`: inventory.KindSharedModule,
	} {
		item, _ := only(t, someID, `{"location":1,"path":"`+someID+`/1.0_0","manifest":`+manifest+`}`, "")
		if item.Kind != want {
			t.Errorf("%s is %s, want %s", manifest, item.Kind, want)
		}
	}
}

// On Windows and macOS the settings are in Secure Preferences, with old copies left in Preferences.
func TestOfTwoEntriesTheInstalledAndRecentOneCounts(t *testing.T) {
	t.Parallel()
	entry := func(version, updated string) string {
		return `{"location":4,"path":"/x","last_update_time":"` + updated + `","manifest":{"version":"` + version + `"}}`
	}
	tests := []struct{ name, plain, secure, want string }{
		{"only in Preferences", entry("1", "1"), ``, "1"},
		{"only in Secure Preferences", ``, entry("2", "1"), "2"},
		{"alike", entry("1", "5"), entry("2", "5"), "2"},
		{"Preferences is newer", entry("1", "9"), entry("2", "5"), "1"},
		{"Preferences holds a remnant", `{"ack_external":true,"last_update_time":"9"}`, entry("2", "5"), "2"},
		{"Secure Preferences holds a remnant", entry("1", "5"), `{"blacklist_state":1,"last_update_time":"9"}`, "1"},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			for name, entry := range map[string]string{"Preferences": test.plain, "Secure Preferences": test.secure} {
				settings := ""
				if entry != "" {
					settings = `"` + someID + `":` + entry
				}
				h.write(profileDir+name, `{"extensions":{"settings":{`+settings+`},"opsettings":{}}}`)
			}
			items, _ := collect(t, h.env())
			if len(items) != 1 || string(items[0].Version) != test.want {
				t.Errorf("items %+v, want version %s", items, test.want)
			}
		})
	}
}

func TestAVersionIsSpelledAsTheBrowserSpellsIt(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"1.0": "1.0", "1.01": "1.1", "0.0.01": "0.0.1", "2027.00.1.0": "2027.0.1.0", "4294967295.1": "4294967295.1", "": "",
		"1.0b2": "1.0b2", "1..2": "1..2", "-1": "-1", "+1.2": "+1.2", "1.99999999999": "1.99999999999",
	} {
		item, _ := only(t, keyID, `{"location":1,"path":"`+keyID+`/1.0_0","manifest":{"version":"`+written+`","key":"`+someKey+`"}}`, "")
		if string(item.Version) != want {
			t.Errorf("%q is read as %q, want %q", written, item.Version, want)
		}
	}
}

func TestManifestsOnDisk(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, manifest, shown, detail string }{
		{"plain", `{"name":"A","version":"1.0"}`, "A", ""},
		{"a byte order mark", "\xEF\xBB\xBF" + `{"name":"A","version":"1.0"}`, "A", ""},
		{"comments", "// one\n{/* two */\"name\":\"A // no comment\",\"version\":\"1.0\"} // three", "A // no comment", ""},
		{"a line break in a string, and \\x", "{\"name\":\"A\nB\\x43\",\"version\":\"1.0\"}", "A BC", ""},
		{"a string where a list belongs", `{"name":"A","version":"1.0","permissions":"tabs"}`, "A",
			"ID: manifest.json: permissions: a string where an array is expected"},
		{"a string where an object belongs", `"A"`, "",
			"ID: manifest.json: not what a browser writes: a string where the whole document should be an object, at byte 0"},
		{"a trailing comma", `{"name":"A",}`, "", "ID: manifest.json: not JSON at byte 11: invalid character ',' at start of value"},
		{"a name of 1 MB", `{"name":"` + strings.Repeat("A", 1<<20) + `","version":"1.0"}`,
			strings.Repeat("A", 512) + "… (1048576 bytes)", ""},
		{"a name that acts", `{"name":"\u001b[2J\u202eA\n","version":"1.0"}`, "\x1b[2J\u202eA", ""},
		{"larger than the limit", `{"name":"` + strings.Repeat("A", 5<<20) + `"}`, "",
			`ID: manifest.json: reading "ID/1.0_0/manifest.json": larger than the limit: 5242891 bytes, limit 4194304`},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			item, coverage := only(t, someID, `{"location":1,"path":"`+someID+`/1.0_0","active_permissions":{"api":["cookies"]}}`, test.manifest)
			if string(item.App.Name) != test.shown || len(item.Access.Permissions) != 1 {
				t.Errorf("item %.300v, want the name %.300q", item, test.shown)
			}
			var details string
			if len(coverage.Details) == 1 {
				details = string(coverage.Details[0])
			}
			want := strings.ReplaceAll(test.detail, "ID", someID)
			if details != want || (coverage.Status == inventory.StatusComplete) != (want == "") {
				t.Errorf("coverage %+v, want the detail %q", coverage, want)
			}
		})
	}
}

func TestNamesFromMessages(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, locale, want string }{
		{"the user's language", "de_AT.UTF-8", "Österreich"},
		{"its base language", "de_CH", "Deutsch"},
		{"the extension's default", "ja", "Français"},
		{"no language", "C", "Français"},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			folder := profileDir + "Extensions/" + someID + "/1.0_0/"
			h.write(profileDir+"Preferences", `{"extensions":{"settings":{"`+someID+`":{"location":1,"path":"`+someID+`/1.0_0"}}}}`)
			h.write(folder+"manifest.json", `{"name":"__MSG_appName__","author":"__MSG_by__ Ltd","version":"1.0","default_locale":"fr"}`)
			h.write(folder+"_locales/de_AT/messages.json", `{"APPNAME":{"message":"Österreich"}}`)
			h.write(folder+"_locales/de/messages.json", "\xEF\xBB\xBF"+`{"appname":{"message":"Deutsch"}} // a comment`)
			h.write(folder+"_locales/fr/messages.json",
				`{"appName":{"message":"Français"},"by":{"message":"$who$ & $$","placeholders":{"WHO":{"content":"Acme"}}}}`)
			h.write(folder+"_locales/en/messages.json", `broken`)
			env := h.env()
			env.Locale = test.locale
			items, coverage := collect(t, env)
			if len(items) != 1 || string(items[0].App.Name) != test.want || items[0].App.Publisher != "Acme & $ Ltd" {
				t.Errorf("items %+v, want %q", items, test.want)
			}
			if coverage[0].Status != inventory.StatusComplete {
				t.Errorf("coverage %+v", coverage[0])
			}
		})
	}
}

func TestANameWithoutMessageIsADetail(t *testing.T) {
	t.Parallel()
	item, coverage := only(t, someID, `{"location":1,"path":"`+someID+`/1.0_0"}`,
		`{"name":"__MSG_n__","version":"1.0","default_locale":"../../.."}`)
	if item.App.Name != "__MSG_n__" || coverage.Status != inventory.StatusPartial || len(coverage.Details) != 1 {
		t.Errorf("item %+v, coverage %+v", item, coverage)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	// Both were made by Chromium 156, see testdata.
	if got := idFromPath("/home/person/src/beta"); got != "bpinaioicjgbcmmboelkfifcijdhngld" {
		t.Errorf("the path makes %s", got)
	}
	if got, ok := idFromKey("-----BEGIN PUBLIC KEY-----\n" + someKey[:8] + "\n" + someKey[8:] + "\n-----END PUBLIC KEY-----\n"); !ok || got != keyID {
		t.Errorf("an armoured key makes %s, want %s", got, keyID)
	}
	// Of Windows paths only the drive letter's case does not matter.
	if idFromPath(`c:\x`) != idFromPath(`C:\x`) || idFromPath(`C:\x`) == idFromPath(`C:\X`) {
		t.Error("of a path of Windows the drive letter alone is compared without case")
	}
}
