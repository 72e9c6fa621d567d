package github_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/signin"
	"guestlist/scanner/inventory"
)

// rich is an organization with more than a page of everything that the owner's token lists.
func rich() *githubfake.Organization {
	return githubfake.Generate("acme", githubfake.Sizes{Members: 150, Outside: 3, Installations: 120, Credentials: 150,
		Hooks: 120})
}

func TestFaultsOfTheMomentCostNothing(t *testing.T) {
	t.Parallel()
	calm := newWorld(t, ownerOptions(rich(), ownerScopes...), ownerConfig())
	calm.collect()
	for _, kind := range []githubfake.FaultKind{
		githubfake.Truncate, githubfake.Reset, githubfake.Error500, githubfake.Error502, githubfake.Primary403,
		githubfake.Primary429,
		githubfake.Secondary403, githubfake.Secondary429, githubfake.SecondaryPlain,
	} {
		t.Run(strings.ReplaceAll(string(kind), " ", "_"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ownerOptions(rich(), ownerScopes...), ownerConfig())
			for _, path := range []string{"/acme", "/installations", "/credential-authorizations", "/members", "/hooks",
				"/app-0003"} {
				w.fake.Fail(githubfake.Fault{Kind: kind, Path: path, After: 1, Times: 2, Wait: 2 * time.Minute})
			}
			w.collect()
			if diff := cmp.Diff(sorted(calm), sorted(w)); diff != "" {
				t.Errorf("the fault changed what was observed: %s", diff)
			}
			w.wantAllComplete("acme/tokens", "acme/token-requests")
			if strings.Contains(string(kind), "ary") && w.clock.Slept() < time.Minute {
				t.Errorf("slept %v, though GitHub asked to wait", w.clock.Slept())
			}
		})
	}
}

func sorted(w *world) []inventory.Item { return w.of("acme") }

func TestLastingFaultsCostTheirSourceAndSayWhy(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { stolen.Add(1) }))
	t.Cleanup(evil.Close)
	tests := []struct {
		fault  githubfake.Fault
		status inventory.Status
		items  int
		words  []string
	}{
		{githubfake.Fault{Kind: githubfake.Error500}, "not-observable", 0,
			[]string{"GitHub answered 500, several times", "later"}},
		{githubfake.Fault{Kind: githubfake.Error500, After: 1}, "partial", 100, []string{"GitHub answered 500"}},
		{githubfake.Fault{Kind: githubfake.Truncate}, "not-observable", 0, []string{"ended early", "check the network"}},
		{githubfake.Fault{Kind: githubfake.Reset}, "not-observable", 0, []string{"could not be asked"}},
		{githubfake.Fault{Kind: githubfake.HTML}, "not-observable", 0, []string{"not have the form", "proxy"}},
		{githubfake.Fault{Kind: githubfake.Object}, "not-observable", 0, []string{"not have the form"}},
		{githubfake.Fault{Kind: githubfake.NotFound}, "not-observable", 0, []string{"404", "may not see it"}},
		{githubfake.Fault{Kind: githubfake.Forbidden}, "not-observable", 0,
			[]string{"403: Must have admin rights", "owner of acme"}},
		{githubfake.Fault{Kind: githubfake.SSORequired}, "not-observable", 0,
			[]string{"single sign-on of acme", "authorize it at https://github.com/orgs/acme/sso?authorization_request="}},
		{githubfake.Fault{Kind: githubfake.Primary403, Wait: time.Hour}, "not-observable", 0, []string{"hourly rate limit",
			"resets at 2026-11-23T13:00:"}},
		{githubfake.Fault{Kind: githubfake.Primary429, Wait: time.Hour, After: 1}, "partial", 100,
			[]string{"hourly rate limit",
				"resets at 2026-11-23T13:00:"}},
		{githubfake.Fault{Kind: githubfake.Secondary429, Wait: time.Hour}, "not-observable", 0,
			[]string{"secondary rate limit",
				"resets at 2026-11-23T13:00:"}},
		{githubfake.Fault{Kind: githubfake.SameNext}, "partial", 100, []string{"does not advance"}},
		{githubfake.Fault{Kind: githubfake.RepeatedPages}, "partial", 100, []string{"repeats a page"}},
		{githubfake.Fault{Kind: githubfake.ForeignLink, Target: evil.URL}, "partial", 120, []string{"does not advance"}},
		{githubfake.Fault{Kind: githubfake.ForeignRedirect, Target: evil.URL}, "not-observable", 0, []string{"another host",
			"not followed"}},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(string(test.fault.Kind), " ", "_"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ownerOptions(rich(), ownerScopes...), ownerConfig())
			fault := test.fault
			fault.Path = "/hooks"
			w.fake.Fail(fault)
			w.collect()
			w.wantCoverage("acme/hooks", test.status, test.words...)
			if got := len(w.of("acme/hooks")); got != test.items {
				t.Errorf("%d hooks, want %d", got, test.items)
			}
			if !strings.HasPrefix(string(test.fault.Kind), "primary") &&
				!strings.HasPrefix(string(test.fault.Kind), "secondary") {
				w.wantAllComplete("acme/tokens", "acme/token-requests", "acme/hooks")
			}
		})
	}
	t.Cleanup(func() {
		if stolen.Load() != 0 {
			t.Errorf("the other host was asked %d times", stolen.Load())
		}
	})
}

func TestAnOrganizationThatIsNotThereIsSaidOfEverySource(t *testing.T) {
	t.Parallel()
	options := ownerOptions(small(), ownerScopes...)
	options.Organizations[0].Login = "other"
	w := newWorld(t, options, ownerConfig())
	w.collect()
	for _, source := range []string{"organization", "installations", "credentials", "hooks", "members",
		"outside-collaborators"} {
		w.wantCoverage("acme/"+source, inventory.StatusNotObservable, "404", "may not see")
	}
}

func TestWhatStopsTheWholeOrganizationIsSaidOfEverySource(t *testing.T) {
	t.Parallel()
	sources := []string{"organization", "installations", "credentials", "tokens", "token-requests", "hooks", "members",
		"outside-collaborators"}
	tests := []struct {
		name   string
		change func(*githubfake.Options, *github.Config)
		words  []string
	}{
		{"a-token-that-GitHub-does-not-know", func(_ *githubfake.Options, c *github.Config) {
			c.Credential = signin.Token{Value: "ghp_wrong"}
		}, []string{"401: Bad credentials", "https://github.com/settings/tokens"}},
		{"an-expired-token", func(o *githubfake.Options, _ *github.Config) {
			o.Tokens[ownerToken].Expires = now.Add(-time.Hour)
		}, []string{"expired or revoked"}},
		{"single-sign-on", func(o *githubfake.Options, _ *github.Config) { o.Tokens[ownerToken].NoSSO = true },
			[]string{"authorize it at https://github.com/orgs/acme/sso?authorization_request="}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options, config := ownerOptions(small(), ownerScopes...), ownerConfig()
			test.change(&options, &config)
			w := newWorld(t, options, config)
			w.collect()
			for _, source := range sources {
				w.wantCoverage("acme/"+source, inventory.StatusNotObservable, test.words...)
			}
			if _, sum := w.fake.Requests(); sum > 1 {
				t.Errorf("%d requests, want one: the others would fail the same way", sum)
			}
		})
	}
}

func TestAnOrganizationsOwnRulesAreTold(t *testing.T) {
	t.Parallel()
	const settings = "https://github.com/organizations/acme/settings/"
	for kind, words := range map[githubfake.FaultKind][]string{
		githubfake.IPAllowList: {"your IP address is not permitted", "add this machine's address", settings + "security"},
		githubfake.OAuthRestricted: {"OAuth App access restrictions", "approve the OAuth app",
			settings + "oauth_application_policy"},
		githubfake.TokenForbidden: {"lifetime is greater than 90 days", "or a GitHub App",
			settings + "personal-access-tokens"},
	} {
		t.Run(strings.ReplaceAll(string(kind), " ", "_"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ownerOptions(small(), ownerScopes...), ownerConfig())
			w.fake.Fail(githubfake.Fault{Kind: kind})
			w.collect()
			for _, source := range []string{"organization", "installations", "credentials", "hooks", "members"} {
				w.wantCoverage("acme/"+source, inventory.StatusNotObservable, words...)
			}
			if _, sum := w.fake.Requests(); sum > 1 {
				t.Errorf("%d requests, want one: the others would fail the same way", sum)
			}
		})
	}
	t.Run("a-suspended-App", func(t *testing.T) {
		t.Parallel()
		w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{small()},
			SignIn: &githubfake.SignIn{ID: 77,
				ClientID: "Iv1.x", Slug: "guest-list", Permissions: allPermissions(), Suspended: now.AddDate(0, 0, -1)}}, acme())
		w.collect()
		for _, source := range []string{"organization", "installations", "tokens", "members"} {
			w.wantCoverage("acme/"+source, inventory.StatusNotObservable, "This installation has been suspended",
				"unsuspend the GitHub App at "+settings+"installations")
		}
	})
}

func TestTheMissingPermissionIsTheOneThatGitHubNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ header, value, want string }{
		{"X-Accepted-Oauth-Scopes", "future:hooks, admin:future", `is missing the scope "future:hooks"`},
		{"X-Accepted-Oauth-Scopes", "", `is missing the scope "admin:org_hook"`},
		{"X-Accepted-Github-Permissions", "organization_future=read; organization_hooks=write",
			"is missing the permission organization_future:read"},
		{"X-Accepted-Github-Permissions", "a=read,b=write", "is missing the permission a:read,b:write"},
		{"X-Accepted-Github-Permissions", "<script>=read", "is missing the permission organization_hooks:read"},
		{"X-Accepted-Github-Permissions", "", "is missing the permission organization_hooks:read"},
	}
	for _, test := range tests {
		options, config := ownerOptions(small(), "read:org"), ownerConfig()
		if strings.HasSuffix(test.header, "Permissions") {
			options.Tokens[ownerToken].Kind, config.Credential = githubfake.FineGrained, signin.Token{Value: "github_pat_OfTheTests"}
			options.Tokens["github_pat_OfTheTests"] = options.Tokens[ownerToken]
		}
		w := newWorld(t, options, config)
		env := w.env()
		env.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			response, err := http.DefaultTransport.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, "/hooks") {
				response.Header.Set(test.header, test.value)
			}
			return response, err
		})
		config.BaseURL, config.Sleep = w.fake.URL(), w.clock.Sleep
		made, err := github.New(env, config)
		if err != nil {
			t.Fatal(err)
		}
		w.provider = made
		w.collect()
		w.wantCoverage("acme/hooks", inventory.StatusNotObservable, test.want)
	}
}

func TestWaitsForALimitAreTold(t *testing.T) {
	t.Parallel()
	type wait struct {
		reason string
		until  time.Time
	}
	var mu sync.Mutex
	waits := map[wait]bool{}
	config := ownerConfig()
	config.MaxWait = 5 * time.Minute
	config.OnWait = func(until time.Time, reason string) {
		mu.Lock()
		defer mu.Unlock()
		waits[wait{reason, until}] = true
	}
	w := newWorld(t, ownerOptions(rich(), ownerScopes...), config)
	w.fake.Fail(githubfake.Fault{Kind: githubfake.Primary403, Path: "/acme", Times: 1, Wait: 4 * time.Minute})
	w.collect()
	w.wantAllComplete("acme/tokens", "acme/token-requests")
	if want := (wait{"hourly rate limit", now.Add(4*time.Minute + time.Second)}); len(waits) != 1 || !waits[want] {
		t.Errorf("told %v, want %v", waits, want)
	}
	// A wait beyond what is allowed is not begun.
	slept := w.clock.Slept()
	w.fake.Fail(githubfake.Fault{Kind: githubfake.Primary403, Path: "/hooks", Wait: 6 * time.Minute})
	w.use(config, nil)
	w.collect()
	w.wantCoverage("acme/hooks", inventory.StatusNotObservable, "hourly rate limit",
		"run the scan again after 2026-11-23T12:1")
	if w.clock.Slept()-slept > 30*time.Second {
		t.Errorf("slept %v", w.clock.Slept()-slept)
	}
}

func TestWhatAMemberIsNotShownIsNotCalledAPlan(t *testing.T) {
	t.Parallel()
	options := ownerOptions(small(), ownerScopes...)
	options.Tokens[ownerToken].User = options.Organizations[0].Members[1].User
	config := ownerConfig()
	config.AuditLog = true
	w := newWorld(t, options, config)
	for _, path := range []string{"/credential-authorizations", "/audit-log"} {
		w.fake.Fail(githubfake.Fault{Kind: githubfake.NotFound, Path: path})
	}
	w.collect()
	for _, source := range []string{"credentials", "audit-log"} {
		coverage := w.wantCoverage("acme/"+source, inventory.StatusNotObservable, "the plan has no",
			"or the credential may not see it",
			"sign in as an owner of acme")
		if coverage.Unobservable {
			t.Errorf("%s is called unobservable, though an owner may see it", source)
		}
	}
}

func TestTypesThatChangeCostNothing(t *testing.T) {
	t.Parallel()
	options := githubfake.Demo(now)
	config := github.Config{Organizations: []string{"acme"}, DeepRepositories: true, AuditLog: true,
		Credential: signin.Token{Value: githubfake.DemoToken}}
	calm := newWorld(t, options, config)
	calm.collect()
	changed := newWorld(t, options, config)
	changed.fake.Fail(githubfake.Fault{Kind: githubfake.TypeChange})
	changed.collect()
	if diff := cmp.Diff(sorted(calm), sorted(changed)); diff != "" {
		t.Errorf("numbers as text and dates as numbers change what is observed: %s", diff)
	}
	if diff := cmp.Diff(calm.coverage, changed.coverage); diff != "" {
		t.Errorf("coverage: %s", diff)
	}
}

func TestFieldsThatAreNullAreUnknownNotNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, ownerOptions(rich(), ownerScopes...), ownerConfig())
	w.fake.Fail(githubfake.Fault{Kind: githubfake.NullFields, Path: "/installations"})
	w.fake.Fail(githubfake.Fault{Kind: githubfake.NullFields, Path: "/hooks"})
	w.collect()
	w.wantCoverage("acme/installations", inventory.StatusPartial, "GitHub did not say what", "more")
	item := w.item("acme/installations", "1000")
	if item.Access.Repositories != "unknown" || item.Access.Basis != "" {
		t.Errorf("access %+v", item.Access)
	}
	w.wantCoverage("acme/hooks", inventory.StatusComplete)
	for _, hook := range w.of("acme/hooks") {
		if hook.Facts["host"] != "(unknown)" || hook.Access.Basis != "" || hook.State != inventory.StateUnknown {
			t.Errorf("hook %+v", hook)
		}
	}
}

func TestARenamedOrganizationIsFollowedAndNamed(t *testing.T) {
	t.Parallel()
	options := ownerOptions(rich(), ownerScopes...)
	options.Organizations[0].Login = "acme-group"
	options.Organizations[0].RenamedFrom = []string{"acme"}
	w := newWorld(t, options, ownerConfig())
	w.collect()
	w.wantCoverage("acme/organization", inventory.StatusComplete, `now called "acme-group"`)
	w.wantAllComplete("acme/tokens", "acme/token-requests")
	if item := w.item("acme/installations", "1000"); item.Holder.Organization != "acme-group" {
		t.Errorf("holder %+v", item.Holder)
	}
}

func TestWhatAPlanDoesNotHaveIsNoGap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*githubfake.Options, *github.Config)
		prefix string
		status map[string]string
	}{
		{"free", func(o *githubfake.Options, _ *github.Config) { o.Organizations[0].Plan = githubfake.Free }, "",
			map[string]string{"credentials": "Enterprise Cloud only", "audit-log": "Enterprise Cloud only"}},
		{"team", func(o *githubfake.Options, _ *github.Config) { o.Organizations[0].Plan = githubfake.Team }, "",
			map[string]string{"credentials": `plan "team"`, "audit-log": `plan "team"`}},
		{"enterprise-cloud-without-SAML", func(o *githubfake.Options,
			_ *github.Config) {
			o.Organizations[0].SAML = false
		}, "",
			map[string]string{"credentials": "SAML is not set up"}},
		{"enterprise-server", func(o *githubfake.Options, c *github.Config) {
			o.Server, o.Core, o.Audit, c.Host = true, 0, 0, "ghe.acme.example"
		}, "ghe.acme.example/", map[string]string{"credentials": "Enterprise Server has no list"}},
		{"data-residency", func(o *githubfake.Options, c *github.Config) { c.Host = "acme.ghe.com" }, "acme.ghe.com/",
			map[string]string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := githubfake.Options{Organizations: []*githubfake.Organization{rich()}, Core: 5000, Audit: 1750}
			config := acme()
			config.AuditLog, config.DeepRepositories = true, true
			test.change(&options, &config)
			w := appWorld(t, options, config)
			w.collect()
			w.wantAllComplete()
			for name := range w.coverage {
				if !strings.HasPrefix(name, test.prefix+"acme") {
					t.Errorf("source %s does not name its host", name)
				}
			}
			for _, source := range []string{"credentials", "audit-log"} {
				name := test.prefix + "acme/" + source
				if words, ok := test.status[source]; ok {
					if coverage := w.wantCoverage(name, inventory.StatusNotObservable, words); !coverage.Unobservable {
						t.Errorf("%s counts as a gap", name)
					}
				} else {
					w.wantCoverage(name, inventory.StatusComplete)
				}
			}
		})
	}
}

func TestAMissingPermissionIsNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ permission, source, words string }{
		{"organization_administration", "installations", "Organization permissions → Administration: Read-only"},
		{"organization_administration", "credentials", "organization_administration:read"},
		{"organization_personal_access_tokens", "tokens", "Organization permissions → Personal access tokens: Read-only"},
		{"organization_personal_access_token_requests", "token-requests", "Personal access token requests: Read-only"},
		{"organization_hooks", "hooks", "Organization permissions → Webhooks: Read-only"},
		{"members", "outside-collaborators", "Organization permissions → Members: Read-only"},
	} {
		t.Run(test.permission+"_"+test.source, func(t *testing.T) {
			t.Parallel()
			permissions := allPermissions()
			delete(permissions, test.permission)
			w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{rich()},
				SignIn: &githubfake.SignIn{ID: 77, ClientID: "Iv1.x", Slug: "guest-list", Permissions: permissions}}, acme())
			w.collect()
			w.wantCoverage("acme/"+test.source, inventory.StatusNotObservable, "Resource not accessible by integration",
				"is missing the permission "+test.permission+":read", test.words,
				"https://github.com/organizations/acme/settings/installations")
		})
	}
	t.Run("scopes", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ownerOptions(rich(), "read:org", "gist"), ownerConfig())
		w.collect()
		w.wantCoverage("acme/installations", inventory.StatusNotObservable,
			`is missing the scope "admin:org"; it has read:org, gist`)
		w.wantCoverage("acme/hooks", inventory.StatusNotObservable, `is missing the scope "admin:org_hook"`,
			`tick the scope "admin:org_hook"`)
		w.wantCoverage("acme/members", inventory.StatusComplete)
		w.wantCoverage("acme/tokens", inventory.StatusNotObservable, "GitHub Apps only",
			"organization_personal_access_tokens:read")
	})
}
