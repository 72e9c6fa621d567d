package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"guestlist/scanner/inventory"
)

// DefaultHost is GitHub's own host.
const DefaultHost = "github.com"

// Config says what to read. The zero value reads nothing.
type Config struct {
	// Host is the web host: "github.com" (the default), "ghe.acme.example" (Enterprise Server), "acme.ghe.com" (data residency).
	Host string
	// BaseURL is the API's address where it cannot be told from Host.
	BaseURL string
	// Organizations are read with everything the credential may see.
	Organizations []string
	// Enterprise is an enterprise's slug. Its organizations' installations are read too; the credential must be a GitHub App that is
	// installed on the enterprise.
	Enterprise string
	// DeepRepositories reads deploy keys and webhooks of every repository: two requests each.
	DeepRepositories bool
	// AuditLog reads approvals of OAuth apps and who installed which app from the audit log, where the plan has one.
	AuditLog bool
	// Self reads the signed-in person's own account.
	Self bool
	// Credential says how to sign in; nil is Environment.
	Credential Credential
	// CacheDir holds pages of earlier scans, so that unchanged ones cost nothing; empty keeps none. It is made when missing.
	CacheDir string
	// MaxWait is the longest wait for a rate limit; zero is httpx's default.
	MaxWait time.Duration
	// Concurrency is how many requests are open at a time, at most maxConcurrency; zero is the default.
	Concurrency int
	// RatePerMinute is the pace of requests; zero is DefaultRatePerMinute, negative is no limit at all.
	RatePerMinute int
	// OnWait is told of every wait for a limit.
	OnWait func(until time.Time, reason string)

	// Sleep waits; nil really does. Tests move a clock instead.
	Sleep func(context.Context, time.Duration) error
	// Run runs a helper command and returns its output; nil really does.
	Run func(ctx context.Context, name string, args ...string) ([]byte, error)
}

// DefaultRatePerMinute stays well inside GitHub's published secondary limits: 900 points (GETs) a minute, 100 requests at a time.
const DefaultRatePerMinute = 720

const (
	defaultConcurrency = 4
	maxConcurrency     = 16
	requestBurst       = 24
)

// limiter keeps the pace that the configuration asks for.
func (c *Config) limiter() *rate.Limiter {
	if c.RatePerMinute < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	perMinute := cmp.Or(c.RatePerMinute, DefaultRatePerMinute)
	return rate.NewLimiter(rate.Limit(perMinute)/rate.Limit(time.Minute/time.Second), min(requestBurst, perMinute))
}

// host is where a Config's GitHub lies.
type host struct {
	name string // as written in sources
	api  string // base URL with a slash at its end
	web  string // base URL of pages with a slash at its end
	kind hostKind
}

type hostKind int

const (
	hostPublic hostKind = iota
	hostResidency
	hostServer
)

var validHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)

// organizationName is what GitHub allows in a login, with some room for older and managed ones.
var organizationName = bounded{100, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)}

// bounded is a pattern of texts of at most so many bytes. A counted repetition in the pattern itself ("{1,400}") is written out whenever
// the program starts, and was a third of what starting took.
type bounded struct {
	most    int
	pattern *regexp.Regexp
}

// MatchString reports whether the text matches.
func (b bounded) MatchString(text string) bool {
	return len(text) <= b.most && b.pattern.MatchString(text)
}

func (c *Config) host() (host, error) {
	name := strings.ToLower(strings.TrimSpace(c.Host))
	if name == "" || name == "api.github.com" || name == "www.github.com" {
		name = DefaultHost
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "https://"), "/")
	if !validHost.MatchString(name) {
		return host{}, fmt.Errorf("reading the GitHub host %q: not a host name (github.com, ghe.acme.example)", c.Host)
	}
	h := host{name: name, web: "https://" + name + "/"}
	switch {
	case name == DefaultHost:
		h.api = "https://api.github.com/"
	case strings.HasSuffix(name, ".ghe.com"):
		name = strings.TrimPrefix(name, "api.")
		h = host{name: name, web: "https://" + name + "/", api: "https://api." + name + "/", kind: hostResidency}
	default:
		h.api, h.kind = "https://"+name+"/api/v3/", hostServer
	}
	if c.BaseURL != "" {
		base, err := url.Parse(c.BaseURL)
		if err != nil || base.Host == "" {
			return host{}, fmt.Errorf("reading the API's base URL %q: not a URL", c.BaseURL)
		}
		h.api = strings.TrimSuffix(c.BaseURL, "/") + "/"
	}
	return h, nil
}

// Targets names what is read, as the first parts of its sources' names: an organization, an enterprise, one's own account.
func (c *Config) Targets() []inventory.Untrusted {
	prefix := inventory.Untrusted("")
	if where, err := c.host(); err == nil && where.kind != hostPublic {
		prefix = inventory.Untrusted(where.name) + "/"
	}
	var targets []inventory.Untrusted
	for _, name := range c.Organizations {
		targets = append(targets, prefix+inventory.Untrusted(name))
	}
	if c.Enterprise != "" {
		targets = append(targets, prefix+"enterprises/"+inventory.Untrusted(c.Enterprise))
	}
	if c.Self {
		targets = append(targets, prefix+"self")
	}
	return targets
}

// IsOrganizationName reports whether a name is one that GitHub gives.
func IsOrganizationName(name string) bool { return organizationName.MatchString(name) }

// check returns the first thing wrong with a configuration.
func (c *Config) check() error {
	for _, org := range c.Organizations {
		if !IsOrganizationName(org) {
			return fmt.Errorf("reading the GitHub configuration: %q is not an organization's name", org)
		}
	}
	if c.Enterprise != "" && !organizationName.MatchString(c.Enterprise) {
		return fmt.Errorf("reading the GitHub configuration: %q is not an enterprise's name", c.Enterprise)
	}
	app, isApp := c.Credential.(App)
	if app.InstallationID != 0 && len(c.Organizations) > 1 {
		return errors.New("reading the GitHub configuration: one installation ID is given for several organizations: leave it out")
	}
	if isApp && c.Self {
		return errors.New("reading the GitHub configuration: a self-check needs a person's token, not a GitHub App")
	}
	return nil
}

func (c *Config) concurrency() int {
	if c.Concurrency <= 0 {
		return defaultConcurrency
	}
	return min(c.Concurrency, maxConcurrency)
}

// helperTime bounds a helper command.
const helperTime = 15 * time.Second

func (c *Config) run(ctx context.Context, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, helperTime)
	defer cancel()
	if c.Run != nil {
		return c.Run(ctx, name, args...)
	}
	return exec.CommandContext(ctx, name, args...).Output()
}
