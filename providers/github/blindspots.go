package github

import (
	"strings"

	"guestlist/scanner/inventory"
)

// coverUnobservable names what no API reports.
func (o *organizationScan) coverUnobservable() {
	for _, coverage := range o.blindSpots() {
		o.cover(coverage)
	}
}

func (o *organizationScan) blindSpots() []inventory.Coverage {
	web := o.provider.client.Host.Web
	var spots []inventory.Coverage
	for _, blind := range []struct{ name, reason, remedy string }{
		{"oauth-apps",
			"GitHub's API does not report which OAuth apps the organization approved or denied, nor whether approval is required",
			"open " + web + strings.ReplaceAll(pageOAuthPolicy, "{org}", o.login)},
		{"members-own-grants", "GitHub's API does not report which OAuth and GitHub Apps a member authorized for themselves",
			"have each member open " + web + pageOwnGrants + ", or run guestlist check github"},
		{"oauth-app-hooks", "GitHub shows a webhook that an OAuth app made to that app only",
			"open " + o.provider.pageFor(&specHooks, o.login)},
	} {
		spots = append(spots, inventory.Coverage{
			Source: o.provider.source(o.name, blind.name), Status: inventory.StatusNotObservable, Unobservable: true,
			Reason: inventory.Untrusted(blind.reason), Remedy: inventory.Untrusted(blind.remedy),
		})
	}
	return spots
}
