package githubfake

import (
	"net/http"
	"strings"
)

// routes is the table of all operations. Scopes and permissions follow GitHub's documentation of
// each.
func routes() []route {
	const (
		adminRead   = "organization_administration=read"
		membersRead = "members=read"
		agentRead   = "organization_copilot_agent_settings=read"
	)
	get := http.MethodGet
	return []route{
		{method: get, path: "/app", jwt: true, serve: (*call).app},
		{method: get, path: "/app/installations", jwt: true, serve: (*call).appInstallations},
		{method: get, path: "/app/installations/{installation_id}", jwt: true, serve: (*call).appInstallation},
		{method: get, path: "/orgs/{org}/installation", jwt: true, serve: (*call).organizationInstallation},
		{method: get, path: "/enterprises/{enterprise}/installation", jwt: true, serve: (*call).enterpriseInstallation},
		{method: http.MethodPost, path: "/app/installations/{installation_id}/access_tokens", jwt: true,
			serve: (*call).exchange},

		{method: get, path: "/apps/{app_slug}", serve: (*call).appBySlug},
		{method: get, path: "/orgs/{org}", serve: (*call).organization},
		{method: get, path: "/orgs/{org}/installations", scopes: []string{"admin:org"},
			permissions: []string{adminRead},
			serve:       (*call).installations},
		{method: get, path: "/orgs/{org}/credential-authorizations", scopes: []string{"read:org"},
			permissions: []string{adminRead},
			serve:       (*call).credentials},
		{method: get, path: "/orgs/{org}/personal-access-tokens",
			permissions: []string{"organization_personal_access_tokens=read"}, serve: (*call).grants},
		{method: get, path: "/orgs/{org}/personal-access-token-requests",
			permissions: []string{"organization_personal_access_token_requests=read"}, serve: (*call).grantRequests},
		{method: get, path: "/orgs/{org}/members", scopes: []string{"read:org"}, permissions: []string{membersRead},
			serve: (*call).members},
		{method: get, path: "/orgs/{org}/outside_collaborators", scopes: []string{"read:org"},
			permissions: []string{membersRead},
			serve:       (*call).outside},
		{method: get, path: "/orgs/{org}/hooks", scopes: []string{"admin:org_hook"},
			permissions: []string{"organization_hooks=read"}, serve: (*call).organizationHooks},
		{method: get, path: "/orgs/{org}/repos", permissions: []string{"metadata=read"}, serve: (*call).repositories},
		{method: get, path: "/orgs/{org}/audit-log", scopes: []string{"read:audit_log"},
			permissions: []string{adminRead},
			audit:       true, serve: (*call).auditLog},
		{method: get, path: "/orgs/{org}/copilot/coding-agent/permissions", scopes: []string{"admin:org"},
			permissions: []string{agentRead}, serve: (*call).agentPolicy},
		{method: get, path: "/orgs/{org}/copilot/coding-agent/permissions/repositories", scopes: []string{"admin:org"},
			permissions: []string{agentRead}, serve: (*call).agentRepositories},
		{method: get, path: "/orgs/{org}/agents/secrets", scopes: []string{"admin:org"},
			permissions: []string{"organization_agent_secrets=read"}, serve: (*call).agentSecrets},
		{method: get, path: "/repos/{owner}/{repo}/keys", scopes: []string{"repo"},
			permissions: []string{"administration=read"},
			serve:       (*call).deployKeys},
		{method: get, path: "/repos/{owner}/{repo}/hooks", scopes: []string{"read:repo_hook"},
			permissions: []string{"repository_hooks=read"}, serve: (*call).repositoryHooks},
		{method: get, path: "/user/installations/{installation_id}/repositories",
			serve: (*call).installationRepositories},

		{method: get, path: "/enterprises/{enterprise}/apps/installable_organizations",
			permissions: []string{"enterprise_organization_installations=read"},
			serve:       (*call).installableOrganizations},
		{method: get, path: "/enterprises/{enterprise}/apps/organizations/{org}/installations",
			permissions: []string{"enterprise_organization_installations=read"},
			serve:       (*call).enterpriseInstallations},
		{method: get, path: "/enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories",
			permissions: []string{"enterprise_organization_installation_repositories=read"},
			serve:       (*call).enterpriseInstallationRepositories},

		{method: get, path: "/user", serve: (*call).user},
		{method: get, path: "/user/keys", scopes: []string{"read:public_key"},
			permissions: []string{"git_ssh_keys=read"},
			serve:       (*call).userKeys},
		{method: get, path: "/user/gpg_keys", scopes: []string{"read:gpg_key"}, permissions: []string{"gpg_keys=read"},
			serve: (*call).userGPGKeys},
		{method: get, path: "/user/ssh_signing_keys", scopes: []string{"read:ssh_signing_key"},
			permissions: []string{"ssh_signing_keys=read"}, serve: (*call).userSigningKeys},
		{method: get, path: "/gists", serve: (*call).gists},
	}
}

// onOrganization finds the organization of the path and refuses callers that may not see it.
func (c *call) onOrganization(name string) (*Organization, error) {
	for _, org := range c.fake.options.Organizations {
		for _, old := range org.RenamedFrom {
			if strings.EqualFold(old, name) {
				return nil, c.moved(name, org.Login)
			}
		}
		if !strings.EqualFold(org.Login, name) {
			continue
		}
		token := c.token
		if token.Organization != "" && !strings.EqualFold(token.Organization, name) {
			return nil, fail(http.StatusForbidden, "Resource not accessible by integration")
		}
		if org.SAML && token.NoSSO {
			return nil, c.requireSSO(org.Login)
		}
		return org, nil
	}
	return nil, fail(http.StatusNotFound, "Not Found")
}

// requireSSO refuses a token that was not authorized for single sign-on, and names the page where
// that is done.
func (c *call) requireSSO(org string) error {
	c.header.Set("X-GitHub-SSO", "required; url="+c.web()+"orgs/"+org+"/sso?authorization_request=AZSCKtL4U8yX1H3s")
	return fail(http.StatusForbidden, "Resource protected by organization SAML enforcement. "+
		"You must grant your Personal Access token access to this organization.")
}

func (c *call) moved(from, to string) error {
	location := strings.Replace(c.request.URL.RequestURI(), "/orgs/"+from, "/orgs/"+to, 1)
	c.header.Set("Location", "http://"+c.request.Host+location)
	return fail(http.StatusMovedPermanently, "Moved Permanently")
}

// asOwner is onOrganization for what only owners, and apps with the permission, can see.
func (c *call) asOwner() (*Organization, error) {
	org, err := c.onOrganization(c.params["org"])
	if err != nil {
		return nil, err
	}
	route, _ := find(c.request.Method, c.path)
	if err := c.may(route); err != nil {
		return nil, err
	}
	if !c.isOwner(org) {
		return nil, fail(http.StatusForbidden, "You must be an organization owner to use this endpoint.")
	}
	return org, nil
}

func (c *call) isOwner(org *Organization) bool {
	if c.token.User == nil {
		return true // an installation is limited by its permissions
	}
	for _, member := range org.Members {
		if member.User == c.token.User {
			return member.Admin
		}
	}
	return false
}

// route is one operation.
type route struct {
	method, path string
	scopes       []string // any of them is enough for a classic token
	permissions  []string // alternatives, as X-Accepted-GitHub-Permissions spells them
	jwt          bool
	audit        bool
	serve        func(*call) (any, error)
}

// find returns the operation of a path and the values of the names in its braces.
func find(method, path string) (*route, map[string]string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, route := range routes() {
		pattern := strings.Split(strings.Trim(route.path, "/"), "/")
		if route.method != method || len(pattern) != len(parts) {
			continue
		}
		params := map[string]string{}
		matched := true
		for n, part := range pattern {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				params[strings.TrimSuffix(name, "}")] = parts[n]
			} else if part != parts[n] {
				matched = false
				break
			}
		}
		if matched {
			return &route, params
		}
	}
	return nil, nil
}
