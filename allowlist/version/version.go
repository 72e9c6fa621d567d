// Package version orders the versions of extensions as browsers do, and reads ranges of them.
package version

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Range is a range of versions: comparisons joined by commas (">=1.2, <2"), one version
// ("1.2.3"), or one with its last parts open ("1.*"). The zero value contains every version, known
// or not.
type Range struct {
	text  inventory.Untrusted
	terms []term
}

type term struct {
	operator string // one of operators, or "prefix"
	version  string
}

// operators in the order in which they are recognized.
var operators = []string{">=", "<=", "!=", "==", ">", "<", "="}

// Parse reads a range, such as ">=1.2, <2".
func Parse(text string) (Range, error) {
	v := Range{text: inventory.Untrusted(text)}
	for part := range strings.SplitSeq(text, ",") {
		parsed, ok := parseTerm(strings.TrimSpace(part))
		if !ok {
			return Range{}, fmt.Errorf(`%q is not a version range, such as ">=1.50", ">=1.2, <2" or "1.*"`,
				inventory.Untrusted(text))
		}
		v.terms = append(v.terms, parsed)
	}
	return v, nil
}

func parseTerm(text string) (term, bool) {
	if prefix, found := strings.CutSuffix(text, ".*"); found {
		return term{operator: "prefix", version: prefix}, isBound(prefix)
	}
	operator := "="
	for _, known := range operators {
		if rest, found := strings.CutPrefix(text, known); found {
			operator, text = known, strings.TrimSpace(rest)
			break
		}
	}
	return term{operator: operator, version: text}, isBound(text)
}

// isBound reports whether a version can bound a range: each of its parts must begin with a number
// ("1.x" does not qualify).
func isBound(text string) bool {
	return isVersion(text) && !slices.ContainsFunc(strings.Split(text, "."),
		func(part string) bool { return part[0] < '0' || part[0] > '9' })
}

// String is the range as it was written.
func (v Range) String() string { return v.text.String() }

// IsZero reports whether the range contains every version.
func (v Range) IsZero() bool { return len(v.terms) == 0 }

// Bounds returns the versions at which something can change in the range, in its order: those that
// it names, and for "1.*" also the one after it.
func (v Range) Bounds() []string {
	var bounds []string
	for _, term := range v.terms {
		bounds = append(bounds, term.version)
		if term.operator == "prefix" {
			bounds = append(bounds, Next(term.version))
		}
	}
	return bounds
}

// Contains reports whether the range contains a version. A version that is empty, or that no
// browser would accept, is in no range but the zero value.
func (v Range) Contains(version inventory.Untrusted) bool {
	if v.IsZero() {
		return true
	}
	if !isVersion(string(version)) {
		return false
	}
	for _, each := range v.terms {
		if !each.holds(string(version)) {
			return false
		}
	}
	return true
}

func (t term) holds(version string) bool {
	if t.operator == "prefix" {
		want, have := strings.Split(t.version, "."), strings.Split(version, ".")
		for n, part := range want {
			if n < len(have) && compareParts(part, have[n]) != 0 || n >= len(have) && compareParts(part, "") != 0 {
				return false
			}
		}
		return true
	}
	order := Compare(version, t.version)
	switch t.operator {
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case "<":
		return order < 0
	case "!=":
		return order != 0
	}
	return order == 0
}

// Next returns a version with its last number one higher.
func Next(text string) string {
	cut := strings.LastIndexByte(text, '.') + 1
	digits, _ := cutDigits(text[cut:])
	return text[:cut] + increment(digits)
}

// Compare orders versions as browsers do: part by part between the dots, missing parts are
// 0. A part is a number, in Firefox's toolkit format followed by text, a number and text ("1.0b2"),
// where text comes before no text ("1.0b2" is before "1.0"). For versions of plain numbers this is
// Chrome's order as well.
func Compare(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for n := range max(len(as), len(bs)) {
		partA, partB := "", ""
		if n < len(as) {
			partA = as[n]
		}
		if n < len(bs) {
			partB = bs[n]
		}
		if order := compareParts(partA, partB); order != 0 {
			return order
		}
	}
	return 0
}

func compareParts(a, b string) int {
	if a == b {
		return 0
	}
	pa, pb := splitPart(a), splitPart(b)
	return cmp.Or(
		compareNumbers(pa[0], pb[0]), compareTexts(pa[1], pb[1]),
		compareNumbers(pa[2], pb[2]), compareTexts(pa[3], pb[3]),
	)
}

// splitPart cuts a part into number, text, number, text. "1+" is an old way to write "2pre".
func splitPart(part string) [4]string {
	var split [4]string
	split[0], part = cutDigits(part)
	if part == "+" {
		return [4]string{increment(split[0]), "pre"}
	}
	end := strings.IndexAny(part, "0123456789")
	if end < 0 {
		split[1] = part
		return split
	}
	split[1], part = part[:end], part[end:]
	split[2], split[3] = cutDigits(part)
	return split
}

func cutDigits(text string) (digits, rest string) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return strings.TrimLeft(text[:end], "0"), text[end:]
}

func increment(digits string) string {
	number := []byte("0" + digits)
	for n := len(number) - 1; n >= 0; n-- {
		if number[n] < '9' {
			number[n]++
			break
		}
		number[n] = '0'
	}
	return strings.TrimLeft(string(number), "0")
}

// compareNumbers orders numbers of any length, written without leading zeros.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func compareTexts(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return strings.Compare(a, b)
}

// isVersion reports whether text begins with a number, has only letters, digits and signs, and no
// empty part.
func isVersion(text string) bool {
	if text == "" || text[0] < '0' || text[0] > '9' || len(text) > inventory.MaxNameBytes {
		return false
	}
	return !slices.Contains(strings.Split(text, "."), "") && strings.IndexFunc(text, func(r rune) bool {
		return !(r == '.' || r == '+' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' ||
			r >= 'A' && r <= 'Z')
	}) < 0
}
