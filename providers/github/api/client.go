package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v57/github"
	"golang.org/x/time/rate"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner"
)

// UserAgent names the program to GitHub, which refuses requests without one.
const UserAgent = "guestlist"

// defaultRatePerMinute stays well within GitHub's published secondary limits: 900 points (GETs) a
// minute, 100 requests at a time.
const defaultRatePerMinute = 720

const (
	defaultConcurrency = 4
	maxConcurrency     = 16
	requestBurst       = 24
)

// Connection says which GitHub to ask, and how fast.
type Connection struct {
	// Host is the web host: "github.com" (the default), "ghe.acme.example" (Enterprise Server),
	// "acme.ghe.com" (data residency).
	Host string
	// BaseURL is the API's address if Host does not determine it.
	BaseURL string
	// CacheDir holds pages of earlier scans, so that unchanged ones cost nothing; if empty, none
	// are kept. It is created if it is missing.
	CacheDir string
	// MaxWait is the longest wait for a rate limit; zero is httpx's default.
	MaxWait time.Duration
	// Concurrency is how many requests are open at a time, at most maxConcurrency; zero is the
	// default.
	Concurrency int
	// RatePerMinute is the pace of requests; zero means 720, negative means no limit.
	RatePerMinute int
	// OnWait is called before every wait for a limit.
	OnWait func(until time.Time, reason string)

	// Sleep waits; nil waits in real time. Tests move a clock instead.
	Sleep func(context.Context, time.Duration) error
}

// limiter returns a limiter for the configured pace.
func (c *Connection) limiter() *rate.Limiter {
	if c.RatePerMinute < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	perMinute := cmp.Or(c.RatePerMinute, defaultRatePerMinute)
	return rate.NewLimiter(rate.Limit(perMinute)/rate.Limit(time.Minute/time.Second), min(requestBurst, perMinute))
}

// AtOnce is how many requests are open at a time.
func (c *Connection) AtOnce() int {
	if c.Concurrency <= 0 {
		return defaultConcurrency
	}
	return min(c.Concurrency, maxConcurrency)
}

// Client calls one host. All its sessions share one pace and one store of pages.
type Client struct {
	Host       Host
	Now        func() time.Time
	connection Connection
	env        scanner.Env
	limiter    *rate.Limiter
	store      *pageStore // nil keeps none
}

// NewClient returns a client, or an error that says what is wrong with the connection. It sends
// nothing.
func NewClient(env scanner.Env, connection Connection) (*Client, error) {
	where, err := NewHost(connection.Host, connection.BaseURL)
	if err != nil {
		return nil, err
	}
	if connection.Sleep == nil {
		connection.Sleep = env.Sleep
	}
	c := &Client{Host: where, Now: env.Now, connection: connection, env: env, limiter: connection.limiter()}
	if c.Now == nil {
		c.Now = time.Now
	}
	if connection.CacheDir != "" {
		c.store = newPageStore(connection.CacheDir, c.Now)
	}
	// One is made now, so that a base URL it cannot be bound to is reported as a configuration
	// error.
	_, err = c.http(Signer{}, nil)
	return c, err
}

// Signer signs requests.
type Signer struct {
	// Authorize returns the value of the Authorization header; nil adds none. Its errors are
	// sign-in errors.
	Authorize func(context.Context) (string, error)
	Refused   func(authorization string) bool // as httpx.Options.Refused
	// Wrap, if set, signs in a way of its own, above the client that binds requests to the host.
	Wrap func(http.RoundTripper) (http.RoundTripper, error)
	// Pages separates the pages kept for this credential from those of others; if empty, none are
	// kept. It may be a secret.
	Pages string
}

// Open returns a session for who, signed by sign.
func (c *Client) Open(who Standing, sign Signer) (*Session, error) {
	s := &Session{Standing: who, host: c.Host}
	for _, api := range []**gogithub.Client{&s.core, &s.audit} {
		var store httpx.Store
		if c.store != nil && api == &s.core && sign.Pages != "" {
			store = c.store.of(sign.Pages)
		}
		bound, err := c.http(sign, store)
		if err != nil {
			return nil, err
		}
		signed := bound.HTTP()
		if sign.Wrap != nil {
			if signed.Transport, err = sign.Wrap(bound); err != nil {
				return nil, err
			}
		}
		if *api, err = c.library(signed); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Prune removes kept pages that no scan has requested for a long time.
func (c *Client) Prune() {
	if c.store != nil {
		c.store.prune()
	}
}

// http returns an httpx client for the host's API.
func (c *Client) http(sign Signer, store httpx.Store) (*httpx.Client, error) {
	options := httpx.Options{
		Bases: []string{c.Host.api}, Refused: sign.Refused, Transport: c.env.Transport, UserAgent: UserAgent,
		Classify: classify, Limiter: c.limiter, Concurrency: c.connection.AtOnce(), MaxWait: c.connection.MaxWait,
		Log: c.env.Log, Now: c.Now, Sleep: c.connection.Sleep, Store: store, Allow: isTokenExchange,
		// go-github refuses requests by itself after it has seen these headers; httpx has already
		// handled them.
		HideHeaders: []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"},
		PlainQuery:  []string{"page", "per_page", "filter", "role", "type", "phrase", "include", "order"},
	}
	if sign.Authorize != nil {
		options.Authorize = func(ctx context.Context) (string, error) {
			value, err := sign.Authorize(ctx)
			if err != nil {
				return "", &signInError{err}
			}
			return value, nil
		}
	}
	if onWait := c.connection.OnWait; onWait != nil {
		options.OnWait = func(wait httpx.Wait) { onWait(wait.Until, wait.Reason) }
	}
	return httpx.New(options)
}

// signInError: no token could be obtained, which has nothing to do with the question asked.
type signInError struct{ error }

func (e *signInError) Unwrap() error { return e.error }

// library returns a go-github client on top of an http.Client.
func (c *Client) library(client *http.Client) (*gogithub.Client, error) {
	base, err := url.Parse(c.Host.api)
	if err != nil {
		return nil, fmt.Errorf("reading the API's base URL: %w", err)
	}
	api := gogithub.NewClient(client)
	// BaseURL is set by hand: WithEnterpriseURLs guesses paths from host names. WithAuthToken is
	// never used: it modifies the http.Client passed to it, so that two accounts would share one
	// token.
	api.BaseURL = base
	api.UserAgent = UserAgent
	return api, nil
}

// isTokenExchange allows the only POST: exchanging a GitHub App's JWT for a token.
func isTokenExchange(request *http.Request) bool {
	return request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/access_tokens") &&
		strings.Contains(request.URL.Path, "/app/installations/")
}
