package googleworkspace

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
	attempts       = 6                // sends of one call
	lastAttempts   = 1                // of one that failed before, at the end of the scan
	maxWait        = 5 * time.Minute  // one wait for a limit
	callTimeout    = 90 * time.Second // one attempt
	burst          = 10               // calls that may go at once after a pause
	maxRenewals    = 100              // tokens renewed because of a 401, for each feature
)

// service is one of Google's: where it is, how fast it may be asked, and what is read from it.
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
	{root: "https://chromemanagement.googleapis.com/", perMinute: chromePerMinute, features: []Feature{Chrome, ChromeDetails}},
	{root: "https://cloudidentity.googleapis.com/", perMinute: policiesPerMinute, features: []Feature{Settings}},
}

// api asks Google's services about one organization: each service has a pace of its own, each feature a token.
type api struct {
	env     scanner.Env // with nothing missing
	config  Connection  // with its defaults
	signIn  *signIn
	keepers map[Feature]*keeper
	lines   map[Feature]*line
}

// line leads to a service.
type line struct {
	root   *url.URL
	client *http.Client
}

// openAPI prepares what a provider asks with, or says what is wrong with the configuration. It signs in nowhere yet.
func openAPI(env scanner.Env, config Connection, of inventory.Provider) (*api, error) {
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
	a := &api{env: env, config: config, signIn: signIn, keepers: map[Feature]*keeper{}, lines: map[Feature]*line{}}
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

func (a *api) dial(service service) (*line, error) {
	if config := a.config; config.Endpoint != "" {
		service.root = strings.TrimSuffix(config.Endpoint, "/") + "/"
	}
	perMinute := cmp.Or(service.perMinute, a.config.RatePerMinute)
	if a.config.RatePerMinute < 0 {
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

// client makes the HTTP client of one service. Features of one service share its pace and its pauses.
func (a *api) client(root string, pace *pace) (*http.Client, error) {
	options := httpx.Options{
		Bases: []string{root}, Transport: a.env.Transport, UserAgent: userAgent, Log: a.env.Log,
		Authorize: a.authorize, Classify: pace.classify, Limiter: pace.limiter,
		Concurrency: a.config.Workers, Attempts: attempts, MaxBody: maxAnswerBytes, MaxWait: maxWait, Timeout: callTimeout, Sleep: a.env.Sleep,
		PlainQuery: []string{"eventName", "maxResults", "fields"},
	}
	if a.env.Sleep != nil {
		options.Now = a.env.Now // the clock that the sleep moves
	}
	if options.Transport == nil {
		if transport, ok := http.DefaultTransport.(*http.Transport); ok {
			own := transport.Clone()
			own.MaxIdleConnsPerHost = a.config.Workers
			options.Transport = own
		}
	}
	client, err := httpx.New(options)
	if err != nil {
		return nil, err
	}
	return client.HTTP(), nil
}

// source names a part of the organization.
func (a *api) source(provider inventory.Provider, parts ...inventory.Untrusted) inventory.Source {
	source := inventory.Source{Provider: provider}.Join(a.config.Target())
	for _, part := range parts {
		source = source.Join(part)
	}
	return source
}

// has reports whether a feature is read.
func (a *api) has(feature Feature) bool { return slices.Contains(a.config.Features, feature) }

// projects are the numbers of Cloud projects that are the organization's own for certain.
func (a *api) projects() []string { return a.signIn.projects() }

// explain puts a fault into words, and returns it.
func (a *api) explain(fault *Fault) *Fault { return a.signIn.explain(fault) }

// noAnswer is the fault of an answer that is not what was asked for.
func (a *api) noAnswer(feature Feature, format string, args ...any) *Fault {
	return a.explain(newFault(context.Background(), feature, &errNoAnswer{fmt.Sprintf(format, args...)}))
}

// tokenUse is the part of a keeper that calls update.
type tokenUse struct {
	proven   atomic.Int64 // the newest generation that worked
	renewals atomic.Int64
}
