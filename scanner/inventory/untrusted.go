package inventory

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on foreign text, in bytes. Longer text is cut visibly (see [Clean]), so that one record
// stays one short line.
const (
	MaxNameBytes = 512  // display names, publishers, notes
	MaxIDBytes   = 1024 // identifiers, permissions, host patterns, paths
)

// Untrusted is text that someone else chose: an extension's name, a login, a permission out of a
// manifest, a file name. It may hold terminal escapes, bidirectional overrides, markup or formulas.
//
// Only a renderer turns an Untrusted into a plain string, through the escape of its own format; a
// test enforces this by type in the whole repository. Everything else may compare, sort and look up
// the text as it is. Printed with package fmt it shows its [Untrusted.String] form, which is safe
// on a terminal, so errors and logs need no care. Its JSON form is the text itself: a JSON string
// is already an escape.
type Untrusted string

// Textf makes a sentence of ours that contains foreign text, which is inserted in its String form
// and so is harmless.
func Textf(format string, args ...any) Untrusted { return Untrusted(fmt.Sprintf(format, args...)) }

// All returns the texts of the lists, one list after another, as Untrusted; nil if there are none.
func All(lists ...[]string) []Untrusted {
	total := 0
	for _, list := range lists {
		total += len(list)
	}
	if total == 0 {
		return nil
	}
	all := make([]Untrusted, 0, total)
	for _, list := range lists {
		for _, text := range list {
			all = append(all, Untrusted(text))
		}
	}
	return all
}

// String returns the text with every character that could act on a terminal or mislead a reader
// made visible: control, format (bidirectional, zero-width, tags), line and paragraph separators,
// invalid UTF-8 and lone surrogates become \u{XXXX}.
func (u Untrusted) String() string {
	text := string(u)
	if isHarmless(text) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x{%02X}`, text[i])
		case acts(r):
			fmt.Fprintf(&b, `\u{%04X}`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// GoString keeps %#v as harmless as %v.
func (u Untrusted) GoString() string { return fmt.Sprintf("inventory.Untrusted(%q)", u.String()) }

// Clean makes foreign bytes fit to travel: invalid UTF-8 and NUL become U+FFFD, surrounding space
// is removed, and text longer than limit bytes is cut at a character boundary with a note of its
// full length. It does not make text harmless; renderers do that.
func Clean(text string, limit int) Untrusted {
	whole := len(text)
	cut := whole > limit
	if cut {
		text = text[:limit]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
		if r, size := utf8.DecodeLastRuneInString(text); r == utf8.RuneError && size == 1 {
			text = text[:len(text)-1]
		}
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	}
	text = strings.TrimSpace(text)
	if cut {
		text = fmt.Sprintf("%s… (%d bytes)", text, whole)
	}
	return Untrusted(text)
}

func isHarmless(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c >= 0x7F {
			return isHarmlessUnicode(text)
		}
	}
	return true
}

func isHarmlessUnicode(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	return strings.IndexFunc(text, acts) < 0
}

// acts reports whether a character does something other than show itself.
func acts(r rune) bool {
	switch {
	case r < 0x20 || (r >= 0x7F && r < 0xA0):
		return true
	case r < 0xA0:
		return false
	case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
		return true
	case r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0: // Hangul fillers: letters without a glyph
		return true
	case unicode.Is(unicode.Variation_Selector, r) && r != 0xFE0F: // VS16 only asks for the emoji form
		return true
	}
	return false
}
