package googleworkspace

import (
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
)

// BlindSpots lists what no API reports to anyone.
func BlindSpots() []scanner.BlindSpot {
	return []scanner.BlindSpot{
		{What: "clients with domain-wide delegation (with events, changes of the last 180 days are reported)", Page: api.PageDelegation},
		{What: "apps that the console trusts, limits or blocks", Page: pageTrusted},
	}
}
