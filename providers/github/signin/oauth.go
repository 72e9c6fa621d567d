package signin

import (
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"guestlist/providers/github/api"
	"guestlist/providers/internal/httpx"
	"guestlist/scanner"
)

// withWeb replaces the base URL of the pages, if one is given.
func withWeb(where api.Host, web string) api.Host {
	if web != "" {
		where.Web = web
	}
	return where
}

// oauthOf returns the sign-in endpoints of a host, and the one client that may talk to them.
func oauthOf(env scanner.Env, where api.Host, clientID string, scopes []string) (*oauth2.Config, *http.Client, error) {
	client, err := httpx.New(httpx.Options{
		Bases: []string{where.Web}, Transport: env.Transport, UserAgent: api.UserAgent, Log: env.Log, Now: env.Now,
		Sleep: env.Sleep, Allow: func(r *http.Request) bool {
			return r.Method == http.MethodPost &&
				(r.URL.Path == "/login/device/code" || r.URL.Path == "/login/oauth/access_token")
		},
	})
	if err != nil {
		return nil, nil, err
	}
	return &oauth2.Config{ClientID: clientID, Scopes: scopes, Endpoint: oauth2.Endpoint{
		DeviceAuthURL: where.Web + "login/device/code", TokenURL: where.Web + "login/oauth/access_token",
		AuthStyle: oauth2.AuthStyleInParams,
	}}, client.HTTP(), nil
}

// cleanOAuth reduces an OAuth error to its code: the whole answer may contain a token.
func cleanOAuth(err error) error {
	var failed *oauth2.RetrieveError
	if !errors.As(err, &failed) {
		return httpx.Clean(err)
	}
	switch failed.ErrorCode {
	case "access_denied":
		return errors.New("the sign-in was declined on GitHub's page")
	case "expired_token":
		return errors.New("the code was not typed in time: start again")
	case "device_flow_disabled":
		return errors.New("the app does not allow device sign-in: enable device flow in its settings")
	case "":
		return fmt.Errorf("GitHub answered %d", failed.Response.StatusCode)
	}
	return fmt.Errorf("GitHub answered %q", failed.ErrorCode)
}
