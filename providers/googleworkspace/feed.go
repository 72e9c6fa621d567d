package googleworkspace

import (
	"context"
	"errors"
	"slices"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/scanner/guard"
)

// feed handles the users of one part: those read before are carried over, the others become jobs. A
// panic is a bug that one user triggers: the list of users is then not whole, but the others are
// read.
func (s *scan) feed(ctx context.Context, part int, jobs chan<- *job) error {
	known, err := s.load(part)
	if err != nil {
		return err
	}
	for _, user := range known.users {
		var bug *guard.PanicError
		switch err := guard.Do(func() error { return s.feedUser(ctx, known, user, jobs) }); {
		case errors.As(err, &bug):
			s.listing.fault = api.Bug(api.Accounts, bug)
		case err != nil:
			return err
		}
	}
	return nil
}

func (s *scan) feedUser(ctx context.Context, known *part, user *userRecord, jobs chan<- *job) error {
	if err := s.sink.AddAccount(user.account(s.users)); err != nil {
		return err
	}
	if user.Outside {
		return nil
	}
	if done := known.done[user.ID]; done != nil && !done.Unread {
		s.resumed.Add(1)
		return s.emit(done, user)
	}
	base := known.base[user.ID]
	events := slices.Concat(known.events[user.ID], s.byAddress.of(user, base))
	if base != nil {
		events = mergeEvents(base.Events, events)
	}
	if base != nil && !s.mustRead(user, base, events, known.counts[user.ID]) {
		return s.carry(base, user, events, known.counts[user.ID])
	}
	select {
	case jobs <- &job{
		user: *user, events: events, previous: base, count: known.counts[user.ID], grants: s.grants != nil,
		passwords: s.passwords != nil,
	}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
		done: map[string]*record{}, base: map[string]*record{}, events: map[string][]eventRecord{},
		counts: map[string]countRecord{},
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
		err = checkpoint.EachOfBase(s.state, n, func(r *record) string { return r.ID },
			func(base record) { p.base[base.ID] = &base })
	}
	if err == nil {
		err = checkpoint.Each(s.state.Run, checkpoint.Events, n,
			func(event eventRecord) { p.events[event.ID] = append(p.events[event.ID], event) })
	}
	if err == nil {
		err = checkpoint.Each(s.state.Run, checkpoint.Counts, n, func(count countRecord) { p.counts[count.ID] = count })
	}
	return p, err
}

// carry carries a user over from the base.
func (s *scan) carry(base *record, user *userRecord, events []eventRecord, count countRecord) error {
	s.carried.Add(1)
	base.Email = user.Email
	if count.Day != "" {
		base.Count, base.CountDay = count.Count, count.Day
	}
	for n := range base.Grants {
		base.Grants[n].apply(events) // activity only: with any other entry the user would be read again
	}
	if err := s.emit(base, user); err != nil {
		return err
	}
	return s.remember(base)
}

// mustRead says whether an incremental scan has a reason to read a user again.
func (s *scan) mustRead(user *userRecord, base *record, events []eventRecord, count countRecord) bool {
	for _, event := range events {
		if event.Kind != eventActivity {
			return true
		}
	}
	return base.Unread || base.Suspended != user.isSuspended() || base.Archived != user.isArchived() ||
		base.Email != user.Email ||
		count.Day != "" && base.CountDay != "" && count.Count != base.Count ||
		s.state.IsTurn(user.ID) ||
		s.events.fault != nil
}
