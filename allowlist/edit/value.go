package edit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"guestlist/scanner/inventory"
)

// maxListLine is how long a list may be, in characters, to be written on one line.
const maxListLine = 110

// Value is what a key is set to: a string, a day or a list of strings.
type Value struct {
	text     string   // of a string or a day, as TOML
	elements []string // of a list, as TOML; nil for anything else
	decoded  any      // as the TOML library reads it
}

// Pair is a key with its value.
type Pair struct {
	Key   string
	Value Value
}

// Text is a string.
func Text(text inventory.Untrusted) Value {
	return Value{text: Quote(text), decoded: strings.ToValidUTF8(string(text), "\uFFFD")}
}

// Day is a date without a time, such as 2026-11-23. The text must be one.
func Day(day string) Value {
	v := Value{text: day}
	var root map[string]any
	if _, err := toml.Decode("day = "+day, &root); err == nil {
		v.decoded = root["day"]
	}
	return v
}

// List is a list of strings.
func List(texts []inventory.Untrusted) Value {
	v := Value{elements: make([]string, len(texts))}
	decoded := make([]any, len(texts))
	for n, text := range texts {
		one := Text(text)
		v.elements[n], decoded[n] = one.text, one.decoded
	}
	v.decoded = decoded
	return v
}

// Len is how many elements a list has; 0 for anything else.
func (v Value) Len() int { return len(v.elements) }

func (v Value) isList() bool { return v.elements != nil }

// write returns key = value, without a line end at its end.
func (p Pair) write(eol string) string {
	if !p.Value.isList() {
		return p.Key + " = " + p.Value.text
	}
	return p.Key + " = " + writeList(p.Key, p.Value.elements, eol)
}

// writeList writes a list on one line, or on one for each element if it is long.
func writeList(key string, elements []string, eol string) string {
	line := "[" + strings.Join(elements, ", ") + "]"
	if utf8.RuneCountInString(key+" = "+line) <= maxListLine {
		return line
	}
	var b strings.Builder
	b.WriteString("[" + eol)
	for _, element := range elements {
		b.WriteString("  " + element + "," + eol)
	}
	b.WriteByte(']')
	return b.String()
}

// Entry is a table of a list, [[part]], to be written.
type Entry struct {
	Part string
	// Comment are lines written above it. Foreign text in them is made harmless.
	Comment []inventory.Untrusted
	Pairs   []Pair
}

// String returns the entry as TOML, with a line end at its end.
func (e Entry) String() string { return e.write("\n") }

func (e Entry) write(eol string) string {
	var b strings.Builder
	for _, line := range e.Comment {
		b.WriteString(strings.TrimRight("# "+line.String(), " ") + eol)
	}
	b.WriteString("[[" + e.Part + "]]" + eol)
	for _, pair := range e.Pairs {
		b.WriteString(pair.write(eol) + eol)
	}
	return b.String()
}

// values are those of the entry, as the TOML library must read them.
func (e Entry) values() map[string]any {
	values := make(map[string]any, len(e.Pairs))
	for _, pair := range e.Pairs {
		values[pair.Key] = pair.Value.decoded
	}
	return values
}

// Quote returns the TOML string of a foreign text, in which every character that does not simply
// display itself is an escape.
func Quote(text inventory.Untrusted) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(string(text), "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) && inventory.Untrusted(r).String() == string(r):
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
