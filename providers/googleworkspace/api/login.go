package api

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"

	"guestlist/providers/internal/secretfile"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// savedToken is the file that keeps an administrator's login.
type savedToken struct {
	Version      int      `json:"version"`
	ClientID     string   `json:"client_id"`
	RefreshToken string   `json:"refresh_token"`
	Scopes       []string `json:"scopes"` // that the administrator agreed to
}

const callbackPage = "<!DOCTYPE html><meta charset=utf-8><title>guestlist</title><p>%s You can close this window.\n"

// SignIn signs an administrator in with the browser: it calls open with the address of Google's
// consent page. The refresh token is written to Config.Credential.TokenFile with mode 0600. It
// returns the features that the administrator left unticked.
//
// It follows RFC 8252 (loopback redirect) with PKCE. It waits until the browser comes back or ctx
// ends.
func SignIn(ctx context.Context, env scanner.Env, config Connection,
	open func(url string) error) (missing []Feature, err error) {
	usual := UsualFeaturesOf(inventory.GoogleWorkspace)
	config, err = config.normalize(slices.Concat(FeaturesOf(inventory.GoogleWorkspace),
		FeaturesOf(inventory.ChromeManagement)), usual)
	if err != nil {
		return nil, err
	}
	s, err := newSignIn(env, config, config.Features)
	if err != nil {
		return nil, err
	}
	if s.way != wayLogin {
		return nil, errors.New("signing in with the browser: the configuration signs in with a " + string(s.way))
	}
	token, err := s.consent(ctx, open)
	if err != nil {
		return nil, fmt.Errorf("signing in with the browser: %w", err)
	}
	granted := strings.Fields(fmt.Sprint(token.Extra("scope")))
	if token.RefreshToken == "" {
		return nil, errors.New("signing in with the browser: Google gave no refresh token: " +
			"remove guestlist at https://myaccount.google.com/connections and sign in again")
	}
	err = secretfile.WriteJSON(config.Credential.TokenFile, savedToken{1, s.login.ClientID, token.RefreshToken, granted})
	if err != nil {
		return nil, err
	}
	for _, feature := range config.Features {
		if !slices.Contains(granted, feature.Info().Scope) {
			missing = append(missing, feature)
		}
	}
	return missing, nil
}

func (s *signIn) consent(ctx context.Context, open func(url string) error) (*oauth2.Token, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening a loopback port for the browser: %w", err)
	}
	config := *s.login
	config.RedirectURL = "http://" + listener.Addr().String()
	config.Scopes = Scopes(s.features...)
	verifier, state := oauth2.GenerateVerifier(), rand.Text()
	answers := make(chan callback, 1)
	server := &http.Server{Handler: callbackHandler(state, answers), ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	defer endGently(server)
	options := []oauth2.AuthCodeOption{
		oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "consent"),
	}
	if s.subject != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", s.subject))
	}
	if err := open(config.AuthCodeURL(state, options...)); err != nil {
		return nil, fmt.Errorf("opening the browser: %w", err)
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case answer := <-answers:
		if answer.err != nil {
			return nil, answer.err
		}
		ctx = context.WithValue(ctx, oauth2.HTTPClient, withContext(ctx, s.client))
		token, err := config.Exchange(ctx, answer.code, oauth2.VerifierOption(verifier))
		if err != nil {
			return nil, s.explain(newFault(ctx, Accounts, err))
		}
		return token, nil
	}
}

// farewell is how long the browser has to fetch the page that says how the sign-in went.
const farewell = 5 * time.Second

// endGently stops the server once its last page has been sent: someone is looking at it.
func endGently(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
}

type callback struct {
	code string
	err  error
}

// callbackHandler accepts one answer with the right state. Any other request to the port gets a 400
// and changes nothing.
func callbackHandler(state string, answers chan<- callback) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if r.Method != http.MethodGet || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(state)) != 1 {
			http.Error(w, "not the sign-in that guestlist waits for", http.StatusBadRequest)
			return
		}
		answer := callback{code: query.Get("code")}
		text := "Signed in."
		if answer.code == "" {
			answer.err = fmt.Errorf("the consent page answered %q", inventory.Untrusted(query.Get("error")))
			text = "Not signed in."
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Referrer-Policy", "no-referrer")
		fmt.Fprintf(w, callbackPage, text)
		select {
		case answers <- answer:
		default:
		}
	})
}

// savedLogin returns a source of tokens from an earlier login.
func (s *signIn) savedLogin(ctx context.Context, scope string) (oauth2.TokenSource, error) {
	saved, err := readToken(s.config.Credential.TokenFile)
	if err != nil {
		return nil, &Fault{Cause: CauseCredential, Text: inventory.Untrusted(err.Error()), Remedy: "sign in first", err: err}
	}
	if saved.ClientID != s.login.ClientID {
		return nil, &Fault{
			Cause: CauseCredential, Text: "the saved sign-in belongs to another OAuth client", Remedy: "sign in again",
			err: errors.New("other client"),
		}
	}
	if !slices.Contains(saved.Scopes, scope) {
		return nil, &oauth2.RetrieveError{ErrorCode: "invalid_scope"}
	}
	return s.login.TokenSource(ctx, &oauth2.Token{RefreshToken: saved.RefreshToken}), nil
}

func readToken(path string) (saved savedToken, err error) {
	text, err := secretfile.Read(path)
	if err != nil {
		return saved, err
	}
	if json.Unmarshal(text, &saved) != nil || saved.Version != 1 || saved.RefreshToken == "" {
		return saved, fmt.Errorf("the saved sign-in %q was not written by guestlist", path)
	}
	return saved, nil
}
