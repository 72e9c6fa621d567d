package tally

import (
	"fmt"
	"strings"

	"guestlist/scanner/inventory"
)

// AddDetail keeps details within their limit; the last one counts the rest.
func AddDetail(details []inventory.Untrusted, rest *int, detail inventory.Untrusted) []inventory.Untrusted {
	if len(details) < inventory.MaxCoverageDetails-1 {
		return append(details, detail)
	}
	*rest++
	return details
}

// CloseDetails appends how many details were omitted.
func CloseDetails(details []inventory.Untrusted, rest int) []inventory.Untrusted {
	if rest > 0 {
		details = append(details, inventory.Textf("and %d more", rest))
	}
	return details
}

// SomeOf names the first few of many.
func SomeOf(names []string) string {
	const most = 20
	text := make([]string, 0, most)
	for _, name := range names[:min(len(names), most)] {
		text = append(text, string(inventory.Clean(name, inventory.MaxNameBytes)))
	}
	if rest := len(names) - most; rest > 0 {
		text = append(text, fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(text, ", ")
}
