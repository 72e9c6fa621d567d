package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"golang.org/x/oauth2/jwt"

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

// Hosts that a credential file may name for its own sign-in. A dot in front includes every name
// below.
var signInHosts = []string{
	"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com", "sts.googleapis.com",
	"iamcredentials.googleapis.com",
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
	base         []byte // the base identity's file; empty means the metadata server
	login        *oauth2.Config
	client       *http.Client // for sign-in endpoints only
	plain        *http.Client // for the base identity, which may belong to another cloud
}

// newSignIn prepares the sign-in for features, which may be more than the provider's own.
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

// choose picks the way to sign in and refuses what could only lead to the wrong identity.
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

// projects returns the numbers of the Cloud projects that certainly belong to the organization: the
// one of the login's own client.
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
	config.Endpoint.AuthStyle = oauth2.AuthStyleInParams // trying both styles would use up a code
	s.login = config
	if project, _, found := strings.Cut(config.ClientID, "-"); found {
		s.project = project
	}
	return nil
}

// useDefault accepts application default credentials only where they do what the configuration
// says: only service account keys honor the subject; every other type silently ignores it.
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
