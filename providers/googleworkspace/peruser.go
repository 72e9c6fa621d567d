package googleworkspace

import (
	"slices"
	"sync"

	"guestlist/scanner/inventory"
)

const (
	// MaxUserExceptions bounds how many users have a coverage of their own; beyond that the feature as a whole is partial.
	MaxUserExceptions = 10_000
	// maxRefusals is how many users of one unit Google may refuse, with none read, before the unit's others are not asked.
	// Administrators do not count: they are refused for what they are.
	maxRefusals = 25
	// maxRefusedUnits bounds the units of which that is known.
	maxRefusedUnits = 10_000
)

// asked is whom, or which app, a call was about.
type asked struct {
	name      string
	unit      string
	suspended bool // or archived: its 401 says nothing about the next user
	admin     bool
}

// perUser gathers how a feature went over all users, or over all apps.
type perUser struct {
	feature Feature
	source  inventory.Source

	mu         sync.Mutex
	read       int
	items      int
	failed     int
	exceptions []inventory.Coverage
	end        *Fault // set: nobody else is asked
	streak     int    // failures of one cause without a success between
	cause      Cause
	gone       []string // deleted since the listing
	refused    map[string]*unitRefusals
	refusal    *Fault // the last one
	refusals   int
	hidden     int // suspended or archived users, of whom Google says nothing
	unasked    int // users of units in which everybody was refused
}

// unitRefusals are what a privilege that may be limited to units meant in one of them.
type unitRefusals struct{ refused, read int }

// How many users in a row may fail for one cause before the feature ends: they would all cost as long and end the same. A refusal is
// about whom it was asked, and ends nothing.
var longestStreak = map[Cause]int{
	CauseQuota: 4, CauseService: 25, CauseNetwork: 20, CauseUnauthorized: 200, CauseAnswer: 50,
}

// active reports whether the feature is wanted and has not ended.
func (p *perUser) active() bool { return p != nil && p.ended() == nil }

func (p *perUser) ended() *Fault {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end
}

// passesOver reports whether a user need not be asked: Google refused everybody of the unit who was.
func (p *perUser) passesOver(user asked) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	unit := p.refused[user.unit]
	if user.admin || unit == nil || unit.read > 0 || unit.refused < maxRefusals {
		return false
	}
	p.unasked++
	return true
}

// found counts what was found of a user; whole says that it is all, and the user was read.
func (p *perUser) found(user asked, items int, whole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items += items
	if !whole {
		return
	}
	p.read++
	p.streak = 0
	if unit := p.tally(user); unit != nil {
		unit.read++
	}
}

// tally returns the counts of a user's unit; nil for one too many.
func (p *perUser) tally(user asked) *unitRefusals {
	if p.refused == nil {
		p.refused = map[string]*unitRefusals{}
	}
	unit := p.refused[user.unit]
	if unit == nil && len(p.refused) < maxRefusedUnits {
		unit = &unitRefusals{}
		p.refused[user.unit] = unit
	}
	return unit
}

// trouble notes a failure that is tried once more at the end of the scan.
func (p *perUser) trouble(user asked, fault *Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strike(user, fault)
}

func (p *perUser) fail(user asked, fault *Fault) {
	if fault.Cause == CauseCancelled {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != nil {
		return
	}
	if fault.ofEverybody() {
		p.end = fault
		return
	}
	if fault.Cause == CauseGone {
		p.gone = append(p.gone, user.name)
		return
	}
	p.failed++
	if p.strike(user, fault) {
		return
	}
	if fault.Cause == CauseUnauthorized && user.suspended {
		p.hidden++
	}
	if fault.Cause == CausePrivilege {
		p.refusal, p.refusals = fault, p.refusals+1
		if unit := p.tally(user); unit != nil && !user.admin {
			unit.refused++
		}
	}
	if len(p.exceptions) < MaxUserExceptions {
		p.exceptions = append(p.exceptions, p.exception(user, fault))
	}
}

// strike counts a failure in a row with others like it, and reports whether that ends the feature.
func (p *perUser) strike(user asked, fault *Fault) bool {
	if fault.Cause == CauseUnauthorized && user.suspended {
		return false
	}
	if fault.Cause != p.cause {
		p.cause, p.streak = fault.Cause, 0
	}
	p.streak++
	if most := longestStreak[fault.Cause]; p.end == nil && most > 0 && p.streak >= most {
		ending := *fault
		ending.Text = inventory.Textf("%d users in a row could not be read: ", p.streak) + fault.Text
		p.end = &ending
	}
	return p.end != nil
}

// exception is the coverage of one user who could not be read, or not wholly.
func (p *perUser) exception(user asked, fault *Fault) inventory.Coverage {
	exception := fault.coverage(p.source.Join(inventory.Untrusted(user.name)))
	switch {
	case fault.Cause == CauseEntries:
		exception.Status = inventory.StatusPartial
	case fault.Cause == CausePrivilege && user.admin:
		exception.Reason = "Google refuses this account, which is an administrator's: a delegated administrator may not read it"
		exception.Remedy = "set subject to a super administrator"
	case fault.Cause == CauseUnauthorized && user.suspended:
		exception.Reason = "Google answers 401 for this user, who is suspended or archived: what the account holds cannot be seen"
		exception.Remedy = "delete the account, or revoke its access in the console: " + pageUsers
		// Nobody can read it as long as the account is suspended, and every organization has such accounts: it is told, and a scan
		// that read everybody else is complete. An account that comes back is read again.
		exception.Unobservable = true
	}
	return exception
}

// coverage returns the feature's own record and those of the users who could not be read.
func (p *perUser) coverage(expected int, listing *Fault) []inventory.Coverage {
	p.mu.Lock()
	defer p.mu.Unlock()
	whole := inventory.Coverage{Source: p.source, Status: inventory.StatusComplete, Items: p.items, Read: p.read, Expected: expected}
	fault := p.wholeFault(listing)
	if fault != nil {
		whole.Status, whole.Reason, whole.Remedy = inventory.StatusPartial, fault.Text, fault.Remedy
		if p.read == 0 {
			whole.Status = inventory.StatusNotObservable
		}
	}
	if p.end != nil || p.everybodyRefused() {
		return []inventory.Coverage{whole}
	}
	return append([]inventory.Coverage{whole}, p.exceptions...)
}

// wholeFault says why the feature as a whole is not complete; nil when all that is missing is missing of single users.
func (p *perUser) wholeFault(listing *Fault) *Fault {
	switch {
	case p.end != nil:
		return p.end
	case listing != nil:
		return &Fault{Text: "not all users could be listed: " + listing.Text, Remedy: listing.Remedy}
	case p.everybodyRefused():
		return &Fault{Text: inventory.Textf("Google refused all %d users who were asked about: ", p.refusals) + p.refusal.Text,
			Remedy: p.refusal.Remedy}
	case p.unasked > 0:
		return &Fault{Text: inventory.Textf("%d users were not asked about, since Google refused the first %d of their unit: ",
			p.unasked, maxRefusals) + p.refusal.Text, Remedy: p.refusal.Remedy}
	case len(p.gone) > p.read:
		return &Fault{Text: inventory.Textf("Google says of %d users that they were deleted, and of only %d that they are there, which cannot be: %s",
			len(p.gone), p.read, someOf(p.gone)), Remedy: remedyOdd}
	case p.failed > len(p.exceptions):
		return &Fault{Text: inventory.Textf("%d users could not be read; the first %d are listed", p.failed, len(p.exceptions))}
	}
	return nil
}

// everybodyRefused reports whether the role may read nobody at all, which is one thing to tell and not thousands.
func (p *perUser) everybodyRefused() bool {
	return p.read == 0 && p.refusals > 1 && p.refusals+p.hidden == p.failed && len(p.gone) == 0
}

// deleted are the users who were deleted since the listing, where that can be believed.
func (p *perUser) deleted() []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.gone) > p.read {
		return nil
	}
	return slices.Clone(p.gone)
}
