package api

import (
	"context"
	"errors"
	"net"
	"net/http"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	"guestlist/providers/internal/httpx"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// Cause is a way in which a call can fail.
type Cause string

// The causes. The first group is about one user, the second about a feature and everyone in it.
const (
	CauseUnauthorized Cause = "unauthorized" // 401 for this user: suspended or deleted, or the credential
	CauseGone         Cause = "gone"         // 404 or 412: deleted since the listing
	CauseNotAUser     Cause = "not-a-user"   // the address of a group
	CauseAnswer       Cause = "answer"       // an unexpected answer
	CauseEntries      Cause = "entries"      // entries that are not what they should be, in an answer that is fine otherwise

	CauseAPIOff     Cause = "api-off"     // the API is not turned on in the project
	CauseScope      Cause = "scope"       // the token is missing the scope, or consent did not give it
	CauseDelegation Cause = "delegation"  // the scope or client is not in the domain-wide delegation list
	CausePrivilege  Cause = "privilege"   // the administrator's role is missing the privilege
	CauseSubject    Cause = "subject"     // the subject does not exist
	CauseCredential Cause = "credential"  // key, refresh token or client is refused
	CauseQuota      Cause = "quota"       // Google's limit, after all waiting
	CauseService    Cause = "service"     // 5xx, broken answers, after all attempts
	CauseNetwork    Cause = "network"     // no connection, after all attempts
	CauseCustomer   Cause = "customer"    // the customer ID is not known
	CausePolicy     Cause = "policy"      // the Cloud project's service perimeter refuses the call
	CauseList       Cause = "list"        // a list that is not whole
	CauseUnits      Cause = "units"       // the configured units hold no users
	CauseNotAsked   Cause = "not-asked"   // no call was made
	CauseNotReady   Cause = "not-ready"   // a usage report that does not exist yet
	CauseCancelled  Cause = "interrupted" // the scan was interrupted
	CauseBug        Cause = "bug"         // a panic of ours, brought out by what was read
)

// Fault is a call that failed for good, in words for the person who can change it.
type Fault struct {
	Feature Feature
	Cause   Cause
	// Status and Reason are Google's: 403, "insufficientPermissions". They are zero if there was no
	// answer.
	Status int
	Reason string
	// Text says what happened, Remedy what to do. Page is the console page for it, ScopeLine the
	// line to paste there.
	Text      inventory.Untrusted
	Remedy    inventory.Untrusted
	Page      string
	ScopeLine string

	Message inventory.Untrusted // Google's own words
	links   []string
	err     error

	Gap *paging.Gap // of CauseList
	// identifier is the ID by which Google's log lists a refusal by the service perimeter.
	identifier inventory.Untrusted
}

// Error says what happened, and what to do.
func (f *Fault) Error() string {
	if f.Remedy == "" {
		return f.Text.String()
	}
	return f.Text.String() + "; " + f.Remedy.String()
}

// Unwrap returns the error the fault was read from.
func (f *Fault) Unwrap() error { return f.err }

// Coverage is the coverage of a source that could not be read because of the fault.
func (f *Fault) Coverage(source inventory.Source) inventory.Coverage {
	return inventory.Coverage{Source: source, Status: inventory.StatusNotObservable, Reason: f.Text, Remedy: f.Remedy}
}

// Bug is the fault for a panic while one user, or one app, was being read.
func Bug(feature Feature, err error) *Fault {
	return &Fault{
		Feature: feature, Cause: CauseBug, Text: inventory.Untrusted(err.Error()), err: err,
		Remedy: "report it with this message; until then nothing in this source is known",
	}
}

// OfEverybody reports whether the fault lies with the project, token or role, so that every other
// user would meet it too.
func (f *Fault) OfEverybody() bool {
	switch f.Cause {
	case CauseAPIOff, CauseScope, CauseDelegation, CauseSubject, CauseCredential, CauseCustomer, CausePolicy:
		return true
	}
	return false
}

// Passes reports whether the fault may be gone a few minutes later.
func (f *Fault) Passes() bool {
	return f.Cause == CauseService || f.Cause == CauseNetwork || f.Cause == CauseQuota
}

// aboutNobody replaces a cause about one user by what it means for a call that is not about a user.
func (f *Fault) aboutNobody() {
	switch {
	case f.Cause == CauseUnauthorized:
		f.Cause = CauseCredential
	case f.Cause == CauseGone && f.Feature != ChromeDetails:
		f.Cause = CauseCustomer
	}
}

const (
	PageDelegation = "https://admin.google.com/ac/owl/domainwidedelegation"
	pageRoles      = "https://admin.google.com/ac/roles"
	PageUsers      = "https://admin.google.com/ac/users"
)

// maxMessageBytes bounds how much of Google's own words a message repeats.
const maxMessageBytes = 300

// newFault makes a fault from a call's error. It returns nil for nil.
func newFault(ctx context.Context, feature Feature, err error) *Fault {
	if err == nil {
		return nil
	}
	fault := &Fault{Feature: feature, err: err}
	var known *Fault
	var answer *googleapi.Error
	var limit *httpx.LimitError
	var refused *oauth2.RetrieveError
	var odd *errNoAnswer
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &odd):
		fault.Cause, fault.Message = CauseAnswer, inventory.Clean(odd.why, maxMessageBytes)
	case ctx.Err() != nil:
		fault.Cause = CauseCancelled
	case errors.As(err, &refused):
		fault.readRefusal(refused)
	case errors.As(err, &answer):
		fault.readAnswer(answer)
	case errors.As(err, &limit):
		fault.Cause, fault.Message = CauseQuota, inventory.Clean(limit.Error(), maxMessageBytes)
		// Only Reports answers 503 to too many queries.
		if limit.Reason == reasonLoad && feature != Events && feature != Usage {
			fault.Cause, fault.Status, fault.Message = CauseService, http.StatusServiceUnavailable, ""
		}
	case isImpersonation(err):
		fault.readImpersonation(err)
	case errors.Is(err, httpx.ErrTruncated), errors.Is(err, httpx.ErrTooLarge), isSyntax(err):
		fault.Cause, fault.Message = CauseService, rootText(err)
	default:
		fault.Cause, fault.Message = CauseNetwork, rootText(err)
	}
	return fault
}

// rootText is the innermost error that is meaningful by itself: without the address, which each
// layer would repeat.
func rootText(err error) inventory.Untrusted {
	for _, known := range []error{httpx.ErrTruncated, httpx.ErrTooLarge} {
		if errors.Is(err, known) {
			return inventory.Untrusted(known.Error())
		}
	}
	var operation *net.OpError
	if errors.As(err, &operation) {
		return inventory.Clean(operation.Error(), maxMessageBytes)
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return inventory.Clean(httpx.Clean(err).Error(), maxMessageBytes)
}
