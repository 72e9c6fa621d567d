package github

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// An enterprise's lists. GitHub documents no Link header for them.
var (
	specEnterprise = spec{
		name: "organizations", title: "the enterprise's organizations",
		path: "enterprises/{org}/apps/installable_organizations",
		Need: api.Need{
			Permission: "enterprise_organization_installations:read",
			Tick:       "Enterprise permissions → Enterprise organization installations: Read-only",
			Page:       "enterprises/{org}/organizations",
		},
	}
	specEnterpriseInstallations = spec{
		name: specInstallations.name, title: specInstallations.title,
		Need: api.Need{
			Permission: "enterprise_organization_installations:read",
			Tick:       "Enterprise permissions → Enterprise organization installations: Read-only",
			Page:       specInstallations.Page,
		},
	}
)

// collectEnterprise reads the installed apps of those organizations of an enterprise that are not
// configured themselves. It returns the session that can list selected repositories, or nil. Its
// error ends the scan.
func (p *Provider) collectEnterprise(ctx context.Context, c *collector) (*api.Session, error) {
	slug := p.config.Enterprise
	if slug == "" {
		return nil, nil
	}
	c.cover(p.enterpriseBlindSpot(slug))
	source := p.source("enterprises", slug)
	session, failed := p.enterpriseSession(ctx, slug)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if failed != nil {
		c.coverFault(source, failed, nil)
		return nil, nil
	}
	var logins []string
	var faults []inventory.Untrusted
	from := api.List{Path: specEnterprise.pathFor(url.PathEscape(slug))}
	_, err := session.Walk(ctx, from, func(entries []jsontext.Value) error {
		return api.Each(entries, &faults, func(a *lenient.Account) error {
			if !organizationName.MatchString(string(a.Login)) {
				return api.Skip("an organization came without its name")
			}
			logins = append(logins, string(a.Login))
			return nil
		})
	})
	if err != nil && endsScan(ctx, err) {
		return nil, scanError(ctx, err)
	}
	if err != nil {
		failed = session.About(&specEnterprise.Need, slug).Explain(err)
		failed.Partial = len(logins) > 0
	}
	coverage := c.coverageOf(source, failed, faults)
	coverage.Read, coverage.Expected = len(logins), len(logins)
	c.cover(coverage)
	for _, login := range logins {
		if slices.ContainsFunc(p.config.Organizations,
			func(name string) bool { return strings.EqualFold(name, login) }) {
			continue
		}
		if err := c.enterpriseOrganization(ctx, login, session); err != nil {
			return nil, err
		}
	}
	return session, nil
}

// enterpriseBlindSpot names what no API reports about an enterprise. Each app can look up its own
// installation there, but no one can list them.
func (p *Provider) enterpriseBlindSpot(slug string) inventory.Coverage {
	return inventory.Coverage{
		Source: p.source("enterprises", slug, "enterprise-apps"), Status: inventory.StatusNotObservable,
		Unobservable: true,
		Reason: "GitHub's API does not report which GitHub Apps are installed on the enterprise itself, where they may manage its people, " +
			"organizations and policies",
		Remedy: inventory.Untrusted("open " + p.client.Host.Web +
			strings.ReplaceAll(pageEnterpriseApps, "{enterprise}", slug)),
	}
}

// enterpriseSession signs in on the enterprise, or says why not.
func (p *Provider) enterpriseSession(ctx context.Context, slug string) (*api.Session, *api.Fault) {
	if !p.sessions.IsApp() {
		return nil, &api.Fault{Kind: api.FaultDenied,
			Reason: "GitHub lists an enterprise's organizations to GitHub Apps installed on the enterprise only",
			Remedy: "sign in as a GitHub App that is installed on the enterprise, or name its organizations in the configuration"}
	}
	return p.session(ctx, "enterprise:"+slug)
}

// enterpriseOrganization reads one organization's installed apps through the enterprise.
func (c *collector) enterpriseOrganization(ctx context.Context, login string, session *api.Session) error {
	scan := &organizationScan{
		collector: c, session: session, enterprise: session, name: login, login: login, roster: &roster{},
		history: &history{},
	}
	source := specEnterpriseInstallations
	source.path = "enterprises/" + url.PathEscape(c.provider.config.Enterprise) +
		"/apps/organizations/{org}/installations"
	return scan.installationsBy(ctx, &source, api.List{})
}
