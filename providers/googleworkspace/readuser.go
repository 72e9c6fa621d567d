package googleworkspace

import (
	"context"
	"sync"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/providers/internal/httpx"
	"guestlist/scanner/guard"
)

// job is one user to read.
type job struct {
	user     userRecord
	events   []eventRecord
	previous *record
	count    countRecord
	done     *record // what was read at the first try; nil before it
	last     bool    // a failure is now final
	// What is still to be read.
	grants, passwords bool
	unread            bool // something could not be read, or not completely
}

// retries are users whose read failed for the moment. They are tried once more when everyone else
// has been read, so that one user's lasting fault delays no one else and an outage of a few minutes
// costs nothing.
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

// lastAttempts is how often a call that failed before is sent at the end of the scan.
const lastAttempts = 1

// readUser asks for one user's grants and app passwords. A user who was read completely goes to the
// checkpoint; one whose read failed for the moment is tried again at the end of the scan.
func (s *scan) readUser(ctx context.Context, j *job) error {
	if j.done == nil {
		j.done = &record{
			ID: j.user.ID, Email: j.user.Email, Suspended: j.user.isSuspended(), Archived: j.user.isArchived(),
			Read:  s.env.Now().UTC(),
			Count: j.count.Count, CountDay: j.count.Day,
		}
	}
	if j.last {
		ctx = httpx.WithAttempts(ctx, lastAttempts)
	}
	var grants, passwords *api.Fault
	if j.grants {
		if grants = s.wanted(s.grants, j); grants == nil {
			grants = safely(api.Grants, func() (fault *api.Fault) {
				j.done.Grants, fault = s.readGrants(ctx, j)
				return fault
			})
		}
	}
	if j.passwords {
		if passwords = s.wanted(s.passwords, j); passwords == nil {
			passwords = safely(api.AppPasswords, func() (fault *api.Fault) {
				j.done.Passwords, fault = s.readPasswords(ctx, j)
				return fault
			})
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

// safely reads a feature of one user. A panic is a bug that this user's data triggers, and costs no
// other user anything.
func safely(feature api.Feature, read func() *api.Fault) (fault *api.Fault) {
	if err := guard.Do(func() error { fault = read(); return nil }); err != nil {
		return api.Bug(feature, err)
	}
	return fault
}

// reconcile returns what a fault means given that of the user's other call: a user who is deleted
// according to one of them but exists according to the other was not deleted.
func (s *scan) reconcile(fault, other *api.Fault) *api.Fault {
	if fault == nil || fault.Cause != api.CauseGone || other != nil && other.Cause != api.CauseEntries {
		return fault
	}
	return s.api.Explain(&api.Fault{
		Feature: fault.Feature, Cause: api.CauseAnswer, Status: fault.Status,
		Message: "the user was deleted, although another call about the same user was answered",
	})
}

// errNotAsked is the fault of a user who is not asked about: the feature has ended, or skips the
// user.
var errNotAsked = &api.Fault{Cause: api.CauseNotAsked}

func (s *scan) wanted(feature *tally.Tally, j *job) *api.Fault {
	if !feature.Active() || feature.PassesOver(j.user.asked()) {
		return errNotAsked
	}
	return feature.Stopped()
}

// settle records how a read went and reports whether there is something to emit. It leaves pending
// set if the read is to be tried again.
func (s *scan) settle(feature *tally.Tally, j *job, pending *bool, fault *api.Fault) bool {
	if fault != nil && fault.Passes() && !j.last {
		feature.Trouble(j.user.asked(), fault)
		return false
	}
	*pending = false
	j.unread = j.unread || fault != nil
	if fault != nil && fault.Cause != api.CauseNotAsked {
		feature.Fail(j.user.asked(), fault)
	}
	return fault == nil || fault.Cause == api.CauseEntries
}

// remember writes a user who was read to the checkpoint, if there is one.
func (s *scan) remember(done *record) error {
	if s.state.Temporary {
		return nil
	}
	return s.state.Run.Add(checkpoint.Done, done.ID, done)
}
