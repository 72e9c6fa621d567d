package googleworkspace

import (
	"context"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/internal/httpx"
	"sync"
)

// job is one user to read.
type job struct {
	user     userRecord
	events   []eventRecord
	previous *record
	count    countRecord
	done     *record // what was read at the first try; nil before it
	last     bool    // what fails now has failed
	// What is still to be read.
	grants, passwords bool
	unread            bool // something could not be read, or not wholly
}

// retries are users whose read failed for the moment. They are tried once more when everybody else has been read, so that one user's
// lasting fault delays nobody and an outage of some minutes costs nothing.
type retries struct {
	mu   sync.Mutex
	jobs []*job
}

// maxRetries bounds how many users are tried again.
const maxRetries = 2000

func (r *retries) add(j *job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.jobs) >= maxRetries {
		return false
	}
	r.jobs = append(r.jobs, j)
	return true
}

// readUser asks for one user's grants and app passwords. A user who was read whole goes to the checkpoint; one whose read failed for
// the moment comes back at the end of the scan.
func (s *scan) readUser(ctx context.Context, j *job) error {
	if j.done == nil {
		j.done = &record{
			ID: j.user.ID, Email: j.user.Email, Suspended: j.user.isSuspended(), Archived: j.user.isArchived(), Read: s.env.Now().UTC(),
			Count: j.count.Count, CountDay: j.count.Day,
		}
	}
	if j.last {
		ctx = httpx.WithAttempts(ctx, lastAttempts)
	}
	var grants, passwords *Fault
	if j.grants {
		if grants = s.wanted(s.grants, j); grants == nil {
			j.done.Grants, grants = s.readGrants(ctx, j)
		}
	}
	if j.passwords {
		if passwords = s.wanted(s.passwords, j); passwords == nil {
			j.done.Passwords, passwords = s.readPasswords(ctx, j)
		}
	}
	if j.grants && j.passwords {
		grants, passwords = s.reconcile(grants, passwords), s.reconcile(passwords, grants)
	}
	if j.grants && s.settle(s.grants, j, &j.grants, grants) {
		if err := s.emitGrants(j.done, &j.user, grants == nil); err != nil {
			return err
		}
	}
	if j.passwords && s.settle(s.passwords, j, &j.passwords, passwords) {
		if err := s.emitPasswords(j.done, &j.user, passwords == nil); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if (j.grants || j.passwords) && s.again.add(j) {
		return nil
	}
	s.progress()
	if j.unread {
		j.done.Unread, j.done.Grants, j.done.Passwords, j.done.Events = true, nil, nil, j.events
		if j.previous != nil {
			j.done.Grants = j.previous.Grants
		}
	}
	return s.remember(j.done)
}

// reconcile returns a fault as it is to be understood beside that of the user's other call: who was deleted for one of them and is there
// for the other was not deleted.
func (s *scan) reconcile(fault, other *Fault) *Fault {
	if fault == nil || fault.Cause != CauseGone || other != nil && other.Cause != CauseEntries {
		return fault
	}
	return s.api.explain(&Fault{
		Feature: fault.Feature, Cause: CauseAnswer, Status: fault.Status,
		message: "the user was deleted, although another call about the same user was answered",
	})
}

// errNotAsked is the fault of a user who is not asked about: the feature has ended, or passes over the user.
var errNotAsked = &Fault{Cause: CauseNotAsked}

func (s *scan) wanted(feature *perUser, j *job) *Fault {
	if !feature.active() || feature.passesOver(j.user.asked()) {
		return errNotAsked
	}
	return nil
}

// settle notes how a read went. It reports whether there is something to emit; pending stays set for what is to be tried again.
func (s *scan) settle(feature *perUser, j *job, pending *bool, fault *Fault) bool {
	if fault != nil && fault.passes() && !j.last {
		feature.trouble(j.user.asked(), fault)
		return false
	}
	*pending = false
	j.unread = j.unread || fault != nil
	if fault != nil && fault.Cause != CauseNotAsked {
		feature.fail(j.user.asked(), fault)
	}
	return fault == nil || fault.Cause == CauseEntries
}

// remember writes a user who was read to the checkpoint, where there is one.
func (s *scan) remember(done *record) error {
	if s.state.Temporary {
		return nil
	}
	return s.state.Run.Add(checkpoint.Done, done.ID, done)
}
