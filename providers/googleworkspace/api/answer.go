package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// An answer must prove what it is before it may mean "nothing": `{}`, `null`, an error object with
// status 200, a 204 and a list of nulls are not empty lists. Answers are decoded here, into types
// that distinguish absent, null and empty, and checked:
//
//   - status 200 and one JSON object, without a member "error";
//   - the kind that the API's description promises, wherever one is there; an answer without entries must have it, or the
//     entries' own member. Chrome Management and Cloud Identity promise no kind and leave empty lists out: there an empty object
//     is an answer, and what it may mean is decided where it is read.

// Kinds that the APIs' descriptions promise.
const (
	KindUserPage   = "admin#directory#users"
	KindTokenList  = "admin#directory#tokenList"
	KindAspList    = "admin#directory#aspList"
	KindActivities = "admin#reports#activities"
	KindUsage      = "admin#reports#usageReports"
)

// Envelope is what every answer may hold beside its entries.
type Envelope struct {
	Kind  string         `json:"kind"`
	Next  string         `json:"nextPageToken"`
	Error jsontext.Value `json:"error"`
}

// Head implements [Answer].
func (e *Envelope) Head() *Envelope { return e }

// Answer is a type that answers are decoded into.
type Answer interface {
	// Head returns the envelope; embedding an Envelope provides it.
	Head() *Envelope
	// Promised returns the kind that the API promises, or "" if it promises none.
	Promised() string
	// Flaw says why the answer cannot be what it should be, or "" if it may be.
	Flaw() string
}

// errNoAnswer is a response with a good status that is not what was asked for.
type errNoAnswer struct{ why string }

func (e *errNoAnswer) Error() string { return e.why }

// pointer is a pointer to an answer, to decode into.
type pointer[T any] interface {
	*T
	Answer
}

// Ask makes one call and returns its answer. A 401 is tried once more with a new token, unless the
// user is known to answer so (suspended) and the token has worked for someone else.
func Ask[T any, P pointer[T]](ctx context.Context, a *Client, c Call) (P, *Fault) {
	state, fault := a.call(ctx, c)
	if fault != nil {
		return nil, fault
	}
	found := P(new(T))
	if err := Decode(state.status, state.body, found); err != nil {
		return nil, a.signIn.explain(newFault(ctx, c.Feature, err))
	}
	return found, nil
}

// lenient allows what the vendor's own client also allows.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// Decode decodes a response body into an answer, if it proves to be one: see the rules above.
func Decode(status int, body []byte, into Answer) error {
	if status != http.StatusOK {
		return &errNoAnswer{fmt.Sprintf("status %d with %d bytes, where an answer was expected", status, len(body))}
	}
	if jsontext.Value(body).Kind() != '{' {
		return &errNoAnswer{"the answer is not a JSON object"}
	}
	if err := json.Unmarshal(body, into, lenient); err != nil {
		return &errNoAnswer{"the answer has another shape than the API describes: " + shape(err)}
	}
	head := into.Head()
	switch promised := into.Promised(); {
	case len(head.Error) > 0:
		return &errNoAnswer{"status 200 with an error: " + string(head.Error)}
	case head.Kind != "" && !isKind(head.Kind, promised):
		return &errNoAnswer{fmt.Sprintf("the answer is of kind %q, not %q", head.Kind, promised)}
	}
	if flaw := into.Flaw(); flaw != "" {
		return &errNoAnswer{flaw}
	}
	return nil
}

// isKind reports whether a kind is the promised one. The Reports API's description spells its kinds
// with and without "admin#".
func isKind(kind, promised string) bool {
	return promised != "" && (kind == promised || "admin#"+kind == promised)
}

// shape says where an answer has the wrong shape, without quoting the answer.
func shape(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return fmt.Sprintf("%q", semantic.JSONPointer)
	}
	return "it is not JSON"
}

// List is a list in an answer.
type List[T any] struct {
	Entries []T
	Said    bool // the answer has the member
	Null    bool // its value is null
	Nulls   int  // entries that are null
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (l *List[T]) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	*l = List[T]{Said: true}
	if decoder.PeekKind() == 'n' {
		l.Null = true
		return decoder.SkipValue()
	}
	var found []*T
	if err := json.UnmarshalDecode(decoder, &found); err != nil {
		return err
	}
	l.Entries = make([]T, 0, len(found))
	for _, entry := range found {
		if entry == nil {
			l.Nulls++
			continue
		}
		l.Entries = append(l.Entries, *entry)
	}
	return nil
}

// Flaw says why the list cannot be believed: it is null, or the answer holds neither its kind nor
// the list.
func (l *List[T]) Flaw(e *Envelope, promised, what string) string {
	switch {
	case l.Null:
		return "null instead of " + what
	case !l.Said && e.Kind == "" && promised != "":
		return fmt.Sprintf("an answer without %s and without its kind, %q", what, promised)
	}
	return ""
}

// PageOf makes a page of what an answer holds. Entries that are null or not named make the list
// doubtful; lacks names what they are missing.
func PageOf[E any](declared Number, entries *List[E], lacks string, isNamed func(E) bool) *paging.Page[E] {
	page := &paging.Page[E]{Total: total(declared)}
	for _, entry := range entries.Entries {
		if isNamed(entry) {
			page.Entries = append(page.Entries, entry)
		}
	}
	page.Doubt = doubt(entries.Nulls+len(entries.Entries)-len(page.Entries), lacks)
	return page
}

// IsBlank reports whether a string that should identify something contains nothing visible.
func IsBlank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// WholePage makes a page whose one entry is the answer itself, for lists too long to remember every
// entry of.
func WholePage[A, E any](answer A, entries *List[E]) *paging.Page[A] {
	page := &paging.Page[A]{Total: paging.Unknown, Doubt: doubt(entries.Nulls, "are null")}
	if len(entries.Entries) > 0 {
		page.Entries = []A{answer}
	}
	return page
}

// doubt says that some entries of an otherwise valid list could not be understood.
func doubt(bad int, lacks string) string {
	if bad == 0 {
		return ""
	}
	return fmt.Sprintf("%d entries of the list %s", bad, lacks)
}

// ParseTime parses a time from Google; anything else is the zero time.
func ParseTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Number is a count that Google writes as a string or as a number.
type Number int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *Number) UnmarshalJSON(text []byte) error {
	digits := strings.Trim(string(text), `"`)
	if digits == "null" || digits == "" {
		return nil
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return fmt.Errorf("reading a number: %q is none", inventory.Clean(digits, inventory.MaxNameBytes))
	}
	*n = Number(value)
	return nil
}
