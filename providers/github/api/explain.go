package api

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

// Explain turns an error into a fault, in words for a coverage.
func (q *Question) Explain(err error) *Fault {
	failed := q.explainError(err)
	var signIn *signInError
	if errors.As(err, &signIn) && !failed.Hopeless() {
		failed.Kind = FaultSignIn
	}
	return failed
}

func (q *Question) explainError(err error) *Fault {
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
		return &Fault{Kind: faultPaging, Reason: inventory.Untrusted("some of it may be missing: " + gap.Reason),
			Remedy: RemedyForGaps}
	case errors.As(err, &status), errors.Is(err, errNoTotal), errors.Is(err, errNoEnd):
		return &Fault{Kind: faultPaging, Reason: inventory.Untrusted(err.Error()), Remedy: RemedyForGaps}
	case errors.Is(err, errLeftOut):
		page := q.host.Web + "settings/tokens"
		return &Fault{Kind: faultLeftOut, Reason: inventory.Untrusted(err.Error()), Page: page, Partial: true,
			Remedy: inventory.Untrusted("authorize the token for single sign-on with \"Configure SSO\" at " + page)}
	case errors.Is(err, httpx.ErrForeignHost):
		return &Fault{Kind: faultForeign, Reason: "GitHub's answer led to another host, which was not followed",
			Remedy: "check the configured host, and any proxy between here and GitHub"}
	case errors.Is(err, ErrNotDocumented):
		return &Fault{Kind: faultForm, Reason: "the answer does not have the form that GitHub documents",
			Remedy: "check the configured host: a sign-in page or proxy may have answered"}
	}
	return &Fault{Kind: faultNetwork, Reason: inventory.Untrusted("GitHub could not be asked: " +
		httpx.Clean(err).Error()),
		Remedy: "check the network and run the scan again"}
}

// RemedyForGaps is for lists and answers that are not whole.
const RemedyForGaps = "run the scan again; if it persists, a proxy between here and GitHub may be changing answers"

func explainLimit(limit *httpx.LimitError) *Fault {
	reason := "GitHub's " + limit.Reason + " was reached"
	remedy := "run the scan again later"
	if !limit.Until.IsZero() {
		reason += "; it resets at " + limit.Until.UTC().Format(time.RFC3339)
		remedy = "run the scan again after " + limit.Until.UTC().Format(time.RFC3339) + ", or let it wait longer"
	}
	return &Fault{Kind: faultLimit, Reason: inventory.Untrusted(reason), Remedy: inventory.Untrusted(remedy)}
}

// explainAnswer reads an error answer.
func (q *Question) explainAnswer(answer *http.Response, message string) *Fault {
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
		return &Fault{Kind: FaultDenied, Reason: "GitHub refused the question (422): " + said,
			Remedy: "sign in as an owner of the organization"}
	case status >= 500:
		failed := &Fault{Kind: faultServer, Reason: inventory.Textf("GitHub answered %d, several times", status),
			Remedy: "run the scan again later"}
		if !q.host.IsServer() {
			failed.Remedy += "; see https://www.githubstatus.com"
		}
		return failed
	}
	return &Fault{Reason: inventory.Textf("GitHub answered %d: ", answer.StatusCode) + said}
}

func (q *Question) explainUnauthorized(said inventory.Untrusted) *Fault {
	remedy := "make a new one at " + q.host.Web + "settings/tokens"
	if q.who.Kind == KindInstallation {
		remedy = "check that the private key is the App's, and this machine's clock"
	}
	return &Fault{Kind: FaultSignIn,
		Reason: "GitHub does not accept the credential (401: " + said + "): it is wrong, expired or revoked",
		Remedy: inventory.Untrusted(remedy)}
}

// explainSSO reads "required; url=https://github.com/orgs/acme/sso?authorization_request=...".
func (q *Question) explainSSO(header string) *Fault {
	page := q.host.Web + "settings/tokens"
	if _, given, ok := strings.Cut(header, "url="); ok {
		// The address is shown to a person to click on, so it must be GitHub's.
		if u, err := url.Parse(strings.TrimSpace(given)); err == nil && u.Scheme == "https" && u.User == nil &&
			strings.HasPrefix(given, q.host.Web) {
			page = u.String()
		}
	}
	return &Fault{Kind: faultSSO, Page: page, Remedy: inventory.Untrusted("authorize it at " + page),
		Reason: inventory.Untrusted("the token is not authorized for the single sign-on of " + q.org)}
}

// policies are refusals (403) that no scope or permission lifts. Only GitHub's wording identifies
// them, here in lower case.
var policies = []struct{ words, remedy, page string }{
	{"this installation has been suspended", "unsuspend the GitHub App at", SettingsPage + "installations"},
	{"ip allow list", "add this machine's address to the IP allow list at", SettingsPage + "security"},
	{"oauth app access restrictions", "have an owner approve the OAuth app that issued the token, or use another token or a GitHub App:",
		SettingsPage + "oauth_application_policy"},
	{"forbids access via a", "use a token that the organization's policy allows, or a GitHub App:",
		SettingsPage + "personal-access-tokens"},
}

// explainPolicy recognizes a refusal by the organization's own rules, or returns nil.
func (q *Question) explainPolicy(said inventory.Untrusted) *Fault {
	words := strings.ToLower(string(said))
	for _, policy := range policies {
		if strings.Contains(words, policy.words) {
			page := q.host.Page(policy.page, q.org)
			if strings.HasPrefix(q.need.Page, enterprisePages) {
				page = q.page()
			}
			return &Fault{Kind: faultPolicy, Page: page, Reason: "GitHub denied it (403: " + said + ")",
				Remedy: inventory.Untrusted(policy.remedy + " " + page)}
		}
	}
	return nil
}

func (q *Question) explainDenied(answer *http.Response, said inventory.Untrusted) *Fault {
	if failed := q.explainPolicy(said); failed != nil {
		return failed
	}
	lacks, permission := q.lacks(answer.Header)
	reason := inventory.Untrusted("GitHub denied it (403: ") + said + ")"
	toAll := strings.Contains(strings.ToLower(string(said)), "authorized to a github app")
	if lacks == "" {
		// Every scope is there: what is missing is the person's role.
		return &Fault{Kind: FaultDenied, Reason: reason, ToAll: toAll, Page: q.page(),
			Remedy: inventory.Untrusted("sign in as an owner of " + q.org)}
	}
	failed := &Fault{Kind: FaultDenied, Permission: permission, Reason: reason + inventory.Untrusted(": "+lacks),
		ToAll: toAll}
	failed.Page, failed.Remedy = q.Grant(permission)
	return failed
}

func (q *Question) explainMissing(answer *http.Response) *Fault {
	failed := &Fault{Kind: FaultMissing, Page: q.page()}
	if lacks, permission := q.lacks(answer.Header); lacks != "" && saysScopes(answer.Header) {
		failed.Kind, failed.Permission = FaultDenied, permission
		failed.Reason = inventory.Untrusted("GitHub reports it as not found (404): " + lacks)
		failed.Page, failed.Remedy = q.Grant(permission)
		return failed
	}
	failed.Reason = "GitHub answered 404: it does not exist, or the credential may not see it"
	failed.Remedy = inventory.Untrusted("check the name, and that the credential may see " + q.org + ": " + failed.Page)
	return failed
}

// saysScopes reports whether an answer lists the scopes it would have required.
func saysScopes(header http.Header) bool {
	return header.Get("X-Accepted-OAuth-Scopes") != "" || header.Get("X-Accepted-GitHub-Permissions") != ""
}
