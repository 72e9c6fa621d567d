package githubfake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

func (c *call) installations() (any, error) {
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	page := paged(c, org.Installations, true, func(i *AppInstallation) any { return c.installation(i, org) })
	return object{"total_count": len(org.Installations), "installations": page}, nil
}

func (c *call) installation(i *AppInstallation, org *Organization) object {
	api, web := c.api(), c.web()
	body := object{
		"id": i.ID, "account": c.simpleUser(&User{Login: org.Login, ID: org.ID}, "Organization"),
		"repository_selection": i.Selection,
		"access_tokens_url":    fmt.Sprintf("%sapp/installations/%d/access_tokens", api, i.ID),
		"repositories_url":     api + "installation/repositories",
		"html_url":             fmt.Sprintf("%sorganizations/%s/settings/installations/%d", web, org.Login, i.ID),
		"app_id":               i.App.ID, "client_id": i.App.ClientID, "app_slug": i.App.Slug, "target_id": org.ID,
		"target_type": "Organization",
		"permissions": orEmpty(i.Permissions), "events": orNone(i.Events), "created_at": stamp(i.Created),
		"updated_at":       stamp(i.Updated),
		"single_file_name": nil, "has_multiple_single_files": len(i.SingleFiles) > 1,
		"single_file_paths": orNone(i.SingleFiles), "suspended_by": nil, "suspended_at": nil,
	}
	if len(i.SingleFiles) > 0 {
		body["single_file_name"] = i.SingleFiles[0]
	}
	if !i.Suspended.IsZero() {
		body["suspended_at"] = stamp(i.Suspended)
		body["suspended_by"] = c.simpleUser(&User{Login: i.SuspendedBy, ID: 1}, "User")
	}
	return body
}

func (c *call) appBySlug() (any, error) {
	slug := c.params["app_slug"]
	for _, app := range c.fake.allApps() {
		if app.Slug == slug && !app.Private {
			return c.appBody(app), nil
		}
	}
	return nil, fail(http.StatusNotFound, "Not Found")
}

func (f *Fake) allApps() []*App {
	var apps []*App
	for n := range f.options.Apps {
		apps = append(apps, &f.options.Apps[n])
	}
	for _, org := range f.options.Organizations {
		for _, installation := range org.Installations {
			apps = append(apps, installation.App)
		}
	}
	return apps
}

func (c *call) appBody(app *App) object {
	owner, kind := app.Owner, app.OwnerType
	if kind == "" {
		kind = "Organization"
	}
	return object{
		"id": app.ID, "slug": app.Slug, "client_id": app.ClientID, "node_id": nodeID("A", app.ID),
		"owner": c.simpleUser(&User{Login: owner, ID: 1}, kind), "name": app.Name, "description": "",
		"external_url": "https://app.example/",
		"html_url":     c.web() + "apps/" + app.Slug, "created_at": stamp(epoch), "updated_at": stamp(epoch),
		"permissions": orEmpty(app.Permissions), "events": orNone(app.Events),
	}
}

func (c *call) installationRepositories() (any, error) {
	if c.token.Kind != Classic {
		return nil, fail(http.StatusForbidden, "Resource not accessible by integration")
	}
	for _, org := range c.fake.options.Organizations {
		for _, i := range org.Installations {
			if strconv.FormatInt(i.ID, 10) != c.params["installation_id"] || !c.isOwner(org) {
				continue
			}
			named := i.named(org)
			page := paged(c, named, true, func(r *Repository) any { return c.wholeRepository(r, org) })
			return object{"total_count": len(named), "repository_selection": i.Selection, "repositories": page}, nil
		}
	}
	return nil, fail(http.StatusNotFound, "Not Found")
}

// wholeRepository is a repository with the fields that only the long form has.
func (c *call) wholeRepository(r *Repository, org *Organization) object {
	body := c.repository(r, org)
	whole := object{
		"clone_url": c.web() + org.Login + "/" + r.Name + ".git",
		"git_url":   "git:github.com/" + org.Login + "/" + r.Name + ".git",
		"ssh_url":   "git@github.com:" + org.Login + "/" + r.Name + ".git", "svn_url": c.web() + org.Login + "/" + r.Name,
		"mirror_url": nil, "homepage": nil, "language": nil, "license": nil, "forks": 0, "forks_count": 0,
		"watchers": 0, "watchers_count": 0, "stargazers_count": 0, "size": 1, "default_branch": "main",
		"open_issues": 0, "open_issues_count": 0, "has_issues": true, "has_projects": true, "has_wiki": true,
		"has_pages": false, "has_downloads": true, "has_discussions": false, "disabled": false,
		"pushed_at": stamp(epoch), "created_at": stamp(epoch), "updated_at": stamp(epoch), "topics": []string{},
		"visibility": "private", "is_template": false, "allow_forking": true, "web_commit_signoff_required": false,
	}
	for name, value := range whole {
		body[name] = value
	}
	body["permissions"] = object{"admin": true, "push": true, "pull": true, "triage": true, "maintain": true}
	return body
}

func (i *AppInstallation) named(org *Organization) []*Repository {
	var repositories []*Repository
	for _, repository := range org.Repositories {
		if i.Selection == "all" || slices.Contains(i.Repositories, repository.Name) {
			repositories = append(repositories, repository)
		}
	}
	return repositories
}
