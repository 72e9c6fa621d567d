package api

import (
	"context"
	"errors"

	"guestlist/providers/internal/paging"
)

// Drain reads a paged list. Everything that could be read is passed to each. It returns a fault for
// a call that failed or a list that is not whole, and an error only if the scan cannot go on.
func Drain[E any](ctx context.Context, a *Client, feature Feature, list paging.List[E], each func([]E) error) (
	paging.Result, *Fault, error,
) {
	result, err := paging.Walk(ctx, list, each)
	var fault *Fault
	switch {
	case err == nil && result.Whole():
		return result, nil, nil
	case err == nil:
		return result, a.signIn.explain(&Fault{Feature: feature, Cause: CauseList, Gap: result.Gap}), nil
	case ctx.Err() != nil:
		return result, nil, ctx.Err()
	case errors.As(err, &fault):
		return result, fault, nil
	}
	return result, nil, err
}

// Pages fetches a list's pages; page says what an answer holds.
func Pages[E, T any, P pointer[T]](a *Client, c Call, page func(P) *paging.Page[E]) func(context.Context,
	string) (*paging.Page[E], error) {
	return func(ctx context.Context, cursor string) (*paging.Page[E], error) {
		answer, fault := Ask[T, P](ctx, a, c.at(cursor))
		if fault != nil {
			return nil, fault
		}
		made := page(answer)
		made.Next = answer.Head().Next
		return made, nil
	}
}

// total is a list's declared size. Google omits a zero, so zero declares nothing.
func total(declared Number) int {
	if declared <= 0 {
		return paging.Unknown
	}
	return int(declared)
}
