package googleworkspace

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/providers/chromemanagement"
	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// signInWays are all ways to sign in that work, as a change of the usual configuration and
// environment.
func signInWays(t *testing.T, r *rig) map[string]func(*Config, *scanner.Env) {
	return map[string]func(*Config, *scanner.Env){
		"a-service-account-key": func(*Config, *scanner.Env) {},
		"keyless-on-workload-identity": func(c *Config, _ *scanner.Env) {
			subject := googletest.WriteFile(t, "subject-token", []byte("workload-subject-token"))
			c.Credential = api.Credential{TargetPrincipal: googlefake.ServiceAccount,
				BaseJSON: r.Server.ExternalAccount(subject)}
		},
		"keyless-on-application-default-credentials": func(c *Config, env *scanner.Env) {
			file := googletest.WriteFile(t, "adc.json", r.Server.AuthorizedUser(googletest.Victim))
			c.Credential = api.Credential{TargetPrincipal: googlefake.ServiceAccount}
			env.Getenv = googletest.Getenv("GOOGLE_APPLICATION_CREDENTIALS", file)
		},
		"application default credentials that are a key": func(c *Config, env *scanner.Env) {
			file := googletest.WriteFile(t, "adc.json", r.Server.ServiceAccountKey())
			c.Credential = api.Credential{Default: true}
			env.Getenv = googletest.Getenv("GOOGLE_APPLICATION_CREDENTIALS", file)
		},
		"an administrator's own application default credentials": func(c *Config, env *scanner.Env) {
			file := googletest.WriteFile(t, "adc.json",
				r.Server.AuthorizedUser(googletest.Admins, api.Scopes(api.UsualFeaturesOf(inventory.GoogleWorkspace)...)...))
			c.Credential, c.Subject, c.Organization = api.Credential{Default: true}, "", "acme.example"
			env.Getenv = googletest.Getenv("GOOGLE_APPLICATION_CREDENTIALS", file)
		},
		"an-administrator's-login": func(c *Config, env *scanner.Env) {
			c.Credential = api.Credential{ClientJSON: r.Server.LoginClient(),
				TokenFile: filepath.Join(t.TempDir(), "sub", "token.json")}
			missing, err := api.SignIn(t.Context(), *env, c.Connection, googletest.Browser(t))
			if err != nil || len(missing) > 0 {
				t.Errorf("signing in: missing %v, %v", missing, err)
			}
		},
	}
}

func TestEveryWayToSignInReadsTheSame(t *testing.T) {
	t.Parallel()
	clean := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	want, _ := clean.collect(clean.provider(clean.config()))
	for name := range signInWays(t, clean) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			config, env := r.config(), r.Env()
			signInWays(t, r)[name](&config, &env)
			p, err := New(env, config)
			if err != nil {
				t.Fatal(err)
			}
			got, coverage := r.collect(p)
			if got.Text(t) != want.Text(t) {
				t.Errorf("the result differs; coverage: %+v", coverage)
			}
			if len(r.Server.Secrets()) < 2 || !strings.Contains(r.Log.String(), "/tokens") {
				t.Error("the search for secrets has nothing to search for, or nowhere to search")
			}
		})
	}
}

func TestAFaultOfTheSignInThatPassesCostsNothing(t *testing.T) {
	t.Parallel()
	clean := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	want, _ := clean.collect(clean.provider(clean.config()))
	for _, test := range []struct {
		way   string
		calls []string
	}{
		{"a-service-account-key", []string{"token"}},
		{"keyless-on-workload-identity", []string{"exchange", "signJwt", "token"}},
		{"keyless-on-application-default-credentials", []string{"token", "signJwt"}},
		{"an-administrator's-login", []string{"token"}},
	} {
		for name, fault := range map[string]func() *googlefake.Fault{
			"503": googlefake.BackendError, "an-HTML-page": googlefake.BadGateway, "truncated": googlefake.Truncated,
			"reset": googlefake.Reset, "429": func() *googlefake.Fault { return googlefake.RateLimited(2 * time.Second) },
		} {
			for _, call := range test.calls {
				t.Run(test.way+"/"+call+"/"+name, func(t *testing.T) {
					t.Parallel()
					r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
					config, env := r.config(), r.Env()
					signInWays(t, r)[test.way](&config, &env)
					r.Server.Break(fault().On(call).Times(2))
					p, err := New(env, config)
					if err != nil {
						t.Fatal(err)
					}
					got, coverage := r.collect(p)
					if got.Text(t) != want.Text(t) {
						t.Errorf("the result differs; coverage: %+v", coverage["acme.example/users"])
					}
				})
			}
		}
	}
}

// What is asked for is what the table of features says, for every way to sign in. The base of
// keyless delegation needs a scope to sign.
func TestOnlyTheScopesOfTheFeaturesAreAskedFor(t *testing.T) {
	t.Parallel()
	clean := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	for name := range signInWays(t, clean) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			config, env := r.config(), r.Env()
			config.Features = slices.Concat(everything(), api.FeaturesOf(inventory.ChromeManagement))
			signInWays(t, r)[name](&config, &env)
			workspace, err := New(env, config)
			if err != nil {
				t.Fatal(err)
			}
			chrome, err := chromemanagement.New(env, config.Connection)
			if err != nil {
				t.Fatal(err)
			}
			r.collect(workspace)
			r.collect(chrome)
			var want []string
			switch {
			case strings.Contains(name, "own application default credentials"): // gcloud asked when it signed in
			case name == "keyless-on-application-default-credentials": // its base is such a login, too
				want = api.Scopes(config.Features...)
			case strings.HasPrefix(name, "keyless"):
				want = append(api.Scopes(config.Features...), scopeCloudPlatform)
			default:
				want = api.Scopes(config.Features...)
			}
			slices.Sort(want)
			if got := r.Server.ScopesAsked(); !slices.Equal(got, want) {
				t.Errorf("asked for %q, want %q", got, want)
			}
		})
	}
}

func TestTheClockOfAScanMayBeYearsAwayFromTheRealOne(t *testing.T) {
	t.Parallel()
	for _, years := range []int{-12, -1, 1, 12} {
		then := googletest.Noon.AddDate(years, 0, 0)
		for _, way := range []string{"a-service-account-key", "keyless-on-workload-identity", "an-administrator's-login"} {
			t.Run(fmt.Sprintf("%+d-years/%s", years, way), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, googlefake.Acme(then), googlefake.Options{})
				r.Clock.Move(then.Sub(googletest.Noon))
				config, env := r.config(), r.Env()
				config.Features, config.ActivityDays = everything(), 2
				signInWays(t, r)[way](&config, &env)
				env.Sleep = r.Clock.Sleep
				r.Server.Break(googlefake.RateLimited(3*time.Second).On("tokens.list").Times(1),
					googlefake.BackendError().On("token").Times(1))
				p, err := New(env, config)
				if err != nil {
					t.Fatal(err)
				}
				sink, coverage := r.collect(p)
				for name, c := range coverage {
					if c.IsGap() {
						t.Errorf("%s is a gap: %s", name, c.Reason)
					}
				}
				if len(sink.Items) != 26 {
					t.Errorf("%d items, want 26", len(sink.Items))
				}
				for _, item := range sink.Of("people@acme.example", inventory.KindOAuthGrant) {
					if item.Added.IsZero() {
						t.Errorf("%s has lost its date", item.App.Name)
					}
				}
			})
		}
	}
}

func TestASavedLoginIsPrivateAndHoldsWhatWasAgreedTo(t *testing.T) {
	t.Parallel()
	consented := api.Scopes(api.Accounts, api.Grants)
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{Consented: consented})
	config := r.config()
	config.Credential = api.Credential{ClientJSON: r.Server.LoginClient(),
		TokenFile: filepath.Join(t.TempDir(), "token.json")}
	config.Features = everything()
	missing, err := api.SignIn(t.Context(), r.Env(), config.Connection, googletest.Browser(t))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(missing, []api.Feature{api.Events, api.Usage, api.Settings}) {
		t.Errorf("missing %v", missing)
	}
	info, err := os.Stat(config.Credential.TokenFile)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	_, coverage := r.collect(r.provider(config))
	if got := coverage["acme.example/settings"]; got.Status != inventory.StatusNotObservable ||
		!strings.Contains(string(got.Remedy), "every box ticked") {
		t.Errorf("settings: %+v", got)
	}
	if got := coverage["acme.example/grants"]; got.Status != inventory.StatusComplete {
		t.Errorf("grants: %+v", got)
	}

	r.Server.RevokeSignIn()
	r.Server.RevokeTokens()
	_, coverage = r.collect(r.provider(config))
	if got := coverage["acme.example/users"]; !strings.Contains(string(got.Reason), "refuses the saved sign-in") ||
		got.Remedy != "sign in again" {
		t.Errorf("after the login was revoked: %+v", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(config.Credential.TokenFile, 0o644); err != nil {
		t.Fatal(err)
	}
	_, coverage = r.collect(r.provider(config))
	if got := coverage["acme.example/users"]; !strings.Contains(string(got.Reason), "is readable by others") {
		t.Errorf("a file that others can read: %+v", got)
	}
}

func TestARefusedSignInSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*Config, *rig)
		says   string
	}{
		{"a-deleted-key", func(c *Config, _ *rig) {
			var key map[string]any
			if json.Unmarshal(c.Credential.KeyJSON, &key) == nil {
				key["client_email"] = "gone@fake-project.iam.gserviceaccount.com"
				c.Credential.KeyJSON, _ = json.Marshal(key)
			}
		}, "refuses the service account key"},
		{"a-base-identity-that-may-not-sign", func(c *Config, r *rig) {
			c.Credential = api.Credential{TargetPrincipal: "other@fake-project.iam.gserviceaccount.com",
				BaseJSON: r.Server.ServiceAccountKey()}
		}, "may not sign for other@fake-project.iam.gserviceaccount.com"},
		{"a-subject-that-does-not-exist", func(c *Config, _ *rig) { c.Subject = "nobody@acme.example" },
			`does not know the subject "nobody@acme.example"`},
		{"nobody-signed-in-yet", func(c *Config, r *rig) {
			c.Credential = api.Credential{ClientJSON: r.Server.LoginClient(), TokenFile: filepath.Join(r.T.TempDir(), "none")}
		}, "nobody has signed in yet"},
		{"keyless-without-delegation-of-the-scope", func(c *Config, r *rig) {
			subject := googletest.WriteFile(r.T, "subject-token", []byte("workload-subject-token"))
			c.Credential = api.Credential{TargetPrincipal: googlefake.ServiceAccount,
				BaseJSON: r.Server.ExternalAccount(subject)}
			c.Features = []api.Feature{api.Accounts}
		}, "domain-wide delegation does not give"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon),
				googlefake.Options{Delegated: []string{"https://www.googleapis.com/auth/none"}})
			config := r.config()
			test.change(&config, r)
			_, coverage := r.collect(r.provider(config))
			got := coverage["acme.example/users"]
			if got.Status != inventory.StatusNotObservable || !strings.Contains(string(got.Reason), test.says) ||
				got.Remedy == "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// The search for secrets that ends every test must be able to find one.
func TestASecretInAnyTextIsFound(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config, env := r.config(), r.Env()
	signInWays(t, r)["an-administrator's-login"](&config, &env)
	secrets := r.Server.Secrets()
	if len(secrets) < 5 { // code, what proves it, access and refresh token, the client's secret, the key
		t.Errorf("%d secrets are known", len(secrets))
	}
	saved, err := os.ReadFile(config.Credential.TokenFile)
	if err != nil || googletest.Leaked(string(saved), secrets) == "" {
		t.Errorf("the saved sign-in holds a refresh token, and none was found: %v", err)
	}
	if googletest.Leaked(string(r.Server.ServiceAccountKey()), secrets) == "" {
		t.Error("the key file holds a key, and none was found")
	}
	if found := googletest.Leaked("all is well", secrets); found != "" {
		t.Errorf("found %q where nothing is", found)
	}
}
