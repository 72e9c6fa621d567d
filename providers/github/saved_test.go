package github_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/api"
	"guestlist/providers/github/signin"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

const deviceClient = "Iv23liDeviceExample1"

// deviceWorld is a fake in which the demo's employee signs in with a code.
func deviceWorld(t *testing.T, lifetime time.Duration) *world {
	t.Helper()
	options := githubfake.Demo(now)
	options.Device = &githubfake.Device{ClientID: deviceClient, Token: options.Tokens[githubfake.DemoEmployeeToken],
		Lifetime: lifetime}
	return newWorld(t, options, github.Config{Self: true})
}

// selfOf reads the own account with a saved sign-in, and returns why it was not read, if so.
func (w *world) selfOf(saved signin.Saved) string {
	w.t.Helper()
	w.use(github.Config{Self: true, Credential: saved}, nil)
	w.collect()
	if len(w.sink.Accounts) == 1 && w.sink.Accounts[0].Login == "acme-developer" {
		return ""
	}
	coverage := w.wantCoverage("self", inventory.StatusNotObservable)
	return coverage.Reason.String() + " " + coverage.Remedy.String()
}

func (w *world) signInByDevice(saved signin.Saved) string {
	w.t.Helper()
	shown := ""
	token, err := signin.SignInByDevice(w.t.Context(), w.env(), signin.Device{
		WebURL: w.fake.URL(), ClientID: saved.ClientID, File: saved.File,
		Prompt: func(code, _ string, _ time.Time) { shown = code },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.tell(token)
	return shown
}

func TestASignInIsKeptAndRenewed(t *testing.T) {
	t.Parallel()
	w := deviceWorld(t, 8*time.Hour)
	saved := signin.Saved{File: filepath.Join(t.TempDir(), "credentials", "github.json"), ClientID: deviceClient,
		WebURL: w.fake.URL()}
	read := func() string {
		text, err := os.ReadFile(saved.File)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}

	if why := w.selfOf(saved); !strings.Contains(why, "nobody has signed in yet") {
		t.Errorf("before the sign-in: %q", why)
	}
	if shown := w.signInByDevice(saved); shown != "WDJB-MJHT" {
		t.Errorf("shown %q", shown)
	}
	first := read()
	if why := w.selfOf(saved); why != "" {
		t.Error(why)
	}
	if read() != first {
		t.Error("a token far from its end was renewed")
	}

	w.clock.Move(7*time.Hour + 30*time.Minute)
	if why := w.selfOf(saved); why != "" {
		t.Errorf("near the end: %s", why)
	}
	second := read()
	if second == first || !strings.Contains(second, "ghr_") {
		t.Error("a token near its end was not renewed and kept")
	}

	// A refresh token that is used up is said, with what to do.
	if err := os.WriteFile(saved.File, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	if why := w.selfOf(saved); !strings.Contains(why, "sign in again") {
		t.Errorf("a used refresh token: %q", why)
	}
}

func TestTwoScansThatRenewASignInAtOnceBothRead(t *testing.T) {
	t.Parallel()
	w := deviceWorld(t, 8*time.Hour)
	saved := signin.Saved{File: filepath.Join(t.TempDir(), "github.json"), ClientID: deviceClient, WebURL: w.fake.URL()}
	w.signInByDevice(saved)
	w.clock.Move(8 * time.Hour)
	// While this scan asks with the refresh token, another has renewed already and written the
	// file.
	var once sync.Once
	env := w.env()
	env.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/login/oauth/access_token" {
			once.Do(func() {
				if why := w.selfOf(saved); why != "" {
					t.Error(why)
				}
			})
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	late, err := github.New(env, github.Config{
		Connection: api.Connection{BaseURL: w.fake.URL(), Sleep: w.clock.Sleep}, Self: true, Credential: saved,
	})
	if err != nil {
		t.Fatal(err)
	}
	sink := &testkit.Sink{}
	coverages, err := late.Collect(t.Context(), sink)
	w.tell(sink.Items, coverages, err)
	if err != nil || len(sink.Accounts) != 1 {
		t.Errorf("the second scan read nothing: %v, %v", err, coverages)
	}
}

func TestASavedSignInIsTakenForItsOwnHostAndAppOnly(t *testing.T) {
	t.Parallel()
	w := deviceWorld(t, 0)
	good := `{"version":1,"host":"github.com","client_id":"` + deviceClient + `","token":"` + githubfake.DemoEmployeeToken + `"}`
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"its-own":         {good, 0o600, ""},
		"another-host":    {strings.Replace(good, "github.com", "ghe.acme.example", 1), 0o600, "for another host"},
		"another-app":     {strings.Replace(good, deviceClient, "Iv23liAnother", 1), 0o600, "belongs to another app"},
		"no-JSON":         {"ghp_x", 0o600, "not written by guestlist"},
		"a-newer-version": {strings.Replace(good, `"version":1`, `"version":2`, 1), 0o600, "not written by guestlist"},
		"open-to-others":  {good, 0o644, "is readable by others"},
		"at-its-end":      {strings.Replace(good, `}`, `,"expires":"2026-11-23T12:10:00Z"}`, 1), 0o600, "sign in again"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.mode != 0o600 && runtime.GOOS == "windows" {
				t.Skip("Windows has no such modes")
			}
			path := filepath.Join(t.TempDir(), "github.json")
			if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			why := w.selfOf(signin.Saved{File: path, ClientID: deviceClient, WebURL: w.fake.URL()})
			if (test.want == "") != (why == "") || !strings.Contains(why, test.want) {
				t.Errorf("reason %q, want %q", why, test.want)
			}
		})
	}
}
