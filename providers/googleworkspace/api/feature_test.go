package api

import (
	"slices"
	"strings"
	"testing"

	"guestlist/providers/fake/googlefake/discovery"
)

func TestEveryScopeIsReadOnlyWhereGoogleHasOne(t *testing.T) {
	t.Parallel()
	checker := discovery.Open(t)
	methods := map[Feature]string{
		Accounts: "directory.users.list", Grants: "directory.tokens.list", AppPasswords: "directory.asps.list",
		Events: "reports.activities.list", Usage: "reports.userUsageReport.get", Settings: "cloudidentity.policies.list",
		Chrome:        "chromemanagement.customers.reports.countInstalledApps",
		ChromeDetails: "chromemanagement.customers.apps.chrome.get",
	}
	for _, info := range Features() {
		accepted := checker.Scopes(methods[info.Feature])
		hasReadOnly := slices.ContainsFunc(accepted, func(scope string) bool { return strings.HasSuffix(scope, ".readonly") })
		if !slices.Contains(accepted, info.Scope) || info.ReadOnly != hasReadOnly ||
			info.ReadOnly != strings.HasSuffix(info.Scope, ".readonly") {
			t.Errorf("%s asks for %s; Google accepts %q", info.Feature, info.Scope, accepted)
		}
	}
}
