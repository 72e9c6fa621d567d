package signin

import (
	"context"
	"sync"

	"guestlist/providers/github/api"
	"guestlist/scanner"
)

// Sessions sign in with one credential, once in each place.
type Sessions struct {
	env        scanner.Env
	client     *api.Client
	credential Credential
	run        func(ctx context.Context, name string, args ...string) ([]byte, error)

	mu    sync.Mutex
	known map[string]*api.Session // by organization, "enterprise:slug" or "" for a token
}

// New returns sessions that sign in with a credential; nil means Environment. Run runs a helper
// command and returns its output; nil runs it for real.
func New(env scanner.Env, client *api.Client, credential Credential,
	run func(ctx context.Context, name string, args ...string) ([]byte, error),
) *Sessions {
	if credential == nil {
		credential = Environment{}
	}
	return &Sessions{env: env, client: client, credential: credential, run: run, known: map[string]*api.Session{}}
}

// Describe says where the credential comes from, without revealing it.
func (s *Sessions) Describe() string { return s.credential.describe() }

// IsApp reports whether a GitHub App signs in.
func (s *Sessions) IsApp() bool {
	_, ok := s.credential.(App)
	return ok
}

// Of signs in for an organization, "enterprise:slug", or "" for the person's own account.
func (s *Sessions) Of(ctx context.Context, where string) (*api.Session, error) {
	if !s.IsApp() {
		where = ""
	}
	s.mu.Lock()
	known := s.known[where]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	made, err := s.signIn(ctx, where)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.known[where] = made
	s.mu.Unlock()
	return made, nil
}

// bearer begins the value of the Authorization header.
const bearer = "Bearer "

func (s *Sessions) signIn(ctx context.Context, where string) (*api.Session, error) {
	token, err := Token{}, error(nil)
	switch credential := s.credential.(type) {
	case App:
		return s.signInApp(ctx, credential, where)
	case Token:
		token, err = checkToken(credential)
	case Saved:
		token, err = credential.read(ctx, s)
	default:
		token, err = s.findToken(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s.client.Open(api.Standing{Kind: api.KindOf(string(token.Value)), From: token.describe()}, api.Signer{
		Authorize: func(context.Context) (string, error) { return bearer + string(token.Value), nil },
		Pages:     string(token.Value),
	})
}
