package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	gogithub "github.com/google/go-github/v57/github"

	"guestlist/providers/github/lenient"
	"guestlist/providers/internal/httpx"
)

// session is one signed-in credential: a token, or a GitHub App on one organization or enterprise.
type session struct {
	provider *Provider
	kind     tokenKind
	from     string // "the token from GH_TOKEN", for messages
	app      *ownApp
	// permissions are an installation's, by API name; nil for tokens.
	permissions lenient.Levels
	selection   string // an installation's repository selection

	core  *gogithub.Client
	audit *gogithub.Client // the audit log has a budget of its own

	mu      sync.Mutex
	scopes  []string // a token's, as GitHub said with its latest answer
	scoped  bool     // GitHub said them
	expires time.Time
}

// signer signs requests.
type signer struct {
	authorize func(context.Context) (string, error) // nil adds nothing
	refused   func(authorization string) bool       // as httpx.Options.Refused
}

// bearer begins the value of the Authorization header.
const bearer = "Bearer "

// newClient returns an httpx client for this provider's API.
func (p *Provider) newClient(sign signer, store httpx.Store) (*httpx.Client, error) {
	options := httpx.Options{
		Bases: []string{p.host.api}, Authorize: sign.authorize, Refused: sign.refused, Transport: p.env.Transport, UserAgent: userAgent, Classify: classify,
		Limiter: p.limiter, Concurrency: p.config.concurrency(), MaxWait: p.config.MaxWait, Log: p.env.Log, Now: p.now,
		Sleep: p.config.Sleep, Store: store, Allow: isTokenExchange,
		// go-github refuses requests by itself after it saw these; httpx has dealt with them already.
		HideHeaders: []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"},
		PlainQuery:  []string{"page", "per_page", "filter", "role", "type", "phrase", "include", "order"},
	}
	if p.config.OnWait != nil {
		options.OnWait = func(wait httpx.Wait) { p.config.OnWait(wait.Until, wait.Reason) }
	}
	client, err := httpx.New(options)
	if err != nil {
		return nil, err
	}
	if sign.authorize != nil {
		p.mu.Lock()
		p.clients = append(p.clients, client)
		p.mu.Unlock()
	}
	return client, nil
}

// newAPI returns a go-github client on top of an http.Client.
func (p *Provider) newAPI(client *http.Client) (*gogithub.Client, error) {
	base, err := url.Parse(p.host.api)
	if err != nil {
		return nil, fmt.Errorf("reading the API's base URL: %w", err)
	}
	api := gogithub.NewClient(client)
	// BaseURL is set by hand: WithEnterpriseURLs guesses paths from host names. WithAuthToken is never used: it changes the
	// http.Client it is given, so that two accounts would share one token.
	api.BaseURL = base
	api.UserAgent = userAgent
	return api, nil
}

// open makes the clients of a session.
func (p *Provider) open(s *session, identity string, sign signer) (*session, error) {
	s.provider = p
	for _, api := range []**gogithub.Client{&s.core, &s.audit} {
		var store httpx.Store
		if p.store != nil && api == &s.core {
			store = p.store.of(identity)
		}
		client, err := p.newClient(sign, store)
		if err != nil {
			return nil, err
		}
		if *api, err = p.newAPI(client.HTTP()); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// session signs in for an organization, "enterprise:slug", or "" for the person's own account.
func (p *Provider) session(ctx context.Context, where string) (*session, error) {
	if _, ok := p.config.Credential.(App); !ok {
		where = ""
	}
	p.mu.Lock()
	known := p.sessions[where]
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	made, err := p.signIn(ctx, where)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.sessions[where] = made
	p.mu.Unlock()
	return made, nil
}

func (p *Provider) signIn(ctx context.Context, where string) (*session, error) {
	token, err := Token{}, error(nil)
	switch credential := p.config.Credential.(type) {
	case App:
		return p.signInApp(ctx, credential, where)
	case Token:
		token, err = checkToken(credential)
	case Saved:
		token, err = credential.read(ctx, p)
	default:
		token, err = p.findToken(ctx)
	}
	if err != nil {
		return nil, err
	}
	return p.open(&session{kind: kindOf(token.Value), from: token.describe()}, string(token.Value),
		signer{authorize: func(context.Context) (string, error) { return bearer + string(token.Value), nil }})
}

// The version of the API that is spoken. An Enterprise Server knows the newer one from 3.21 on only, and refuses what it does not know;
// of what is read here both say the same.
const (
	versionHeader = "X-GitHub-Api-Version"
	cloudVersion  = "2026-03-10"
	serverVersion = "2022-11-28"
)

func (p *Provider) apiVersion() string {
	if p.host.kind == hostServer {
		return serverVersion
	}
	return cloudVersion
}

// response is one answer of the API.
type response struct {
	body  []byte
	links map[string]url.Values // the places that Link names, by relation
	doubt error                 // why the answer itself holds less than it was asked for; nil for none
}

// get asks for one path, relative to the API's base.
func (s *session) get(ctx context.Context, api *gogithub.Client, path string, query url.Values) (*response, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	request, err := api.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	request.Header.Set(versionHeader, s.provider.apiVersion())
	var body bytes.Buffer
	answer, err := api.Do(ctx, request, &body)
	if answer != nil && answer.Response != nil {
		s.learn(answer.Header)
	}
	if err != nil {
		return nil, err
	}
	return &response{body: body.Bytes(), links: readLinks(answer.Header), doubt: doubtOf(answer.Response)}, nil
}

// doubtOf returns why an answer that is none of an error holds less than it was asked for, or nil.
func doubtOf(answer *http.Response) error {
	// "partial-results; organizations=21955855,20582480"
	if strings.HasPrefix(answer.Header.Get("X-GitHub-SSO"), "partial-results") {
		return errLeftOut
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return &statusError{answer.StatusCode}
	}
	return nil
}

// errLeftOut: GitHub left out what the token is not authorized for by single sign-on.
var errLeftOut = errors.New("GitHub left out what the token is not authorized for by single sign-on")

// errNoTotal: a list that declares how much it holds did not.
var errNoTotal = errors.New("GitHub's answer does not declare how many entries there are")

// errNoEnd: a full page neither names a next one nor says that it is the last.
var errNoEnd = errors.New("GitHub's answer is as full as it can be and does not say whether more follows")

// statusError: an answer that is neither an error nor whole.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return fmt.Sprintf("GitHub answered %d, which is no whole answer", e.status)
}

// learn keeps what an answer's headers say of the token.
func (s *session) learn(header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if values, ok := header["X-Oauth-Scopes"]; ok {
		s.scopes, s.scoped = splitList(strings.Join(values, ",")), true
	}
	if expires := lenient.ParseTime(header.Get("GitHub-Authentication-Token-Expiration")); !expires.IsZero() {
		s.expires = expires
	}
}

// knownScopes returns the token's scopes, and false when GitHub did not say them.
func (s *session) knownScopes() ([]string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scopes, s.scoped
}

func (p *Provider) getenv(name string) string {
	if p.env.Getenv == nil {
		return ""
	}
	return p.env.Getenv(name)
}

// isTokenExchange allows the one POST there is: a GitHub App's JWT for a token.
func isTokenExchange(request *http.Request) bool {
	return request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/access_tokens") &&
		strings.Contains(request.URL.Path, "/app/installations/")
}

func splitList(list string) []string {
	var parts []string
	for _, part := range strings.Split(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// errorResponse returns GitHub's error answer inside an error, whatever go-github made of it, and nil for other errors.
func errorResponse(err error) *gogithub.ErrorResponse {
	var plain *gogithub.ErrorResponse
	if errors.As(err, &plain) {
		return plain
	}
	var primary *gogithub.RateLimitError
	if errors.As(err, &primary) {
		return &gogithub.ErrorResponse{Response: primary.Response, Message: primary.Message}
	}
	var secondary *gogithub.AbuseRateLimitError
	if errors.As(err, &secondary) {
		return &gogithub.ErrorResponse{Response: secondary.Response, Message: secondary.Message}
	}
	return nil
}
