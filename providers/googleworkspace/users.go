package googleworkspace

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"
	admin "google.golang.org/api/admin/directory/v1"

	"guestlist/scanner/inventory"
)

const usersPerPage = 500 // the most users.list gives

const userFields = "nextPageToken,users(id,primaryEmail,name/fullName,suspended,suspensionReason,archived,orgUnitPath," +
	"isAdmin,isDelegatedAdmin,isEnrolledIn2Sv,isEnforcedIn2Sv,isGuestUser,lastLoginTime,creationTime)"

// listing is how listing the users went.
type listing struct {
	users   int
	outside int // users in units that the configuration leaves out
	fault   *Fault
}

// listUsers drains users.list to disk.
func (s *scan) listUsers(ctx context.Context) error {
	s.state.run.parts = 1
	for page := ""; ; {
		users, next, fault := s.userPage(ctx, page)
		if fault != nil {
			if fault.Cause == CauseCancelled {
				return ctx.Err()
			}
			s.listing.fault = fault
			return nil
		}
		for n := range users {
			user := &users[n]
			if !s.config.includes(user.Unit) {
				s.listing.outside++
				continue
			}
			s.listing.users++
			if err := s.state.run.add(kindListed, user.ID, user); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		page = next
	}
}

func (r *reader) userPage(ctx context.Context, page string) (users []userRecord, next string, fault *Fault) {
	var body []byte
	answer, fault := callCopied(ctx, r.api, Accounts, false, &body, func(ctx context.Context) (*admin.Users, error) {
		list := r.api.directory.Users.List().Customer(r.config.Customer).MaxResults(usersPerPage).Fields(fields(userFields))
		if page != "" {
			list = list.PageToken(page)
		}
		return list.Context(ctx).Do()
	})
	if fault != nil {
		return nil, "", fault
	}
	said := readPresence(body)
	users = make([]userRecord, 0, len(answer.Users))
	for _, user := range answer.Users {
		if user == nil || user.Id == "" {
			continue
		}
		users = append(users, newUser(user, said[user.Id]))
	}
	return users, answer.NextPageToken, nil
}

// presence are the answers that must not be taken for "no" when they are missing.
type presence struct {
	ID        string `json:"id"`
	Admin     *bool  `json:"isAdmin"`
	Delegated *bool  `json:"isDelegatedAdmin"`
	Suspended *bool  `json:"suspended"`
	Archived  *bool  `json:"archived"`
	Guest     *bool  `json:"isGuestUser"`
	Enrolled  *bool  `json:"isEnrolledIn2Sv"`
	Enforced  *bool  `json:"isEnforcedIn2Sv"`
}

func readPresence(body []byte) map[string]presence {
	var page struct {
		Users []presence `json:"users"`
	}
	if json.Unmarshal(body, &page) != nil {
		return nil // every answer is then unknown
	}
	said := make(map[string]presence, len(page.Users))
	for _, user := range page.Users {
		said[user.ID] = user
	}
	return said
}

func newUser(user *admin.User, said presence) userRecord {
	u := userRecord{
		ID: user.Id, Email: user.PrimaryEmail, Unit: user.OrgUnitPath, SuspensionReason: user.SuspensionReason,
		Admin: said.Admin, Delegated: said.Delegated, Suspended: said.Suspended, Archived: said.Archived, Guest: said.Guest,
		Enrolled: said.Enrolled, Enforced: said.Enforced,
	}
	if user.Name != nil {
		u.Name = user.Name.FullName
	}
	u.Created = parseTime(user.CreationTime)
	u.LastLogin = parseTime(user.LastLoginTime)
	// Google writes the epoch for somebody who never signed in.
	if !u.LastLogin.IsZero() && u.LastLogin.Unix() == 0 {
		u.LastLogin, u.NeverLoggedIn = time.Time{}, true
	}
	return u
}

func parseTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func (l *listing) coverage(s *scan) inventory.Coverage {
	coverage := inventory.Coverage{
		Source: s.users, Status: inventory.StatusComplete, Accounts: s.total - s.duplicates, Read: s.total, Expected: s.total,
	}
	if l.outside > 0 {
		coverage.Details = append(coverage.Details, untrusted("%d users are in units that the configuration leaves out", l.outside))
	}
	if l.fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusPartial, l.fault.Text, l.fault.Remedy
		coverage.Expected = 0
		if l.users == 0 {
			coverage.Status, coverage.Read = inventory.StatusNotObservable, 0
		}
	}
	return coverage
}
