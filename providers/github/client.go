package github

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

const userAgent = "guestlist"

// DefaultRatePerMinute stays well inside GitHub's published secondary limits: 900 points (GETs) a minute, 100 requests at a time.
const DefaultRatePerMinute = 720

const (
	defaultConcurrency = 4
	maxConcurrency     = 16
	requestBurst       = 24
)

// Connection says which GitHub to ask, and how fast.
type Connection struct {
	// Host is the web host: "github.com" (the default), "ghe.acme.example" (Enterprise Server), "acme.ghe.com" (data residency).
	Host string
	// BaseURL is the API's address where it cannot be told from Host.
	BaseURL string
	// CacheDir holds pages of earlier scans, so that unchanged ones cost nothing; empty keeps none. It is made when missing.
	CacheDir string
	// MaxWait is the longest wait for a rate limit; zero is httpx's default.
	MaxWait time.Duration
	// Concurrency is how many requests are open at a time, at most maxConcurrency; zero is the default.
	Concurrency int
	// RatePerMinute is the pace of requests; zero is DefaultRatePerMinute, negative is no limit at all.
	RatePerMinute int
	// OnWait is told of every wait for a limit.
	OnWait func(until time.Time, reason string)

	// Sleep waits; nil really does. Tests move a clock instead.
	Sleep func(context.Context, time.Duration) error
}

// limiter keeps the pace that is asked for.
func (c *Connection) limiter() *rate.Limiter {
	if c.RatePerMinute < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	perMinute := cmp.Or(c.RatePerMinute, DefaultRatePerMinute)
	return rate.NewLimiter(rate.Limit(perMinute)/rate.Limit(time.Minute/time.Second), min(requestBurst, perMinute))
}

// atOnce is how many requests are open at a time.
func (c *Connection) atOnce() int {
	if c.Concurrency <= 0 {
		return defaultConcurrency
	}
	return min(c.Concurrency, maxConcurrency)
}

// client asks one host. All its sessions keep one pace, and their pages in one store.
type client struct {
	host       host
	now        func() time.Time
	connection Connection
	env        scanner.Env
	limiter    *rate.Limiter
	store      *pageStore // nil keeps none
}

// newClient returns a client, or an error that says what is wrong with the connection. It sends nothing.
func newClient(env scanner.Env, connection Connection) (*client, error) {
	where, err := newHost(connection.Host, connection.BaseURL)
	if err != nil {
		return nil, err
	}
	if connection.Sleep == nil {
		connection.Sleep = env.Sleep
	}
	c := &client{host: where, now: env.Now, connection: connection, env: env, limiter: connection.limiter()}
	if c.now == nil {
		c.now = time.Now
	}
	if connection.CacheDir != "" {
		c.store = newPageStore(connection.CacheDir, c.now)
	}
	// One is made now, so that a base URL it cannot be bound to is an error of the configuration.
	_, err = c.http(signer{}, nil)
	return c, err
}

// signer signs requests.
type signer struct {
	// authorize returns the value of the Authorization header; nil adds none. Its errors are the fault of the sign-in.
	authorize func(context.Context) (string, error)
	refused   func(authorization string) bool // as httpx.Options.Refused
	// wrap signs in a way of its own, above the client that binds requests to the host; nil does not.
	wrap func(http.RoundTripper) (http.RoundTripper, error)
	// pages tells the pages that are kept for this credential from those of others; empty keeps none. It may be a secret.
	pages string
}

// open returns a session of somebody who signs in so.
func (c *client) open(who standing, sign signer) (*session, error) {
	s := &session{standing: who, host: c.host}
	for _, api := range []**gogithub.Client{&s.core, &s.audit} {
		var store httpx.Store
		if c.store != nil && api == &s.core && sign.pages != "" {
			store = c.store.of(sign.pages)
		}
		bound, err := c.http(sign, store)
		if err != nil {
			return nil, err
		}
		signed := bound.HTTP()
		if sign.wrap != nil {
			if signed.Transport, err = sign.wrap(bound); err != nil {
				return nil, err
			}
		}
		if *api, err = c.library(signed); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// prune removes kept pages that no scan asked for in a long time.
func (c *client) prune() {
	if c.store != nil {
		c.store.prune()
	}
}

// http returns an httpx client for the host's API.
func (c *client) http(sign signer, store httpx.Store) (*httpx.Client, error) {
	options := httpx.Options{
		Bases: []string{c.host.api}, Refused: sign.refused, Transport: c.env.Transport, UserAgent: userAgent, Classify: classify,
		Limiter: c.limiter, Concurrency: c.connection.atOnce(), MaxWait: c.connection.MaxWait, Log: c.env.Log, Now: c.now,
		Sleep: c.connection.Sleep, Store: store, Allow: isTokenExchange,
		// go-github refuses requests by itself after it saw these; httpx has dealt with them already.
		HideHeaders: []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"},
		PlainQuery:  []string{"page", "per_page", "filter", "role", "type", "phrase", "include", "order"},
	}
	if sign.authorize != nil {
		options.Authorize = func(ctx context.Context) (string, error) {
			value, err := sign.authorize(ctx)
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
func (c *client) library(client *http.Client) (*gogithub.Client, error) {
	base, err := url.Parse(c.host.api)
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

// isTokenExchange allows the one POST there is: a GitHub App's JWT for a token.
func isTokenExchange(request *http.Request) bool {
	return request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/access_tokens") &&
		strings.Contains(request.URL.Path, "/app/installations/")
}
