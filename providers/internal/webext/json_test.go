package webext

import "testing"

func TestWhatBrowsersReadBeyondJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, data, lines, lenient string }{
		{"plain JSON", `{"a":"http://a.example/*x*/"}`, `{"a":"http://a.example/*x*/"}`, `{"a":"http://a.example/*x*/"}`},
		{"line comments", "{//\\\"x\n}", "{     \n}", "{     \n}"},
		{"a line comment at the end", "{}//x", "{}   ", "{}   "},
		{"block comments", "{/*\"*/}", "{/*\"*/}", "{     }"},
		{"a block comment without an end", "{}/*x", "{}/*x", "{}   "},
		{"escaped quotes", `{"a\"//":1}`, `{"a\"//":1}`, `{"a\"//":1}`},
		{"line breaks in strings", "[\"a\n\"]", "[\"a\n\"]", `["a "]`},
		{"short escapes", `["\x41"]`, `["\x41"]`, `["\u0041"]`},
		{"a backslash at the end", `"\`, `"\`, `"\`},
	}
	for _, test := range tests {
		for dialect, want := range map[Dialect]string{LineComments: test.lines, Lenient: test.lenient} {
			got, changed := PlainJSON(nil, []byte(test.data), dialect)
			if string(got) != want || changed != (want != test.data) {
				t.Errorf("%s in dialect %d: %q, changed %t; want %q", test.name, dialect, got, changed, want)
			}
		}
	}
}
