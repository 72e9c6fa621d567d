package githubfake

import (
	"crypto/rsa"
	"net/http"
	"net/url"
	"time"
)

// Plan is the plan of an organization, or of the whole server.
type Plan string

// The plans, as GET /orgs/{org} names them; Server is GitHub Enterprise Server.
const (
	Free   Plan = "free"
	Team   Plan = "team"
	Cloud  Plan = "enterprise"
	Server Plan = "server"
)

// Options say what the fake serves.
type Options struct {
	Organizations []*Organization
	Enterprise    *Enterprise
	// Apps are what GET /apps/{slug} knows beyond the organizations' installations.
	Apps []App
	// Tokens are the credentials the fake accepts, by their value. A request without one is
	// refused.
	Tokens map[string]*Token
	// SignIn is the GitHub App that may exchange a JWT for installation tokens; nil is none.
	SignIn *SignIn
	// Device is a person's sign-in with a code; nil is none.
	Device *Device
	// Server makes the whole fake a GitHub Enterprise Server: its API is below /api/v3/.
	Server bool
	// Core and Audit are requests per hour; zero is no limit.
	Core, Audit int
	// NoCredentialLink: pages of credentials have no Link header, as the description declares.
	NoCredentialLink bool
	// PageTokens: pages of credentials are named by tokens, which do not count up.
	PageTokens bool
	// Now is the server's clock; nil is the real one.
	Now func() time.Time
	// Observe is called with every exchange, one at a time.
	Observe func(Exchange)
}

// Exchange is one request and its answer.
type Exchange struct {
	Method, Path, Operation string // Operation as "GET /orgs/{org}"
	Query                   url.Values
	Body                    []byte
	Authorization           string
	Version                 string // of the API, as asked for
	Status                  int
	Answer                  []byte
	Header                  http.Header
	Faulty                  bool // the answer was made wrong on purpose
}

// Token is a credential that the fake accepts.
type Token struct {
	User *User // nil for an installation token
	// Scopes are those of a classic token; nil for the other kinds.
	Scopes []string
	// Permissions are those of a fine-grained or installation token, by API name.
	Permissions map[string]string
	Kind        TokenKind
	Expires     time.Time
	// Organization an installation token is for; empty is any.
	Organization string
	Enterprise   bool
	// NoSSO: not authorized for single sign-on, where an organization has it.
	NoSSO bool
}

// TokenKind is the kind of a token.
type TokenKind string

// The kinds.
const (
	Classic      TokenKind = "classic"
	FineGrained  TokenKind = "fine-grained"
	Installation TokenKind = "installation"
	// UserToServer is a GitHub App's token for a person: limited by the App's permissions and the
	// person's role.
	UserToServer TokenKind = "user-to-server"
)

// SignIn is the GitHub App that scans.
type SignIn struct {
	ID           int64
	ClientID     string
	Slug         string
	Owner        string
	Key          *rsa.PublicKey
	Permissions  map[string]string
	Installed    map[string]int64 // installation ID by organization or "enterprise:slug"
	Repositories string           // repository_selection: "all" unless set
	Suspended    time.Time        // zero: it is not
}
