package firefox

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/webext"
)

var byteOrderMark = []byte("\xEF\xBB\xBF")

func trimMark(data []byte) []byte { return bytes.TrimPrefix(data, byteOrderMark) }

// members calls member for each member of the next value, an object; member must read exactly the
// member's value.
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

// elements calls element for each element of the next value, an array; element must read exactly
// one value.
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

// enter reads the start of an object or array. Anything else is an error, which ends the reading.
func enter(dec *jsontext.Decoder, kind jsontext.Kind, what string) error {
	found := dec.PeekKind()
	if found == kind || found == 0 { // 0 is a fault that ReadToken explains
		_, err := dec.ReadToken()
		if err == io.EOF && dec.InputOffset() == 0 {
			return localprofile.ErrEmpty
		}
		return err
	}
	what = fmt.Sprintf("%s is %s where %s is expected", what, localprofile.KindName(found), localprofile.KindName(kind))
	return &localprofile.StructureError{What: what, Offset: dec.InputOffset()}
}

// fields reads members of one object each into its own place. A value of another type than its
// place is skipped and noted.
type fields struct {
	faults []string
}

// read decodes the next value into place, a pointer; null empties it, because the last of several
// members with one name counts.
func (f *fields) read(dec *jsontext.Decoder, name string, place any) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(value, place, json.JoinOptions(localprofile.JSONOptions...)); err != nil {
		f.faults = append(f.faults, fmt.Sprintf("%s: %s is not what is expected there", name,
			localprofile.KindName(value.Kind())))
	}
	return nil
}

func newDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), localprofile.JSONOptions...)
}

// plainJSON blanks the comments that Firefox accepts in the files of an add-on.
func plainJSON(data []byte) []byte {
	plain, _ := webext.PlainJSON(nil, data, webext.LineComments)
	return plain
}
