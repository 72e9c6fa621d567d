// Package httpx is the one HTTP client of all providers that read an API. It is an
// [http.RoundTripper] below any client library and decides what no library may decide for us:
//
//   - where a credential goes: Authorization is added, and a request sent at all, only if scheme
//     and host are those the client was made for. A redirect or a link to another host is refused
//     with [ErrForeignHost]; plain http is for loopback only.
//   - that nothing is changed: GET and HEAD, and what Options.Allow names.
//   - how fast: one rate limit, one bound on requests at a time, and one pause for all callers when
//     the platform says to slow down. Waits run on the caller's clock and are reported; one longer
//     than Options.MaxWait is given up with a [LimitError]. With Options.OwnLimits, a limit that
//     refuses one request again and again while others are answered is that request's own fault.
//   - what is retried: lost connections, truncated bodies, 5xx and limit answers, with full-jitter
//     backoff. A body is read whole, within Options.MaxBody, before it is passed on, so a truncated
//     one is noticed here. A request that fails while others are answered is itself at fault: only
//     it waits, for less time, and it is given up sooner. With each request that is given up while
//     none is answered, the next ones get fewer attempts, soon only one, so that a scan of a
//     platform that is down ends.
//   - what may be said: errors and log lines carry no query values and no headers.
//
// TLS verification has no switch. Make one client per account: it holds one credential and one
// pause.
package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Defaults of Options, and limits that have no option.
const (
	DefaultMaxBody     = 32 << 20         // bytes of one answer
	DefaultMaxWait     = 10 * time.Minute // one wait for a limit
	DefaultTimeout     = 60 * time.Second // one attempt, body included
	DefaultAttempts    = 5                // sends of one request
	DefaultConcurrency = 8                // requests at a time
	maxRedirects       = 5                // on the same host
	backoffBase        = time.Second      // upper bound of the first backoff, doubled for each further one
	backoffCap         = 60 * time.Second
	ownAttempts        = 4 // sends of one request that fails while others are answered
	ownBackoff         = 4 // its backoff is this many times shorter
	maxStated          = 2 // waits of one request for a fault that states how long it lasts
	looksInWindow      = 4 // at a limit that states no time, at least
	limitAttempts      = 4 // times the attempts: sends of one request to a limit within its window
)

// Options make a Client. Only Bases is required.
type Options struct {
	// Bases are the URLs this client may talk to; only scheme, host and port count.
	Bases []string
	// Authorize returns the value of the Authorization header ("Bearer ..."). It is called for each
	// attempt. Nil adds none and leaves a header that is already there. An error ends the request
	// before it is sent.
	Authorize func(context.Context) (string, error)
	// Refused is called when the platform answered 401 to a value that Authorize returned. It
	// reports whether Authorize will return another one now; then the request is sent again, once.
	// Nil renews nothing.
	Refused func(authorization string) bool
	// Transport carries the traffic; nil is a copy of http.DefaultTransport.
	Transport http.RoundTripper
	UserAgent string
	// Allow names requests beyond GET and HEAD that may be sent. They must be safe to send again.
	Allow func(*http.Request) bool
	// Classify says what an answer means; nil is [Classify].
	Classify func(*Answer) Verdict
	// Limiter spaces requests; clients with a common budget share one. Nil sets no rate.
	Limiter *rate.Limiter
	// OnLimit, if set, is called for every limit that makes all callers wait, to slow the limiter
	// down.
	OnLimit func()
	// OwnLimits says that a limit may be about what one request asks for. The first refusal makes
	// all callers wait. A request that is refused again, while no other is, then waits alone; where
	// others that were sent since were answered, it is given up like any request that is itself at
	// fault. Once that has happened, others wait less than a second for a first refusal among good
	// answers, whatever time it states.
	OwnLimits bool
	// LimitWindow is the period over which the platform counts. A request that meets a limit is not
	// given up before the period has passed, however soon an answer says to come back, unless it
	// was sent 4 times as often as Attempts allows. Zero counts attempts alone.
	LimitWindow time.Duration
	// Concurrency, Attempts, MaxBody, MaxWait and Timeout have the defaults above when zero.
	Concurrency int
	Attempts    int
	MaxBody     int64
	MaxWait     time.Duration
	Timeout     time.Duration
	// Store keeps pages for conditional requests; nil keeps none.
	Store Store
	// HideHeaders are removed from answers before they are passed on, for libraries that act on
	// them by themselves.
	HideHeaders []string
	// PlainQuery are names of query parameters whose values may be shown in errors and logs.
	PlainQuery []string
	// OnWait is called for every wait for a limit that is longer than a second.
	OnWait func(Wait)
	Log    *slog.Logger

	// Now, Sleep and Jitter (in [0,1)) are the clock and the dice; nil means the real ones.
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Jitter func() float64
}

// Wait is one wait for a platform's limit.
type Wait struct {
	Until  time.Time
	Reason string
}

// Client sends requests by the rules of the package. It is safe for concurrent use.
type Client struct {
	options Options
	hosts   map[string]bool // "scheme://host:port"
	plain   map[string]bool
	slots   chan struct{}
	pause   pause

	requests, retries, notModified, received, inFlight, mostInFlight atomic.Int64

	// Requests are numbered as they are sent.
	served    atomic.Int64 // the number of the latest request that was answered
	limited   atomic.Int64 // how many had been sent when a limit was last met
	limits    atomic.Int64 // how often one was met
	ownLimits atomic.Bool  // the last limit that lasted was one request's own
	lost      atomic.Int64 // requests given up since one was answered
}

// Stats count what a client has done so far.
type Stats struct {
	Requests     int64 // sent, retries included
	Retries      int64
	NotModified  int64 // answered 304 from the store
	Bytes        int64 // of bodies, as read
	MostInFlight int64
}

// New returns a client, or an error that names the base it cannot be bound to.
func New(options Options) (*Client, error) {
	client := &Client{options: options.withDefaults(), hosts: map[string]bool{}, plain: map[string]bool{}}
	for _, base := range options.Bases {
		origin, err := parseBase(base)
		if err != nil {
			return nil, err
		}
		client.hosts[origin] = true
	}
	if len(client.hosts) == 0 {
		return nil, errors.New("making an HTTP client: no base URL")
	}
	for _, name := range options.PlainQuery {
		client.plain[name] = true
	}
	client.slots = make(chan struct{}, client.options.Concurrency)
	return client, nil
}

type attemptsKey struct{}

// WithAttempts returns a context whose requests are given up after the given number of attempts
// when each meets a temporary fault, for callers that have tried before. A limit is worth one more
// attempt.
func WithAttempts(ctx context.Context, attempts int) context.Context {
	return context.WithValue(ctx, attemptsKey{}, attempts)
}

// HTTP returns an http.Client on top of c, for libraries. It follows at most five redirects, all on
// the same host.
func (c *Client) HTTP() *http.Client {
	return &http.Client{Transport: c, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errors.New("stopped after 5 redirects")
		}
		return nil
	}}
}

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	return Stats{
		Requests: c.requests.Load(), Retries: c.retries.Load(), NotModified: c.notModified.Load(),
		Bytes: c.received.Load(), MostInFlight: c.mostInFlight.Load(),
	}
}

func (o Options) withDefaults() Options {
	if o.Transport == nil {
		o.Transport = defaultTransport()
	}
	if o.Classify == nil {
		o.Classify = Classify
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = Sleep
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	setDefault(&o.Concurrency, DefaultConcurrency)
	setDefault(&o.Attempts, DefaultAttempts)
	setDefault(&o.MaxBody, DefaultMaxBody)
	setDefault(&o.MaxWait, DefaultMaxWait)
	setDefault(&o.Timeout, DefaultTimeout)
	return o
}

// Sleep waits for a duration or for the context's end, whichever comes first.
func Sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func setDefault[T int | int64 | time.Duration](value *T, standard T) {
	if *value <= 0 {
		*value = standard
	}
}

func defaultTransport() http.RoundTripper {
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		return transport.Clone()
	}
	return http.DefaultTransport
}

// parseBase returns the origin of a base URL: "https://api.example:443".
func parseBase(base string) (string, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return "", fmt.Errorf("reading base URL: %w", Clean(err))
	case u.Hostname() == "":
		return "", fmt.Errorf("reading base URL %q: no host", redactURL(u, nil))
	case u.User != nil:
		return "", errors.New("reading base URL: it must not hold a user name or password")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", fmt.Errorf("reading base URL %q: plain http is only for this machine: use https", redactURL(u, nil))
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("reading base URL %q: not an https URL", redactURL(u, nil))
	}
	return origin(u), nil
}

// origin normalizes scheme, host and port.
func origin(u *url.URL) string {
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[scheme]
	}
	return scheme + "://" + net.JoinHostPort(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), port)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// pause is the moment before which no caller sends.
type pause struct {
	mu     sync.Mutex
	until  time.Time
	reason string
}

func (p *pause) extend(until time.Time, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.until) {
		p.until, p.reason = until, reason
	}
}

func (p *pause) get() (time.Time, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until, p.reason
}
