package googleworkspace

import (
	"context"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// diagnose tries every feature of the configuration with one small call, which is the provider's own.
func (a *api) diagnose(ctx context.Context, try func(context.Context, Feature) *Fault) (*scanner.Diagnosis, error) {
	diagnosis := &scanner.Diagnosis{
		Target: a.config.Target(), SignIn: a.signIn.describe(), Who: inventory.Untrusted(a.config.Subject),
	}
	for _, feature := range a.config.Features {
		fault := try(ctx, feature)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		info := feature.Info()
		check := scanner.Check{Name: inventory.Untrusted(feature), Gives: info.Gives, State: scanner.CheckReadable}
		if fault != nil {
			check.State, check.Reason, check.Remedy = scanner.CheckLacking, fault.Text, fault.Remedy
			check.Page, check.Paste, check.Lacks = fault.Page, fault.ScopeLine, lacks(fault.Cause, info)
		}
		diagnosis.Checks = append(diagnosis.Checks, check)
	}
	return diagnosis, nil
}

// lacks names what a fault of that cause is about, as Google spells it.
func lacks(cause Cause, info FeatureInfo) string {
	switch cause {
	case CauseAPIOff:
		return info.API
	case CauseScope, CauseDelegation:
		return info.Scope
	case CausePrivilege:
		return info.Privilege
	}
	return ""
}

// tried makes a call and forgets its answer.
func tried[T any, P pointer[T]](ctx context.Context, a *api, c call) *Fault {
	_, fault := ask[T, P](ctx, a, c)
	return fault
}
