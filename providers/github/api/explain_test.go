package api

import (
	"testing"
)

func TestOnlyGitHubsOwnSingleSignOnPageIsShown(t *testing.T) {
	t.Parallel()
	q := &Question{host: Host{Web: "https://github.com/"}, org: "acme"}
	for header, want := range map[string]string{
		"required; url=https://github.com/orgs/acme/sso?authorization_request=A": "https://github.com/orgs/acme/sso?authorization_request=A",
		"required; url=https://github.com.evil.example/orgs/acme/sso":            "https://github.com/settings/tokens",
		"required; url=https://github.com@evil.example/":                         "https://github.com/settings/tokens",
		"required; url=http://github.com/orgs/acme/sso":                          "https://github.com/settings/tokens",
		"required; url=javascript:alert(1)":                                      "https://github.com/settings/tokens",
		"required":                                                               "https://github.com/settings/tokens",
	} {
		if got := q.explainSSO(header); got.Page != want {
			t.Errorf("%q: page %s, want %s", header, got.Page, want)
		}
	}
}

func TestWider(t *testing.T) {
	t.Parallel()
	granted := map[string]string{"contents": "write", "issues": "read", "odd": "simulate"}
	wanted := map[string]string{"contents": "read", "issues": "write", "odd": "simulate", "secrets": "read",
		"new": "levitate"}
	got := Wider(wanted, granted)
	if len(got) != 3 || got[0] != "issues:write" || got[1] != "new:levitate" || got[2] != "secrets:read" {
		t.Errorf("got %v", got)
	}
}
