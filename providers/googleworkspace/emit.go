package googleworkspace

import (
	"slices"

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

// emitGrants gives a user's grants to the sink. Whole says that they are all.
func (s *scan) emitGrants(done *record, user *userRecord, whole bool) error {
	source := s.grants.Source.Join(inventory.Untrusted(user.Email))
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
	s.grants.Found(user.asked(), len(done.Grants), whole)
	return nil
}

func (s *scan) emitPasswords(done *record, user *userRecord, whole bool) error {
	source := s.passwords.Source.Join(inventory.Untrusted(user.Email))
	for n := range done.Passwords {
		if err := s.sink.AddItem(done.Passwords[n].item(source, user, s.organization)); err != nil {
			return err
		}
	}
	s.passwords.Found(user.asked(), len(done.Passwords), whole)
	return nil
}

func (s *scan) progress() {
	done := int(s.finished.Add(1))
	if s.config.Progress != nil {
		s.config.Progress(done, s.total)
	}
}
