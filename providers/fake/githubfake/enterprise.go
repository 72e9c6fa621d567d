package githubfake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

func (c *call) onEnterprise() (*Enterprise, error) {
	enterprise := c.fake.options.Enterprise
	if enterprise == nil || enterprise.Slug != c.params["enterprise"] {
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	route, _ := find(c.request.Method, c.path)
	if !c.token.Enterprise {
		return nil, fail(http.StatusForbidden, "Resource not accessible by integration")
	}
	return enterprise, c.may(route)
}

func (c *call) installableOrganizations() (any, error) {
	enterprise, err := c.onEnterprise()
	if err != nil {
		return nil, err
	}
	return paged(c, enterprise.Organizations, true, func(login string) any {
		body := object{"id": slices.Index(enterprise.Organizations, login) + 1, "login": login}
		for _, org := range c.fake.options.Organizations {
			if org.Login == login {
				body["id"] = org.ID
			}
		}
		return body
	}), nil
}

func (c *call) ofEnterprise() (*Organization, error) {
	enterprise, err := c.onEnterprise()
	if err != nil {
		return nil, err
	}
	for _, org := range c.fake.options.Organizations {
		if org.Login == c.params["org"] && slices.Contains(enterprise.Organizations, org.Login) {
			return org, nil
		}
	}
	return nil, fail(http.StatusNotFound, "Not Found")
}

func (c *call) enterpriseInstallations() (any, error) {
	org, err := c.ofEnterprise()
	if err != nil {
		return nil, err
	}
	return paged(c, org.Installations, false, func(i *AppInstallation) any {
		return object{
			"id": i.ID, "app_slug": i.App.Slug, "client_id": i.App.ClientID, "repository_selection": i.Selection,
			"repositories_url": fmt.Sprintf("%senterprises/%s/apps/organizations/%s/installations/%d/repositories",
				c.api(), c.params["enterprise"], org.Login, i.ID),
			"permissions": orEmpty(i.Permissions), "events": orNone(i.Events), "created_at": stamp(i.Created),
			"updated_at": stamp(i.Updated),
		}
	}), nil
}

func (c *call) enterpriseInstallationRepositories() (any, error) {
	org, err := c.ofEnterprise()
	if err != nil {
		return nil, err
	}
	for _, i := range org.Installations {
		if strconv.FormatInt(i.ID, 10) == c.params["installation_id"] {
			return paged(c, i.named(org), false, func(r *Repository) any {
				return object{"id": r.ID, "name": r.Name, "full_name": org.Login + "/" + r.Name}
			}), nil
		}
	}
	return nil, fail(http.StatusNotFound, "Not Found")
}
