package githubfake

import (
	"net/http"
	"slices"
	"strings"
)

// authenticate finds the token and writes the headers that describe it to the client.
func (c *call) authenticate(route *route) error {
	header := c.request.Header.Get("Authorization")
	scheme, text, _ := strings.Cut(header, " ")
	if route.jwt {
		if c.fake.options.SignIn == nil || scheme != "Bearer" {
			return fail(http.StatusUnauthorized, "A JSON web token could not be decoded")
		}
		return c.fake.checkJWT(text)
	}
	c.fake.mu.Lock()
	token := c.fake.tokens[text]
	c.fake.mu.Unlock()
	if token == nil || scheme != "Bearer" && scheme != "token" ||
		!token.Expires.IsZero() && token.Expires.Before(c.fake.options.Now()) {
		return fail(http.StatusUnauthorized, "Bad credentials")
	}
	c.token = token
	if token.Kind == Classic {
		c.header.Set("X-OAuth-Scopes", strings.Join(token.Scopes, ", "))
		c.header.Set("X-Accepted-OAuth-Scopes", strings.Join(route.scopes, ", "))
	}
	if token.Kind != Installation && !token.Expires.IsZero() {
		c.header.Set("GitHub-Authentication-Token-Expiration", token.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if len(route.permissions) > 0 && token.Kind != Classic {
		c.header.Set("X-Accepted-GitHub-Permissions", strings.Join(route.permissions, "; "))
	}
	return nil
}

// may refuses a token that the operation does not accept.
func (c *call) may(route *route) error {
	token := c.token
	if token.Kind == Classic {
		if len(route.scopes) == 0 || slices.ContainsFunc(route.scopes, token.hasScope) {
			return nil
		}
		return fail(http.StatusForbidden, "You must be an org owner or have the required scope to use this endpoint.")
	}
	if len(route.permissions) == 0 {
		return nil
	}
	for _, alternative := range route.permissions {
		if token.holds(alternative) {
			return nil
		}
	}
	if token.Kind == Installation || token.Kind == UserToServer {
		return fail(http.StatusForbidden, "Resource not accessible by integration")
	}
	return fail(http.StatusForbidden, "Resource not accessible by personal access token")
}

// scopeParents are the scopes that include others.
var scopeParents = map[string][]string{
	"read:org": {"admin:org", "write:org"}, "write:org": {"admin:org"},
	"read:public_key": {"admin:public_key", "write:public_key"}, "read:gpg_key": {"admin:gpg_key", "write:gpg_key"},
	"read:ssh_signing_key": {"admin:ssh_signing_key", "write:ssh_signing_key"},
	"read:repo_hook":       {"admin:repo_hook", "write:repo_hook", "repo"}, "read:user": {"user"}, "public_repo": {"repo"},
	"read:audit_log": {"admin:enterprise"},
}

func (t *Token) hasScope(want string) bool {
	return slices.Contains(t.Scopes, want) ||
		slices.ContainsFunc(scopeParents[want], func(parent string) bool { return slices.Contains(t.Scopes, parent) })
}

// holds reports whether the token has "name=level,name2=level2".
func (t *Token) holds(alternative string) bool {
	for _, each := range strings.Split(alternative, ",") {
		name, level, _ := strings.Cut(each, "=")
		have := t.Permissions[name]
		if have == "" || level == "write" && have == "read" {
			return false
		}
	}
	return true
}
