package firefox

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// sources returns the names of the sources, each with "!" if it is a gap.
func sources(coverage []inventory.Coverage) []string {
	var names []string
	for _, c := range coverage {
		name := string(c.Source.Name)
		if c.IsGap() {
			name = "!" + name
		}
		names = append(names, name)
	}
	return names
}

func expectSources(t *testing.T, coverage []inventory.Coverage, want ...string) {
	t.Helper()
	if got := sources(coverage); !slices.Equal(got, want) {
		t.Errorf("sources are\n %q\nwant\n %q", got, want)
	}
}

func TestEveryPlaceOfTheTableIsRead(t *testing.T) {
	t.Parallel()
	for _, place := range places {
		t.Run(place.os+"_"+strings.ReplaceAll(place.path, "/", "_"), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			below := map[localprofile.Base]string{inConfig: ".config/", inData: ".local/share/",
				inRoamingData: "AppData/Roaming/", inLocalData: "AppData/Local/",
				inSupport: "Library/Application Support/"}[place.base]
			h.write(below+strings.ReplaceAll(place.path, "*", "-1")+"/Profiles/work/"+extensionsFile, `{"addons":[]}`)
			env := h.env()
			env.OS = place.os
			_, coverage := collect(t, env)
			expectSources(t, coverage, "ada/"+place.key+"/work")
			env.OS, env.Homes[0].AnyOS = "plan9", true
			_, coverage = collect(t, env)
			expectSources(t, coverage, "ada/"+place.key+"/work")
		})
	}
}

func TestTheTableIsSound(t *testing.T) {
	t.Parallel()
	names := map[string]product{}
	for _, place := range places {
		if known, seen := names[place.key]; seen && known != place.product {
			t.Errorf("%q is both %+v and %+v", place.key, known, place.product)
		}
		names[place.key] = place.product
		if place.policy != "" && policyPlaces[place.policy] == nil {
			t.Errorf("%s obeys %q, which has no place", place.key, place.policy)
		}
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	const empty = `{"addons":[]}`
	tests := []struct {
		name  string
		write func(h *home)
		want  []string
	}{
		{"named-stray-and-stray-in-Profiles", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nName=a\nIsRelative=1\nPath=named\n")
			h.write(firefoxDir+"named/"+extensionsFile, empty)
			h.write(firefoxDir+"stray/"+extensionsFile, empty)
			h.write(firefoxDir+"Profiles/deep/"+extensionsFile, empty)
		}, []string{"ada/firefox/deep", "ada/firefox/named", "ada/firefox/stray"}},
		{"listed-and-never-started-no-source", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nPath=missing\n[Profile1]\nPath=new\n")
			h.write(firefoxDir+"new/times.json", "{}")
		}, nil},
		{"listed-by-an-installation-alone", func(h *home) {
			h.write(firefoxDir+installsFile, "[4F96D1932A9F858E]\nDefault=Profiles/x\nLocked=1\n")
			h.write(firefoxDir+"Profiles/x/"+prefsFile, "")
		}, []string{"!ada/firefox/x"}},
		{"an-absolute-path-of-the-scanned-system", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nIsRelative=0\nPath=/srv/p\n")
			h.writeSystem("srv/p/"+extensionsFile, empty)
		}, []string{"ada/firefox/p"}},
		{"a-relative-path-that-leads-out", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nIsRelative=1\nPath=../../secret\n")
			h.write(".config/secret/"+extensionsFile, empty)
		}, []string{"!ada/firefox/secret"}},
		{"an-absolute-path-that-is-not-there", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nName=usb\nIsRelative=0\nPath=/Volumes/Stick/usb\n")
		}, []string{"!ada/firefox/usb"}},
		{"a-drive-of-Windows-that-is-not-there", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nIsRelative=0\nPath=D:\\Profiles\\drive\n[4F96]\nDefault=D:\\Profiles\\drive\n")
		}, []string{"!ada/firefox/drive"}},
		{"an-alias-of-macOS", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nName=alias\nIsRelative=0\nPath=AAAAAAFyAAIAAQxN=\n")
		}, []string{"!ada/firefox/AAAAAAFyAAIAAQxN="}},
		{"a-path-from-the-home-that-is-there", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nIsRelative=0\nPath=~/moved/p\n")
			h.write("moved/p/"+extensionsFile, empty)
		}, []string{"ada/firefox/p"}},
		{"a-path-from-the-home-that-is-not-there", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nIsRelative=0\nPath=~/moved/p\n")
		}, []string{"!ada/firefox/p"}},
		{"an-absolute-path-of-the-home-that-is-scanned", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nIsRelative=0\nPath="+filepath.Join(h.dir, "moved/p")+"\n")
			h.write("moved/p/"+extensionsFile, empty)
		}, []string{"ada/firefox/p"}},
		{"an-absolute-path-in-an-installation-alone-that-is-not-there", func(h *home) {
			h.write(firefoxDir+installsFile, "[4F96D1932A9F858E]\nDefault=/mnt/away/p\n")
		}, []string{"!ada/firefox/p"}},
		{"a-file-where-a-profile-should-be", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nPath=p\n")
			h.write(firefoxDir+"p", "")
		}, []string{"!ada/firefox/p"}},
		{"a-profile-whose-only-list-is-what-starts", func(h *home) {
			h.write(firefoxDir+"p/"+startupFile, mozLz4("{}"))
		}, []string{"!ada/firefox/p"}},
		{"a-profile-that-holds-add-ons-and-no-list", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nPath=p\n")
			h.write(firefoxDir+"p/extensions/"+someID+".xpi", "")
		}, []string{"!ada/firefox/p"}},
		{"sections-in-UTF-16", func(h *home) {
			text := "\xFF\xFE"
			for _, letter := range "[Profile0]\r\nIsRelative=1\r\nPath=deep/p\r\n" {
				text += string([]byte{byte(letter), 0})
			}
			h.write(firefoxDir+profilesFile, text)
			h.write(firefoxDir+"deep/p/"+extensionsFile, empty)
		}, []string{"ada/firefox/p"}},
		{"a-section-twice-and-others-in-other-letters", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nPath=deep/a\n[Profile0]\nPath=deep/b\n[profile1]\nPath=deep/c\n[General]\nStartWithLastProfile=0\n")
			h.write(firefoxDir+"deep/a/"+extensionsFile, empty)
			h.write(firefoxDir+"deep/b/"+extensionsFile, empty)
		}, []string{"ada/firefox/a", "ada/firefox/b"}},
		{"the-profiles-that-Firefox-lets-people-choose-from", func(h *home) {
			h.write(firefoxDir+profilesFile, "[Profile0]\nPath=Profiles/a\nStoreID=1\nShowSelector=1\n")
			h.write(firefoxDir+"Profile Groups/1.sqlite", "")
			h.write(firefoxDir+"Profiles/a/"+extensionsFile, empty)
			h.write(firefoxDir+"Profiles/Q2.Second/"+extensionsFile, empty)
		}, []string{"ada/firefox/Q2.Second", "ada/firefox/a"}},
		{"no-profiles.ini", func(h *home) {
			h.write(firefoxDir+"a/"+extensionsFile, empty)
			h.write(firefoxDir+"b/"+compatibilityFile, "")
		}, []string{"ada/firefox/a", "!ada/firefox/b"}},
		{"a-path-of-Windows", func(h *home) {
			h.write(firefoxDir+profilesFile, "\xEF\xBB\xBF; comment\r\n[Profile0]\r\nName=w\r\nIsRelative=1\r\nPath=Profiles\\w.default\r\n")
			h.write(firefoxDir+"Profiles/w.default/"+extensionsFile, empty)
		}, []string{"ada/firefox/w.default"}},
		{"a-profiles.ini-that-is-no-text-still-lets-the-folders-be-found", func(h *home) {
			h.write(firefoxDir+profilesFile, "\x00\x00")
			h.write(firefoxDir+"stray/"+extensionsFile, empty)
		}, []string{"!ada/firefox", "ada/firefox/stray"}},
		{"one-directory-reached-twice-is-read-once-where-it-stands", func(h *home) {
			h.write(".mozilla/firefox/p/"+extensionsFile, empty)
			h.link(filepath.Join(h.dir, ".mozilla/firefox"), ".config/mozilla/firefox")
		}, []string{"ada/firefox-home/p"}},
		{"the-same-folder-name-in-two-places-below-one-directory", func(h *home) {
			h.write(firefoxDir+"p/"+extensionsFile, empty)
			h.write(firefoxDir+"Profiles/p/"+extensionsFile, empty)
		}, []string{"ada/firefox/p", "ada/firefox/p in HOME"}},
		{"a-directory-that-is-a-link-to-nowhere", func(h *home) { h.link("nowhere", ".librewolf") },
			[]string{"!ada/librewolf"}},
		{"nothing", func(h *home) { h.write("x", "") }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			test.write(h)
			_, coverage := h.collect()
			for n := range coverage {
				name := string(coverage[n].Source.Name)
				if cut := strings.Index(name, " in "); cut > 0 {
					coverage[n].Source.Name = inventory.Untrusted(name[:cut] + " in HOME")
				}
			}
			expectSources(t, coverage, test.want...)
		})
	}
}

func TestTheEnvironmentSpeaksForTheOwnHomeOnly(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("conf/mozilla/firefox/p/"+extensionsFile, `{"addons":[]}`)
	env := h.env()
	env.Getenv = func(name string) string {
		return map[string]string{"XDG_CONFIG_HOME": filepath.Join(h.dir, "conf")}[name]
	}
	_, coverage := collect(t, env)
	expectSources(t, coverage)
	env.Homes[0].Own = true
	_, coverage = collect(t, env)
	expectSources(t, coverage, "ada/firefox/p")
}

func TestNamedDirectories(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write("chrome/Local State", "{}")
	h.write("elsewhere/"+profilesFile, "[Profile0]\nName=E\nPath=e\n")
	h.write("elsewhere/e/"+extensionsFile, `{"addons":[]}`)
	h.write("backup/one/"+extensionsFile, `{"addons":[]}`)
	h.write("backup/two/"+extensionsFile, `{"addons":[]}`)
	h.write("apps/tor-browser/"+bundled+"/profile.default/"+extensionsFile, `{"addons":[]}`)
	at := func(name string) string { return filepath.Join(h.dir, filepath.FromSlash(name)) }
	escaped := func(name string) string { return strings.ReplaceAll(at(name), "/", "∕") }
	if runtime.GOOS == windows {
		t.Skip("the expected names are spelled for other systems")
	}
	tests := []struct {
		dirs []string
		want []string
	}{
		{[]string{at("chrome")}, nil},
		{[]string{at("missing")}, nil},
		{[]string{at("chrome/Local State")}, nil},
		{[]string{at(firefoxDir)}, []string{escaped(firefoxDir) + "/firefox/work.default"}},
		{[]string{at(profileDir)}, []string{escaped(profileDir) + "/firefox/work.default"}},
		{[]string{at("elsewhere")}, []string{escaped("elsewhere") + "/firefox-based/e"}},
		{[]string{at("backup")}, []string{escaped("backup") + "/firefox-based/one",
			escaped("backup") + "/firefox-based/two"}},
		{[]string{at("apps/tor-browser")}, []string{escaped("apps/tor-browser") + "/tor-browser/profile.default"}},
		{[]string{at("elsewhere"), at("elsewhere/e")}, []string{escaped("elsewhere") + "/firefox-based/e"}},
	}
	for n, test := range tests {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			env := h.env()
			env.Homes, env.ProfileDirs = nil, test.dirs
			items, coverage := collect(t, env)
			expectSources(t, coverage, test.want...)
			for _, item := range items {
				if item.Holder.ProfileName != "Work" {
					t.Errorf("the profile is called %q, want the name of profiles.ini", item.Holder.ProfileName)
				}
			}
		})
	}
}

func TestASinkThatFailsEndsTheScan(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	sink := &testkit.Sink{Err: os.ErrClosed}
	if _, err := New(h.env()).Collect(t.Context(), sink); err != os.ErrClosed {
		t.Errorf("error is %v, want the sink's own", err)
	}
}

func TestAProfileThatIsAwayIsReadWhereTheUserSaysItIs(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(firefoxDir+profilesFile, "[Profile0]\nName=usb\nIsRelative=0\nPath=/Volumes/Stick/usb\n")
	h.write("stick/usb/"+extensionsFile, `{"addons":[]}`)
	env := h.env()
	env.ProfileDirs = []string{filepath.Join(h.dir, "stick", "usb")}
	_, coverage := collect(t, env)
	if len(coverage) != 1 || coverage[0].Status != inventory.StatusComplete {
		t.Errorf("coverage is %+v, want one profile, complete", coverage)
	}
}
