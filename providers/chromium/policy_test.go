package chromium

import (
	"slices"
	"testing"

	"guestlist/scanner/inventory"
)

func TestDeveloperModeThatPolicyForbidsIsTold(t *testing.T) {
	t.Parallel()
	const folder = "etc/opt/chrome/policies/managed/"
	const forbidden = "forbidden by /etc/opt/chrome/policies/managed"
	for name, test := range map[string]struct {
		files  map[string]string
		off    bool // in the profile
		copied bool
		want   inventory.Untrusted
		status inventory.Status
	}{
		"no-policy": {nil, false, false, "", inventory.StatusComplete},
		"by-its-own-policy": {map[string]string{folder + "a.json": `{"ExtensionDeveloperModeSettings":1}`},
			false, false, forbidden, inventory.StatusComplete},
		"by-that-of-the-tools": {map[string]string{folder + "a.json": `{"DeveloperToolsAvailability":2}`},
			false, false, forbidden, inventory.StatusComplete},
		"by-the-older-one-of-the-tools": {map[string]string{folder + "a.json": `{"DeveloperToolsDisabled":true}`},
			false, false, forbidden, inventory.StatusComplete},
		"by-a-file-of-any-name-with-notes": {map[string]string{folder + "a": "// ours\n" + `{"ExtensionDeveloperModeSettings":1}`}, false, false, forbidden, inventory.StatusComplete},
		"off-as-policy-wants": {map[string]string{folder + "a.json": `{"ExtensionDeveloperModeSettings":1}`},
			true, false, "", inventory.StatusComplete},
		"its-own-policy-goes-first": {map[string]string{folder + "a.json": `{"ExtensionDeveloperModeSettings":0,"DeveloperToolsAvailability":2}`}, false, false, "", inventory.StatusComplete},
		"a-value-that-is-none":      {map[string]string{folder + "a.json": `{"ExtensionDeveloperModeSettings":7,"DeveloperToolsAvailability":2}`}, false, false, forbidden, inventory.StatusComplete},
		"tools-forbidden-in-part":   {map[string]string{folder + "a.json": `{"DeveloperToolsAvailability":0,"DeveloperToolsDisabled":true}`}, false, false, "", inventory.StatusComplete},
		"the-last-file-decides": {map[string]string{folder + "a.json": `{"ExtensionDeveloperModeSettings":1}`,
			folder + "b.json": `{"ExtensionDeveloperModeSettings":0}`}, false, false, "", inventory.StatusComplete},
		"another-browser's-policy": {map[string]string{"etc/chromium/policies/managed/a.json": `{"ExtensionDeveloperModeSettings":1}`}, false, false, "", inventory.StatusComplete},
		"a-home-from-elsewhere": {map[string]string{folder + "a.json": `{"ExtensionDeveloperModeSettings":1}`},
			false, true, "", inventory.StatusComplete},
		"a-file-that-is-cut-off": {map[string]string{folder + "a.json": `{"ExtensionDeveloperModeSettings":1`},
			false, false, "", inventory.StatusPartial},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			mode := "true"
			if test.off {
				mode = "false"
			}
			h.write(profileDir+"Preferences", `{"extensions":{"ui":{"developer_mode":`+mode+`},"settings":{
				"`+someID+`":{"location":4,"path":"/x","active_permissions":{"api":["tabs"]}}}}}`)
			for name, content := range test.files {
				h.write(name, content)
			}
			env := h.env()
			env.Homes[0].AnyOS = test.copied
			items, coverage := collect(t, env)
			if len(items) != 1 || coverage[0].Status != test.status || items[0].Facts["developer_mode_policy"] != test.want {
				t.Fatalf("items %+v, coverage %+v", items, coverage)
			}
			marked := slices.ContainsFunc(items[0].Marks,
				func(m inventory.Mark) bool { return m.Name == inventory.MarkDeveloperMode })
			if marked != (test.want != "") {
				t.Errorf("marks %+v", items[0].Marks)
			}
		})
	}
}
