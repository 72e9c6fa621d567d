package github_test

import (
	"fmt"
	"testing"

	"guestlist/providers/fake/githubfake"
	"guestlist/scanner/inventory"
)

func TestWhereTheCodingAgentMayWork(t *testing.T) {
	t.Parallel()
	granted := allPermissions()
	granted["organization_copilot_agent_settings"] = "read"
	withSecrets := allPermissions()
	withSecrets["organization_copilot_agent_settings"], withSecrets["organization_agent_secrets"] = "read", "write"
	selected := &githubfake.CodingAgent{Enabled: "selected", Repositories: []string{"site", "shop"},
		Secrets: []string{"NPM_TOKEN"}}
	for _, test := range []struct {
		name        string
		agent       *githubfake.CodingAgent
		permissions map[string]string
		status      inventory.Status
		words       []string
	}{
		{"everywhere", &githubfake.CodingAgent{Enabled: "all"}, granted, inventory.StatusComplete,
			[]string{"in every repository, including future ones", "names of its secrets are not shown"}},
		{"nowhere", &githubfake.CodingAgent{Enabled: "none"}, granted, inventory.StatusComplete,
			[]string{"in no repository"}},
		{"in-some", selected, withSecrets, inventory.StatusComplete,
			[]string{"in 2 repositories: shop, site", "given the secrets: NPM_TOKEN"}},
		{"none-there", nil, granted, inventory.StatusNotObservable, []string{"there is none here"}},
		{"no-permission", selected, allPermissions(), inventory.StatusNotObservable,
			[]string{"this credential cannot see", "Copilot agent settings: Read-only"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			org := small()
			org.Agent = test.agent
			org.Repositories = []*githubfake.Repository{{ID: 1, Name: "site"}, {ID: 2, Name: "shop"}, {ID: 3, Name: "other"}}
			w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org},
				SignIn: &githubfake.SignIn{ID: 77,
					ClientID: "Iv1.x", Slug: "guest-list", Permissions: test.permissions}}, acme())
			w.collect()
			w.wantCoverage("acme/coding-agent", test.status, test.words...)
			w.wantAllComplete()
			for _, check := range w.probe().Checks {
				if check.Name == "acme/coding-agent" && (check.State == "readable") != (test.status == inventory.StatusComplete) {
					t.Errorf("doctor says %+v", check)
				}
			}
		})
	}
}

func TestAPersonsTokenIsAskedAboutTheCodingAgentWhereItMay(t *testing.T) {
	t.Parallel()
	org := small()
	org.Agent = &githubfake.CodingAgent{Enabled: "all", Secrets: []string{"NPM_TOKEN", "SENTRY_TOKEN"}}
	w := newWorld(t, ownerOptions(org, ownerScopes...), ownerConfig())
	w.collect()
	w.wantCoverage("acme/coding-agent", inventory.StatusComplete, "given the secrets: NPM_TOKEN, SENTRY_TOKEN")
	w = newWorld(t, ownerOptions(org, "read:org"), ownerConfig())
	w.collect()
	if coverage := w.wantCoverage("acme/coding-agent", inventory.StatusNotObservable, "admin:org"); coverage.IsGap() {
		t.Errorf("what the token may not read is a gap: %+v", coverage)
	}
}

// An Enterprise Server knows the older version alone.
func TestTheVersionOfTheAPIIsTheHosts(t *testing.T) {
	t.Parallel()
	for _, server := range []bool{false, true} {
		want := map[bool]string{false: "2026-03-10", true: "2022-11-28"}[server]
		versions := map[string]int{}
		org := small()
		options := githubfake.Options{Organizations: []*githubfake.Organization{org}, Server: server,
			Observe: func(e githubfake.Exchange) { versions[e.Version]++ }}
		config := acme()
		if server {
			org.Plan, org.SAML, config.Host = githubfake.Server, false, "ghe.acme.example"
		}
		w := appWorld(t, options, config)
		w.collect()
		if len(versions) != 1 || versions[want] == 0 {
			t.Errorf("server %v: the versions asked for are %v, want %s alone", server, fmt.Sprint(versions), want)
		}
	}
}

func TestASettingOfTheCodingAgentThatNobodyKnowsIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, ownerOptions(small(), ownerScopes...), ownerConfig())
	w.wire = scripted{"/orgs/acme/copilot/coding-agent/permissions": `{"enabled_repositories":"odd"}`}
	w.use(ownerConfig(), nil)
	w.collect()
	w.wantCoverage("acme/coding-agent", inventory.StatusComplete, `is set to "odd"`)
}
