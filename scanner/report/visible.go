package report

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible writes JSON in which nothing beyond ASCII acts on a terminal or hides from a reader: such
// characters occur only in strings, in which an escape means the same.
type visible struct {
	w    io.Writer
	rest []byte // the beginning of a character whose end has not come yet
}

// Write implements [io.Writer].
func (v *visible) Write(text []byte) (int, error) {
	whole := append(v.rest, text...)
	end := len(whole)
	for back := 1; back < utf8.UTFMax && back <= len(whole); back++ {
		if first := whole[len(whole)-back]; utf8.RuneStart(first) {
			if !utf8.FullRune(whole[len(whole)-back:]) {
				end = len(whole) - back
			}
			break
		}
	}
	if _, err := v.w.Write(escapeUnseen(whole[:end])); err != nil {
		return 0, err
	}
	v.rest = append([]byte(nil), whole[end:]...)
	return len(text), nil
}

// escapeUnseen escapes what acts or is invisible in JSON. Without such characters it returns the
// text unchanged.
func escapeUnseen(text []byte) []byte {
	var out []byte
	done := 0
	for n := 0; n < len(text); {
		if text[n] < utf8.RuneSelf {
			n++
			continue
		}
		r, size := utf8.DecodeRune(text[n:])
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			out = append(out, text[done:n]...)
			if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
				out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			done = n + size
		}
		n += size
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}
