// Package providers is the list of everything guestlist can read.
//
// Add a provider: write its package beside the others, give it a type that is a [provider.Provider], and add one line to All.
package providers

import (
	"guestlist/providers/chromium"
	"guestlist/providers/firefox"
	"guestlist/providers/provider"
)

// All returns every provider that needs no configuration, in the order of the documentation.
func All(env provider.Env) []provider.Provider {
	return []provider.Provider{
		chromium.New(env),
		firefox.New(env),
	}
}
