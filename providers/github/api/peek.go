package api

import (
	"context"
	"maps"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// Peek asks for the first entry of a list and returns why the response is not an answer to that, or
// nil.
func (s *Session) Peek(ctx context.Context, l List) error {
	query := url.Values{}
	maps.Copy(query, l.Query)
	query.Set("per_page", "1")
	answer, err := s.get(ctx, s.clientFor(l), l.Path, query)
	if err != nil {
		return err
	}
	return answer.prove(func(fields map[string]jsontext.Value) bool {
		_, isEnvelope := fields["total_count"]
		return isEnvelope || isList(answer.body)
	})
}

// PeekObject asks for one object and returns why the response is not one, or nil.
func (s *Session) PeekObject(ctx context.Context, path string) error {
	answer, err := s.get(ctx, s.core, path, nil)
	if err != nil {
		return err
	}
	return answer.prove(func(fields map[string]jsontext.Value) bool {
		_, isError := fields["message"]
		_, isEnvelope := fields["total_count"]
		return len(fields) > 0 && !isError || isEnvelope
	})
}

// prove returns why an answer is not what was asked for, or nil. An answer that is not an object
// has no fields.
func (r *response) prove(isRight func(fields map[string]jsontext.Value) bool) error {
	if r.doubt != nil {
		return r.doubt
	}
	var fields map[string]jsontext.Value
	if lenient.Unmarshal(r.body, &fields) != nil {
		fields = nil
	}
	if !isRight(fields) {
		return ErrNotDocumented
	}
	return nil
}

func isList(body []byte) bool {
	_, _, err := decodePage(body, "")
	return err == nil
}

// First calls one for the first entry of a list, if it has any. An entry that cannot be read makes
// the list unknown.
func First[T any](ctx context.Context, s *Session, l List, one func(*T) error) error {
	answer, err := s.get(ctx, s.clientFor(l), l.Path, url.Values{"per_page": {"1"}})
	if err != nil {
		return err
	}
	entries, _, err := decodePage(answer.body, l.Envelope)
	if err != nil {
		return err
	}
	var faults []inventory.Untrusted
	err = Each(entries, &faults, one)
	if err == nil && len(faults) > 0 {
		err = ErrNotDocumented
	}
	return err
}
