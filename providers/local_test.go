package providers

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
	"guestlist/scanner/vendor"
)

func TestANamedDirectoryThatNothingReadsIsReported(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, file := range []string{"chrome/Local State", "chrome/Default/Preferences", "copy/Preferences",
		"fox/profiles.ini",
		"foxes/one/extensions.json", "tor/Browser/TorBrowser/Data/Browser/profiles.ini", "papers/letter.txt", "empty/Local State"} {
		at := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const none = inventory.Untrusted("it holds no browser profile")
	both := []inventory.Provider{inventory.Chromium, inventory.Firefox}
	tests := []struct {
		name, dir string
		wanted    []inventory.Provider
		want      inventory.Untrusted // the reason; empty: it is read
	}{
		{"Chromium's-user-data", "chrome", both, ""},
		{"Chromium's-profile", "copy", both, ""},
		{"Firefox's-directory", "fox", both, ""},
		{"a-folder-of-Firefox's-profiles", "foxes", both, ""},
		{"an-unpacked-Tor-Browser", "tor", both, ""},
		{"papers", "papers", both, none},
		{"papers-for-Firefox-alone", "papers", both[1:], none},
		{"user-data-without-a-profile", "empty", both, none},
		{"a-file", "papers/letter.txt", both, "it is a file, not a directory"},
		{"nothing", "nowhere", both, "it is missing"},
		{"Firefox's-directory-for-Chromium-alone", "fox", both[:1],
			"it holds profiles that firefox reads, which this scan leaves out"},
		{"Chromium's-profile-for-Firefox-alone", "copy", both[1:],
			"it holds profiles that chromium reads, which this scan leaves out"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(root, filepath.FromSlash(test.dir))
			env := scanner.Env{OS: "linux", Host: "laptop-7", SystemRoot: root, ProfileDirs: []string{dir}}
			list := Local(env, func(name inventory.Provider) bool { return slices.Contains(test.wanted, name) })
			if len(list) != len(test.wanted) || list[0].Name() != test.wanted[0] {
				t.Fatalf("%d providers, the first is %s", len(list), list[0].Name())
			}
			var reasons []inventory.Untrusted
			for _, p := range list {
				coverage, err := p.Collect(context.Background(), &testkit.Sink{})
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range coverage {
					named := inventory.Source{Provider: test.wanted[0], Host: "laptop-7"}.Join(inventory.Untrusted(dir))
					if c.Source == named {
						reasons = append(reasons, c.Reason)
					}
				}
			}
			if want := slices.DeleteFunc([]inventory.Untrusted{test.want},
				func(r inventory.Untrusted) bool { return r == "" }); !slices.Equal(reasons, want) {
				t.Errorf("reasons %q, want %q", reasons, want)
			}
		})
	}
}

func TestEveryLocalVendorIsListed(t *testing.T) {
	t.Parallel()
	var want, got []inventory.Provider
	for _, row := range vendor.All() {
		if row.Local {
			want = append(want, row.Provider)
		}
	}
	for _, p := range All(scanner.Env{}) {
		got = append(got, p.Name())
	}
	if !slices.Equal(want, got) {
		t.Errorf("package vendor has %v, the list %v", want, got)
	}
}
