package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/impersonate"
	"google.golang.org/api/option"
)

// source returns a token source for one feature's scope, which makes a new token on every call.
func (s *signIn) source(ctx context.Context, scope string) (oauth2.TokenSource, error) {
	signing := context.WithValue(ctx, oauth2.HTTPClient, withContext(ctx, s.client))
	switch s.way {
	case wayKey:
		config := *s.key
		config.Scopes = []string{scope}
		return config.TokenSource(signing), nil
	case wayImpersonate:
		return s.impersonated(ctx, signing, scope)
	case wayLogin:
		return s.savedLogin(signing, scope)
	default:
		credentials, err := google.CredentialsFromJSONWithType(signing, s.base, google.AuthorizedUser, scope)
		if err != nil {
			return nil, err
		}
		return credentials.TokenSource, nil
	}
}

func (s *signIn) impersonated(ctx, signing context.Context, scope string) (oauth2.TokenSource, error) {
	baseContext := context.WithValue(ctx, oauth2.HTTPClient, withContext(ctx, s.plain))
	base, err := s.baseSource(baseContext)
	if err != nil {
		return nil, err
	}
	// The base token goes to the IAM service only; the exchange that follows carries the signed
	// assertion and needs no token.
	carrier := &http.Client{Transport: &bearerFor{
		host: "iamcredentials.googleapis.com", source: base, next: withContext(ctx, s.client).Transport,
	}}
	return impersonate.CredentialsTokenSource(signing, impersonate.CredentialsConfig{
		TargetPrincipal: s.config.Credential.TargetPrincipal, Delegates: s.config.Credential.Delegates,
		Scopes: []string{scope}, Subject: s.subject,
	}, option.WithHTTPClient(carrier))
}

func (s *signIn) baseSource(ctx context.Context) (oauth2.TokenSource, error) {
	if s.base == nil {
		return google.ComputeTokenSource("", scopeCloudPlatform), nil
	}
	file, err := readCredentialFile(s.base)
	if err != nil {
		return nil, err
	}
	credentials, err := google.CredentialsFromJSONWithType(ctx, s.base, google.CredentialsType(file.Type),
		scopeCloudPlatform)
	if err != nil {
		return nil, fmt.Errorf("reading the base credential: %w", err)
	}
	return credentials.TokenSource, nil
}

// bases are the origins that sign-in requests may go to.
func (s *signIn) bases() []string {
	bases := []string{"https://oauth2.googleapis.com", "https://iamcredentials.googleapis.com"}
	if s.key != nil {
		bases = append(bases, s.key.TokenURL)
	}
	if s.login != nil {
		bases = append(bases, s.login.Endpoint.TokenURL)
	}
	if file, err := readCredentialFile(s.base); err == nil {
		for _, target := range []string{file.TokenURI, file.TokenURL, file.ImpersonationURL} {
			if target != "" {
				bases = append(bases, target)
			}
		}
	}
	return bases
}

// keeper holds the access token of one feature and renews it.
type keeper struct {
	signIn *signIn
	scope  string
	tokenUse

	mu         sync.Mutex
	token      *oauth2.Token
	generation int
}

// get returns a valid token and its generation.
func (k *keeper) get(ctx context.Context) (*oauth2.Token, int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token.Valid() {
		return k.token, k.generation, nil
	}
	source, err := k.signIn.source(ctx, k.scope)
	if err != nil {
		return nil, 0, err
	}
	token, err := source.Token()
	if err != nil {
		return nil, 0, err
	}
	k.token = token
	k.generation++
	return token, k.generation, nil
}

// drop makes the next get ask for a new token, unless that has happened since the generation.
func (k *keeper) drop(generation int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if generation == k.generation {
		k.token = nil
	}
}
