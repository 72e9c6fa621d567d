package github

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"guestlist/providers/github/api"
	"guestlist/providers/github/signin"
	"guestlist/scanner/inventory"
)

// Config says what to read. The zero value reads nothing.
type Config struct {
	api.Connection
	// Organizations are read as far as the credential allows.
	Organizations []string
	// Enterprise is an enterprise's slug. Its organizations' installations are read too; the
	// credential must be a GitHub App that is installed on the enterprise.
	Enterprise string
	// DeepRepositories reads deploy keys and webhooks of every repository: two requests each.
	DeepRepositories bool
	// AuditLog reads from the audit log, if the plan has one, which OAuth apps were approved and
	// who installed which app.
	AuditLog bool
	// Self reads the signed-in person's own account.
	Self bool
	// Credential says how to sign in; nil means Environment.
	Credential signin.Credential

	// Run runs a helper command and returns its output; nil runs it for real.
	Run func(ctx context.Context, name string, args ...string) ([]byte, error)
}

// organizationName is what GitHub allows in a login, with some leeway for older and managed ones.
var organizationName = bounded{100, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)}

// bounded is a pattern of strings of at most n bytes. A counted repetition in the pattern itself
// ("{1,400}") is expanded on every start of the program and took a third of the start-up time.
type bounded struct {
	most    int
	pattern *regexp.Regexp
}

// MatchString reports whether text matches.
func (b bounded) MatchString(text string) bool {
	return len(text) <= b.most && b.pattern.MatchString(text)
}

// Targets names what is read, as the first parts of its sources' names: an organization, an
// enterprise, one's own account.
func (c *Config) Targets() []inventory.Untrusted {
	prefix := inventory.Untrusted("")
	if where, err := api.NewHost(c.Host, c.BaseURL); err == nil && !where.IsPublic() {
		prefix = inventory.Untrusted(where.Name) + "/"
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

// IsOrganizationName reports whether a name is one that GitHub allows.
func IsOrganizationName(name string) bool { return organizationName.MatchString(name) }

// check returns the first error in a configuration.
func (c *Config) check() error {
	for _, org := range c.Organizations {
		if !IsOrganizationName(org) {
			return fmt.Errorf("reading the GitHub configuration: %q is not an organization's name", org)
		}
	}
	if c.Enterprise != "" && !organizationName.MatchString(c.Enterprise) {
		return fmt.Errorf("reading the GitHub configuration: %q is not an enterprise's name", c.Enterprise)
	}
	app, isApp := c.Credential.(signin.App)
	if app.InstallationID != 0 && len(c.Organizations) > 1 {
		return errors.New("reading the GitHub configuration: one installation ID is given for several organizations: leave it out")
	}
	if isApp && c.Self {
		return errors.New("reading the GitHub configuration: a self-check needs a person's token, not a GitHub App")
	}
	return nil
}
