package realbrowser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Limits on how long a browser may take, on a slow machine that is busy with other things too.
const (
	startTimeout = 60 * time.Second
	callTimeout  = 60 * time.Second
	stopTimeout  = 30 * time.Second
	// pollInterval is the time between two checks of a condition.
	pollInterval = 50 * time.Millisecond
)

// Names under which the browsers are looked for, in this order.
var (
	chromiumNames = []string{"chromium", "chromium-browser"}
	firefoxNames  = []string{"firefox-esr", "firefox"}
)

// RequireChromium returns the path of Chromium. Without it the test is skipped, or fails if CI is
// "true": there the browsers are installed, so their absence is a fault. On systems other than
// Linux it is always skipped. Getenv is os.Getenv.
func RequireChromium(t testing.TB, getenv func(string) string) string {
	t.Helper()
	return require(t, getenv, "chromium", chromiumNames)
}

// RequireFirefox is RequireChromium for Firefox.
func RequireFirefox(t testing.TB, getenv func(string) string) string {
	t.Helper()
	return require(t, getenv, "firefox-esr", firefoxNames)
}

func require(t testing.TB, getenv func(string) string, what string, names []string) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("real browsers are driven on Linux only; this comparison did not run")
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, getenv, fmt.Sprintf("%s is not installed (on Debian: apt-get install %s)", what, what))
	return ""
}

// Missing ends a test that cannot run here: it is skipped with the reason, or fails if CI is
// "true".
func Missing(t testing.TB, getenv func(string) string, why string) {
	t.Helper()
	if getenv("CI") == "true" {
		t.Fatalf("%s, and CI=true requires it", why)
	}
	t.Skipf("%s; this comparison with a real browser did not run", why)
}

// Wait calls ready until it returns true. It fails after the timeout, with the last error, or at
// once when ctx ends.
func Wait(ctx context.Context, what string, timeout time.Duration, ready func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		ok, err := ready()
		if ok && err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, errors.Join(context.Cause(ctx), err))
		case <-time.After(pollInterval):
		}
	}
}

// process is a running browser.
type process struct {
	cmd    *exec.Cmd
	log    string // file with its standard output and error
	exited chan struct{}
}

// start runs the browser and writes what it prints to a file of its own.
func start(cmd *exec.Cmd, home string) (*process, error) {
	log, err := os.CreateTemp("", "realbrowser-*.log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(cmd.Environ(),
		"HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, ".config"), "CHROME_CONFIG_HOME="+filepath.Join(home, ".config"),
		"XDG_CACHE_HOME="+filepath.Join(home, ".cache"), "XDG_DATA_HOME=",
		"LANGUAGE=en", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "DBUS_SESSION_BUS_ADDRESS=disabled:",
		"MOZ_CRASHREPORTER_DISABLE=1", "DISPLAY=")
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		os.Remove(log.Name())
		return nil, fmt.Errorf("starting %q: %w", cmd.Path, err)
	}
	p := &process{cmd: cmd, log: log.Name(), exited: make(chan struct{})}
	go func() {
		cmd.Wait() // the log says more than the exit code
		close(p.exited)
	}()
	return p, nil
}

// wait waits for the browser to end by itself, and ends it after the timeout.
func (p *process) wait(timeout time.Duration) error {
	select {
	case <-p.exited:
		p.kill() // helpers of its group that outlive it
		return nil
	case <-time.After(timeout):
		p.kill()
		<-p.exited
		return fmt.Errorf("%s did not end within %v and was killed", filepath.Base(p.cmd.Path), timeout)
	}
}

// explain adds the end of what the browser printed to an error.
func (p *process) explain(err error) error {
	const most = 2000 // bytes
	file, openErr := os.Open(p.log)
	if openErr != nil {
		return err
	}
	defer file.Close()
	if info, statErr := file.Stat(); statErr == nil && info.Size() > most {
		file.Seek(-most, io.SeekEnd)
	}
	tail, _ := io.ReadAll(file)
	return fmt.Errorf("%w; the browser printed:\n%s", err, tail)
}
