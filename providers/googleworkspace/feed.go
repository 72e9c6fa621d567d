package googleworkspace

import (
	"context"
	"slices"

	"guestlist/providers/googleworkspace/checkpoint"
)

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
