package githubfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

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
		"html_url": web + org.Login, "created_at": stamp(epoch), "updated_at": stamp(epoch), "archived_at": nil, "type": "Organization",
	}
	seesAll := c.token.holds("organization_administration=read") || c.token.hasScope("admin:org") || c.token.hasScope("read:org")
	if c.isOwner(org) && seesAll {
		body["two_factor_requirement_enabled"] = org.TwoFactorRequired
		body["default_repository_permission"] = "read"
		body["deploy_keys_enabled_for_repositories"] = !org.DeployKeysOff
		body["plan"] = object{"name": string(org.Plan), "space": 976562499, "private_repos": 9999, "filled_seats": 4, "seats": 5}
	}
	return body, nil
}

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
		"single_file_name": nil, "has_multiple_single_files": len(i.SingleFiles) > 1, "single_file_paths": orNone(i.SingleFiles),
		"suspended_by": nil, "suspended_at": nil,
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
			"login": a.Login, "credential_id": a.ID, "credential_type": a.Type, "credential_authorized_at": stamp(a.Authorized),
			"credential_accessed_at": stampOrNil(a.Accessed), "authorized_credential_id": idOrNil(a.CredentialID),
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
		for name, group := range map[string]map[string]string{"organization": g.Organization, "repository": g.Repo, "other": g.Other} {
			if len(group) > 0 {
				permissions[name] = group
			}
		}
		body := object{
			"id": g.ID, "owner": c.simpleUser(g.Owner, "User"), "repository_selection": g.Selection,
			"repositories_url": fmt.Sprintf("%sorganizations/%d/personal-access-tokens/%d/repositories", c.api(), org.ID, g.ID),
			"permissions":      permissions, "token_id": g.TokenID, "token_name": g.Name, "token_expired": g.Expired,
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
		// Who may not list members gets the public ones, and no word that there are more.
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
		"id": r.ID, "node_id": nodeID("R", r.ID), "name": r.Name, "full_name": full, "private": r.Private, "archived": r.Archived,
		"owner": c.simpleUser(&User{Login: org.Login, ID: org.ID}, "Organization"), "html_url": c.web() + full, "description": nil,
		"fork": false, "url": self, "permissions": object{"admin": !r.NotAdmin, "push": true, "pull": true},
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

func (c *call) auditLog() (any, error) {
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	if !c.fake.options.Server && org.Plan != Cloud {
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	var chosen []map[string]any
	for _, entry := range org.Audit {
		if matchesPhrase(entry, c.query.Get("phrase")) {
			chosen = append(chosen, entry)
		}
	}
	size := c.pageSize()
	start, _ := strconv.Atoi(strings.TrimPrefix(c.query.Get("after"), auditCursor))
	start = min(start, len(chosen))
	end := min(start+size, len(chosen))
	var links []string
	add := func(cursor, rel string, at int) {
		query := maps.Clone(c.query)
		query.Del("after")
		query.Set(cursor, auditCursor+strconv.Itoa(at))
		links = append(links, fmt.Sprintf(`<http://%s%s?%s>; rel="%s"`, c.request.Host, c.request.URL.Path, query.Encode(), rel))
	}
	if end < len(chosen) {
		add("after", "next", end)
	}
	if start > 0 {
		add("before", "prev", start)
	}
	if len(links) > 0 {
		c.header.Set("Link", strings.Join(links, ", "))
	}
	return append([]map[string]any{}, chosen[start:end]...), nil
}

// auditCursor begins the audit log's cursors, which are text.
const auditCursor = "cursor-"

// matchesPhrase knows the qualifiers action: (a whole action or its category) and created:>=DATE.
func matchesPhrase(entry map[string]any, phrase string) bool {
	action, _ := entry["action"].(string)
	for _, word := range strings.Fields(phrase) {
		if want, ok := strings.CutPrefix(word, "action:"); ok && action != want && !strings.HasPrefix(action, want+".") {
			return false
		}
		if since, ok := strings.CutPrefix(word, "created:>="); ok {
			date, err := time.Parse(time.DateOnly, since)
			created, _ := entry["created_at"].(int64)
			if err != nil || time.UnixMilli(created).Before(date) {
				return false
			}
		}
	}
	return true
}

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
			"id": k.ID, "key": k.Key, "url": fmt.Sprintf("%srepos/%s/%s/keys/%d", c.api(), org.Login, repository.Name, k.ID),
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
		"clone_url": c.web() + org.Login + "/" + r.Name + ".git", "git_url": "git:github.com/" + org.Login + "/" + r.Name + ".git",
		"ssh_url": "git@github.com:" + org.Login + "/" + r.Name + ".git", "svn_url": c.web() + org.Login + "/" + r.Name,
		"mirror_url": nil, "homepage": nil, "language": nil, "license": nil, "forks": 0, "forks_count": 0, "watchers": 0,
		"watchers_count": 0, "stargazers_count": 0, "size": 1, "default_branch": "main", "open_issues": 0, "open_issues_count": 0,
		"has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false, "has_downloads": true, "has_discussions": false,
		"disabled": false, "pushed_at": stamp(epoch), "created_at": stamp(epoch), "updated_at": stamp(epoch), "topics": []string{},
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
