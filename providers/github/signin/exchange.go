package signin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
)

// installationToken exchanges JWTs for installation tokens and keeps the current one in memory.
type installationToken struct {
	app *api.Session // signed in as the App itself
	id  int64
	now func() time.Time
	ask map[string]string

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
		return "", err
	}
	return bearer + string(token), nil
}

// refused drops a token that GitHub refuses before its expiry, so that a new one is issued next
// time.
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
	body, err := t.app.Post(ctx, fmt.Sprintf("app/installations/%d/access_tokens", t.id), &tokenRequest{t.ask})
	if err != nil {
		return "", err
	}
	var issued struct {
		Token   lenient.Text   `json:"token"`
		Expires lenient.Moment `json:"expires_at"`
	}
	// Neither the answer nor the decoder's error may be quoted: one is the token, the other may
	// hold part of it.
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
