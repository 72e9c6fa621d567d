package vendor

import (
	"strings"

	"guestlist/scanner/inventory"
)

// ByHand is how a person removes an extension within a browser.
type ByHand struct {
	Clicks string // from the browser's window to the button, one menu after the other
	// Address is a page of the browser, to be typed into the address bar, that has the button too:
	// the page of the one app if the browser has one. Empty: there is none.
	Address inventory.Untrusted
}

// byHand is how it is done in browsers whose names have this prefix.
type byHand struct{ browser, clicks, address string } // "{id}" in the address is the app's

// RemoveByHand says how its holder removes an app whose [Remedy] is ByHand.
func RemoveByHand(provider inventory.Provider, browser, id inventory.Untrusted) (how ByHand, known bool) {
	for _, row := range Of(provider).byHand {
		if strings.HasPrefix(string(browser), row.browser) {
			return ByHand{row.clicks, inventory.Untrusted(strings.ReplaceAll(row.address, "{id}", string(id)))}, true
		}
	}
	return ByHand{}, false
}
