package googlefake_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/discovery"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const prefix = "https://www.googleapis.com/auth/"

var everyScope = []string{
	prefix + "admin.directory.user.readonly", prefix + "admin.directory.user.security",
	prefix + "admin.reports.audit.readonly",
	prefix + "admin.reports.usage.readonly", prefix + "chrome.management.reports.readonly",
	prefix + "chrome.management.appdetails.readonly",
	prefix + "cloud-identity.policies.readonly",
}

func start(t *testing.T, org googlefake.Organization, options googlefake.Options) *googlefake.Server {
	t.Helper()
	if options.Now == nil {
		options.Now = func() time.Time { return now }
	}
	server, err := googlefake.New(org, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

func client(t *testing.T, server *googlefake.Server, subject string, scopes ...string) *http.Client {
	t.Helper()
	config, err := google.JWTConfigFromJSON(server.ServiceAccountKey(), scopes...)
	if err != nil {
		t.Fatal(err)
	}
	config.Subject = subject
	return config.Client(context.WithValue(t.Context(), oauth2.HTTPClient, http.DefaultClient))
}

func get(t *testing.T, c *http.Client, url string) (status int, body map[string]any, raw string) {
	t.Helper()
	response, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(text, &body) != nil {
		body = nil
	}
	return response.StatusCode, body, string(text)
}

func TestEveryRouteAnswersAsTheDiscoveryDocumentsSay(t *testing.T) {
	t.Parallel()
	checker := discovery.Open(t)
	checked := 0
	server := start(t, googlefake.Acme(now), googlefake.Options{Observe: func(e googlefake.Exchange) {
		checked++
		if err := checker.Check(discovery.Exchange(e)); err != nil {
			t.Error(err)
		}
		if e.Status != 200 {
			t.Errorf("%s answers %d: %s", e.Path, e.Status, e.Body)
		}
	}})
	c := client(t, server, "it@acme.example", everyScope...)
	for _, path := range []string{
		"/admin/directory/v1/users?customer=my_customer&maxResults=3",
		"/admin/directory/v1/users?customer=my_customer&fields=nextPageToken,users(id,primaryEmail,name/fullName)",
		"/admin/directory/v1/users/finance%40acme.example/tokens",
		"/admin/directory/v1/users/finance%40acme.example/tokens?fields=items(clientId,scopes)",
		"/admin/directory/v1/users/finance%40acme.example/asps",
		"/admin/directory/v1/users/printer%40acme.example/tokens",
		"/admin/reports/v1/activity/users/all/applications/token?eventName=authorize&maxResults=5",
		"/admin/reports/v1/activity/users/all/applications/admin?eventName=AUTHORIZE_API_CLIENT_ACCESS",
		"/admin/reports/v1/usage/dates/2026-11-20?parameters=accounts:authorized_apps,accounts:num_users_2sv_not_enrolled",
		"/admin/reports/v1/usage/users/all/dates/2026-11-20?parameters=accounts:num_authorized_apps",
		"/v1/customers/my_customer/reports:countInstalledApps?pageSize=2",
		"/v1/customers/my_customer/reports:findInstalledAppProfiles?appId=cjpalhdlnbpafiamejdnhcphjbkeiagm",
		"/v1/customers/my_customer/reports:findInstalledAppDevices?appId=bcdefghijklmnopabcdefghijklmnopa",
		"/v1/customers/my_customer/apps/chrome/cjpalhdlnbpafiamejdnhcphjbkeiagm",
		"/v1/policies?filter=" + url.QueryEscape(`setting.type.matches('^settings/api_controls\\..*$')`),
	} {
		get(t, c, server.URL()+path)
	}
	if checked != 15 {
		t.Errorf("checked %d exchanges, want 15", checked)
	}
}

func TestUsersArePagedToTheEndWithoutLossOrRepeat(t *testing.T) {
	t.Parallel()
	for _, org := range []googlefake.Organization{googlefake.Acme(now), googlefake.Generated{Size: 1203, GrantsEach: 4}} {
		server := start(t, org, googlefake.Options{})
		admin := "it@acme.example"
		if _, domain := org.Customer(); domain != "acme.example" {
			admin = "user0000000@" + domain
		}
		c := client(t, server, admin, everyScope...)
		seen, page := map[string]bool{}, ""
		for {
			_, body, _ := get(t, c, server.URL()+"/admin/directory/v1/users?customer=my_customer&maxResults=4&pageToken="+url.QueryEscape(page))
			users, _ := body["users"].([]any)
			for _, user := range users {
				id := user.(map[string]any)["id"].(string)
				if seen[id] {
					t.Fatalf("user %s comes twice", id)
				}
				seen[id] = true
			}
			page, _ = body["nextPageToken"].(string)
			if page == "" {
				break
			}
		}
		want := 11
		if g, ok := org.(googlefake.Generated); ok {
			want = g.Size
		}
		if len(seen) != want {
			t.Errorf("%T: saw %d users, want %d", org, len(seen), want)
		}
	}
}

func TestFieldsKeepOnlyWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	server := start(t, googlefake.Acme(now), googlefake.Options{})
	c := client(t, server, "it@acme.example", everyScope...)
	_, _, raw := get(t, c, server.URL()+"/admin/directory/v1/users?customer=my_customer&maxResults=1&fields=users(primaryEmail,name/fullName)")
	if want := `{"users":[{"name":{"fullName":"IT Department"},"primaryEmail":"it@acme.example"}]}`; raw != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	if status, _, raw := get(t, c, server.URL()+"/admin/directory/v1/users?customer=my_customer&fields=users(id"); status != 400 {
		t.Errorf("a broken fields parameter answers %d: %s", status, raw)
	}
}

func TestSignInIsRefusedAsGoogleRefusesIt(t *testing.T) {
	t.Parallel()
	server := start(t, googlefake.Acme(now), googlefake.Options{Delegated: everyScope[:2]})
	for _, test := range []struct {
		name, subject string
		scopes        []string
		want          string
	}{
		{"a-scope-that-is-not-delegated-takes-the-whole-token-down", "it@acme.example", everyScope[1:3],
			"unauthorized_client"},
		{"an-unknown-subject", "nobody@acme.example", everyScope[:1], "Invalid email or User ID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := client(t, server, test.subject, test.scopes...).Get(server.URL() + "/admin/directory/v1/users")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	t.Run("a-forged-assertion", func(t *testing.T) {
		t.Parallel()
		claims := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"` + googlefake.ServiceAccount + `"}`))
		response, err := http.PostForm(server.URL()+"/token", url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {"e30." + claims + ".AAAA"},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != 400 {
			t.Errorf("answers %d, want 400", response.StatusCode)
		}
	})
}

func TestCallsAreRefusedByScopeRoleAndToken(t *testing.T) {
	t.Parallel()
	server := start(t, googlefake.Acme(now), googlefake.Options{})
	for _, test := range []struct {
		name, subject string
		scopes        []string
		path, reason  string
		status        int
	}{
		{"a-token-without-the-scope", "it@acme.example", everyScope[:1],
			"/admin/directory/v1/users/it@acme.example/tokens", "insufficientPermissions", 403},
		{"an-employee", "finance@acme.example", everyScope, "/admin/directory/v1/users?customer=my_customer", "forbidden",
			403},
		{"a-delegated-administrator-reading-policies", "security@acme.example", everyScope, "/v1/policies", "forbidden", 403},
		{"a-deleted-user", "it@acme.example", everyScope, "/admin/directory/v1/users/gone%40acme.example/tokens",
			"notFound", 404},
		{"a-suspended-user", "it@acme.example", everyScope, "/admin/directory/v1/users/former%40acme.example/tokens",
			"authError", 401},
		{"usage-data-that-is-not-there-yet", "it@acme.example", everyScope, "/admin/reports/v1/usage/dates/2026-11-22",
			"badRequest", 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, body, raw := get(t, client(t, server, test.subject, test.scopes...), server.URL()+test.path)
			if status != test.status || !strings.Contains(raw, `"reason":"`+test.reason+`"`) {
				t.Errorf("got %d %v, want %d %s", status, body, test.status, test.reason)
			}
		})
	}
	response, err := http.Get(server.URL() + "/admin/directory/v1/users?customer=my_customer")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 401 {
		t.Errorf("without a token: %d, want 401", response.StatusCode)
	}
}

func TestFaultsComeAsOftenAsTheyWereAskedFor(t *testing.T) {
	t.Parallel()
	server := start(t, googlefake.Acme(now), googlefake.Options{})
	c := client(t, server, "it@acme.example", everyScope...)
	server.Break(
		googlefake.RateLimited(7*time.Second).On("tokens.list").For("finance@acme.example").After(1).Times(2),
		googlefake.BadGateway().On("asps.list").Times(1),
	)
	var got []string
	for range 4 {
		response, err := c.Get(server.URL() + "/admin/directory/v1/users/finance@acme.example/tokens")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		got = append(got, fmt.Sprint(response.StatusCode, " ", response.Header.Get("Retry-After")))
	}
	if want := "[200  429 7 429 7 200 ]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if status, _, raw := get(t, c, server.URL()+"/admin/directory/v1/users/finance@acme.example/asps"); status != 502 || !strings.HasPrefix(raw, "<!DOCTYPE") {
		t.Errorf("bad gateway: %d %s", status, raw)
	}
	server.Break(googlefake.Truncated().On("asps.list"))
	if status, body, raw := get(t, c, server.URL()+"/admin/directory/v1/users/finance@acme.example/asps"); status != 200 || body["items"] != nil {
		t.Errorf("truncated: %d %s", status, raw)
	}
	server.Repair()
	server.Break(googlefake.Reset())
	if _, err := c.Get(server.URL() + "/admin/directory/v1/users?customer=my_customer"); err == nil {
		t.Error("a reset connection gives no error")
	}
}

func TestTheLogLagsBehindAndForgetsWhatIsOld(t *testing.T) {
	t.Parallel()
	org := googlefake.Acme(now)
	grant := googlefake.Grant{ClientID: "late", Name: "Late", Scopes: []string{"openid"}}
	org.Grant("it@acme.example", grant, now.Add(-time.Minute), 2*time.Hour)
	org.Grant("it@acme.example", grant, now.AddDate(-1, 0, 0), 0)
	at := now
	server := start(t, org, googlefake.Options{Now: func() time.Time { return at }})
	path := server.URL() + "/admin/reports/v1/activity/users/all/applications/token?eventName=authorize&startTime=2020-01-01T00:00:00Z"
	count := func() int {
		_, body, _ := get(t, client(t, server, "it@acme.example", everyScope...), path)
		items, _ := body["items"].([]any)
		return len(items)
	}
	before := count()
	at = now.Add(3 * time.Hour)
	if after := count(); before != 23 || after != 24 {
		t.Errorf("%d events, later %d; want 23 and 24", before, after)
	}
}

func FuzzFields(f *testing.F) {
	for _, seed := range []string{"a,b(c,d),e/f", "nextPageToken,users(id,name/fullName)", "a(", "/", "a((((b", "*",
		"a(b)c"} {
		f.Add(seed)
	}
	server, err := googlefake.New(googlefake.Acme(now), googlefake.Options{Now: func() time.Time { return now }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { server.Close() })
	config, err := google.JWTConfigFromJSON(server.ServiceAccountKey(), everyScope...)
	if err != nil {
		f.Fatal(err)
	}
	config.Subject = "it@acme.example"
	c := config.Client(context.Background())
	f.Fuzz(func(t *testing.T, fields string) {
		response, err := c.Get(server.URL() + "/admin/directory/v1/users/it@acme.example/tokens?fields=" + url.QueryEscape(fields))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != 200 && response.StatusCode != 400 {
			t.Errorf("fields=%q answers %d", fields, response.StatusCode)
		}
	})
}
