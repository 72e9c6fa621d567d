package api

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Defaults and limits of a connection.
const (
	DefaultRatePerMinute = 2000 // of the 2,400 Directory queries a minute that Google documents
	DefaultWorkers       = 8    // users read at a time
	MaxWorkers           = 64

	reportsPerMinute  = 200 // of the 250 filtered Reports queries a minute that Google documents
	chromePerMinute   = 600 // Google documents none
	policiesPerMinute = 60  // more has been observed to be refused
)

// Connection says which organization to ask about, as whom, for what and how fast.
type Connection struct {
	// Customer is the customer ID ("C01abc234"); empty is "my_customer", the one the subject belongs
	// to.
	Customer string
	// Subject is the administrator to act for. For an administrator's own login it only picks the
	// account on the consent page.
	Subject string
	// Organization names the organization in sources; empty is the subject's domain, then the customer
	// ID.
	Organization string
	Credential   Credential
	// Features to read; empty is DefaultFeatures.
	Features []Feature

	// RatePerMinute is the pace of Directory calls; zero means DefaultRatePerMinute, negative means
	// no limit.
	RatePerMinute int
	Workers       int

	// Endpoint replaces the root of all Google services ("http://127.0.0.1:1234"), for tests and the
	// demo. It is https or loopback.
	Endpoint string
}

// Credential is a way to sign in. Secrets are passed as content, never as text in a configuration
// file. Set the fields of one way:
//
//   - service account key: KeyJSON
//   - keyless: TargetPrincipal, and BaseJSON or application default credentials as the identity that may sign for it
//   - an administrator's own login: ClientJSON and TokenFile, once signed in with SignIn
//   - application default credentials: Default
type Credential struct {
	// KeyJSON is a service account's key file.
	KeyJSON []byte
	// TargetPrincipal is the e-mail address of the service account to act through; Delegates are
	// the service accounts in between.
	TargetPrincipal string
	Delegates       []string
	// BaseJSON is the base identity's file: external_account (workload identity), authorized_user or
	// service_account.
	BaseJSON []byte
	// ClientJSON is the OAuth client file of a desktop application; TokenFile keeps the refresh token,
	// mode 0600.
	ClientJSON []byte
	TokenFile  string
	Default    bool
}

// normalize fills in defaults and checks every field. It keeps only the provider's own features.
func (c Connection) normalize(own, usual []Feature) (Connection, error) {
	for _, feature := range c.Features {
		if feature.Info().Scope == "" {
			return c, fmt.Errorf("reading the google_workspace configuration: %q is not a feature (%s)",
				inventory.Untrusted(feature), featureNames())
		}
	}
	c.Features = slices.DeleteFunc(slices.Clone(c.Features), func(f Feature) bool { return !slices.Contains(own, f) })
	if len(c.Features) == 0 {
		c.Features = usual
	}
	if slices.Contains(own, Accounts) && !slices.Contains(c.Features, Accounts) {
		c.Features = append([]Feature{Accounts}, c.Features...)
	}
	if c.Customer == "" {
		c.Customer = "my_customer"
	}
	if c.RatePerMinute == 0 {
		c.RatePerMinute = DefaultRatePerMinute
	}
	if c.Workers == 0 {
		c.Workers = DefaultWorkers
	}
	switch {
	case c.Workers < 0 || c.Workers > MaxWorkers:
		return c, fmt.Errorf("reading the google_workspace configuration: workers must be between 1 and %d, is %d",
			MaxWorkers, c.Workers)
	case c.Subject != "" && !strings.Contains(c.Subject, "@"):
		return c, fmt.Errorf("reading the google_workspace configuration: subject %q is not an e-mail address",
			inventory.Untrusted(c.Subject))
	}
	return c, c.checkEndpoint()
}

// together returns a provider's own features and the others that the configuration asks for: one
// delegation entry and one login serve both providers.
func together(own, asked []Feature) []Feature {
	features := slices.Concat(own, asked)
	if slices.ContainsFunc(asked, func(f Feature) bool { return f.Info().Provider == inventory.GoogleWorkspace }) {
		features = append(features, Accounts)
	}
	return features
}

var projectNumber = regexp.MustCompile(`^[0-9]+$`)

// IsProject reports whether a string can be the number of a Cloud project.
func IsProject(text string) bool {
	return len(text) >= 6 && len(text) <= 15 && projectNumber.MatchString(text)
}

func (c Connection) checkEndpoint() error {
	if c.Endpoint == "" {
		return nil
	}
	if !isTrustedURL(c.Endpoint, nil) {
		return errors.New("reading the google_workspace configuration: endpoint must be a loopback address")
	}
	return nil
}

// Target names what is read, as the first part of every source's name.
func (c Connection) Target() inventory.Untrusted { return inventory.Untrusted(c.organization()) }

func (c Connection) organization() string {
	if c.Organization != "" {
		return c.Organization
	}
	if _, domain, found := strings.Cut(c.Subject, "@"); found {
		return strings.ToLower(domain)
	}
	return c.Customer
}

// isTrustedURL reports whether secrets may be sent to a URL: https on one of the hosts, or this
// machine.
func isTrustedURL(text string, hosts []string) bool {
	u, err := url.Parse(text)
	if err != nil || u.User != nil {
		return false
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() || u.Hostname() == "localhost" {
		return u.Scheme == "http" || u.Scheme == "https"
	}
	return u.Scheme == "https" && slices.ContainsFunc(hosts, func(host string) bool {
		return u.Hostname() == host || strings.HasPrefix(host, ".") && strings.HasSuffix(u.Hostname(), host)
	})
}
