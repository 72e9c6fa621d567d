package googleworkspace

import (
	"guestlist/scanner"
	"testing"
)

func TestNoWrongAnswerIsTakenForNothing(t *testing.T) {
	t.Parallel()
	matrix(t, []matrixCall{
		{name: "users.list", list: "users", paged: true, source: "acme.example/users"},
		{name: "tokens.list", list: "items", perUser: true, source: "acme.example/grants"},
		{name: "asps.list", list: "items", perUser: true, source: "acme.example/app-passwords"},
		{name: "activities.list", list: "items", paged: true, nothing: true, source: "acme.example/token-log"},
		{name: "customerUsageReports.get", list: "usageReports", source: "acme.example/usage"},
		{name: "userUsageReport.get", list: "usageReports", paged: true, source: "acme.example/usage"},
		{name: "policies.list", list: "policies", paged: true, nothing: true, source: "acme.example/settings"},
	}, func(k *kit) scanner.Provider {
		r := &rig{k}
		config := r.config()
		config.Features = everything()
		return r.provider(config)
	})
}
