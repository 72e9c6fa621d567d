package googleworkspace

import (
	"time"

	"guestlist/providers/googleworkspace/tally"
	"guestlist/scanner/inventory"
)

// userRecord is a listed user. Answers are nil where Google did not say.
type userRecord struct {
	ID               string    `json:"id"`
	Email            string    `json:"email"`
	Name             string    `json:"name,omitempty"`
	Unit             string    `json:"unit,omitempty"`
	Admin            *bool     `json:"admin,omitempty"`
	Delegated        *bool     `json:"delegated,omitempty"`
	Suspended        *bool     `json:"suspended,omitempty"`
	Archived         *bool     `json:"archived,omitempty"`
	Guest            *bool     `json:"guest,omitempty"`
	Enrolled         *bool     `json:"enrolled,omitempty"`
	Enforced         *bool     `json:"enforced,omitempty"`
	SuspensionReason string    `json:"suspension_reason,omitempty"`
	Created          time.Time `json:"created,omitzero"`
	LastLogin        time.Time `json:"last_login,omitzero"`
	NeverLoggedIn    bool      `json:"never_logged_in,omitempty"`
	Outside          bool      `json:"outside,omitempty"` // of the scanned units
}

// record is a user who was read: the unit of the checkpoint and of the next incremental scan.
type record struct {
	ID        string     `json:"id"`
	Email     string     `json:"email"`
	Suspended bool       `json:"suspended,omitempty"`
	Archived  bool       `json:"archived,omitempty"`
	Grants    []grant    `json:"grants,omitempty"`
	Passwords []password `json:"passwords,omitempty"`
	Read      time.Time  `json:"read"` // when Google was asked
	Count     int        `json:"count,omitempty"`
	CountDay  string     `json:"count_day,omitempty"` // of Count; empty: not known
	// Unread: the user could not be read. Grants are then those of an earlier scan, kept only for
	// their times, and Events what the log has recorded since.
	Unread bool          `json:"unread,omitempty"`
	Events []eventRecord `json:"events,omitempty"`
}

type grant struct {
	Client     string    `json:"client"`
	Name       string    `json:"name,omitempty"`
	Scopes     []string  `json:"scopes,omitzero"` // nil: Google did not say
	Anonymous  bool      `json:"anonymous,omitempty"`
	Native     bool      `json:"native,omitempty"`
	ClientType string    `json:"client_type,omitempty"`
	First      time.Time `json:"first,omitzero"`  // first known authorization that was not revoked since
	Last       time.Time `json:"last,omitzero"`   // latest authorization
	Used       time.Time `json:"used,omitzero"`   // latest known activity
	Agent      string    `json:"agent,omitempty"` // the AI agent that made the latest authorization
}

type password struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name,omitempty"`
	Created time.Time `json:"created,omitzero"`
	Used    time.Time `json:"used,omitzero"`
}

type eventRecord struct {
	ID     string    `json:"id,omitempty"`
	Kind   eventKind `json:"kind"`
	Client string    `json:"client"`
	Type   string    `json:"type,omitempty"`
	Time   time.Time `json:"time"`
	Agent  string    `json:"agent,omitempty"` // the AI agent that acted
}

type eventKind string

const (
	eventAuthorize eventKind = "authorize"
	eventRevoke    eventKind = "revoke"
	eventActivity  eventKind = "activity"
)

type countRecord struct {
	ID    string `json:"id"`
	Count int    `json:"count"`
	Day   string `json:"day"`
}

func (u *userRecord) isSuspended() bool { return u.Suspended != nil && *u.Suspended }
func (u *userRecord) isArchived() bool  { return u.Archived != nil && *u.Archived }

func (u *userRecord) asked() tally.Asked {
	return tally.Asked{
		Name: u.Email, Unit: u.Unit, Suspended: u.isSuspended() || u.isArchived(), Admin: u.admin() == inventory.Yes,
	}
}

func (u *userRecord) admin() inventory.Answer {
	super, delegated := inventory.AnswerOf(u.Admin), inventory.AnswerOf(u.Delegated)
	switch {
	case super == inventory.Yes || delegated == inventory.Yes:
		return inventory.Yes
	case super == inventory.No && delegated != inventory.Unknown:
		return inventory.No
	}
	return inventory.Unknown
}

// account is the account as the snapshot holds it. For one outside the scanned units it says only
// that it exists, and where.
func (u *userRecord) account(source inventory.Source) *inventory.Account {
	if u.Outside {
		return &inventory.Account{
			Source: source, ID: inventory.Untrusted(u.ID), Login: inventory.Untrusted(u.Email),
			Unit:  inventory.Untrusted(u.Unit),
			Facts: facts(inventory.FactOutsideUnits, "yes"),
		}
	}
	account := &inventory.Account{
		Source: source, ID: inventory.Untrusted(u.ID), Login: inventory.Untrusted(u.Email), Name: inventory.Untrusted(u.Name),
		Unit: inventory.Untrusted(u.Unit), Admin: u.admin(),
		Suspended: inventory.AnswerOf(u.Suspended), Archived: inventory.AnswerOf(u.Archived), Guest: inventory.No,
		TwoFactor: inventory.AnswerOf(u.Enrolled), TwoFactorEnforced: inventory.AnswerOf(u.Enforced),
		Created: u.Created, LastLogin: u.LastLogin,
	}
	if u.Guest != nil {
		account.Guest = inventory.AnswerOf(u.Guest)
	}
	account.Facts = facts(
		"role", u.role(),
		"suspension_reason", u.SuspensionReason,
		"last_login", map[bool]string{true: "never"}[u.NeverLoggedIn],
	)
	return account
}

func (u *userRecord) role() string {
	switch {
	case u.Admin != nil && *u.Admin:
		return "super administrator"
	case u.Delegated != nil && *u.Delegated:
		return "delegated administrator"
	}
	return ""
}

func (u *userRecord) holder(organization inventory.Untrusted) inventory.Holder {
	return inventory.Holder{
		Account: inventory.Untrusted(u.Email), AccountID: inventory.Untrusted(u.ID), Organization: organization,
		Unit: inventory.Untrusted(u.Unit), Admin: u.admin(),
	}
}

// unixTime reads the times of app passwords: documented as seconds, seen as milliseconds; 0 is
// unknown.
func unixTime(value int64) time.Time {
	const firstMillisecond = 100_000_000_000 // in seconds, the year 5138; in milliseconds, 1973
	switch {
	case value <= 0:
		return time.Time{}
	case value >= firstMillisecond:
		return time.UnixMilli(value).UTC()
	}
	return time.Unix(value, 0).UTC()
}

// apply adds what log entries say about a grant: authorizations after the last revocation say since
// when it has been held.
func (g *grant) apply(events []eventRecord) {
	var revoked time.Time
	for _, event := range events {
		if event.Kind == eventRevoke && event.Client == g.Client && event.Time.After(revoked) {
			revoked = event.Time
		}
	}
	if revoked.After(g.First) {
		g.First = time.Time{}
	}
	if revoked.After(g.Last) {
		g.Last, g.Agent = time.Time{}, ""
	}
	for _, event := range events {
		if event.Client != g.Client {
			continue
		}
		switch {
		case event.Kind == eventActivity && event.Time.After(g.Used):
			g.Used = event.Time
		case event.Kind == eventAuthorize && event.Time.After(revoked):
			if g.First.IsZero() || event.Time.Before(g.First) {
				g.First = event.Time
			}
			if event.Time.After(g.Last) {
				g.Last, g.Agent = event.Time, event.Agent
			}
		}
		if event.Type != "" && event.Type != "TYPE_UNSPECIFIED" {
			g.ClientType = event.Type
		}
	}
}
