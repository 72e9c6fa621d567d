package webext

import (
	"slices"
	"testing"
)

func TestWeakSources(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string][]string{
		"":                                 nil,
		"script-src 'self'":                nil,
		"object-src https://a.example":     nil, // no scripts
		"script-src 'self' 'unsafe-eval'":  {"unsafe-eval"},
		"default-src *; ;worker-src blob:": {"*", "blob:"},
		"SCRIPT-SRC HTTPS://CDN.example":   {"https://cdn.example"},
	} {
		if got := WeakSources(policy); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", policy, got, want)
		}
	}
}
