package googleworkspace

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"

	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/internal/httpx"
	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// scan is one Collect of users and what they hold.
type scan struct {
	*reader
	state        *checkpoint.State
	sink         scanner.Sink
	organization inventory.Untrusted
	users        inventory.Source
	projects     []string // the organization's own
	internal     atomic.Int64
	listing      listing
	grants       *perUser
	passwords    *perUser
	events       logCoverage
	usage        usageCoverage
	apps         appIndex
	total        int
	byAddress    addressEvents
	again        retries
	finished     atomic.Int64
	resumed      atomic.Int64
	carried      atomic.Int64
	duplicates   int
}

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

func newScan(r *reader, state *checkpoint.State, sink scanner.Sink) *scan {
	s := &scan{reader: r, state: state, sink: sink, organization: r.config.Target()}
	s.users = r.api.source(inventory.GoogleWorkspace, "users")
	s.projects = slices.Concat(r.config.Projects, r.api.projects())
	if r.api.has(Grants) {
		s.grants = &perUser{feature: Grants, source: r.api.source(inventory.GoogleWorkspace, "grants")}
	}
	if r.api.has(AppPasswords) {
		s.passwords = &perUser{feature: AppPasswords, source: r.api.source(inventory.GoogleWorkspace, "app-passwords")}
	}
	return s
}

// run lists, prepares and reads. It returns an error only when the scan cannot go on: an interrupt, a full disk, a failing sink.
func (s *scan) run(ctx context.Context) error {
	prepared, err := s.isPrepared()
	if err != nil {
		return err
	}
	if prepared {
		s.total = s.state.Meta.Users
		s.listing.users = s.total
	} else if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.readAll(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.keep()
}

// isPrepared reports whether an interrupted scan had listed everybody, and the list is still whole: a machine that lost its power may
// have lost a part of it, and nobody may be missing because of that.
func (s *scan) isPrepared() (bool, error) {
	if !s.state.Resumed || !s.state.Meta.Prepared {
		return false, nil
	}
	listed, outside := 0, 0
	var units unitTally
	for part := range s.state.Run.Parts {
		err := checkpoint.Each(s.state.Run, checkpoint.Users, part, func(user userRecord) {
			units.add(user.Unit)
			if user.Outside {
				outside++
			} else {
				listed++
			}
		})
		if err != nil {
			return false, err
		}
	}
	s.listing.units, s.listing.outside = units, outside
	return listed == s.state.Meta.Users && outside == s.state.Meta.Outside, nil
}

// prepare drains the list of users, and what the log and the usage report say of them, to disk.
func (s *scan) prepare(ctx context.Context) error {
	for _, kind := range []string{checkpoint.Listed, checkpoint.Users, checkpoint.Events, checkpoint.Counts, checkpoint.Addressed} {
		if err := s.state.Run.Remove(kind); err != nil {
			return err
		}
	}
	s.listing = listing{}
	if err := s.listUsers(ctx); err != nil {
		return err
	}
	s.total = s.listing.users
	if err := s.spread(); err != nil {
		return err
	}
	if err := s.readLog(ctx); err != nil {
		return err
	}
	if err := s.readUsage(ctx); err != nil {
		return err
	}
	if err := s.state.Run.Close(); err != nil {
		return err
	}
	s.state.Meta.Users, s.state.Meta.Outside = s.total, s.listing.outside
	s.state.Meta.Prepared = s.listing.fault == nil && s.events.fault == nil && s.usage.fault == nil
	return s.state.SaveMeta()
}

// spread distributes the listed users over the parts.
func (s *scan) spread() error {
	run := s.state.Run
	if err := run.Close(); err != nil {
		return err
	}
	s.state.Divide(s.total)
	if run.Parts == 1 {
		return run.Rename(checkpoint.Listed, checkpoint.Users)
	}
	err := run.Each(checkpoint.Listed, 0, func(line []byte) error {
		var user userRecord
		if err := json.Unmarshal(line, &user); err != nil {
			return fmt.Errorf("reading the scan's state: %w", err)
		}
		return run.Add(checkpoint.Users, user.ID, &user)
	})
	if err != nil {
		return err
	}
	return run.Remove(checkpoint.Listed)
}

// readAll hands every user to the workers, part by part, and those once more whose read failed for the moment.
func (s *scan) readAll(ctx context.Context) error {
	if err := s.byAddress.load(s.state.Run); err != nil {
		return err
	}
	err := s.work(ctx, func(ctx context.Context, jobs chan<- *job) error {
		for part := range s.state.Run.Parts {
			if err := s.feed(ctx, part, jobs); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.work(ctx, func(ctx context.Context, jobs chan<- *job) error {
		for _, job := range s.again.jobs {
			job.last = true
			select {
			case jobs <- job:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
}

// work has the workers read what feed gives them.
func (s *scan) work(ctx context.Context, feed func(context.Context, chan<- *job) error) error {
	group, working := errgroup.WithContext(ctx)
	jobs := make(chan *job)
	for range s.config.Workers {
		group.Go(guard.Go(func() error {
			for job := range jobs {
				if err := s.readUser(working, job); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	group.Go(guard.Go(func() error {
		defer close(jobs)
		return feed(working, jobs)
	}))
	err := group.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// feed handles the users of one part: those read before are taken over, the others become jobs.
func (s *scan) feed(ctx context.Context, part int, jobs chan<- *job) error {
	known, err := s.load(part)
	if err != nil {
		return err
	}
	for _, user := range known.users {
		if err := s.sink.AddAccount(user.account(s.users)); err != nil {
			return err
		}
		if user.Outside {
			continue
		}
		if done := known.done[user.ID]; done != nil && !done.Unread {
			s.resumed.Add(1)
			if err := s.emit(done, user); err != nil {
				return err
			}
			continue
		}
		base := known.base[user.ID]
		events := slices.Concat(known.events[user.ID], s.byAddress.of(user, base))
		if base != nil {
			events = mergeEvents(base.Events, events)
		}
		if base != nil && !s.mustRead(user, base, events, known.counts[user.ID]) {
			if err := s.carry(base, user, events, known.counts[user.ID]); err != nil {
				return err
			}
			continue
		}
		select {
		case jobs <- &job{
			user: *user, events: events, previous: base, count: known.counts[user.ID], grants: s.grants != nil, passwords: s.passwords != nil,
		}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// part is everything on disk about the users of one part.
type part struct {
	users  []*userRecord
	done   map[string]*record
	base   map[string]*record
	events map[string][]eventRecord
	counts map[string]countRecord
}

func (s *scan) load(n int) (*part, error) {
	p := &part{
		done: map[string]*record{}, base: map[string]*record{}, events: map[string][]eventRecord{}, counts: map[string]countRecord{},
	}
	seen := map[string]bool{}
	err := checkpoint.Each(s.state.Run, checkpoint.Users, n, func(user userRecord) {
		if seen[user.ID] {
			s.duplicates++
			return
		}
		seen[user.ID] = true
		p.users = append(p.users, &user)
	})
	if err == nil && s.state.Resumed {
		err = checkpoint.Each(s.state.Run, checkpoint.Done, n, func(done record) { p.done[done.ID] = &done })
	}
	if err == nil && s.state.Base != nil {
		err = checkpoint.EachOfBase(s.state, n, func(r *record) string { return r.ID }, func(base record) { p.base[base.ID] = &base })
	}
	if err == nil {
		err = checkpoint.Each(s.state.Run, checkpoint.Events, n, func(event eventRecord) { p.events[event.ID] = append(p.events[event.ID], event) })
	}
	if err == nil {
		err = checkpoint.Each(s.state.Run, checkpoint.Counts, n, func(count countRecord) { p.counts[count.ID] = count })
	}
	return p, err
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

// carry takes a user over from the base.
func (s *scan) carry(base *record, user *userRecord, events []eventRecord, count countRecord) error {
	s.carried.Add(1)
	base.Email = user.Email
	if count.Day != "" {
		base.Count, base.CountDay = count.Count, count.Day
	}
	for n := range base.Grants {
		base.Grants[n].apply(events) // activity only: any other entry would have had the user read
	}
	if err := s.emit(base, user); err != nil {
		return err
	}
	return s.remember(base)
}

// remember writes a user who was read to the checkpoint, where there is one.
func (s *scan) remember(done *record) error {
	if s.state.Temporary {
		return nil
	}
	return s.state.Run.Add(checkpoint.Done, done.ID, done)
}

func (s *scan) emit(done *record, user *userRecord) error {
	s.progress()
	if s.grants != nil {
		if err := s.emitGrants(done, user, true); err != nil {
			return err
		}
	}
	if s.passwords != nil {
		return s.emitPasswords(done, user, true)
	}
	return nil
}

// emitGrants gives a user's grants to the sink. Whole says that they are all.
func (s *scan) emitGrants(done *record, user *userRecord, whole bool) error {
	source := s.grants.source.Join(inventory.Untrusted(user.Email))
	for n := range done.Grants {
		s.apps.add(&done.Grants[n])
		item := done.Grants[n].item(source, user, s.organization)
		if project := string(item.App.Project); project != "" && slices.Contains(s.projects, project) {
			s.internal.Add(1)
			item.Mark(inventory.MarkNote, inventory.MarkOwnProject, inventory.Untrusted(project))
		}
		if err := s.sink.AddItem(item); err != nil {
			return err
		}
	}
	s.grants.found(user.asked(), len(done.Grants), whole)
	return nil
}

func (s *scan) emitPasswords(done *record, user *userRecord, whole bool) error {
	source := s.passwords.source.Join(inventory.Untrusted(user.Email))
	for n := range done.Passwords {
		if err := s.sink.AddItem(done.Passwords[n].item(source, user, s.organization)); err != nil {
			return err
		}
	}
	s.passwords.found(user.asked(), len(done.Passwords), whole)
	return nil
}

func (s *scan) progress() {
	done := int(s.finished.Add(1))
	if s.config.Progress != nil {
		s.config.Progress(done, s.total)
	}
}

// keep finishes the state: a scan that asked about everybody becomes the base of the next incremental one. A scan that a fault of
// everybody stopped stays an interrupted one.
func (s *scan) keep() error {
	if s.listing.fault != nil || s.grants.ended() != nil || s.passwords.ended() != nil {
		return nil
	}
	if s.events.fault != nil {
		s.state.Meta.Partial = "the token log could not be read"
	}
	return s.state.Finish()
}

// mustRead says whether an incremental scan has a reason to read a user again.
func (s *scan) mustRead(user *userRecord, base *record, events []eventRecord, count countRecord) bool {
	for _, event := range events {
		if event.Kind != eventActivity {
			return true
		}
	}
	return base.Unread || base.Suspended != user.isSuspended() || base.Archived != user.isArchived() || base.Email != user.Email ||
		count.Day != "" && base.CountDay != "" && count.Count != base.Count ||
		s.state.IsTurn(user.ID) ||
		s.events.fault != nil
}
