package googleworkspace

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/api/googleapi"

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

// call is one GET of a feature.
type call struct {
	feature   Feature
	path      string // below the service's root, with what varies escaped
	query     url.Values
	suspended bool // the user asked about may answer 401 for good
}

// query makes parameters of pairs, without those that are empty.
func query(pairs ...string) url.Values {
	values := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			values.Set(pair[0], pair[1])
		}
	}
	return values
}

// at is the same call for another page of its list.
func (c call) at(cursor string) call {
	if cursor != "" {
		c.query = maps.Clone(c.query)
		c.query.Set("pageToken", cursor)
	}
	return c
}

// request makes the call's request. Google writes JSON for people unless it is told not to.
func (a *api) request(ctx context.Context, c call) (*http.Request, error) {
	line := a.lines[c.feature]
	if line == nil {
		return nil, fmt.Errorf("no service is known for the feature %q", c.feature)
	}
	address := line.root.String() + c.path + "?alt=json&prettyPrint=false"
	if len(c.query) > 0 {
		address += "&" + c.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err == nil && a.signIn.quotaProject != "" {
		request.Header.Set("X-Goog-User-Project", a.signIn.quotaProject) // Google asks it of a person's own credential
	}
	return request, err
}

// get makes one call and keeps what came back with a good status.
func (a *api) get(ctx context.Context, c call, state *callState) error {
	request, err := a.request(ctx, c)
	if err != nil {
		return err
	}
	response, err := a.lines[c.feature].client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body) // in memory already, within httpx's limit
	if err != nil {
		return err
	}
	state.status, state.body = response.StatusCode, body
	return googleapi.CheckResponseWithBody(response, body)
}

// callState travels with a call: whose token it needs, which one it used, and what came back.
type callState struct {
	feature    Feature
	generation int
	status     int
	body       []byte
}

type callKey struct{}

// authorize returns the token of the call's feature.
func (a *api) authorize(ctx context.Context) (string, error) {
	state, ok := ctx.Value(callKey{}).(*callState)
	if !ok {
		return "", errors.New("a call without a feature")
	}
	token, generation, err := a.keepers[state.feature].get(ctx)
	if err != nil {
		return "", err
	}
	state.generation = generation
	return "Bearer " + token.AccessToken, nil
}

// call makes one call and returns what came back with a good status.
func (a *api) call(ctx context.Context, c call) (*callState, *Fault) {
	state := &callState{feature: c.feature}
	calling := context.WithValue(ctx, callKey{}, state)
	keeper := a.keepers[c.feature]
	fault := newFault(ctx, c.feature, a.get(calling, c, state))
	if fault != nil && fault.Cause == CauseUnauthorized && keeper.mayRenew(state.generation, c.suspended) {
		keeper.drop(state.generation)
		fault = newFault(ctx, c.feature, a.get(calling, c, state))
	}
	if fault == nil {
		keeper.proven.Store(int64(state.generation))
		return state, nil
	}
	fault.Feature = c.feature
	if c.feature != Grants && c.feature != AppPasswords {
		fault.aboutNobody()
	}
	return nil, a.signIn.explain(fault)
}

func (k *keeper) mayRenew(generation int, suspended bool) bool {
	if suspended && k.proven.Load() == int64(generation) {
		return false
	}
	return k.renewals.Add(1) <= maxRenewals
}

// pace is the rate limit of one service. It slows down when Google asks for it and recovers as calls go well.
type pace struct {
	limiter *rate.Limiter
	full    rate.Limit
	busy503 bool // a 503 is the service's limit
}

const (
	slowDown  = 0.7   // of the rate, at each limit answer
	slowest   = 0.1   // of the full rate
	recovered = 0.002 // of the full rate, regained by each good answer
)

func newPace(perMinute int) *pace {
	if perMinute <= 0 {
		return &pace{}
	}
	full := rate.Limit(float64(perMinute) / 60)
	return &pace{limiter: rate.NewLimiter(full, min(burst, perMinute)), full: full}
}

// Reasons of a 403 that pass when all callers slow down.
var passingLimits = [][]byte{
	[]byte(`"quotaExceeded"`), []byte(`"userRateLimitExceeded"`), []byte(`"rateLimitExceeded"`), []byte(`"RATE_LIMIT_EXCEEDED"`),
}

// reasonLoad is the reason of a wait for a 503.
const reasonLoad = "pause for load"

// classify knows Google's ways to say "slow down": 429, 403 with a quota reason, and 503 from Reports. Elsewhere a 503 is a fault of
// the request that met it, and the others go on.
func (p *pace) classify(answer *httpx.Answer) httpx.Verdict {
	verdict := httpx.Classify(answer)
	if verdict.Meaning == httpx.Accept && answer.Status == http.StatusForbidden {
		for _, reason := range passingLimits {
			if bytes.Contains(answer.Body, reason) {
				verdict = httpx.Verdict{Meaning: httpx.Limit, Until: httpx.RetryAfter(answer.Header, answer.Now), Reason: "rate limit"}
			}
		}
	}
	if answer.Status == http.StatusServiceUnavailable {
		verdict.Meaning = httpx.Retry
		if p.busy503 {
			verdict.Meaning, verdict.Reason = httpx.Limit, reasonLoad
		}
	}
	p.adapt(verdict.Meaning == httpx.Limit)
	return verdict
}

func (p *pace) adapt(limited bool) {
	switch {
	case p.limiter == nil:
	case limited:
		p.limiter.SetLimit(max(p.limiter.Limit()*slowDown, p.full*slowest))
	case p.limiter.Limit() < p.full:
		p.limiter.SetLimit(min(p.limiter.Limit()+p.full*recovered, p.full))
	}
}

// tokenUse is the part of a keeper that calls update.
type tokenUse struct {
	proven   atomic.Int64 // the newest generation that worked
	renewals atomic.Int64
}
