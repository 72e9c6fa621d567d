package realbrowser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// ChromiumOptions say which profile of which user data directory is run, and how.
type ChromiumOptions struct {
	Binary      string // of [RequireChromium]
	Home        string
	UserDataDir string
	Profile     string // directory of the profile: "Default", "Profile 12"
	// Wrap is put in front of the command line, such as a program that changes what the browser
	// sees. Usually empty.
	Wrap []string
	// Root says the tests run as root, where Chromium refuses its own sandbox.
	Root bool
	// Flags are added to the harness's own.
	Flags []string
}

// Chromium is a running browser with one profile.
type Chromium struct {
	process *process
	tools   *devtools
	write   *os.File
	pages   *page // of chrome://extensions
}

// chromiumFlags keep the browser headless, quiet and away from the network;
// --disable-background-networking is missing because it stops the update checks by which policy
// installs extensions.
var chromiumFlags = []string{
	"--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check",
	"--disable-component-update",
	"--disable-sync", "--disable-domain-reliability", "--disable-breakpad", "--disable-client-side-phishing-detection",
	"--password-store=basic", "--use-mock-keychain",
	"--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
	"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--lang=en",
	"--enable-unsafe-extension-debugging", "--remote-debugging-pipe",
}

// StartChromium starts the browser and opens its extensions page.
func StartChromium(ctx context.Context, o ChromiumOptions) (*Chromium, error) {
	theirs, read, write, err := pipes()
	if err != nil {
		return nil, err
	}
	arguments := append(slices.Clone(o.Wrap), o.Binary)
	arguments = append(arguments, chromiumFlags...)
	if o.Root {
		arguments = append(arguments, "--no-sandbox")
	}
	arguments = append(arguments, "--user-data-dir="+o.UserDataDir, "--profile-directory="+o.Profile)
	arguments = append(arguments, o.Flags...)
	arguments = append(arguments, "about:blank")
	cmd := exec.Command(arguments[0], arguments[1:]...)
	cmd.ExtraFiles = theirs
	running, err := start(cmd, o.Home)
	for _, file := range theirs {
		file.Close()
	}
	if err != nil {
		return nil, errors.Join(err, read.Close(), write.Close())
	}
	c := &Chromium{process: running, tools: newDevtools(read, write), write: write}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	// Any page of the extensions page's origin has its interfaces; this one draws no list, which
	// would take long with many extensions.
	if c.pages, err = c.tools.open(ctx, "chrome://extensions/strings.m.js"); err != nil {
		running.kill()
		err = running.explain(fmt.Errorf("starting %q: %w", filepath.Base(o.Binary), err))
		os.Remove(running.log)
		return nil, err
	}
	return c, nil
}

// Close quits the browser as a person would, so that it writes its preferences, and waits for it.
func (c *Chromium) Close(ctx context.Context) error {
	closing := c.tools.call(ctx, "", "Browser.close", nil, nil)
	select {
	case <-c.tools.ended: // it may end before it has answered
		closing = nil
	default:
	}
	err := c.process.wait(stopTimeout)
	c.write.Close()
	<-c.tools.ended
	os.Remove(c.process.log)
	return errors.Join(closing, err)
}

// Kill ends the browser at once, as a cleanup for tests that failed. After Close it does nothing.
func (c *Chromium) Kill() {
	c.process.kill()
	<-c.process.exited
	c.write.Close()
	os.Remove(c.process.log)
}
