package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

func TestASignInAsksForWhatIsRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		features, want []Feature
	}{
		{"the usual features", nil, UsualFeaturesOf(inventory.GoogleWorkspace)},
		{"some of both providers", []Feature{Grants, ChromeDetails}, []Feature{Accounts, Grants, ChromeDetails}},
	} {
		r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
		config := r.connection()
		config.Credential = Credential{ClientJSON: r.Server.LoginClient(),
			TokenFile: filepath.Join(t.TempDir(), "token.json")}
		config.Features = test.features
		if _, err := SignIn(t.Context(), r.Env(), config, googletest.Browser(t)); err != nil {
			t.Fatal(err)
		}
		if got := r.Server.ScopesAsked(); !slices.Equal(got, Scopes(test.want...)) {
			t.Errorf("%s: asked for %q", test.name, got)
		}
	}
}

func TestTheCallbackTakesOnlyItsOwnState(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.connection()
	config.Credential = Credential{ClientJSON: r.Server.LoginClient(), TokenFile: filepath.Join(t.TempDir(), "token.json")}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := SignIn(ctx, r.Env(), config, func(page string) error {
		u, err := url.Parse(page)
		if err != nil {
			return err
		}
		for _, query := range []string{"?code=stolen", "?code=stolen&state=guess"} {
			response, err := http.Get(u.Query().Get("redirect_uri") + "/" + query)
			if err != nil {
				return err
			}
			response.Body.Close()
			if response.StatusCode != http.StatusBadRequest {
				t.Errorf("%s answers %d", query, response.StatusCode)
			}
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end: nobody signed in", err)
	}
}

func TestACredentialThatWouldActAsSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	foreignKey := strings.Replace(string(r.Server.ServiceAccountKey()), r.Server.URL(), "https://evil.example", 2)
	for _, test := range []struct {
		name, adc string
		change    func(*Connection)
		says      string
	}{
		{"gcloud's-own-login-with-a-subject", string(r.Server.AuthorizedUser(googletest.Victim)),
			func(c *Connection) { c.Credential = Credential{Default: true} },
			`of type "authorized_user" would silently ignore the subject "it@acme.example"`},
		{"workload-identity-with-a-subject", string(r.Server.ExternalAccount("x")),
			func(c *Connection) { c.Credential = Credential{Default: true} },
			`of type "external_account" would silently ignore the subject`},
		{"the-metadata-server-with-a-subject", "", func(c *Connection) { c.Credential = Credential{Default: true} },
			"of the metadata server would silently ignore the subject"},
		{"workload-identity-without-anybody-to-act-for", string(r.Server.ExternalAccount("x")),
			func(c *Connection) { c.Credential, c.Subject = Credential{Default: true}, "" }, "are no administrator"},
		{"workload-identity-in-place-of-a-key", "",
			func(c *Connection) { c.Credential.KeyJSON = r.Server.ExternalAccount("x") },
			"name the service account to impersonate"},
		{"a-key-without-a-subject", "", func(c *Connection) { c.Subject = "" }, "a service account is in no organization"},
		{"impersonation-without-a-subject", "", func(c *Connection) {
			c.Subject, c.Credential = "", Credential{TargetPrincipal: googlefake.ServiceAccount}
		}, "needs a subject"},
		{"a-key-that-signs-in-elsewhere", "", func(c *Connection) { c.Credential.KeyJSON = []byte(foreignKey) },
			"token_uri that is not Google's"},
		{"a-key-that-is-none", "", func(c *Connection) { c.Credential.KeyJSON = []byte("-----BEGIN PRIVATE KEY-----") },
			"not the JSON file"},
		{"nothing", "", func(c *Connection) { c.Credential = Credential{} }, "no credential is configured"},
		{"two-ways-at-once", "", func(c *Connection) { c.Credential.Default = true }, "more than one way"},
		{"an-endpoint-elsewhere", "", func(c *Connection) { c.Endpoint = "https://evil.example" }, "loopback"},
		{"a-feature-that-does-not-exist", "", func(c *Connection) { c.Features = []Feature{"token"} },
			`"token" is not a feature`},
		{"too-many-workers", "", func(c *Connection) { c.Workers = 1000 }, "between 1 and 64"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config, env := r.connection(), r.Env()
			env.Getenv = googletest.Getenv("HOME", t.TempDir())
			if test.adc != "" {
				env.Getenv = googletest.Getenv("GOOGLE_APPLICATION_CREDENTIALS",
					googletest.WriteFile(t, "adc.json", []byte(test.adc)))
			}
			test.change(&config)
			_, err := Open(env, config, inventory.GoogleWorkspace)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			r.CheckSecrets(err.Error(), "an error")
		})
	}
}

func FuzzCredentialFile(f *testing.F) {
	f.Add([]byte(`{"type":"service_account","client_email":"a@b"}`))
	f.Add([]byte(`{"type":"external_account","token_url":"http://127.0.0.1/"}`))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := Open(scanner.Env{Getenv: func(string) string { return "" }},
			Connection{Subject: googletest.Admins, Credential: Credential{KeyJSON: text}}, inventory.GoogleWorkspace)
		if err != nil && len(text) > 40 && strings.Contains(err.Error(), string(text)) {
			t.Errorf("the error repeats the credential: %v", err)
		}
	})
}

// Whoever signs in sees the page that says so, however soon guestlist has what it waits for.
func TestTheSignInsServiceEndsWhenItsPageHasBeenSent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answers := make(chan callback, 1)
	handler := callbackHandler("state", answers)
	release := make(chan struct{})
	send := sync.OnceFunc(func() { close(release) })
	defer send()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r) // has answered, and its page is not sent yet
		<-release
	})}
	server.RegisterOnShutdown(send)
	go server.Serve(listener)
	page := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String() + "/?state=state&code=secret")
		if err != nil {
			page <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		page <- string(text)
	}()
	<-answers
	endGently(server)
	if text := <-page; !strings.Contains(text, "Signed in.") {
		t.Errorf("the browser shows %q", text)
	}
}
