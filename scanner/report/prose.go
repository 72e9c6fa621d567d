package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"guestlist/scanner/inventory"
)

// Some vendors report a setting as a JSON value. Machines get it unchanged, people as words.

// prose puts a JSON object or list at the end of a text into words: `sharing: {"allowAll":true}`
// becomes "sharing: allow all: yes". Any other text is returned as it is.
func prose(text inventory.Untrusted) inventory.Untrusted {
	start := strings.IndexAny(string(text), "{[")
	if start < 0 {
		return text
	}
	var value any
	if err := json.Unmarshal([]byte(text[start:]), &value); err != nil {
		return text
	}
	return text[:start] + inventory.Untrusted(told(value))
}

func told(value any) string {
	switch value := value.(type) {
	case nil:
		return "not set"
	case bool:
		if value {
			return "yes"
		}
		return "no"
	case string:
		if isConstant(value) {
			return spaced(value)
		}
		return value
	case []any:
		parts := make([]string, len(value))
		for n := range value {
			parts[n] = told(value[n])
		}
		if len(parts) == 0 {
			return "none"
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			text := told(value[key])
			if _, nested := value[key].(map[string]any); nested {
				text = "(" + text + ")"
			}
			parts = append(parts, spaced(key)+": "+text)
		}
		if len(parts) == 0 {
			return "nothing set"
		}
		return strings.Join(parts, "; ")
	}
	return fmt.Sprint(value)
}

// isConstant reports whether a string is a word of the vendor's API: ALL_OF_IT_LIKE_THIS.
func isConstant(text string) bool {
	return strings.Contains(text, "_") && strings.ToUpper(text) == text && !strings.ContainsAny(text, " .:/@")
}

// spaced writes an API name as words: trustInternalApps, TRUST_INTERNAL_APPS.
func spaced(name string) string {
	var words strings.Builder
	before := ' '
	for _, r := range name {
		switch {
		case r == '_':
			r = ' '
		case unicode.IsUpper(r) && unicode.IsLower(before):
			words.WriteByte(' ')
		}
		words.WriteRune(unicode.ToLower(r))
		before = r
	}
	return words.String()
}
