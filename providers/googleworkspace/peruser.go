package googleworkspace

import (
	"sync"

	"guestlist/scanner/inventory"
)

// MaxUserExceptions bounds how many users have a coverage of their own; beyond that the feature as a whole is partial.
const MaxUserExceptions = 10_000

// perUser gathers how a feature went over all users.
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
}

// How many users in a row may fail for one cause before the feature ends: they would all cost as long and end the same.
var longestStreak = map[Cause]int{
	CausePrivilege: 3, CauseQuota: 20, CauseService: 50, CauseNetwork: 20, CauseUnauthorized: 200, CauseAnswer: 50,
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

func (p *perUser) succeed(items int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read++
	p.items += items
	p.streak = 0
}

func (p *perUser) fail(user *userRecord, fault *Fault) {
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
	p.failed++
	if fault.Cause != p.cause {
		p.cause, p.streak = fault.Cause, 0
	}
	// A suspended user's 401 says nothing about the next user.
	if fault.Cause != CauseUnauthorized || !user.isSuspended() {
		p.streak++
	}
	if most := longestStreak[fault.Cause]; most > 0 && p.streak >= most && (fault.Cause != CausePrivilege || p.read == 0) {
		ending := *fault
		ending.Text = untrusted("%d users in a row could not be read: ", p.streak) + fault.Text
		p.end = &ending
		return
	}
	if len(p.exceptions) < MaxUserExceptions {
		exception := gap(p.source.Join(inventory.Untrusted(user.Email)), fault)
		if fault.Cause == CauseUnauthorized && (user.isSuspended() || user.isArchived()) {
			exception.Reason = "Google answers 401 for this user, who is suspended or archived: what the account holds cannot be seen"
			exception.Remedy = "delete the account, or revoke its access in the console: " + pageUsers
			// Nobody can read it as long as the account is suspended, and every organization has such accounts: it is told, and a scan
			// that read everybody else is complete. An account that comes back is read again.
			exception.Unobservable = true
		}
		p.exceptions = append(p.exceptions, exception)
	}
}

// coverage returns the feature's own record and those of the users who could not be read.
func (p *perUser) coverage(expected int, listing *Fault) []inventory.Coverage {
	p.mu.Lock()
	defer p.mu.Unlock()
	whole := inventory.Coverage{Source: p.source, Status: inventory.StatusComplete, Items: p.items, Read: p.read, Expected: expected}
	switch {
	case p.end != nil:
		whole.Status, whole.Reason, whole.Remedy = inventory.StatusPartial, p.end.Text, p.end.Remedy
		if p.read == 0 {
			whole.Status = inventory.StatusNotObservable
		}
		return []inventory.Coverage{whole}
	case listing != nil:
		whole.Status, whole.Reason, whole.Remedy = inventory.StatusPartial, "not all users could be listed: "+listing.Text, listing.Remedy
		if p.read == 0 {
			whole.Status = inventory.StatusNotObservable
		}
	case p.failed > len(p.exceptions):
		whole.Status = inventory.StatusPartial
		whole.Reason = untrusted("%d users could not be read; the first %d are listed", p.failed, len(p.exceptions))
	}
	return append([]inventory.Coverage{whole}, p.exceptions...)
}
