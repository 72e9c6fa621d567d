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
	text     literal   // of a string or a day
	elements []literal // of a list; nil for anything else
	decoded  any       // as the TOML library reads it
}

// literal is a value in TOML, in which foreign text is harmless.
type literal string

// Name is a key, or the name of a part, of our own words.
type Name string

// Pair is a key with its value.
type Pair struct {
	Key   Name
	Value Value
}

// Text is a string.
func Text(text inventory.Untrusted) Value {
	return Value{text: literal(Quote(text)), decoded: strings.ToValidUTF8(string(text), "\uFFFD")}
}

// Day is a date without a time, such as 2026-11-23. The text must be one.
func Day(day string) Value {
	v := Value{text: literal(day)}
	var root map[string]any
	if _, err := toml.Decode("day = "+day, &root); err == nil {
		v.decoded = root["day"]
	}
	return v
}

// List is a list of strings.
func List(texts []inventory.Untrusted) Value {
	v := Value{elements: make([]literal, len(texts))}
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
		return string(p.Key) + " = " + string(p.Value.text)
	}
	return string(p.Key) + " = " + writeList(string(p.Key), p.Value.elements, eol)
}

// writeList writes a list on one line, or on one for each element if it is long.
func writeList(key string, elements []literal, eol string) string {
	line := "[" + joined(elements, ", ") + "]"
	if utf8.RuneCountInString(key+" = "+line) <= maxListLine {
		return line
	}
	var b strings.Builder
	b.WriteString("[" + eol)
	for _, element := range elements {
		b.WriteString(listIndent + string(element) + "," + eol)
	}
	b.WriteByte(']')
	return b.String()
}

func joined(elements []literal, separator string) string {
	texts := make([]string, len(elements))
	for n, element := range elements {
		texts[n] = string(element)
	}
	return strings.Join(texts, separator)
}

// Entry is a table of a list, [[part]], to be written.
type Entry struct {
	Part Name
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
	b.WriteString("[[" + string(e.Part) + "]]" + eol)
	for _, pair := range e.Pairs {
		b.WriteString(pair.write(eol) + eol)
	}
	return b.String()
}

// values are those of the entry, as the TOML library must read them.
func (e Entry) values() map[string]any {
	values := make(map[string]any, len(e.Pairs))
	for _, pair := range e.Pairs {
		values[string(pair.Key)] = pair.Value.decoded
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
