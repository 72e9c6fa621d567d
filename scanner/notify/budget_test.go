package notify

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"guestlist/scanner/inventory"
)

func TestLinesAreSharedSoThatNoPartIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		lines      []int
		most, room int // room is how many lines fit
		want       []int
	}{
		{"all-fit", []int{2, 1, 4}, 40, 100, []int{2, 1, 4}},
		{"the-first-gets-the-rest", []int{50, 50, 50}, 40, 100, []int{34, 3, 3}},
		{"what-the-first-leaves-is-for-the-next", []int{5, 50, 50}, 40, 100, []int{5, 32, 3}},
		{"room-for-less", []int{50, 50, 50}, 40, 12, []int{6, 3, 3}},
		{"room-for-hardly-any", []int{50, 50, 50}, 40, 4, []int{2, 1, 1}},
		{"no-room", []int{50, 50}, 40, 0, []int{0, 0}},
		{"no-parts", nil, 40, 100, []int{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := share(test.lines, test.most, func(shown []int) bool {
				total := 0
				for _, n := range shown {
					total += n
				}
				return total <= test.room
			})
			if !slices.Equal(got, test.want) {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

func TestATextIsCutBetweenCharactersAsPeopleSeeThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		characters int
		want       string
	}{
		{"short", "Acme Notes", 10, "Acme Notes"},
		{"long", "Acme Notes!", 10, "Acme Note…"},
		{"a-space-at-the-end", "Acme Notes and more", 6, "Acme…"},
		{"exactly", "名前名前名", 5, "名前名前名"},
		{"letters-of-three-bytes", "名前名前名前", 5, "名前名前…"},
		{"a-letter-with-a-mark", "ae\u0301e\u0301e\u0301", 3, "ae\u0301…"},
		{"flags", "🇩🇪🇫🇷🇮🇹🇪🇸🇵🇹", 4, "🇩🇪…"}, // at most three bytes a character
		{"skin", "ab👍🏽cdefgh", 4, "ab…"},
		{"an-escape", `ab\u{202E}cdefghijkl`, 12, `ab\u{202E}c…`},
		{"not-within-an-escape", `abcd\u{202E}efgh`, 9, "abcd…"},
		{"a-broken-byte", `ab\x{FF}cdefgh`, 9, `ab\x{FF}…`},
		{"marks-without-an-end", "ab" + strings.Repeat("\u0301", 5000), 10, "a…"},
		{"nothing", "", 5, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := cut(test.text, test.characters); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestATextFromRightToLeftMovesNothingAroundIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Acme": "Acme", "名前": "名前", "שלום": "\u2068שלום\u2069", "a مرحبا": "\u2068a مرحبا\u2069", "\u0661": "\u2068\u0661\u2069", "": "",
	} {
		if got := isolated(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func FuzzCut(f *testing.F) {
	for _, text := range hostile {
		f.Add(string(text), 20)
	}
	f.Fuzz(func(t *testing.T, foreign string, characters int) {
		characters = 1 + abs(characters)%300
		text := inventory.Untrusted(foreign).String()
		got := cut(text, characters)
		if got == text {
			return
		}
		kept, shortened := strings.CutSuffix(got, "…")
		if !shortened || !strings.HasPrefix(text, kept) {
			t.Fatalf("%q becomes %q", text, got)
		}
		if len(got) > max(characters*bytesPerCharacter, len("…")) || !utf8.ValidString(got) {
			t.Fatalf("%q becomes %d bytes: %q", text, len(got), got)
		}
		if open := strings.LastIndex(kept, `\`); open >= 0 && len(kept) < open+len(visibleEscape.FindString(text[open:])) {
			t.Fatalf("%q is cut within an escape: %q", text, got)
		}
		if !slices.Contains(boundaries(text), len(kept)) {
			t.Fatalf("%q is cut within a character: %q", text, got)
		}
	})
}

// boundaries are where characters of a text end, and 0.
func boundaries(text string) []int {
	ends := []int{0}
	for next := graphemes.FromString(text); next.Next(); {
		ends = append(ends, next.End())
	}
	return ends
}

func abs(n int) int { return max(n, -n, 0) }
