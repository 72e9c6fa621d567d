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

// UserAgent names the program to GitHub, which refuses requests that name none.
const UserAgent = "guestlist"

// defaultRatePerMinute stays well inside GitHub's published secondary limits: 900 points (GETs) a
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
	// BaseURL is the API's address where Host does not determine it.
	BaseURL string
	// CacheDir holds pages of earlier scans, so that unchanged ones cost nothing; empty keeps none.
	// It is made when missing.
	CacheDir string
	// MaxWait is the longest wait for a rate limit; zero is httpx's default.
	MaxWait time.Duration
	// Concurrency is how many requests are open at a time, at most maxConcurrency; zero is the
	// default.
	Concurrency int
	// RatePerMinute is the pace of requests; zero is 720, negative is no limit at
	// all.
	RatePerMinute int
	// OnWait is called for every wait for a limit.
	OnWait func(until time.Time, reason string)

	// Sleep waits; nil really does. Tests move a clock instead.
	Sleep func(context.Context, time.Duration) error
}

// limiter keeps the pace that is asked for.
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

// Client asks one host. All its sessions keep one pace, and their pages in one store.
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
	// One is made now, so that a base URL it cannot be bound to is an error of the configuration.
	_, err = c.http(Signer{}, nil)
	return c, err
}

// Signer signs requests.
type Signer struct {
	// Authorize returns the value of the Authorization header; nil adds none. Its errors are the
	// fault of the sign-in.
	Authorize func(context.Context) (string, error)
	Refused   func(authorization string) bool // as httpx.Options.Refused
	// Wrap signs in a way of its own, above the client that binds requests to the host; nil does
	// not.
	Wrap func(http.RoundTripper) (http.RoundTripper, error)
	// Pages separates the pages kept for this credential from those of others; empty keeps
	// none. It may be a secret.
	Pages string
}

// Open returns a session of someone who signs in so.
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

// Prune removes kept pages that no scan asked for in a long time.
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
		// go-github refuses requests by itself after it saw these; httpx has dealt with them
		// already.
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

// signInError: a token could not be had, which is the fault of no question.
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
	// never used: it changes the http.Client it is given, so that two accounts would share one
	// token.
	api.BaseURL = base
	api.UserAgent = UserAgent
	return api, nil
}

// isTokenExchange allows the one POST there is: a GitHub App's JWT for a token.
func isTokenExchange(request *http.Request) bool {
	return request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/access_tokens") &&
		strings.Contains(request.URL.Path, "/app/installations/")
}
