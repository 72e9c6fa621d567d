package allowlist

import (
	"slices"
	"time"

	"guestlist/scanner/inventory"
)

// InForce returns the approvals and the requirements that are meant for an item and count at a
// given time, in the order of the file: filled in, begun and not expired. Refusals, which win over
// all of them, are not asked.
func (l *List) InForce(item *inventory.Item, at time.Time) (approvals, requirements []*Entry) {
	allow, _ := l.speakers(item, PartAllow)
	approvals, _ = splitPending(allow, at)
	approvals = slices.DeleteFunc(slices.Clone(approvals), func(e *Entry) bool {
		expiry, _ := l.expiry(e, at)
		return expiry == Expired
	})
	required, _ := l.speakers(item, PartRequire)
	requirements, _ = splitPending(required, at)
	return approvals, requirements
}

// WhyNotInForce says why an entry does not count at a given time: it is not filled in, has not
// begun, has expired, or puts the decision off. It is empty for an entry that counts.
func (l *List) WhyNotInForce(e *Entry, at time.Time) inventory.Untrusted {
	switch {
	case e.Part == PartDefer:
		return inventory.Textf("the decision is deferred until %v", e.Until)
	case e.waits(at):
		return e.whyWaits(at)
	}
	if expiry, last := l.expiry(e, at); expiry == Expired {
		return inventory.Textf("its approval expired on %v", last)
	}
	return ""
}
