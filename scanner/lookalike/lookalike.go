// Package lookalike finds names that a reader can take for each other. It decides nothing: such
// names are shown, and never matched.
//
// It follows Unicode's confusable detection (UTS #39), through a library that carries its table.
package lookalike

import (
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
)

// leastRunes: shorter names look like each other by chance.
const leastRunes = 3

// Skeletons are the same for names that a reader can take for each other: Unicode's skeleton (UTS
// #39) of the letters and digits alone, in small letters and without accents. There are two, since
// letters look alike in capitals that do not in small letters, and the reverse: "Iedger" and
// "ledger". A name too short to tell has none.
func Skeletons(name string) []string {
	kept := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return r
	}, name)
	as, small := bare(kept), bare(strings.ToLower(kept))
	switch {
	case len([]rune(as)) < leastRunes:
		return nil
	case as == small:
		return []string{as}
	}
	return []string{as, small}
}

// bare is the skeleton in small letters, without the marks that stand on letters.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, confusables.Skeleton(text))
}
