package chromium

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// home is a home directory under construction.
type home struct {
	t   testing.TB
	dir string
}

func newHome(t testing.TB) *home {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &home{t: t, dir: dir}
}

// write makes a file of the home, and the folders on the way to it.
func (h *home) write(name, content string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

func (h *home) link(target, name string) {
	h.t.Helper()
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Symlink(filepath.FromSlash(target), path); err != nil {
		h.t.Skipf("links cannot be made here: %v", err)
	}
}

func (h *home) path(name string) string { return filepath.Join(h.dir, filepath.FromSlash(name)) }

// env reads the home as somebody else's, on Linux.
func (h *home) env() scanner.Env {
	return scanner.Env{OS: linux, Homes: []scanner.Home{{Dir: h.dir, User: "ada"}}, SystemRoot: h.dir}
}

// statuses brings coverages into one line each: "ada/chrome/Default complete".
func statuses(coverage []inventory.Coverage) []string {
	lines := []string{}
	for _, c := range coverage {
		lines = append(lines, strings.TrimSpace(string(c.Source.Name)+" "+string(c.Status)+" "+string(c.Reason)))
	}
	return lines
}

func wantStatuses(t *testing.T, coverage []inventory.Coverage, want ...string) {
	t.Helper()
	if got := statuses(coverage); !slices.Equal(got, want) {
		t.Errorf("coverage\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestEveryPlaceOfTheTableIsFound(t *testing.T) {
	t.Parallel()
	for _, at := range places {
		t.Run(at.os+"/"+at.key, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			root := map[localprofile.Base]string{
				inHome: "", inConfig: ".config/", inLocalData: "AppData/Local/", inRoamingData: "AppData/Roaming/",
				inSupport: "Library/Application Support/",
			}[at.base]
			h.write(root+strings.ReplaceAll(at.path, "*", "x1y2z3")+"/Profile 12/Preferences", `{}`)
			env := h.env()
			env.OS = at.os
			_, coverage := collect(t, env)
			wantStatuses(t, coverage, "ada/"+at.key+"/Profile 12 complete")

			env.OS, env.Homes[0].AnyOS = "plan9", true
			if _, coverage := collect(t, env); len(coverage) != 1 {
				t.Errorf("as a copy of a home from any system: %q", statuses(coverage))
			}
		})
	}
}

func TestTheTableNamesEachPlaceOnce(t *testing.T) {
	t.Parallel()
	seen := map[place]bool{}
	names := map[string]string{}
	for _, at := range places {
		where := place{os: at.os, base: at.base, path: at.path}
		if seen[where] {
			t.Errorf("%s %s is there twice", at.os, at.path)
		}
		seen[where] = true
		if same := (place{os: at.os, key: at.key}); seen[same] {
			t.Errorf("%s has two rows with the key %s", at.os, at.key)
		} else {
			seen[same] = true
		}
		if name, ok := names[at.key]; ok && name != at.name {
			t.Errorf("%s is called %q and %q", at.key, name, at.name)
		}
		names[at.key] = at.name
		if strings.ContainsAny(at.key, "/ ") || strings.HasPrefix(at.path, "/") || strings.HasSuffix(at.path, "/") {
			t.Errorf("%q %q: a key without slashes and spaces, and a relative path", at.key, at.path)
		}
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	const chrome = ".config/google-chrome/"
	tests := []struct {
		name  string
		setup func(h *home, env *scanner.Env)
		want  []string
	}{
		{"a-home-without-browsers-has-no-source", func(*home, *scanner.Env) {}, []string{}},
		{
			"folders-with-any-name-count-whether-Local-State-lists-them-or-not",
			func(h *home, _ *scanner.Env) {
				h.write(chrome+"Local State", `{"profile":{"info_cache":{"Default":{},"Gone":{}}}}`)
				for _, folder := range []string{"Default", "Profile 12", "work", "Guest Profile"} {
					h.write(chrome+folder+"/Preferences", `{}`)
				}
				h.write(chrome+"Crashpad/settings.dat", "")
			},
			[]string{"ada/chrome/Default complete", "ada/chrome/Guest Profile complete", "ada/chrome/Profile 12 complete",
				"ada/chrome/work complete"},
		},
		{
			"the-system-profile-is-read-with-builtin-only",
			func(h *home, _ *scanner.Env) { h.write(chrome+"System Profile/Preferences", `{}`) },
			[]string{},
		},
		{
			"the-system-profile-is-read-with-builtin",
			func(h *home, env *scanner.Env) {
				h.write(chrome+"System Profile/Preferences", `{}`)
				env.Builtin = true
			},
			[]string{"ada/chrome/System Profile complete"},
		},
		{
			"a-listed-profile-without-preferences-is-said-not-to-be-observable",
			func(h *home, _ *scanner.Env) {
				h.write(chrome+"Local State", `{"profile":{"info_cache":{"Profile 2":{}}}}`)
				h.write(chrome+"Profile 2/History", "")
			},
			[]string{"ada/chrome/Profile 2 not-observable Preferences: it is missing"},
		},
		{
			"Opera's-profile-may-lie-in-the-directory-itself-with-others-aside",
			func(h *home, _ *scanner.Env) {
				h.write(".config/opera/Preferences", `{}`)
				h.write(".config/opera/Local State", `{}`)
				h.write(".config/opera/_side_profiles/ab12/Preferences", `{}`)
			},
			[]string{"ada/opera/ab12 complete", "ada/opera/opera complete"},
		},
		{
			"a-user-data-directory-that-is-a-link-is-read-where-it-leads",
			func(h *home, _ *scanner.Env) {
				h.write("disk/chrome/Default/Preferences", `{}`)
				h.link("../disk/chrome", ".config/google-chrome")
			},
			[]string{"ada/chrome/Default complete"},
		},
		{
			"a-directory-under-two-names-is-read-once-under-its-own",
			func(h *home, _ *scanner.Env) {
				h.write(".config/chromium/Default/Preferences", `{}`)
				h.link("chromium", ".config/google-chrome")
			},
			[]string{"ada/chromium/Default complete"},
		},
		{
			"two-links-to-one-profile-are-one-profile",
			func(h *home, _ *scanner.Env) {
				h.write(chrome+"Default/Preferences", `{}`)
				h.link("Default", chrome+"Work")
			},
			[]string{"ada/chrome/Default complete"},
		},
		{
			"a-link-in-a-loop-is-a-reason",
			func(h *home, _ *scanner.Env) { h.link("google-chrome", ".config/google-chrome") },
			[]string{"ada/chrome not-observable following the link \"HOME/.config/google-chrome\": a link that leads back to itself"},
		},
		{
			"a-listed-profile-that-is-a-link-out-of-the-directory-is-a-reason",
			func(h *home, _ *scanner.Env) {
				h.write("elsewhere/Preferences", `{}`)
				h.write(chrome+"Local State", `{"profile":{"info_cache":{"Default":{}}}}`)
				h.link("../../elsewhere", chrome+"Default")
			},
			[]string{"ada/chrome/Default not-observable opening the profile's directory \"Default\": a link that leads out of the profile"},
		},
		{
			"a-broken-Local-State-costs-the-names-and-not-the-profiles",
			func(h *home, _ *scanner.Env) {
				h.write(chrome+"Local State", `{"profile":`)
				h.write(chrome+"Default/Preferences", `{}`)
			},
			[]string{
				"ada/chrome partial Local State: truncated at byte 11; the profiles were found by their directories, without names and accounts",
				"ada/chrome/Default complete",
			},
		},
		{
			"Local-State-cannot-name-folders-elsewhere",
			func(h *home, _ *scanner.Env) {
				h.write("elsewhere/Preferences", `{}`)
				h.write(chrome+"Local State", `{"profile":{"info_cache":{"../../elsewhere":{},"/etc":{},"..":{},"":{}}}}`)
			},
			[]string{},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			env := h.env()
			test.setup(h, &env)
			_, coverage := collect(t, env)
			for n := range coverage {
				coverage[n].Reason = inventory.Untrusted(strings.ReplaceAll(string(coverage[n].Reason), h.dir, "HOME"))
			}
			wantStatuses(t, coverage, test.want...)
		})
	}
}

func TestTheEnvironmentSpeaksForTheOwnHomeOnly(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("xdg/google-chrome/Default/Preferences", `{}`)
	h.write(".config/google-chrome/Default/Preferences", `{}`)
	env := h.env()
	env.Getenv = func(name string) string { return map[string]string{"XDG_CONFIG_HOME": h.path("xdg")}[name] }
	_, coverage := collect(t, env)
	wantStatuses(t, coverage, "ada/chrome/Default complete")

	env.Homes[0].Own = true
	_, coverage = collect(t, env)
	second := strings.ReplaceAll("Default in "+h.path("xdg/google-chrome"), "/", "∕")
	wantStatuses(t, coverage, "ada/chrome/Default complete", "ada/chrome/"+second+" complete")
}

func TestNamedDirectories(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("a/google-chrome/Local State", `{"profile":{"info_cache":{"Default":{"name":"Work","user_name":"it@acme.example"}}}}`)
	h.write("a/google-chrome/Default/Preferences", `{"extensions":{"settings":{"`+someID+`":{"location":4,"path":"/x"}}}}`)
	h.write("copy/Preferences", `{}`)
	h.write("fox/profiles.ini", "")
	h.write("foxes/one/extensions.json", "{}")
	h.write("papers/letter.txt", "")
	h.write("empty/Local State", `{}`)
	named := func(dirs ...string) []inventory.Coverage {
		env := scanner.Env{OS: linux, SystemRoot: h.dir}
		for _, dir := range dirs {
			env.ProfileDirs = append(env.ProfileDirs, h.path(dir))
		}
		_, coverage := collect(t, env)
		for n := range coverage {
			name := strings.ReplaceAll(string(coverage[n].Source.Name),
				strings.ReplaceAll(h.dir+string(filepath.Separator), "/", "∕"), "")
			coverage[n].Source.Name = inventory.Untrusted(name)
		}
		return coverage
	}
	tests := []struct {
		name string
		dirs []string
		want []string
	}{
		{"a-user-data-directory", []string{"a/google-chrome"}, []string{"a∕google-chrome/chrome/Default complete"}},
		{"a-profile", []string{"a/google-chrome/Default"}, []string{"a∕google-chrome∕Default/chrome/Default complete"}},
		{"a-profile-without-its-user-data-directory", []string{"copy"}, []string{"copy/chromium-based/copy complete"}},
		{"a-directory-and-a-profile-in-it-are-one-source", []string{"a/google-chrome", "a/google-chrome/Default"},
			[]string{"a∕google-chrome/chrome/Default complete"}},
		{"a-Firefox-profile", []string{"fox"}, []string{}},
		{"a-folder-of-Firefox-profiles", []string{"foxes"}, []string{}},
		{"a-directory-without-a-profile", []string{"papers"}, []string{}},
		{"a-user-data-directory-without-a-profile", []string{"empty"}, []string{}},
		{"a-file", []string{"papers/letter.txt"}, []string{}},
		{"nothing", []string{"nowhere"}, []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantStatuses(t, named(test.dirs...), test.want...)
		})
	}
}

func TestANamedDirectoryThatIsKnownIsReadOnce(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(".config/chromium/Default/Preferences", `{}`)
	env := h.env()
	env.ProfileDirs = []string{h.path(".config/chromium"), h.path(".config/chromium/Default")}
	_, coverage := collect(t, env)
	wantStatuses(t, coverage, "ada/chromium/Default complete")
}

func TestTheHolderIsWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	entry := `"extensions":{"settings":{"` + someID + `":{"location":4,"path":"/x"}}}`
	h.write(".config/google-chrome/Local State",
		`{"profile":{"info_cache":{"Default":{"name":"Work","user_name":"it@acme.example"}}}}`)
	h.write(".config/google-chrome/Default/Preferences", `{"account_info":[{"email":"other@acme.example"}],`+entry+`}`)
	h.write(".config/google-chrome/Profile 1/Preferences",
		`{"account_info":[{"email":"finance@acme.example"}],"profile":{"name":"Money"},`+entry+`}`)
	env := h.env()
	env.Host = "laptop-7"
	items, _ := collect(t, env)
	slices.SortFunc(items, func(a, b inventory.Item) int {
		return strings.Compare(string(a.Source.Name),
			string(b.Source.Name))
	})
	want := []inventory.Holder{
		{Account: "it@acme.example", Host: "laptop-7", User: "ada", Browser: "Chrome", Profile: "Default",
			ProfileName: "Work"},
		{Account: "finance@acme.example", Host: "laptop-7", User: "ada", Browser: "Chrome", Profile: "Profile 1",
			ProfileName: "Money"},
	}
	if len(items) != 2 || items[0].Holder != want[0] || items[1].Holder != want[1] {
		t.Errorf("holders of %+v, want %+v", items, want)
	}
}

const someID = "abcdefghijklmnopabcdefghijklmnop"
