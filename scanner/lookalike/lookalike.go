// Package lookalike finds names that a reader can mistake for each other. It decides nothing: such
// names are shown, and never matched.
//
// It follows Unicode's confusable detection (UTS #39), with a library that contains its table.
package lookalike

import (
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// leastRunes is the length of names to compare: shorter ones look alike by chance.
const leastRunes = 3

// Skeletons returns texts that are equal for names that a reader can mistake for each other:
// Unicode's skeleton (UTS #39) of the letters and digits alone, in lower case, without accents, and
// in their plain form where they are full width, circled or superscript. There are two, since some
// letters look alike only in upper case and others only in lower case: "Iedger" and "ledger". A
// name that is too short has none.
func Skeletons(name string) []string {
	kept := lettersOf([]rune(norm.NFKC.String(strings.Map(plain, name))))
	as, small := bare(kept), bare(strings.ToLower(kept))
	switch {
	case len([]rune(as)) < leastRunes:
		return nil
	case as == small:
		return []string{as}
	}
	return []string{as, small}
}

// lettersOf keeps the letters and digits, and signs that look like a letter within a word, as in
// "a|so"; at the end of a word "|" is only a line.
func lettersOf(name []rune) string {
	var kept strings.Builder
	for n, r := range name {
		after, before := n > 0 && isLetter(name[n-1]), n < len(name)-1 && isLetter(name[n+1])
		inWord := after && before || (after || before) && unicode.Is(unicode.So, r)
		if isLetter(r) || inWord && unicode.IsSymbol(r) && bare(string(r)) != "" {
			kept.WriteRune(r)
		}
	}
	return kept.String()
}

// bare is the skeleton in lower case, without signs and without marks on letters.
func bare(text string) string {
	skeleton := strings.Map(func(r rune) rune {
		if !isLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, confusables.Skeleton(text))
	return strings.ReplaceAll(skeleton, "vv", "w") // which Unicode's table lacks
}

// isLetter reports whether a rune is a visible letter or digit.
func isLetter(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// plain returns the capital letter in a filled circle or square or in a flag, which Unicode takes
// for signs, and removes trademark signs, which Unicode takes for superscript letters.
func plain(r rune) rune {
	if r == '\u2122' || r == '\u2120' {
		return -1
	}
	for _, first := range []rune{'\U0001f150', '\U0001f170', '\U0001f1e6'} {
		if r >= first && r < first+26 {
			return 'A' + r - first
		}
	}
	return r
}
