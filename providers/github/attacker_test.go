package github_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/signin"
	"guestlist/scanner/inventory"
)

// trap is a host that nobody may ask. It differs from the fake's by its port alone.
func trap(t *testing.T) string {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(func() {
		server.Close()
		if n := asked.Load(); n != 0 {
			t.Errorf("the other host was asked %d times", n)
		}
	})
	return server.URL
}

func TestNoSourceIsLedToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, kind := range []githubfake.FaultKind{githubfake.ForeignRedirect, githubfake.ForeignLink} {
		t.Run(strings.ReplaceAll(string(kind), " ", "_"), func(t *testing.T) {
			t.Parallel()
			options, app, err := githubfake.DemoApp(now)
			if err != nil {
				t.Fatal(err)
			}
			target := trap(t)
			config := github.Config{Organizations: []string{"acme"}, DeepRepositories: true, AuditLog: true,
				Credential: signin.App{ClientID: app.ClientID, Key: signin.Secret(app.Key)}}
			// All answers of one path after the other, then all at once.
			for _, path := range []string{"/installations", "/apps/example-ci", "/credential-authorizations",
				"/personal-access-tokens",
				"/personal-access-token-requests", "/hooks", "/members", "/outside_collaborators", "/repos", "/keys", "/audit-log", "/acme", ""} {
				w := newWorld(t, options, config)
				w.fake.Fail(githubfake.Fault{Kind: kind, Path: path, Target: target})
				w.collect()
				w.probe()
			}
			w := newWorld(t, options, github.Config{Self: true, Credential: signin.Token{Value: githubfake.DemoEmployeeToken}})
			w.fake.Fail(githubfake.Fault{Kind: kind, Target: target})
			w.collect()
			w.probe()
		})
	}
}

func TestTheAppsSignInIsNotLedToAnotherHost(t *testing.T) {
	t.Parallel()
	target := trap(t)
	for _, path := range []string{"/app", "/installation", "/access_tokens"} {
		w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{small()}}, acme())
		w.fake.Fail(githubfake.Fault{Kind: githubfake.ForeignRedirect, Path: path, Target: target})
		w.collect()
		w.wantCoverage("acme/installations", inventory.StatusNotObservable, "led to another host, which was not followed")
	}
}

func TestAPersonsSignInIsNotLedToAnotherHost(t *testing.T) {
	t.Parallel()
	target := trap(t)
	for _, path := range []string{"/login/device/code", "/login/oauth/access_token"} {
		w := deviceWorld(t, time.Hour)
		env := w.env()
		env.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == path {
				response := answer(http.StatusTemporaryRedirect, "")
				response.Header.Set("Location", target+r.URL.Path)
				response.Request = r
				return response, nil
			}
			return http.DefaultTransport.RoundTrip(r)
		})
		_, err := signin.SignInByDevice(t.Context(), env, signin.Device{WebURL: w.fake.URL(), ClientID: deviceClient,
			Prompt: func(string, string, time.Time) {}})
		if w.tell(err); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

func TestAnAttackersAnswersLeadNowhere(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { stolen.Add(1) }))
	defer evil.Close()
	org := small()
	for n, slug := range []string{"../../user", "a/b", "..", "%2e%2e", "x?y=1", "http://" + strings.TrimPrefix(evil.URL,
		"http://")} {
		org.Installations = append(org.Installations, &githubfake.AppInstallation{ID: int64(n + 1), Selection: "all",
			App: &githubfake.App{ID: int64(n + 1), Slug: slug, Owner: "vendor"}})
	}
	config := ownerConfig()
	config.DeepRepositories = true
	org.Repositories = []*githubfake.Repository{{ID: 1, Name: "../../../user"}, {ID: 2, Name: "a/b"}, {ID: 3, Name: ".."}}
	var asked []string
	options := ownerOptions(org, ownerScopes...)
	options.Observe = func(e githubfake.Exchange) { asked = append(asked, e.Path) }
	w := newWorld(t, options, config)
	for _, path := range []string{"/members", "/outside_collaborators"} {
		w.fake.Fail(githubfake.Fault{Kind: githubfake.ForeignRedirect, Path: path, Target: evil.URL})
	}
	w.collect()
	if stolen.Load() != 0 {
		t.Errorf("the other host was asked %d times", stolen.Load())
	}
	for _, path := range asked {
		if !strings.HasPrefix(path, "/orgs/acme") {
			t.Errorf("asked for %q", path)
		}
	}
	if len(w.of("acme/installations")) != 6 {
		t.Errorf("%d installations, want 6", len(w.of("acme/installations")))
	}
	w.wantCoverage("acme/repositories", inventory.StatusPartial, "without a name that can be asked for")
}
