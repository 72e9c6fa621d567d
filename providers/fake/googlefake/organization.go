package googlefake

import "time"

// Organization is what a Server answers from. Implementations are safe for concurrent use.
type Organization interface {
	// Customer returns the customer ID ("C01acme01") and the primary domain.
	Customer() (id, domain string)
	// Users returns at most limit users in a fixed order, starting after the position, and the
	// position after the last of them; "" is the start, and the returned position is "" at the end.
	Users(position string, limit int) (users []User, next string)
	// User finds a user by ID or e-mail address, in any case.
	User(key string) (User, bool)
	Grants(id string) []Grant
	AppPasswords(id string) []AppPassword
	// Events returns the log entries of one application and event name, newest first, that happened in
	// [from, to) and are visible at now: the log lags behind.
	Events(application, name string, from, to, now time.Time) []Event
	// GrantCount is the number of grants the user had at the end of a day, as the usage report counts.
	GrantCount(id string, day time.Time) int
	Extensions() []Extension
	Policies() []Policy
}

// User is an account as the Directory knows it.
type User struct {
	ID, Email, Name, Unit        string
	Admin, Delegated             bool // super administrator, delegated administrator
	Suspended, Archived, Guest   bool
	SuspensionReason             string
	Enrolled, Enforced           bool // two-step verification
	Created, LastLogin           time.Time
	AnswersUnauthorized, IsGroup bool // tokens.list and asps.list answer 401, or 400 as for a group's address
}

// Grant is what a user allowed an app to do.
type Grant struct {
	ClientID, Name    string
	Type              string // client_type of the token log, such as "WEB"
	Scopes            []string
	Anonymous, Native bool
}

// AppPassword is an application-specific password.
type AppPassword struct {
	ID                int
	Name              string
	Created, LastUsed time.Time
	Seconds           bool // times are sent in seconds; the real service has been seen to send milliseconds
}

// Event is an entry of the token or admin log.
type Event struct {
	Application, Name       string // "token", "authorize"
	Time, Visible           time.Time
	Qualifier               int64
	UserID, Email           string
	ClientID, AppName, Type string
	Scopes                  []string
	Agent                   Agent // zero: a person acted
}

// Agent is an AI agent that acted for a person.
type Agent struct{ ID, Name, Owner, Type string }

// Extension is software that managed browsers report.
type Extension struct {
	ID, Name, Type, Install, Source string // "EXTENSION", "NORMAL", "CHROME_WEBSTORE"
	Permissions                     []string
	Homepage, Version               string
	Disabled                        bool
	Risk, RiskScore                 string // "RISK_LEVEL_HIGH", "78"
	Publisher                       string
	SiteAccess                      []string
	Listed                          bool // in the store
	Published, Updated              time.Time
	Profiles                        []Profile
	Devices                         []Device
}

// Profile is a managed browser profile that holds an extension.
type Profile struct{ Email, ID, PermanentID, Unit string }

// Device is a managed browser on a machine.
type Device struct{ ID, Machine string }

// Policy is one setting of Cloud Identity.
type Policy struct {
	Name, Unit, Type string // "settings/api_controls.unconfigured_third_party_apps"
	System           bool
	Value            map[string]any
}
