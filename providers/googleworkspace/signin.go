package googleworkspace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"golang.org/x/oauth2/jwt"
	"google.golang.org/api/impersonate"
	"google.golang.org/api/option"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// way is how a configuration signs in.
type way string

const (
	wayKey         way = "service account key"
	wayImpersonate way = "keyless delegation"
	wayLogin       way = "administrator login"
	wayDefault     way = "application default credentials"
)

// maxCredentialBytes bounds a credential file.
const maxCredentialBytes = 1 << 20

const scopeCloudPlatform = scopePrefix + "cloud-platform"

// Hosts that a credential file may name for its own sign-in. A dot in front includes every name below.
var signInHosts = []string{
	"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com", "sts.googleapis.com", "iamcredentials.googleapis.com",
}

// signIn knows how to get access tokens. It is made once for a scan and is safe for concurrent use.
type signIn struct {
	way       way
	config    Connection
	subject   string
	features  []Feature
	account   string // the service account's e-mail address
	accountID string // its numeric ID, as the delegation list wants it
	project   string
	// quotaProject pays for calls with a person's application default credentials.
	quotaProject string
	key          *jwt.Config
	base         []byte // the base identity's file; empty is the metadata server
	login        *oauth2.Config
	client       *http.Client // for sign-in endpoints only
	plain        *http.Client // for the base identity, which may be one of another cloud
}

// credentialFile are the fields of Google's credential files that decide how to use one.
type credentialFile struct {
	Type             string `json:"type"`
	ClientEmail      string `json:"client_email"`
	ClientID         string `json:"client_id"`
	ProjectID        string `json:"project_id"`
	TokenURI         string `json:"token_uri"`
	TokenURL         string `json:"token_url"`
	ImpersonationURL string `json:"service_account_impersonation_url"`
	UniverseDomain   string `json:"universe_domain"`
	QuotaProject     string `json:"quota_project_id"`
}

// newSignIn prepares the sign-in for features, which may be more than those of the configuration's provider.
func newSignIn(env scanner.Env, config Connection, features []Feature) (*signIn, error) {
	s := &signIn{config: config, subject: config.Subject, features: features}
	transport := env.Transport
	if config.Endpoint != "" {
		transport = &redirect{endpoint: config.Endpoint, next: transport}
	}
	if err := s.choose(env); err != nil {
		return nil, fmt.Errorf("preparing the sign-in to Google Workspace: %w", err)
	}
	options := httpx.Options{
		Bases: s.bases(), Transport: transport, UserAgent: userAgent, Log: env.Log, Sleep: env.Sleep,
		Allow: func(r *http.Request) bool { return r.Method == http.MethodPost },
	}
	if env.Sleep != nil {
		options.Now = env.Now // the clock that the sleep moves
	}
	client, err := httpx.New(options)
	if err != nil {
		return nil, err
	}
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.client = &http.Client{Transport: client, CheckRedirect: noRedirect}
	s.plain = &http.Client{
		Transport: &firstKnown{options.Bases, client, transport}, CheckRedirect: noRedirect, Timeout: callTimeout,
	}
	return s, nil
}

// describe names the way to sign in, and through which account.
func (s *signIn) describe() inventory.Untrusted {
	if s.account == "" {
		return inventory.Untrusted(s.way)
	}
	return inventory.Textf("%s of %s", s.way, inventory.Untrusted(s.account))
}

// choose picks the way to sign in and refuses what could only end in a wrong identity.
func (s *signIn) choose(env scanner.Env) error {
	c := s.config.Credential
	ways := 0
	for _, given := range []bool{c.KeyJSON != nil, c.TargetPrincipal != "", c.ClientJSON != nil, c.Default} {
		if given {
			ways++
		}
	}
	switch {
	case ways == 0:
		return errors.New("no credential is configured: set a service account key, a service account to impersonate, " +
			"or an OAuth client to sign in with")
	case ways > 1:
		return errors.New("more than one way to sign in is configured: keep one of key, impersonate, login and default")
	case c.KeyJSON != nil:
		return s.useKey(c.KeyJSON, wayKey)
	case c.TargetPrincipal != "":
		return s.useImpersonation(env)
	case c.ClientJSON != nil:
		return s.useLogin()
	default:
		return s.useDefault(env)
	}
}

func (s *signIn) useKey(text []byte, by way) error {
	file, err := readCredentialFile(text)
	if err != nil {
		return err
	}
	if file.Type != "service_account" {
		return fmt.Errorf("the credential is of type %q, not a service account key: "+
			"with workload identity, name the service account to impersonate",
			inventory.Untrusted(file.Type))
	}
	if file.TokenURI != "" && !isTrustedURL(file.TokenURI, signInHosts) {
		return errors.New("the service account key names a token_uri that is not Google's: download the key again")
	}
	if s.subject == "" && s.config.Customer == "my_customer" {
		return errors.New("a service account is in no organization: set subject to an administrator it may act for, " +
			"or, if the service account itself holds an administrator role, set customer to the customer ID (C…)")
	}
	s.key, err = google.JWTConfigFromJSON(text)
	if err != nil {
		return errors.New("the service account key cannot be read: download it again")
	}
	s.way, s.account, s.accountID, s.project = by, file.ClientEmail, file.ClientID, file.ProjectID
	s.key.Subject = s.subject
	return nil
}

func (s *signIn) useImpersonation(env scanner.Env) error {
	s.way, s.account = wayImpersonate, s.config.Credential.TargetPrincipal
	if s.subject == "" {
		return errors.New("impersonation needs a subject: the administrator that the service account may act for")
	}
	if _, domain, found := strings.Cut(s.account, "@"); found {
		s.project, _, _ = strings.Cut(domain, ".")
	}
	s.base = s.config.Credential.BaseJSON
	if s.base == nil {
		found, err := findDefault(env)
		if err != nil {
			return err
		}
		s.base = found
	}
	if s.base == nil {
		return nil // the metadata server
	}
	file, err := readCredentialFile(s.base)
	if err != nil {
		return err
	}
	switch file.Type {
	case "external_account", "authorized_user", "service_account":
	default:
		return fmt.Errorf("a credential of type %q cannot be the base of impersonation", inventory.Untrusted(file.Type))
	}
	for _, target := range []string{file.TokenURI, file.TokenURL, file.ImpersonationURL} {
		if target != "" && !isTrustedURL(target, append([]string{".googleapis.com"}, signInHosts...)) {
			return errors.New("the base credential names a sign-in address that is not Google's")
		}
	}
	return nil
}

// projects are the numbers of Cloud projects that are the organization's own for certain: that of the login's own client.
func (s *signIn) projects() []string {
	if s.way == wayLogin && IsProject(s.project) {
		return []string{s.project}
	}
	return nil
}

func (s *signIn) useLogin() error {
	s.way = wayLogin
	config, err := google.ConfigFromJSON(s.config.Credential.ClientJSON)
	if err != nil {
		return errors.New("the OAuth client file cannot be read: download it for a client of type Desktop app at " +
			"https://console.cloud.google.com/apis/credentials")
	}
	if !isTrustedURL(config.Endpoint.AuthURL, signInHosts) || !isTrustedURL(config.Endpoint.TokenURL, signInHosts) {
		return errors.New("the OAuth client file names a sign-in address that is not Google's: download it again")
	}
	if s.config.Credential.TokenFile == "" {
		return errors.New("no file to keep the refresh token in is configured")
	}
	config.Endpoint.AuthStyle = oauth2.AuthStyleInParams // trying both styles would use a code up
	s.login = config
	if project, _, found := strings.Cut(config.ClientID, "-"); found {
		s.project = project
	}
	return nil
}

// useDefault takes application default credentials only where they do what the configuration says: the subject acts for service
// account keys alone, and every other type ignores it without a word.
func (s *signIn) useDefault(env scanner.Env) error {
	text, err := findDefault(env)
	if err != nil {
		return err
	}
	kind := "of the metadata server"
	if text != nil {
		file, err := readCredentialFile(text)
		if err != nil {
			return err
		}
		if file.Type == "service_account" {
			return s.useKey(text, wayKey)
		}
		kind = fmt.Sprintf("of type %q", inventory.Untrusted(file.Type))
		if file.Type == "authorized_user" && s.subject == "" {
			s.way, s.base, s.project, s.quotaProject = wayDefault, text, file.QuotaProject, file.QuotaProject
			return nil
		}
	}
	if s.subject != "" {
		return fmt.Errorf("application default credentials %s would silently ignore the subject %q and act as themselves: "+
			"name a service account to impersonate, or use a service account key", kind, inventory.Untrusted(s.subject))
	}
	return fmt.Errorf("application default credentials %s are no administrator of the organization: "+
		"set subject, and name a service account to impersonate", kind)
}

// source returns a new token for one feature's scope each time it is asked.
func (s *signIn) source(ctx context.Context, scope string) (oauth2.TokenSource, error) {
	signing := context.WithValue(ctx, oauth2.HTTPClient, withContext(ctx, s.client))
	switch s.way {
	case wayKey:
		config := *s.key
		config.Scopes = []string{scope}
		return config.TokenSource(signing), nil
	case wayImpersonate:
		return s.impersonated(ctx, signing, scope)
	case wayLogin:
		return s.savedLogin(signing, scope)
	default:
		credentials, err := google.CredentialsFromJSONWithType(signing, s.base, google.AuthorizedUser, scope)
		if err != nil {
			return nil, err
		}
		return credentials.TokenSource, nil
	}
}

func (s *signIn) impersonated(ctx, signing context.Context, scope string) (oauth2.TokenSource, error) {
	baseContext := context.WithValue(ctx, oauth2.HTTPClient, withContext(ctx, s.plain))
	base, err := s.baseSource(baseContext)
	if err != nil {
		return nil, err
	}
	// The base token goes to the IAM service only; the exchange that follows carries the signed assertion and needs none.
	carrier := &http.Client{Transport: &bearerFor{
		host: "iamcredentials.googleapis.com", source: base, next: withContext(ctx, s.client).Transport,
	}}
	return impersonate.CredentialsTokenSource(signing, impersonate.CredentialsConfig{
		TargetPrincipal: s.config.Credential.TargetPrincipal, Delegates: s.config.Credential.Delegates,
		Scopes: []string{scope}, Subject: s.subject,
	}, option.WithHTTPClient(carrier))
}

func (s *signIn) baseSource(ctx context.Context) (oauth2.TokenSource, error) {
	if s.base == nil {
		return google.ComputeTokenSource("", scopeCloudPlatform), nil
	}
	file, err := readCredentialFile(s.base)
	if err != nil {
		return nil, err
	}
	credentials, err := google.CredentialsFromJSONWithType(ctx, s.base, google.CredentialsType(file.Type), scopeCloudPlatform)
	if err != nil {
		return nil, fmt.Errorf("reading the base credential: %w", err)
	}
	return credentials.TokenSource, nil
}

// bases are the origins that sign-in requests may go to.
func (s *signIn) bases() []string {
	bases := []string{"https://oauth2.googleapis.com", "https://iamcredentials.googleapis.com"}
	if s.key != nil {
		bases = append(bases, s.key.TokenURL)
	}
	if s.login != nil {
		bases = append(bases, s.login.Endpoint.TokenURL)
	}
	if file, err := readCredentialFile(s.base); err == nil {
		for _, target := range []string{file.TokenURI, file.TokenURL, file.ImpersonationURL} {
			if target != "" {
				bases = append(bases, target)
			}
		}
	}
	return bases
}

// keeper holds the access token of one feature and renews it.
type keeper struct {
	signIn *signIn
	scope  string
	tokenUse

	mu         sync.Mutex
	token      *oauth2.Token
	generation int
}

// get returns a valid token and its generation.
func (k *keeper) get(ctx context.Context) (*oauth2.Token, int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token.Valid() {
		return k.token, k.generation, nil
	}
	source, err := k.signIn.source(ctx, k.scope)
	if err != nil {
		return nil, 0, err
	}
	token, err := source.Token()
	if err != nil {
		return nil, 0, err
	}
	k.token = token
	k.generation++
	return token, k.generation, nil
}

// drop makes the next get ask for a new token, unless that has happened since the generation.
func (k *keeper) drop(generation int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if generation == k.generation {
		k.token = nil
	}
}

// findDefault returns the file of the application default credentials, or nil where only the metadata server is left.
func findDefault(env scanner.Env) ([]byte, error) {
	path := env.Getenv("GOOGLE_APPLICATION_CREDENTIALS")
	if path == "" {
		path = wellKnownFile(env)
		if _, err := os.Stat(path); err != nil {
			return nil, nil
		}
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("opening application default credentials %q: %w", path, errors.Unwrap(err))
	case info.Size() > maxCredentialBytes:
		return nil, fmt.Errorf("application default credentials %q are larger than %d bytes", path, maxCredentialBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading application default credentials: %w", err)
	}
	return text, nil
}

func wellKnownFile(env scanner.Env) string {
	const name = "application_default_credentials.json"
	if dir := env.Getenv("CLOUDSDK_CONFIG"); dir != "" {
		return filepath.Join(dir, name)
	}
	if env.OS == "windows" {
		return filepath.Join(env.Getenv("APPDATA"), "gcloud", name)
	}
	return filepath.Join(env.Getenv("HOME"), ".config", "gcloud", name)
}

// readCredentialFile reads the fields above. Its error repeats nothing of the file, which may hold a key.
func readCredentialFile(text []byte) (file credentialFile, err error) {
	if len(text) > maxCredentialBytes {
		return file, fmt.Errorf("the credential is larger than %d bytes", maxCredentialBytes)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return file, errors.New("the credential is not the JSON file that Google offers for download")
	}
	if file.UniverseDomain != "" && file.UniverseDomain != "googleapis.com" {
		return file, fmt.Errorf("the credential belongs to the universe %q; Workspace is in googleapis.com",
			inventory.Untrusted(file.UniverseDomain))
	}
	return file, nil
}

// redirect sends what is meant for Google's sign-in hosts to the endpoint that stands for all of Google.
type redirect struct {
	endpoint string
	next     http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (r *redirect) RoundTrip(request *http.Request) (*http.Response, error) {
	next := r.next
	if next == nil {
		next = http.DefaultTransport
	}
	if !slices.Contains(signInHosts, request.URL.Hostname()) {
		return next.RoundTrip(request)
	}
	target, err := url.Parse(r.endpoint)
	if err != nil {
		return nil, err
	}
	sent := request.Clone(request.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = target.Scheme, target.Host, ""
	return next.RoundTrip(sent)
}

// firstKnown sends what goes to known origins through a client that waits and retries, and the rest as it is: the base identity of
// another cloud asks that cloud's own addresses.
type firstKnown struct {
	bases       []string
	known, rest http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (f *firstKnown) RoundTrip(request *http.Request) (*http.Response, error) {
	for _, base := range f.bases {
		u, err := url.Parse(base)
		if err == nil && request.Method == http.MethodPost && u.Scheme == request.URL.Scheme && u.Host == request.URL.Host {
			return f.known.RoundTrip(request)
		}
	}
	rest := f.rest
	if rest == nil {
		rest = http.DefaultTransport
	}
	return rest.RoundTrip(request)
}

// bearerFor adds a token to requests to one host.
type bearerFor struct {
	host   string
	source oauth2.TokenSource
	next   http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (b *bearerFor) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Hostname() != b.host {
		return b.next.RoundTrip(request)
	}
	token, err := b.source.Token()
	if err != nil {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, err
	}
	sent := request.Clone(request.Context())
	token.SetAuthHeader(sent)
	return b.next.RoundTrip(sent)
}

// withContext binds a client's requests to a context: x/oauth2 sends its own without one.
func withContext(ctx context.Context, client *http.Client) *http.Client {
	bound := *client
	bound.Transport = boundTransport{ctx, client.Transport}
	return &bound
}

type boundTransport struct {
	ctx  context.Context
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (b boundTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	next := b.next
	if next == nil {
		next = http.DefaultTransport
	}
	return next.RoundTrip(request.WithContext(b.ctx))
}
