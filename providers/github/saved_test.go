package github_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"guestlist/providers/github"
	githubfake "guestlist/providers/internal/fake/github"
	"guestlist/providers/provider"
	"guestlist/scanner/inventory"
)

const deviceClient = "Iv23liDeviceExample1"

// deviceWorld is a fake in which the demo's employee signs in with a code.
func deviceWorld(t *testing.T, lifetime time.Duration) (*githubfake.Fake, *clock) {
	t.Helper()
	at := &clock{now: now}
	options := githubfake.Demo(now)
	options.Now = at.Now
	options.Device = &githubfake.Device{ClientID: deviceClient, Token: options.Tokens[githubfake.DemoEmployeeToken], Lifetime: lifetime}
	fake, err := githubfake.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fake.Close() })
	return fake, at
}

func selfOf(t *testing.T, fake *githubfake.Fake, at *clock, saved github.Saved) (*recorder, []inventory.Coverage) {
	t.Helper()
	p, err := github.New(provider.Env{Now: at.Now}, github.Config{BaseURL: fake.URL(), Self: true, Credential: saved, Sleep: at.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	sink := &recorder{}
	coverage, err := p.Collect(t.Context(), sink)
	if err != nil {
		t.Fatal(err)
	}
	return sink, coverage
}

func TestASignInIsKeptAndRenewed(t *testing.T) {
	t.Parallel()
	fake, at := deviceWorld(t, 8*time.Hour)
	saved := github.Saved{File: filepath.Join(t.TempDir(), "credentials", "github.json"), ClientID: deviceClient, WebURL: fake.URL()}

	_, coverage := selfOf(t, fake, at, saved)
	if !strings.Contains(coverage[0].Reason.String(), "nobody has signed in yet") {
		t.Errorf("before the sign-in: %+v", coverage[0])
	}
	shown := ""
	_, err := github.SignInByDevice(t.Context(), provider.Env{Now: at.Now}, github.Device{
		WebURL: fake.URL(), ClientID: deviceClient, File: saved.File, Prompt: func(code, _ string, _ time.Time) { shown = code },
	})
	if err != nil || shown != "WDJB-MJHT" {
		t.Fatalf("signing in: %v, shown %q", err, shown)
	}
	first, err := os.ReadFile(saved.File)
	if err != nil {
		t.Fatal(err)
	}
	if sink, _ := selfOf(t, fake, at, saved); len(sink.accounts) != 1 || sink.accounts[0].Login != "acme-developer" {
		t.Errorf("accounts %+v", sink.accounts)
	}
	if again, _ := os.ReadFile(saved.File); string(again) != string(first) {
		t.Error("a token far from its end was renewed")
	}

	at.now = at.now.Add(7*time.Hour + 30*time.Minute)
	if sink, coverage := selfOf(t, fake, at, saved); len(sink.accounts) != 1 {
		t.Errorf("near the end: %+v", coverage)
	}
	second, _ := os.ReadFile(saved.File)
	if string(second) == string(first) || !strings.Contains(string(second), "ghr_") {
		t.Error("a token near its end was not renewed and kept")
	}

	// A refresh token that is used up is said, with what to do.
	if err := os.WriteFile(saved.File, first, 0o600); err != nil {
		t.Fatal(err)
	}
	_, coverage = selfOf(t, fake, at, saved)
	if reason := coverage[0].Reason.String() + coverage[0].Remedy.String(); !strings.Contains(reason, "sign in again") ||
		strings.Contains(reason, "ghr_") {
		t.Errorf("a used refresh token: %+v", coverage[0])
	}
}

func TestASavedSignInIsTakenForItsOwnHostAndAppOnly(t *testing.T) {
	t.Parallel()
	fake, at := deviceWorld(t, 0)
	good := `{"version":1,"host":"github.com","client_id":"` + deviceClient + `","token":"` + githubfake.DemoEmployeeToken + `"}`
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"its own":         {good, 0o600, ""},
		"another host":    {strings.Replace(good, "github.com", "ghe.acme.example", 1), 0o600, "for another host"},
		"another app":     {strings.Replace(good, deviceClient, "Iv23liAnother", 1), 0o600, "of another app"},
		"no JSON":         {"ghp_x", 0o600, "not one of guestlist's"},
		"a newer version": {strings.Replace(good, `"version":1`, `"version":2`, 1), 0o600, "not one of guestlist's"},
		"open to others":  {good, 0o644, "others can read"},
		"at its end":      {strings.Replace(good, `}`, `,"expires":"2026-11-23T12:10:00Z"}`, 1), 0o600, "sign in again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.mode != 0o600 && runtime.GOOS == "windows" {
				t.Skip("Windows has no such modes")
			}
			path := filepath.Join(t.TempDir(), "github.json")
			if err := os.WriteFile(path, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			sink, coverage := selfOf(t, fake, at, github.Saved{File: path, ClientID: deviceClient, WebURL: fake.URL()})
			if test.want == "" {
				if len(sink.accounts) != 1 {
					t.Errorf("not read: %+v", coverage)
				}
				return
			}
			if reason := coverage[0].Reason.String(); !strings.Contains(reason, test.want) || strings.Contains(reason, githubfake.DemoEmployeeToken) {
				t.Errorf("reason %q, want %q", reason, test.want)
			}
		})
	}
}
