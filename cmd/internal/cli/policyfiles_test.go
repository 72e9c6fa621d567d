package cli

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

const blocksAll = `<?xml version="1.0"?><plist version="1.0"><dict><key>ExtensionSettings</key><dict><key>*</key>` +
	`<dict><key>installation_mode</key><string>blocked</string></dict></dict></dict></plist>`

// On macOS managed preferences count: those of the machine, and over them those of the user who
// asks. They win over the file that an installation has beside it.
func TestManagedPreferencesAreInForceOnMacOS(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(path, content string) string {
		path = filepath.Join(root, filepath.FromSlash(path))
		testkit.WriteFile(t, path, content)
		return path
	}
	machine := write("Library/Managed Preferences/com.google.Chrome.plist", blocksAll)
	own := write("Library/Managed Preferences/ada/com.google.Chrome.plist",
		`<plist version="1.0"><dict><key>ExtensionInstallAllowlist</key><array><string>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</string></array></dict></plist>`)
	write("Library/Managed Preferences/bob/com.google.Chrome.plist", "not for Ada")
	beside := write("Applications/Firefox.app/Contents/Resources/distribution/policies.json",
		`{"policies": {"ExtensionSettings": {"*": {"installation_mode": "allowed"}}}}`)
	managed := write("Library/Managed Preferences/org.mozilla.firefox.plist", blocksAll)

	env := &Env{OS: "darwin", User: "ada", SystemRoot: root}
	for name, want := range map[string]policyInForce{
		"chrome": {inventory.All([]string{machine, own}), &enforce.Policy{
			Default: enforce.Rule{Mode: enforce.Blocked},
			Rules:   map[inventory.Untrusted]enforce.Rule{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": {Mode: enforce.Allowed}},
		}},
		"firefox": {inventory.All([]string{beside, managed}), &enforce.Policy{
			Default: enforce.Rule{Mode: enforce.Blocked}, Rules: map[inventory.Untrusted]enforce.Rule{},
		}},
	} {
		got, err := env.policiesInForce(enforce.TargetNamed(name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]policyInForce{want}, got, cmp.AllowUnexported(policyInForce{}), cmpopts.IgnoreUnexported(enforce.Rule{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := env.policiesInForce(enforce.TargetNamed("edge")); err != errNoPolicy {
		t.Errorf("a browser without preferences: %v", err)
	}
}
