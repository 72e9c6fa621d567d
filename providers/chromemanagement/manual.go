package chromemanagement

import "guestlist/scanner"

// BlindSpots lists what no API reports to anyone.
func BlindSpots() []scanner.BlindSpot {
	return []scanner.BlindSpot{{What: "who has an extension on ChromeOS", Page: pageAppUsage}}
}
