package github

import "strings"

// spec says of one source what it needs and where a person sees it.
type spec struct {
	name  string // last part of the source's name
	title string // what it lists
	// path is asked for, with {org} filled in.
	path string
	need
	// appOnly: GitHub answers GitHub Apps only. cloudOnly: Enterprise Cloud only. planned: Enterprise Cloud and Server.
	appOnly, cloudOnly, planned bool
	// optional: many organizations have nothing of it, so that a refusal is no gap. single: one object, no list.
	optional, single bool
}

// Pages of what no API reports, below the web host.
const (
	pageOAuthPolicy    = settingsPage + "oauth_application_policy"
	pageOwnGrants      = "settings/applications"
	pageEnterpriseApps = "enterprises/{enterprise}/settings/installations"
)

// The sources of an organization. Adding one is a row here and a reader.
var (
	specOrganization = spec{
		name: "organization", title: "the organization's own settings", path: "orgs/{org}",
		need: need{
			permission: "organization_administration:read",
			tick:       "Organization permissions → Administration: Read-only",
			scopes:     []string{"read:org", "write:org", "admin:org"},
			page:       "organizations/{org}/settings/profile",
		},
	}
	specMembers = spec{
		name: "members", title: "members", path: "orgs/{org}/members",
		need: need{
			permission: "members:read", tick: "Organization permissions → Members: Read-only",
			scopes: []string{"read:org", "write:org", "admin:org"}, page: "orgs/{org}/people",
		},
	}
	specOutside = spec{
		name: "outside-collaborators", title: "outside collaborators",
		path: "orgs/{org}/outside_collaborators",
		need: need{
			permission: "members:read", tick: "Organization permissions → Members: Read-only",
			scopes: []string{"read:org", "write:org", "admin:org"},
			page:   "orgs/{org}/outside-collaborators",
		},
	}
	specInstallations = spec{
		name: "installations", title: "installed GitHub Apps", path: "orgs/{org}/installations",
		need: need{
			permission: "organization_administration:read",
			tick:       "Organization permissions → Administration: Read-only",
			scopes:     []string{"admin:org"}, page: settingsPage + "installations",
		},
	}
	specCredentials = spec{
		name: "credentials", title: "SAML credential authorizations",
		path: "orgs/{org}/credential-authorizations",
		need: need{
			permission: "organization_administration:read",
			tick:       "Organization permissions → Administration: Read-only",
			scopes:     []string{"read:org", "write:org", "admin:org"}, page: "orgs/{org}/people",
		},
		cloudOnly: true,
	}
	specTokens = spec{
		name: "tokens", title: "fine-grained tokens", path: "orgs/{org}/personal-access-tokens",
		need: need{
			permission: "organization_personal_access_tokens:read",
			tick:       "Organization permissions → Personal access tokens: Read-only",
			page:       settingsPage + "personal-access-tokens/active",
		},
		appOnly: true,
	}
	specRequests = spec{
		name: "token-requests", title: "requests for fine-grained tokens",
		path: "orgs/{org}/personal-access-token-requests",
		need: need{
			permission: "organization_personal_access_token_requests:read",
			tick:       "Organization permissions → Personal access token requests: Read-only",
			page:       settingsPage + "personal-access-tokens/pending_requests",
		},
		appOnly: true,
	}
	specHooks = spec{
		name: "hooks", title: "organization webhooks", path: "orgs/{org}/hooks",
		need: need{
			permission: "organization_hooks:read",
			tick:       "Organization permissions → Webhooks: Read-only",
			scopes:     []string{"admin:org_hook"}, page: settingsPage + "hooks",
		},
	}
	specRepositories = spec{
		name: "repositories", title: "deploy keys and repository webhooks",
		path: "orgs/{org}/repos",
		need: need{
			permission: "metadata:read", tick: "Repository permissions → Metadata: Read-only",
			scopes: []string{"repo"}, page: "orgs/{org}/repositories",
		},
	}
	specKeys = spec{
		name: "repositories", title: "deploy keys",
		need: need{
			permission: "administration:read",
			tick:       "Repository permissions → Administration: Read-only", scopes: []string{"repo"},
			page: "orgs/{org}/repositories",
		},
	}
	specRepositoryHooks = spec{
		name: "repositories", title: "repository webhooks",
		need: need{
			permission: "repository_hooks:read",
			tick:       "Repository permissions → Webhooks: Read-only",
			scopes:     []string{"read:repo_hook", "write:repo_hook", "admin:repo_hook", "repo"},
			page:       "orgs/{org}/repositories",
		},
	}
	specAudit = spec{
		name: "audit-log", title: "the audit log's approvals", path: "orgs/{org}/audit-log",
		need: need{
			permission: "organization_administration:read",
			tick:       "Organization permissions → Administration: Read-only",
			scopes:     []string{"read:audit_log", "admin:enterprise"},
			page:       settingsPage + "audit-log",
		},
		planned: true,
	}
)

// organizationSpecs lists what is read of every organization, in the order of the report.
func organizationSpecs(config *Config) []spec {
	specs := []spec{
		specOrganization, specInstallations, specCredentials, specTokens, specRequests, specHooks, specMembers, specOutside,
		specAgents,
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

// pageFor is the whole address of the page that shows a source.
func (p *Provider) pageFor(s *spec, org string) string {
	return p.client.host.page(s.page, org)
}
