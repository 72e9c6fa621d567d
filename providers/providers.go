// Package providers is the list of everything guestlist can read.
//
// Add a provider: write its package beside the others, give it a type that is a [scanner.Provider], and add one line to All.
package providers

import (
	"guestlist/providers/chromium"
	"guestlist/providers/firefox"
	"guestlist/scanner"
)

// All returns every provider that needs no configuration, in the order of the documentation.
func All(env scanner.Env) []scanner.Provider {
	return []scanner.Provider{
		chromium.New(env),
		firefox.New(env),
	}
}
