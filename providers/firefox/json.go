package firefox

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonOptions accept what Firefox accepts: repeated names and text that is not UTF-8. Nesting is bounded by jsontext itself.
var jsonOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

var byteOrderMark = []byte("\xEF\xBB\xBF")

func trimMark(data []byte) []byte { return bytes.TrimPrefix(data, byteOrderMark) }

// members calls member for each member of the object that comes next. Member must read exactly the member's value.
func members(dec *jsontext.Decoder, what string, member func(name string) error) error {
	if err := enter(dec, '{', what); err != nil {
		return err
	}
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if token.Kind() == '}' {
			return nil
		}
		if err := member(token.String()); err != nil {
			return err
		}
	}
}

// elements calls element for each element of the array that comes next. Element must read exactly one value.
func elements(dec *jsontext.Decoder, what string, element func() error) error {
	if err := enter(dec, '[', what); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

func enter(dec *jsontext.Decoder, kind jsontext.Kind, what string) error {
	found := dec.PeekKind()
	if found == kind || found == 0 { // 0 is a fault that ReadToken explains
		token, err := dec.ReadToken()
		if err == io.EOF && dec.InputOffset() == 0 {
			return errEmpty
		}
		if err == nil && token.Kind() != kind {
			err = &structureError{what: what + " is " + kindName(token.Kind()) + " where " + kindName(kind) + " is expected", offset: dec.InputOffset()}
		}
		return err
	}
	return &structureError{what: what + " is " + kindName(found) + " where " + kindName(kind) + " is expected", offset: dec.InputOffset()}
}

// end checks that nothing follows the document.
func end(dec *jsontext.Decoder) error {
	switch _, err := dec.ReadToken(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return err
	}
	return &jsontext.SyntacticError{ByteOffset: dec.InputOffset(), Err: errors.New("more text after the end of the document")}
}

// fields reads members of one object each into its own place. A value of another type than its place is left out and noted.
type fields struct {
	faults []string
}

// read decodes the value that comes next into the place; null leaves it as it is.
func (f *fields) read(dec *jsontext.Decoder, name string, place any) error {
	value, err := dec.ReadValue()
	if err != nil || value.Kind() == 'n' {
		return err
	}
	if err := json.Unmarshal(value, place, json.JoinOptions(jsonOptions...)); err != nil {
		f.faults = append(f.faults, fmt.Sprintf("%s: %s is not what is expected there", name, kindName(value.Kind())))
	}
	return nil
}

func newDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), jsonOptions...)
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "something else"
}
