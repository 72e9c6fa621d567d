package strict

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// didYouMean returns `did you mean "x"?` for the known word nearest to the one that was written,
// and "" if none is near.
func (f *File) didYouMean(written string, known []string) string {
	if word := f.Nearest(written, known); word != "" {
		return DidYouMean(word)
	}
	return ""
}

// DidYouMean returns `did you mean "word"?`.
func DidYouMean(word string) string {
	return fmt.Sprintf("did you mean %q?", inventory.Untrusted(word))
}

// Nearest returns the known word that was probably meant, or "".
func (f *File) Nearest(written string, known []string) string {
	if other := f.Words.OtherNames[strings.ToLower(written)]; slices.Contains(known, other) {
		return other
	}
	return Nearest(written, known)
}

// minPrefix is how many letters a prefix of a word must have to count as that word.
const minPrefix = 3

// Nearest returns the known word that differs from written by a letter or two, or the only one that
// begins with it; otherwise "".
func Nearest(written string, known []string) string {
	lower := strings.ToLower(written)
	if slices.Contains(known, lower) {
		return lower
	}
	found, least := "", 3 // letters that may differ, and one more
	var longer []string
	for _, word := range known {
		if len(lower) >= minPrefix && strings.HasPrefix(word, lower) {
			longer = append(longer, word)
		}
		if len(written) > 2*len(word)+2 {
			continue // too long to be worth comparing
		}
		if d := distance(lower, word); d < least && 2*d < len(word) {
			found, least = word, d
		}
	}
	if found == "" && len(longer) == 1 {
		return longer[0]
	}
	return found
}

// distance is the number of letters to change, add, remove or swap with a neighbour to turn a into
// b.
func distance(a, b string) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}

// SuggestOrList returns `did you mean "x"?`, or lists all known words.
func (f *File) SuggestOrList(written string, known []string) string {
	if hint := f.didYouMean(written, known); hint != "" {
		return hint
	}
	return "one of " + strings.Join(known, ", ")
}

// NamesOf returns names as plain strings.
func NamesOf[T ~string](values []T) []string {
	names := make([]string, len(values))
	for n, value := range values {
		names[n] = string(value)
	}
	return names
}
