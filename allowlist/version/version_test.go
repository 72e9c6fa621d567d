package version_test

import (
	"testing"

	"guestlist/allowlist/version"
	"guestlist/scanner/inventory"
)

func TestVersionsContain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		version inventory.Untrusted
		want    bool
	}{
		{">=1.50", "1.50", true},
		{">=1.50", "1.50.0", true},
		{">=1.50", "1.9", false},
		{">=1.50", "1.100.2.4", true},
		{">=1.2, <2", "1.99", true},
		{">=1.2, <2", "2", false},
		{">=1.2, <2", "2.0b1", true}, // a beta of 2 comes before 2
		{"!=1.3", "1.3.0", false},
		{"!=1.3", "1.3.1", true},
		{"1.2.3", "1.2.3", true},
		{"=1.2.3", "1.2.4", false},
		{"== 1.2.3", "1.2.3.0", true},
		{"1.*", "1.99", true},
		{"1.*", "1", true},
		{"1.*", "10.1", false},
		{"1.0.*", "1", true},
		{"<=1.5", "1.5.0.1", false},
		{">1.5", "1.5.0.1", true},
		{">=1.0", "", false},
		{">=1.0", "latest", false},
		{">=1.0", "2..1", false},
		{">=1.0", "99999999999999999999999999.1", true},
		{"<1.0", "1.0pre1", true},
		{"<1.0b10", "1.0b9", true},
	}
	for _, test := range tests {
		versions, err := version.Parse(test.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.text, err)
			continue
		}
		if got := versions.Contains(test.version); got != test.want {
			t.Errorf("%q contains %q: %v, want %v", test.text, test.version, got, test.want)
		}
	}
	for _, text := range []string{"", ">=", "latest", "1.x", "*", ">=1.0,", ">=1 <2", "1.*.2", ">=1.*", "v1.0", "~1.2"} {
		if _, err := version.Parse(text); err == nil {
			t.Errorf("Parse(%q) found nothing wrong", text)
		}
	}
	if !(version.Range{}).Contains("") {
		t.Error("no range does not hold an unknown version")
	}
}

// The order of Firefox's toolkit, from the examples in its documentation, which for plain numbers
// is Chrome's as well.
func TestVersionsAreOrderedAsBrowsersDo(t *testing.T) {
	t.Parallel()
	groups := [][]string{
		{"0.9"}, {"1.-1"}, {"1.0pre1"}, {"1.0pre2"}, {"1", "1.", "1.0", "1.0.0"}, {"1.1pre", "1.1pre0", "1.0+"},
		{"1.1pre1a"}, {"1.1pre1"},
		{"1.1pre10a"}, {"1.1pre10"}, {"1.1"}, {"1.9"}, {"1.10"}, {"2"}, {"10"},
	}
	for low, lower := range groups {
		for high, higher := range groups {
			for _, a := range lower {
				for _, b := range higher {
					got, want := version.Compare(a, b), min(max(low-high, -1), 1)
					if min(max(got, -1), 1) != want {
						t.Errorf("Compare(%q, %q) = %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
}
