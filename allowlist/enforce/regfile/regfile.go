// Package regfile reads and writes exports of the Windows registry, as regedit has them: UTF-16 with
// a byte order mark (version 5), or older ones in UTF-8 or ASCII (version 4).
//
// Values of the types REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ and REG_DWORD are read; others are left
// out. Lines that delete a key or a value ("[-HKEY...", "name"=-) are no values.
package regfile

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Key is a key with its values, in the order of the file.
type Key struct {
	Path   string // "HKEY_LOCAL_MACHINE\SOFTWARE\..."
	Values []Value
}

// Value is a value of a key. Data is a string, a list of strings ([]any, of REG_MULTI_SZ) or a
// number (int64).
type Value struct {
	Name string // empty for the key's default value
	Data any
}

const (
	header5 = "Windows Registry Editor Version 5.00"
	header4 = "REGEDIT4"
	// lineWidth is where regedit breaks a list of bytes.
	lineWidth = 78
	maxKeys   = 100_000
)

// Is reports whether data begins like an export of the registry.
func Is(data []byte) bool {
	const enough = 200 // bytes that hold the header
	start, err := decode(data[:min(len(data), enough)&^1])
	start = strings.TrimLeft(start, " \t\r\n")
	return err == nil && (strings.HasPrefix(start, header5) || strings.HasPrefix(start, header4))
}

// Read returns the keys of an export.
func Read(data []byte) ([]Key, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	r := &reader{lines: lines, wide: true}
	for r.next() {
		if err := r.line(); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.number, err)
		}
	}
	if !r.begun {
		return nil, errors.New("its first line is not that of an export")
	}
	return r.keys, nil
}

// Write returns an export in the form that regedit reads on every Windows.
func Write(keys []Key, comment []string) []byte {
	var out strings.Builder
	out.WriteString(header5 + "\r\n\r\n")
	for _, line := range comment {
		out.WriteString(strings.TrimRight("; "+line, " ") + "\r\n")
	}
	for _, key := range keys {
		fmt.Fprintf(&out, "\r\n[%s]\r\n", key.Path)
		for _, value := range key.Values {
			out.WriteString(assignment(value))
		}
	}
	out.WriteString("\r\n")
	return encode(out.String())
}

func assignment(value Value) string {
	name := "@"
	if value.Name != "" {
		name = quote(value.Name)
	}
	switch data := value.Data.(type) {
	case string:
		if !strings.ContainsAny(data, "\r\n\x00") {
			return name + "=" + quote(data) + "\r\n"
		}
		return bytesOf(name, 1, []string{data})
	case []any:
		var texts []string
		for _, each := range data {
			texts = append(texts, fmt.Sprint(each))
		}
		return bytesOf(name, multiString, append(texts, ""))
	case int64:
		return fmt.Sprintf("%s=dword:%08x\r\n", name, uint32(data))
	}
	return ""
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

const (
	plainString  = 1
	expandString = 2
	multiString  = 7
)

// bytesOf writes strings, each with a zero after it, as a list of bytes in lines that are continued.
func bytesOf(name string, kind int, texts []string) string {
	var out strings.Builder
	line := fmt.Sprintf("%s=hex(%x):", name, kind)
	var all []byte
	for _, text := range texts {
		for _, unit := range append(utf16.Encode([]rune(text)), 0) {
			all = binary.LittleEndian.AppendUint16(all, unit)
		}
	}
	for n, each := range all {
		line += hex.EncodeToString([]byte{each})
		if n == len(all)-1 {
			break
		}
		line += ","
		if len(line) >= lineWidth-1 {
			out.WriteString(line + "\\\r\n")
			line = "  "
		}
	}
	return out.String() + line + "\r\n"
}

// decode returns an export's text.
func decode(data []byte) (string, error) {
	switch {
	case len(data) >= 2 && data[0] == 0xFF && data[1] == 0xFE:
		units := make([]uint16, len(data[2:])/2)
		for n := range units {
			units[n] = binary.LittleEndian.Uint16(data[2+2*n:])
		}
		return string(utf16.Decode(units)), nil
	case len(data) >= 3 && string(data[:3]) == "\ufeff":
		data = data[3:]
	}
	if !utf8.Valid(data) {
		return "", errors.New("it is neither UTF-16 with a byte order mark nor UTF-8")
	}
	return string(data), nil
}

func encode(text string) []byte {
	data := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return data
}

type reader struct {
	lines  []string
	number int // of the line being read, from 1
	text   string
	begun  bool
	wide   bool // lists of bytes are UTF-16
	skip   bool // the key is one to delete
	keys   []Key
}

// next goes to the next line that says something.
func (r *reader) next() bool {
	for r.number < len(r.lines) {
		r.text = strings.TrimSpace(r.lines[r.number])
		r.number++
		if r.text != "" && r.text[0] != ';' {
			return true
		}
	}
	return false
}

func (r *reader) line() error {
	switch {
	case !r.begun:
		if r.text != header5 && r.text != header4 {
			return errors.New("it is not the first line of an export")
		}
		r.begun, r.wide = true, r.text == header5
		return nil
	case r.text[0] == '[':
		return r.key()
	case len(r.keys) == 0 && !r.skip:
		return errors.New("a value stands before the first key")
	}
	return r.value()
}

func (r *reader) key() error {
	path, ok := strings.CutSuffix(r.text[1:], "]")
	if !ok || path == "" {
		return errors.New("a key has no closing bracket")
	}
	if r.skip = path[0] == '-'; r.skip {
		return nil
	}
	if len(r.keys) == maxKeys {
		return fmt.Errorf("more than %d keys", maxKeys)
	}
	r.keys = append(r.keys, Key{Path: path})
	return nil
}

func (r *reader) value() error {
	name, rest := "", strings.TrimPrefix(r.text, "@")
	if r.text[0] != '@' {
		var err error
		if name, rest, err = r.quoted(r.text); err != nil {
			return err
		}
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(rest), "=")
	if !ok {
		return errors.New(`a value has no "="`)
	}
	data, err := r.data(strings.TrimSpace(rest))
	if err == nil && data != nil && !r.skip {
		last := &r.keys[len(r.keys)-1]
		last.Values = append(last.Values, Value{Name: name, Data: data})
	}
	return err
}

// quoted reads a string in quotes, which may go on in the next lines, and returns what follows it.
func (r *reader) quoted(text string) (value, rest string, err error) {
	if text == "" || text[0] != '"' {
		return "", "", errors.New("a name or string has no quotes")
	}
	var found strings.Builder
	text = text[1:]
	for {
		end := strings.IndexAny(text, `"\`)
		switch {
		case end < 0 && r.number < len(r.lines):
			found.WriteString(text + "\n")
			text = r.lines[r.number]
			r.number++
		case end < 0 || text[end] == '\\' && end == len(text)-1:
			return "", "", errors.New("a string does not end")
		case text[end] == '"':
			found.WriteString(text[:end])
			return found.String(), text[end+1:], nil
		default:
			found.WriteString(text[:end] + text[end+1:end+2])
			text = text[end+2:]
		}
	}
}

// data reads what is assigned; nil for what is deleted, or of a type that is left out.
func (r *reader) data(text string) (any, error) {
	switch {
	case text == "-":
		return nil, nil
	case strings.HasPrefix(text, `"`):
		value, _, err := r.quoted(text)
		return value, err
	case strings.HasPrefix(text, "dword:"):
		number, err := strconv.ParseUint(strings.TrimPrefix(text, "dword:"), 16, 32)
		if err != nil {
			return nil, errors.New("a number is not 8 hexadecimal digits")
		}
		return int64(number), nil
	case strings.HasPrefix(text, "hex"):
		return r.bytes(text)
	}
	return nil, errors.New("what is assigned has no type")
}

func (r *reader) bytes(text string) (any, error) {
	kind, list, ok := strings.Cut(text, ":")
	if !ok {
		return nil, errors.New("a list of bytes has no colon")
	}
	var digits strings.Builder
	for {
		more, continued := strings.CutSuffix(strings.TrimSpace(list), `\`)
		digits.WriteString(strings.NewReplacer(",", "", " ", "", "\t", "").Replace(more))
		if !continued || r.number == len(r.lines) {
			break
		}
		list = r.lines[r.number]
		r.number++
	}
	data, err := hex.DecodeString(digits.String())
	if err != nil {
		return nil, errors.New("a list of bytes has other characters than hexadecimal digits")
	}
	texts := r.strings(data)
	switch kind {
	case fmt.Sprintf("hex(%x)", plainString), fmt.Sprintf("hex(%x)", expandString):
		return strings.Join(texts, ""), nil
	case fmt.Sprintf("hex(%x)", multiString):
		all := []any{}
		for _, each := range texts {
			all = append(all, each)
		}
		return all, nil
	}
	return nil, nil
}

// strings returns the strings of a list, up to an empty one.
func (r *reader) strings(data []byte) []string {
	text := string(data)
	if r.wide {
		text, _ = decode(append([]byte{0xFF, 0xFE}, data...)) // has the mark
	}
	var texts []string
	for each := range strings.SplitSeq(text, "\x00") {
		if each == "" {
			break
		}
		texts = append(texts, each)
	}
	return texts
}
