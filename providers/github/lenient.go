package github

import (
	"guestlist/scanner/inventory"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The types here take a field in any form that GitHub's API has been seen to send it in, or might: a number as text, a date as
// Unix time, one string for a list, null. What is in no known form reads as absent, and never costs the entry it is in.

// options are those for every body.
var options = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// unmarshal decodes a body, also one with a name twice or with text that is not UTF-8.
func unmarshal(body []byte, into any) error { return json.Unmarshal(body, into, options) }

// text is a string, or a number or boolean as text.
type text string

// UnmarshalJSONFrom reads any form.
func (t *text) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*t = text(scalar(value))
	return nil
}

// number is an integer.
type number int64

// UnmarshalJSONFrom reads any form.
func (n *number) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*n = 0
	plain := scalar(value)
	if integer, err := strconv.ParseInt(plain, 10, 64); err == nil {
		*n = number(integer)
	} else if float, err := strconv.ParseFloat(plain, 64); err == nil && float >= -1<<53 && float <= 1<<53 {
		*n = number(float)
	}
	return nil
}

// answer is a boolean that may be absent.
type answer struct{ value *bool }

// UnmarshalJSONFrom reads any form.
func (a *answer) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	a.value = nil
	if yes, err := strconv.ParseBool(scalar(value)); err == nil {
		a.value = &yes
	}
	return nil
}

func (a answer) is(want bool) bool { return a.value != nil && *a.value == want }

// moment is a time. Null is told from absent: "never" is not "unknown".
type moment struct {
	time.Time
	null bool
}

// UnmarshalJSONFrom reads any form.
func (m *moment) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*m = moment{Time: parseTime(scalar(value)), null: value.Kind() == 'n'}
	return nil
}

// timeForms are the forms in which GitHub writes times, in bodies and headers.
var timeForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700", "2006-01-02"}

// millisecondsFrom is the Unix time above which a number counts milliseconds: the year 5138 in seconds.
const millisecondsFrom = 1e11

func parseTime(plain string) time.Time {
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

// texts is a list of strings. Known tells an empty list from one that was not there or could not be read.
type texts struct {
	of    []string
	known bool
}

// UnmarshalJSONFrom reads any form.
func (t *texts) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*t = texts{}
	var many []text
	switch value.Kind() {
	case '[':
		if err := json.Unmarshal(value, &many, options); err != nil {
			return err
		}
	case '"', '0':
		for _, part := range strings.Split(scalar(value), ",") {
			many = append(many, text(strings.TrimSpace(part)))
		}
	default:
		return nil
	}
	t.known = true
	for _, each := range many {
		if each == "" {
			t.known = t.known && value.Kind() != '[' // an entry that is no text
			continue
		}
		t.of = append(t.of, string(each))
	}
	return nil
}

// levels maps permission names to levels. Known tells an empty map from one that was not there.
type levels struct {
	of    map[string]string
	known bool
}

// UnmarshalJSONFrom reads an object of strings; a level that is none of them is "unknown".
func (l *levels) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	*l = levels{}
	if value.Kind() != '{' {
		return nil
	}
	var each map[string]jsontext.Value
	if err := json.Unmarshal(value, &each, options); err != nil {
		return err
	}
	l.of, l.known = make(map[string]string, len(each)), true
	for name, level := range each {
		if l.of[name] = scalar(level); l.of[name] == "" {
			l.of[name] = "unknown"
		}
	}
	return nil
}

// list spells permissions as "name:level".
func (l levels) list() []inventory.Untrusted {
	list := make([]inventory.Untrusted, 0, len(l.of))
	for name, level := range l.of {
		list = append(list, inventory.Untrusted(name+":"+level))
	}
	slices.Sort(list)
	return list
}

// account is the part of a user or organization that is used here.
type account struct {
	ID    number `json:"id"`
	Login text   `json:"login"`
	Type  text   `json:"type"`
	Slug  text   `json:"slug"` // of an enterprise
}

// UnmarshalJSONFrom reads an account, or a login alone.
func (a *account) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	type plain account
	*a = account{}
	if value.Kind() == '{' {
		return json.Unmarshal(value, (*plain)(a), options)
	}
	a.Login = text(scalar(value))
	return nil
}

func (a *account) name() string {
	if a.Login == "" {
		return string(a.Slug)
	}
	return string(a.Login)
}

// scalar is a string, number or boolean as text; of anything else it is empty.
func scalar(value jsontext.Value) string {
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
