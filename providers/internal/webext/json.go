package webext

import (
	"bytes"
	"slices"
)

// Dialect is what a browser accepts beyond JSON in the files of an extension.
type Dialect int

// The dialects.
const (
	LineComments Dialect = iota // Firefox: "//" comments
	// Lenient is Chromium's, which adds /* */ comments, line breaks and other control characters in
	// strings, and \x41 escapes. Tested against Chromium 156, which accepts nothing else: no
	// trailing commas, no single quotes.
	Lenient
)

// PlainJSON turns a document of a dialect into JSON, appended to plain; comments become spaces, so
// that every byte of a document without escapes keeps its place. Changed reports whether the two
// differ.
func PlainJSON(plain, data []byte, dialect Dialect) (result []byte, changed bool) {
	plain = slices.Grow(plain, len(data))
	inString := false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case inString && c == '\\' && dialect == Lenient && i+3 < len(data) && data[i+1] == 'x':
			plain = append(plain, `\u00`...)
			plain = append(plain, data[i+2], data[i+3])
			i += 3
			changed = true
			continue
		case inString && c == '\\' && i+1 < len(data):
			plain = append(plain, c, data[i+1])
			i++
			continue
		case inString && c < 0x20 && dialect == Lenient:
			c, changed = ' ', true
		case c == '"':
			inString = !inString
		case !inString && dialect.beginsComment(data[i:]):
			length := commentLength(data[i:])
			for range length {
				plain = append(plain, ' ')
			}
			i += length - 1
			changed = true
			continue
		}
		plain = append(plain, c)
	}
	return plain, changed
}

func (d Dialect) beginsComment(data []byte) bool {
	return bytes.HasPrefix(data, []byte("//")) || d == Lenient && bytes.HasPrefix(data, []byte("/*"))
}

// commentLength returns the length of the comment that data begins with, without the line break
// that ends it. A comment that does not end takes up the rest.
func commentLength(data []byte) int {
	end, past := "\n", 0
	if data[1] == '*' {
		end, past = "*/", len("*/")
	}
	if n := bytes.Index(data[2:], []byte(end)); n >= 0 {
		return 2 + n + past
	}
	return len(data)
}
