package github

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"guestlist/providers/internal/httpx"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// fault is why a source could not be read, in words for the person who can change it.
type fault struct {
	kind           faultKind
	reason, remedy inventory.Untrusted
	permission     string // what lacks, as the API spells it; empty where that is not the reason
	page           string // where to change it
	unobservable   bool   // nobody can read it
	partial        bool   // part of it was read all the same
	toAll          bool   // GitHub refuses the credential, whatever else of the kind it asks for
}

type faultKind int

const (
	faultOther   faultKind = iota
	faultSignIn            // GitHub does not take the credential, or there is none
	faultSSO               // the token is not authorized for single sign-on
	faultDenied            // a permission or scope lacks, or the person is no owner
	faultMissing           // 404: not there, or not visible
	faultLimit             // the rate limit was not waited for
	faultForeign           // GitHub's answer led to another host
	faultPlan              // not on this plan
	faultPaging            // a list that is not whole
	faultNetwork           // no answer
	faultServer            // GitHub failed, at every attempt
	faultLeftOut           // an answer without what single sign-on keeps from the token
	faultForm              // an answer in another form than documented
	faultPolicy            // the organization keeps this credential or this machine out
)

// hopeless reports whether every other source of the organization would fail the same way. What GitHub says of one path (404, 403,
// 5xx, another form) it says of that path alone.
func (f *fault) hopeless() bool {
	switch f.kind {
	case faultSignIn, faultSSO, faultLimit, faultNetwork, faultPolicy:
		return true
	}
	return false
}

// explain turns an error into the words of a coverage.
func (s *session) explain(err error, source *spec, org string) *fault {
	failed := s.explainError(err, source, org)
	var signIn *signInError
	if errors.As(err, &signIn) && !failed.hopeless() {
		failed.kind = faultSignIn
	}
	return failed
}

func (s *session) explainError(err error, source *spec, org string) *fault {
	var limit *httpx.LimitError
	var gap *paging.Gap
	var status *statusError
	if failed := errorResponse(err); failed != nil {
		return s.explainAnswer(failed.Response, failed.Message, source, org)
	}
	switch {
	case errors.As(err, &limit):
		return explainLimit(limit)
	case errors.As(err, &gap):
		return &fault{kind: faultPaging, reason: inventory.Untrusted("not all of it may have been read: " + gap.Reason),
			remedy: remedyForGaps}
	case errors.As(err, &status), errors.Is(err, errNoTotal), errors.Is(err, errNoEnd):
		return &fault{kind: faultPaging, reason: inventory.Untrusted(err.Error()), remedy: remedyForGaps}
	case errors.Is(err, errLeftOut):
		page := s.provider.host.web + "settings/tokens"
		return &fault{kind: faultLeftOut, reason: inventory.Untrusted(err.Error()), page: page, partial: true,
			remedy: inventory.Untrusted("authorize the token for single sign-on with \"Configure SSO\" at " + page)}
	case errors.Is(err, httpx.ErrForeignHost):
		return &fault{kind: faultForeign, reason: "GitHub's answer led to another host, which was not followed",
			remedy: "check the configured host, and any proxy between here and GitHub"}
	case errors.Is(err, errNotDocumented):
		return &fault{kind: faultForm, reason: "the answer is not of the form that GitHub documents",
			remedy: "check the configured host: a sign-in page or proxy may have answered"}
	}
	return &fault{kind: faultNetwork, reason: inventory.Untrusted("GitHub could not be asked: " + httpx.Clean(err).Error()),
		remedy: "check the network and run the scan again"}
}

// remedyForGaps is for lists and answers that are not whole.
const remedyForGaps = "run the scan again; if it persists, a proxy between here and GitHub may be changing answers"

// explainSignIn turns a failed sign-in into a fault.
func (p *Provider) explainSignIn(err error) *fault {
	var missing *notInstalled
	if errors.As(err, &missing) {
		return p.explainNotInstalled(missing)
	}
	s := &session{provider: p, kind: kindInstallation}
	if errorResponse(err) != nil || isTransportError(err) {
		failed := s.explain(err, &specOrganization, "")
		if failed.kind == faultMissing || failed.kind == faultDenied {
			failed.kind, failed.reason = faultSignIn, "GitHub does not know this GitHub App"
			failed.remedy = "check the client ID (or app ID) and that the private key is the App's"
		}
		return failed
	}
	failed := &fault{kind: faultSignIn, reason: inventory.Untrusted(err.Error())}
	if errors.Is(err, ErrNoCredential) {
		failed.remedy = inventory.Untrusted("make a token at " + p.host.web + "settings/tokens")
		if !p.config.Self { // an App is an organization's, and sees nobody's own account
			failed.remedy += ", or use a GitHub App"
		}
	}
	return failed
}

func isTransportError(err error) bool {
	var limit *httpx.LimitError
	var failed *url.Error
	return errors.As(err, &limit) || errors.As(err, &failed) || errors.Is(err, errNotDocumented)
}

func (p *Provider) explainNotInstalled(missing *notInstalled) *fault {
	page := p.host.web + "apps/" + string(missing.app.Slug) + "/installations/new"
	where := "the organization"
	if strings.HasPrefix(missing.where, "enterprise:") {
		where = "the enterprise"
	}
	return &fault{kind: faultSignIn, page: page, reason: inventory.Untrusted("the GitHub App is not installed on " + where),
		remedy: inventory.Untrusted("install it at " + page)}
}

func explainLimit(limit *httpx.LimitError) *fault {
	reason := "GitHub's " + limit.Reason + " was reached"
	remedy := "run the scan again later"
	if !limit.Until.IsZero() {
		reason += "; it ends at " + limit.Until.UTC().Format(time.RFC3339)
		remedy = "run the scan again after " + limit.Until.UTC().Format(time.RFC3339) + ", or let it wait longer"
	}
	return &fault{kind: faultLimit, reason: inventory.Untrusted(reason), remedy: inventory.Untrusted(remedy)}
}

// explainAnswer reads an error answer.
func (s *session) explainAnswer(answer *http.Response, message string, source *spec, org string) *fault {
	said := inventory.Clean(message, inventory.MaxNameBytes)
	switch status := answer.StatusCode; {
	case status == http.StatusUnauthorized:
		return s.explainUnauthorized(said)
	case strings.HasPrefix(answer.Header.Get("X-GitHub-SSO"), "required"):
		return s.explainSSO(answer.Header.Get("X-GitHub-SSO"), org)
	case status == http.StatusForbidden:
		return s.explainDenied(answer, said, source, org)
	case status == http.StatusNotFound:
		return s.explainMissing(answer, source, org)
	case status == http.StatusUnprocessableEntity:
		return &fault{kind: faultDenied, reason: "GitHub refused the question (422): " + said,
			remedy: "sign in as an owner of the organization"}
	case status >= 500:
		failed := &fault{kind: faultServer, reason: inventory.Textf("GitHub answered %d, several times", status),
			remedy: "run the scan again later"}
		if s.provider.host.kind != hostServer {
			failed.remedy += "; see https://www.githubstatus.com"
		}
		return failed
	}
	return &fault{reason: inventory.Textf("GitHub answered %d: ", answer.StatusCode) + said}
}

func (s *session) explainUnauthorized(said inventory.Untrusted) *fault {
	remedy := "make a new one at " + s.provider.host.web + "settings/tokens"
	if s.kind == kindInstallation {
		remedy = "check that the private key is the App's, and this machine's clock"
	}
	return &fault{kind: faultSignIn,
		reason: "GitHub does not accept the credential (401: " + said + "): it is wrong, expired or revoked",
		remedy: inventory.Untrusted(remedy)}
}

// explainSSO reads "required; url=https://github.com/orgs/acme/sso?authorization_request=...".
func (s *session) explainSSO(header, org string) *fault {
	page := s.provider.host.web + "settings/tokens"
	if _, given, ok := strings.Cut(header, "url="); ok {
		// The address is shown to a person to click on, so it must be GitHub's.
		if u, err := url.Parse(strings.TrimSpace(given)); err == nil && u.Scheme == "https" && u.User == nil &&
			strings.HasPrefix(given, s.provider.host.web) {
			page = u.String()
		}
	}
	return &fault{kind: faultSSO, page: page, remedy: inventory.Untrusted("authorize it at " + page),
		reason: inventory.Untrusted("the token is not authorized for the single sign-on of " + org)}
}

// policies are refusals (403) that no scope or permission lifts. GitHub tells them by its words alone, here in lower case.
var policies = []struct{ words, remedy, page string }{
	{"this installation has been suspended", "unsuspend the GitHub App at", settingsPage + "installations"},
	{"ip allow list", "add this machine's address to the IP allow list at", settingsPage + "security"},
	{"oauth app access restrictions", "have an owner approve the OAuth app that the token is of, or use another token or a GitHub App:",
		settingsPage + "oauth_application_policy"},
	{"forbids access via a", "use a token that the organization's policy allows, or a GitHub App:",
		settingsPage + "personal-access-tokens"},
}

// explainPolicy recognizes a refusal by the organization's own rules, or returns nil.
func (s *session) explainPolicy(said inventory.Untrusted, source *spec, org string) *fault {
	words := strings.ToLower(string(said))
	for _, policy := range policies {
		if strings.Contains(words, policy.words) {
			page := s.provider.host.web + strings.ReplaceAll(policy.page, "{org}", org)
			if source.name == specEnterprise.name {
				page = s.provider.pageFor(source, org)
			}
			return &fault{kind: faultPolicy, page: page, reason: "GitHub denied it (403: " + said + ")",
				remedy: inventory.Untrusted(policy.remedy + " " + page)}
		}
	}
	return nil
}

func (s *session) explainDenied(answer *http.Response, said inventory.Untrusted, source *spec, org string) *fault {
	if failed := s.explainPolicy(said, source, org); failed != nil {
		return failed
	}
	lacks, permission := s.lacks(answer.Header, source)
	reason := inventory.Untrusted("GitHub denied it (403: ") + said + ")"
	toAll := strings.Contains(strings.ToLower(string(said)), "authorized to a github app")
	if lacks == "" {
		// Every scope is there: what lacks is the person's role.
		return &fault{kind: faultDenied, reason: reason, toAll: toAll, page: s.provider.pageFor(source, org),
			remedy: inventory.Untrusted("sign in as an owner of " + org)}
	}
	failed := &fault{kind: faultDenied, permission: permission, reason: reason + inventory.Untrusted(": "+lacks), toAll: toAll}
	failed.page, failed.remedy = s.grant(source, org, permission)
	return failed
}

// permissionHeader is what X-Accepted-GitHub-Permissions may hold: "a=read; b=write,c=read".
var permissionHeader = bounded{400, regexp.MustCompile(`^[a-z0-9_=,; ]+$`)}

// lacks names what the credential lacks, from GitHub's own headers where they say it. Both are empty when nothing lacks.
func (s *session) lacks(header http.Header, source *spec) (words, permission string) {
	if scopes, known := s.knownScopes(); known && (s.kind.hasScopes() || s.kind == kindUnknown) {
		accepted := splitList(header.Get("X-Accepted-OAuth-Scopes"))
		if len(accepted) == 0 {
			accepted = source.scopes
		}
		if len(accepted) == 0 || holdsScope(scopes, accepted) {
			return "", ""
		}
		have := "none"
		if len(scopes) > 0 {
			have = strings.Join(scopes, ", ")
		}
		wanted := accepted[0]
		if len(source.scopes) > 0 && holdsScope(accepted, source.scopes[:1]) {
			wanted = source.scopes[0]
		}
		return fmt.Sprintf("the token lacks the scope %q; it has %s", inventory.Untrusted(wanted), inventory.Untrusted(have)), wanted
	}
	permission = source.permission
	if accepted := header.Get("X-Accepted-GitHub-Permissions"); permissionHeader.MatchString(accepted) {
		first, _, _ := strings.Cut(accepted, ";")
		permission = strings.ReplaceAll(strings.TrimSpace(first), "=", ":")
	}
	if s.permissions.Known && s.holdsPermission(permission) {
		return "", ""
	}
	return fmt.Sprintf("the %s lacks the permission %s", s.kind, permission), permission
}

// holdsPermission reports whether an installation was granted "a:read,b:read".
func (s *session) holdsPermission(permission string) bool {
	for _, each := range strings.Split(permission, ",") {
		name, level, _ := strings.Cut(each, ":")
		if levelRank(s.permissions.Of[name]) < levelRank(level) {
			return false
		}
	}
	return true
}

// grant says where to give the credential what it lacks.
func (s *session) grant(source *spec, org, permission string) (page string, remedy inventory.Untrusted) {
	web := s.provider.host.web
	switch {
	case s.kind == kindInstallation && s.app != nil:
		page = web + "organizations/" + org + "/settings/installations"
		return page, inventory.Textf("tick %q in the App's settings (permission %s), then accept the change at %s",
			source.tick, permission, page)
	case s.kind == kindFineGrained:
		page = web + "settings/personal-access-tokens"
		return page, inventory.Textf("tick %q for the token at %s, with %s as resource owner", source.tick, page, org)
	case s.kind == kindUserToServer || s.kind == kindInstallation:
		page = web + "settings/apps"
		return page, inventory.Textf("tick %q in the App's settings at %s", source.tick, page)
	case s.kind == kindOAuth:
		return web + "settings/tokens", inventory.Textf("run gh auth refresh --hostname %s -s %s",
			s.provider.host.name, permission)
	}
	page = web + "settings/tokens"
	return page, inventory.Textf("tick the scope %q for the token at %s", permission, page)
}

func (s *session) explainMissing(answer *http.Response, source *spec, org string) *fault {
	failed := &fault{kind: faultMissing, page: s.provider.pageFor(source, org)}
	if lacks, permission := s.lacks(answer.Header, source); lacks != "" && s.saysScopes(answer.Header) {
		failed.kind, failed.permission = faultDenied, permission
		failed.reason = inventory.Untrusted("GitHub shows it as not there (404): " + lacks)
		failed.page, failed.remedy = s.grant(source, org, permission)
		return failed
	}
	failed.reason = "GitHub answered 404: it is not there, or the credential may not see it"
	failed.remedy = inventory.Untrusted("check the name, and that the credential may see " + org + ": " + failed.page)
	return failed
}

// saysScopes reports whether an answer names what it would have taken.
func (s *session) saysScopes(header http.Header) bool {
	return header.Get("X-Accepted-OAuth-Scopes") != "" || header.Get("X-Accepted-GitHub-Permissions") != ""
}

// planFault is for what an organization's plan does not have.
func planFault(reason string) *fault {
	return &fault{kind: faultPlan, unobservable: true, reason: inventory.Untrusted(reason)}
}
