package googleworkspace

import (
	"errors"
	"slices"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

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

// emitGrants passes a user's grants to the sink. If whole is set, they are all of them.
func (s *scan) emitGrants(done *record, user *userRecord, whole bool) error {
	source := s.grants.Source.Join(inventory.Untrusted(user.Email))
	item := new(inventory.Item) // one for all: a sink keeps nothing
	return emitSafely(s.grants, user, len(done.Grants), whole, func(n int) error {
		s.apps.add(&done.Grants[n])
		*item = done.Grants[n].item(source, user, s.organization)
		if project := string(item.App.Project); project != "" && slices.Contains(s.projects, project) {
			s.internal.Add(1)
			item.Mark(inventory.MarkNote, inventory.MarkOwnProject, inventory.Untrusted(project))
		}
		return s.sink.AddItem(item)
	})
}

func (s *scan) emitPasswords(done *record, user *userRecord, whole bool) error {
	source := s.passwords.Source.Join(inventory.Untrusted(user.Email))
	return emitSafely(s.passwords, user, len(done.Passwords), whole, func(n int) error {
		return s.sink.AddItem(done.Passwords[n].item(source, user, s.organization))
	})
}

// emitSafely emits a user's items of one feature and counts them. A panic is a bug that one of them
// triggers: the others are emitted, and the source of this user is not whole.
func emitSafely(feature *tally.Tally, user *userRecord, items int, whole bool, emit func(n int) error) error {
	var bug *guard.PanicError
	emitted := items
	for n := range items {
		switch err := guard.Do(func() error { return emit(n) }); {
		case errors.As(err, &bug):
			emitted--
		case err != nil:
			return err
		}
	}
	feature.Found(user.asked(), emitted, whole && bug == nil)
	if whole && bug != nil {
		feature.Fail(user.asked(), api.Bug(feature.Feature, bug))
	}
	return nil
}

func (s *scan) progress() {
	done := int(s.finished.Add(1))
	if s.config.Progress != nil {
		s.config.Progress(done, s.total)
	}
}
