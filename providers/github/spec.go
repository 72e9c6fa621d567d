package github

import (
	"strings"

	"guestlist/providers/github/api"
)

// spec says what one source needs and where a person can see it.
type spec struct {
	name  string // last part of the source's name
	title string // what it lists
	// path is the path of the request, with {org} to fill in.
	path string
	api.Need
	// appOnly: GitHub only answers GitHub Apps. cloudOnly: only on Enterprise Cloud. planned: on
	// Enterprise Cloud and Server.
	appOnly, cloudOnly, planned bool
	// optional: many organizations do not have it, so a refusal is not a gap. single: one object,
	// not a list.
	optional, single bool
}

// Pages of what no API reports, below the web host.
const (
	pageOAuthPolicy    = api.SettingsPage + "oauth_application_policy"
	pageOwnGrants      = "settings/applications"
	pageEnterpriseApps = "enterprises/{enterprise}/settings/installations"
)

// The sources of an organization. Adding one is a row here and a reader.
var (
	specOrganization = spec{
		name: "organization", title: "the organization's own settings", path: "orgs/{org}",
		Need: api.Need{
			Permission: "organization_administration:read",
			Tick:       "Organization permissions → Administration: Read-only",
			Scopes:     []string{"read:org", "write:org", "admin:org"},
			Page:       "organizations/{org}/settings/profile",
		},
	}
	specMembers = spec{
		name: "members", title: "members", path: "orgs/{org}/members",
		Need: api.Need{
			Permission: "members:read", Tick: "Organization permissions → Members: Read-only",
			Scopes: []string{"read:org", "write:org", "admin:org"}, Page: "orgs/{org}/people",
		},
	}
	specOutside = spec{
		name: "outside-collaborators", title: "outside collaborators",
		path: "orgs/{org}/outside_collaborators",
		Need: api.Need{
			Permission: "members:read", Tick: "Organization permissions → Members: Read-only",
			Scopes: []string{"read:org", "write:org", "admin:org"},
			Page:   "orgs/{org}/outside-collaborators",
		},
	}
	specInstallations = spec{
		name: "installations", title: "installed GitHub Apps", path: "orgs/{org}/installations",
		Need: api.Need{
			Permission: "organization_administration:read",
			Tick:       "Organization permissions → Administration: Read-only",
			Scopes:     []string{"admin:org"}, Page: api.SettingsPage + "installations",
		},
	}
	specCredentials = spec{
		name: "credentials", title: "SAML credential authorizations",
		path: "orgs/{org}/credential-authorizations",
		Need: api.Need{
			Permission: "organization_administration:read",
			Tick:       "Organization permissions → Administration: Read-only",
			Scopes:     []string{"read:org", "write:org", "admin:org"}, Page: "orgs/{org}/people",
		},
		cloudOnly: true,
	}
	specTokens = spec{
		name: "tokens", title: "fine-grained tokens", path: "orgs/{org}/personal-access-tokens",
		Need: api.Need{
			Permission: "organization_personal_access_tokens:read",
			Tick:       "Organization permissions → Personal access tokens: Read-only",
			Page:       api.SettingsPage + "personal-access-tokens/active",
		},
		appOnly: true,
	}
	specRequests = spec{
		name: "token-requests", title: "requests for fine-grained tokens",
		path: "orgs/{org}/personal-access-token-requests",
		Need: api.Need{
			Permission: "organization_personal_access_token_requests:read",
			Tick:       "Organization permissions → Personal access token requests: Read-only",
			Page:       api.SettingsPage + "personal-access-tokens/pending_requests",
		},
		appOnly: true,
	}
	specHooks = spec{
		name: "hooks", title: "organization webhooks", path: "orgs/{org}/hooks",
		Need: api.Need{
			Permission: "organization_hooks:read",
			Tick:       "Organization permissions → Webhooks: Read-only",
			Scopes:     []string{"admin:org_hook"}, Page: api.SettingsPage + "hooks",
		},
	}
	specRepositories = spec{
		name: "repositories", title: "deploy keys and repository webhooks",
		path: "orgs/{org}/repos",
		Need: api.Need{
			Permission: "metadata:read", Tick: "Repository permissions → Metadata: Read-only",
			Scopes: []string{"repo"}, Page: "orgs/{org}/repositories",
		},
	}
	specKeys = spec{
		name: "repositories", title: "deploy keys",
		Need: api.Need{
			Permission: "administration:read",
			Tick:       "Repository permissions → Administration: Read-only", Scopes: []string{"repo"},
			Page: "orgs/{org}/repositories",
		},
	}
	specRepositoryHooks = spec{
		name: "repositories", title: "repository webhooks",
		Need: api.Need{
			Permission: "repository_hooks:read",
			Tick:       "Repository permissions → Webhooks: Read-only",
			Scopes:     []string{"read:repo_hook", "write:repo_hook", "admin:repo_hook", "repo"},
			Page:       "orgs/{org}/repositories",
		},
	}
	specAudit = spec{
		name: "audit-log", title: "the audit log's approvals", path: "orgs/{org}/audit-log",
		Need: api.Need{
			Permission: "organization_administration:read",
			Tick:       "Organization permissions → Administration: Read-only",
			Scopes:     []string{"read:audit_log", "admin:enterprise"},
			Page:       api.SettingsPage + "audit-log",
		},
		planned: true,
	}
)

// organizationSpecs lists what is read for every organization, in the order of the report.
func organizationSpecs(config *Config) []spec {
	specs := []spec{
		specOrganization, specInstallations, specCredentials, specTokens, specRequests, specHooks, specMembers,
		specOutside, specAgents,
	}
	if config.AuditLog {
		specs = append(specs, specAudit)
	}
	if config.DeepRepositories {
		specs = append(specs, specRepositories)
	}
	return specs
}

func (s *spec) pathFor(org string) string { return strings.ReplaceAll(s.path, "{org}", org) }

// pageFor is the full address of the page that shows a source.
func (p *Provider) pageFor(s *spec, org string) string {
	return p.client.Host.Page(s.Page, org)
}
