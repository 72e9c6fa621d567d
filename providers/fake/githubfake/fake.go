// Package githubfake is GitHub on a loopback socket: the endpoints of the REST API that guestlist reads, for tests and for the
// demo. It speaks the real wire format (GitHub's published OpenAPI description, testdata/openapi), with paging by Link header,
// permissions and scopes per token, plans, rate limits, conditional requests, single sign-on and, on demand, faults.
//
// It is no model of GitHub's inner life: it changes nothing, and answers each request from the organization it was given.
package githubfake

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Plan is what an organization, or the whole server, is run on.
type Plan string

// The plans, as GET /orgs/{org} names them; Server is GitHub Enterprise Server.
const (
	Free   Plan = "free"
	Team   Plan = "team"
	Cloud  Plan = "enterprise"
	Server Plan = "server"
)

// Options say what the fake holds.
type Options struct {
	Organizations []*Organization
	Enterprise    *Enterprise
	// Apps are what GET /apps/{slug} knows beyond the organizations' installations.
	Apps []App
	// Tokens are the credentials the fake accepts, by their text. A request without one is refused.
	Tokens map[string]*Token
	// SignIn is the GitHub App that may exchange a JWT for installation tokens; nil is none.
	SignIn *SignIn
	// Device is a person's sign-in with a code; nil is none.
	Device *Device
	// Server makes the whole fake a GitHub Enterprise Server: its API lies below /api/v3/.
	Server bool
	// Core and Audit are requests per hour; zero is no limit.
	Core, Audit int
	// Credentials pages carry no Link header, as the description declares.
	NoCredentialLink bool
	// PageTokens names pages of credentials by tokens, which do not count up.
	PageTokens bool
	// Now is the server's clock; nil is the real one.
	Now func() time.Time
	// Observe is told of every exchange, of one at a time.
	Observe func(Exchange)
}

// Exchange is one request and its answer.
type Exchange struct {
	Method, Path, Operation string // Operation as "GET /orgs/{org}"
	Query                   url.Values
	Body                    []byte
	Authorization           string
	Version                 string // of the API, as asked for
	Status                  int
	Answer                  []byte
	Header                  http.Header
	Faulty                  bool // the answer was made wrong on purpose
}

// Token is a credential that the fake accepts.
type Token struct {
	User *User // nil for an installation token
	// Scopes are a classic token's; nil for the other kinds.
	Scopes []string
	// Permissions are a fine-grained or installation token's, by API name.
	Permissions map[string]string
	Kind        TokenKind
	Expires     time.Time
	// Organization an installation token is for; empty is any.
	Organization string
	Enterprise   bool
	// NoSSO: not authorized for single sign-on, where an organization has it.
	NoSSO bool
}

// TokenKind is the kind of a token.
type TokenKind string

// The kinds.
const (
	Classic      TokenKind = "classic"
	FineGrained  TokenKind = "fine-grained"
	Installation TokenKind = "installation"
	// UserToServer is a GitHub App's for a person: held by the App's permissions and the person's role.
	UserToServer TokenKind = "user-to-server"
)

// SignIn is the GitHub App that scans.
type SignIn struct {
	ID           int64
	ClientID     string
	Slug         string
	Owner        string
	Key          *rsa.PublicKey
	Permissions  map[string]string
	Installed    map[string]int64 // installation ID by organization or "enterprise:slug"
	Repositories string           // repository_selection: "all" unless set
	Suspended    time.Time        // zero: it is not
}

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
	looks    int             // for a token, while a code is being typed
	refresh  map[string]bool // refresh tokens that are still good
	// handedOut are the secrets that are no tokens of the API.
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

// URL is the API's base URL, with a slash at its end.
func (f *Fake) URL() string {
	base := "http://" + f.listener.Addr().String() + "/"
	if f.options.Server {
		base += "api/v3/"
	}
	return base
}

// Requests returns how often each operation was asked, and the sum.
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
			Authorization: r.Header.Get("Authorization"), Version: r.Header.Get("X-GitHub-Api-Version"), Status: status, Answer: answer, Header: call.header, Faulty: fault != nil})
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

// call is one request on its way to an answer.
type call struct {
	fake    *Fake
	request *http.Request
	path    string
	query   url.Values
	params  map[string]string
	sent    []byte
	header  http.Header
	token   *Token
	fault   *Fault
}

// failure is an answer that is not a success.
type failure struct {
	status  int
	message string
	docs    string
}

func (f *failure) Error() string { return f.message }

func fail(status int, message string) error { return &failure{status: status, message: message} }

func (c *call) answer(route *route) (int, []byte) {
	c.header.Set("Content-Type", "application/json; charset=utf-8")
	c.header.Set("X-GitHub-Media-Type", "github.v3; format=json")
	c.header.Set("X-GitHub-Request-Id", "FAKE:0001")
	c.header.Set("Date", c.fake.options.Now().UTC().Format(http.TimeFormat))
	body, err := c.serve(route)
	status := http.StatusOK
	if c.request.Method == http.MethodPost {
		status = http.StatusCreated
	}
	var failed *failure
	switch {
	case errors.As(err, &failed):
		status = failed.status
		c.header.Del("Link")
		body = map[string]any{"message": failed.message, "documentation_url": failed.documentation(), "status": strconv.Itoa(status)}
	case err != nil:
		status, body = http.StatusInternalServerError, map[string]any{"message": err.Error()}
	}
	text := encode(body)
	if status == http.StatusOK && c.request.Method == http.MethodGet {
		// The Link header is no part of it: GitHub answers 304, with a new Link, where a page came to be no longer the last.
		etag := etagOf(text)
		c.header.Set("ETag", etag)
		if c.request.Header.Get("If-None-Match") == etag {
			return http.StatusNotModified, nil
		}
	}
	return status, text
}

func (f *failure) documentation() string {
	if f.docs != "" {
		return f.docs
	}
	return "https://docs.github.com/rest"
}

func (c *call) serve(route *route) (any, error) {
	if err := c.checkVersion(); err != nil {
		return nil, err
	}
	if route == nil {
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	if err := c.authenticate(route); err != nil {
		return nil, err
	}
	if err := c.spend(route); err != nil {
		return nil, err
	}
	if err := c.scriptedFailure(); err != nil {
		return nil, err
	}
	return route.serve(c)
}

// checkVersion refuses versions of the API that this host does not speak, as GitHub does.
func (c *call) checkVersion() error {
	const older, newer = "2022-11-28", "2026-03-10"
	version := c.request.Header.Get("X-GitHub-Api-Version")
	if version == "" || version == older || version == newer && !c.fake.options.Server {
		return nil
	}
	return fail(http.StatusBadRequest, "The API version in the 'X-GitHub-Api-Version' header is not supported.")
}

// authenticate finds the token and writes the headers that tell the client about it.
func (c *call) authenticate(route *route) error {
	header := c.request.Header.Get("Authorization")
	scheme, text, _ := strings.Cut(header, " ")
	if route.jwt {
		if c.fake.options.SignIn == nil || scheme != "Bearer" {
			return fail(http.StatusUnauthorized, "A JSON web token could not be decoded")
		}
		return c.fake.checkJWT(text)
	}
	c.fake.mu.Lock()
	token := c.fake.tokens[text]
	c.fake.mu.Unlock()
	if token == nil || scheme != "Bearer" && scheme != "token" ||
		!token.Expires.IsZero() && token.Expires.Before(c.fake.options.Now()) {
		return fail(http.StatusUnauthorized, "Bad credentials")
	}
	c.token = token
	if token.Kind == Classic {
		c.header.Set("X-OAuth-Scopes", strings.Join(token.Scopes, ", "))
		c.header.Set("X-Accepted-OAuth-Scopes", strings.Join(route.scopes, ", "))
	}
	if token.Kind != Installation && !token.Expires.IsZero() {
		c.header.Set("GitHub-Authentication-Token-Expiration", token.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if len(route.permissions) > 0 && token.Kind != Classic {
		c.header.Set("X-Accepted-GitHub-Permissions", strings.Join(route.permissions, "; "))
	}
	return nil
}

// may refuses a token that the operation does not take.
func (c *call) may(route *route) error {
	token := c.token
	if token.Kind == Classic {
		if len(route.scopes) == 0 || slices.ContainsFunc(route.scopes, token.hasScope) {
			return nil
		}
		return fail(http.StatusForbidden, "You must be an org owner or have the required scope to use this endpoint.")
	}
	if len(route.permissions) == 0 {
		return nil
	}
	for _, alternative := range route.permissions {
		if token.holds(alternative) {
			return nil
		}
	}
	if token.Kind == Installation || token.Kind == UserToServer {
		return fail(http.StatusForbidden, "Resource not accessible by integration")
	}
	return fail(http.StatusForbidden, "Resource not accessible by personal access token")
}

// scopeParents are the scopes that hold others.
var scopeParents = map[string][]string{
	"read:org": {"admin:org", "write:org"}, "write:org": {"admin:org"}, "read:public_key": {"admin:public_key", "write:public_key"},
	"read:gpg_key": {"admin:gpg_key", "write:gpg_key"}, "read:ssh_signing_key": {"admin:ssh_signing_key", "write:ssh_signing_key"},
	"read:repo_hook": {"admin:repo_hook", "write:repo_hook", "repo"}, "read:user": {"user"}, "public_repo": {"repo"},
	"read:audit_log": {"admin:enterprise"},
}

func (t *Token) hasScope(want string) bool {
	return slices.Contains(t.Scopes, want) ||
		slices.ContainsFunc(scopeParents[want], func(parent string) bool { return slices.Contains(t.Scopes, parent) })
}

// holds reports whether the token has "name=level,name2=level2".
func (t *Token) holds(alternative string) bool {
	for _, each := range strings.Split(alternative, ",") {
		name, level, _ := strings.Cut(each, "=")
		have := t.Permissions[name]
		if have == "" || level == "write" && have == "read" {
			return false
		}
	}
	return true
}

func etagOf(text []byte) string {
	sum := uint64(14695981039346656037)
	for _, b := range text {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return fmt.Sprintf(`W/"%016x"`, sum)
}

// route is one operation.
type route struct {
	method, path string
	scopes       []string // any one is enough for a classic token
	permissions  []string // alternatives, as X-Accepted-GitHub-Permissions spells them
	jwt          bool
	audit        bool
	serve        func(*call) (any, error)
}

// find returns the operation of a path and the values in its braces.
func find(method, path string) (*route, map[string]string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, route := range routes() {
		pattern := strings.Split(strings.Trim(route.path, "/"), "/")
		if route.method != method || len(pattern) != len(parts) {
			continue
		}
		params := map[string]string{}
		matched := true
		for n, part := range pattern {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				params[strings.TrimSuffix(name, "}")] = parts[n]
			} else if part != parts[n] {
				matched = false
				break
			}
		}
		if matched {
			return &route, params
		}
	}
	return nil, nil
}
