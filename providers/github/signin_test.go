package github_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/api"
	"guestlist/providers/github/signin"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

func TestTokensAreFoundInTheOrderOfGh(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		host        string
		environment map[string]string
		gh          string
		want        string
	}{
		{"GH_TOKEN-first", "github.com", map[string]string{"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "c", "a"},
		{"GITHUB_TOKEN-second", "github.com", map[string]string{"GITHUB_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "x"}, "c", "b"},
		{"gh-last", "github.com", map[string]string{"GH_TOKEN": " "}, "c\n", "c"},
		{"data-residency-takes-the-same", "acme.ghe.com", map[string]string{"GH_TOKEN": "a"}, "", "a"},
		{"a-server-never-gets-github.com's-token", "ghe.acme.example",
			map[string]string{"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "c",
			"c"},
		{"GH_ENTERPRISE_TOKEN-first-for-a-server", "ghe.acme.example",
			map[string]string{"GH_ENTERPRISE_TOKEN": "d", "GITHUB_ENTERPRISE_TOKEN": "e"}, "c", "d"},
		{"GITHUB_ENTERPRISE_TOKEN-second-for-a-server", "ghe.acme.example",
			map[string]string{"GITHUB_ENTERPRISE_TOKEN": "e"}, "c",
			"e"},
		{"none", "github.com", nil, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var sent string
			options := githubfake.Options{Observe: func(e githubfake.Exchange) { sent = e.Authorization }}
			w := newWorld(t, options, acme())
			environment := map[string]string{}
			for name, value := range test.environment {
				environment[name] = value
				if value != " " {
					environment[name] = "token-" + value
				}
			}
			var asked []string
			w.use(github.Config{Organizations: []string{"acme"}, Connection: api.Connection{Host: test.host},
				Run: func(_ context.Context, name string,
					args ...string) ([]byte, error) {
					asked = append([]string{name}, args...)
					if test.gh == "" {
						return nil, os.ErrNotExist
					}
					return []byte("token-" + test.gh), nil
				}}, environment)
			w.collect()
			if test.want == "" {
				w.wantCoverage("acme/installations", inventory.StatusNotObservable, "no GitHub credential found",
					"set GH_TOKEN or GITHUB_TOKEN",
					"gh auth login --hostname github.com")
				return
			}
			if sent != "Bearer token-"+test.want {
				t.Errorf("sent %q, want Bearer token-%s", sent, test.want)
			}
			if want := []string{"gh", "auth", "token", "--hostname", test.host}; test.want == "c" && !slices.Equal(asked, want) {
				t.Errorf("asked %v, want %v", asked, want)
			}
		})
	}
}

func TestAnAppSignsInAndAsksToReadOnly(t *testing.T) {
	t.Parallel()
	for _, pkcs8 := range []bool{false, true} {
		for _, byID := range []bool{false, true} {
			t.Run(fmt.Sprintf("pkcs8_%v_id_%v", pkcs8, byID), func(t *testing.T) {
				t.Parallel()
				key, _ := keyPEM(t, pkcs8)
				app := signin.App{ClientID: "Iv23liScanner0000001", Key: key}
				if byID {
					app = signin.App{ID: 77, InstallationID: 900, Key: key}
				}
				config := acme()
				config.Credential = app
				var asked map[string]map[string]string
				var mu sync.Mutex
				w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{rich()},
					Observe: func(e githubfake.Exchange) {
						mu.Lock()
						defer mu.Unlock()
						if e.Method != http.MethodPost {
							return
						}
						if err := json.Unmarshal(e.Body, &asked); err != nil {
							t.Error(err)
						}
					}}, config)
				w.collect()
				w.wantAllComplete()
				byOperation, _ := w.fake.Requests()
				if n := byOperation["POST /app/installations/{installation_id}/access_tokens"]; n != 1 {
					t.Errorf("%d tokens were asked for, want 1", n)
				}
				for name, level := range asked["permissions"] {
					if level != "read" {
						t.Errorf("asked for %s:%s", name, level)
					}
				}
				if _, ok := asked["permissions"]["contents"]; ok || len(asked["permissions"]) != 10 {
					t.Errorf("asked for %v", asked)
				}
				// An hour later the token has ended: the next scan asks for a new one.
				w.clock.Move(time.Hour)
				w.collect()
				w.wantAllComplete()
				byOperation, _ = w.fake.Requests()
				if n := byOperation["POST /app/installations/{installation_id}/access_tokens"]; n != 2 {
					t.Errorf("%d tokens were asked for, want 2", n)
				}
			})
		}
	}
}

func TestAnAppThatCannotSignInSaysWhy(t *testing.T) {
	t.Parallel()
	good, _ := keyPEM(t, false)
	tests := []struct {
		name   string
		app    signin.App
		change func(*githubfake.Options)
		words  []string
	}{
		{"not-a-key", signin.App{ClientID: "Iv1.x",
			Key: "-----BEGIN PRIVATE KEY-----\nsecret-in-path\n-----END PRIVATE KEY-----"}, nil,
			[]string{"not an RSA key in PEM form"}},
		{"no-ID", signin.App{Key: good}, nil, []string{"neither client ID nor app ID"}},
		{"another-app's-ID", signin.App{ID: 5, Key: good}, nil,
			[]string{"does not know this GitHub App", "check the client ID"}},
		{"not-installed-there", signin.App{ID: 77, Key: good},
			func(o *githubfake.Options) { o.SignIn.Installed = map[string]int64{"other": 1} },
			[]string{"not installed on the organization", "install it at https://github.com/apps/guest-list/installations/new"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := acme()
			config.Credential = test.app
			options := githubfake.Options{Organizations: []*githubfake.Organization{small()},
				SignIn: &githubfake.SignIn{ID: 77, ClientID: "Iv1.x", Slug: "guest-list", Permissions: allPermissions()}}
			if test.change != nil {
				test.change(&options)
			}
			w := appWorld(t, options, config)
			w.collect()
			w.wantCoverage("acme/installations", inventory.StatusNotObservable, test.words...)
			w.wantCoverage("acme/members", inventory.StatusNotObservable)
		})
	}
}

func TestAFineGrainedTokenIsToldApart(t *testing.T) {
	t.Parallel()
	const token = "github_pat_OfTheTests000"
	org := rich()
	options := githubfake.Options{Organizations: []*githubfake.Organization{org}, Tokens: map[string]*githubfake.Token{
		token: {Kind: githubfake.FineGrained, User: org.Members[0].User,
			Permissions: map[string]string{"organization_administration": "read", "members": "read"}}}}
	config := acme()
	config.Credential = signin.Token{Value: token}
	w := newWorld(t, options, config)
	w.collect()
	w.wantCoverage("acme/installations", inventory.StatusComplete)
	w.wantCoverage("acme/members", inventory.StatusComplete)
	w.wantCoverage("acme/hooks", inventory.StatusNotObservable, "organization_hooks:read",
		"https://github.com/settings/personal-access-tokens",
		"acme as resource owner")
	w.wantCoverage("acme/tokens", inventory.StatusNotObservable,
		"GitHub Apps only, not to a fine-grained personal access token")
}

func TestAGitHubAppsTokenForAPersonReadsWhatBothMay(t *testing.T) {
	t.Parallel()
	const token = "ghu_OfTheTests0000000"
	permissions := allPermissions()
	delete(permissions, "organization_hooks")
	options, config := githubfake.Demo(now), acme()
	org := options.Organizations[0]
	options.Tokens[token] = &githubfake.Token{Kind: githubfake.UserToServer, User: org.Members[0].User,
		Permissions: permissions}
	config.Credential = signin.Token{Value: token}
	w := newWorld(t, options, config)
	w.collect()
	for _, source := range []string{"installations", "credentials", "tokens", "token-requests", "members"} {
		w.wantCoverage("acme/"+source, inventory.StatusComplete)
	}
	w.wantCoverage("acme/hooks", inventory.StatusNotObservable,
		"the GitHub App user token is missing the permission organization_hooks:read",
		"https://github.com/settings/apps")
	options.Tokens[token].User = org.Members[1].User // who is no owner
	w.collect()
	w.wantCoverage("acme/tokens", inventory.StatusNotObservable, "You must be an organization owner")
}

func TestGhsOwnTokenIsToldHowToGetAScope(t *testing.T) {
	t.Parallel()
	const token = "gho_OfTheTests0000000"
	org := small()
	w := newWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org},
		Tokens: map[string]*githubfake.Token{
			token: {Kind: githubfake.Classic, User: org.Members[0].User,
				Scopes: []string{"gist", "read:org", "repo", "workflow"}}}}, acme())
	config := acme()
	config.Run = func(context.Context, string, ...string) ([]byte, error) { return []byte(token + "\n"), nil }
	w.use(config, nil)
	w.collect()
	w.wantCoverage("acme/members", inventory.StatusComplete)
	w.wantCoverage("acme/hooks", inventory.StatusNotObservable,
		`is missing the scope "admin:org_hook"; it has gist, read:org, repo, workflow`,
		"run gh auth refresh --hostname github.com -s admin:org_hook")
}

func TestAServersOwnTokenReadsIt(t *testing.T) {
	t.Parallel()
	options := ownerOptions(rich(), ownerScopes...)
	options.Server, options.Core, options.Audit = true, 0, 0
	w := newWorld(t, options, acme())
	config := acme()
	config.Host = "ghe.acme.example"
	w.use(config, map[string]string{"GH_TOKEN": "ghp_ForAnotherHost", "GH_ENTERPRISE_TOKEN": ownerToken})
	w.collect()
	w.wantAllComplete("ghe.acme.example/acme/tokens", "ghe.acme.example/acme/token-requests")
	w.wantCoverage("ghe.acme.example/acme/installations", inventory.StatusComplete)
	w.wantCoverage("ghe.acme.example/acme/oauth-apps", inventory.StatusNotObservable,
		"open https://ghe.acme.example/organizations/acme/settings/oauth_application_policy")
	// A server that does not know which second factors are weak leaves that unknown, and nothing
	// else.
	w.fake.Fail(githubfake.Fault{Kind: githubfake.Unprocessable, Path: "/members", Query: "2fa_insecure"})
	w.collect()
	w.wantCoverage("ghe.acme.example/acme/members", inventory.StatusComplete)
	if a := w.sink.Accounts[0]; a.TwoFactor == inventory.Unknown || a.TwoFactorWeak != inventory.Unknown {
		t.Errorf("second factor %s, weak %s", a.TwoFactor, a.TwoFactorWeak)
	}
}

func TestTargetsAreNamedWithTheirHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"": "[acme subsidiary enterprises/group self]",
		"ghe.acme.example": "[ghe.acme.example/acme ghe.acme.example/subsidiary ghe.acme.example/enterprises/group " +
			"ghe.acme.example/self]",
	} {
		config := github.Config{Connection: api.Connection{Host: host}, Organizations: []string{"acme", "subsidiary"},
			Enterprise: "group", Self: true}
		if got := fmt.Sprint(config.Targets()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTwoAccountsInOneRunKeepTheirTokensApart(t *testing.T) {
	t.Parallel()
	org := rich()
	options := githubfake.Options{Organizations: []*githubfake.Organization{org}, Tokens: map[string]*githubfake.Token{}}
	tokens := []signin.Secret{"ghp_first", "ghp_second"}
	for n, token := range tokens {
		options.Tokens[string(token)] = &githubfake.Token{Kind: githubfake.Classic, User: org.Members[n*100].User,
			Scopes: ownerScopes}
	}
	seen := map[string]int{}
	var mu sync.Mutex
	options.Observe = func(e githubfake.Exchange) { mu.Lock(); seen[e.Authorization]++; mu.Unlock() }
	w := newWorld(t, options, ownerConfig())
	shared := &http.Transport{}
	defer shared.CloseIdleConnections()
	var wg sync.WaitGroup
	for _, token := range tokens {
		made, err := github.New(scanner.Env{Now: w.clock.Now, Transport: shared}, github.Config{
			Connection:    api.Connection{BaseURL: w.fake.URL(), Sleep: w.clock.Sleep},
			Organizations: []string{"acme"}, Credential: signin.Token{Value: token},
		})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if _, err := made.Collect(t.Context(), &testkit.Sink{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(seen) != 2 || seen["Bearer ghp_first"] == 0 || seen["Bearer ghp_first"] != seen["Bearer ghp_second"] {
		t.Errorf("tokens arrived as %v", seen)
	}
}

func TestSecretsPrintAsNothing(t *testing.T) {
	t.Parallel()
	token := signin.Token{Value: "ghp_hidden", From: "GH_TOKEN"}
	app := signin.App{ID: 1, Key: "hidden"}
	encoded, err := json.Marshal([]any{token, app})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", token, "secret", token.Value, "app", app)
	for _, text := range []string{fmt.Sprint(token, app), fmt.Sprintf("%+v %#v %s %q %x %v", token, token, token.Value,
		token.Value, token.Value, app),
		string(encoded), log.String()} {
		if strings.Contains(text, "hidden") || strings.Contains(text, "68696464656e") {
			t.Errorf("%q shows the secret", text)
		}
	}
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]github.Config{
		"host with a path":               {Connection: api.Connection{Host: "ghe.acme.example/api"}},
		"host with a user":               {Connection: api.Connection{Host: "user@ghe.acme.example"}},
		"plain http elsewhere":           {Connection: api.Connection{BaseURL: "http://ghe.acme.example/api/v3/"}},
		"base URL that is none":          {Connection: api.Connection{BaseURL: "ghe"}},
		"organization that is a path":    {Organizations: []string{"../user"}},
		"organization that is empty":     {Organizations: []string{""}},
		"enterprise that is a path":      {Enterprise: "a/b"},
		"a self-check with a GitHub App": {Self: true, Credential: signin.App{}},
	} {
		if _, err := github.New(scanner.Env{}, config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestEveryHostGetsItsOwnAddresses(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"":                 "api.github.com/orgs/acme",
		"github.com":       "api.github.com/orgs/acme",
		"GitHub.com":       "api.github.com/orgs/acme",
		"acme.ghe.com":     "api.acme.ghe.com/orgs/acme",
		"api.acme.ghe.com": "api.acme.ghe.com/orgs/acme",
		"ghe.acme.example": "ghe.acme.example/api/v3/orgs/acme",
	} {
		var (
			once  sync.Once // several goroutines ask at the same time
			asked string
		)
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			once.Do(func() { asked = r.URL.Scheme + "://" + r.URL.Host + r.URL.Path })
			return answer(404, `{"message":"Not Found"}`), nil
		})
		made, err := github.New(scanner.Env{Transport: transport},
			github.Config{Connection: api.Connection{Host: host}, Organizations: []string{"acme"},
				Credential: signin.Token{Value: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := made.Collect(t.Context(), &testkit.Sink{}); err != nil {
			t.Fatal(err)
		}
		if asked != "https://"+want {
			t.Errorf("host %q was asked at %s, want https://%s", host, asked, want)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body))}
}

func TestDeviceSignIn(t *testing.T) {
	t.Parallel()
	const code = `{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://github.com/login/device","expires_in":900,"interval":5}`
	tests := []struct {
		name    string
		answers []string // to each question for the token
		want    string   // token, or words of the error
		took    time.Duration
	}{
		{"typed-at-the-third-look", []string{`{"error":"authorization_pending"}`, `{"error":"authorization_pending"}`,
			`{"access_token":"gho_device","token_type":"bearer","scope":"read:org"}`}, "gho_device", 15 * time.Second},
		{"asked-to-slow-down", []string{`{"error":"slow_down","interval":10}`,
			`{"access_token":"gho_device","token_type":"bearer"}`}, "gho_device", 15 * time.Second},
		{"declined", []string{`{"error":"access_denied","error_description":"secret-in-path"}`}, "declined on GitHub's page",
			5 * time.Second},
		{"too-late", []string{`{"error":"expired_token"}`}, "not typed in time", 5 * time.Second},
		{"not-allowed", []string{`{"error":"device_flow_disabled"}`}, "enable device flow", 5 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var shown string
				looks := 0
				transport := roundTripper(func(r *http.Request) (*http.Response, error) {
					sent, _ := io.ReadAll(r.Body)
					form, _ := url.ParseQuery(string(sent))
					if r.URL.Host != "github.com" || form.Get("client_id") != "Iv1.device" || form.Get("client_secret") != "" {
						t.Errorf("asked %s with %v", r.URL, form)
					}
					if r.URL.Path == "/login/device/code" {
						return answer(200, code), nil
					}
					looks++
					return answer(200, test.answers[looks-1]), nil
				})
				token, err := signin.SignInByDevice(t.Context(), scanner.Env{Transport: transport}, signin.Device{
					ClientID: "Iv1.device", Scopes: []string{"read:org"},
					Prompt: func(code, page string, _ time.Time) { shown = code + " " + page },
				})
				if shown != "WDJB-MJHT https://github.com/login/device" {
					t.Errorf("shown %q", shown)
				}
				if took := time.Since(start).Round(time.Second); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
				switch {
				case err == nil && string(token.Value) != test.want:
					t.Errorf("token of another text than %q", test.want)
				case err != nil && (!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret-in-path")):
					t.Errorf("error %v, want %q", err, test.want)
				}
			})
		})
	}
}

func TestALostNetworkIsSaid(t *testing.T) {
	t.Parallel()
	made, err := github.New(scanner.Env{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("dial tcp: no route to host")
	})}, github.Config{Organizations: []string{"acme"}, Credential: signin.Token{Value: "ghp_x"},
		Connection: api.Connection{Sleep: testkit.NewClock(now).Sleep}})
	if err != nil {
		t.Fatal(err)
	}
	coverages, err := made.Collect(t.Context(), &testkit.Sink{})
	if err != nil {
		t.Fatal(err)
	}
	if reason := coverages[0].Reason.String(); !strings.Contains(reason, "no route to host") ||
		strings.Contains(reason, "ghp_x") {
		t.Errorf("reason %q", reason)
	}
}
