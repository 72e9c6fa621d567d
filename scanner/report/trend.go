package report

import "time"

// TrendPoint is what one earlier scan of the same scope saw, in numbers; Report.Trend has them in
// chronological order.
type TrendPoint struct {
	Started time.Time
	Apps    int
	Items   int
	// Partial: not every source was read, so there may have been more.
	Partial bool
}
