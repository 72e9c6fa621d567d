package tally

import (
	"slices"
	"sync"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
)

const (
	// maxExceptions bounds how many users have a coverage of their own; beyond that the feature as a
	// whole is partial.
	maxExceptions = 10_000
	// maxRefusals is how many users of one unit Google may refuse, with none read, before the
	// unit's others are not asked. Administrators do not count: they are refused because they are
	// administrators.
	maxRefusals = 25
	// maxRefusedUnits bounds the units of which that is known.
	maxRefusedUnits = 10_000
)

// Asked is the user or the app that a call was about.
type Asked struct {
	Name      string
	Unit      string
	Suspended bool // or archived: a 401 for it says nothing about the next user
	Admin     bool
}

// Tally gathers how a feature went over all users, or over all apps.
type Tally struct {
	Feature api.Feature
	Source  inventory.Source

	mu         sync.Mutex
	read       int
	items      int
	failed     int
	exceptions []inventory.Coverage
	end        *api.Fault // set: no one else is asked about
	isAgain    bool       // asking again about those who failed before
	stopped    *api.Fault // set: none of them is asked about any more
	streak     int        // failures of one cause without a success between
	cause      api.Cause
	gone       []string // deleted since the listing
	refused    map[string]*unitRefusals
	refusal    *api.Fault // the last one
	refusals   int
	hidden     int // suspended or archived users, about whom Google says nothing
	unasked    int // users of units in which everyone was refused
}

// unitRefusals counts the users of one unit who were refused and read: the administrator's
// privilege may be limited to units.
type unitRefusals struct{ refused, read int }

// How many users in a row may fail for one cause before the feature ends: all others would take as
// long and fail the same way. A refusal concerns only the user asked about and ends nothing.
var longestStreak = map[api.Cause]int{
	api.CauseQuota: 4, api.CauseService: 25, api.CauseNetwork: 20, api.CauseUnauthorized: 200, api.CauseAnswer: 50,
}

// Active reports whether the feature is wanted and has not ended.
func (t *Tally) Active() bool { return t != nil && t.Ended() == nil }

// Ended is why no one else is asked about, or nil while the feature goes on.
func (t *Tally) Ended() *api.Fault {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end
}

// Again begins the second attempt for users whose read failed for the moment. If they fail one
// after the other, that says nothing about those who were read: it ends the attempt, not the
// feature.
func (t *Tally) Again() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.isAgain, t.streak = true, 0
}

// Stopped is why the second attempt ended, or nil while it goes on.
func (t *Tally) Stopped() *api.Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stopped
}

// PassesOver reports whether a user need not be asked about: Google refused everyone in the unit so
// far.
func (t *Tally) PassesOver(user Asked) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	unit := t.refused[user.Unit]
	if user.Admin || unit == nil || unit.read > 0 || unit.refused < maxRefusals {
		return false
	}
	t.unasked++
	return true
}

// Found counts what was found for a user; if whole is set, it is everything, and the user counts as
// read.
func (t *Tally) Found(user Asked, items int, whole bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items += items
	if !whole {
		return
	}
	t.read++
	t.streak = 0
	if unit := t.tally(user); unit != nil {
		unit.read++
	}
}

// tally returns the counts of a user's unit, or nil beyond maxRefusedUnits.
func (t *Tally) tally(user Asked) *unitRefusals {
	if t.refused == nil {
		t.refused = map[string]*unitRefusals{}
	}
	unit := t.refused[user.Unit]
	if unit == nil && len(t.refused) < maxRefusedUnits {
		unit = &unitRefusals{}
		t.refused[user.Unit] = unit
	}
	return unit
}

// Trouble notes a failure that is tried once more at the end of the scan.
func (t *Tally) Trouble(user Asked, fault *api.Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.strike(user, fault)
}

func (t *Tally) Fail(user Asked, fault *api.Fault) {
	if fault.Cause == api.CauseCancelled {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.end != nil {
		return
	}
	if fault.OfEverybody() {
		t.end = fault
		return
	}
	if fault.Cause == api.CauseGone {
		t.gone = append(t.gone, user.Name)
		return
	}
	t.failed++
	if t.strike(user, fault) {
		return
	}
	if fault.Cause == api.CauseUnauthorized && user.Suspended {
		t.hidden++
	}
	if fault.Cause == api.CausePrivilege {
		t.refusal, t.refusals = fault, t.refusals+1
		if unit := t.tally(user); unit != nil && !user.Admin {
			unit.refused++
		}
	}
	if len(t.exceptions) < maxExceptions {
		t.exceptions = append(t.exceptions, t.exception(user, fault))
	}
}

// strike counts a failure in the current streak of its cause and reports whether that ends the
// feature.
func (t *Tally) strike(user Asked, fault *api.Fault) bool {
	if fault.Cause == api.CauseUnauthorized && user.Suspended {
		return false
	}
	if fault.Cause != t.cause {
		t.cause, t.streak = fault.Cause, 0
	}
	t.streak++
	most := longestStreak[fault.Cause]
	switch {
	case t.end != nil || most == 0 || t.streak < most:
	case t.isAgain:
		t.stopped = fault
	default:
		ending := *fault
		ending.Text = inventory.Textf("%d users in a row could not be read: ", t.streak) + fault.Text
		t.end = &ending
	}
	return t.end != nil
}

// exception is the coverage of one user who could not be read, or not completely.
func (t *Tally) exception(user Asked, fault *api.Fault) inventory.Coverage {
	exception := fault.Coverage(t.Source.Join(inventory.Untrusted(user.Name)))
	switch {
	case fault.Cause == api.CauseEntries, fault.Cause == api.CauseBug:
		exception.Status = inventory.StatusPartial
	case fault.Cause == api.CausePrivilege && user.Admin:
		exception.Reason = "Google refuses this account, which is an administrator's: a delegated administrator may not read it"
		exception.Remedy = "set subject to a super administrator"
	case fault.Cause == api.CauseUnauthorized && user.Suspended:
		exception.Reason = "Google answers 401 for this user, who is suspended or archived: what the account holds cannot be seen"
		exception.Remedy = "delete the account, or revoke its access in the console: " + api.PageUsers
		// No API reports it while the account is suspended, and every organization has such
		// accounts: it is reported, and a scan that read everyone else is complete. An account that
		// is restored is read again.
		exception.Unobservable = true
	}
	return exception
}

// Coverage returns the feature's own record and those of the users who could not be read.
func (t *Tally) Coverage(expected int, listing *api.Fault) []inventory.Coverage {
	t.mu.Lock()
	defer t.mu.Unlock()
	whole := inventory.Coverage{Source: t.Source, Status: inventory.StatusComplete, Items: t.items, Read: t.read,
		Expected: expected}
	fault := t.wholeFault(listing)
	if fault != nil {
		whole.Status, whole.Reason, whole.Remedy = inventory.StatusPartial, fault.Text, fault.Remedy
		if t.read == 0 {
			whole.Status = inventory.StatusNotObservable
		}
	}
	if t.end != nil || t.everybodyRefused() {
		return []inventory.Coverage{whole}
	}
	return append([]inventory.Coverage{whole}, t.exceptions...)
}

// wholeFault says why the feature as a whole is not complete; nil if only single users are missing.
func (t *Tally) wholeFault(listing *api.Fault) *api.Fault {
	switch {
	case t.end != nil:
		return t.end
	case listing != nil:
		return &api.Fault{Text: "not all users could be listed: " + listing.Text, Remedy: listing.Remedy}
	case t.everybodyRefused():
		return &api.Fault{Text: inventory.Textf("Google refused all %d users who were asked about: ",
			t.refusals) + t.refusal.Text,
			Remedy: t.refusal.Remedy}
	case t.unasked > 0:
		return &api.Fault{Text: inventory.Textf("%d users were not asked about, since Google refused the first %d of their unit: ",
			t.unasked, maxRefusals) + t.refusal.Text, Remedy: t.refusal.Remedy}
	case len(t.gone) > t.read:
		return &api.Fault{Text: inventory.Textf("Google reports %d users as deleted and only %d as existing, which cannot be: %s",
			len(t.gone), t.read, SomeOf(t.gone)), Remedy: api.RemedyOdd}
	case t.failed > len(t.exceptions):
		return &api.Fault{Text: inventory.Textf("%d users could not be read; the first %d are listed", t.failed,
			len(t.exceptions))}
	}
	return nil
}

// Singles returns the coverages of those that failed individually, as far as they are kept, and how
// many failed. It returns none for a feature that has ended, which is reported once.
func (t *Tally) Singles() (exceptions []inventory.Coverage, failed int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.end != nil {
		return nil, 0
	}
	return slices.Clone(t.exceptions), t.failed
}

// everybodyRefused reports whether the role may not read anyone, which is reported once and not per
// user.
func (t *Tally) everybodyRefused() bool {
	return t.read == 0 && t.refusals > 1 && t.refusals+t.hidden == t.failed && len(t.gone) == 0
}

// Deleted returns the users who were deleted since the listing, if that is credible.
func (t *Tally) Deleted() []string {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.gone) > t.read {
		return nil
	}
	return slices.Clone(t.gone)
}
