package github_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/signin"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// small is an organization with one owner, for tests to add to.
func small() *githubfake.Organization {
	return &githubfake.Organization{
		Login: "acme", ID: 1000, Plan: githubfake.Cloud, SAML: true, TwoFactorRequired: true,
		Members: []*githubfake.Member{
			{User: &githubfake.User{Login: "acme-it", ID: 101}, Admin: true, Public: true},
			{User: &githubfake.User{Login: "acme-developer", ID: 102}},
		},
	}
}

func acme() github.Config { return github.Config{Organizations: []string{"acme"}} }

func TestTheDemoOrganizationShowsEachKindOfThing(t *testing.T) {
	t.Parallel()
	options, app, err := githubfake.DemoApp(now)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, options, github.Config{Organizations: []string{"acme"}, DeepRepositories: true, AuditLog: true,
		Credential: signin.App{ClientID: app.ClientID, Key: signin.Secret(app.Key)}})
	w.collect()
	w.wantAllComplete()
	counts := map[inventory.Kind]int{}
	for _, item := range w.sink.Items {
		counts[item.Kind]++
	}
	want := map[inventory.Kind]int{
		inventory.KindInstallation: 4, inventory.KindCredential: 5, inventory.KindAccessToken: 2,
		inventory.KindTokenRequest: 1,
		inventory.KindDeployKey:    3, inventory.KindWebhook: 3, inventory.KindOAuthGrant: 2,
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("items: %s", diff)
	}
	if len(w.sink.Accounts) != 5 {
		t.Errorf("%d accounts, want 5", len(w.sink.Accounts))
	}
	for _, name := range []string{"acme/oauth-apps", "acme/members-own-grants", "acme/oauth-app-hooks",
		"acme/installation-repositories"} {
		if coverage := w.wantCoverage(name, inventory.StatusNotObservable,
			"open https://github.com/"); name != "acme/members-own-grants" && !coverage.Unobservable {
			t.Errorf("%s is not said to be unobservable", name)
		}
	}
}

func TestInstallationsShowEveryPermissionThatGitHubDocumentsAndThoseNotInventedYet(t *testing.T) {
	t.Parallel()
	granted := map[string]string{"quantum_actions": "write", "thought_control": "simulate", "": "read"}
	want := []inventory.Untrusted{":read", "quantum_actions:write", "thought_control:simulate"}
	for name, levels := range githubfake.Permissions() {
		level := levels[len(levels)-1]
		granted[name] = level
		want = append(want, inventory.Untrusted(name+":"+level))
	}
	slices.Sort(want)
	if len(want) < 60 {
		t.Fatalf("only %d permission names are known", len(want))
	}
	org := small()
	member := org.Members[1].User
	org.Installations = []*githubfake.AppInstallation{{ID: 1, Selection: "all", Permissions: granted,
		App: &githubfake.App{ID: 7, Slug: "everything", ClientID: "Iv1.everything", Name: "Everything", Owner: "vendor",
			Permissions: granted}}}
	org.Tokens = []*githubfake.Grant{{ID: 1, TokenID: 2, Owner: member, Selection: "all", Name: "all", Other: granted}}
	org.Requests = []*githubfake.Grant{{ID: 3, TokenID: 4, Owner: member, Selection: "all", Name: "all",
		Organization: granted}}
	org.Credentials = []*githubfake.CredentialAuthorization{{ID: 5, CredentialID: 6, Login: member.Login,
		Type:      "personal access token",
		LastEight: "12345678", Scopes: []string{"repo", "scope:not-invented-yet"}}}
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org}}, acme())
	w.collect()
	w.wantAllComplete()
	for name, got := range map[string][]inventory.Untrusted{
		"installations":  w.item("acme/installations", "7").Access.Permissions,
		"tokens":         w.item("acme/tokens", "2").Access.Permissions,
		"token-requests": w.item("acme/token-requests", "4").Access.Requested,
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	scopes := w.item("acme/credentials", "personal-access-token/6").Access.Permissions
	if diff := cmp.Diff([]inventory.Untrusted{"repo", "scope:not-invented-yet"}, scopes); diff != "" {
		t.Errorf("scopes: %s", diff)
	}
}

func TestInstallations(t *testing.T) {
	t.Parallel()
	org := small()
	created, updated := now.AddDate(-1, 0, 0), now.AddDate(0, 0, -3)
	org.Installations = []*githubfake.AppInstallation{
		{ID: 51, Selection: "selected", Repositories: []string{"site", "api"}, Events: []string{"push", "issues"},
			Created:     created,
			Updated:     updated,
			SingleFiles: []string{"config.yml"}, Permissions: map[string]string{"metadata": "read", "contents": "read",
				"issues": "write"},
			App: &githubfake.App{ID: 31, Slug: "ci", ClientID: "Iv23liCI", Name: "CI \x1b[31m", Owner: "ci-vendor",
				Permissions: map[string]string{"metadata": "read", "contents": "write", "issues": "read", "secrets": "read"}}},
		{ID: 52, Selection: "all", Suspended: updated, SuspendedBy: "acme-it",
			Permissions: map[string]string{"metadata": "read"},
			App: &githubfake.App{ID: 32, Slug: "old", ClientID: "Iv1.old", Name: "Old", Owner: "acme",
				Permissions: map[string]string{"metadata": "read"}}},
		{ID: 53, Selection: "all", Permissions: map[string]string{"metadata": "read"},
			App: &githubfake.App{ID: 33, Slug: "hidden", ClientID: "Iv1.hidden", Name: "Hidden", Owner: "somebody",
				Private: true}},
	}
	org.Repositories = []*githubfake.Repository{{ID: 1, Name: "site"}, {ID: 2, Name: "api"}, {ID: 3, Name: "other"}}
	w := newWorld(t, ownerOptions(org, ownerScopes...), ownerConfig())
	w.collect()
	if diff := cmp.Diff(inventory.Item{
		Source: inventory.Source{Provider: "github", Name: "acme/installations"}, Kind: inventory.KindInstallation,
		State: inventory.StateEnabled,
		App: inventory.App{ID: "31", Name: "CI \x1b[31m", Publisher: "ci-vendor", Project: "ci-vendor",
			URL: "https://github.com/organizations/acme/settings/installations/51"},
		Holder: inventory.Holder{Organization: "acme"},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"contents:read", "issues:write", "metadata:read"},
			Hosts:     []inventory.Untrusted{},
			Requested: []inventory.Untrusted{"contents:write", "secrets:read"}, Repositories: "selected",
			Basis: inventory.BasisGranted},
		Added: created, Updated: updated,
		Facts: map[string]inventory.Untrusted{"app_slug": "ci", "client_id": "Iv23liCI", "installation_id": "51",
			"events":            "issues,push",
			"single_file_paths": "config.yml", "app_owner": "ci-vendor", "app_owner_type": "Organization",
			"app_page":     "https://github.com/apps/ci",
			"repositories": "api, site", "repositories_count": "2"},
	}, w.item("acme/installations", "31")); diff != "" {
		t.Errorf("selected installation: %s", diff)
	}
	old := w.item("acme/installations", "32")
	if old.State != inventory.StateDisabled || fmt.Sprint(old.StateReasons) != "[suspended by acme-it on 2026-11-20]" ||
		!old.HasMark(inventory.MarkFirstParty) {
		t.Errorf("suspended installation: %v %v %v", old.State, old.StateReasons, old.Marks)
	}
	hidden := w.item("acme/installations", "33")
	if hidden.App.Name != "hidden" || hidden.Facts["app_page"] != "private" || len(hidden.Access.Requested) != 0 {
		t.Errorf("private app: %+v", hidden)
	}
	w.wantCoverage("acme/installation-repositories", inventory.StatusComplete)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, paging := range []string{"numbers", "tokens", "no-Link-header"} {
		t.Run(paging, func(t *testing.T) {
			t.Parallel()
			org := githubfake.Generate("acme", githubfake.Sizes{Members: 3, Credentials: 301})
			org.Credentials = append(org.Credentials,
				&githubfake.CredentialAuthorization{ID: 1, Login: "gone", Type: "personal access token", LastEight: "abcdEFGH",
					Scopes: []string{"repo"}},
				&githubfake.CredentialAuthorization{ID: 2, CredentialID: 9, Login: "Member-00001", Type: "OAuth app token",
					LastEight: "ijklMNOP",
					Accessed:  now, Expires: now.Add(-time.Hour)})
			options := ownerOptions(org, ownerScopes...)
			options.NoCredentialLink, options.PageTokens = paging == "no-Link-header", paging == "tokens"
			w := newWorld(t, options, ownerConfig())
			w.collect()
			w.wantAllComplete("acme/tokens", "acme/token-requests")
			if got := w.coverage["acme/credentials"].Items; got != 303 {
				t.Errorf("%d credentials, want 303", got)
			}
			gone := w.item("acme/credentials", "personal-access-token/authorization-1")
			if !gone.HasMark(inventory.MarkOwnerLeft) || !gone.HasMark(inventory.MarkNoExpiry) ||
				gone.Facts["never_used"] != "true" ||
				gone.Facts["token_last_four"] != "EFGH" {
				t.Errorf("token of somebody who left: %v %v", gone.Marks, gone.Facts)
			}
			for _, item := range w.sink.Items {
				for name, value := range item.Facts {
					if strings.Contains(string(value), "abcdEFGH") {
						t.Errorf("fact %s holds all of what GitHub shows of a token", name)
					}
				}
			}
			expired := w.item("acme/credentials", "oauth-app-token/9")
			if expired.State != inventory.StateDisabled || expired.HasMark(inventory.MarkOwnerLeft) ||
				expired.HasMark(inventory.MarkNoExpiry) {
				t.Errorf("expired token: %v %v", expired.State, expired.Marks)
			}
			key := w.item("acme/credentials", "ssh-key/8000001")
			if key.HasMark(inventory.MarkNoExpiry) || key.Facts["fingerprint"] == "" ||
				key.App.URL != "https://github.com/orgs/acme/people/member-00001/sso" {
				t.Errorf("SSH key: %+v", key)
			}
		})
	}
}

func TestFineGrainedTokensAndRequests(t *testing.T) {
	t.Parallel()
	org := small()
	developer := org.Members[1].User
	org.Tokens = []*githubfake.Grant{
		{ID: 1, TokenID: 71, Owner: developer, Selection: "subset", Repo: map[string]string{"contents": "write"},
			Granted: now,
			Name:    "docs",
			Expires: now.AddDate(0, 1, 0), LastUsed: now},
		{ID: 2, TokenID: 72, Owner: &githubfake.User{Login: "gone", ID: 999}, Selection: "none",
			Organization: map[string]string{"members": "read"}, Name: "left"},
		{ID: 3, TokenID: 73, Owner: developer, Selection: "all", Repo: map[string]string{"metadata": "read"}, Name: "old",
			Expired: true, Expires: now.AddDate(0, 0, -1)},
	}
	org.Requests = []*githubfake.Grant{{ID: 4, TokenID: 74, Owner: developer, Selection: "all",
		Repo: map[string]string{"secrets": "write"},
		Name: "new", Reason: "release", Granted: now}}
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org}}, acme())
	w.collect()
	w.wantAllComplete()
	docs := w.item("acme/tokens", "71")
	if docs.Access.Repositories != "selected" || docs.Kind != inventory.KindAccessToken ||
		docs.Holder.Account != "acme-developer" ||
		!docs.Expires.Equal(now.AddDate(0, 1, 0)) || !docs.LastUsed.Equal(now) || len(docs.Marks) != 0 {
		t.Errorf("token: %+v", docs)
	}
	left := w.item("acme/tokens", "72")
	if !left.HasMark(inventory.MarkOwnerLeft) || !left.HasMark(inventory.MarkNoExpiry) ||
		left.Access.Repositories != "none" ||
		left.Facts["never_used"] != "true" {
		t.Errorf("token of somebody who left: %+v", left)
	}
	if old := w.item("acme/tokens", "73"); old.State != inventory.StateDisabled {
		t.Errorf("expired token: %v", old.State)
	}
	request := w.item("acme/token-requests", "74")
	if request.Kind != inventory.KindTokenRequest || fmt.Sprint(request.Access.Requested) != "[secrets:write]" ||
		len(request.Access.Permissions) != 0 ||
		request.State != inventory.StateDisabled || request.Facts["reason"] != "release" {
		t.Errorf("request: %+v", request)
	}
}

func TestMembersAndTheirSecondFactors(t *testing.T) {
	t.Parallel()
	organization := func() *githubfake.Organization {
		org := small()
		org.Members = append(org.Members,
			&githubfake.Member{User: &githubfake.User{Login: "acme-off", ID: 103, TwoFactor: githubfake.TwoFactorOff}},
			&githubfake.Member{User: &githubfake.User{Login: "acme-weak", ID: 104, TwoFactor: githubfake.TwoFactorInsecure}})
		org.Outside = []*githubfake.User{{Login: "guest", ID: 201, TwoFactor: githubfake.TwoFactorOff}}
		return org
	}
	describe := func(w *world) map[string]string {
		got := map[string]string{}
		for _, a := range w.sink.Accounts {
			got[string(a.Login)] = fmt.Sprintf("admin=%s guest=%s on=%s weak=%s enforced=%s", a.Admin, a.Guest, a.TwoFactor,
				a.TwoFactorWeak, a.TwoFactorEnforced)
		}
		return got
	}
	t.Run("an-owner-sees-all", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ownerOptions(organization(), ownerScopes...), ownerConfig())
		w.collect()
		if diff := cmp.Diff(map[string]string{
			"acme-it":        "admin=yes guest= on=yes weak=no enforced=yes",
			"acme-developer": "admin=no guest= on=yes weak=no enforced=yes",
			"acme-off":       "admin=no guest= on=no weak=no enforced=yes",
			"acme-weak":      "admin=no guest= on=yes weak=yes enforced=yes",
			"guest":          "admin=no guest=yes on=no weak=no enforced=yes",
		}, describe(w)); diff != "" {
			t.Error(diff)
		}
		w.wantCoverage("acme/members", inventory.StatusComplete)
	})
	t.Run("a-member-sees-who-not-how", func(t *testing.T) {
		t.Parallel()
		options := ownerOptions(organization(), "read:org")
		options.Tokens[ownerToken].User = options.Organizations[0].Members[1].User
		w := newWorld(t, options, ownerConfig())
		w.collect()
		if got := describe(w)["acme-off"]; got != "admin=no guest= on=unknown weak=unknown enforced=unknown" {
			t.Errorf("a member without second factor shows as %q", got)
		}
		w.wantCoverage("acme/members", inventory.StatusPartial, "second factor", "Only owners can use this filter", "owner")
		w.wantCoverage("acme/organization", inventory.StatusPartial, "owners only")
	})
	t.Run("a-token-without-permission-sees-public-members-and-it-is-said", func(t *testing.T) {
		t.Parallel()
		options := ownerOptions(organization(), "gist")
		w := newWorld(t, options, ownerConfig())
		w.collect()
		if len(w.sink.Accounts) != 1 {
			t.Errorf("%d accounts, want the one public member", len(w.sink.Accounts))
		}
		w.wantCoverage("acme/members", inventory.StatusPartial, "read:org")
		w.wantCoverage("acme/outside-collaborators", inventory.StatusNotObservable,
			`is missing the scope "read:org"; it has gist`,
			"https://github.com/settings/tokens")
	})
	t.Run("roles-that-are-not-told-are-unknown-and-it-is-said", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ownerOptions(organization(), ownerScopes...), ownerConfig())
		w.fake.Fail(githubfake.Fault{Kind: githubfake.Error500, Path: "/members", Query: "role=admin"})
		w.collect()
		if got := describe(w)["acme-it"]; got != "admin=unknown guest= on=yes weak=no enforced=yes" {
			t.Errorf("got %q", got)
		}
		w.wantCoverage("acme/members", inventory.StatusPartial, "who is an owner")
	})
	t.Run("an-unknown-answer-about-strength-is-not-no", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, ownerOptions(organization(), ownerScopes...), ownerConfig())
		w.fake.Fail(githubfake.Fault{Kind: githubfake.Unprocessable, Path: "/members", Query: "2fa_insecure"})
		w.collect()
		if got := describe(w)["acme-weak"]; got != "admin=no guest= on=yes weak=unknown enforced=yes" {
			t.Errorf("got %q", got)
		}
		w.wantCoverage("acme/members", inventory.StatusPartial)
	})
}

func TestHooksKeepTheHostAndNothingElseOfTheAddress(t *testing.T) {
	t.Parallel()
	org := small()
	org.Hooks = []*githubfake.Hook{
		{ID: 1, URL: "https://Chat.example:8443/secret-in-path/x?key=secret-in-query", Events: []string{"push", "*"},
			Created: now},
		{ID: 2, URL: "http://plain.example/in", InsecureSSL: true, Inactive: true, Events: []string{"push"}},
		{ID: 3, URL: "::not a url secret-in-path", Events: []string{"push"}},
	}
	w := newWorld(t, ownerOptions(org, ownerScopes...), ownerConfig())
	w.collect()
	chat := w.item("acme/hooks", "chat.example")
	if chat.Instance != "1" || chat.Facts["host"] != "chat.example" || fmt.Sprint(chat.Access.Permissions) != "[* push]" ||
		len(chat.Marks) != 0 {
		t.Errorf("hook: %+v", chat)
	}
	plain := w.item("acme/hooks", "plain.example")
	if plain.State != inventory.StateDisabled || !plain.HasMark("plain-http") ||
		!plain.HasMark("unverified-tls") {
		t.Errorf("plain hook: %+v", plain)
	}
	unread := w.item("acme/hooks", "hook-3")
	if unread.Facts["host"] != "(unknown)" {
		t.Errorf("hook with an address that is no URL: %+v", unread)
	}
	w.wantCoverage("acme/hooks", inventory.StatusComplete)
}

func TestDeployKeysAndRepositoryHooks(t *testing.T) {
	t.Parallel()
	org := small()
	// The public half of a key made for this test, with the fingerprint that ssh-keygen -l prints.
	const public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJJjcSKxBIToOxHc3N5aqG0xJ1wc4Xj9mJOMuz7zSwT2"
	org.Installations = []*githubfake.AppInstallation{{ID: 1, Selection: "all", Permissions: map[string]string{},
		App: &githubfake.App{ID: 5, Slug: "present-app", Name: "Present", Owner: "vendor"}}}
	org.Repositories = []*githubfake.Repository{
		{ID: 1, Name: "site", Hooks: []*githubfake.Hook{{ID: 9, URL: "https://ci.example/secret-in-path",
			Events:       []string{"push"},
			LastResponse: 502}},
			Keys: []*githubfake.Key{
				{ID: 11, Title: "by a member", Key: public, ReadOnly: true, AddedBy: "acme-it", Created: now, LastUsed: now},
				{ID: 12, Title: "by a gone app", Key: "ssh-rsa AAAA", AddedBy: "gone-app[bot]"},
				{ID: 13, Title: "by a present app", Key: "ssh-rsa BBBB", AddedBy: "present-app[bot]", Disabled: true},
				{ID: 14, Title: "by somebody gone", Key: "not a key", AddedBy: "former"},
			}},
		{ID: 2, Name: "private", NotAdmin: true},
		{ID: 3, Name: ".github"},
	}
	config := ownerConfig()
	config.DeepRepositories = true
	w := newWorld(t, ownerOptions(org, ownerScopes...), config)
	w.collect()
	keys := map[string]inventory.Item{}
	for _, item := range w.of("acme/repositories") {
		if item.Kind == inventory.KindDeployKey {
			keys[string(item.App.Name)] = item
		}
	}
	member := keys["by a member"]
	if member.App.ID != "SHA256:Vcs6bCmEv1rwVUqj7mAsVSfVVBeZdXTdlWVY5v7ZhHo" ||
		fmt.Sprint(member.Access.Permissions) != "[contents:read]" ||
		member.Access.Repositories != "acme/site" || member.Holder.Repository != "site" || len(member.Marks) != 0 {
		t.Errorf("key: %+v", member)
	}
	if gone := keys["by a gone app"]; !gone.HasMark(inventory.MarkOwnerLeft) ||
		fmt.Sprint(gone.Access.Permissions) != "[contents:write]" {
		t.Errorf("key of an app that is gone: %+v", gone)
	}
	if present := keys["by a present app"]; present.HasMark(inventory.MarkOwnerLeft) ||
		present.State != inventory.StateDisabled {
		t.Errorf("key of an app that is there: %+v", present)
	}
	if former := keys["by somebody gone"]; !former.HasMark(inventory.MarkOwnerLeft) || former.App.ID != "key-14" {
		t.Errorf("key of somebody who left: %+v", former)
	}
	hook := w.item("acme/repositories/site", "ci.example")
	if hook.Holder.Repository != "site" || hook.Facts["last_response"] != "502" {
		t.Errorf("hook: %+v", hook)
	}
	coverage := w.wantCoverage("acme/repositories", inventory.StatusPartial,
		"1 repositories show their keys and webhooks to their administrators only")
	if coverage.Read != 2 || coverage.Expected != 3 || coverage.Items != 5 {
		t.Errorf("read %d of %d with %d items", coverage.Read, coverage.Expected, coverage.Items)
	}
}

func TestWhatAnAppWasSurelyNotGrantedIsNotAskedFor(t *testing.T) {
	t.Parallel()
	org := githubfake.Generate("acme", githubfake.Sizes{Members: 1, Repositories: 150})
	permissions := allPermissions()
	delete(permissions, "administration")
	config := acme()
	config.DeepRepositories, config.Concurrency = true, 1
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org},
		SignIn: &githubfake.SignIn{ID: 77, ClientID: "Iv1.x", Slug: "guest-list", Permissions: permissions}}, config)
	w.collect()
	byOperation, _ := w.fake.Requests()
	if keys, hooks := byOperation["GET /repos/{owner}/{repo}/keys"], byOperation["GET /repos/{owner}/{repo}/hooks"]; keys != 0 ||
		hooks != 150 {
		t.Errorf("asked %d times for keys and %d for hooks, want none and 150", keys, hooks)
	}
	coverage := w.wantCoverage("acme/repositories", inventory.StatusPartial, "administration:read",
		"Repository permissions → Administration: Read-only")
	if coverage.Read != 0 || coverage.Expected != 150 {
		t.Errorf("read %d of %d", coverage.Read, coverage.Expected)
	}
}

func TestOneRepositoryThatFailsCostsItself(t *testing.T) {
	t.Parallel()
	org := githubfake.Generate("acme", githubfake.Sizes{Members: 1, Repositories: 10})
	config := ownerConfig()
	config.DeepRepositories = true
	w := newWorld(t, ownerOptions(org, ownerScopes...), config)
	w.fake.Fail(githubfake.Fault{Kind: githubfake.Error500, Path: "/repository-0003/keys"})
	w.collect()
	w.wantCoverage("acme/repositories/repository-0003", inventory.StatusNotObservable, "GitHub answered 500")
	if coverage := w.wantCoverage("acme/repositories", inventory.StatusPartial); coverage.Read != 9 ||
		coverage.Expected != 10 {
		t.Errorf("read %d of %d", coverage.Read, coverage.Expected)
	}
}

func TestTheAuditLogTellsApprovalsAndWhoInstalled(t *testing.T) {
	t.Parallel()
	options := githubfake.Demo(now)
	w := newWorld(t, options, github.Config{Organizations: []string{"acme"}, AuditLog: true,
		Credential: signin.Token{Value: githubfake.DemoToken}})
	w.collect()
	board := w.item("acme/audit-log", "9001")
	if board.Kind != inventory.KindOAuthGrant || board.State != inventory.StateEnabled ||
		board.App.Name != "Example Board" ||
		board.Facts["actor"] != "acme-it" {
		t.Errorf("approved app: %+v", board)
	}
	if denied := w.item("acme/audit-log", "9002"); denied.State != inventory.StateDisabled ||
		fmt.Sprint(denied.StateReasons) != "[denied by the organization]" {
		t.Errorf("denied app: %+v", denied)
	}
	if got := w.item("acme/installations", "3002").Facts; got["installed_by"] != "acme-developer" {
		t.Errorf("facts %v", got)
	}
	if got := w.item("acme/installations", "3001").Facts; got["permissions_accepted_by"] != "acme-it" {
		t.Errorf("facts %v", got)
	}
	w.wantCoverage("acme/audit-log", inventory.StatusComplete, "180 days")
}

func TestTheAuditLogsBudgetIsItsOwn(t *testing.T) {
	t.Parallel()
	options := githubfake.Demo(now)
	options.Audit = 2
	w := newWorld(t, options, github.Config{Organizations: []string{"acme"}, AuditLog: true,
		Credential: signin.Token{Value: githubfake.DemoToken}})
	w.collect()
	w.wantCoverage("acme/audit-log", inventory.StatusPartial, "hourly limit for the audit log", "2026-11-23T13:00:01Z")
	w.wantCoverage("acme/installations", inventory.StatusComplete)
	w.wantCoverage("acme/hooks", inventory.StatusComplete)
	if w.clock.Slept() > time.Minute {
		t.Errorf("waited %v", w.clock.Slept())
	}
}

func TestTheAuditLogIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	org := small()
	for n := range 250 {
		org.Audit = append(org.Audit, map[string]any{"@timestamp": now.UnixMilli(), "created_at": now.UnixMilli(),
			"actor": "acme-it", "org": "acme",
			"action": "org.oauth_app_access_approved", "oauth_application_id": 9000 + n,
			"oauth_application_name": fmt.Sprintf("App %d", n)})
	}
	config := ownerConfig()
	config.AuditLog = true
	w := newWorld(t, ownerOptions(org, ownerScopes...), config)
	w.collect()
	w.wantCoverage("acme/audit-log", inventory.StatusComplete)
	if got := len(w.of("acme/audit-log")); got != 250 {
		t.Errorf("%d approvals, want 250", got)
	}
	for kind, words := range map[githubfake.FaultKind]string{githubfake.SameCursor: "does not advance",
		githubfake.HTML:   "not have the form",
		githubfake.Object: "not have the form"} {
		w.fake.Heal()
		w.fake.Fail(githubfake.Fault{Kind: kind, Path: "/audit-log", After: 3})
		w.collect()
		w.wantCoverage("acme/audit-log", inventory.StatusPartial, words)
	}
}

func TestTheDemosWeekShowsWhatCameWentAndGrew(t *testing.T) {
	t.Parallel()
	scan := func(make func(time.Time) (githubfake.Options, githubfake.DemoAppKey, error)) map[string]inventory.Item {
		options, app, err := make(now)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, options, github.Config{Organizations: []string{"acme"}, DeepRepositories: true, AuditLog: true,
			Credential: signin.App{ClientID: app.ClientID, Key: signin.Secret(app.Key)}})
		w.collect()
		w.wantAllComplete()
		items := map[string]inventory.Item{}
		for _, item := range w.sink.Items {
			items[item.Key()] = item
		}
		return items
	}
	before, after := scan(githubfake.DemoAppEarlier), scan(githubfake.DemoApp)
	var came, went, grew []string
	for key, item := range after {
		earlier, ok := before[key]
		if !ok {
			came = append(came, string(item.Kind)+" "+item.App.Name.String())
		} else if !slices.Equal(earlier.Access.Permissions, item.Access.Permissions) {
			grew = append(grew, fmt.Sprintf("%s: %v of %s, now %v of %s", item.App.Name, earlier.Access.Permissions,
				earlier.Access.Repositories, item.Access.Permissions, item.Access.Repositories))
		}
	}
	for key, item := range before {
		if _, ok := after[key]; !ok {
			went = append(went, string(item.Kind)+" "+item.App.Name.String())
		}
	}
	slices.Sort(came)
	if got := fmt.Sprint(came); got != "[token-request billing report webhook collector.example]" {
		t.Errorf("came: %s", got)
	}
	if got := fmt.Sprint(went); got != "[app-installation Example Badges]" {
		t.Errorf("went: %s", got)
	}
	want := "[Example CI: [contents:read metadata:read] of selected, now [contents:write metadata:read secrets:write workflows:write] of all]"
	if got := fmt.Sprint(grew); got != want {
		t.Errorf("grew: %s, want %s", got, want)
	}
}

func TestAnEnterprisesOrganizations(t *testing.T) {
	t.Parallel()
	for _, server := range []bool{false, true} {
		t.Run(fmt.Sprintf("server_%v", server), func(t *testing.T) {
			t.Parallel()
			enterpriseTest(t, server)
		})
	}
}

func enterpriseTest(t *testing.T, server bool) {
	prefix := ""
	first, second := small(), small()
	second.Login, second.ID = "subsidiary", 2000
	for _, org := range []*githubfake.Organization{first, second} {
		org.Repositories = []*githubfake.Repository{{ID: 1, Name: "site"}, {ID: 2, Name: "api"}}
		org.Installations = []*githubfake.AppInstallation{{ID: org.ID + 1, Selection: "selected",
			Repositories: []string{"api"},
			Permissions:  map[string]string{"metadata": "read"}, App: &githubfake.App{ID: 31, Slug: "ci", ClientID: "Iv23liCI",
				Name: "CI", Owner: "vendor"}}}
	}
	config := acme()
	config.Enterprise = "acme-group"
	if server {
		config.Host, prefix = "ghe.acme.example", "ghe.acme.example/"
	}
	w := appWorld(t, githubfake.Options{Server: server, Organizations: []*githubfake.Organization{first, second},
		Enterprise: &githubfake.Enterprise{Slug: "acme-group", Organizations: []string{"acme", "subsidiary"}}}, config)
	w.collect()
	w.wantAllComplete()
	for _, source := range []string{prefix + "acme/installations", prefix + "subsidiary/installations"} {
		item := w.item(source, "31")
		if item.Facts["repositories"] != "api" || item.App.Name != "CI" || item.Access.Repositories != "selected" {
			t.Errorf("%s: %+v", source, item)
		}
	}
	if coverage := w.wantCoverage(prefix+"enterprises/acme-group", inventory.StatusComplete); coverage.Read != 2 {
		t.Errorf("read %d organizations", coverage.Read)
	}
	w.use(github.Config{Enterprise: "acme-group", Credential: signin.Token{Value: "ghp_x"}}, nil)
	w.collect()
	w.wantCoverage("enterprises/acme-group", inventory.StatusNotObservable,
		"GitHub App that is installed on the enterprise")
}

func TestTheSinksErrorEndsTheScan(t *testing.T) {
	t.Parallel()
	config := ownerConfig()
	config.DeepRepositories = true
	org := githubfake.Generate("acme", githubfake.Sizes{Members: 3, Installations: 5, Credentials: 150,
		Repositories: 9, Hooks: 3})
	w := newWorld(t, ownerOptions(org, ownerScopes...), config)
	full := errors.New("the disk is full")
	for failAt := 1; failAt < 165; failAt += 4 {
		if _, err := w.provider.Collect(t.Context(), &testkit.Sink{ErrFrom: failAt, Err: full}); !errors.Is(err, full) {
			t.Fatalf("sink fails at record %d: error %v", failAt, err)
		}
	}
}

func TestACancelledScanSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	options := ownerOptions(githubfake.Generate("acme", githubfake.Sizes{Members: 300}), ownerScopes...)
	asked := 0
	options.Observe = func(githubfake.Exchange) {
		if asked++; asked == 3 {
			cancel()
		}
	}
	w := newWorld(t, options, ownerConfig())
	if _, err := w.provider.Collect(ctx, &testkit.Sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
