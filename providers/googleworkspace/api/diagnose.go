package api

import (
	"context"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Diagnose tries every feature of the configuration with one small call, which the provider
// supplies.
func (a *Client) Diagnose(ctx context.Context, try func(context.Context, Feature) *Fault) (*scanner.Diagnosis, error) {
	diagnosis := &scanner.Diagnosis{
		Target: a.Config.Target(), SignIn: a.signIn.describe(), Who: inventory.Untrusted(a.Config.Subject),
	}
	for _, feature := range a.Config.Features {
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

// lacks names what is missing when a call fails for that cause, as Google spells it.
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

// Tried makes a call and discards its answer.
func Tried[T any, P pointer[T]](ctx context.Context, a *Client, c Call) *Fault {
	_, fault := Ask[T, P](ctx, a, c)
	return fault
}
