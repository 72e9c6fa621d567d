// Package plist reads and writes Apple's property lists: the XML form both ways, the binary form,
// in which macOS keeps managed preferences, to read.
//
// Values are map[string]any, []any, string, bool, int64, float64 and []byte; dates are strings. A
// file may be hostile: how deep and how large it becomes is limited. Objects of the binary form can
// be used more than once, so that a few hundred bytes can stand for any amount of memory; that is
// why this package exists beside libraries that expand them without a limit.
package plist

import (
	"bytes"
	"errors"
	"fmt"
)

// Limits on what a file may hold.
const (
	maxDepth  = 64
	maxValues = 3_000_000 // after every use of an object is counted
)

var (
	errTooDeep  = fmt.Errorf("nested more than %d levels deep", maxDepth)
	errTooLarge = fmt.Errorf("more than %d values", maxValues)
)

const binaryMagic = "bplist00"

// Is reports whether data begins like a property list, in either form.
func Is(data []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(data, []byte(binaryMagic)) || bytes.HasPrefix(start, []byte("<?xml")) ||
		bytes.HasPrefix(start, []byte("<plist")) || bytes.HasPrefix(start, []byte("<!DOCTYPE plist"))
}

// Read returns the value of a property list.
func Read(data []byte) (any, error) {
	if bytes.HasPrefix(data, []byte(binaryMagic)) {
		return readBinary(data)
	}
	return readXML(data)
}

// ReadDict returns a property list whose value is a dictionary, as those of preferences are.
func ReadDict(data []byte) (map[string]any, error) {
	value, err := Read(data)
	if err != nil {
		return nil, err
	}
	dict, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("it is not a dictionary")
	}
	return dict, nil
}

// budget counts values against the limits.
type budget struct{ values int }

func (b *budget) take(depth int) error {
	b.values++
	switch {
	case depth > maxDepth:
		return errTooDeep
	case b.values > maxValues:
		return errTooLarge
	}
	return nil
}
