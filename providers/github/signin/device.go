package signin

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/oauth2"

	"guestlist/providers/github/api"
	"guestlist/providers/internal/secretfile"
	"guestlist/scanner"
)

// Device says what to sign in to and how to show the code.
type Device struct {
	Host     string // as Config.Host
	WebURL   string // the base URL of the pages, if Host does not determine it
	ClientID string // of an OAuth or GitHub App with device flow enabled; it is not a secret
	Scopes   []string
	// File is where the sign-in is kept for later, with mode 0600; if empty, it is not kept.
	File string
	// Prompt shows the person the code to type and the page to type it on.
	Prompt func(code, page string, expires time.Time)
}

// SignInByDevice runs GitHub's device flow: it shows a code, waits until the person has typed it on
// GitHub's page, and returns the token, which is only kept in Device.File.
func SignInByDevice(ctx context.Context, env scanner.Env, device Device) (Token, error) {
	where, err := api.NewHost(device.Host, "")
	if err != nil {
		return Token{}, err
	}
	oauth, client, err := oauthOf(env, withWeb(where, device.WebURL), device.ClientID, device.Scopes)
	if err != nil {
		return Token{}, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	answer, err := oauth.DeviceAuth(ctx)
	if err != nil {
		return Token{}, fmt.Errorf("asking GitHub for a device code: %w", cleanOAuth(err))
	}
	device.Prompt(answer.UserCode, answer.VerificationURI, answer.Expiry)
	token, err := oauth.DeviceAccessToken(ctx, answer)
	if err != nil {
		return Token{}, fmt.Errorf("waiting for the device code to be typed: %w", cleanOAuth(err))
	}
	checked, err := checkToken(Token{Value: Secret(token.AccessToken), From: "device sign-in"})
	if err != nil || device.File == "" {
		return checked, err
	}
	now := time.Now
	if env.Now != nil {
		now = env.Now
	}
	return checked, secretfile.WriteJSON(device.File, saveOf(where.Name, device.ClientID, token, now()))
}
