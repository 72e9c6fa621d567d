package chromium

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

const unpackedSettings = `{"extensions":{"settings":{"` + someID + `":{"location":4,"path":"/x"}}}}`

func TestABrowserWithoutARowIsFoundByItsLayout(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files []string // each holds settings with one extension, or what its name asks for
		want  []string // browser/profile
	}{
		{"a-product", []string{".config/novel/Local State", ".config/novel/Default/Preferences"}, []string{"novel/Default"}},
		{"a-vendor's-product", []string{".config/Vendor/Novel/Local State", ".config/Vendor/Novel/Profile 7/Preferences"},
			[]string{"Novel/Profile 7"}},
		{"user-data-of-a-product", []string{"AppData/Local/Novel/User Data/Local State",
			"AppData/Local/Novel/User Data/Default/Preferences"}, []string{"Novel/Default"}},
		{
			"user-data-of-a-vendor's-product", []string{"AppData/Roaming/Vendor/Novel/User Data/Local State",
				"AppData/Roaming/Vendor/Novel/User Data/Default/Secure Preferences"},
			[]string{"Novel/Default"},
		},
		{"on-macOS", []string{"Library/Application Support/Vendor/Novel/Local State",
			"Library/Application Support/Vendor/Novel/Default/Preferences"}, []string{"Novel/Default"}},
		{"in-a-flatpak", []string{".var/app/example.Novel/config/novel/Local State",
			".var/app/example.Novel/config/novel/Default/Preferences"}, []string{"novel/Default"}},
		{"in-a-snap", []string{"snap/novel/common/novel/Local State", "snap/novel/common/novel/Default/Preferences"},
			[]string{"novel/Default"}},
		{"in-a-snap's-revision", []string{"snap/novel/current/.config/novel/Local State",
			"snap/novel/current/.config/novel/Default/Preferences"}, []string{"novel/Default"}},
		{
			"in-a-package-of-Windows", []string{
				"AppData/Local/Packages/Novel_1/LocalCache/Local/Novel/User Data/Local State",
				"AppData/Local/Packages/Novel_1/LocalCache/Local/Novel/User Data/Default/Preferences",
			}, []string{"Novel/Default"},
		},
		{
			"two-beside-each-other", []string{
				".config/novel/Local State", ".config/novel/Default/Preferences", ".config/novel-beta/Local State",
				".config/novel-beta/Default/Preferences",
			}, []string{"novel-beta/Default", "novel/Default"},
		},
		{"one-whose-directory-is-the-profile", []string{
			".config/novel/Local State", ".config/novel/Preferences",
			".config/novel/Extensions/" + someID + "/1.0_0/manifest.json",
		}, []string{"novel/novel"}},
		{"a-profile-that-lost-its-preferences", []string{
			".config/novel/Local State", ".config/novel/Default/Extensions/" + someID + "/1.0_0/manifest.json",
		}, []string{"novel/Default"}},
		{"a-program-on-Electron", []string{
			".config/chat/Local State", ".config/chat/Preferences", ".config/chat/Partitions/work/Preferences",
			".config/chat/extensions/" + someID + "/manifest.json",
		}, nil},
		{"an-embedded-view-of-the-web", []string{"AppData/Local/Mail/EBWebView/Local State",
			"AppData/Local/Mail/EBWebView/Default/Preferences"}, nil},
		{"an-embedded-view-of-the-web-with-an-extension", []string{
			"AppData/Local/Mail/EBWebView/Local State", "AppData/Local/Mail/EBWebView/Default/Preferences",
			"AppData/Local/Mail/EBWebView/Default/Extensions/" + someID + "/1.0_0/manifest.json",
		}, []string{"EBWebView/Default"}},
		{"preferences-without-a-Local-State", []string{".config/novel/Default/Preferences"}, []string{"novel/Default"}},
		{"preferences-of-another-kind-without-a-Local-State", []string{".config/novel/Default/Preferences/x"}, nil},
		{"packages-without-a-Local-State", []string{".config/novel/Profile 1/Extensions/" + someID + "/1.0_0/manifest.json"}, []string{"novel/Profile 1"}},
		{"three-levels-down", []string{".config/a/b/c/Local State", ".config/a/b/c/Default/Preferences"},
			[]string{"c/Default"}},
		{"too-deep", []string{".config/a/b/c/d/Local State", ".config/a/b/c/d/Default/Preferences"}, nil},
		{"in-the-data-of-a-flatpak", []string{".var/app/example.Novel/data/novel/Local State",
			".var/app/example.Novel/data/novel/Default/Preferences"}, []string{"novel/Default"}},
		{"in-a-hidden-folder-of-a-flatpak", []string{".var/app/example.Novel/.novel/Local State",
			".var/app/example.Novel/.novel/Default/Preferences"}, []string{".novel/Default"}},
		{"in-a-snap's-revision-that-nothing-calls-current",
			[]string{"snap/novel/12/.config/novel/Local State", "snap/novel/12/.config/novel/Default/Preferences"},
			[]string{"novel/Default"}},
		{"in-a-snap's-revision-that-was-replaced", []string{
			"snap/novel/11/.config/old/Local State", "snap/novel/11/.config/old/Default/Preferences",
			"snap/novel/current/.config/novel/Local State", "snap/novel/current/.config/novel/Default/Preferences",
		}, []string{"novel/Default"}},
		{"in-a-container-of-macOS", []string{
			"Library/Containers/example.novel/Data/Library/Application Support/Novel/Local State",
			"Library/Containers/example.novel/Data/Library/Application Support/Novel/Default/Preferences",
		}, []string{"Novel/Default"}},
		{"in-the-low-data-of-Windows", []string{"AppData/LocalLow/Novel/User Data/Local State",
			"AppData/LocalLow/Novel/User Data/Default/Preferences"}, []string{"Novel/Default"}},
		{"in-the-share-of-a-home", []string{".local/share/novel/Local State", ".local/share/novel/Default/Preferences"},
			[]string{"novel/Default"}},
		{"in-a-hidden-folder-of-the-home", []string{".novel/Local State", ".novel/Default/Preferences"},
			[]string{".novel/Default"}},
		{"of-a-vendor-in-a-hidden-folder-of-the-home", []string{".vendor/novel/Default/Preferences"},
			[]string{"novel/Default"}},
		{"in-a-cache", []string{".cache/novel/Default/Preferences"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			for _, name := range test.files {
				content := unpackedSettings
				switch path.Base(name) {
				case "Local State":
					content = `{}`
				case "manifest.json":
					content = `{"name":"x","version":"1.0"}`
				}
				h.write(name, content)
			}
			env := h.env()
			env.Homes[0].AnyOS = true
			_, coverage := collect(t, env)
			found := map[string]bool{}
			for _, source := range coverage {
				browser, profile := path.Split(strings.ReplaceAll(strings.TrimPrefix(string(source.Source.Name), "ada/"), "∕", "/"))
				found[path.Base(browser)+"/"+profile] = true
			}
			if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

func TestRemoteDesktopsAndSideProfilesAreFound(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, dir := range []string{
		".config/chrome-remote-desktop/chrome-profile/Default",
		".config/chrome-remote-desktop/chrome-config/google-chrome/Default",
		".config/opera/Default", ".config/opera/_side_profiles/A1/Default", ".config/opera/_side_profiles/B2",
		".config/opera/_side_profiles/C3", ".config/opera/_side_profiles/C3/Default",
	} {
		h.write(dir+"/Preferences", unpackedSettings)
	}
	items, coverage := collect(t, h.env())
	var got []string
	for _, item := range items {
		got = append(got, string(item.Holder.Browser+": "+item.Holder.Profile))
	}
	slices.Sort(got)
	want := []string{
		"Chrome (remote desktop): Default", "Chrome (remote desktop): Default",
		"Opera: A1", "Opera: B2", "Opera: C3", "Opera: C3", "Opera: Default",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	names := map[inventory.Untrusted]bool{}
	for _, source := range coverage {
		names[source.Source.Name] = true
	}
	if len(names) != len(want) {
		t.Errorf("%d sources have %d names", len(coverage), len(names))
	}
}

func TestTheEnvironmentNamesAUserDataDirectory(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, variable, value string
		own                   bool
		profiles              int
		gap                   string
	}{
		{"one-that-is-there", userDataVariable, "elsewhere", true, 1, ""},
		{"one-that-is-there-for-somebody-else", userDataVariable, "elsewhere", false, 0, ""},
		{"one-that-is-not-there", userDataVariable, "gone", true, 0, "it is missing"},
		{"a-file", userDataVariable, "file", true, 0, "it is a file"},
		{"a-relative-path", userDataVariable, "", true, 0, "not an absolute path"},
		{"a-place-that-is-not-there", configVariable, "gone", true, 0, "it is missing"},
		{"a-place-that-is-not-there-for-somebody-else", configVariable, "gone", false, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write("elsewhere/Default/Preferences", unpackedSettings)
			h.write("file", "")
			h.write("home/.profile", "")
			value := "relative"
			if test.value != "" {
				value = h.path(test.value)
			}
			env := scanner.Env{
				OS: linux, SystemRoot: h.dir, Homes: []scanner.Home{{Dir: h.path("home"), User: "ada", Own: test.own}},
				Getenv: func(name string) string { return map[string]string{test.variable: value}[name] },
			}
			items, coverage := collect(t, env)
			if len(items) != test.profiles {
				t.Errorf("%d items, want %d", len(items), test.profiles)
			}
			gaps := slices.DeleteFunc(coverage, func(c inventory.Coverage) bool { return !c.IsGap() })
			if test.gap == "" && len(gaps) > 0 || test.gap != "" &&
				(len(gaps) != 1 || !strings.Contains(string(gaps[0].Reason), test.gap) ||
					!strings.Contains(string(gaps[0].Reason), test.variable) || gaps[0].Remedy == "") {
				t.Errorf("gaps %+v, want %q", gaps, test.gap)
			}
		})
	}
}
