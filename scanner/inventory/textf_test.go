package inventory

import (
	"slices"
	"testing"
)

func TestASentenceOfOursKeepsForeignTextHarmless(t *testing.T) {
	t.Parallel()
	if text := Textf("the approval of %s expired on %q", Untrusted("a\x1b[2J"), Untrusted("b\n")); text != `the approval of a\u{001B}[2J expired on "b\\u{000A}"` {
		t.Errorf("%q", string(text))
	}
	if list := All([]string{"a", "\x00"}); !slices.Equal(list, []Untrusted{"a", "\x00"}) {
		t.Errorf("%q", list)
	}
	if All(nil) == nil {
		t.Error("no texts are nil")
	}
}
