package githubfake

import (
	"fmt"
	"net/http"
)

func (c *call) organization() (any, error) {
	org, err := c.onOrganization(c.params["org"])
	if err != nil {
		return nil, err
	}
	api, web := c.api(), c.web()
	body := object{
		"login": org.Login, "id": org.ID, "node_id": nodeID("O", org.ID), "url": api + "orgs/" + org.Login,
		"repos_url": api + "orgs/" + org.Login + "/repos", "events_url": api + "orgs/" + org.Login + "/events",
		"hooks_url": api + "orgs/" + org.Login + "/hooks", "issues_url": api + "orgs/" + org.Login + "/issues",
		"members_url":        api + "orgs/" + org.Login + "/members{/member}",
		"public_members_url": api + "orgs/" + org.Login + "/public_members{/member}",
		"avatar_url":         web + "images/error/octocat_happy.gif", "description": "",
		"has_organization_projects": true, "has_repository_projects": true,
		"public_repos": len(org.Repositories), "public_gists": 0, "followers": 0, "following": 0,
		"html_url": web + org.Login, "created_at": stamp(epoch), "updated_at": stamp(epoch), "archived_at": nil,
		"type": "Organization",
	}
	seesAll := c.token.holds("organization_administration=read") || c.token.hasScope("admin:org") ||
		c.token.hasScope("read:org")
	if c.isOwner(org) && seesAll {
		body["two_factor_requirement_enabled"] = org.TwoFactorRequired
		body["default_repository_permission"] = "read"
		body["deploy_keys_enabled_for_repositories"] = !org.DeployKeysOff
		body["plan"] = object{"name": string(org.Plan), "space": 976562499, "private_repos": 9999, "filled_seats": 4,
			"seats": 5}
	}
	return body, nil
}

func (c *call) credentials() (any, error) {
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	if c.fake.options.Server || org.Plan != Cloud || !org.SAML {
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	return paged(c, org.Credentials, !c.fake.options.NoCredentialLink, func(a *CredentialAuthorization) any {
		body := object{
			"login": a.Login, "credential_id": a.ID, "credential_type": a.Type,
			"credential_authorized_at": stamp(a.Authorized), "credential_accessed_at": stampOrNil(a.Accessed),
			"authorized_credential_id": idOrNil(a.CredentialID),
		}
		if a.Type == "SSH key" {
			body["fingerprint"], body["authorized_credential_title"] = a.Fingerprint, a.Title
			return body
		}
		body["token_last_eight"], body["scopes"] = a.LastEight, orNone(a.Scopes)
		body["authorized_credential_note"] = a.Title
		body["authorized_credential_expires_at"] = stampOrNil(a.Expires)
		return body
	}), nil
}

func (c *call) grants() (any, error) { return c.grantList(false) }

func (c *call) grantRequests() (any, error) { return c.grantList(true) }

func (c *call) grantList(requests bool) (any, error) {
	if c.token.Kind != Installation && c.token.Kind != UserToServer {
		return nil, fail(http.StatusForbidden, "Resource not accessible by personal access token")
	}
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	grants := org.Tokens
	if requests {
		grants = org.Requests
	}
	return paged(c, grants, true, func(g *Grant) any {
		permissions := object{}
		for name, group := range map[string]map[string]string{"organization": g.Organization, "repository": g.Repo,
			"other": g.Other} {
			if len(group) > 0 {
				permissions[name] = group
			}
		}
		body := object{
			"id": g.ID, "owner": c.simpleUser(g.Owner, "User"), "repository_selection": g.Selection,
			"repositories_url": fmt.Sprintf("%sorganizations/%d/personal-access-tokens/%d/repositories", c.api(),
				org.ID, g.ID),
			"permissions": permissions, "token_id": g.TokenID, "token_name": g.Name, "token_expired": g.Expired,
			"token_expires_at": stampOrNil(g.Expires), "token_last_used_at": stampOrNil(g.LastUsed),
		}
		if requests {
			body["created_at"], body["reason"] = stamp(g.Granted), g.Reason
		} else {
			body["access_granted_at"] = stamp(g.Granted)
		}
		return body
	}), nil
}

func (c *call) members() (any, error) {
	org, err := c.onOrganization(c.params["org"])
	if err != nil {
		return nil, err
	}
	route, _ := find(c.request.Method, c.path)
	seesAll := c.may(route) == nil
	filter, role := c.query.Get("filter"), c.query.Get("role")
	if filter != "" && filter != "all" && !(seesAll && c.isOwner(org)) {
		return nil, fail(http.StatusUnprocessableEntity, "Only owners can use this filter.")
	}
	chosen := make([]*Member, 0, len(org.Members))
	for _, member := range org.Members {
		fits := role == "" || role == "all" || (role == "admin") == member.Admin
		// A caller that may not list members gets the public ones, and no hint that there are more.
		if fits && member.matches(filter) && (seesAll || member.Public) {
			chosen = append(chosen, member)
		}
	}
	return paged(c, chosen, true, func(m *Member) any { return c.simpleUser(m.User, "User") }), nil
}

func (u *User) matches(filter string) bool {
	switch filter {
	case "2fa_disabled":
		return u.TwoFactor == TwoFactorOff
	case "2fa_insecure":
		return u.TwoFactor == TwoFactorInsecure
	}
	return true
}

func (c *call) outside() (any, error) {
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	chosen := make([]*User, 0, len(org.Outside))
	for _, user := range org.Outside {
		if user.matches(c.query.Get("filter")) {
			chosen = append(chosen, user)
		}
	}
	return paged(c, chosen, true, func(u *User) any { return c.simpleUser(u, "User") }), nil
}

func (c *call) organizationHooks() (any, error) {
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	return paged(c, org.Hooks, true, func(h *Hook) any {
		return c.hook(h, "Organization", fmt.Sprintf("%sorgs/%s/hooks/%d", c.api(), org.Login, h.ID))
	}), nil
}

func (c *call) hook(h *Hook, kind, self string) object {
	insecure := "0"
	if h.InsecureSSL {
		insecure = "1"
	}
	return object{
		"id": h.ID, "type": kind, "name": "web", "active": !h.Inactive, "events": orNone(h.Events),
		"config":     object{"url": h.URL, "insecure_ssl": insecure, "content_type": "json", "secret": "********"},
		"created_at": stamp(h.Created), "updated_at": stamp(h.Updated), "url": self, "ping_url": self + "/pings",
		"deliveries_url": self + "/deliveries",
	}
}
