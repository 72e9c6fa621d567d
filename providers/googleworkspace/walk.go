package googleworkspace

import (
	"context"
	"errors"

	"guestlist/providers/internal/paging"
)

// drain reads a paged list. It returns a fault for a call that failed and for a list that is not whole, with everything that could be
// read given to each, and an error only when the scan cannot go on.
func drain[E any](ctx context.Context, a *api, feature Feature, list paging.List[E], each func([]E) error) (
	paging.Result, *Fault, error,
) {
	result, err := paging.Walk(ctx, list, each)
	var fault *Fault
	switch {
	case err == nil && result.Whole():
		return result, nil, nil
	case err == nil:
		return result, a.signIn.explain(&Fault{Feature: feature, Cause: CauseList, gap: result.Gap}), nil
	case ctx.Err() != nil:
		return result, nil, ctx.Err()
	case errors.As(err, &fault):
		return result, fault, nil
	}
	return result, nil, err
}

// total is a list's declared size. Google leaves a zero out, so a zero declares nothing.
func total(declared number) int {
	if declared <= 0 {
		return paging.Unknown
	}
	return int(declared)
}
