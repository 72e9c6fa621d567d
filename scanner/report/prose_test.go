package report

import (
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func TestAJSONValueIsToldInWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want inventory.Untrusted }{
		{`access for orgUnits/root: {"accessLevel":"UNSPECIFIED_BLOCK"}`,
			"access for orgUnits/root: access level: unspecified block"},
		{`{"trustInternalApps":true,"allowAll":false}`, "allow all: no; trust internal apps: yes"},
		{`hosts: ["a.example","b.example"]`, "hosts: a.example, b.example"},
		{`hosts: []`, "hosts: none"},
		{`x: {"inner":{"days":30,"who":null},"none":{}}`, "x: inner: (days: 30; who: not set); none: (nothing set)"},
		{"its key is {unknown}", "its key is {unknown}"},
		{"read 1 of 2 [restricted]", "read 1 of 2 [restricted]"},
		{`cut off: {"a":`, `cut off: {"a":`},
		{"", ""},
	} {
		if got := prose(test.text); got != test.want {
			t.Errorf("%s: %q, want %q", test.text, got, test.want)
		}
	}
}

func FuzzProse(f *testing.F) {
	for _, seed := range []string{`a: {"b":[1,true,null]}`, `[[[`, `{"a":{"a":{}}}`, "\x1b{\"\":\"\x1b\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		told := string(prose(inventory.Untrusted(text)))
		if start := strings.IndexAny(text, "{["); start < 0 && told != text || start >= 0 &&
			!strings.HasPrefix(told, text[:start]) {
			t.Errorf("%q became %q", text, told)
		}
	})
}
