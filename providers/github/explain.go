package github

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"guestlist/providers/internal/httpx"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// explain turns an error into the words of a coverage.
func (q *question) explain(err error) *fault {
	failed := q.explainError(err)
	var signIn *signInError
	if errors.As(err, &signIn) && !failed.hopeless() {
		failed.kind = faultSignIn
	}
	return failed
}

func (q *question) explainError(err error) *fault {
	var limit *httpx.LimitError
	var gap *paging.Gap
	var status *statusError
	if failed := errorResponse(err); failed != nil {
		return q.explainAnswer(failed.Response, failed.Message)
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
		page := q.host.web + "settings/tokens"
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
func (q *question) explainAnswer(answer *http.Response, message string) *fault {
	said := inventory.Clean(message, inventory.MaxNameBytes)
	switch status := answer.StatusCode; {
	case status == http.StatusUnauthorized:
		return q.explainUnauthorized(said)
	case strings.HasPrefix(answer.Header.Get("X-GitHub-SSO"), "required"):
		return q.explainSSO(answer.Header.Get("X-GitHub-SSO"))
	case status == http.StatusForbidden:
		return q.explainDenied(answer, said)
	case status == http.StatusNotFound:
		return q.explainMissing(answer)
	case status == http.StatusUnprocessableEntity:
		return &fault{kind: faultDenied, reason: "GitHub refused the question (422): " + said,
			remedy: "sign in as an owner of the organization"}
	case status >= 500:
		failed := &fault{kind: faultServer, reason: inventory.Textf("GitHub answered %d, several times", status),
			remedy: "run the scan again later"}
		if !q.host.isServer() {
			failed.remedy += "; see https://www.githubstatus.com"
		}
		return failed
	}
	return &fault{reason: inventory.Textf("GitHub answered %d: ", answer.StatusCode) + said}
}

func (q *question) explainUnauthorized(said inventory.Untrusted) *fault {
	remedy := "make a new one at " + q.host.web + "settings/tokens"
	if q.who.kind == kindInstallation {
		remedy = "check that the private key is the App's, and this machine's clock"
	}
	return &fault{kind: faultSignIn,
		reason: "GitHub does not accept the credential (401: " + said + "): it is wrong, expired or revoked",
		remedy: inventory.Untrusted(remedy)}
}

// explainSSO reads "required; url=https://github.com/orgs/acme/sso?authorization_request=...".
func (q *question) explainSSO(header string) *fault {
	page := q.host.web + "settings/tokens"
	if _, given, ok := strings.Cut(header, "url="); ok {
		// The address is shown to a person to click on, so it must be GitHub's.
		if u, err := url.Parse(strings.TrimSpace(given)); err == nil && u.Scheme == "https" && u.User == nil &&
			strings.HasPrefix(given, q.host.web) {
			page = u.String()
		}
	}
	return &fault{kind: faultSSO, page: page, remedy: inventory.Untrusted("authorize it at " + page),
		reason: inventory.Untrusted("the token is not authorized for the single sign-on of " + q.org)}
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
func (q *question) explainPolicy(said inventory.Untrusted) *fault {
	words := strings.ToLower(string(said))
	for _, policy := range policies {
		if strings.Contains(words, policy.words) {
			page := q.host.page(policy.page, q.org)
			if strings.HasPrefix(q.need.page, enterprisePages) {
				page = q.page()
			}
			return &fault{kind: faultPolicy, page: page, reason: "GitHub denied it (403: " + said + ")",
				remedy: inventory.Untrusted(policy.remedy + " " + page)}
		}
	}
	return nil
}

func (q *question) explainDenied(answer *http.Response, said inventory.Untrusted) *fault {
	if failed := q.explainPolicy(said); failed != nil {
		return failed
	}
	lacks, permission := q.lacks(answer.Header)
	reason := inventory.Untrusted("GitHub denied it (403: ") + said + ")"
	toAll := strings.Contains(strings.ToLower(string(said)), "authorized to a github app")
	if lacks == "" {
		// Every scope is there: what lacks is the person's role.
		return &fault{kind: faultDenied, reason: reason, toAll: toAll, page: q.page(),
			remedy: inventory.Untrusted("sign in as an owner of " + q.org)}
	}
	failed := &fault{kind: faultDenied, permission: permission, reason: reason + inventory.Untrusted(": "+lacks), toAll: toAll}
	failed.page, failed.remedy = q.grant(permission)
	return failed
}

func (q *question) explainMissing(answer *http.Response) *fault {
	failed := &fault{kind: faultMissing, page: q.page()}
	if lacks, permission := q.lacks(answer.Header); lacks != "" && saysScopes(answer.Header) {
		failed.kind, failed.permission = faultDenied, permission
		failed.reason = inventory.Untrusted("GitHub shows it as not there (404): " + lacks)
		failed.page, failed.remedy = q.grant(permission)
		return failed
	}
	failed.reason = "GitHub answered 404: it is not there, or the credential may not see it"
	failed.remedy = inventory.Untrusted("check the name, and that the credential may see " + q.org + ": " + failed.page)
	return failed
}

// saysScopes reports whether an answer names what it would have taken.
func saysScopes(header http.Header) bool {
	return header.Get("X-Accepted-OAuth-Scopes") != "" || header.Get("X-Accepted-GitHub-Permissions") != ""
}
