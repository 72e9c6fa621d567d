package inventory

import (
	"slices"
	"testing"
)

func TestASentenceOfOursKeepsForeignTextHarmless(t *testing.T) {
	t.Parallel()
	if text := Textf("the approval of %s expired on %q", Untrusted("a\x1b[2J"),
		Untrusted("b\n")); text != `the approval of a\u{001B}[2J expired on "b\\u{000A}"` {
		t.Errorf("%q", string(text))
	}
	if list := All([]string{"a", "\x00"}, nil, []string{"b"}); !slices.Equal(list, []Untrusted{"a", "\x00", "b"}) {
		t.Errorf("%q", list)
	}
	if list := All(nil, []string{}); list != nil {
		t.Errorf("of no texts: %q", list)
	}
}
