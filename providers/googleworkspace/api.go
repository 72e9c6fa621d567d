package googleworkspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	admin "google.golang.org/api/admin/directory/v1"
	reports "google.golang.org/api/admin/reports/v1"
	"google.golang.org/api/chromemanagement/v1"
	"google.golang.org/api/cloudidentity/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner"
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

// Roots of the services.
const (
	rootAdmin    = "https://admin.googleapis.com/"
	rootChrome   = "https://chromemanagement.googleapis.com/"
	rootPolicies = "https://cloudidentity.googleapis.com/"
)

// api are Google's services, each with its own pace, and the tokens for them.
type api struct {
	signIn    *signIn
	keepers   map[Feature]*keeper
	directory *admin.Service
	reports   *reports.Service
	chrome    *chromemanagement.Service
	policies  *cloudidentity.Service
}

func newAPI(ctx context.Context, env scanner.Env, config Config, signingFor []Feature, tune func(*httpx.Options)) (*api, error) {
	signIn, err := newSignIn(env, config, signingFor, tune)
	if err != nil {
		return nil, err
	}
	a := &api{signIn: signIn, keepers: map[Feature]*keeper{}}
	for _, feature := range config.Features {
		a.keepers[feature] = &keeper{signIn: signIn, scope: feature.Info().Scope}
	}
	dial := func(root string, pace *pace) ([]option.ClientOption, error) {
		if config.Endpoint != "" {
			root = strings.TrimSuffix(config.Endpoint, "/") + "/"
		}
		client, err := a.client(env, root, pace, config.Workers, tune)
		if err != nil {
			return nil, err
		}
		silent := option.WithLogger(slog.New(slog.DiscardHandler))
		return []option.ClientOption{option.WithHTTPClient(client), option.WithEndpoint(root), silent}, nil
	}
	paceOf := func(perMinute int) *pace {
		if config.RatePerMinute < 0 {
			perMinute = 0
		}
		return newPace(perMinute)
	}
	logs := paceOf(reportsPerMinute)
	logs.busy503 = true
	err = errors.Join(
		connect(ctx, dial, rootAdmin, paceOf(config.RatePerMinute), &a.directory, admin.NewService),
		connect(ctx, dial, rootAdmin, logs, &a.reports, reports.NewService),
		connect(ctx, dial, rootChrome, paceOf(chromePerMinute), &a.chrome, chromemanagement.NewService),
		connect(ctx, dial, rootPolicies, paceOf(policiesPerMinute), &a.policies, cloudidentity.NewService),
	)
	if err != nil {
		return nil, fmt.Errorf("preparing Google's services: %w", err)
	}
	return a, nil
}

// connect makes one service's client.
func connect[S any](
	ctx context.Context, dial func(string, *pace) ([]option.ClientOption, error), root string, pace *pace,
	into **S, newService func(context.Context, ...option.ClientOption) (*S, error),
) error {
	options, err := dial(root, pace)
	if err == nil {
		*into, err = newService(ctx, options...)
	}
	return err
}

// client makes the HTTP client of one service. Clients of one service share its pace and its pauses.
func (a *api) client(env scanner.Env, root string, pace *pace, workers int, tune func(*httpx.Options)) (*http.Client, error) {
	options := httpx.Options{
		Bases: []string{root}, Transport: env.Transport, UserAgent: userAgent, Log: env.Log,
		Authorize: a.authorize, Classify: pace.classify, Limiter: pace.limiter,
		Concurrency: workers, Attempts: attempts, MaxBody: maxAnswerBytes, MaxWait: maxWait, Timeout: callTimeout, Sleep: env.Sleep,
		PlainQuery: []string{"eventName", "maxResults", "fields"},
	}
	if env.Sleep != nil {
		options.Now = env.Now // the clock that the sleep moves
	}
	if options.Transport == nil {
		if transport, ok := http.DefaultTransport.(*http.Transport); ok {
			own := transport.Clone()
			own.MaxIdleConnsPerHost = workers
			options.Transport = own
		}
	}
	if tune != nil {
		tune(&options)
	}
	client, err := httpx.New(options)
	if err != nil {
		return nil, err
	}
	base := client.HTTP()
	base.Transport = tapTransport{base.Transport, a.signIn.quotaProject}
	return base, nil
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

// call makes one call for a feature and returns what came back with a good status.
func (a *api) call(ctx context.Context, feature Feature, suspended bool, send func(context.Context) error) (*callState, *Fault) {
	state := &callState{feature: feature}
	calling := context.WithValue(ctx, callKey{}, state)
	keeper := a.keepers[feature]
	fault := newFault(ctx, feature, send(calling))
	if fault != nil && fault.Cause == CauseUnauthorized && keeper.mayRenew(state.generation, suspended) {
		keeper.drop(state.generation)
		fault = newFault(ctx, feature, send(calling))
	}
	if fault == nil {
		keeper.proven.Store(int64(state.generation))
		return state, nil
	}
	fault.Feature = feature
	if feature != Grants && feature != AppPasswords {
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

// tapTransport takes an answer away from the generated client, which is left with an empty object: what an answer holds is
// decoded once, by [decode]. It also names the project whose quota a person's own credential uses, which Google asks of those.
type tapTransport struct {
	next         http.RoundTripper
	quotaProject string
}

// RoundTrip implements [http.RoundTripper].
func (t tapTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if t.quotaProject != "" {
		request = request.Clone(request.Context())
		request.Header.Set("X-Goog-User-Project", t.quotaProject)
	}
	response, err := t.next.RoundTrip(request)
	state, ok := request.Context().Value(callKey{}).(*callState)
	if err != nil || !ok || response.StatusCode < 200 || response.StatusCode > 299 {
		return response, err
	}
	state.status = response.StatusCode
	if state.body, err = io.ReadAll(response.Body); err != nil { // in memory already, within httpx's limit
		return nil, err
	}
	response.Body = io.NopCloser(strings.NewReader("{}"))
	return response, nil
}

func fields(text string) googleapi.Field { return googleapi.Field(text) }

// tokenUse is the part of a keeper that calls update.
type tokenUse struct {
	proven   atomic.Int64 // the newest generation that worked
	renewals atomic.Int64
}
