package github

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"guestlist/scanner/inventory"
)

// question is one question to GitHub: what it takes to be answered, about whom, and who asks.
type question struct {
	who    *standing
	host   host
	need   *need
	org    string   // an organization's or enterprise's name; empty where it is about the person's own account
	scopes []string // a token's, as GitHub said
	scoped bool     // GitHub said them
}

// about returns a question of this session.
func (s *session) about(need *need, org string) *question {
	scopes, scoped, _ := s.said()
	return &question{who: &s.standing, host: s.host, need: need, org: org, scopes: scopes, scoped: scoped}
}

// asker returns a question that nobody is signed in for yet.
func (c *client) asker(kind tokenKind, need *need) *question {
	return &question{who: &standing{kind: kind}, host: c.host, need: need}
}

// page is where an owner sees what was asked for.
func (q *question) page() string { return q.host.page(q.need.page, q.org) }

// ownerRemedy says how to see what only owners see.
func (q *question) ownerRemedy() inventory.Untrusted {
	if lacks, permission := q.lacks(http.Header{}); lacks != "" {
		_, remedy := q.grant(permission)
		return remedy
	}
	return inventory.Untrusted("sign in as an owner of " + q.org)
}

// surelyLacks reports whether the credential is known not to hold what the question takes.
func (q *question) surelyLacks() bool {
	if q.scoped && q.who.kind.hasScopes() {
		return !holdsScope(q.scopes, q.need.scopes)
	}
	return q.who.permissions.Known && !q.who.holds(q.need.permission)
}

// surelyHolds reports whether the credential is known to hold what the question takes.
func (q *question) surelyHolds() bool {
	return q.scoped && holdsScope(q.scopes, q.need.scopes) || q.who.permissions.Known && q.who.holds(q.need.permission)
}

// ungranted says that an App's installation was not granted what the question takes, or nothing where that is not known.
func (q *question) ungranted() *fault {
	if !q.who.permissions.Known || q.who.holds(q.need.permission) {
		return nil
	}
	failed := &fault{kind: faultDenied, permission: q.need.permission, toAll: true,
		reason: inventory.Untrusted("the " + q.who.kind.String() + " lacks the permission " + q.need.permission)}
	failed.page, failed.remedy = q.grant(q.need.permission)
	return failed
}

// maxPermissionHeader bounds that header, in bytes.
const maxPermissionHeader = 400

// permissionHeader is what X-Accepted-GitHub-Permissions may hold: "a=read; b=write,c=read".
var permissionHeader = regexp.MustCompile(`^[a-z0-9_=,; ]+$`)

// lacks names what the credential lacks, from GitHub's own headers where they say it. Both are empty when nothing lacks.
func (q *question) lacks(header http.Header) (words, permission string) {
	if q.scoped && (q.who.kind.hasScopes() || q.who.kind == kindUnknown) {
		accepted := splitList(header.Get("X-Accepted-OAuth-Scopes"))
		if len(accepted) == 0 {
			accepted = q.need.scopes
		}
		if len(accepted) == 0 || holdsScope(q.scopes, accepted) {
			return "", ""
		}
		have := "none"
		if len(q.scopes) > 0 {
			have = strings.Join(q.scopes, ", ")
		}
		wanted := accepted[0]
		if len(q.need.scopes) > 0 && holdsScope(accepted, q.need.scopes[:1]) {
			wanted = q.need.scopes[0]
		}
		return fmt.Sprintf("the token lacks the scope %q; it has %s", inventory.Untrusted(wanted), inventory.Untrusted(have)), wanted
	}
	permission = q.need.permission
	if accepted := header.Get("X-Accepted-GitHub-Permissions"); len(accepted) <= maxPermissionHeader && permissionHeader.MatchString(accepted) {
		first, _, _ := strings.Cut(accepted, ";")
		permission = strings.ReplaceAll(strings.TrimSpace(first), "=", ":")
	}
	if q.who.permissions.Known && q.who.holds(permission) {
		return "", ""
	}
	return fmt.Sprintf("the %s lacks the permission %s", q.who.kind, permission), permission
}

// grant says where to give the credential what it lacks.
func (q *question) grant(permission string) (page string, remedy inventory.Untrusted) {
	web := q.host.web
	switch {
	case q.who.kind == kindInstallation && q.who.isApp:
		page = web + "organizations/" + q.org + "/settings/installations"
		return page, inventory.Textf("tick %q in the App's settings (permission %s), then accept the change at %s",
			q.need.tick, permission, page)
	case q.who.kind == kindFineGrained:
		page = web + "settings/personal-access-tokens"
		return page, inventory.Textf("tick %q for the token at %s, with %s as resource owner", q.need.tick, page, q.org)
	case q.who.kind == kindUserToServer || q.who.kind == kindInstallation:
		page = web + "settings/apps"
		return page, inventory.Textf("tick %q in the App's settings at %s", q.need.tick, page)
	case q.who.kind == kindOAuth:
		return web + "settings/tokens", inventory.Textf("run gh auth refresh --hostname %s -s %s",
			q.host.name, permission)
	}
	page = web + "settings/tokens"
	return page, inventory.Textf("tick the scope %q for the token at %s", permission, page)
}
