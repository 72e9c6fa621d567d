package github

import (
	"context"
	"maps"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// peek asks for the first entry of a list, and returns why the answer is none to it, or nil.
func (s *session) peek(ctx context.Context, l list) error {
	query := url.Values{}
	maps.Copy(query, l.query)
	query.Set("per_page", "1")
	answer, err := s.get(ctx, s.clientFor(l), l.path, query)
	if err != nil {
		return err
	}
	return answer.prove(func(fields map[string]jsontext.Value) bool {
		_, isEnvelope := fields["total_count"]
		return isEnvelope || isList(answer.body)
	})
}

// peekObject asks for one object, and returns why the answer is none, or nil.
func (s *session) peekObject(ctx context.Context, path string) error {
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

// prove returns why an answer is not what was asked for, or nil. Of what is no object there are no fields.
func (r *response) prove(isRight func(fields map[string]jsontext.Value) bool) error {
	if r.doubt != nil {
		return r.doubt
	}
	var fields map[string]jsontext.Value
	if lenient.Unmarshal(r.body, &fields) != nil {
		fields = nil
	}
	if !isRight(fields) {
		return errNotDocumented
	}
	return nil
}

func isList(body []byte) bool {
	_, _, err := decodePage(body, "")
	return err == nil
}

// first calls one for the first entry of a list, if it has any. An entry that cannot be read makes it unknown.
func first[T any](ctx context.Context, s *session, l list, one func(*T) error) error {
	answer, err := s.get(ctx, s.clientFor(l), l.path, url.Values{"per_page": {"1"}})
	if err != nil {
		return err
	}
	entries, _, err := decodePage(answer.body, l.envelope)
	if err != nil {
		return err
	}
	var faults []inventory.Untrusted
	err = each(entries, &faults, one)
	if err == nil && len(faults) > 0 {
		err = errNotDocumented
	}
	return err
}
