package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"guestlist/scanner/inventory"
)

// Argument returns a foreign ID as one word of a command line, to be pasted into any shell. Letters
// and digits of ASCII and a few signs stay as they are; everything else becomes \u{XXXX}, which
// [ParseArgument] reads: no shell of any system finds a quote, a variable, an operator or an escape
// in it, and no reader is misled.
func Argument(text inventory.Untrusted) string {
	var b strings.Builder
	isPlain := text != ""
	for n, r := range strings.ToValidUTF8(string(text), "\uFFFD") {
		switch {
		case strings.ContainsRune(bareSigns, r) && (n > 0 || r != '-'), r < 0x80 && isAlphanumeric(byte(r)):
			b.WriteRune(r)
		case strings.ContainsRune(quotedSigns, r):
			isPlain = false
			b.WriteRune(r)
		default:
			isPlain = false
			fmt.Fprintf(&b, `\u{%04X}`, r)
		}
	}
	if isPlain {
		return b.String()
	}
	return "'" + b.String() + "'"
}

// Signs that mean nothing to a shell within a word, and those that mean nothing within quotes.
const (
	bareSigns   = "@._-:/+="
	quotedSigns = " {},"
)

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

var escaped = regexp.MustCompile(`\\u\{[0-9A-Fa-f]+\}`)

// maxEscape is how many digits a character has at most.
const maxEscape = 6

// ParseArgument reads what [Argument] wrote, once a shell has taken the quotes away, and IDs and
// names as reports show them.
func ParseArgument(word string) string {
	return escaped.ReplaceAllStringFunc(word, func(escape string) string {
		digits := escape[len(`\u{`) : len(escape)-1]
		code, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || len(digits) > maxEscape {
			return escape
		}
		return string(rune(code))
	})
}
