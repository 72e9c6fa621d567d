package firefox

import "guestlist/providers/internal/localprofile"

// Browsers lists the browsers that have a row, for manuals.
func Browsers() []string {
	return localprofile.BrowserNames(places, func(p place) string { return p.name })
}
