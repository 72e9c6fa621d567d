package api

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// entryError, returned for an entry, says that it could not be read, or not completely.
type entryError struct{ reason string }

func (e *entryError) Error() string { return e.reason }

// Skip returns an error which says that an entry could not be read, or not completely.
func Skip(reason string) error { return &entryError{reason} }

// Each calls one for every entry, decoded into a fresh T. Entries that cannot be read are collected
// in faults.
func Each[T any](entries []jsontext.Value, faults *[]inventory.Untrusted, one func(*T) error) error {
	for _, entry := range entries {
		var value T
		err := lenient.Unmarshal(entry, &value)
		if err != nil || entry.Kind() != '{' {
			*faults = append(*faults, "an entry does not have the form that GitHub documents")
			continue
		}
		var skipped *entryError
		if err := one(&value); errors.As(err, &skipped) {
			*faults = append(*faults, inventory.Untrusted(skipped.reason))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// Whole calls one for every entry of a list that is only meaningful as a whole: an entry that
// cannot be read makes the list unknown.
func Whole[T any](ctx context.Context, s *Session, l List, one func(*T) error) error {
	var faults []inventory.Untrusted
	_, err := s.Walk(ctx, l, func(entries []jsontext.Value) error { return Each(entries, &faults, one) })
	if err == nil && len(faults) > 0 {
		return ErrNotDocumented
	}
	return err
}
