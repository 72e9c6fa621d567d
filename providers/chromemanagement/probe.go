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
			return nil // the service knows who is asking, which is all that this probe checks
		}
		return fault
	})
}

// knownExtension is certainly in the store: Google's own offline editing for Docs.
const knownExtension = "ghbmnnjooekpmoecnnnilnnbdlolhkhi"
