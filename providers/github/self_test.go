package github_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/signin"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

func TestTheSelfCheckReadsOnesOwnAccount(t *testing.T) {
	t.Parallel()
	options := githubfake.Demo(now)
	options.Tokens[githubfake.DemoEmployeeToken].Expires = now.AddDate(0, 0, 20)
	w := newWorld(t, options, github.Config{Self: true, Credential: signin.Token{Value: githubfake.DemoEmployeeToken,
		From: "GH_TOKEN"}})
	w.collect()
	w.wantAllComplete()
	if len(w.sink.Accounts) != 1 {
		t.Fatalf("%d accounts", len(w.sink.Accounts))
	}
	account := w.sink.Accounts[0]
	if account.Login != "acme-developer" || account.TwoFactor != inventory.Yes || account.Facts["secret_gists"] != "3" ||
		account.Facts["public_gists"] != "1" ||
		account.Facts["public_repositories"] != "2" {
		t.Errorf("account %+v", account)
	}
	token := w.of("acme-developer/token")[0]
	if fmt.Sprint(token.Access.Permissions) != "[gist read:gpg_key read:org read:public_key read:ssh_signing_key repo user workflow]" ||
		!token.Expires.Equal(now.AddDate(0, 0, 20)) || token.HasMark(inventory.MarkNoExpiry) {
		t.Errorf("token %+v", token)
	}
	keys := w.of("acme-developer/ssh-keys")
	if len(keys) != 2 || !slices.ContainsFunc(keys, func(k inventory.Item) bool {
		return k.App.Name == "old laptop" && k.Added.Equal(now.AddDate(0, 0, -1500)) && k.LastUsed.IsZero()
	}) {
		t.Errorf("keys %+v", keys)
	}
	if signing := w.of("acme-developer/signing-keys"); len(signing) != 1 || signing[0].Facts["usage"] != "signing" {
		t.Errorf("signing keys %+v", signing)
	}
	if gpg := w.item("acme-developer/gpg-keys", "3262EFF25BA0D270"); gpg.App.Name != "developer@acme.example" ||
		!gpg.HasMark(inventory.MarkNoExpiry) {
		t.Errorf("GPG key %+v", gpg)
	}
	w.wantCoverage("acme-developer/own-grants", inventory.StatusNotObservable, "https://github.com/settings/applications")
}

func TestTheSelfCheckSaysWhatATokenMayNotTell(t *testing.T) {
	t.Parallel()
	options := githubfake.Demo(now)
	options.Tokens[githubfake.DemoEmployeeToken].Scopes = []string{"repo", "read:org", "gist", "workflow"}
	w := newWorld(t, options, github.Config{Self: true, Credential: signin.Token{Value: githubfake.DemoEmployeeToken}})
	w.collect()
	if account := w.sink.Accounts[0]; account.TwoFactor != inventory.Unknown || account.Facts["secret_gists"] != "" {
		t.Errorf("account %+v", account)
	}
	w.wantCoverage("acme-developer/account", inventory.StatusPartial, `scope "user"`)
	w.wantCoverage("acme-developer/ssh-keys", inventory.StatusNotObservable, `is missing the scope "read:public_key"`,
		"https://github.com/settings/tokens")
	w.wantCoverage("acme-developer/gpg-keys", inventory.StatusNotObservable, `is missing the scope "read:gpg_key"`)
	if token := w.of("acme-developer/token")[0]; !token.HasMark(inventory.MarkNoExpiry) {
		t.Errorf("a classic token without an end is not marked: %+v", token)
	}
}

func TestTheSelfCheckSurvivesTypesThatChange(t *testing.T) {
	t.Parallel()
	config := github.Config{Self: true, Credential: signin.Token{Value: githubfake.DemoEmployeeToken}}
	calm, changed := newWorld(t, githubfake.Demo(now), config), newWorld(t, githubfake.Demo(now), config)
	changed.fake.Fail(githubfake.Fault{Kind: githubfake.TypeChange})
	calm.collect()
	changed.collect()
	if diff := cmp.Diff(calm.of("acme-developer"), changed.of("acme-developer")); diff != "" {
		t.Errorf("items: %s", diff)
	}
	if diff := cmp.Diff(calm.sink.Accounts, changed.sink.Accounts); diff != "" {
		t.Errorf("accounts: %s", diff)
	}
	if diff := cmp.Diff(calm.coverage, changed.coverage); diff != "" {
		t.Errorf("coverage: %s", diff)
	}
}

func TestAFaultInTheSelfCheckCostsItsOwnSource(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind   githubfake.FaultKind
		status inventory.Status
		words  string
	}{
		{githubfake.SameNext, "partial", "does not advance"},
		{githubfake.RepeatedPages, "partial", "repeats a page"},
		{githubfake.HTML, "not-observable", "not have the form that GitHub documents"},
		{githubfake.Object, "not-observable", "not have the form that GitHub documents"},
		{githubfake.Error500, "not-observable", "GitHub answered 500"},
		// IDs stay, so that every entry is one all the same; what is null is not told.
		{githubfake.NullFields, "complete", ""},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(string(test.kind), " ", "_"), func(t *testing.T) {
			t.Parallel()
			for path, source := range map[string]string{"/keys": "ssh-keys", "/ssh_signing_keys": "signing-keys",
				"/gpg_keys": "gpg-keys"} {
				w := newWorld(t, githubfake.Demo(now), github.Config{Self: true,
					Credential: signin.Token{Value: githubfake.DemoEmployeeToken}})
				w.fake.Fail(githubfake.Fault{Kind: test.kind, Path: "/user" + path})
				w.collect()
				w.wantCoverage("acme-developer/"+source, test.status, test.words)
				w.wantAllComplete("acme-developer/" + source)
			}
		})
	}
	t.Run("the_account_itself", func(t *testing.T) {
		t.Parallel()
		for kind, words := range map[githubfake.FaultKind]string{githubfake.HTML: "not have the form",
			githubfake.SSORequired: "single sign-on", githubfake.Error502: "GitHub answered 502"} {
			w := newWorld(t, githubfake.Demo(now), github.Config{Self: true,
				Credential: signin.Token{Value: githubfake.DemoEmployeeToken}})
			w.fake.Fail(githubfake.Fault{Kind: kind, Path: "/user"})
			w.collect()
			w.wantCoverage("self", inventory.StatusNotObservable, words)
		}
	})
}

func TestDoctorSaysWhoAmIAndWhatLacks(t *testing.T) {
	t.Parallel()
	find := func(d *scanner.Diagnosis, name string) scanner.Check {
		for _, check := range d.Checks {
			if string(check.Name) == name {
				return check
			}
		}
		t.Errorf("no check of %s", name)
		return scanner.Check{}
	}
	t.Run("an-owner's-token-with-too-few-scopes", func(t *testing.T) {
		t.Parallel()
		options := ownerOptions(rich(), "read:org")
		options.Tokens[ownerToken].Expires = now.AddDate(0, 0, 9)
		config := ownerConfig()
		config.AuditLog, config.DeepRepositories = true, true
		w := newWorld(t, options, config)
		d := w.probe()
		if d.Who != "member-00000" || fmt.Sprint(d.Facts) !=
			"[it is a personal access token (classic) scopes: read:org it expires on 2026-12-02]" {
			t.Errorf("diagnosis %+v", d)
		}
		for name, want := range map[string]scanner.Check{
			"acme/members":       {State: scanner.CheckReadable},
			"acme/credentials":   {State: scanner.CheckReadable},
			"acme/repositories":  {State: scanner.CheckReadable},
			"acme/installations": {State: scanner.CheckLacking, Lacks: "admin:org", Page: "https://github.com/settings/tokens"},
			"acme/hooks": {State: scanner.CheckLacking, Lacks: "admin:org_hook",
				Page: "https://github.com/settings/tokens"},
			"acme/audit-log": {State: scanner.CheckLacking, Lacks: "read:audit_log",
				Page: "https://github.com/settings/tokens"},
			"acme/tokens": {State: scanner.CheckLacking, Lacks: "organization_personal_access_tokens:read",
				Page: "https://github.com/organizations/acme/settings/personal-access-tokens/active"},
			"acme/oauth-apps": {State: scanner.CheckUnavailable},
		} {
			got := find(d, name)
			if got.State != want.State || got.Lacks != want.Lacks || want.Page != "" && got.Page != want.Page ||
				got.Gives == "" {
				t.Errorf("%s: %+v", name, got)
			}
			if got.State == scanner.CheckLacking && (got.Remedy == "" || got.Reason == "") {
				t.Errorf("%s lacks without a reason or remedy: %+v", name, got)
			}
		}
	})
	t.Run("a-GitHub-App-on-a-team-plan", func(t *testing.T) {
		t.Parallel()
		org := rich()
		org.Plan = githubfake.Team
		permissions := allPermissions()
		delete(permissions, "organization_hooks")
		w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org},
			SignIn: &githubfake.SignIn{ID: 77, ClientID: "Iv1.x", Slug: "guest-list", Permissions: permissions}}, acme())
		d := w.probe()
		if d.Who != "guest-list" || !strings.Contains(fmt.Sprint(d.Facts), "members:write") {
			t.Errorf("diagnosis %+v", d)
		}
		if got := find(d, "acme/credentials"); got.State != scanner.CheckUnavailable {
			t.Errorf("credentials: %+v", got)
		}
		if got := find(d, "acme/hooks"); got.State != scanner.CheckLacking || got.Lacks != "organization_hooks:read" {
			t.Errorf("hooks: %+v", got)
		}
		if got := find(d, "acme/tokens"); got.State != scanner.CheckReadable {
			t.Errorf("tokens: %+v", got)
		}
	})
	t.Run("what-a-scan-of-every-repository-needs", func(t *testing.T) {
		t.Parallel()
		states := func(lacking, selection string, repositories int) (states []string) {
			org := githubfake.Generate("acme", githubfake.Sizes{Members: 1, Repositories: repositories})
			permissions := allPermissions()
			delete(permissions, lacking)
			config := acme()
			config.DeepRepositories = true
			w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org},
				SignIn: &githubfake.SignIn{ID: 77,
					ClientID: "Iv1.x", Slug: "guest-list", Permissions: permissions, Repositories: selection}}, config)
			for _, check := range w.probe().Checks {
				if check.Name == "acme/repositories" {
					states = append(states, strings.TrimSpace(check.Gives+": "+string(check.State)+" "+check.Lacks))
				}
			}
			return states
		}
		for _, test := range []struct {
			lacking, selection string
			repositories       int
			want               string
		}{
			{"", "all", 3, "[deploy keys: readable repository webhooks: readable]"},
			{"", "all", 0, "[deploy keys: readable repository webhooks: readable]"},
			{"administration", "all", 3, "[deploy keys: lacking administration:read repository webhooks: readable]"},
			{"repository_hooks", "all", 3, "[deploy keys: readable repository webhooks: lacking repository_hooks:read]"},
			{"", "selected", 3, "[deploy keys and repository webhooks: lacking deploy keys: readable repository webhooks: readable]"},
		} {
			if got := fmt.Sprint(states(test.lacking, test.selection, test.repositories)); got != test.want {
				t.Errorf("without %q, %s of %d repositories: %s, want %s", test.lacking, test.selection, test.repositories, got,
					test.want)
			}
		}
	})
	t.Run("an-enterprise", func(t *testing.T) {
		t.Parallel()
		config := github.Config{Enterprise: "acme-group"}
		w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{small()},
			Enterprise: &githubfake.Enterprise{Slug: "acme-group", Organizations: []string{"acme"}}}, config)
		if got := find(w.probe(), "enterprises/acme-group"); got.State != scanner.CheckReadable {
			t.Errorf("%+v", got)
		}
		config.Credential = signin.Token{Value: "ghp_x"}
		w.use(config, nil)
		if got := find(w.probe(), "enterprises/acme-group"); got.State != scanner.CheckLacking || got.Remedy == "" {
			t.Errorf("with a token: %+v", got)
		}
	})
	t.Run("no-credential", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, githubfake.Options{}, acme())
		d := w.probe()
		if got := find(d, "acme/installations"); got.State != scanner.CheckLacking || !strings.Contains(got.Reason.String(),
			"no GitHub credential") {
			t.Errorf("installations: %+v", got)
		}
	})
	t.Run("oneself", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, githubfake.Demo(now), github.Config{Self: true,
			Credential: signin.Token{Value: githubfake.DemoEmployeeToken}})
		d := w.probe()
		if got := find(d, "self/ssh-keys"); got.State != scanner.CheckReadable || d.Who != "acme-developer" {
			t.Errorf("%+v", d)
		}
	})
}
