package githubfake

import (
	"net/http"
	"slices"
)

// withAgent finds an organization that has the coding agent; others answer as if it did not exist.
func (c *call) withAgent() (*Organization, error) {
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	if c.fake.options.Server || org.Agent == nil {
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	return org, nil
}

func (c *call) agentPolicy() (any, error) {
	org, err := c.withAgent()
	if err != nil {
		return nil, err
	}
	body := object{"enabled_repositories": org.Agent.Enabled}
	if org.Agent.Enabled == "selected" {
		body["selected_repositories_url"] = c.api() + "orgs/" + org.Login +
			"/copilot/coding-agent/permissions/repositories"
	}
	return body, nil
}

func (c *call) agentRepositories() (any, error) {
	org, err := c.withAgent()
	if err != nil {
		return nil, err
	}
	if org.Agent.Enabled != "selected" {
		return nil, fail(http.StatusConflict, "The policy is not set to selected repositories.")
	}
	var selected []*Repository
	for _, repository := range org.Repositories {
		if slices.Contains(org.Agent.Repositories, repository.Name) {
			selected = append(selected, repository)
		}
	}
	page := paged(c, selected, true, func(r *Repository) any { return c.repository(r, org) })
	return object{"total_count": len(selected), "repositories": page}, nil
}

func (c *call) agentSecrets() (any, error) {
	org, err := c.withAgent()
	if err != nil {
		return nil, err
	}
	page := paged(c, org.Agent.Secrets, true, func(name string) any {
		return object{"name": name, "created_at": stamp(epoch), "updated_at": stamp(epoch), "visibility": "all"}
	})
	return object{"total_count": len(org.Agent.Secrets), "secrets": page}, nil
}
