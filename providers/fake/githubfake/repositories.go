package githubfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (c *call) repositories() (any, error) {
	org, err := c.onOrganization(c.params["org"])
	if err != nil {
		return nil, err
	}
	return paged(c, org.Repositories, true, func(r *Repository) any { return c.repository(r, org) }), nil
}

func (c *call) repository(r *Repository, org *Organization) object {
	full := org.Login + "/" + r.Name
	self := c.api() + "repos/" + full
	body := object{
		"id": r.ID, "node_id": nodeID("R", r.ID), "name": r.Name, "full_name": full, "private": r.Private,
		"archived": r.Archived, "owner": c.simpleUser(&User{Login: org.Login, ID: org.ID}, "Organization"),
		"html_url": c.web() + full, "description": nil, "fork": false, "url": self,
		"permissions": object{"admin": !r.NotAdmin, "push": true, "pull": true},
	}
	if r.Private {
		body["temp_clone_token"] = c.fake.cloneToken(r.ID)
	}
	for _, name := range strings.Fields(repositoryURLs) {
		body[name] = self + "/" + strings.TrimSuffix(name, "_url")
	}
	return body
}

// cloneToken is the secret that GitHub puts into lists of private repositories.
func (f *Fake) cloneToken(repository int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := fmt.Sprintf("FakeCloneToken%012d", repository)
	if !slices.Contains(f.handedOut, text) {
		f.handedOut = append(f.handedOut, text)
	}
	return text
}

const repositoryURLs = `archive_url assignees_url blobs_url branches_url collaborators_url comments_url commits_url compare_url
	contents_url contributors_url deployments_url downloads_url events_url forks_url git_commits_url git_refs_url git_tags_url
	hooks_url issue_comment_url issue_events_url issues_url keys_url labels_url languages_url merges_url milestones_url
	notifications_url pulls_url releases_url stargazers_url statuses_url subscribers_url subscription_url tags_url teams_url
	trees_url`

func (c *call) onRepository() (*Repository, *Organization, error) {
	org, err := c.onOrganization(c.params["owner"])
	if err != nil {
		return nil, nil, err
	}
	route, _ := find(c.request.Method, c.path)
	if err := c.may(route); err != nil {
		return nil, nil, err
	}
	for _, repository := range org.Repositories {
		if repository.Name == c.params["repo"] && !repository.NotAdmin {
			return repository, org, nil
		}
	}
	return nil, nil, fail(http.StatusNotFound, "Not Found")
}

func (c *call) deployKeys() (any, error) {
	repository, org, err := c.onRepository()
	if err != nil {
		return nil, err
	}
	return paged(c, repository.Keys, true, func(k *Key) any {
		return object{
			"id": k.ID, "key": k.Key, "url": fmt.Sprintf("%srepos/%s/%s/keys/%d", c.api(), org.Login, repository.Name,
				k.ID),
			"title": k.Title, "verified": true, "created_at": stamp(k.Created), "read_only": k.ReadOnly,
			"added_by": stringOrNil(k.AddedBy), "last_used": stampOrNil(k.LastUsed), "enabled": !k.Disabled,
		}
	}), nil
}

func (c *call) repositoryHooks() (any, error) {
	repository, org, err := c.onRepository()
	if err != nil {
		return nil, err
	}
	return paged(c, repository.Hooks, true, func(h *Hook) any {
		self := fmt.Sprintf("%srepos/%s/%s/hooks/%d", c.api(), org.Login, repository.Name, h.ID)
		body := c.hook(h, "Repository", self)
		body["test_url"] = self + "/test"
		body["last_response"] = object{"code": nil, "status": "unused", "message": nil}
		if h.LastResponse != 0 {
			body["last_response"] = object{"code": h.LastResponse, "status": "active", "message": "OK"}
		}
		return body
	}), nil
}
