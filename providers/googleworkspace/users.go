package googleworkspace

import (
	"context"
	"strconv"
	"time"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

const (
	pathUsers    = "admin/directory/v1/users"
	usersPerPage = 500 // the most users.list returns
)

const userFields = "kind,nextPageToken,users(id,primaryEmail,name/fullName,suspended,suspensionReason,archived,orgUnitPath," +
	"isAdmin,isDelegatedAdmin,isEnrolledIn2Sv,isEnforcedIn2Sv,isGuestUser,lastLoginTime,creationTime)"

// userPage is an answer of users.list.
type userPage struct {
	api.Envelope
	Users api.List[userEntry] `json:"users"`
}

func (*userPage) Promised() string { return api.KindUserPage }
func (p *userPage) Flaw() string   { return p.Users.Flaw(&p.Envelope, api.KindUserPage, "users") }

func (p *userPage) page() *paging.Page[userEntry] {
	return api.PageOf(0, &p.Users, "have no ID or no address",
		func(user userEntry) bool { return !api.IsBlank(user.ID) && !api.IsBlank(user.Email) })
}

// userEntry is a user as users.list has it. Answers are nil where Google did not say.
type userEntry struct {
	ID    string `json:"id"`
	Email string `json:"primaryEmail"`
	Name  struct {
		Full string `json:"fullName"`
	} `json:"name"`
	Unit             string `json:"orgUnitPath"`
	SuspensionReason string `json:"suspensionReason"`
	Created          string `json:"creationTime"`
	LastLogin        string `json:"lastLoginTime"`
	Admin            *bool  `json:"isAdmin"`
	Delegated        *bool  `json:"isDelegatedAdmin"`
	Suspended        *bool  `json:"suspended"`
	Archived         *bool  `json:"archived"`
	Guest            *bool  `json:"isGuestUser"`
	Enrolled         *bool  `json:"isEnrolledIn2Sv"`
	Enforced         *bool  `json:"isEnforcedIn2Sv"`
}

// listing is how listing the users went.
type listing struct {
	users   int
	outside int // users in units that the configuration leaves out
	fault   *api.Fault
	units   unitTally
	at      time.Time // when this scan began to list; zero: an interrupted one did
}

// listUsers drains users.list to disk.
func (s *scan) listUsers(ctx context.Context) error {
	s.state.Run.Parts = 1
	s.listing.at = s.env.Now()
	_, fault, err := api.Drain(ctx, s.api, api.Accounts, paging.List[userEntry]{
		Fetch: api.Pages(s.api, api.Call{Feature: api.Accounts, Path: pathUsers, Query: api.Query(
			"customer", s.config.Customer, "maxResults", strconv.Itoa(usersPerPage), "fields", userFields,
		)}, (*userPage).page),
		Key: func(user userEntry) string { return user.ID }, Size: usersPerPage,
		NonEmpty: true, // at least the account that the scan acts for exists
	}, s.keepUsers)
	s.listing.fault = fault
	return err
}

// keepUsers writes listed users to disk, including those outside the scanned units: they are
// accounts, and nothing else is read about them.
func (s *scan) keepUsers(users []userEntry) error {
	for n := range users {
		user := newUser(&users[n])
		user.Outside = !s.config.includes(user.Unit)
		if user.Outside {
			s.listing.outside++
		} else {
			s.listing.users++
		}
		s.listing.units.add(user.Unit)
		if err := s.state.Run.Add(checkpoint.Listed, user.ID, &user); err != nil {
			return err
		}
	}
	return nil
}

func newUser(user *userEntry) userRecord {
	u := userRecord{
		ID: user.ID, Email: user.Email, Name: user.Name.Full, Unit: user.Unit, SuspensionReason: user.SuspensionReason,
		Admin: user.Admin, Delegated: user.Delegated, Suspended: user.Suspended, Archived: user.Archived, Guest: user.Guest,
		Enrolled: user.Enrolled, Enforced: user.Enforced, Created: api.ParseTime(user.Created),
		LastLogin: api.ParseTime(user.LastLogin),
	}
	// Google writes the epoch for someone who never signed in.
	if !u.LastLogin.IsZero() && u.LastLogin.Unix() == 0 {
		u.LastLogin, u.NeverLoggedIn = time.Time{}, true
	}
	return u
}

func (l *listing) coverage(s *scan) inventory.Coverage {
	coverage := inventory.Coverage{
		Source: s.users, Status: inventory.StatusComplete, Accounts: s.total - s.duplicates, Read: s.total, Expected: s.total,
	}
	if l.outside > 0 {
		coverage.Details = append(coverage.Details,
			inventory.Textf("%d users are in units that the configuration leaves out", l.outside))
	}
	coverage.Details = append(coverage.Details, s.unitNotes()...)
	if fault := s.unlisted(); fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusPartial, fault.Text, fault.Remedy
		coverage.Expected = 0
		if l.users == 0 {
			coverage.Status, coverage.Read = inventory.StatusNotObservable, 0
		}
	}
	return coverage
}

// unlisted says why not everyone who was to be scanned is known: the list is not whole, or a
// configured unit holds no users.
func (s *scan) unlisted() *api.Fault {
	if s.listing.fault != nil {
		return s.listing.fault
	}
	return s.emptyUnits()
}
