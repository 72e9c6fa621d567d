package googleworkspace

import (
	"context"

	"guestlist/scanner"
)

var _ scanner.Prober = (*ChromeProvider)(nil)

// Probe implements [scanner.Prober]: each feature is tried with one small call.
func (c *ChromeProvider) Probe(ctx context.Context) (*scanner.Diagnosis, error) {
	return c.api.diagnose(ctx, func(ctx context.Context, feature Feature) *Fault {
		if feature == Chrome {
			return tried[appPage](ctx, c.api, appsCall(c.api.config.Customer, 1, ""))
		}
		fault := tried[appDetails](ctx, c.api, detailCall(c.api.config.Customer, knownExtension, ""))
		if fault != nil && fault.Cause == CauseGone {
			return nil // the service understood who asks, and that is what was to be found out
		}
		return fault
	})
}

// knownExtension is in the store for certain: Google's own offline editing for Docs.
const knownExtension = "ghbmnnjooekpmoecnnnilnnbdlolhkhi"
