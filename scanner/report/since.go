package report

import (
	"time"

	"guestlist/scanner/inventory"
)

// Since says what a report compares with.
type Since struct {
	// First: there is no baseline, so nothing is called new, changed or gone.
	First bool `json:"first_scan"`
	// Started is when the baseline's scan began, and Days how many days before this one; 0 if its
	// date is in the future.
	Started time.Time `json:"started,omitzero"`
	Days    int       `json:"days,omitzero"`
	// Words say it: "since 18 Nov, 7 days".
	Words inventory.Untrusted `json:"words"`
}

func sinceOf(baseline *BaselineRef, now time.Time, once bool) Since {
	switch {
	case baseline == nil && once:
		return Since{First: true, Words: "not compared with an earlier scan"}
	case baseline == nil:
		return Since{First: true, Words: "first scan: the next one shows what changed"}
	}
	started, now := baseline.Started.UTC(), now.UTC()
	days := max(0, int(dayOf(now).Sub(dayOf(started)).Hours()/24))
	since := Since{Started: started, Days: days}
	switch {
	case started.After(now): // the clock was set back
		since.Words = inventory.Textf("since %s UTC, later than now", started.Format("2 Jan 2006 15:04"))
	case days == 0:
		since.Words = inventory.Textf("since %s UTC today", started.Format("15:04"))
	case started.Year() != now.Year():
		since.Words = inventory.Textf("since %s, %s", started.Format("2 Jan 2006"), plural(days, "day"))
	default:
		since.Words = inventory.Textf("since %s, %s", started.Format("2 Jan"), plural(days, "day"))
	}
	return since
}

func dayOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
