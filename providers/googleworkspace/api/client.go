package api

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

const (
	userAgent = "guestlist (gzip)" // Google compresses for agents that name gzip

	maxAnswerBytes = 32 << 20
	attempts       = 6 // sends of one call

	maxWait     = 5 * time.Minute  // one wait for a limit
	limitWindow = time.Minute      // Google counts queries by the minute
	callTimeout = 90 * time.Second // one attempt
	burst       = 10               // calls that may go at once after a pause
	maxRenewals = 100              // tokens renewed because of a 401, for each feature
)

// service is one of Google's services: its address, how fast it may be called, and what is read
// from it.
type service struct {
	root      string
	perMinute int  // calls; zero is Config.RatePerMinute
	busy503   bool // a 503 is its limit
	features  []Feature
}

const rootAdmin = "https://admin.googleapis.com/"

var services = []service{
	{root: rootAdmin, features: []Feature{Accounts, Grants, AppPasswords}},
	{root: rootAdmin, perMinute: reportsPerMinute, busy503: true, features: []Feature{Events, Usage}},
	{root: "https://chromemanagement.googleapis.com/", perMinute: chromePerMinute,
		features: []Feature{Chrome, ChromeDetails}},
	{root: "https://cloudidentity.googleapis.com/", perMinute: policiesPerMinute, features: []Feature{Settings}},
}

// Client calls Google's services about one organization. Each service has its own pace, each
// feature its own token.
type Client struct {
	Env     scanner.Env // with nothing missing
	Config  Connection  // with its defaults
	signIn  *signIn
	keepers map[Feature]*keeper
	lines   map[Feature]*line
}

// line is a connection to a service.
type line struct {
	root   *url.URL
	client *http.Client
}

// Open returns a provider's client, or an error that says what is wrong with the configuration. It
// does not sign in yet.
func Open(env scanner.Env, config Connection, of inventory.Provider) (*Client, error) {
	asked := config.Features
	config, err := config.normalize(FeaturesOf(of), UsualFeaturesOf(of))
	if err != nil {
		return nil, err
	}
	env = withDefaults(env)
	signIn, err := newSignIn(env, config, together(config.Features, asked))
	if err != nil {
		return nil, err
	}
	a := &Client{Env: env, Config: config, signIn: signIn, keepers: map[Feature]*keeper{}, lines: map[Feature]*line{}}
	for _, feature := range config.Features {
		a.keepers[feature] = &keeper{signIn: signIn, scope: feature.Info().Scope}
	}
	for _, service := range services {
		line, err := a.dial(service)
		if err != nil {
			return nil, fmt.Errorf("preparing Google's services: %w", err)
		}
		for _, feature := range service.features {
			a.lines[feature] = line
		}
	}
	return a, nil
}

func (a *Client) dial(service service) (*line, error) {
	if config := a.Config; config.Endpoint != "" {
		service.root = strings.TrimSuffix(config.Endpoint, "/") + "/"
	}
	perMinute := cmp.Or(service.perMinute, a.Config.RatePerMinute)
	if a.Config.RatePerMinute < 0 {
		perMinute = 0
	}
	pace := newPace(perMinute)
	pace.busy503 = service.busy503
	client, err := a.client(service.root, pace)
	if err != nil {
		return nil, err
	}
	root, err := url.Parse(service.root)
	return &line{root, client}, err
}

func withDefaults(env scanner.Env) scanner.Env {
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Getenv == nil {
		env.Getenv = func(string) string { return "" }
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	return env
}

// client makes the HTTP client of one service. Features of one service share its pace and its
// pauses.
func (a *Client) client(root string, pace *pace) (*http.Client, error) {
	options := httpx.Options{
		Bases: []string{root}, Transport: a.Env.Transport, UserAgent: userAgent, Log: a.Env.Log,
		Authorize: a.authorize, Classify: pace.classify, Limiter: pace.limiter, OnLimit: pace.slow, OwnLimits: true,
		LimitWindow: limitWindow,
		Concurrency: a.Config.Workers, Attempts: attempts, MaxBody: maxAnswerBytes, MaxWait: maxWait,
		Timeout: callTimeout, Sleep: a.Env.Sleep,
		PlainQuery: []string{"eventName", "maxResults", "fields"},
	}
	if a.Env.Sleep != nil {
		options.Now = a.Env.Now // the clock that the sleep moves
	}
	if options.Transport == nil {
		if transport, ok := http.DefaultTransport.(*http.Transport); ok {
			own := transport.Clone()
			own.MaxIdleConnsPerHost = a.Config.Workers
			options.Transport = own
		}
	}
	client, err := httpx.New(options)
	if err != nil {
		return nil, err
	}
	return client.HTTP(), nil
}

// Source names a part of the organization.
func (a *Client) Source(provider inventory.Provider, parts ...inventory.Untrusted) inventory.Source {
	source := inventory.Source{Provider: provider}.Join(a.Config.Target())
	for _, part := range parts {
		source = source.Join(part)
	}
	return source
}

// Has reports whether a feature is read.
func (a *Client) Has(feature Feature) bool { return slices.Contains(a.Config.Features, feature) }

// Projects returns the numbers of the Cloud projects that certainly belong to the organization.
func (a *Client) Projects() []string { return a.signIn.projects() }

// Explain puts a fault into words, and returns it.
func (a *Client) Explain(fault *Fault) *Fault { return a.signIn.explain(fault) }

// NoAnswer is the fault of an answer that is not what was asked for.
func (a *Client) NoAnswer(feature Feature, format string, args ...any) *Fault {
	return a.Explain(newFault(context.Background(), feature, &errNoAnswer{fmt.Sprintf(format, args...)}))
}

// tokenUse is the part of a keeper that calls update.
type tokenUse struct {
	proven   atomic.Int64 // the newest generation that worked
	renewals atomic.Int64
}
