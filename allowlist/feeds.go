package allowlist

import (
	"fmt"
	"time"

	"guestlist/allowlist/feed"
	"guestlist/scanner/inventory"
)

// defaultMaxAge is the age beyond which a feed is out of date, unless the allowlist sets another.
const defaultMaxAge Days = 90

// Feed is a [[feed]]: a file of IDs that are known to be bad. Every app in it is denied.
type Feed struct {
	*feed.Feed

	Position Position            // the [[feed]] entry
	Path     inventory.Untrusted // as the allowlist writes it
	Name     inventory.Untrusted
	Kind     inventory.Kind // empty: any kind
	MaxAge   Days
}

// IsStale reports whether the feed is older than its MaxAge. A feed without a date is stale.
func (f *Feed) IsStale(at time.Time) bool {
	return f.Date.IsZero() || at.After(f.Date.AddDate(0, 0, int(f.MaxAge)))
}

// Title names the feed for people.
func (f *Feed) Title() inventory.Untrusted {
	if f.Name != "" {
		return f.Name
	}
	return f.Path
}

// why says that the feed names an app, and what it says about it.
func (f *Feed) why(r feed.Record) inventory.Untrusted {
	why := fmt.Sprintf("the feed %s names it", f.Title())
	if r.Reason != "" {
		why += fmt.Sprintf(": %s", r.Reason)
	}
	if r.Date != "" {
		why += fmt.Sprintf(" (%s)", r.Date)
	}
	return inventory.Untrusted(why)
}
