package googleworkspace

import (
	"testing"

	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/scanner"
)

func TestNoWrongAnswerIsTakenForNothing(t *testing.T) {
	t.Parallel()
	googletest.Matrix(t, []googletest.MatrixCall{
		{Name: "users.list", List: "users", Paged: true, Source: "acme.example/users"},
		{Name: "tokens.list", List: "items", PerUser: true, Source: "acme.example/grants"},
		{Name: "asps.list", List: "items", PerUser: true, Source: "acme.example/app-passwords"},
		{Name: "activities.list", List: "items", Paged: true, Nothing: true, Source: "acme.example/token-log"},
		{Name: "activities.list", List: "items", Paged: true, Nothing: true, Source: "acme.example/admin-log"},
		{Name: "customerUsageReports.get", List: "usageReports", Source: "acme.example/usage"},
		{Name: "userUsageReport.get", List: "usageReports", Paged: true, Source: "acme.example/usage"},
		{Name: "policies.list", List: "policies", Paged: true, Nothing: true, Source: "acme.example/settings"},
	}, func(k *googletest.Rig) scanner.Provider {
		r := &rig{k}
		config := r.config()
		config.Features = everything()
		return r.provider(config)
	})
}
