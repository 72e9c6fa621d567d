package lookalike_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/lookalike"
)

// looksLike reports whether two names have a skeleton in common.
func looksLike(a, b string) bool {
	others := lookalike.Skeletons(b)
	return slices.ContainsFunc(lookalike.Skeletons(a), func(s string) bool { return slices.Contains(others, s) })
}

func TestNamesThatAReaderTakesForEachOtherHaveASkeletonInCommon(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{
		{"ledger", "Iedger"},                 // a capital I
		{"Acme Mail", "acme-mail"},           // case and signs
		{"Acme Mail", "\u0410cme M\u0430il"}, // Cyrillic
		{"Acme", "\u0391cme"},                // a Greek capital
		{"Acme", "Acm\u00e9"},                // an accent, in one
		{"Acme", "Acme\u0301"},               // and apart
		{"Acme", "A\u200bcme"},               // a space without width
		{"Acme", "\U0001d400cme"},            // bold, of mathematics
		{"Acme", "\uff21\uff43\uff4d\uff45"}, // full width
		{"Acme", "\u24b6\u24d2\u24dc\u24d4"}, // circled
		{"Acme", "\U0001f170cme"},            // a filled square
		{"Acme", "\U0001f150cme"},            // a filled circle
		{"Acme", "\U0001f1e6cme"},            // half a flag
		{"Acme", "Acm\u1d49"},                // raised
		{"Acme", "Ac\u3164me"},               // a letter that cannot be seen
		{"Acme", "Acme\u01c3"},               // a letter like a sign
		{"Acme", "Acme\U000e0041"},           // a tag
		{"Notable", "Notab|e"},               // a sign like a letter
		{"Notable", "Notabl\u212e"},          // at the end it is one as well
		{"Acme Mail", "Acme Mail\u2122"},
		{"rnodern", "modern"}, // two letters like one
		{"vvebmail", "webmail"},
		{"Adobe O", "Adobe 0"}, // a digit
	} {
		if !looksLike(names[0], names[1]) {
			t.Errorf("%q and %q: %q, %q", names[0], names[1], lookalike.Skeletons(names[0]), lookalike.Skeletons(names[1]))
		}
	}
}

func TestNamesThatDifferHaveNoneInCommon(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{
		{"Acme Mail", "Acme Maps"}, {"Acme", "Acne"}, {"Notes", "Votes"}, {"Acme", "Acme 2"}, {"Datei", "Daten"},
		{"IO", "lo"},                       // too short: by chance
		{"a\u3164\u3164", "a\u3164\u3164"}, // of one letter that can be seen
		{"", ""},                           // nothing
		{"!!!", "???"},                     // no letters
		{"- a b -", "ab"},                  // two letters
	} {
		if looksLike(names[0], names[1]) {
			t.Errorf("%q and %q: %q, %q", names[0], names[1], lookalike.Skeletons(names[0]), lookalike.Skeletons(names[1]))
		}
	}
}

func TestANameHasOneSkeletonWhereItsCapitalsLookLikeItsSmallLetters(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"acme tabs 3": {"acrnetabs3"}, "ab": nil, "": nil, "Iedger": {"ledger", "iedger"},
	} {
		if diff := cmp.Diff(want, lookalike.Skeletons(name)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", name, diff)
		}
	}
}

// FuzzSkeletons: a skeleton is its own, and neither case nor what is no letter changes it.
func FuzzSkeletons(f *testing.F) {
	for _, seed := range []string{"Acme Mail", "Iedger", "\u0410\u0421\u041c\u0415", "\xff\u0301\u0301",
		"\u0130I\u0131i", "\ufdfa"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		skeletons := lookalike.Skeletons(name)
		if len(skeletons) > 2 {
			t.Errorf("%q has %d skeletons", name, len(skeletons))
		}
		if with := lookalike.Skeletons(" " + name + "-!"); !slices.Equal(skeletons, with) {
			t.Errorf("%q: %q, and with signs around it %q", name, skeletons, with)
		}
	})
}
