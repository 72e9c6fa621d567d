package realbrowser

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// FirefoxOptions say which profile is run, and how.
type FirefoxOptions struct {
	Binary string // of [RequireFirefox]
	Home   string // as the browser sees it
	// Profile is the profile's directory as we see it, and ShownProfile is the same as the browser
	// sees it; "" means that they do not differ.
	Profile, ShownProfile string
	// Wrap is put in front of the command line. Usually empty.
	Wrap []string
	// Preferences are written to the profile's user.js beside the harness's own.
	Preferences map[string]any
}

// Firefox is a running browser with one profile.
type Firefox struct {
	process *process
	remote  *marionette
}

// firefoxPreferences keep the browser away from the network and let it take unsigned add-ons, as
// only ESR, Developer Edition and Nightly do.
var firefoxPreferences = map[string]any{
	"marionette.port":                                     0, // any that is free
	"xpinstall.signatures.required":                       false,
	"extensions.langpacks.signatures.required":            false,
	"extensions.autoDisableScopes":                        0,  // what is in the profile starts without a prompt
	"extensions.enabledScopes":                            15, // the browser's own default, which Marionette changes
	"extensions.update.enabled":                           false,
	"extensions.getAddons.cache.enabled":                  false,
	"extensions.blocklist.enabled":                        false,
	"extensions.systemAddon.update.enabled":               false,
	"app.update.enabled":                                  false,
	"app.normandy.enabled":                                false,
	"app.shield.optoutstudies.enabled":                    false,
	"browser.safebrowsing.malware.enabled":                false,
	"browser.safebrowsing.phishing.enabled":               false,
	"browser.aboutwelcome.enabled":                        false,
	"browser.region.network.url":                          "",
	"datareporting.policy.dataSubmissionEnabled":          false,
	"datareporting.policy.firstRunURL":                    "", // a tab of its own
	"datareporting.healthreport.uploadEnabled":            false,
	"toolkit.telemetry.enabled":                           false,
	"toolkit.telemetry.server":                            "data:,",
	"network.captive-portal-service.enabled":              false,
	"network.connectivity-service.enabled":                false,
	"network.dns.disabled":                                true, // loopback addresses need no names
	"services.settings.server":                            "data:,#remote-settings-dummy/v1",
	"browser.shell.checkDefaultBrowser":                   false,
	"browser.startup.homepage_override.mstone":            "ignore",
	"browser.startup.page":                                0,
	"security.default_personal_cert":                      "Select Automatically",
	"extensions.webextensions.background-delayed-startup": false,
}

// StartFirefox starts the browser and opens a Marionette session in it.
func StartFirefox(ctx context.Context, o FirefoxOptions) (*Firefox, error) {
	shown := o.ShownProfile
	if shown == "" {
		shown = o.Profile
	}
	if err := writeUserPreferences(o); err != nil {
		return nil, err
	}
	active := filepath.Join(o.Profile, "MarionetteActivePort")
	os.Remove(active)
	arguments := append(slices.Clone(o.Wrap), o.Binary, "--headless", "--no-remote", "--marionette",
		"--remote-allow-system-access",
		"--profile", shown, "about:blank")
	running, err := start(exec.Command(arguments[0], arguments[1:]...), o.Home)
	if err != nil {
		return nil, err
	}
	f := &Firefox{process: running}
	if err := f.connect(ctx, active); err != nil {
		running.kill()
		err = running.explain(fmt.Errorf("starting %q: %w", filepath.Base(o.Binary), err))
		os.Remove(running.log)
		return nil, err
	}
	return f, nil
}

func writeUserPreferences(o FirefoxOptions) error {
	all := maps.Clone(firefoxPreferences)
	maps.Copy(all, o.Preferences)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		value, err := json.Marshal(all[name])
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "user_pref(%s, %s);\n", quote(name), value)
	}
	if err := os.MkdirAll(o.Profile, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.Profile, "user.js"), []byte(b.String()), 0o600)
}

// connect waits for Marionette's port, which the browser writes into the profile, and opens a
// session.
func (f *Firefox) connect(ctx context.Context, active string) error {
	return errors.Join(Wait(ctx, "Marionette", startTimeout, func() (bool, error) {
		select {
		case <-f.process.exited:
			return false, errors.New("it ended")
		default:
		}
		text, err := os.ReadFile(active)
		if err != nil {
			return false, err
		}
		port, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return false, err
		}
		f.remote, err = dialMarionette(ctx, port)
		return err == nil, err
	}), f.session(ctx))
}

func (f *Firefox) session(ctx context.Context) error {
	if f.remote == nil {
		return nil // connect says why
	}
	if err := f.remote.call(ctx, "WebDriver:NewSession", params{"capabilities": params{}}, nil); err != nil {
		return err
	}
	if err := f.remote.call(ctx, "WebDriver:SetTimeouts", params{"script": callTimeout.Milliseconds()}, nil); err != nil {
		return err
	}
	if err := f.remote.call(ctx, "Marionette:SetContext", params{"value": "chrome"}, nil); err != nil {
		return err
	}
	return f.run(ctx, waitForSideloads, nil)
}

// waitForSideloads waits until the browser has installed what was put into its places while it was
// not running. The browser does so after its first window is open, spins the event loop meanwhile,
// and at the end writes into addonStartup.json.lz4 what was installed when it began, whatever was
// updated since (XPIDatabase.sys.mjs, processFileChanges). Code that runs during that time has this
// function on its stack.
const waitForSideloads = `
	const {XPIExports} = ChromeUtils.importESModule("resource://gre/modules/addons/XPIExports.sys.mjs");
	const {setTimeout} = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
	await XPIExports.XPIDatabase.asyncLoadDB(false); // after which it begins
	do {
		await new Promise(resolve => setTimeout(resolve, 20));
	} while (new Error().stack.includes("processFileChanges@"));`

// Close quits the browser as a person would, so that it writes what it keeps, and waits for it.
func (f *Firefox) Close(ctx context.Context) error {
	err := f.remote.call(ctx, "Marionette:Quit", params{"flags": []string{"eAttemptQuit"}}, nil)
	err = errors.Join(err, f.process.wait(stopTimeout), f.remote.conn.Close())
	os.Remove(f.process.log)
	return err
}

// Kill ends the browser at once, as a cleanup for tests that failed. After Close it does nothing.
func (f *Firefox) Kill() {
	f.process.kill()
	<-f.process.exited
	f.remote.conn.Close()
	os.Remove(f.process.log)
}

// run runs the body of an async function in the chrome context and decodes what it returns.
// Arguments are its "arguments".
func (f *Firefox) run(ctx context.Context, body string, value any, arguments ...any) error {
	const addons = `const {AddonManager} = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");`
	return f.execute(ctx, addons, body, value, arguments)
}

// execute does the same in the current context, after the statements in before.
func (f *Firefox) execute(ctx context.Context, before, body string, value any, arguments []any) error {
	script := `const done = arguments[arguments.length - 1];` + before + `
		(async (...arguments) => {` + body + `})(...Array.from(arguments).slice(0, -1)).then(
			value => done({value: value === undefined ? null : value}), error => done({error: String(error)}));`
	if arguments == nil {
		arguments = []any{}
	}
	var result struct {
		Value struct {
			Value any    `json:"value"`
			Error string `json:"error"`
		} `json:"value"`
	}
	result.Value.Value = value
	if err := f.remote.call(ctx, "WebDriver:ExecuteAsyncScript", params{"script": script, "args": arguments},
		&result); err != nil {
		return err
	}
	if result.Value.Error != "" {
		return errors.New(result.Value.Error)
	}
	return nil
}
