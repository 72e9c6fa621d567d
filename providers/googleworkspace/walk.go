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

// pages fetches a list's pages; page says what an answer holds.
func pages[E, T any, P pointer[T]](a *api, c call, page func(P) *paging.Page[E]) func(context.Context, string) (*paging.Page[E], error) {
	return func(ctx context.Context, cursor string) (*paging.Page[E], error) {
		answer, fault := ask[T, P](ctx, a, c.at(cursor))
		if fault != nil {
			return nil, fault
		}
		made := page(answer)
		made.Next = answer.head().Next
		return made, nil
	}
}

// total is a list's declared size. Google leaves a zero out, so a zero declares nothing.
func total(declared number) int {
	if declared <= 0 {
		return paging.Unknown
	}
	return int(declared)
}
