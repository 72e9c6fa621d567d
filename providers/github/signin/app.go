package signin

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v4"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// A JWT may live ten minutes and must not be from the future; clocks differ.
const (
	jwtBackdate = time.Minute
	jwtLife     = 9 * time.Minute
	// tokenMargin is how long before its expiry an installation token is replaced.
	tokenMargin = 5 * time.Minute
	minKeyBits  = 2048
)

// wantedPermissions are the permissions with which this provider reads, by API name. No others are
// requested when a token is issued.
func wantedPermissions() []string {
	return []string{
		"metadata", "members", "administration", "repository_hooks", "organization_administration",
		"organization_hooks", "organization_personal_access_tokens", "organization_personal_access_token_requests",
		"organization_copilot_agent_settings", "organization_agent_secrets",
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

func (a *ownApp) IsProven() bool { return a.ID != 0 || a.Slug != "" }

// appSigner signs JWTs for ghinstallation with our clock, and with the client ID as issuer if there
// is one.
type appSigner struct {
	issuer string
	key    *rsa.PrivateKey
	now    func() time.Time
}

// Sign replaces the claims' times and issuer and signs them.
func (s *appSigner) Sign(jwt.Claims) (string, error) {
	now := s.now().Truncate(time.Second)
	claims := jwt.RegisteredClaims{
		Issuer: s.issuer, IssuedAt: jwt.NewNumericDate(now.Add(-jwtBackdate)),
		ExpiresAt: jwt.NewNumericDate(now.Add(jwtLife)),
	}
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(s.key)
}

// asApp returns a session of the App itself, which signs in with a JWT.
func (s *Sessions) asApp(app App) (*api.Session, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(app.Key))
	switch {
	case err != nil:
		// The parser's words are not passed on: they could quote the key.
		return nil, errors.New("reading the GitHub App's private key: it is not an RSA key in PEM form: " +
			"download a new one from the App's page")
	case key.N.BitLen() < minKeyBits:
		return nil, fmt.Errorf("reading the GitHub App's private key: it has %d bits, GitHub's have %d", key.N.BitLen(),
			minKeyBits)
	case app.ID == 0 && app.ClientID == "":
		return nil, errors.New("reading the GitHub App's credential: neither client ID nor app ID is given")
	}
	issuer := app.ClientID
	if issuer == "" {
		issuer = fmt.Sprint(app.ID)
	}
	return s.client.Open(api.Standing{Kind: api.KindInstallation, From: app.describe()}, api.Signer{
		Authorize: func(context.Context) (string, error) { return "", nil },
		Wrap: func(bound http.RoundTripper) (http.RoundTripper, error) {
			// The transport below ghinstallation's is bound to the host, so its JWT cannot go
			// anywhere else.
			transport, err := ghinstallation.NewAppsTransportWithOptions(bound, app.ID,
				ghinstallation.WithSigner(&appSigner{issuer: issuer, key: key, now: s.client.Now}))
			if err != nil {
				return nil, fmt.Errorf("preparing the GitHub App's sign-in: %w", err)
			}
			return &fresh{transport}, nil
		},
	})
}

// fresh passes on a copy of each request: ghinstallation modifies the one it gets.
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

func (r *installationRecord) IsProven() bool { return r.ID != 0 }

// signInApp signs in as the App's installation on an organization or enterprise.
func (s *Sessions) signInApp(ctx context.Context, app App, where string) (*api.Session, error) {
	itself, err := s.asApp(app)
	if err != nil {
		return nil, err
	}
	var self ownApp
	if err := itself.Read(ctx, "app", &self); err != nil {
		return nil, err
	}
	installation, err := findInstallation(ctx, itself, app, where)
	if api.StatusOf(err) == http.StatusNotFound {
		return nil, &notInstalled{app: self, where: where}
	} else if err != nil {
		return nil, err
	}
	token := &installationToken{app: itself, id: int64(installation.ID), now: s.client.Now,
		ask: readOnly(installation.Permissions)}
	return s.client.Open(api.Standing{
		Kind: api.KindInstallation, From: app.describe(), IsApp: true, AppName: string(self.Name),
		Permissions: installation.Permissions, Selection: string(installation.Selection),
	}, api.Signer{
		Authorize: token.authorize, Refused: token.refused,
		Pages: fmt.Sprintf("app %d installation %d", self.ID, installation.ID),
	})
}

// findInstallation finds the App's installation on an organization or enterprise.
func findInstallation(ctx context.Context, itself *api.Session, app App, where string) (*installationRecord, error) {
	path := "orgs/" + where + "/installation"
	slug, onEnterprise := strings.CutPrefix(where, "enterprise:")
	if onEnterprise {
		path = "enterprises/" + slug + "/installation"
	} else if app.InstallationID != 0 {
		path = fmt.Sprintf("app/installations/%d", app.InstallationID)
	}
	found := &installationRecord{}
	err := itself.Read(ctx, path, found)
	if !onEnterprise || api.StatusOf(err) != http.StatusNotFound {
		return found, err
	}
	// Enterprise Server has no such path: look it up in the list of the App's installations.
	notFound := err
	var faults []inventory.Untrusted
	_, err = itself.Walk(ctx, api.List{Path: "app/installations"}, func(entries []jsontext.Value) error {
		return api.Each(entries, &faults, func(record *installationRecord) error {
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

// notInstalled: the App is not installed in the place it should read.
type notInstalled struct {
	app   ownApp
	where string
}

func (e *notInstalled) Error() string { return "the GitHub App is not installed there" }

// readOnly returns the permissions to request: those that were granted and are needed, never more
// than read access.
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
