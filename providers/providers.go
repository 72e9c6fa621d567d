// Package providers is the list of everything that guestlist can read without being configured: the
// browsers of this machine. Package config makes the providers that need configuration.
package providers

import (
	"guestlist/providers/chromium"
	"guestlist/providers/firefox"
	"guestlist/providers/internal/localprofile"
	"guestlist/scanner"
)

// All returns every provider that needs no configuration, in the order of the documentation.
func All(env scanner.Env) []scanner.Provider {
	walks := localprofile.NewWalks(env, chromium.Layout(), firefox.Layout())
	return []scanner.Provider{
		chromium.New(env).Sharing(walks),
		firefox.New(env).Sharing(walks),
	}
}
