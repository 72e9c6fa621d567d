package report

import (
	"fmt"
	"testing"

	"guestlist/scanner/inventory"
)

func TestManySourcesOfOneReasonAreOneLine(t *testing.T) {
	t.Parallel()
	grants := inventory.Source{Provider: inventory.GoogleWorkspace}.Join("acme.example").Join("grants")
	suspended := func(n int) inventory.Coverage {
		return inventory.Coverage{Source: grants.Join(inventory.Textf("former-%03d@acme.example", n)),
			Status: inventory.StatusNotObservable, Reason: "suspended", Unobservable: true}
	}
	other := inventory.Coverage{Source: grants.Join("gone@acme.example"), Status: inventory.StatusNotObservable,
		Reason: "gone", Unobservable: true}
	complete := inventory.Coverage{Source: grants, Status: inventory.StatusComplete}
	unobservable := func(c *inventory.Coverage) bool { return c.Unobservable }
	for name, test := range map[string]struct {
		suspended int
		want      []string
	}{
		"few-stand-each-for-itself": {2, []string{
			"acme.example/grants/former-000@acme.example", "acme.example/grants/former-001@acme.example",
			"acme.example/grants/gone@acme.example"}},
		"many-are-one-line-and-what-differs-stays": {1200, []string{
			"acme.example/grants/former-000@acme.example and 1,199 more beside it", "acme.example/grants/gone@acme.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			coverage := []inventory.Coverage{complete}
			for n := range test.suspended {
				coverage = append(coverage, suspended(n))
			}
			coverage = append(coverage, other)
			var got []string
			for _, alike := range alikeSources(coverage, unobservable) {
				got = append(got, alike.name())
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
