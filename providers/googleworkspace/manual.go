package googleworkspace

import "guestlist/scanner"

// BlindSpots lists what no API reports to anyone.
func BlindSpots() []scanner.BlindSpot {
	spots := make([]scanner.BlindSpot, len(unread))
	for n, row := range unread {
		spots[n] = scanner.BlindSpot{What: row.what, Page: row.page}
	}
	return spots
}
