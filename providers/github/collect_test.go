package github_test

import (
	"fmt"
	"testing"

	"guestlist/providers/github"
	githubfake "guestlist/providers/internal/fake/github"
	"guestlist/scanner/inventory"
)

func TestTheDemoOrganizationShowsEachKindOfThing(t *testing.T) {
	t.Parallel()
	options := githubfake.Demo(now)
	w := newWorld(t, options, github.Config{Organizations: []string{"acme"}, DeepRepositories: true, AuditLog: true,
		Credential: github.Token{Value: githubfake.DemoToken}})
	w.collect()
	w.wantAllComplete("acme/tokens", "acme/token-requests")
	counts := map[string]int{}
	for _, item := range w.sink.items {
		counts[string(item.Kind)]++
	}
	want := map[string]int{"app-installation": 4, "credential-authorization": 5, "deploy-key": 3, "webhook": 3, "oauth-grant": 2}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("items %v, want %v", counts, want)
	}
	if len(w.sink.accounts) != 5 {
		t.Errorf("%d accounts, want 5", len(w.sink.accounts))
	}
	for source, coverage := range w.coverage {
		t.Logf("%-32s %-15s %d/%d %v %v", source, coverage.Status, coverage.Items, coverage.Accounts, coverage.Reason, coverage.Remedy)
	}
	if n := w.provider.Stats().Requests; n == 0 {
		t.Error("no request was counted")
	}
	_ = inventory.Yes
}
