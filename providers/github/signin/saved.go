package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"

	"guestlist/providers/github/api"
	"guestlist/providers/internal/secretfile"
)

// Saved is a person's device sign-in, kept in a file by [SignInByDevice].
type Saved struct {
	File     string
	ClientID string // of the app it must be from
	WebURL   string // as Device.WebURL
}

func (Saved) describe() string { return "the saved sign-in" }

// savedToken is the file's content. A GitHub App's user tokens expire after hours and are renewed
// with the refresh token; those of OAuth apps have neither.
type savedToken struct {
	Version      int       `json:"version"`
	Host         string    `json:"host"`
	ClientID     string    `json:"client_id"`
	Token        string    `json:"token"`
	RefreshToken string    `json:"refresh_token,omitzero"`
	Expires      time.Time `json:"expires,omitzero"`
}

// renewBefore is how long before its expiry a token is renewed: a scan should not outlive it.
const renewBefore = time.Hour

// errSignInAgain is wrapped by errors that make a saved sign-in unusable.
var errSignInAgain = errors.New("sign in again with guestlist sign-in github")

// read returns the token, renewed if it expires soon.
func (s Saved) read(ctx context.Context, from *Sessions) (Token, error) {
	saved, err := s.load(from.client.Host)
	if errors.Is(err, secretfile.ErrNone) {
		return Token{}, fmt.Errorf("%w (guestlist sign-in github)", err)
	}
	if err != nil {
		return Token{}, err
	}
	if saved.isNearExpiry(from.client.Now()) {
		if saved, err = s.renew(ctx, from, saved); err != nil {
			return Token{}, err
		}
	}
	return checkToken(Token{Value: Secret(saved.Token), From: s.describe()})
}

// load reads the saved sign-in, expired or not.
func (s Saved) load(where api.Host) (saved savedToken, err error) {
	text, err := secretfile.Read(s.File)
	switch {
	case err != nil:
		return saved, err
	case json.Unmarshal(text, &saved) != nil || saved.Version != 1 || saved.Token == "":
		return saved, fmt.Errorf("the saved sign-in %q was not written by guestlist: %w", s.File, errSignInAgain)
	case saved.Host != where.Name:
		return saved, fmt.Errorf("the saved sign-in is for another host than %s: %w", where.Name, errSignInAgain)
	case saved.ClientID != s.ClientID:
		return saved, fmt.Errorf("the saved sign-in belongs to another app: %w", errSignInAgain)
	}
	return saved, nil
}

// isNearExpiry reports whether a token expires so soon that it is renewed first.
func (s savedToken) isNearExpiry(now time.Time) bool {
	return !s.Expires.IsZero() && now.Add(renewBefore).After(s.Expires)
}

// renew exchanges the refresh token, which GitHub accepts once, and saves the new token before it
// is used.
func (s Saved) renew(ctx context.Context, from *Sessions, saved savedToken) (savedToken, error) {
	if saved.RefreshToken == "" {
		return saved, fmt.Errorf("the saved sign-in expired on %s: %w", saved.Expires.Format(time.DateOnly),
			errSignInAgain)
	}
	config, client, err := oauthOf(from.env, withWeb(from.client.Host, s.WebURL), s.ClientID, nil)
	if err != nil {
		return saved, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: saved.RefreshToken}).Token()
	if err != nil {
		if other, ok := s.renewedElsewhere(from, saved); ok {
			return other, nil
		}
		return saved, fmt.Errorf("renewing the saved sign-in: %w: %w", cleanOAuth(err), errSignInAgain)
	}
	renewed := saveOf(from.client.Host.Name, s.ClientID, token, from.client.Now())
	return renewed, secretfile.WriteJSON(s.File, renewed)
}

// renewedElsewhere returns what another scan has saved in the meantime: a refresh token is accepted
// once, so that one of two simultaneous scans is refused.
func (s Saved) renewedElsewhere(from *Sessions, before savedToken) (savedToken, bool) {
	saved, err := s.load(from.client.Host)
	return saved, err == nil && saved.Token != before.Token && !saved.isNearExpiry(from.client.Now())
}

// saveOf is what is kept of a token. Its expiry is calculated from now.
func saveOf(host, clientID string, token *oauth2.Token, now time.Time) savedToken {
	saved := savedToken{Version: 1, Host: host, ClientID: clientID, Token: token.AccessToken,
		RefreshToken: token.RefreshToken}
	if token.ExpiresIn > 0 {
		saved.Expires = now.Add(time.Duration(token.ExpiresIn) * time.Second).UTC()
	}
	return saved
}
