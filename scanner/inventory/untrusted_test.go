package inventory

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUntrustedTextIsHarmlessWhenPrinted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"Acme Notes", "Acme Notes"},
		{"Ünïcode 名前 👍🏽", "Ünïcode 名前 👍🏽"},
		{"\x1b[31mred\x1b[0m", `\u{001B}[31mred\u{001B}[0m`},
		{"two\nlines\tand a tab\r", `two\u{000A}lines\u{0009}and a tab\u{000D}`},
		{"\u202Etxt.exe", `\u{202E}txt.exe`},
		{"zero\u200Bwidth\uFEFF", `zero\u{200B}width\u{FEFF}`},
		{"C1 \u009B31m", `C1 \u{009B}31m`},
		{"line\u2028separator", `line\u{2028}separator`},
		{"tag\U000E0041", `tag\u{E0041}`},
		{"filler\u3164", `filler\u{3164}`},
		{"broken \xff byte", `broken \x{FF} byte`},
	} {
		for _, printed := range []string{Untrusted(test.text).String(), fmt.Sprint(Untrusted(test.text)),
			fmt.Sprintf("%v", []any{Untrusted(test.text)}[0])} {
			if printed != test.want {
				t.Errorf("%q: %q, want %q", test.text, printed, test.want)
			}
		}
	}
}

func TestCleanCutsVisiblyAndKeepsTextValid(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("a", 1<<20), strings.Repeat("名", 1000), strings.Repeat("\xff", 600)} {
		got := string(Clean(text, MaxNameBytes))
		if !utf8.ValidString(got) || len(got) > 3*MaxNameBytes+40 ||
			!strings.HasSuffix(got, fmt.Sprintf("(%d bytes)", len(text))) {
			t.Errorf("%d bytes became %q", len(text), got)
		}
	}
	if got := Clean("  a\x00b ", MaxNameBytes); got != "a\uFFFDb" {
		t.Errorf("%q", string(got))
	}
}

func FuzzUntrusted(f *testing.F) {
	f.Add("Acme \x1b[0m\u202E\xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range Untrusted(text).String() {
			if acts(r) {
				t.Fatalf("%q prints %U", text, r)
			}
		}
		if cleaned := Clean(text, 64); !utf8.ValidString(string(cleaned)) || strings.Contains(string(cleaned), "\x00") {
			t.Fatalf("%q became %q", text, string(cleaned))
		}
	})
}

func TestSourcesAreSpokenForByTheNearestAbove(t *testing.T) {
	t.Parallel()
	source := Source{Provider: GoogleWorkspace, Name: "acme.example"}.Join("grants").Join("it/dev@acme.example")
	parent, ok := source.Parent()
	if !ok || parent.Name != "acme.example/grants" {
		t.Errorf("%q", string(parent.Name))
	}
	top, ok := parent.Parent()
	if !ok || top.Name != "acme.example" {
		t.Errorf("%q", string(top.Name))
	}
	if _, ok := top.Parent(); ok {
		t.Error("the top has a parent")
	}
}
