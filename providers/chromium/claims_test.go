package chromium

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// What a profile claims of an extension that reads every page: none of it may make the extension
// look like less.
const widePackage = `{"name":"x","version":"1.0","manifest_version":3,"key":"KEY","permissions":["storage","cookies"],"host_permissions":["<all_urls>"]}`

// claimed makes the settings' entry of that package, with other members beside or in place of those
// a browser writes.
func claimed(members string) string {
	return `{"location":1,"from_webstore":true,"path":"` + keyID + `/1.0_0","manifest":` + widePackage +
		`,"active_permissions":{"api":["storage","cookies"],"explicit_host":["<all_urls>"]}` + members + `}`
}

// planted reads a profile of Preferences, Secure Preferences ("" for none) and files below its
// Extensions folder.
func planted(t *testing.T, plain, secure string, files map[string]string) ([]inventory.Item, inventory.Coverage) {
	t.Helper()
	h := newHome(t)
	with := strings.NewReplacer("KEY", someKey, "ID", keyID)
	h.write(profileDir+"Preferences", with.Replace(plain))
	if secure != "" {
		h.write(profileDir+"Secure Preferences", with.Replace(secure))
	}
	for name, content := range files {
		h.write(profileDir+"Extensions/"+with.Replace(name), with.Replace(content))
	}
	items, coverage := collect(t, h.env())
	if len(coverage) != 1 {
		t.Fatalf("coverage %q", statuses(coverage))
	}
	return items, coverage[0]
}

func TestNoClaimOfAProfileTalksAnExtensionDown(t *testing.T) {
	t.Parallel()
	entry := func(members string) string { return `{"extensions":{"settings":{"ID":` + claimed(members) + `}}}` }
	narrow := func(text string) string {
		return strings.ReplaceAll(text, widePackage, `{"name":"x","version":"1.0","key":"KEY","permissions":["storage"]}`)
	}
	const harmless = `{"location":1,"path":"ID/1.0_0","disable_reasons":[1],"last_update_time":"19999999999999999","active_permissions":{"api":["storage"]}}`
	file := map[string]string{"ID/1.0_0/manifest.json": widePackage}
	tests := []struct {
		name, plain, secure string
		files               map[string]string
		marks               []inventory.MarkName // of class identity
	}{
		{"nothing-hidden", entry(``), "", file, nil},
		{"a-shrunken-list-of-what-runs", entry(`,"active_permissions":{"api":["storage"]}`), "", file, nil},
		{"an-empty-list-of-what-runs", entry(`,"active_permissions":{}`), "", file, nil},
		{"no-hosts-in-the-list-of-what-runs", entry(`,"active_permissions":{"api":["storage","cookies"]}`), "", file, nil},
		{"a-shrunken-list-and-a-copy-of-the-manifest-to-match",
			narrow(entry(`,"active_permissions":{"api":["storage"]}`)), "", file, nil},
		{"a-manifest-on-disk-narrower-than-the-copy-that-runs", entry(`,"active_permissions":{}`), "",
			map[string]string{"ID/1.0_0/manifest.json": narrow(widePackage)}, nil},
		{"what-was-granted-in-place-of-what-runs", entry(`,"active_permissions":null,"granted_permissions":{"api":["storage"]}`), "", file, nil},
		{"hosts-in-content-scripts-only", entry(`,"active_permissions":{}`), "", map[string]string{
			"ID/1.0_0/manifest.json": `{"name":"x","version":"1.0","key":"KEY","permissions":["cookies"],"content_scripts":[{"matches":["<all_urls>"]}]}`,
		}, nil},
		{"an-unknown-state", entry(`,"state":2`), "", file, nil},
		{"a-state-off", entry(`,"state":0`), "", file, nil},
		{"reasons-that-are-text", entry(`,"disable_reasons":["1"]`), "", file, nil},
		{"reasons-that-are-an-object", entry(`,"disable_reasons":{"1":1}`), "", file, nil},
		{"a-theme's-copy-of-the-manifest", entry(`,"manifest":{"name":"x","version":"1.0","key":"KEY","theme":{}}`), "",
			file, nil},
		{"a-component's-location", entry(`,"location":5`), "", file, []inventory.MarkName{inventory.MarkPathMismatch}},
		{"an-external-component's-location", entry(`,"location":10`), "", file,
			[]inventory.MarkName{inventory.MarkPathMismatch}},
		{"an-unknown-location", entry(`,"location":11`), "", file, nil},
		{"an-empty-path", entry(`,"path":""`), "", map[string]string{"manifest.json": widePackage},
			[]inventory.MarkName{inventory.MarkPathMismatch}},
		{"a-path-of-one-dot", entry(`,"path":"."`), "", map[string]string{"manifest.json": widePackage},
			[]inventory.MarkName{inventory.MarkPathMismatch}},
		{"a-path-with-dots-inside", entry(`,"path":"ID/./1.0_0"`), "", file, nil},
		{
			"a-path-over-a-link", entry(`,"path":"ID/link/../1.0_0"`), "",
			map[string]string{"ID/1.0_0/manifest.json": widePackage, "ID/link/x": ""},
			[]inventory.MarkName{inventory.MarkPathMismatch},
		},
		{
			"an-update-that-is-wider-on-disk-than-its-copy-in-the-settings",
			narrow(entry(`,"active_permissions":{"api":["storage"]},"idle_install_info":{"path":"ID/2.0_0","location":1,"manifest":` + widePackage + `}`)), "",
			map[string]string{"ID/1.0_0/manifest.json": narrow(widePackage), "ID/2.0_0/manifest.json": widePackage}, nil,
		},
		{"a-path-without-a-version", entry(`,"path":"ID"`), "", map[string]string{"ID/manifest.json": widePackage},
			[]inventory.MarkName{inventory.MarkPathMismatch}},
		{
			"a-harmless-twin-in-the-other-file", entry(``), `{"extensions":{"settings":{"ID":` + harmless + `}}}`, file,
			[]inventory.MarkName{inventory.MarkStateMismatch},
		},
		{
			"a-harmless-twin-in-the-first-file", `{"extensions":{"settings":{"ID":` + harmless + `}}}`, entry(``), file,
			[]inventory.MarkName{inventory.MarkStateMismatch},
		},
		{
			"a-harmless-twin-under-the-same-name", `{"extensions":{"settings":{"ID":` + claimed(``) + `,"ID":` + harmless + `}}}`, "", file,
			[]inventory.MarkName{inventory.MarkStateMismatch},
		},
		{
			"a-harmless-twin-in-capitals", `{"extensions":{"settings":{"ID":` + claimed(``) + `,"` + strings.ToUpper(keyID) + `":` + harmless + `}}}`, "", file,
			[]inventory.MarkName{inventory.MarkStateMismatch},
		},
		{
			"a-harmless-twin-in-Opera's-member", `{"extensions":{"settings":{"ID":` + claimed(``) + `},"opsettings":{"ID":` + harmless + `}}}`, "", file,
			[]inventory.MarkName{inventory.MarkStateMismatch},
		},
		{
			"a-component-for-a-twin", entry(``), entry(`,"location":5,"path":"/usr/lib/chromium/resources/x"`), file,
			[]inventory.MarkName{inventory.MarkPathMismatch},
		},
		{
			"withheld-hosts-that-were-all-given-back",
			entry(`,"withholding_permissions":true,"runtime_granted_permissions":{"explicit_host":["<all_urls>"]}`), "",
			file, nil,
		},
		{"hosts-withheld-from-what-policy-installed", entry(`,"location":7,"withholding_permissions":true`), "", file, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			items, _ := planted(t, test.plain, test.secure, test.files)
			at := slices.IndexFunc(items, func(i inventory.Item) bool { return i.State != inventory.StateLeftover })
			if at < 0 {
				t.Fatalf("no item but %+v", items)
			}
			item := items[at]
			if item.App.ID != inventory.Untrusted(keyID) || item.State != inventory.StateEnabled ||
				item.Kind != inventory.KindExtension ||
				item.Origin == inventory.OriginBuiltin || item.Access.HostsWithheld == inventory.Yes {
				t.Errorf("item %+v", item)
			}
			if len(access.ExcessHosts([]inventory.Untrusted{"<all_urls>"}, item.Access.Hosts)) > 0 ||
				!slices.Contains(item.Access.Permissions, "cookies") {
				t.Errorf("access %+v", item.Access)
			}
			for _, mark := range test.marks {
				if !slices.ContainsFunc(item.Marks, func(m inventory.Mark) bool {
					return m.Name == mark &&
						m.Class == inventory.MarkIdentity
				}) {
					t.Errorf("marks %+v, want %s", item.Marks, mark)
				}
			}
			if len(test.marks) == 0 && slices.ContainsFunc(item.Marks,
				func(m inventory.Mark) bool { return m.Name == inventory.MarkPathMismatch }) {
				t.Errorf("marks %+v", item.Marks)
			}
		})
	}
}

func TestFilesThatTheSettingsDoNotSpeakOfAreLostCoverage(t *testing.T) {
	t.Parallel()
	settings := func(value string) string { return `{"extensions":{"settings":` + value + `}}` }
	without := func(member, value string) string {
		return settings(`{"ID":` + strings.Replace(claimed(``), member, value, 1) + `}`)
	}
	for _, test := range []struct{ name, plain string }{
		{"no-extensions", `{}`},
		{"extensions-of-null", `{"extensions":null}`},
		{"no-settings", `{"extensions":{}}`},
		{"settings-of-null", settings(`null`)},
		{"empty-settings", settings(`{}`)},
		{"settings-without-the-extension", settings(`{"` + someID + `":{"location":4,"path":"/x"}}`)},
		{"an-entry-of-null", settings(`{"ID":null}`)},
		{"an-entry-that-is-a-list", settings(`{"ID":[]}`)},
		{"an-empty-entry", settings(`{"ID":{}}`)},
		{"no-location", without(`"location":1,`, ``)},
		{"a-location-of-null", without(`"location":1`, `"location":null`)},
		{"a-location-with-a-fraction", without(`"location":1`, `"location":1.5`)},
		{"no-path", without(`"path":"`+keyID+`/1.0_0",`, ``)},
		{"a-path-of-null", without(`"path":"`+keyID+`/1.0_0"`, `"path":null`)},
		{"a-path-that-is-a-number", without(`"path":"`+keyID+`/1.0_0"`, `"path":1`)},
		{"a-bookmark's-flag", without(`"location":1`, `"location":1,"creation_flags":17`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, file := range []string{"ID/1.0_0/manifest.json", "ID/manifest.json"} {
				_, coverage := planted(t, test.plain, "", map[string]string{file: widePackage})
				if coverage.Status == inventory.StatusComplete ||
					!slices.ContainsFunc(coverage.Details, func(detail inventory.Untrusted) bool {
						return strings.Contains(string(detail), keyID+": its files are at")
					}) {
					t.Errorf("%s: coverage %+v", file, coverage)
				}
			}
		})
	}
	_, coverage := planted(t, settings(`{}`), "", map[string]string{"manifest.json": widePackage})
	if coverage.Status == inventory.StatusComplete {
		t.Errorf("a package in Extensions itself: %+v", coverage)
	}
}

func TestTheMarkOfAnUninstalledExtensionCountsWhereNoFilesLie(t *testing.T) {
	t.Parallel()
	items, coverage := planted(t, `{"extensions":{"settings":{"ID":`+claimed(`,"location":3,"state":2`)+`}}}`, "", nil)
	if len(items) != 0 || coverage.Status != inventory.StatusComplete {
		t.Errorf("items %+v, coverage %+v", items, coverage)
	}
}

func TestReasonsInOneNumberCountForOldBrowsers(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]inventory.State{"135.0.7049.52": inventory.StateDisabled,
		"156.0.8078.79": inventory.StateUnknown} {
		items, _ := planted(t, `{"extensions":{"last_chrome_version":"`+version+`","settings":{"ID":`+claimed(`,"disable_reasons":1`)+`}}}`, "", nil)
		if len(items) != 1 || items[0].State != want {
			t.Errorf("version %s: items %+v, want one that is %s", version, items, want)
		}
	}
}

func TestOldBrowsersLetTheStateDecide(t *testing.T) {
	t.Parallel()
	e := entry{state: new(int64(1)), reasons: []int64{1}}
	for version, want := range map[string]inventory.State{
		"135.0.7049.52": inventory.StateUnknown, "136.0.7103.33": inventory.StateDisabled, "": inventory.StateDisabled,
		"x": inventory.StateDisabled,
	} {
		if state, _ := e.stateOf(version); state != want {
			t.Errorf("version %q: %s, want %s", version, state, want)
		}
	}
}

func TestAnInstalledPackageIsNoPartOfTheBrowserWhateverItsPathSays(t *testing.T) {
	t.Parallel()
	items, _ := planted(t, `{"extensions":{"settings":{"ID":`+claimed(`,"location":5,"path":"/usr/lib/chromium/resources/own"`)+`}}}`, "",
		map[string]string{"ID/1.0_0/manifest.json": widePackage})
	if !slices.ContainsFunc(items, func(i inventory.Item) bool {
		return i.State == inventory.StateEnabled && i.HasMark(inventory.MarkPathMismatch)
	}) {
		t.Errorf("items %+v", items)
	}
}

func TestPartsOfTheBrowserAreKnownByIDOrPlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		id, location, path string
		want               bool
	}{
		{someID, "5", "/usr/lib/chromium/resources/pdf", true},
		{someID, "5", "/opt/example/resources/own", true},
		{someID, "5", "/Applications/Example.app/Contents/Frameworks/F/Resources/own", true},
		{someID, "5", "/Users/ada/Applications/Example.app/Contents/own", true},
		{someID, "5", `C:\\Program Files\\Example\\Application\\156.0\\resources\\own`, true},
		{someID, "5", `C:\\Users\\ada\\AppData\\Local\\Example\\Application\\156.0\\resources\\own`, true},
		{someID, "10", "/home/ada/resources/own", false},
		{someID, "5", "/usr/lib/../../home/ada/resources/own", false},
		{someID, "5", `C:\\Users\\ada\\AppData\\Local\\Example\\User Data\\Default\\Extensions\\x\\resources\\own`, false},
		{someID, "5", someID + "/1.0_0", false},
		{"mhjfbmdgcfjbbpaeojofohoefgiehjai", "5", "/home/ada/browser/resources/pdf", true},
		{"mhjfbmdgcfjbbpaeojofohoefgiehjai", "5", "mhjfbmdgcfjbbpaeojofohoefgiehjai/1_0", false},
		{"nmmhkkegccagdldgiimedpiccmgmieda", "10", "nmmhkkegccagdldgiimedpiccmgmieda/1.0.0.6_0", true},
	} {
		items, _ := planted(t, `{"extensions":{"settings":{"`+test.id+`":{"location":`+test.location+`,"path":"`+test.path+`"}}}}`, "", nil)
		if (len(items) == 0) != test.want {
			t.Errorf("%s at %s: part of the browser is %t, want %t", test.id, test.path, len(items) == 0, test.want)
		}
	}
}

func TestABackslashIsAPartOfAFoldersNameWhereThereIsSuchAFolder(t *testing.T) {
	if filepath.Separator == '\\' {
		t.Skip("on Windows it separates folders")
	}
	t.Parallel()
	entry := `{"extensions":{"settings":{"ID":` + claimed(`,"path":"ID\\1.0_0","active_permissions":{"api":["storage"]}`) + `}}}`
	const narrow = `{"name":"x","version":"1.0","key":"KEY","permissions":["storage"]}`
	entry = strings.ReplaceAll(entry, widePackage, narrow)
	tests := map[string]struct {
		files map[string]string
		wide  bool
	}{
		"a-folder-of-that-name": {map[string]string{`ID\1.0_0/manifest.json`: widePackage,
			"ID/1.0_0/manifest.json": narrow}, true},
		"a-home-from-Windows": {map[string]string{"ID/1.0_0/manifest.json": narrow}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, _ := planted(t, entry, "", test.files)
			isMarked := slices.ContainsFunc(items[0].Marks,
				func(m inventory.Mark) bool { return m.Name == inventory.MarkPathMismatch })
			isWide := slices.Contains(items[0].Access.Permissions, "cookies")
			if isWide != test.wide || isMarked != test.wide {
				t.Errorf("wide %v, marked %v, want both %v: %+v", isWide, isMarked, test.wide, items[0])
			}
		})
	}
}

func TestAKnownPartOfTheBrowserIsOneWithItsOwnKeyAndPlaceOnly(t *testing.T) {
	t.Parallel()
	const mediaRouter, webStore = "pkedcjkdefgpdelpbcmbmeomcjbeemfm", "ahfgeienlihckogmohjhadlkjgocpleb"
	entry := func(id, location, path string) string {
		return `{"extensions":{"settings":{"` + id + `":{"location":` + location + `,"path":"` + path + `"}}}}`
	}
	tests := []struct {
		name, plain string
		files       map[string]string
		told        bool
	}{
		{"in-the-profile-without-files", entry(mediaRouter, "10", mediaRouter+"/1.0_0"), nil, false},
		{"in-the-profile-with-another-key", entry(mediaRouter, "10", mediaRouter+"/1.0_0"),
			map[string]string{mediaRouter + "/1.0_0/manifest.json": widePackage}, true},
		{"in-the-profile-without-a-key", entry(mediaRouter, "5", mediaRouter+"/1.0_0"),
			map[string]string{mediaRouter + "/1.0_0/manifest.json": `{"name":"x"}`}, true},
		{"in-the-profile-without-a-manifest", entry(mediaRouter, "5", mediaRouter+"/1.0_0"),
			map[string]string{mediaRouter + "/1.0_0/x.js": ""}, true},
		{"among-the-resources-of-an-unpacked-browser", entry(webStore, "5", "/srv/browser/resources/web_store"), nil, false},
		{"elsewhere-to-be-loaded-from-the-settings", entry(webStore, "10", "/srv/x"), nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			items, _ := planted(t, test.plain, "", test.files)
			told := slices.ContainsFunc(items, func(i inventory.Item) bool {
				return i.State == inventory.StateEnabled && i.Origin != inventory.OriginBuiltin
			})
			if told != test.told {
				t.Errorf("told %v, want %v: %+v", told, test.told, items)
			}
		})
	}
}

// TestAShortListOfWhatRunsHidesNothingThatTheBrowserGives holds names that only some browsers know,
// and such as mean another one: of a list of what runs that leaves them out, nothing is believed.
func TestAShortListOfWhatRunsHidesNothingThatTheBrowserGives(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		browser string // its folder below .config
		asked   string
		want    []inventory.Untrusted
	}{
		"of-an-early-channel-in-chromium": {"chromium", `"dns","processes","system.network"`,
			[]inventory.Untrusted{"dns", "processes", "storage", "system.network"}},
		"of-an-early-channel-in-an-early-one": {"google-chrome-unstable", `"processes"`,
			[]inventory.Untrusted{"processes", "storage"}},
		"of-an-early-channel-in-a-late-one": {"google-chrome-beta", `"dns","processes","system.network"`,
			[]inventory.Untrusted{"storage"}},
		"of-an-early-channel-in-one-without-a-row": {"novel", `"processes"`, []inventory.Untrusted{"processes", "storage"}},
		"another-name-for-tabs":                    {"google-chrome", `"windows"`, []inventory.Untrusted{"storage", "tabs"}},
		"a-name-that-no-browser-knows":             {"chromium", `"example"`, []inventory.Untrusted{"storage"}},
		"a-part-of-the-browser's-makers":           {"chromium", `"passwordsPrivate"`, []inventory.Untrusted{"storage"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			below := ".config/" + test.browser + "/"
			h.write(below+"Local State", `{}`)
			h.write(below+"Default/Preferences", `{"extensions":{"settings":{"`+someID+`":{"location":1,"path":"`+someID+`/1.0_0","active_permissions":{"api":["storage"]}}}}}`)
			h.write(below+"Default/Extensions/"+someID+"/1.0_0/manifest.json",
				`{"name":"x","version":"1.0","manifest_version":3,"permissions":["storage",`+test.asked+`]}`)
			items, _ := collect(t, h.env())
			if len(items) != 1 || !slices.Equal(slices.Sorted(slices.Values(items[0].Access.Permissions)), test.want) {
				t.Errorf("items %+v, want %q", items, test.want)
			}
		})
	}
}

// paymentsKey is the public key of Chrome's part nmmhkkegccagdldgiimedpiccmgmieda, which its ID is
// made of and which everybody can read in it.
const paymentsKey = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCrKfMnLqViEyokd1wk57FxJtW2XXpGXzIHBzv9vQI/01UsuP0IV5/lj0wx7zJ/" +
	"xcibUgDeIxobvv9XD+zO1MdjMWuqJFcKuSS4Suqkje6u+pMrTSGOSHq1bmBVh0kpToN8YoJs/P/yrRd7FEtAXTaFTGxQL4C385MeXSjaQfiRiQIDAQAB"

func TestAPartOfTheBrowserThatLiesInTheProfileIsTold(t *testing.T) {
	t.Parallel()
	const id = "nmmhkkegccagdldgiimedpiccmgmieda"
	for name, test := range map[string]struct {
		location string
		files    bool
		class    inventory.MarkClass
		origin   inventory.Origin
	}{
		"as-the-browser-installs-it": {"10", true, inventory.MarkNote, inventory.OriginUnknown},
		"as-none-is-ever-installed":  {"5", true, inventory.MarkIdentity, inventory.OriginUnknown},
		"without-files":              {"10", false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write(profileDir+"Preferences", `{"extensions":{"settings":{"`+id+`":{"location":`+test.location+`,"path":"`+id+`/1.0_0","active_permissions":{"api":["storage"]}}}}}`)
			if test.files {
				h.write(profileDir+"Extensions/"+id+"/1.0_0/manifest.json", strings.Replace(widePackage, "KEY", paymentsKey, 1))
			}
			items, _ := collect(t, h.env())
			if !test.files {
				if len(items) > 0 {
					t.Errorf("items %+v", items)
				}
				return
			}
			if len(items) != 1 || items[0].Origin != test.origin || !slices.Contains(items[0].Access.Hosts, "<all_urls>") ||
				!slices.ContainsFunc(items[0].Marks, func(m inventory.Mark) bool {
					return m.Class == test.class &&
						m.Name == inventory.MarkPathMismatch
				}) {
				t.Errorf("items %+v", items)
			}
		})
	}
}
