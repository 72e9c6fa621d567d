package enforce_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist/enforce"
	"guestlist/allowlist/enforce/regfile"
	"guestlist/scanner/inventory"
)

func rules(id string, rule enforce.Rule) map[inventory.Untrusted]enforce.Rule {
	return map[inventory.Untrusted]enforce.Rule{inventory.Untrusted(id): rule}
}

// Policies that others wrote are read as the browsers read them.
func TestAPolicyIsReadAsTheBrowserReadsIt(t *testing.T) {
	t.Parallel()
	open, closed := enforce.Rule{Mode: enforce.Allowed}, enforce.Rule{Mode: enforce.Blocked}
	sites := make([]string, 101)
	for n := range sites {
		sites[n] = fmt.Sprintf("%q", fmt.Sprintf("https://h%03d.example", n))
	}
	tests := map[string]struct {
		target, text string
		want         enforce.Policy
		remarks      []string // parts
	}{
		"nothing-said-is-everything-allowed": {"chrome", `{"HomepageLocation": "https://acme.example"}`, enforce.Policy{Default: open}, nil},
		"older-lists": {"chrome", `{"ExtensionInstallBlocklist": ["*"], "ExtensionInstallAllowlist": ["` + chromeID + `"],
			"ExtensionInstallForcelist": ["` + otherID + `;https://a.example/u.xml"]}`,
			enforce.Policy{Default: closed, Rules: map[inventory.Untrusted]enforce.Rule{
				chromeID: open, otherID: {Mode: enforce.Forced, InstallURL: "https://a.example/u.xml"},
			}}, nil},
		"newer-settings-win-over-older-lists": {"chrome", `{"ExtensionInstallBlocklist": ["` + chromeID + `"],
			"ExtensionSettings": {"` + chromeID + `": {"installation_mode": "allowed"}}}`,
			enforce.Policy{Default: open, Rules: rules(chromeID, open)}, nil},
		"settings-without-a-mode-have-that-of-the-default-or-the-list": {"chrome", `{"ExtensionInstallAllowlist": ["` + otherID + `"], "ExtensionSettings": {
			"*": {"installation_mode": "blocked"}, "` + chromeID + `": {}, "` + otherID + `": {"minimum_version_required": "2"}}}`,
			enforce.Policy{Default: closed, Rules: map[inventory.Untrusted]enforce.Rule{
				chromeID: closed, otherID: {Mode: enforce.Allowed, MinimumVersion: "2"},
			}}, nil},
		"in-Firefox-settings-without-a-mode-allow": {"firefox", `{"policies": {"ExtensionSettings": {
			"*": {"installation_mode": "blocked"}, "` + firefoxID + `": {}}}}`,
			enforce.Policy{Default: closed, Rules: rules(firefoxID, open)}, nil},
		"several-IDs-in-one-key": {"chrome", `{"ExtensionSettings": {"` + chromeID + `, ` + otherID + `": {"installation_mode": "blocked"}}}`,
			enforce.Policy{Default: open, Rules: map[inventory.Untrusted]enforce.Rule{chromeID: closed, otherID: closed}}, nil},
		"what-is-installed-without-an-address-is-ignored": {"chrome", `{"ExtensionSettings": {"` + chromeID + `": {"installation_mode": "force_installed"}}}`,
			enforce.Policy{Default: open}, []string{`the settings of "` + chromeID + `" are invalid`}},
		"in-Firefox-it-comes-from-its-store": {"firefox", `{"policies": {"ExtensionSettings": {"` + firefoxID + `": {"installation_mode": "force_installed"}}}}`,
			enforce.Policy{Default: open, Rules: rules(firefoxID, enforce.Rule{Mode: enforce.Forced})}, nil},
		"an-unknown-mode-is-ignored": {"chrome", `{"ExtensionSettings": {"` + chromeID + `": {"installation_mode": "banned"}}}`,
			enforce.Policy{Default: open}, []string{"are invalid"}},
		"every-extension-cannot-be-installed": {"chrome", `{"ExtensionSettings": {"*": {"installation_mode": "force_installed", "update_url": "https://a.example"}}}`,
			enforce.Policy{Default: open}, []string{`the settings for "*" are invalid`}},
		"a-host-with-a-path-drops-the-settings": {"chrome", `{"ExtensionSettings": {"` + chromeID + `": {"installation_mode": "blocked", "runtime_blocked_hosts": ["https://a.example/x"]}}}`,
			enforce.Policy{Default: open}, []string{`"https://a.example/x" is not a host pattern`, "are invalid"}},
		"a-hundred-hosts-are-read": {"chrome", `{"ExtensionSettings": {"` + chromeID + `": {"runtime_allowed_hosts": [` + strings.Join(sites, ",") + `]}}}`,
			enforce.Policy{Default: open, Rules: rules(chromeID, enforce.Rule{Mode: enforce.Allowed, AllowedHosts: first(100)})},
			[]string{"reads 100 of the 101 patterns"}},
		"permissions-after-one-with-an-argument-are-not-read": {"chrome", `{"ExtensionSettings": {"` + chromeID + `": {"blocked_permissions": ["tabs", "usbDevices", "history"]}}}`,
			enforce.Policy{Default: open, Rules: rules(chromeID, enforce.Rule{Mode: enforce.Allowed, BlockedPermissions: []inventory.Untrusted{"tabs"}})},
			[]string{`ignores what follows "usbDevices"`}},
		"an-older-name-is-the-same-permission": {"chrome", `{"ExtensionSettings": {"` + chromeID + `": {"blocked_permissions": ["windows", "unlimited_storage"], "allowed_permissions": ["tabs"]}}}`,
			enforce.Policy{Default: open, Rules: rules(chromeID, enforce.Rule{Mode: enforce.Allowed, BlockedPermissions: []inventory.Untrusted{"unlimitedStorage"}})}, nil},
		"allowed-permissions-are-not-blocked": {"chrome", `{"ExtensionSettings": {"` + chromeID + `": {"blocked_permissions": ["tabs", "history", "<all_urls>"], "allowed_permissions": ["tabs"]}}}`,
			enforce.Policy{Default: open, Rules: rules(chromeID, enforce.Rule{Mode: enforce.Allowed, BlockedPermissions: []inventory.Untrusted{"history"}})}, nil},
		"settings-by-update-address-are-not-compared": {"chrome", `{"ExtensionSettings": {"update_url:https://a.example": {"installation_mode": "blocked"}}}`,
			enforce.Policy{Default: open}, []string{"are not compared"}},
		"what-is-no-ID-is-ignored": {"chrome", `{"ExtensionSettings": {"notes": {"installation_mode": "blocked"}}}`,
			enforce.Policy{Default: open}, []string{`"notes" is not an ID`}},
		"comments-and-commas": {"chrome", "{ // here\n\"ExtensionSettings\": { /* and \"here\" */ \"*\": {\"installation_mode\": \"blocked\", \"blocked_install_message\": \"// , } no comment\",},},}",
			enforce.Policy{Default: enforce.Rule{Mode: enforce.Blocked, Message: "// , } no comment"}}, nil},
		"a-member-twice-is-the-last": {"chrome", `{"ExtensionSettings": {"*": {"installation_mode": "blocked"}}, "ExtensionSettings": {}}`,
			enforce.Policy{Default: open}, nil},
		"JSON-in-a-string": {"firefox", `{"policies": {"ExtensionSettings": "{\"*\": {\"installation_mode\": \"blocked\"}}"}}`,
			enforce.Policy{Default: closed}, nil},
		"locked-and-turned-off": {"firefox", `{"policies": {"Extensions": {"Locked": ["` + firefoxID + `"]}, "InstallAddonsPermission": {"Default": false}}}`,
			enforce.Policy{Default: open, Rules: rules(firefoxID, enforce.Rule{Mode: enforce.Forced})}, []string{"InstallAddonsPermission turns off"}},
		"other-limits-of-the-default": {"chrome", `{"ExtensionSettings": {"*": {"allowed_types": ["theme"], "install_sources": ["https://a.example/*"]}}}`,
			enforce.Policy{Default: open}, []string{"install_sources limits", "allowed_types limits"}},
		"settings-that-are-no-object": {"chrome", `{"ExtensionSettings": 5}`, enforce.Policy{Default: open}, []string{"ExtensionSettings is not an object"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := enforce.Read(enforce.TargetNamed(test.target), []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			remarks := got.Remarks
			got.Remarks = nil
			if test.want.Rules == nil {
				test.want.Rules = map[inventory.Untrusted]enforce.Rule{}
			}
			if diff := cmp.Diff(&test.want, got, noHints); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(remarks) != len(test.remarks) {
				t.Fatalf("remarks %q, want %q", remarks, test.remarks)
			}
			for n, want := range test.remarks {
				if !strings.Contains(string(remarks[n]), want) {
					t.Errorf("remark %q, want %q", remarks[n], want)
				}
			}
		})
	}
}

func first(count int) []inventory.Untrusted {
	sites := make([]inventory.Untrusted, count)
	for n := range sites {
		sites[n] = inventory.Textf("https://h%03d.example", n)
	}
	return sites
}

// Group Policy also writes settings as keys and values, one for each, and lists as numbered values;
// the machine's win over the user's.
func TestTheRegistryIsReadKeyByKey(t *testing.T) {
	t.Parallel()
	const key = `HKEY_LOCAL_MACHINE\Software\Policies\Google\Chrome`
	data := regfile.Write([]regfile.Key{
		{Path: `HKEY_CURRENT_USER\SOFTWARE\Policies\Google\Chrome\ExtensionInstallBlocklist`, Values: []regfile.Value{{Name: "1", Data: otherID}}},
		{Path: key + `\ExtensionInstallBlocklist`, Values: []regfile.Value{{Name: "1", Data: "*"}}},
		{Path: key + `\ExtensionSettings\` + chromeID, Values: []regfile.Value{{Name: "installation_mode", Data: "allowed"}}},
		{Path: key + `\ExtensionSettings\` + chromeID + `\blocked_permissions`, Values: []regfile.Value{
			{Name: "1", Data: "tabs"}, {Name: "2", Data: "history"},
		}},
		{Path: key + `Beta`, Values: []regfile.Value{{Name: "ExtensionSettings", Data: `{"*": {"installation_mode": "allowed"}}`}}},
	}, nil)
	got, err := enforce.Read(enforce.TargetNamed("chrome"), data)
	if err != nil {
		t.Fatal(err)
	}
	want := &enforce.Policy{Default: enforce.Rule{Mode: enforce.Blocked}, Rules: rules(chromeID, enforce.Rule{
		Mode: enforce.Allowed, BlockedPermissions: []inventory.Untrusted{"history", "tabs"},
	})}
	if diff := cmp.Diff(want, got, noHints); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Profiles that other tools write hold the preferences of several domains in one payload.
func TestOlderProfilesAreRead(t *testing.T) {
	t.Parallel()
	const text = `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>PayloadContent</key><array><dict>
		<key>PayloadType</key><string>com.apple.ManagedClient.preferences</string><key>PayloadContent</key><dict>
		<key>com.google.Chrome</key><dict><key>Forced</key><array><dict><key>mcx_preference_settings</key><dict>
		<key>ExtensionSettings</key><dict><key>*</key><dict><key>installation_mode</key><string>blocked</string></dict></dict>
		</dict></dict></array></dict></dict></dict></array></dict></plist>`
	for target, want := range map[string]enforce.Mode{"chrome": enforce.Blocked, "edge": enforce.Allowed} {
		got, err := enforce.Read(enforce.TargetNamed(target), []byte(text))
		if err != nil || got.Default.Mode != want {
			t.Errorf("%s: %+v (%v), want %s", target, got, err, want)
		}
	}
}

func TestAnExportOfTheConsoleIsRead(t *testing.T) {
	t.Parallel()
	const text = "\ufeffApp name,Type,ID,Verified status,Users,Org unit,Access\n" +
		"\"Calendar, the app\",Web application,111111111111-calendar.apps.googleusercontent.com,Google verified,12,/,Trusted\n" +
		"Reader,Web application,111111111111-reader.apps.googleusercontent.com,,1,/Sales,Specific Google data\n" +
		"Old,Android,com.example.old,,0,/,BLOCKED\n" +
		"Gone,Web application,111111111111-gone.apps.googleusercontent.com,,0,/,unconfigured\n" +
		"Odd,Web application,111111111111-odd.apps.googleusercontent.com,,0,/,Perhaps\n,,,,,,Trusted\n"
	got, err := enforce.Read(enforce.TargetNamed("google"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := &enforce.Policy{Default: enforce.Rule{Mode: enforce.Unset}, Rules: map[inventory.Untrusted]enforce.Rule{
		"111111111111-calendar": {Mode: enforce.Trusted}, "111111111111-reader in /Sales": {Mode: enforce.Specific},
		"com.example.old": {Mode: enforce.Blocked},
	}, Remarks: []inventory.Untrusted{`line 6: the access "Perhaps" is not known`, "line 7 has no ID"}}
	if diff := cmp.Diff(want, got, noHints); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoPolicyIsSaid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, text, want string }{
		{"chrome", "", "it is not JSON"}, {"chrome", "[]", "it is not a JSON object"}, {"chrome", "null", "it is null"},
		{"chrome", `{"a": 1`, "it is not JSON"}, {"chrome", `{"ExtensionSettings": /* never ends`, "it is not JSON"},
		{"firefox", `{}`, `it has no object "policies"`}, {"firefox", `{"policies": {} /* comment */}`, "it is not JSON"},
		{"chrome", "<?xml version='1.0'?><plist><array/></plist>", "it is not a dictionary"},
		{"chrome", "Windows Registry Editor Version 5.00\n[HKEY", "line 2: a key has no closing bracket"},
		{"google", "", "it is empty"}, {"google", "a,b\n1,2\n", "it has no columns Id and Access"},
		{"github-actions", "{}", "it has no list patterns_allowed"}, {"github-actions", "x", "it is not JSON"},
		{"chrome", strings.Repeat(" ", enforce.MaxFileBytes+1), "larger than the limit of 64 MiB"},
		{"google", strings.Repeat(" ", enforce.MaxFileBytes+1), "larger than the limit of 64 MiB"},
	} {
		if _, err := enforce.Read(enforce.TargetNamed(test.target), []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %.40q: error %v, want %s", test.target, test.text, err, test.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	made := parse(f, everything)
	forms(func(target *enforce.Target, form enforce.Form) {
		f.Add(target.Name, emit(f, made, target.Name, enforce.Options{Form: form}).Content)
	})
	f.Add("chrome", []byte(`{"ExtensionInstallForcelist": ["a;b"], /* */ "ExtensionSettings": {"*": {}, "update_url:x": {}},}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		target := enforce.TargetNamed(name)
		if target == nil {
			return
		}
		policy, err := enforce.Read(target, data)
		if err != nil {
			return
		}
		for _, difference := range enforce.Compare(made, target, enforce.Options{At: now}, policy) {
			if difference.Text == "" || difference.Sort == "" {
				t.Errorf("%+v says nothing", difference)
			}
		}
	})
}
