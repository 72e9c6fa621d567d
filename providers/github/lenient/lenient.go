// Package lenient decodes the fields of GitHub's answers in any form in which the API has been
// observed to send them, or might: a number as a string, a date as Unix time, one string for a
// list, null. A field in no known form reads as absent and never costs the entry it is in.
package lenient

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

// options apply to every body.
var options = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// Unmarshal decodes a body, even one with a duplicate name or with text that is not UTF-8.
func Unmarshal(body []byte, into any) error { return json.Unmarshal(body, into, options) }

// Text is a string, or a number or boolean as text.
type Text string

// UnmarshalJSONFrom reads any form.
func (t *Text) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*t = Text(Scalar(value))
	return nil
}

// Number is an integer.
type Number int64

// UnmarshalJSONFrom reads any form.
func (n *Number) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*n = 0
	plain := Scalar(value)
	if integer, err := strconv.ParseInt(plain, 10, 64); err == nil {
		*n = Number(integer)
	} else if float, err := strconv.ParseFloat(plain, 64); err == nil && float >= -1<<53 && float <= 1<<53 {
		*n = Number(float)
	}
	return nil
}

// Answer is a boolean that may be absent.
type Answer struct{ Value *bool }

// UnmarshalJSONFrom reads any form.
func (a *Answer) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	a.Value = nil
	if yes, err := strconv.ParseBool(Scalar(value)); err == nil {
		a.Value = &yes
	}
	return nil
}

func (a Answer) Is(want bool) bool { return a.Value != nil && *a.Value == want }

// Moment is a time. Null is distinct from absent: "never" is not "unknown".
type Moment struct {
	time.Time
	Null bool
}

// UnmarshalJSONFrom reads any form.
func (m *Moment) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*m = Moment{Time: ParseTime(Scalar(value)), Null: value.Kind() == 'n'}
	return nil
}

// timeForms are the forms in which GitHub writes times, in bodies and headers.
var timeForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700", "2006-01-02"}

// millisecondsFrom is the Unix time above which a number counts milliseconds: the year 5138 in
// seconds.
const millisecondsFrom = 1e11

// ParseTime parses a time in any form in which GitHub writes one; anything else is the zero time.
func ParseTime(plain string) time.Time {
	for _, form := range timeForms {
		if t, err := time.Parse(form, plain); err == nil {
			return t.UTC()
		}
	}
	unix, err := strconv.ParseInt(plain, 10, 64)
	switch {
	case err != nil, unix <= 0:
		return time.Time{}
	case unix >= millisecondsFrom:
		return time.UnixMilli(unix).UTC()
	}
	return time.Unix(unix, 0).UTC()
}

// Texts is a list of strings. Known distinguishes an empty list from one that was missing or could
// not be read.
type Texts struct {
	Of    []string
	Known bool
}

// UnmarshalJSONFrom reads any form.
func (t *Texts) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*t = Texts{}
	var many []Text
	switch value.Kind() {
	case '[':
		if err := json.Unmarshal(value, &many, options); err != nil {
			return err
		}
	case '"', '0':
		for _, part := range strings.Split(Scalar(value), ",") {
			many = append(many, Text(strings.TrimSpace(part)))
		}
	default:
		return nil
	}
	t.Known = true
	for _, each := range many {
		if each == "" {
			t.Known = t.Known && value.Kind() != '[' // an entry that is not text
			continue
		}
		t.Of = append(t.Of, string(each))
	}
	return nil
}

// Levels maps permission names to levels. Known distinguishes an empty map from one that was
// missing.
type Levels struct {
	Of    map[string]string
	Known bool
}

// UnmarshalJSONFrom reads an object of strings; a level that is not a string is "unknown".
func (l *Levels) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*l = Levels{}
	if value.Kind() != '{' {
		return nil
	}
	var each map[string]jsontext.Value
	if err := json.Unmarshal(value, &each, options); err != nil {
		return err
	}
	l.Of, l.Known = make(map[string]string, len(each)), true
	for name, level := range each {
		if l.Of[name] = Scalar(level); l.Of[name] == "" {
			l.Of[name] = "unknown"
		}
	}
	return nil
}

// List spells permissions as "name:level".
func (l Levels) List() []inventory.Untrusted {
	list := make([]inventory.Untrusted, 0, len(l.Of))
	for name, level := range l.Of {
		list = append(list, inventory.Untrusted(name+":"+level))
	}
	slices.Sort(list)
	return list
}

// Account is the part of a user or organization that is used here.
type Account struct {
	ID    Number `json:"id"`
	Login Text   `json:"login"`
	Type  Text   `json:"type"`
	Slug  Text   `json:"slug"` // of an enterprise
}

// UnmarshalJSONFrom reads an account, or a login alone.
func (a *Account) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	type plain Account
	*a = Account{}
	if value.Kind() == '{' {
		return json.Unmarshal(value, (*plain)(a), options)
	}
	a.Login = Text(Scalar(value))
	return nil
}

func (a *Account) Name() string {
	if a.Login == "" {
		return string(a.Slug)
	}
	return string(a.Login)
}

// Scalar returns a string, number or boolean as text, and "" for anything else.
func Scalar(value jsontext.Value) string {
	switch value.Kind() {
	case '"':
		plain, err := jsontext.AppendUnquote(nil, value)
		if err != nil && len(plain) == 0 {
			return ""
		}
		return string(plain)
	case '0', 't', 'f':
		return string(value)
	}
	return ""
}
