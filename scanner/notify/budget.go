package notify

import (
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/bidi"
)

// Bounds of cut texts in bytes.
const (
	maxClusterBytes   = 40 // of one character as people see it; an emoji of a family has 25
	bytesPerCharacter = 3  // a text of n characters has at most n times as many bytes
)

// everything is more lines than a digest has.
const everything = 1 << 30

// shares are how many lines of each part are shown before another part gets more.
var shares = []int{1, 3, everything}

// share finds how many of the lines of each part a message shows: at most most in all, and what
// fits. Each part gets a few before the first gets the rest, and lines are left out from the end of
// a part. A message that shows none of them must fit.
func share(lines []int, most int, fits func(shown []int) bool) []int {
	shown := make([]int, len(lines))
	for _, upTo := range shares {
		for i := range lines {
			for shown[i] < min(upTo, lines[i]) && most > 0 {
				shown[i]++
				if !fits(shown) {
					shown[i]--
					break
				}
				most--
			}
		}
	}
	return shown
}

// visibleEscape is a character that was made visible: see [inventory.Untrusted.String].
var visibleEscape = regexp.MustCompile(`^\\[ux]\{[0-9A-F]+\}`)

// cut shortens a text to a number of characters, visibly. It never parts what people see as one
// character, nor an escape that makes one visible, which counts as what it shows; and it ends before
// a character whose marks do not end.
func cut(text string, characters int) string {
	if len(text) <= characters && !strings.Contains(text, `\`) {
		return text // one byte each
	}
	limit := characters * bytesPerCharacter
	end, kept := 0, 0 // kept leaves room for the sign
	for n := 0; end < len(text); {
		size, shows := next(text[end:])
		n += shows
		if n > characters || size > maxClusterBytes || end+size > limit {
			return strings.TrimRight(text[:kept], " ") + "…"
		}
		end += size
		if n < characters && end+len("…") <= limit {
			kept = end
		}
	}
	return text
}

// next is how many bytes the first character of a text has, and how many characters it is shown as.
func next(text string) (size, shows int) {
	if text[0] == '\\' {
		if escape := visibleEscape.FindString(text); escape != "" {
			return len(escape), len(escape)
		}
	}
	if text[0] < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) && text[0] != '\r' {
		return 1, 1 // nothing joins it: this is most of any text
	}
	cluster := graphemes.FromString(text[:min(len(text), utf8.UTFMax*maxClusterBytes)])
	cluster.Next()
	return len(cluster.Value()), 1
}

// escapedWithin is an escaped text of at most limit characters as services count them: by UTF-16, of
// which there are at least as many as by any other count. It cuts before it escapes.
func escapedWithin(text string, limit int, escape func(string) string) string {
	for characters := limit; ; characters /= 2 {
		if escaped := escape(cut(text, characters)); utf16Length(escaped) <= limit || characters == 0 {
			return escaped
		}
	}
}

func asItIs(text string) string { return text }

func utf16Length(text string) int { return len(utf16.Encode([]rune(text))) }

// Isolates keep a text's direction to itself.
const (
	isolate    = "\u2068"
	endIsolate = "\u2069"
)

// isolated keeps a text that is written from right to left from moving the words around it.
func isolated(text string) string {
	for _, r := range text {
		if r < utf8.RuneSelf {
			continue
		}
		if properties, _ := bidi.LookupRune(r); properties.Class() == bidi.R || properties.Class() == bidi.AL ||
			properties.Class() == bidi.AN {
			return isolate + text + endIsolate
		}
	}
	return text
}
