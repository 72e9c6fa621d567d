package githubfake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v4"
)

// maxJWT is how far in the future GitHub lets a JWT expire.
const maxJWT = 10 * time.Minute

// checkJWT verifies a JWT by the server's clock, as GitHub does.
func (f *Fake) checkJWT(text string) error {
	claims := &jwt.RegisteredClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	_, err := parser.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return f.options.SignIn.Key, nil })
	now, app := f.options.Now(), f.options.SignIn
	switch {
	case err != nil, claims.IssuedAt == nil, claims.ExpiresAt == nil:
		return fail(http.StatusUnauthorized, "A JSON web token could not be decoded")
	case claims.Issuer != app.ClientID && claims.Issuer != strconv.FormatInt(app.ID, 10):
		return fail(http.StatusNotFound, "Integration not found")
	case claims.IssuedAt.After(now):
		return fail(http.StatusUnauthorized, "'Issued at' claim ('iat') must be an Integer representing "+
			"the time that the assertion was issued")
	case claims.ExpiresAt.Before(now):
		return fail(http.StatusUnauthorized,
			"'Expiration time' claim ('exp') must be a numeric value representing the future time")
	case claims.ExpiresAt.After(now.Add(maxJWT)):
		return fail(http.StatusUnauthorized, "'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

func (c *call) app() (any, error) {
	app := c.fake.options.SignIn
	body := c.appBody(&App{ID: app.ID, Slug: app.Slug, ClientID: app.ClientID, Name: app.Slug, Owner: app.Owner,
		Permissions: app.Permissions})
	body["installations_count"] = len(app.Installed)
	return body, nil
}

func (c *call) appInstallations() (any, error) {
	var where []string
	for name := range c.fake.options.SignIn.Installed {
		where = append(where, name)
	}
	slices.Sort(where)
	return paged(c, where, true, func(name string) any { return c.ownInstallation(name) }), nil
}

func (c *call) appInstallation() (any, error) {
	for name, id := range c.fake.options.SignIn.Installed {
		if strconv.FormatInt(id, 10) == c.params["installation_id"] {
			return c.ownInstallation(name), nil
		}
	}
	return nil, fail(http.StatusNotFound, "Not Found")
}

func (c *call) organizationInstallation() (any, error) { return c.installedOn(c.params["org"]) }

func (c *call) enterpriseInstallation() (any, error) {
	return c.installedOn("enterprise:" + c.params["enterprise"])
}

func (c *call) installedOn(name string) (any, error) {
	_, isEnterprise := cutEnterprise(name)
	if _, ok := c.fake.options.SignIn.Installed[name]; !ok || isEnterprise && c.fake.options.Server {
		// Enterprise Server has no such path for enterprises: an app finds itself in its list of
		// installations.
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	return c.ownInstallation(name), nil
}

func (c *call) ownInstallation(name string) object {
	app := c.fake.options.SignIn
	selection := app.Repositories
	if selection == "" {
		selection = "all"
	}
	body := c.installation(&AppInstallation{
		ID: app.Installed[name], App: &App{ID: app.ID, Slug: app.Slug, ClientID: app.ClientID},
		Permissions: app.Permissions, Selection: selection, Created: epoch, Updated: epoch, Suspended: app.Suspended,
		SuspendedBy: "acme-it",
	}, &Organization{Login: name, ID: 1})
	if slug, ok := cutEnterprise(name); ok {
		body["target_type"] = "Enterprise"
		body["account"] = object{
			"id": 1, "node_id": nodeID("E", 1), "name": slug, "slug": slug, "html_url": c.web() + "enterprises/" + slug,
			"created_at": stamp(epoch), "updated_at": stamp(epoch),
			"avatar_url": c.web() + "images/error/octocat_happy.gif",
		}
		body["html_url"] = c.web() + "enterprises/" + slug + "/settings/installations/" +
			strconv.FormatInt(app.Installed[name], 10)
	}
	return body
}

// exchange issues an installation token, with no more than the permissions asked for.
func (c *call) exchange() (any, error) {
	app := c.fake.options.SignIn
	if !app.Suspended.IsZero() {
		return nil, fail(http.StatusForbidden, "This installation has been suspended")
	}
	var asked struct {
		Permissions map[string]string `json:"permissions"`
	}
	if len(c.sent) > 0 {
		if err := json.Unmarshal(c.sent, &asked); err != nil {
			return nil, fail(http.StatusBadRequest, "Problems parsing JSON")
		}
	}
	have := Token{Permissions: app.Permissions}
	for name, level := range asked.Permissions {
		if !have.holds(name + "=" + level) {
			return nil, fail(http.StatusUnprocessableEntity,
				"The permissions requested are not granted to this installation.")
		}
	}
	permissions := asked.Permissions
	if permissions == nil {
		permissions = app.Permissions
	}
	for name, id := range app.Installed {
		if strconv.FormatInt(id, 10) != c.params["installation_id"] {
			continue
		}
		token := &Token{Kind: Installation, Permissions: permissions, Expires: c.fake.options.Now().Add(time.Hour)}
		if _, ok := cutEnterprise(name); ok {
			token.Enterprise = true
		} else {
			token.Organization = name
		}
		text := c.fake.issue(token)
		return object{"token": text, "expires_at": stamp(token.Expires), "permissions": permissions,
			"repository_selection": "all"}, nil
	}
	return nil, fail(http.StatusNotFound, "Not Found")
}

func (f *Fake) issue(token *Token) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.issued++
	text := fmt.Sprintf("ghs_FakeInstallationToken%012d", f.issued)
	f.tokens[text] = token
	return text
}

// Secrets returns every credential the fake knows of, for tests that search for them where they
// must not be.
func (f *Fake) Secrets() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	secrets := slices.Clone(f.handedOut)
	for text := range f.tokens {
		secrets = append(secrets, text)
	}
	return secrets
}
