package cli

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guestlist/providers/chromium/chromiumtest"
	"guestlist/scanner/report"
)

// panics is a transport with a bug.
type panics struct{}

func (panics) RoundTrip(*http.Request) (*http.Response, error) { panic("out of its mind") }

func TestAPanicCostsItsOwnSourceAndElseEndsWithOne(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := chromiumtest.WriteHome(home, chromiumtest.Spec{Profiles: 2, Extensions: 1}); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(home, "guestlist.toml")
	text := "version = 1\n[[github]]\norganizations = ['acme']\ntoken = {env = 'TOKEN'}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const bug = "this is a bug in guestlist, please report it: out of its mind (cli/panic_test.go:"
	for name, c := range map[string]struct {
		plant          func(env *Env)
		code           int
		stdout, stderr string
	}{
		"while-a-profile-is-read": {func(env *Env) {
			env.Observe = func(path string) {
				if strings.Contains(path, filepath.Join("Profile 1", "Preferences")) {
					panic("out of its mind")
				}
			}
		}, report.ExitIncomplete, "Read 1 of 2 sources", ""},
		"in-a-request": {func(env *Env) {
			env.Args = append(env.Args, "--config", config)
			env.Transport = panics{}
		}, report.ExitIncomplete, "Read 2 of 3 sources", ""},
		"in-the-command": {func(env *Env) {
			env.Now = func() time.Time { panic("out of its mind") }
		}, report.ExitFailed, "", "guestlist: error: " + bug},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			state := t.TempDir()
			env := &Env{
				Args:   []string{"scan", "--home", home, "--fail-on", "never", "--output", "json"},
				Stdout: &stdout, Stderr: &stderr, Now: func() time.Time { return demoNow }, OS: "linux", Host: "laptop-01",
				SystemRoot: home,
				Getenv: func(name string) string {
					return map[string]string{"GUESTLIST_STATE_DIR": state, "TOKEN": "ghp_example"}[name]
				},
			}
			c.plant(env)
			if code := Run(context.Background(), env); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(stderr.String(), c.stderr) {
				t.Errorf("stderr:\n%s", &stderr)
			}
			if c.stdout == "" {
				return
			}
			if out := stdout.String(); !strings.Contains(out, c.stdout) || !strings.Contains(out, bug) {
				t.Errorf("stdout:\n%s", out)
			}
		})
	}
}
