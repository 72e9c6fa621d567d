package plist_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	howett "howett.net/plist"

	"guestlist/allowlist/enforce/plist"
)

// values has a value of each kind, and texts that are written in several ways.
var values = map[string]any{
	"text": "plain", "foreign": "Größe & <Maß> \"\u2028\"", "long": strings.Repeat("x", 300), "empty": "",
	"yes": true, "no": false, "number": int64(1 << 40), "negative": int64(-7), "real": 1.5,
	"list": []any{"a", int64(1), []any{}, map[string]any{}}, "dict": map[string]any{"a": map[string]any{"b": "c"}},
}

func TestBothFormsThatALibraryWritesAreRead(t *testing.T) {
	t.Parallel()
	for _, form := range []int{howett.XMLFormat, howett.BinaryFormat} {
		data, err := howett.Marshal(values, form)
		if err != nil {
			t.Fatal(err)
		}
		got, err := plist.ReadDict(data)
		if err != nil {
			t.Fatalf("%s: %v", howett.FormatNames[form], err)
		}
		if diff := cmp.Diff(values, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", howett.FormatNames[form], diff)
		}
	}
}

func TestWhatIsWrittenALibraryReads(t *testing.T) {
	t.Parallel()
	data, err := plist.WriteXML(values, []string{"a comment -- that --> does not end", ""})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if _, err := howett.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	got["number"], got["negative"] = int64(got["number"].(uint64)), got["negative"].(int64)
	got["list"].([]any)[1] = int64(1)
	if diff := cmp.Diff(values, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<array>", 100)
	for name, c := range map[string]struct{ data, want string }{
		"cut-off":        {"<plist><dict><key>a</key>", "it is not XML"},
		"no-value":       {"<plist><dict><key>a</key></dict></plist>", `line 1: the key "a" has no value`},
		"no-key":         {"<plist><dict><string>a</string></dict></plist>", `line 1: "string" where a key must be`},
		"no-dictionary":  {"<plist><array/></plist>", "it is not a dictionary"},
		"not-a-number":   {"<plist><dict><key>a</key><integer>x</integer></dict></plist>", `"x" is not a value of its kind`},
		"unknown":        {"<plist><dict><key>a</key><blob>x</blob></dict></plist>", `do not have: "blob"`},
		"nested-text":    {"<plist><dict><key>a</key><string><b/></string></dict></plist>", "where only text may be"},
		"deep":           {"<plist>" + deep, "nested more than 64 levels deep"},
		"empty":          {"<plist/>", "it is empty"},
		"binary-cut-off": {"bplist00", "it is cut off or damaged"},
		"binary-damaged": {"bplist00" + strings.Repeat("\xFF", 64), "it is cut off or damaged"},
		"binary-itself":  {binaryOf(0, []byte{0xA1, 0}), "nested more than 64 levels deep"},
		"binary-doubled": {binaryOf(0, doubling(40)...), "more than 3000000 values"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !plist.Is([]byte(c.data)) {
				t.Error("it is not recognized")
			}
			if _, err := plist.ReadDict([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// doubling are lists of which each holds the next one twice: a few bytes for 2^levels values.
func doubling(levels int) [][]byte {
	objects := make([][]byte, levels)
	for n := range objects {
		objects[n] = []byte{0xA2, byte(n + 1), byte(n + 1)}
	}
	return append(objects, []byte{0x09})
}

// binaryOf is a property list in the binary form with these objects.
func binaryOf(top int, objects ...[]byte) string {
	var file bytes.Buffer
	file.WriteString("bplist00")
	var table []byte
	for _, object := range objects {
		table = append(table, byte(file.Len()))
		file.Write(object)
	}
	trailer := make([]byte, 32)
	trailer[6], trailer[7] = 1, 1
	binary.BigEndian.PutUint64(trailer[8:], uint64(len(objects)))
	binary.BigEndian.PutUint64(trailer[16:], uint64(top))
	binary.BigEndian.PutUint64(trailer[24:], uint64(file.Len()))
	file.Write(table)
	file.Write(trailer)
	return file.String()
}

func FuzzRead(f *testing.F) {
	for _, form := range []int{howett.XMLFormat, howett.BinaryFormat} {
		data, err := howett.Marshal(values, form)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(binaryOf(0, doubling(10)...)))
	f.Fuzz(func(t *testing.T, data []byte) {
		dict, err := plist.ReadDict(data)
		if err != nil {
			return
		}
		if written, err := plist.WriteXML(dict, nil); err == nil {
			if again, err := plist.ReadDict(written); err != nil || len(again) != len(dict) {
				t.Errorf("%v: %s", err, fmt.Sprintf("%.200q", written))
			}
		}
	})
}
