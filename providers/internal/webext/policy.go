package webext

import (
	"slices"
	"strings"
)

// WeakSources returns where a content security policy lets scripts come from, other than the
// extension's own files: text turned into code, and addresses on the network.
func WeakSources(policy string) []string {
	var weak []string
	for directive := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 || !slices.Contains([]string{"script-src", "script-src-elem", "default-src", "worker-src"},
			strings.ToLower(words[0])) {
			continue
		}
		for _, word := range words[1:] {
			switch source := strings.Trim(strings.ToLower(word), "'"); {
			case source == "unsafe-eval", source == "unsafe-inline", source == "*", strings.HasPrefix(source, "http"),
				strings.HasPrefix(source, "ws:"), strings.HasPrefix(source, "wss:"), source == "blob:", source == "data:":
				weak = append(weak, source)
			}
		}
	}
	return weak
}
