package chromemanagement

import (
	"context"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
)

var _ scanner.Prober = (*Provider)(nil)

// Probe implements [scanner.Prober]: each feature is tried with one small call.
func (p *Provider) Probe(ctx context.Context) (*scanner.Diagnosis, error) {
	return p.api.Diagnose(ctx, func(ctx context.Context, feature api.Feature) *api.Fault {
		if feature == api.Chrome {
			return api.Tried[appPage](ctx, p.api, appsCall(p.api.Config.Customer, 1, ""))
		}
		fault := api.Tried[appDetails](ctx, p.api, detailCall(p.api.Config.Customer, knownExtension, ""))
		if fault != nil && fault.Cause == api.CauseGone {
			return nil // the service understood who asks, and that is what was to be found out
		}
		return fault
	})
}

// knownExtension is in the store for certain: Google's own offline editing for Docs.
const knownExtension = "ghbmnnjooekpmoecnnnilnnbdlolhkhi"
