package googleworkspace

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// Defaults and limits of a scan.
const (
	DefaultRatePerMinute = 2000 // of the 2,400 Directory queries a minute that Google documents
	DefaultWorkers       = 8    // users read at a time
	MaxWorkers           = 64

	reportsPerMinute  = 200 // of the 250 filtered Reports queries a minute that Google documents
	chromePerMinute   = 600 // Google documents none
	policiesPerMinute = 60  // more is seen to be refused

	// Overlap is how far an incremental scan reads the log before the last scan began: the log lags by hours.
	Overlap = 6 * time.Hour
	// MaxCursorAge is how old the last scan may be to build on it. The log reaches back 180 days.
	MaxCursorAge = 170 * 24 * time.Hour
	// MaxCheckpointAge is how old an interrupted scan may be to go on with it.
	MaxCheckpointAge = 24 * time.Hour
	// RollingShares is the number of incremental scans within which every user is read again at least once.
	RollingShares = 14
	// LogRetention is how far back the token log reaches.
	LogRetention = 180 * 24 * time.Hour
	// MaxEventPages bounds how much of the token log about grants is read, in pages of 1,000 entries, newest first: about five
	// minutes. Grants from before it have no known date; an incremental scan that reaches it becomes a full one.
	MaxEventPages = 1000
	// MaxActivityDays bounds Config.ActivityDays: the log has one entry for each API call of each app.
	MaxActivityDays = 30
	// MaxActivityPages bounds how much of that log is read, in pages of 1,000 entries.
	MaxActivityPages = 200
)

// Config says what to read, and as whom.
type Config struct {
	// Customer is the customer ID ("C01abc234"); empty is "my_customer", the one the subject belongs to.
	Customer string
	// Subject is the administrator to act for. For an administrator's own login it only picks the account on the consent page.
	Subject string
	// Organization names the organization in sources; empty is the subject's domain, then the customer ID.
	Organization string
	Credential   Credential
	// Features to read; empty is DefaultFeatures.
	Features []Feature
	// Units limits the users by organizational unit path, sub-units included: only those of Units (empty: all) and none of
	// ExcludeUnits, capitals aside. A user outside is an account with [inventory.FactOutsideUnits], and nothing else of the scan.
	Units, ExcludeUnits []string
	// Projects are the numbers of the organization's own Cloud projects. Google counts their OAuth clients as internal apps.
	Projects []string

	// RatePerMinute is the pace of Directory calls; zero is DefaultRatePerMinute, negative is no limit at all.
	RatePerMinute int
	Workers       int
	// StateDir is a folder for checkpoints and incremental scans. Empty: an interrupted scan starts over, every scan is full.
	StateDir    string
	Incremental bool
	// ActivityDays reads the token log's activity entries that many days back, for the last use of grants.
	ActivityDays int

	// Endpoint replaces the root of all Google services ("http://127.0.0.1:1234"), for tests and the demo. It is https or loopback.
	Endpoint string
	// Progress, if set, is told how many of the users are read. It is called from several goroutines.
	Progress func(done, total int)
}

// Credential is a way to sign in. Secrets come as content, never as text of a configuration file. Set the fields of one way:
//
//   - service account key: KeyJSON
//   - keyless: TargetPrincipal, and BaseJSON or application default credentials as the identity that may sign for it
//   - an administrator's own login: ClientJSON and TokenFile, once signed in with SignIn
//   - application default credentials: Default
type Credential struct {
	// KeyJSON is a service account's key file.
	KeyJSON []byte
	// TargetPrincipal is the e-mail address of the service account to act through; Delegates are those in between.
	TargetPrincipal string
	Delegates       []string
	// BaseJSON is the base identity's file: external_account (workload identity), authorized_user or service_account.
	BaseJSON []byte
	// ClientJSON is the OAuth client file of a desktop application; TokenFile keeps the refresh token, mode 0600.
	ClientJSON []byte
	TokenFile  string
	Default    bool
}

// Feature is one thing to read, with a scope and a token of its own.
type Feature string

// The features.
const (
	Accounts      Feature = "accounts" // always on: everything else hangs on the list of users
	Grants        Feature = "grants"
	AppPasswords  Feature = "app_passwords"
	Events        Feature = "events"
	Usage         Feature = "usage"
	Settings      Feature = "settings"
	Chrome        Feature = "chrome"
	ChromeDetails Feature = "chrome_details"
)

// FeatureInfo describes a feature for documentation, doctor and messages.
type FeatureInfo struct {
	Feature Feature
	// Scope is the one OAuth scope asked for. ReadOnly says that Google lets it change nothing.
	Scope    string
	ReadOnly bool
	// API is the service to switch on in the Cloud project.
	API, APIName string
	// Privilege is what the administrator's role needs, as the console names it.
	Privilege string
	Gives     string
}

const scopePrefix = "https://www.googleapis.com/auth/"

// Features lists every feature with the scope it asks for.
func Features() []FeatureInfo {
	const admin, adminName = "admin.googleapis.com", "Admin SDK API"
	const chrome, chromeName = "chromemanagement.googleapis.com", "Chrome Management API"
	return []FeatureInfo{
		{Accounts, scopePrefix + "admin.directory.user.readonly", true, admin, adminName,
			"Admin API privileges > Users > Read", "users, their unit, role, two-step verification and state"},
		{Grants, scopePrefix + "admin.directory.user.security", false, admin, adminName,
			"Users > User security management (a super administrator always has it)", "OAuth grants of every user"},
		{AppPasswords, scopePrefix + "admin.directory.user.security", false, admin, adminName,
			"Users > User security management (a super administrator always has it)", "app passwords of every user"},
		{Events, scopePrefix + "admin.reports.audit.readonly", true, admin, adminName,
			"Reports", "when a grant was made, client types, delegation changes; what an incremental scan reads again"},
		{Usage, scopePrefix + "admin.reports.usage.readonly", true, admin, adminName,
			"Reports", "Google's own counts, as a cross-check"},
		{Settings, scopePrefix + "cloud-identity.policies.readonly", true, "cloudidentity.googleapis.com", "Cloud Identity API",
			"super administrator", "the settings for unconfigured third-party apps and internal apps"},
		{Chrome, scopePrefix + "chrome.management.reports.readonly", true, chrome, chromeName,
			"Services > Chrome Management > View Reports", "extensions of managed browsers and who holds them"},
		{ChromeDetails, scopePrefix + "chrome.management.appdetails.readonly", true, chrome, chromeName,
			"Services > Chrome Management > Manage User Settings > View app details", "publisher and store state of extensions"},
	}
}

// Info returns the description of a feature.
func (f Feature) Info() FeatureInfo {
	for _, info := range Features() {
		if info.Feature == f {
			return info
		}
	}
	return FeatureInfo{Feature: f}
}

// DefaultFeatures are read when a configuration names none. Chrome Management is a provider of its own.
func DefaultFeatures() []Feature { return []Feature{Accounts, Grants, AppPasswords, Events, Settings} }

// DefaultChromeFeatures are read by the ChromeProvider when a configuration names none of its own.
func DefaultChromeFeatures() []Feature { return []Feature{Chrome, ChromeDetails} }

// Scopes returns the scopes of features, sorted and without duplicates, as one line to paste into the console.
func Scopes(features ...Feature) []string {
	var scopes []string
	for _, feature := range features {
		scopes = append(scopes, feature.Info().Scope)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// normalize fills in defaults and checks every field. The features kept are those of the provider.
func (c Config) normalize(own, usual []Feature) (Config, error) {
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
		return c, fmt.Errorf("reading the google_workspace configuration: workers must be between 1 and %d, is %d", MaxWorkers, c.Workers)
	case c.ActivityDays < 0 || c.ActivityDays > MaxActivityDays:
		return c, fmt.Errorf("reading the google_workspace configuration: activity_days must be between 0 and %d, is %d",
			MaxActivityDays, c.ActivityDays)
	case c.Incremental && c.StateDir == "":
		return c, errors.New("reading the google_workspace configuration: an incremental scan needs a state folder")
	case c.Subject != "" && !strings.Contains(c.Subject, "@"):
		return c, fmt.Errorf("reading the google_workspace configuration: subject %q is not an e-mail address",
			inventory.Untrusted(c.Subject))
	}
	for _, unit := range slices.Concat(c.Units, c.ExcludeUnits) {
		if !strings.HasPrefix(unit, "/") {
			return c, fmt.Errorf("reading the google_workspace configuration: unit %q must be a path that starts with /, such as /Sales",
				inventory.Untrusted(unit))
		}
	}
	for _, project := range c.Projects {
		if !IsProject(project) {
			return c, fmt.Errorf("reading the google_workspace configuration: %q is not the number of a Cloud project",
				inventory.Untrusted(project))
		}
	}
	return c, c.checkEndpoint()
}

// together are a provider's own features and what else the configuration asked for: one delegation entry and one login serve both
// providers.
func together(own, asked []Feature) []Feature {
	features := slices.Concat(own, asked)
	if slices.ContainsFunc(asked, func(f Feature) bool { return slices.Contains(workspaceFeatures, f) }) {
		features = append(features, Accounts)
	}
	return features
}

var projectNumber = regexp.MustCompile(`^[0-9]+$`)

// IsProject reports whether a text can be the number of a Cloud project.
func IsProject(text string) bool {
	return len(text) >= 6 && len(text) <= 15 && projectNumber.MatchString(text)
}

func (c Config) checkEndpoint() error {
	if c.Endpoint == "" {
		return nil
	}
	if !isTrustedURL(c.Endpoint, nil) {
		return errors.New("reading the google_workspace configuration: endpoint must be a loopback address")
	}
	return nil
}

func (c Config) has(feature Feature) bool { return slices.Contains(c.Features, feature) }

// Target names what is read, as the first part of every source's name.
func (c Config) Target() inventory.Untrusted { return inventory.Untrusted(c.organization()) }

// organization is the first part of every source's name.
func (c Config) organization() string {
	if c.Organization != "" {
		return c.Organization
	}
	if _, domain, found := strings.Cut(c.Subject, "@"); found {
		return strings.ToLower(domain)
	}
	return c.Customer
}

// includes reports whether a user in that unit belongs to the scan.
func (c Config) includes(unit string) bool {
	parents := func(parent string) bool { return within(unit, parent) }
	return (len(c.Units) == 0 || slices.ContainsFunc(c.Units, parents)) && !slices.ContainsFunc(c.ExcludeUnits, parents)
}

// isTrustedURL reports whether secrets may be sent to a URL: https on one of the hosts, or this machine.
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

func featureNames() string {
	var names []string
	for _, info := range Features() {
		names = append(names, string(info.Feature))
	}
	return strings.Join(names, ", ")
}
