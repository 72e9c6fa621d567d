package realbrowser_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/providers/firefox"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// What guestlist reads of Firefox is what the browser says itself, with the add-ons that this
// machine has installed for everyone, and add-ons of our own: one that runs, one switched off, one
// with a permission granted later, and a theme. A temporary add-on is in no file that Firefox
// writes, so no scan can see it, and none may claim it.
func TestFirefoxIsReadAsItSaysItself(t *testing.T) {
	s := &firefoxScene{t: t, binary: realbrowser.RequireFirefox(t, os.Getenv), home: t.TempDir()}
	ctx := t.Context()
	browser := s.start("work.default-esr")
	for _, versioned := range []string{"acme-vault@3.2.0", "page-reader@4.1", "session-saver@0.8.1", "snap-share@2.2",
		"evening-theme@1.0"} {
		s.must(browser.Install(ctx, s.xpi(versioned), false))
	}
	s.must(browser.SetEnabled(ctx, "session-saver@saver.example", false))
	s.must(browser.Grant(ctx, "page-reader@reader.example", []string{"clipboardWrite"},
		[]string{"https://*.example.org/*"}))
	s.must(browser.Install(ctx, s.xpi("probe@0.1"), true))

	const lag = 30 * time.Second // the browser writes its list some time after a change
	says := s.says(browser)
	for id, on := range map[string]bool{"session-saver@saver.example": false, "page-reader@reader.example": true,
		"probe@acme.example": true} {
		if a := says[id]; a == nil || a.Active != on {
			t.Errorf("the scene is not set: %s should have isActive %v, the browser says %+v", id, on, a)
		}
	}
	all := len(says)
	maps.DeleteFunc(says, func(_ string, a *realbrowser.FirefoxAddon) bool { return a.Temporary })
	if len(says) != all-1 {
		t.Errorf("%d of %d add-ons are not temporary, want all but one", len(says), all)
	}
	if err := realbrowser.Wait(ctx, "a right reading of a running Firefox", lag, func() (bool, error) {
		differences := s.compare(says)
		return len(differences) == 0, listed(differences)
	}); err != nil {
		t.Error(err)
	}
	t.Logf("compared %d add-ons", len(says))
	s.must(browser.Close(ctx))
	if err := listed(s.compare(says)); err != nil {
		t.Errorf("after it ended: %v", err)
	}
	t.Run("installed-for-everyone", func(t *testing.T) {
		for _, addon := range says {
			if addon.Location == "app-system-share" {
				return // and compared above
			}
		}
		realbrowser.Missing(t, os.Getenv, "no add-on is installed for the whole machine (on Debian: apt-get install webext-ublock-origin-firefox)")
	})
}

// firefoxScene is a home with one profile of Firefox.
type firefoxScene struct {
	t            *testing.T
	binary, home string
	profile      string
	preferences  map[string]any // beside the harness's own
}

func (s *firefoxScene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// start lets the browser make a profile, so that it is in its own list, and starts it.
func (s *firefoxScene) start(profile string) *realbrowser.Firefox {
	s.t.Helper()
	s.create(profile)
	return s.open()
}

func (s *firefoxScene) folder() string {
	return filepath.Join(s.home, ".config", "mozilla", "firefox", s.profile)
}

func (s *firefoxScene) create(profile string) {
	s.t.Helper()
	s.profile = profile
	folder := s.folder()
	s.must(os.MkdirAll(filepath.Dir(folder), 0o700))
	create := exec.CommandContext(s.t.Context(), s.binary, "--headless", "--no-remote", "-CreateProfile", "Work "+folder)
	create.Env = append(create.Environ(), "HOME="+s.home, "XDG_CONFIG_HOME="+filepath.Join(s.home, ".config"), "DISPLAY=")
	if output, err := create.CombinedOutput(); err != nil {
		s.t.Fatalf("creating a profile: %v: %s", err, output)
	}
}

// open starts the browser with the profile that was made.
func (s *firefoxScene) open() *realbrowser.Firefox {
	s.t.Helper()
	browser, err := realbrowser.StartFirefox(s.t.Context(), realbrowser.FirefoxOptions{
		Binary: s.binary, Home: s.home, Profile: s.folder(), Preferences: s.preferences,
	})
	s.must(err)
	s.t.Cleanup(browser.Kill)
	return browser
}

func (s *firefoxScene) xpi(versioned string) string {
	s.t.Helper()
	name, version, _ := strings.Cut(versioned, "@")
	e, err := realbrowser.ReadExtension(os.DirFS(firefoxSources), name, version)
	s.must(err)
	packed, err := e.Zip()
	s.must(err)
	file := filepath.Join(s.t.TempDir(), name+".xpi")
	s.must(os.WriteFile(file, packed, 0o644))
	return file
}

// says returns what the browser says of the add-ons that are not its own parts; codecs, which it
// calls plugins, are.
func (s *firefoxScene) says(browser *realbrowser.Firefox) map[string]*realbrowser.FirefoxAddon {
	s.t.Helper()
	addons, err := browser.Addons(s.t.Context())
	s.must(err)
	maps.DeleteFunc(addons, func(_ string, a *realbrowser.FirefoxAddon) bool {
		return a.Type == "plugin" || a.Hidden || a.Builtin || a.System || strings.HasPrefix(a.Location, "app-builtin")
	})
	return addons
}

func (s *firefoxScene) compare(want map[string]*realbrowser.FirefoxAddon) (differences []string) {
	s.t.Helper()
	source := "firefox/" + s.profile
	got, coverage := scanHome(s.t, s.home, func(env scanner.Env) scanner.Provider { return firefox.New(env) })
	for _, c := range coverage {
		if c.Status != inventory.StatusComplete || string(c.Source.Name) != "person/"+source {
			differences = append(differences, fmt.Sprintf("%s: %s %s", c.Source.Name.String(), c.Status, c.Reason.String()))
		}
	}
	return append(differences, compareEach(source, want, got[source], compareFirefox)...)
}

// compareFirefox says where an item differs from what the browser says of it.
func compareFirefox(want *realbrowser.FirefoxAddon, got *inventory.Item) (differences []string) {
	differ := func(what string, got, want any) {
		if got != want {
			differences = append(differences, fmt.Sprintf("%s: read %v, the browser says %v", what, got, want))
		}
	}
	differ("name", string(got.App.Name), want.Name)
	differ("version", string(got.Version), want.Version)
	differ("kind", got.Kind, firefoxKinds[want.Type])
	differ("enabled", got.State == inventory.StateEnabled, want.Active)
	differ("off by the user", slices.Contains(got.StateReasons, "user action"), want.UserDisabled && !want.Active)
	differ("a temporary one", got.Origin == inventory.OriginUnpacked, false)
	differ("permissions", names(got.Access.Permissions), sorted(slices.Concat(want.Permissions, want.Granted.Permissions)))
	differ("hosts", names(got.Access.Hosts), sorted(slices.Concat(want.Origins, want.Granted.Origins)))
	differ("unsigned", got.HasMark(inventory.MarkUnsigned), want.Signed != nil && *want.Signed == 0)
	return differences
}
