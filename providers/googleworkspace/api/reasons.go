package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	"guestlist/scanner/inventory"
)

// Google's reasons, in errors[].reason, that decide about a 403.
var (
	limitReasons = map[string]bool{
		"quotaExceeded": true, "userRateLimitExceeded": true, "rateLimitExceeded": true, "dailyLimitExceeded": true,
		"RATE_LIMIT_EXCEEDED": true,
	}
	scopeReasons = map[string]bool{"insufficientPermissions": true, "ACCESS_TOKEN_SCOPE_INSUFFICIENT": true}
	offReasons   = map[string]bool{"accessNotConfigured": true, "SERVICE_DISABLED": true}
	// What a service perimeter (VPC Service Controls) answers.
	policyReasons = map[string]bool{"SECURITY_POLICY_VIOLATED": true, "VPC_SERVICE_CONTROLS": true}
)

// policyWords occur in the message of a refusal by a service perimeter: not every service gives it
// a reason of its own.
var policyWords = []string{"vpcservicecontrolsuniqueidentifier", "prohibited by organization's policy"}

func (f *Fault) readAnswer(answer *googleapi.Error) {
	f.Status, f.Message = answer.Code, inventory.Clean(answer.Message, maxMessageBytes)
	reasons := map[string]bool{}
	for _, item := range answer.Errors {
		if f.Reason == "" {
			f.Reason = item.Reason
		}
		reasons[item.Reason] = true
		f.identify(item.Message)
	}
	f.identify(answer.Message)
	f.readDetails(answer.Details, reasons)
	has := func(set map[string]bool) bool {
		for reason := range reasons {
			if set[reason] {
				return true
			}
		}
		return false
	}
	message := strings.ToLower(answer.Message)
	switch {
	case answer.Code == http.StatusUnauthorized:
		f.Cause = CauseUnauthorized
	case answer.Code == http.StatusForbidden && has(limitReasons), answer.Code == http.StatusTooManyRequests:
		f.Cause = CauseQuota
	case answer.Code == http.StatusForbidden && (has(policyReasons) || containsAny(message, policyWords)):
		f.Cause = CausePolicy
	case answer.Code == http.StatusForbidden && has(offReasons):
		f.Cause = CauseAPIOff
	case answer.Code == http.StatusForbidden && (has(scopeReasons) ||
		strings.Contains(message, "insufficient authentication scopes")):
		f.Cause = CauseScope
	case answer.Code == http.StatusForbidden:
		f.Cause = CausePrivilege
	case answer.Code == http.StatusNotFound && strings.Contains(message, "customer"):
		f.Cause = CauseCustomer
	// A 404 from Google has a message; one without comes from another server and says nothing about
	// a user.
	case answer.Code == http.StatusNotFound && len(answer.Errors) > 0,
		answer.Code == http.StatusNotFound && message != "" && !strings.HasPrefix(message, "<"),
		answer.Code == http.StatusGone && message != "",
		answer.Code == http.StatusPreconditionFailed && strings.Contains(message, "deleted"):
		f.Cause = CauseGone
	case answer.Code == http.StatusBadRequest && strings.Contains(message, "type not supported"):
		f.Cause = CauseNotAUser
	case answer.Code == http.StatusBadRequest && strings.Contains(message, "not yet available"):
		f.Cause = CauseNotReady
	case answer.Code >= 500:
		f.Cause = CauseService
	default:
		f.Cause = CauseAnswer
	}
}

// readDetails reads reasons and links from google.rpc.ErrorInfo and google.rpc.Help.
func (f *Fault) readDetails(details []any, reasons map[string]bool) {
	for _, detail := range details {
		object, _ := detail.(map[string]any)
		if reason, ok := object["reason"].(string); ok {
			reasons[reason] = true
		}
		metadata, _ := object["metadata"].(map[string]any)
		for name, value := range metadata {
			if text, ok := value.(string); ok && strings.Contains(strings.ToLower(name), "uniqueid") && f.identifier == "" {
				f.identifier = inventory.Clean(text, inventory.MaxNameBytes)
			}
		}
		links, _ := object["links"].([]any)
		for _, link := range links {
			target, _ := link.(map[string]any)
			if page, _ := target["url"].(string); strings.HasPrefix(page, "https://console.") {
				f.links = append(f.links, page)
			}
		}
	}
}

// perimeterID matches the identifier in a message from a service perimeter.
var perimeterID = regexp.MustCompile(`(?i)uniqueIdentifier:?\s*"?([0-9A-Za-z_-]+)`)

func (f *Fault) identify(message string) {
	if found := perimeterID.FindStringSubmatch(message); found != nil && f.identifier == "" {
		f.identifier = inventory.Clean(found[1], inventory.MaxNameBytes)
	}
}

func containsAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// readRefusal reads a token endpoint's answer; package jwt of x/oauth2 leaves its parts in the
// body.
func (f *Fault) readRefusal(refused *oauth2.RetrieveError) {
	code, description := refused.ErrorCode, refused.ErrorDescription
	if code == "" {
		var answer tokenRefusal
		if json.Unmarshal(refused.Body, &answer) == nil {
			code, description = answer.Code, answer.Description
		}
	}
	f.readSignIn(refused.Response, code, description)
}

// tokenRefusal is a token endpoint's answer, RFC 6749 section 5.2.
type tokenRefusal struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// subjectWords occur in a token endpoint's description if it does not know, or no longer serves,
// the account to act for.
var subjectWords = []string{
	"invalid email", "not a valid email", "invalid impersonation", "impersonation prn", "invalid principal",
	"account has been deleted",
	"account has been disabled", "account disabled", "account is disabled", "account restricted",
	"user not found", "user does not exist", "user is suspended",
}

// readSignIn reads what a token endpoint answered.
func (f *Fault) readSignIn(response *http.Response, code, description string) {
	if response != nil {
		f.Status = response.StatusCode
	}
	f.Reason = code
	f.Message = inventory.Clean(description, maxMessageBytes)
	lower := strings.ToLower(description)
	switch {
	case f.Status == http.StatusTooManyRequests:
		f.Cause = CauseQuota
	case f.Status >= 500:
		f.Cause = CauseService
	case containsAny(lower, subjectWords):
		f.Cause = CauseSubject
	case code == "unauthorized_client", code == "access_denied", code == "invalid_scope":
		f.Cause = CauseDelegation
	default:
		f.Cause = CauseCredential
	}
}

// impersonationError is how package impersonate words an answer that is not a success; it has no
// type of its own.
var impersonationError = regexp.MustCompile(`^impersonate: status code (\d{3}): (?s)(.*)$`)

func isImpersonation(err error) bool { return impersonationText(err) != nil }

func impersonationText(err error) []string {
	for ; err != nil; err = errors.Unwrap(err) {
		if found := impersonationError.FindStringSubmatch(err.Error()); found != nil {
			return found
		}
	}
	return nil
}

// readImpersonation distinguishes the two steps of keyless delegation by their bodies: signJwt
// answers like an API, the exchange like a token endpoint.
func (f *Fault) readImpersonation(err error) {
	found := impersonationText(err)
	fmt.Sscan(found[1], &f.Status)
	var endpoint tokenRefusal
	var api struct {
		Error struct {
			Message string `json:"message"`
			Details []any  `json:"details"`
			Errors  []googleapi.ErrorItem
		} `json:"error"`
	}
	if json.Unmarshal([]byte(found[2]), &endpoint) == nil && endpoint.Code != "" {
		f.readSignIn(&http.Response{StatusCode: f.Status}, endpoint.Code, endpoint.Description)
		return
	}
	if json.Unmarshal([]byte(found[2]), &api) == nil {
		f.Message = inventory.Clean(api.Error.Message, maxMessageBytes)
	}
	switch {
	case f.Status >= 500:
		f.Cause = CauseService
	case f.Status == http.StatusTooManyRequests:
		f.Cause = CauseQuota
	default:
		f.Cause, f.Reason = CauseCredential, "impersonation"
	}
}

func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind) ||
		strings.Contains(err.Error(), "unexpected end of JSON input")
}
