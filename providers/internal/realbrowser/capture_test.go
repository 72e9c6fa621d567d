package realbrowser_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner/testkit"
)

const (
	profilesFolder  = "../../../testdata/profiles"
	chromiumSources = "../../../testdata/extensions/chromium"
	firefoxSources  = "../../../testdata/extensions/firefox"
)

// TestCapture writes testdata/profiles: the homes of four people, as real browsers leave them. Each
// browser runs in a mount namespace of its own, where /home, the policies and the system-wide
// extensions are folders of the capture, so that the paths which it writes down are those of the
// captured system and nothing of this machine is seen or changed.
func TestCapture(t *testing.T) {
	if !testkit.Updates() {
		t.Skip("writes files only with -update")
	}
	if os.Geteuid() != 0 {
		t.Fatal("mount namespaces need root")
	}
	c := &capture{
		t: t, system: t.TempDir(), updates: realbrowser.NewUpdates(t),
		chromium: realbrowser.RequireChromium(t, os.Getenv), firefox: realbrowser.RequireFirefox(t, os.Getenv),
	}
	c.financeChromium()
	c.engineeringChromium()
	c.supportChromium()
	c.frontDeskChromium()
	c.financeFirefox()
	c.engineeringFirefox()
	c.supportFirefox()
	c.ship()
}

// capture is one writing of the profiles.
type capture struct {
	t                 *testing.T
	system            string // the captured machine's root folder
	earlier           string // copy of finance's browser before its last changes
	updates           *realbrowser.Updates
	chromium, firefox string
}

func (c *capture) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *capture) path(shown string) string {
	return filepath.Join(c.system, filepath.FromSlash(shown))
}

func (c *capture) folder(shown string) string {
	c.t.Helper()
	dir := c.path(shown)
	c.must(os.MkdirAll(dir, 0o755))
	return dir
}

// wrap returns a command that runs another one where folders of the capture stand in for those of
// the machine: each is bound over the folder of its name in the list.
func (c *capture) wrap(over map[string]string) []string {
	const script = `while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"`
	command := []string{"unshare", "--mount", "--propagation", "private", "sh", "-ec", script, "sh"}
	for machine, ours := range over {
		command = append(command, ours, machine)
	}
	return append(command, "--")
}

// Chromium

// run is one session of a Chromium-family browser.
type run struct {
	role, browser, profile string
	force                  []string          // extensions that policy forces, as name@version
	normal                 []string          // extensions that policy installs and people may switch off
	ids                    map[string]string // by name
}

func (c *capture) extension(versioned string) *realbrowser.Extension {
	c.t.Helper()
	name, version, _ := strings.Cut(versioned, "@")
	e, err := realbrowser.ReadExtension(os.DirFS(chromiumSources), name, version)
	c.must(err)
	return e
}

// start starts the browser and waits until everything that policy installs is there.
func (c *capture) start(ctx context.Context, r *run) *realbrowser.Chromium {
	c.t.Helper()
	policy := realbrowser.ExtensionPolicy{}
	r.ids = map[string]string{}
	for _, list := range []struct {
		mode  string
		names []string
	}{{"force_installed", r.force}, {"normal_installed", r.normal}} {
		for _, versioned := range list.names {
			e := c.extension(versioned)
			id, err := e.ID()
			c.must(err)
			c.must(c.updates.Offer(e))
			r.ids[e.Name] = id
			policy[id] = realbrowser.ExtensionSetting{Mode: list.mode, UpdateURL: c.updates.URL(), Override: true}
		}
	}
	policies := c.t.TempDir()
	_, err := realbrowser.WritePolicy(filepath.Join(policies, "managed"), "extensions.json", policy)
	c.must(err)
	c.folder("/home/" + r.role)
	browser, err := realbrowser.StartChromium(ctx, realbrowser.ChromiumOptions{
		Binary: c.chromium, Home: "/home/" + r.role, UserDataDir: "/home/" + r.role + "/.config/" + r.browser,
		Profile: r.profile, Root: true,
		Wrap: c.wrap(map[string]string{
			"/home": c.path("/home"), "/etc/chromium/policies": policies, "/usr/share/chromium/extensions": c.t.TempDir(),
		}),
	})
	c.must(err)
	c.t.Cleanup(browser.Kill)
	c.must(browser.UpdateAll(ctx))
	for _, versioned := range append(r.force, r.normal...) {
		name, version, _ := strings.Cut(versioned, "@")
		c.must(browser.WaitInstalled(ctx, r.ids[name], version))
	}
	return browser
}

func (c *capture) financeChromium() {
	ctx := c.t.Context()
	first := &run{role: "finance", browser: "chromium", profile: "Default", force: []string{"acme-vault@3.2.0"},
		normal: []string{
			"acme-notes@1.3.0", "meeting-scribe@1.0.0", "tab-tidy@1.0.0", "page-clipper@0.9.2", "phrasebook@1.2.3.4",
		}}
	c.must(c.start(ctx, first).Close(ctx))
	c.earlier = c.t.TempDir()
	c.must(os.CopyFS(c.earlier, os.DirFS(c.path("/home/finance/.config/chromium"))))

	// Later: two updates, of which one asks for more that the browser shows no warning for, one
	// extension gone, two come in.
	second := &run{role: "finance", browser: "chromium", profile: "Default", force: []string{"acme-vault@3.2.0"},
		normal: []string{
			"acme-notes@1.4.0", "meeting-scribe@1.1.0", "tab-tidy@1.0.0", "phrasebook@1.2.3.4", "evening-theme@1.0",
			"neon-cursor@1.0.9",
		}}
	c.must(c.start(ctx, second).Close(ctx))
}

func (c *capture) engineeringChromium() {
	ctx := c.t.Context()
	r := &run{role: "engineering", browser: "chromium", profile: "Profile 12", force: []string{"acme-vault@3.2.0"},
		normal: []string{
			"acme-notes@1.4.0", "tab-tidy@1.0.0", "page-clipper@0.9.2", "bargain-lens@2.0.1",
		}}
	browser := c.start(ctx, r)
	c.must(browser.SetEnabled(ctx, r.ids["bargain-lens"], false))
	c.must(browser.WithholdHosts(ctx, r.ids["page-clipper"]))
	panel, err := c.extension("acme-panel@0.3").WithKey()
	c.must(err)
	c.must(panel.WriteTo(c.folder("/home/engineering/src/acme-panel")))
	id, err := browser.LoadUnpacked(ctx, "/home/engineering/src/acme-panel")
	c.must(err)
	c.must(c.granted(browser, ctx, id))
	tidier := c.extension("tab-tidy@2.0.0")
	c.must(c.updates.Offer(tidier))
	c.must(browser.UpdateAll(ctx))
	c.must(browser.WaitFor(ctx, "the update that wants more", waitLong,
		func(list map[string]*realbrowser.ChromiumExtension) bool {
			e := list[r.ids["tab-tidy"]]
			return e != nil && e.Version == tidier.Version && e.State == "DISABLED"
		}))
	c.must(browser.Close(ctx))

	other := &run{role: "engineering", browser: "google-chrome", profile: "Default", normal: []string{
		"acme-notes@1.4.0", "bargain-lens@2.0.1", "meeting-scribe@1.1.0", "page-clipper@0.9.2",
	}}
	c.must(c.start(ctx, other).Close(ctx))
}

// granted grants the optional permission for which the browser shows no warning: for others it
// asks, and headless nobody can answer.
func (c *capture) granted(browser *realbrowser.Chromium, ctx context.Context, id string) error {
	value, err := browser.Run(ctx, id, "page.html", `chrome.permissions.request({permissions: ["alarms"]})`)
	if err == nil && string(value) != "true" {
		err = fmt.Errorf("the optional permission was not granted: %s", value)
	}
	return err
}

func (c *capture) supportChromium() {
	ctx := c.t.Context()
	normal := []string{"acme-notes@1.4.0", "bargain-lens@2.0.1", "phrasebook@1.2.3.4"}
	c.must(c.start(ctx, &run{role: "support", browser: "chromium", profile: "Default", normal: normal}).Close(ctx))
	c.must(c.start(ctx, &run{role: "support", browser: "chromium", profile: "Profile 12", normal: normal[:1]}).Close(ctx))
}

func (c *capture) frontDeskChromium() {
	ctx := c.t.Context()
	normal := []string{"acme-notes@1.4.0", "phrasebook@1.2.3.4"}
	c.must(c.start(ctx, &run{role: "front-desk", browser: "chromium", profile: "Default", normal: normal}).Close(ctx))
}

// Firefox

const (
	firefoxApplication = "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}"
	firefoxShared      = "/usr/share/mozilla/extensions"
	firefoxPolicies    = "/usr/share/firefox-esr/distribution"
)

// xpi packs an add-on into the home's downloads, where people have them from, and returns its path
// as the browser sees it.
func (c *capture) xpi(role, versioned string) string {
	c.t.Helper()
	name, version, _ := strings.Cut(versioned, "@")
	e, err := realbrowser.ReadExtension(os.DirFS(firefoxSources), name, version)
	c.must(err)
	packed, err := e.Zip()
	c.must(err)
	shown := "/home/" + role + "/Downloads/" + name + "-" + version + ".xpi"
	c.folder("/home/" + role + "/Downloads")
	c.must(os.WriteFile(c.path(shown), packed, 0o644))
	return shown
}

// firefoxRun starts Firefox twice: as a person does, so that it makes its profile and the .ini
// files, and then with that profile, whose folder gets a name without random letters in between.
func (c *capture) firefoxRun(role, place, policies string) *realbrowser.Firefox {
	c.t.Helper()
	ctx := c.t.Context()
	c.folder("/home/" + role)
	c.folder(firefoxShared)
	over := map[string]string{"/home": c.path("/home"), firefoxShared: c.path(firefoxShared), firefoxPolicies: policies}
	wrap := c.wrap(over)
	first := exec.CommandContext(ctx, wrap[0], append(wrap[1:], c.firefox, "--headless", "--screenshot",
		"/home/"+role+"/first.png", "about:blank")...)
	first.Env = append(first.Environ(), "HOME=/home/"+role, "XDG_CONFIG_HOME=", "LANG=C.UTF-8")
	if output, err := first.CombinedOutput(); err != nil {
		c.t.Fatalf("%v: %s", err, output)
	}
	profile := c.nameProfile("/home/"+role+"/"+place, role+"1.default-esr")
	browser, err := realbrowser.StartFirefox(ctx, realbrowser.FirefoxOptions{
		Binary: c.firefox, Home: "/home/" + role, Profile: c.path(profile), ShownProfile: profile, Wrap: wrap,
	})
	c.must(err)
	c.t.Cleanup(browser.Kill)
	return browser
}

// nameProfile gives the one profile of a folder another name, in the .ini files too.
func (c *capture) nameProfile(place, name string) string {
	c.t.Helper()
	made, err := filepath.Glob(filepath.Join(c.path(place), "*.default-esr*"))
	c.must(err)
	if len(made) != 1 {
		c.t.Fatalf("one profile expected in %s, got %q", place, made)
	}
	c.must(os.Rename(made[0], filepath.Join(c.path(place), name)))
	for _, ini := range []string{"profiles.ini", "installs.ini"} {
		file := filepath.Join(c.path(place), ini)
		text, err := os.ReadFile(file)
		c.must(err)
		c.must(os.WriteFile(file, []byte(strings.ReplaceAll(string(text), filepath.Base(made[0]), name)), 0o600))
	}
	return place + "/" + name
}

func (c *capture) financeFirefox() {
	ctx := c.t.Context()
	policies := c.t.TempDir()
	vault := c.xpi("finance", "acme-vault@3.2.0")
	c.must(os.WriteFile(filepath.Join(policies, "policies.json"), []byte(`{"policies": {"ExtensionSettings": {"vault@acme.example": {
		"installation_mode": "force_installed", "install_url": "file://`+vault+`"}}}}`), 0o644))
	browser := c.firefoxRun("finance", ".config/mozilla/firefox", policies)
	c.must(realbrowser.Wait(ctx, "the add-on that policy forces", waitLong, func() (bool, error) {
		addons, err := browser.Addons(ctx)
		return err == nil && addons["vault@acme.example"] != nil, err
	}))
	c.must(browser.Install(ctx, c.xpi("finance", "page-reader@4.1"), false))
	c.must(browser.Grant(ctx, "page-reader@reader.example", []string{"clipboardWrite"}, nil))
	c.must(browser.Close(ctx))
}

func (c *capture) engineeringFirefox() {
	ctx := c.t.Context()
	browser := c.firefoxRun("engineering", ".config/mozilla/firefox", c.t.TempDir())
	for _, versioned := range []string{"acme-vault@3.2.0", "session-saver@0.8.1", "evening-theme@1.0"} {
		c.must(browser.Install(ctx, c.xpi("engineering", versioned), false))
	}
	c.must(browser.Install(ctx, c.xpi("engineering", "probe@0.1"), true))
	c.must(browser.Close(ctx))
}

func (c *capture) supportFirefox() {
	ctx := c.t.Context()
	c.folder("/home/support/.mozilla/firefox") // an old profile's place stays in use
	tools := c.xpi("support", "acme-site-tools@1.5")
	shared := c.folder(firefoxShared + "/" + firefoxApplication)
	packed, err := os.ReadFile(c.path(tools))
	c.must(err)
	c.must(os.WriteFile(filepath.Join(shared, "site-tools@acme.example.xpi"), packed, 0o644))
	browser := c.firefoxRun("support", ".mozilla/firefox", c.t.TempDir())
	c.must(browser.Install(ctx, c.xpi("support", "session-saver@0.8.1"), false))
	c.must(browser.SetEnabled(ctx, "session-saver@saver.example", false))
	c.must(browser.Install(ctx, c.xpi("support", "snap-share@2.2"), false))
	c.must(browser.Close(ctx))
}
