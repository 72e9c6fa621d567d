package github

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v4"
	gogithub "github.com/google/go-github/v57/github"

	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// A JWT may live ten minutes and must not be from the future; clocks differ.
const (
	jwtBackdate = time.Minute
	jwtLife     = 9 * time.Minute
	// tokenMargin is how long before its end an installation token is replaced.
	tokenMargin = 5 * time.Minute
	minKeyBits  = 2048
)

// wantedPermissions are what this provider reads with, by API name. Nothing else is asked for when a token is exchanged.
func wantedPermissions() []string {
	return []string{
		"metadata", "members", "administration", "repository_hooks", "organization_administration", "organization_hooks",
		"organization_personal_access_tokens", "organization_personal_access_token_requests", "organization_copilot_agent_settings",
		"organization_agent_secrets",
		"enterprise_organization_installations", "enterprise_organization_installation_repositories",
	}
}

// ownApp is the GitHub App that scans, as GET /app describes it.
type ownApp struct {
	Slug lenient.Text   `json:"slug"`
	Name lenient.Text   `json:"name"`
	Page lenient.Text   `json:"html_url"`
	ID   lenient.Number `json:"id"`
}

func (a *ownApp) isProven() bool { return a.ID != 0 || a.Slug != "" }

// appSigner signs JWTs for ghinstallation with our clock, and with the client ID for issuer where there is one.
type appSigner struct {
	issuer string
	key    *rsa.PrivateKey
	now    func() time.Time
}

// Sign replaces the claims' times and issuer and signs them.
func (s *appSigner) Sign(jwt.Claims) (string, error) {
	now := s.now().Truncate(time.Second)
	claims := jwt.RegisteredClaims{
		Issuer: s.issuer, IssuedAt: jwt.NewNumericDate(now.Add(-jwtBackdate)), ExpiresAt: jwt.NewNumericDate(now.Add(jwtLife)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(s.key)
}

// asApp returns a client that signs in as the App itself, by JWT.
func (p *Provider) asApp(app App) (*gogithub.Client, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(app.Key))
	switch {
	case err != nil:
		// The parser's words are not passed on: they could quote the key.
		return nil, errors.New("reading the GitHub App's private key: it is not an RSA key in PEM form: " +
			"download a new one from the App's page")
	case key.N.BitLen() < minKeyBits:
		return nil, fmt.Errorf("reading the GitHub App's private key: it has %d bits, GitHub's have %d", key.N.BitLen(), minKeyBits)
	case app.ID == 0 && app.ClientID == "":
		return nil, errors.New("reading the GitHub App's credential: neither client ID nor app ID is given")
	}
	issuer := app.ClientID
	if issuer == "" {
		issuer = fmt.Sprint(app.ID)
	}
	client, err := p.newClient(signer{authorize: func(context.Context) (string, error) { return "", nil }}, nil)
	if err != nil {
		return nil, err
	}
	// The transport below ghinstallation's is bound to the host, so its JWT cannot go elsewhere.
	transport, err := ghinstallation.NewAppsTransportWithOptions(client, app.ID,
		ghinstallation.WithSigner(&appSigner{issuer: issuer, key: key, now: p.now}))
	if err != nil {
		return nil, fmt.Errorf("preparing the GitHub App's sign-in: %w", err)
	}
	signed := client.HTTP()
	signed.Transport = &fresh{transport}
	return p.newAPI(signed)
}

// fresh hands each request on as a copy: ghinstallation writes into the one it is given.
type fresh struct{ next http.RoundTripper }

func (f *fresh) RoundTrip(request *http.Request) (*http.Response, error) {
	return f.next.RoundTrip(request.Clone(request.Context()))
}

// installationRecord is the App's own installation.
type installationRecord struct {
	ID          lenient.Number  `json:"id"`
	Permissions lenient.Levels  `json:"permissions"`
	Selection   lenient.Text    `json:"repository_selection"`
	Target      lenient.Text    `json:"target_type"`
	Account     lenient.Account `json:"account"`
}

func (r *installationRecord) isProven() bool { return r.ID != 0 }

// signInApp signs in as the App's installation on an organization or enterprise.
func (p *Provider) signInApp(ctx context.Context, app App, where string) (*session, error) {
	api, err := p.asApp(app)
	if err != nil {
		return nil, err
	}
	s := &session{provider: p, kind: kindInstallation, from: app.describe()}
	var self ownApp
	if err := s.decodeFrom(ctx, api, "app", &self); err != nil {
		return nil, err
	}
	s.app = &self
	installation, err := s.ownInstallation(ctx, api, app, where)
	if failed := errorResponse(err); failed != nil && failed.Response.StatusCode == http.StatusNotFound {
		return nil, &notInstalled{app: self, where: where}
	} else if err != nil {
		return nil, err
	}
	s.permissions, s.selection = installation.Permissions, string(installation.Selection)
	source := &installationToken{api: api, id: int64(installation.ID), now: p.now, ask: readOnly(installation.Permissions),
		version: p.apiVersion()}
	identity := fmt.Sprintf("app %d installation %d", self.ID, installation.ID)
	return p.open(s, identity, signer{authorize: source.authorize, refused: source.refused})
}

// ownInstallation finds the App's installation on an organization or enterprise.
func (s *session) ownInstallation(ctx context.Context, api *gogithub.Client, app App, where string) (*installationRecord, error) {
	path := "orgs/" + where + "/installation"
	slug, onEnterprise := strings.CutPrefix(where, "enterprise:")
	if onEnterprise {
		path = "enterprises/" + slug + "/installation"
	} else if app.InstallationID != 0 {
		path = fmt.Sprintf("app/installations/%d", app.InstallationID)
	}
	found := &installationRecord{}
	err := s.decodeFrom(ctx, api, path, found)
	if failed := errorResponse(err); !onEnterprise || failed == nil || failed.Response.StatusCode != http.StatusNotFound {
		return found, err
	}
	// Enterprise Server has no such path: the App looks itself up in the list of its installations.
	notFound := err
	installed := &session{provider: s.provider, core: api}
	var faults []inventory.Untrusted
	_, err = installed.walk(ctx, list{path: "app/installations"}, func(entries []jsontext.Value) error {
		return each(entries, &faults, func(record *installationRecord) error {
			if record.Target == "Enterprise" && strings.EqualFold(record.Account.Name(), slug) {
				found = record
			}
			return nil
		})
	})
	if err == nil && found.ID == 0 {
		err = notFound
	}
	return found, err
}

// notInstalled: the App is not installed where it should read.
type notInstalled struct {
	app   ownApp
	where string
}

func (e *notInstalled) Error() string { return "the GitHub App is not installed there" }

// readOnly returns the permissions to ask for: what was granted and is needed, never more than to read.
func readOnly(granted lenient.Levels) map[string]string {
	if !granted.Known {
		return nil
	}
	ask := map[string]string{}
	for _, name := range wantedPermissions() {
		if granted.Of[name] != "" {
			ask[name] = "read"
		}
	}
	return ask
}

// installationToken exchanges JWTs for installation tokens and keeps the current one in memory.
type installationToken struct {
	api *gogithub.Client
	id  int64
	now func() time.Time
	ask map[string]string
	// version of the API that is spoken.
	version string

	mu      sync.Mutex
	token   Secret
	expires time.Time
}

// tokenRequest is the body of an exchange.
type tokenRequest struct {
	Permissions map[string]string `json:"permissions,omitempty"`
}

// authorize returns the value of the Authorization header.
func (t *installationToken) authorize(ctx context.Context) (string, error) {
	token, err := t.get(ctx)
	if err != nil {
		return "", &signInError{err}
	}
	return bearer + string(token), nil
}

// signInError: a token could not be had, which is the fault of no question.
type signInError struct{ error }

func (e *signInError) Unwrap() error { return e.error }

// refused drops a token that GitHub does not take before its time, so that the next one is issued anew.
func (t *installationToken) refused(authorization string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if authorization == bearer+string(t.token) {
		t.token = ""
	}
	return true
}

func (t *installationToken) get(ctx context.Context) (Secret, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && t.now().Before(t.expires.Add(-tokenMargin)) {
		return t.token, nil
	}
	request, err := t.api.NewRequest(http.MethodPost, fmt.Sprintf("app/installations/%d/access_tokens", t.id), &tokenRequest{t.ask})
	if err != nil {
		return "", fmt.Errorf("making a request: %w", err)
	}
	request.Header.Set(versionHeader, t.version)
	var body jsonBuffer
	answer, err := t.api.Do(ctx, request, &body)
	if err == nil {
		err = doubtOf(answer.Response)
	}
	if err != nil {
		return "", err
	}
	var issued struct {
		Token   lenient.Text   `json:"token"`
		Expires lenient.Moment `json:"expires_at"`
	}
	// Neither the answer nor the decoder's error may be quoted: one is the token, the other may hold part of it.
	if lenient.Unmarshal(body, &issued) != nil || issued.Token == "" {
		return "", errors.New("GitHub's answer to the App's sign-in holds no token")
	}
	token, err := checkToken(Token{Value: Secret(issued.Token), From: "the App's sign-in"})
	if err != nil {
		return "", err
	}
	t.token, t.expires = token.Value, issued.Expires.Time
	if t.expires.IsZero() {
		t.expires = t.now().Add(time.Hour)
	}
	return t.token, nil
}

// jsonBuffer takes a body as it is.
type jsonBuffer []byte

func (b *jsonBuffer) Write(part []byte) (int, error) {
	*b = append(*b, part...)
	return len(part), nil
}

// record is one object that GitHub answers with. It must prove to be what was asked for: an error, a null or an empty object may
// come with any status.
type record interface{ isProven() bool }

// decodeFrom asks for one object. An object that is not whole is decoded all the same, and the error says so.
func (s *session) decodeFrom(ctx context.Context, api *gogithub.Client, path string, into record) error {
	answer, err := s.get(ctx, api, path, nil)
	if err != nil {
		return err
	}
	if err := decodeObject(answer.body, into); err != nil {
		return err
	}
	return answer.doubt
}

// errNotDocumented: an answer has another form than GitHub's description says.
var errNotDocumented = errors.New("the answer is not of the form that GitHub documents")

func decodeObject(body []byte, into record) error {
	if jsontext.Value(body).Kind() != '{' || lenient.Unmarshal(body, into) != nil || !into.isProven() {
		return errNotDocumented
	}
	return nil
}
