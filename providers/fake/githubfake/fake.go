// Package githubfake is GitHub on a loopback socket: the endpoints of the REST API that guestlist
// reads, for tests and for the demo. It speaks the real wire format (GitHub's published OpenAPI
// description, testdata/openapi), with paging by Link header, permissions and scopes per token,
// plans, rate limits, conditional requests, single sign-on and, on demand, faults.
//
// It does not model how GitHub works inside: it changes nothing, and answers each request from the
// organization it was given.
package githubfake

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fake is a running server.
type Fake struct {
	options  Options
	server   http.Server
	listener net.Listener

	mu       sync.Mutex
	faults   []*Fault
	requests map[string]int // by operation
	issued   int
	tokens   map[string]*Token
	looks    int             // requests for a token while a code is being typed
	refresh  map[string]bool // refresh tokens that are still good
	// handedOut are the secrets that are not tokens of the API.
	handedOut []string
	budgets   map[string]*budget
	inFlight  int
	most      int
}

// Start serves the options on a loopback port until Close.
func Start(options Options) (*Fake, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if observe := options.Observe; observe != nil {
		var one sync.Mutex
		options.Observe = func(e Exchange) {
			one.Lock()
			defer one.Unlock()
			observe(e)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the GitHub fake: %w", err)
	}
	fake := &Fake{options: options, listener: listener, requests: map[string]int{}, tokens: map[string]*Token{},
		refresh: map[string]bool{},
		budgets: map[string]*budget{
			"core":      {resource: "core", limit: options.Core},
			"audit_log": {resource: "audit_log", limit: options.Audit},
		}}
	for text, token := range options.Tokens {
		fake.tokens[text] = token
	}
	fake.server.Handler = fake
	fake.server.ReadHeaderTimeout = 10 * time.Second
	go fake.server.Serve(listener)
	return fake, nil
}

// Close stops the server.
func (f *Fake) Close() error { return f.server.Close() }

// URL is the API's base URL, ending with a slash.
func (f *Fake) URL() string {
	base := "http://" + f.listener.Addr().String() + "/"
	if f.options.Server {
		base += "api/v3/"
	}
	return base
}

// Requests returns how often each operation was requested, and the sum.
func (f *Fake) Requests() (byOperation map[string]int, sum int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	byOperation = map[string]int{}
	for operation, count := range f.requests {
		byOperation[operation] = count
		sum += count
	}
	return byOperation, sum
}

// MostInFlight returns how many requests were open at once.
func (f *Fake) MostInFlight() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.most
}

// ServeHTTP answers one request.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.inFlight++
	f.most = max(f.most, f.inFlight)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.inFlight--
		f.mu.Unlock()
	}()
	sent, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if f.signInPage(w, r, sent) {
		return
	}
	path := r.URL.Path
	if f.options.Server {
		var ok bool
		if path, ok = strings.CutPrefix(path, "/api/v3"); !ok {
			http.NotFound(w, r)
			return
		}
	}
	call := &call{fake: f, request: r, path: path, query: r.URL.Query(), sent: sent, header: http.Header{}}
	route, params := find(r.Method, path)
	call.params = params
	operation := r.Method + " " + path
	if route != nil {
		operation = r.Method + " " + route.path
	}
	f.mu.Lock()
	f.requests[operation]++
	f.mu.Unlock()
	fault := f.takeFault(path, r.URL.RawQuery)
	call.fault = fault
	status, answer := call.answer(route)
	status, answer, done := call.spoil(w, status, answer)
	if f.options.Observe != nil {
		f.options.Observe(Exchange{Method: r.Method, Path: path, Operation: operation, Query: call.query, Body: sent,
			Authorization: r.Header.Get("Authorization"), Version: r.Header.Get("X-GitHub-Api-Version"), Status: status,
			Answer: answer, Header: call.header, Faulty: fault != nil})
	}
	if done {
		return
	}
	for name, values := range call.header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	w.Write(answer)
}
