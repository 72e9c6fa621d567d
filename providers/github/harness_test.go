package github_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/signin"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a fake, a provider on it, and everything they said.
type world struct {
	t        *testing.T
	fake     *githubfake.Fake
	clock    *testkit.Clock
	log      *bytes.Buffer
	provider *github.Provider
	sink     *testkit.Sink
	wire     http.RoundTripper // nil is the ordinary one
	coverage map[string]inventory.Coverage

	mu      sync.Mutex
	asked   int      // requests of the provider in use
	kept    int      // those of them that were answered with "not modified"
	said    []any    // all that left the providers: items, accounts, coverages, diagnoses, errors
	secrets []string // beside those that the fake knows
	caches  []string // folders of kept pages
}

// newWorld starts a fake and makes a provider for it. The fake's bodies and the provider's requests
// are checked against GitHub's description while the test runs; when it ends, every credential is
// looked for in all that was said, logged and kept.
func newWorld(t *testing.T, options githubfake.Options, config github.Config) *world {
	t.Helper()
	w := &world{t: t, clock: testkit.NewClock(now), log: &bytes.Buffer{}}
	options.Now = w.clock.Now
	checker := newChecker(t, &options)
	observe := options.Observe
	options.Observe = func(e githubfake.Exchange) {
		checker.check(e)
		w.count(e)
		w.keepSecret(strings.TrimPrefix(e.Authorization, "Bearer "))
		if observe != nil {
			observe(e)
		}
	}
	fake, err := githubfake.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fake.Close() })
	w.fake = fake
	t.Cleanup(w.checkNoSecret)
	w.use(config, nil)
	return w
}

// use makes another provider on the same fake.
func (w *world) use(config github.Config, environment map[string]string) {
	w.t.Helper()
	if config.BaseURL == "" {
		config.BaseURL = w.fake.URL()
	}
	if config.Sleep == nil {
		config.Sleep = w.clock.Sleep
	}
	if config.Run == nil {
		config.Run = func(context.Context, string, ...string) ([]byte, error) { return nil, os.ErrNotExist }
	}
	if config.CacheDir != "" {
		w.caches = append(w.caches, config.CacheDir)
	}
	if app, ok := config.Credential.(signin.App); ok {
		for line := range strings.Lines(string(app.Key)) {
			w.keepSecret(strings.TrimSpace(line))
		}
	}
	env := w.env()
	env.Getenv = func(name string) string { return environment[name] }
	env.Transport = w.wire
	made, err := github.New(env, config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.provider = made
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked, w.kept = 0, 0
}

func (w *world) count(e githubfake.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if e.Status == http.StatusNotModified {
		w.kept++
	}
}

// traffic is how often the provider in use asked, and how often what it kept was still right.
func (w *world) traffic() (asked, kept int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked, w.kept
}

func (w *world) env() scanner.Env {
	return scanner.Env{Now: w.clock.Now,
		Log: slog.New(slog.NewTextHandler(&lockedWriter{&w.mu, w.log}, &slog.HandlerOptions{Level: slog.LevelDebug}))}
}

// tell keeps something that a provider said, for checkNoSecret.
func (w *world) tell(more ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, more...)
}

// keepSecret adds a text that must not be said. Shorter ones could be part of an ordinary word.
func (w *world) keepSecret(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(text) >= 5 && !slices.Contains(w.secrets, text) {
		w.secrets = append(w.secrets, text)
	}
}

// probe asks what doctor asks.
func (w *world) probe() *scanner.Diagnosis {
	w.t.Helper()
	d, err := w.provider.Probe(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.tell(d)
	return d
}

type lockedWriter struct {
	mu  *sync.Mutex
	out *bytes.Buffer
}

func (l *lockedWriter) Write(part []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(part)
}

// collect runs the provider and looks for credentials in all it said.
func (w *world) collect() {
	w.t.Helper()
	w.sink = &testkit.Sink{}
	coverages, err := w.provider.Collect(w.t.Context(), w.sink)
	if err != nil {
		w.t.Fatal(err)
	}
	w.coverage = map[string]inventory.Coverage{}
	for _, coverage := range coverages {
		coverage.Normalize()
		name := string(coverage.Source.Name)
		if _, ok := w.coverage[name]; ok {
			w.t.Errorf("source %s is covered twice", name)
		}
		w.coverage[name] = coverage
	}
	w.tell(w.sink.Items, w.sink.Accounts, coverages)
}

// checkNoSecret looks for every credential in everything that left the provider.
func (w *world) checkNoSecret() {
	secrets := append(w.fake.Secrets(), "PRIVATE KEY", "eyJhbGciOi", "secret-in-path", "secret-in-query")
	w.mu.Lock()
	defer w.mu.Unlock()
	texts := map[string]string{"log": w.log.String(), "output": fmt.Sprintf("%+v", w.said)}
	for _, dir := range w.caches {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			w.t.Error(err)
		}
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			texts["name of "+path] = entry.Name()
			texts[path] = unpack(w.t, path)
		}
	}
	for _, secret := range append(secrets, w.secrets...) {
		for where, text := range texts {
			if strings.Contains(text, secret) {
				w.t.Errorf("%s: holds the credential %q", where, secret)
			}
		}
	}
}

// of returns the items of a source and the sources below it.
func (w *world) of(source string) []inventory.Item {
	var items []inventory.Item
	for _, item := range w.sink.Items {
		if name := string(item.Source.Name); name == source || strings.HasPrefix(name, source+"/") {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b inventory.Item) int { return strings.Compare(a.Key(), b.Key()) })
	return items
}

// item returns the one item with that app ID in a source.
func (w *world) item(source, id string) inventory.Item {
	w.t.Helper()
	for _, item := range w.of(source) {
		if string(item.App.ID) == id {
			return item
		}
	}
	w.t.Fatalf("no item %q in %s: %v", id, source, w.of(source))
	return inventory.Item{}
}

// wantCoverage compares a source's status and looks for words in its reason and remedy.
func (w *world) wantCoverage(source string, status inventory.Status, words ...string) inventory.Coverage {
	w.t.Helper()
	coverage, ok := w.coverage[source]
	if !ok {
		w.t.Errorf("source %s has no coverage", source)
		return coverage
	}
	if coverage.Status != status {
		w.t.Errorf("source %s is %s (%s), want %s", source, coverage.Status, coverage.Reason, status)
	}
	text := fmt.Sprint(coverage.Reason, "|", coverage.Remedy, "|", coverage.Details)
	for _, word := range words {
		if !strings.Contains(text, word) {
			w.t.Errorf("source %s: %q does not say %q", source, text, word)
		}
	}
	return coverage
}

func (w *world) wantAllComplete(except ...string) {
	w.t.Helper()
	for name, coverage := range w.coverage {
		if coverage.IsGap() && !slices.Contains(except, name) {
			w.t.Errorf("source %s is %s: %s", name, coverage.Status, coverage.Reason)
		}
	}
}

// testKey is the private key of the App in tests.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func keyPEM(t testing.TB, pkcs8 bool) (signin.Secret, *rsa.PublicKey) {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	if pkcs8 {
		bytes, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		block = &pem.Block{Type: "PRIVATE KEY", Bytes: bytes}
	}
	return signin.Secret(pem.EncodeToMemory(block)), &key.PublicKey
}

// allPermissions are what a well set up scanning App holds; write levels show that only reading is
// asked for.
func allPermissions() map[string]string {
	return map[string]string{
		"metadata": "read", "members": "write", "administration": "write", "repository_hooks": "read",
		"organization_administration": "write",
		"organization_hooks":          "read", "organization_personal_access_tokens": "read",
		"organization_personal_access_token_requests": "read",
		"enterprise_organization_installations":       "read", "enterprise_organization_installation_repositories": "read",
		"contents": "write",
	}
}

// appWorld is a fake whose organizations have the scanning App installed, and a provider signed in
// as it.
func appWorld(t *testing.T, options githubfake.Options, config github.Config) *world {
	t.Helper()
	key, public := keyPEM(t, false)
	if options.SignIn == nil {
		options.SignIn = &githubfake.SignIn{ID: 77, ClientID: "Iv23liScanner0000001", Slug: "guest-list", Owner: "acme",
			Permissions: allPermissions()}
	}
	options.SignIn.Key = public
	if options.SignIn.Installed == nil {
		options.SignIn.Installed = map[string]int64{}
		for n, org := range options.Organizations {
			options.SignIn.Installed[org.Login] = int64(900 + n)
		}
		if options.Enterprise != nil {
			options.SignIn.Installed["enterprise:"+options.Enterprise.Slug] = 990
		}
	}
	if config.Credential == nil {
		config.Credential = signin.App{ClientID: options.SignIn.ClientID, Key: key}
	}
	return newWorld(t, options, config)
}

const ownerToken = "ghp_OwnerTokenOfTheTests000000000000000"

// ownerOptions are a fake with one organization and a classic token of its owner.
func ownerOptions(org *githubfake.Organization, scopes ...string) githubfake.Options {
	return githubfake.Options{Organizations: []*githubfake.Organization{org}, Core: 5000, Audit: 1750,
		Tokens: map[string]*githubfake.Token{ownerToken: {Kind: githubfake.Classic, User: org.Members[0].User,
			Scopes: scopes}}}
}

func ownerConfig() github.Config {
	return github.Config{Organizations: []string{"acme"}, Credential: signin.Token{Value: ownerToken, From: "a test"}}
}

var ownerScopes = []string{"admin:org", "admin:org_hook", "repo", "read:audit_log", "user"}

// checker compares every exchange to GitHub's published description.
type checker struct {
	t        *testing.T
	document map[string]any
	name     string
	mu       sync.Mutex
	checked  map[string]int
}

// checkedOften is how many exchanges of one operation and status are compared: the rest are of the
// same code.
const checkedOften = 8

const descriptions = "../fake/githubfake/testdata/openapi"

var (
	parsed   sync.Map // file name to document
	compiled sync.Map // file name and pointer to schema
)

func newChecker(t *testing.T, options *githubfake.Options) *checker {
	t.Helper()
	name := "ghec.json"
	smaller := func(org *githubfake.Organization) bool {
		return org.Plan == githubfake.Free || org.Plan == githubfake.Team
	}
	if options.Server {
		name = "ghes-3.19.json"
	} else if slices.ContainsFunc(options.Organizations, smaller) {
		name = "api.github.com.json"
	}
	document, ok := parsed.Load(name)
	if !ok {
		data, err := os.ReadFile(filepath.Join(descriptions, name))
		if err != nil {
			t.Fatal(err)
		}
		if document, err = jsonschema.UnmarshalJSON(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		parsed.Store(name, document)
	}
	return &checker{t: t, checked: map[string]int{},
		document: document.(map[string]any), name: name}
}

func (c *checker) check(e githubfake.Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if signIn := strings.HasPrefix(e.Path, "/login/"); signIn && e.Method == "POST" {
		return // a person's sign-in, which the description of the API does not hold
	}
	if e.Method != "GET" && e.Operation != "POST /app/installations/{installation_id}/access_tokens" {
		c.t.Errorf("%s was sent: nothing may be changed", e.Operation)
	}
	if key := fmt.Sprint(e.Operation, e.Status, e.Faulty); c.checked[key] >= checkedOften {
		return
	} else {
		c.checked[key]++
	}
	operations := c.document["operations"].(map[string]any)
	operation, ok := operations[e.Operation].(map[string]any)
	if !ok {
		if e.Status != 404 {
			c.t.Errorf("%s is not in GitHub's description (%s)", e.Operation, c.name)
		}
		return
	}
	pointer := "/operations/" + escape(e.Operation)
	for name, values := range e.Query {
		if _, ok := operation["query"].(map[string]any)[name]; !ok {
			c.t.Errorf("%s was asked with the parameter %q, which it does not have", e.Operation, name)
			continue
		}
		c.valid(pointer+"/query/"+escape(name), parameter(values[0]), e.Operation+"?"+name)
	}
	if len(e.Body) > 0 {
		c.validBytes(pointer+"/body", e.Body, "body of "+e.Operation)
	}
	if e.Faulty || e.Status == 304 {
		return
	}
	status := fmt.Sprint(e.Status)
	if _, ok := operation["responses"].(map[string]any)[status]; ok {
		c.validBytes(pointer+"/responses/"+status, e.Answer, "answer of "+e.Operation)
	}
}

func parameter(value string) any {
	var number json.Number
	if json.Unmarshal([]byte(value), &number) == nil {
		return number
	}
	return value
}

func (c *checker) validBytes(pointer string, body []byte, what string) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		c.t.Errorf("%s is not JSON: %v", what, err)
		return
	}
	c.valid(pointer, value, what)
}

func (c *checker) valid(pointer string, value any, what string) {
	schema, err := c.schema(pointer)
	if err != nil {
		c.t.Errorf("%s: %v", what, err)
		return
	}
	if err := schema.Validate(value); err != nil {
		c.t.Errorf("%s is not as GitHub describes it: %v", what, err)
	}
}

func (c *checker) schema(pointer string) (*jsonschema.Schema, error) {
	if known, ok := compiled.Load(c.name + pointer); ok {
		return known.(*jsonschema.Schema), nil
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("mem:///description.json", c.document); err != nil {
		return nil, err
	}
	schema, err := compiler.Compile("mem:///description.json#" + pointer)
	if err != nil {
		return nil, err
	}
	compiled.Store(c.name+pointer, schema)
	return schema, nil
}

func escape(part string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", " ", "%20", "{", "%7B", "}", "%7D").Replace(part)
}

// withApp is a configuration with the App of appWorld to sign in.
func withApp(w *world, config github.Config) github.Config {
	key, _ := keyPEM(w.t, false)
	config.Credential = signin.App{ClientID: "Iv23liScanner0000001", Key: key}
	return config
}

func tokenOf(value signin.Secret) signin.Credential { return signin.Token{Value: value} }

func plain(list []inventory.Untrusted) []string {
	var texts []string
	for _, each := range list {
		texts = append(texts, each.String())
	}
	return texts
}
