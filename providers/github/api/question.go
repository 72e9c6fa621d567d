package api

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"guestlist/scanner/inventory"
)

// Question is one question to GitHub: what it requires, about whom it is, and who asks.
type Question struct {
	who    *Standing
	host   Host
	need   *Need
	org    string   // an organization's or enterprise's name; empty for the person's own account
	scopes []string // a token's, as GitHub said
	scoped bool     // GitHub said them
}

// About returns a question of this session.
func (s *Session) About(need *Need, org string) *Question {
	scopes, scoped, _ := s.Said()
	return &Question{who: &s.Standing, host: s.host, need: need, org: org, scopes: scopes, scoped: scoped}
}

// About returns a question asked before anyone is signed in.
func (c *Client) About(kind Kind, need *Need) *Question {
	return &Question{who: &Standing{Kind: kind}, host: c.Host, need: need}
}

// page is where an owner sees what was asked for.
func (q *Question) page() string { return q.host.Page(q.need.Page, q.org) }

// OwnerRemedy says how to see what only owners can see.
func (q *Question) OwnerRemedy() inventory.Untrusted {
	if lacks, permission := q.lacks(http.Header{}); lacks != "" {
		_, remedy := q.Grant(permission)
		return remedy
	}
	return inventory.Untrusted("sign in as an owner of " + q.org)
}

// SurelyLacks reports whether the credential is known not to hold what the question requires.
func (q *Question) SurelyLacks() bool {
	if q.scoped && q.who.Kind.HasScopes() {
		return !holdsScope(q.scopes, q.need.Scopes)
	}
	return q.who.Permissions.Known && !q.who.holds(q.need.Permission)
}

// SurelyHolds reports whether the credential is known to hold what the question requires.
func (q *Question) SurelyHolds() bool {
	return q.scoped && holdsScope(q.scopes, q.need.Scopes) || q.who.Permissions.Known && q.who.holds(q.need.Permission)
}

// Ungranted says that an App's installation was not granted what the question requires, or returns
// nil if that is not known.
func (q *Question) Ungranted() *Fault {
	if !q.who.Permissions.Known || q.who.holds(q.need.Permission) {
		return nil
	}
	failed := &Fault{Kind: FaultDenied, Permission: q.need.Permission, ToAll: true,
		Reason: inventory.Untrusted("the " + q.who.Kind.String() + " is missing the permission " + q.need.Permission)}
	failed.Page, failed.Remedy = q.Grant(q.need.Permission)
	return failed
}

// maxPermissionHeader bounds that header, in bytes.
const maxPermissionHeader = 400

// permissionHeader is what X-Accepted-GitHub-Permissions may hold: "a=read; b=write,c=read".
var permissionHeader = regexp.MustCompile(`^[a-z0-9_=,; ]+$`)

// lacks names what the credential lacks, from GitHub's own headers if they say so. Both are empty
// if nothing is missing.
func (q *Question) lacks(header http.Header) (words, permission string) {
	if q.scoped && (q.who.Kind.HasScopes() || q.who.Kind == KindUnknown) {
		accepted := splitList(header.Get("X-Accepted-OAuth-Scopes"))
		if len(accepted) == 0 {
			accepted = q.need.Scopes
		}
		if len(accepted) == 0 || holdsScope(q.scopes, accepted) {
			return "", ""
		}
		have := "none"
		if len(q.scopes) > 0 {
			have = strings.Join(q.scopes, ", ")
		}
		wanted := accepted[0]
		if len(q.need.Scopes) > 0 && holdsScope(accepted, q.need.Scopes[:1]) {
			wanted = q.need.Scopes[0]
		}
		return fmt.Sprintf("the token is missing the scope %q; it has %s", inventory.Untrusted(wanted),
			inventory.Untrusted(have)), wanted
	}
	permission = q.need.Permission
	if accepted := header.Get("X-Accepted-GitHub-Permissions"); len(accepted) <= maxPermissionHeader &&
		permissionHeader.MatchString(accepted) {
		first, _, _ := strings.Cut(accepted, ";")
		permission = strings.ReplaceAll(strings.TrimSpace(first), "=", ":")
	}
	if q.who.Permissions.Known && q.who.holds(permission) {
		return "", ""
	}
	return fmt.Sprintf("the %s is missing the permission %s", q.who.Kind, permission), permission
}

// Grant says where to give the credential what it lacks.
func (q *Question) Grant(permission string) (page string, remedy inventory.Untrusted) {
	web := q.host.Web
	switch {
	case q.who.Kind == KindInstallation && q.who.IsApp:
		page = web + "organizations/" + q.org + "/settings/installations"
		return page, inventory.Textf("tick %q in the App's settings (permission %s), then accept the change at %s",
			q.need.Tick, permission, page)
	case q.who.Kind == KindFineGrained:
		page = web + "settings/personal-access-tokens"
		return page, inventory.Textf("tick %q for the token at %s, with %s as resource owner", q.need.Tick, page, q.org)
	case q.who.Kind == KindUserToServer || q.who.Kind == KindInstallation:
		page = web + "settings/apps"
		return page, inventory.Textf("tick %q in the App's settings at %s", q.need.Tick, page)
	case q.who.Kind == kindOAuth:
		return web + "settings/tokens", inventory.Textf("run gh auth refresh --hostname %s -s %s",
			q.host.Name, permission)
	}
	page = web + "settings/tokens"
	return page, inventory.Textf("tick the scope %q for the token at %s", permission, page)
}
