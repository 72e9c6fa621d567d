package chromium

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/localprofile"
)

// maxDepth is how deep arrays and objects may be nested. Chromium's own reader stops at 200 levels.
const maxDepth = 200

var errTooDeep = fmt.Errorf("nested deeper than %d levels", maxDepth)

// reader walks one JSON document. Its methods each read exactly one value. A value of an unexpected
// type is skipped and noted as a fault; only a document that is not JSON or cannot be read is an
// error.
type reader struct {
	dec *jsontext.Decoder
	// faults are the values of a wrong type, at most maxFaults of them: "manifest.permissions: a
	// string where an array is expected".
	faults []string
	more   int // faults beyond those
	path   []string
}

// maxFaults bounds the notes on one document.
const maxFaults = 20

// newReader returns a reader that reuses its storage from one document to the next.
func newReader() *reader {
	return &reader{dec: jsontext.NewDecoder(eof{}, localprofile.JSONOptions...)}
}

// reset starts the next document.
func (r *reader) reset(source io.Reader) {
	r.dec.Reset(source, localprofile.JSONOptions...)
	r.faults, r.more = r.faults[:0], 0
	r.path = r.path[:0]
}

// end checks that nothing follows the document.
func (r *reader) end() error {
	return localprofile.EndOfJSON(r.dec)
}

// object calls member for each member of the next value, an object; member must read exactly the
// member's value. It reports whether the value was an object; null counts as one without members.
func (r *reader) object(member func(name string) error) (bool, error) {
	if ok, err := r.open('{'); !ok || err != nil {
		return ok, err
	}
	for {
		token, err := r.dec.ReadToken()
		if err != nil {
			return true, err
		}
		if token.Kind() == '}' {
			return true, nil
		}
		r.path = append(r.path, token.String())
		err = member(r.path[len(r.path)-1])
		r.path = r.path[:len(r.path)-1]
		if err != nil {
			return true, err
		}
	}
}

// array calls element for each element of the next value, an array, like object.
func (r *reader) array(element func() error) (bool, error) {
	if ok, err := r.open('['); !ok || err != nil {
		return ok, err
	}
	for {
		if r.dec.PeekKind() == ']' {
			_, err := r.dec.ReadToken()
			return true, err
		}
		if err := element(); err != nil {
			return true, err
		}
	}
}

// open reads the start of an object or array, as kind says. It returns false for any other value,
// which it skips.
func (r *reader) open(kind jsontext.Kind) (bool, error) {
	found := r.dec.PeekKind()
	if found == 'n' {
		return false, r.skip()
	}
	if found != kind {
		return false, r.wrong(kind)
	}
	if r.dec.StackDepth() >= maxDepth {
		return false, r.tooDeep()
	}
	_, err := r.dec.ReadToken()
	return true, err
}

// skip skips the next value and checks it.
func (r *reader) skip() error {
	switch r.dec.PeekKind() {
	case '{', '[':
	default:
		return r.dec.SkipValue()
	}
	depth := r.dec.StackDepth()
	for {
		if _, err := r.dec.ReadToken(); err != nil {
			return err
		}
		switch now := r.dec.StackDepth(); {
		case now <= depth:
			return nil
		case now > maxDepth:
			return r.tooDeep()
		}
	}
}

// wrong skips a value of an unexpected kind and notes it.
func (r *reader) wrong(expected jsontext.Kind) error {
	found := r.dec.PeekKind()
	if err := r.skip(); err != nil {
		return err
	}
	r.fault(localprofile.KindName(found) + " where " + localprofile.KindName(expected) + " is expected")
	return nil
}

func (r *reader) fault(what string) {
	if len(r.faults) >= maxFaults {
		r.more++
		return
	}
	if len(r.path) > 0 {
		what = strings.Join(r.path, ".") + ": " + what
	}
	r.faults = append(r.faults, what)
}

// faultCount is how many faults the document has had so far.
func (r *reader) faultCount() int { return len(r.faults) + r.more }

func (r *reader) tooDeep() error {
	return &jsontext.SyntacticError{ByteOffset: r.dec.InputOffset(), Err: errTooDeep}
}

// eof is a reader at its end.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// document reads a document that must be an object, to its end.
func (r *reader) document(member func(name string) error) error {
	kind := r.dec.PeekKind()
	if kind == 0 {
		if _, err := r.dec.ReadToken(); errors.Is(err, io.EOF) {
			return localprofile.ErrEmpty
		} else if err != nil {
			return err
		}
	}
	if kind != '{' {
		offset := r.dec.InputOffset()
		if err := r.skip(); err != nil {
			return err
		}
		return &localprofile.StructureError{What: localprofile.KindName(kind) + " where the whole document should be an object", Offset: offset}
	}
	if _, err := r.object(member); err != nil {
		return err
	}
	return r.end()
}

// withoutMark drops the byte order mark, which Chromium accepts.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, byteOrderMark) }
