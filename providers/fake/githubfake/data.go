package githubfake

import "time"

// Organization is one organization and everything that has access to it.
type Organization struct {
	Login string
	ID    int64
	Plan  Plan
	// SAML: single sign-on is set up, and a token must be authorized for it.
	SAML bool
	// RenamedFrom are earlier names, which redirect.
	RenamedFrom       []string
	TwoFactorRequired bool
	DeployKeysOff     bool
	Members           []*Member
	Outside           []*User
	Installations     []*AppInstallation
	Credentials       []*CredentialAuthorization
	Tokens            []*Grant
	Requests          []*Grant
	Hooks             []*Hook
	Repositories      []*Repository
	Agent             *CodingAgent // nil is none
	// Audit are audit log entries as they go over the wire, newest first.
	Audit []map[string]any
}

// CodingAgent is what Copilot's coding agent may do in an organization.
type CodingAgent struct {
	Enabled      string   // "all", "selected" or "none"
	Repositories []string // the selected ones
	Secrets      []string // names
}

// User is an account.
type User struct {
	Login     string
	Name      string
	ID        int64
	TwoFactor TwoFactor
	Created   time.Time
	// What only the account itself sees.
	Keys         []*Key
	SigningKeys  []*Key
	GPGKeys      []*GPGKey
	PublicGists  int
	SecretGists  int
	PublicRepos  int
	PrivateRepos int
}

// TwoFactor is the state of an account's second factor.
type TwoFactor string

// The states; the empty string is a secure second factor.
const (
	TwoFactorOff      TwoFactor = "off"
	TwoFactorInsecure TwoFactor = "insecure"
)

// Member is a user's membership in an organization.
type Member struct {
	*User
	Admin  bool
	Public bool // publicly known to be a member
}

// App is a GitHub App.
type App struct {
	ID          int64
	Slug        string
	ClientID    string
	Name        string
	Owner       string
	OwnerType   string // "Organization" unless set
	Permissions map[string]string
	Events      []string
	Private     bool // GET /apps/{slug} answers 404
}

// AppInstallation is an app installed on an organization, with what it was granted.
type AppInstallation struct {
	ID           int64
	App          *App
	Permissions  map[string]string
	Events       []string
	Selection    string   // "all" or "selected"
	Repositories []string // of a selected installation
	SingleFiles  []string
	Created      time.Time
	Updated      time.Time
	Suspended    time.Time
	SuspendedBy  string
}

// CredentialAuthorization is a credential that a member authorized for single sign-on.
type CredentialAuthorization struct {
	ID           int64
	Login        string
	Type         string
	LastEight    string
	Fingerprint  string
	Scopes       []string
	Title        string
	CredentialID int64
	Authorized   time.Time
	Accessed     time.Time
	Expires      time.Time
}

// Grant is a fine-grained token with access to an organization, or a request for one.
type Grant struct {
	ID                        int64
	Owner                     *User
	Selection                 string // "none", "all", "subset"
	Organization, Repo, Other map[string]string
	Granted                   time.Time
	TokenID                   int64
	Name                      string
	Reason                    string
	Expired                   bool
	Expires                   time.Time
	LastUsed                  time.Time
}

// Hook is a webhook.
type Hook struct {
	ID           int64
	URL          string
	Events       []string
	Inactive     bool
	InsecureSSL  bool
	Created      time.Time
	Updated      time.Time
	LastResponse int
}

// Repository is a repository with its deploy keys and hooks.
type Repository struct {
	ID       int64
	Name     string
	Private  bool
	Archived bool
	NotAdmin bool // the scanning user is not an administrator of it
	Keys     []*Key
	Hooks    []*Hook
}

// Key is an SSH key: a user's, or a deploy key.
type Key struct {
	ID       int64
	Title    string
	Key      string
	ReadOnly bool
	Disabled bool
	AddedBy  string
	Created  time.Time
	LastUsed time.Time
}

// GPGKey is a user's GPG key.
type GPGKey struct {
	ID      int64
	KeyID   string
	Name    string
	Emails  []string
	Created time.Time
	Expires time.Time
	Revoked bool
}

// Enterprise is an enterprise, with the organizations that an app installed on it can list.
type Enterprise struct {
	Slug          string
	Organizations []string
}
