package localprofile

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// JSONOptions accept what browsers accept: repeated names and text that is not UTF-8.
var JSONOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// EndOfJSON checks that nothing follows the document.
func EndOfJSON(dec *jsontext.Decoder) error {
	switch _, err := dec.ReadToken(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return err
	}
	return &jsontext.SyntacticError{ByteOffset: dec.InputOffset(),
		Err: errors.New("unexpected data after the end of the document")}
}

// KindName is what to call a kind of JSON value in a sentence.
func KindName(kind jsontext.Kind) string {
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
