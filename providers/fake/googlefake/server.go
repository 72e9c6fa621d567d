package googlefake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// Options say how a Server behaves; the zero value is a correct, fast service.
type Options struct {
	// Now is the service's clock; nil is the real one. Sign-in always uses the real one.
	Now func() time.Time
	// Latency is how long every API call takes. Sign-in is not slowed down.
	Latency time.Duration
	// QuotaPerMinute, if set, answers 429 to API calls beyond this number in any minute.
	QuotaPerMinute int
	// ConcurrencyLimit, if set, answers 429 to API calls beyond this number at once.
	ConcurrencyLimit int
	// TokenLifetime is what sign-in promises; zero is an hour.
	TokenLifetime time.Duration
	// Delegated are the scopes that the console's delegation list holds for the service account; nil
	// is every scope.
	Delegated []string
	// Consented are the scopes a signing-in user ticks; nil is all that were asked for.
	Consented []string
	// UsageLag is how many days the usage reports are late; zero is 2.
	UsageLag int
	// Observe is called with every finished API call.
	Observe func(Exchange)
}

// Exchange is one call and its answer.
type Exchange struct {
	Method, Path string
	Query        url.Values
	Status       int
	Body         []byte
}

// Server is a running fake. Close it when done.
type Server struct {
	org      Organization
	options  Options
	handler  http.Handler
	server   *http.Server
	listener net.Listener
	key      *serviceKey

	mu       sync.Mutex
	tokens   map[string]*accessToken
	codes    map[string]*authorization
	refresh  map[string]*accessToken
	faults   []*Fault
	calls    map[string]int
	methods  map[string]int
	statuses map[int]int
	secrets  []string
	recent   []time.Time
	asked    map[string]bool
	serial   int
	inFlight int
	most     int
}

// call names one API call for quotas, faults and counts.
type call struct {
	name   string   // "tokens.list"
	scopes []string // any one of them is enough
	super  bool     // for super administrators only
	answer func(s *Server, r *http.Request) (any, *Fault)
}

// maxFormBytes bounds what sign-in endpoints read.
const maxFormBytes = 1 << 20

// New starts a fake on a free port of 127.0.0.1.
func New(org Organization, options Options) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the fake Google Workspace: %w", err)
	}
	key, err := sharedKey()
	if err != nil {
		return nil, err
	}
	s := &Server{
		org: org, options: options, listener: listener, key: key,
		tokens: map[string]*accessToken{}, codes: map[string]*authorization{}, refresh: map[string]*accessToken{},
		calls: map[string]int{}, methods: map[string]int{}, statuses: map[int]int{}, asked: map[string]bool{},
	}
	if s.options.Now == nil {
		s.options.Now = time.Now
	}
	s.handler = s.routes()
	s.server = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
	go s.server.Serve(listener)
	return s, nil
}

// URL is the root of every service, "http://127.0.0.1:PORT".
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Handler is the fake without a network, for tests on a clock of their own.
func (s *Server) Handler() http.Handler { return s.handler }

// Close stops the fake.
func (s *Server) Close() error { return s.server.Close() }

// Calls returns how often each API call was made, by name such as "tokens.list".
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := map[string]int{}
	for name, n := range s.calls {
		calls[name] = n
	}
	return calls
}

// Methods counts the HTTP methods of API calls, without those of sign-in.
func (s *Server) Methods() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	methods := map[string]int{}
	for name, n := range s.methods {
		methods[name] = n
	}
	return methods
}

// Answered counts the API answers with the given status.
func (s *Server) Answered(status int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statuses[status]
}

// MostAtOnce is the largest number of API calls that ran at the same time.
func (s *Server) MostAtOnce() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// ResetCounts forgets all counts.
func (s *Server) ResetCounts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
	clear(s.methods)
	clear(s.statuses)
	s.most = 0
}

// Secrets returns everything secret that the server has handed out or was shown: access and refresh
// tokens, codes and their verifiers, signed assertions, subject tokens, the login client's secret
// and the private key. Tests look for them in what a scan writes.
func (s *Server) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.secrets), loginSecret, s.key.secret())
}

// ScopesAsked returns the scopes that sign-in was asked for, sorted.
func (s *Server) ScopesAsked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.asked))
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, c := range apiCalls() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, c) })
	}
	mux.HandleFunc("POST /token", s.serveToken)
	mux.HandleFunc("POST /v1/token", s.serveExchange)
	mux.HandleFunc("POST /v1/projects/-/serviceAccounts/{action}", s.serveSignJWT)
	mux.HandleFunc("GET /o/oauth2/v2/auth", s.serveAuthorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.methods[r.Method]++
		s.mu.Unlock()
		http.Error(w, "<!DOCTYPE html><html><title>Error 404 (Not Found)!!1</title></html>", http.StatusNotFound)
	})
	return mux
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, c call) {
	limited := s.begin(r, c)
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}()
	if s.options.Latency > 0 {
		if sleep(r.Context(), s.options.Latency) != nil {
			return
		}
	}
	fault := limited
	if fault == nil {
		fault = s.takeFault(c.name, r.PathValue("user"))
	}
	if fault == nil {
		fault = s.authorize(r, c)
	}
	var answer any
	if fault == nil {
		answer, fault = c.answer(s, r)
	}
	var change func(map[string]any)
	if fault != nil && fault.kind == faultChanged {
		change = fault.change
		answer, fault = c.answer(s, r)
	}
	if fault != nil && fault.kind != faultTruncated {
		s.fail(w, r, fault)
		return
	}
	if fault != nil {
		answer, _ = c.answer(s, r)
	}
	if fields := r.URL.Query().Get("fields"); fields != "" {
		mask, err := parseFields(fields)
		if err != nil {
			s.fail(w, r, badRequest("Invalid field selection "+fields))
			return
		}
		answer = mask.keep(answer)
	}
	if object, ok := answer.(map[string]any); ok && change != nil {
		s.mu.Lock()
		change(object)
		s.mu.Unlock()
	}
	body, err := json.Marshal(answer, json.Deterministic(true))
	if err != nil {
		s.fail(w, r, ServerError())
		return
	}
	if fault != nil {
		body = body[:len(body)/2]
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	s.finish(r, http.StatusOK, body)
	w.Write(body)
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, fault *Fault) {
	if fault.kind == faultReset {
		s.finish(r, 0, nil)
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetLinger(0)
			}
			conn.Close()
		}
		return
	}
	status, header, body := fault.answer()
	for name, value := range header {
		w.Header().Set(name, value)
	}
	s.finish(r, status, body)
	w.WriteHeader(status)
	w.Write(body)
}

// begin counts a call and says whether it is above a quota.
func (s *Server) begin(r *http.Request, c call) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[c.name]++
	s.methods[r.Method]++
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	if limit := s.options.ConcurrencyLimit; limit > 0 && s.inFlight > limit {
		return RateLimited(0)
	}
	if limit := s.options.QuotaPerMinute; limit > 0 {
		now := s.options.Now()
		s.recent = slices.DeleteFunc(s.recent, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
		if len(s.recent) >= limit {
			return RateLimited(5 * time.Second)
		}
		s.recent = append(s.recent, now)
	}
	return nil
}

func (s *Server) finish(r *http.Request, status int, body []byte) {
	s.mu.Lock()
	s.statuses[status]++
	s.mu.Unlock()
	if s.options.Observe != nil {
		s.options.Observe(Exchange{
			Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Status: status, Body: bytes.Clone(body),
		})
	}
}

// authorize checks the access token, its scopes and the role of the user it acts for.
func (s *Server) authorize(r *http.Request, c call) *Fault {
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return badCredentials()
	}
	s.mu.Lock()
	token := s.tokens[bearer]
	s.mu.Unlock()
	if token == nil || time.Now().After(token.expires) {
		return badCredentials()
	}
	if !slices.ContainsFunc(c.scopes, func(scope string) bool { return slices.Contains(token.scopes, scope) }) {
		return InsufficientScope()
	}
	user, found := s.org.User(token.subject)
	if !found || !user.Admin && (c.super || !user.Delegated) {
		return Forbidden()
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func readForm(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxFormBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxFormBytes {
		return nil, errors.New("form too large")
	}
	return url.ParseQuery(string(body))
}
