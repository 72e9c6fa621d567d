package enforce_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp/cmpopts"

	"guestlist/allowlist/enforce"
)

// noHints compares rules without what they only keep for comparisons.
var noHints = cmpopts.IgnoreUnexported(enforce.Rule{})

// fromUTF16 decodes an export of the registry as Windows does, by itself.
func fromUTF16(t testing.TB, data []byte) string {
	t.Helper()
	if len(data) < 2 || data[0] != 0xFF || data[1] != 0xFE || len(data)%2 != 0 {
		t.Fatalf("it does not begin with the mark of UTF-16LE: % x", data[:min(len(data), 8)])
	}
	var units []uint16
	for n := 2; n < len(data); n += 2 {
		units = append(units, binary.LittleEndian.Uint16(data[n:]))
	}
	return string(utf16.Decode(units))
}
