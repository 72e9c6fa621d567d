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
	"guestlist/providers/provider"
)

const (
	userAgent = "guestlist (gzip)" // Google compresses for agents that name gzip

	maxAnswerBytes = 32 << 20
	attempts       = 6                // sends of one call
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

func newAPI(ctx context.Context, env provider.Env, config Config, signingFor []Feature, tune func(*httpx.Options)) (*api, error) {
	signIn, err := newSignIn(env, config, signingFor, tune)
	if err != nil {
		return nil, err
	}
	a := &api{signIn: signIn, keepers: map[Feature]*keeper{}}
	for _, feature := range config.Features {
		a.keepers[feature] = &keeper{signIn: signIn, scope: feature.Info().Scope}
	}
	connect := func(root string, perMinute int) ([]option.ClientOption, error) {
		if config.Endpoint != "" {
			root = strings.TrimSuffix(config.Endpoint, "/") + "/"
		}
		if config.RatePerMinute < 0 {
			perMinute = 0
		}
		client, err := a.client(env, root, perMinute, config.Workers, tune)
		if err != nil {
			return nil, err
		}
		silent := option.WithLogger(slog.New(slog.DiscardHandler))
		return []option.ClientOption{option.WithHTTPClient(client), option.WithEndpoint(root), silent}, nil
	}
	options, err := connect(rootAdmin, config.RatePerMinute)
	if err == nil {
		a.directory, err = admin.NewService(ctx, options...)
	}
	if err == nil {
		options, err = connect(rootAdmin, reportsPerMinute)
	}
	if err == nil {
		a.reports, err = reports.NewService(ctx, options...)
	}
	if err == nil {
		options, err = connect(rootChrome, chromePerMinute)
	}
	if err == nil {
		a.chrome, err = chromemanagement.NewService(ctx, options...)
	}
	if err == nil {
		options, err = connect(rootPolicies, policiesPerMinute)
	}
	if err == nil {
		a.policies, err = cloudidentity.NewService(ctx, options...)
	}
	if err != nil {
		return nil, fmt.Errorf("preparing Google's services: %w", err)
	}
	return a, nil
}

// client makes the HTTP client of one service. Clients of one service share its pace and its pauses.
func (a *api) client(env provider.Env, root string, perMinute, workers int, tune func(*httpx.Options)) (*http.Client, error) {
	pace := newPace(perMinute)
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

// callState travels with a call: whose token it needs, which one it used, and where its answer is to be copied.
type callState struct {
	feature    Feature
	generation int
	body       *[]byte
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

// call makes one call for a feature. A 401 is tried once more with a new token, unless the user is known to answer so (suspended)
// and the token has worked for somebody else.
func call[T any](ctx context.Context, a *api, feature Feature, suspended bool, do func(context.Context) (T, error)) (T, *Fault) {
	return callCopied(ctx, a, feature, suspended, nil, do)
}

func callCopied[T any](
	ctx context.Context, a *api, feature Feature, suspended bool, body *[]byte, do func(context.Context) (T, error),
) (T, *Fault) {
	state := &callState{feature: feature, body: body}
	calling := context.WithValue(ctx, callKey{}, state)
	keeper := a.keepers[feature]
	answer, err := do(calling)
	fault := newFault(ctx, feature, err)
	if fault != nil && fault.Cause == CauseUnauthorized && keeper.mayRenew(state.generation, suspended) {
		keeper.drop(state.generation)
		answer, err = do(calling)
		fault = newFault(ctx, feature, err)
	}
	if fault == nil {
		keeper.proven.Store(int64(state.generation))
		return answer, nil
	}
	fault.Feature = feature
	if fault.Cause == CauseUnauthorized && feature != Grants && feature != AppPasswords {
		fault.Cause = CauseCredential // a call about no user in particular
	}
	return answer, a.signIn.explain(fault)
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
	return &pace{rate.NewLimiter(full, min(burst, perMinute)), full}
}

// Reasons of a 403 that pass when all callers slow down.
var passingLimits = [][]byte{
	[]byte(`"quotaExceeded"`), []byte(`"userRateLimitExceeded"`), []byte(`"rateLimitExceeded"`), []byte(`"RATE_LIMIT_EXCEEDED"`),
}

// reasonLoad is the reason of a wait for a 503.
const reasonLoad = "pause for load"

// classify knows Google's ways to say "slow down": 429, 403 with a quota reason, and 503 from Reports.
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
		verdict.Meaning = httpx.Limit
		verdict.Reason = reasonLoad
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

// tapTransport copies the answer's body for calls that ask for it: the generated types do not tell false from absent. It also names
// the project whose quota a person's own credential uses, which Google asks of those.
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
	if err != nil || !ok || state.body == nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	text, err := io.ReadAll(response.Body) // in memory already, within httpx's limit
	if err != nil {
		return nil, err
	}
	*state.body = text
	response.Body = io.NopCloser(bytes.NewReader(text))
	return response, nil
}

func fields(text string) googleapi.Field { return googleapi.Field(text) }

// tokenUse is the part of a keeper that calls update.
type tokenUse struct {
	proven   atomic.Int64 // the newest generation that worked
	renewals atomic.Int64
}
