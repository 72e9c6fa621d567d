package vendor

import (
	"strings"

	"guestlist/scanner/inventory"
)

// ByHand is how a person removes an extension within a browser.
type ByHand struct {
	Clicks string // from the browser's window to the button, one menu after the other
	// Address is a page of the browser, to be typed where web addresses are, that has the button as
	// well; of the one app where the browser has that. Empty: there is none.
	Address inventory.Untrusted
}

// byHand is how browsers go about it whose names begin so.
type byHand struct{ browser, clicks, address string } // "{id}" in the address is the app's

// RemoveByHand says how the holder of an app that a [Remedy] calls ByHand removes it.
func RemoveByHand(provider inventory.Provider, browser, id inventory.Untrusted) (how ByHand, known bool) {
	for _, row := range Of(provider).byHand {
		if strings.HasPrefix(string(browser), row.browser) {
			return ByHand{row.clicks, inventory.Untrusted(strings.ReplaceAll(row.address, "{id}", string(id)))}, true
		}
	}
	return ByHand{}, false
}
