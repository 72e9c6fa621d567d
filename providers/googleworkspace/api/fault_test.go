package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/scanner/inventory"
)

func TestEveryCauseHasItsOwnWordsAndAFix(t *testing.T) {
	t.Parallel()
	for _, way := range []way{wayKey, wayImpersonate, wayLogin, wayDefault} {
		s := &signIn{way: way, account: googlefake.ServiceAccount, subject: googletest.Admins,
			features: UsualFeaturesOf(inventory.GoogleWorkspace)}
		said := map[string]Cause{}
		for _, cause := range []Cause{
			CauseUnauthorized, CauseGone, CauseNotAUser, CauseAPIOff, CauseScope, CausePrivilege, CauseSubject,
			CauseCredential, CauseQuota,
			CauseService, CauseNetwork, CauseCustomer, CauseAnswer,
		} {
			fault := s.explain(&Fault{Feature: Grants, Cause: cause, Status: 418})
			if fault.Text == "" || fault.Remedy == "" {
				t.Errorf("%s, %s: no words or no fix: %+v", way, cause, fault)
			}
			if other, taken := said[string(fault.Text)]; taken {
				t.Errorf("%s: %s and %s are told in the same words: %s", way, cause, other, fault.Text)
			}
			said[string(fault.Text)] = cause
		}
	}
}

func TestASignInThatDoesNotKnowTheSubjectIsAboutTheSubject(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code, description string
		want              Cause
	}{
		{"invalid_grant", "Invalid email or User ID", CauseSubject},
		{"invalid_grant", "Not a valid email or user ID.", CauseSubject},
		{"invalid_grant", "Not a valid email", CauseSubject},
		{"invalid_grant", "The account has been deleted", CauseSubject},
		{"invalid_request", "Invalid impersonation prn email address.", CauseSubject},
		{"invalid_grant", `Invalid impersonation "sub" field: gone@acme.example`, CauseSubject},
		{"access_denied", "Account restricted", CauseSubject},
		{"access_denied", "Requested client not authorized.", CauseDelegation},
		{"unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.", CauseDelegation},
		{"unauthorized_client", "Unauthorized client or scope in request.", CauseDelegation},
		{"invalid_grant", "Invalid JWT Signature.", CauseCredential},
		{"invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
			CauseCredential},
		{"invalid_grant", "Invalid grant: account not found", CauseCredential}, // the service account
		{"invalid_grant", "Bad Request", CauseCredential},
	} {
		err := &oauth2.RetrieveError{Response: &http.Response{StatusCode: 400}, ErrorCode: test.code,
			ErrorDescription: test.description}
		if got := newFault(context.Background(), Accounts, err).Cause; got != test.want {
			t.Errorf("%s %q is about %s, want %s", test.code, test.description, got, test.want)
		}
	}
}

func TestARefusalOfTheServicePerimeterIsToldWithGooglesIdentifier(t *testing.T) {
	t.Parallel()
	signIn := &signIn{way: wayKey, account: googlefake.ServiceAccount, subject: googletest.Admins,
		features: UsualFeaturesOf(inventory.GoogleWorkspace)}
	const words = "Request is prohibited by organization's policy."
	for _, test := range []struct {
		name string
		err  googleapi.Error
	}{
		{"in the message", googleapi.Error{Message: words + " vpcServiceControlsUniqueIdentifier: abcDEF_12-x",
			Errors: []googleapi.ErrorItem{{Reason: "forbidden"}}}},
		{"in quotes", googleapi.Error{Message: words + ` vpcServiceControlsUniqueIdentifier: "abcDEF_12-x".`}},
		{"in the details", googleapi.Error{Message: words, Details: []any{map[string]any{
			"reason": "SECURITY_POLICY_VIOLATED", "metadata": map[string]any{"uid": "7",
				"vpcServiceControlsUniqueIdentifier": "abcDEF_12-x"},
		}}}},
		{"in one of the errors", googleapi.Error{Message: words,
			Errors: []googleapi.ErrorItem{{Message: "vpcServiceControlsUniqueIdentifier: abcDEF_12-x"}}}},
	} {
		test.err.Code = http.StatusForbidden
		fault := signIn.explain(newFault(context.Background(), Accounts, &test.err))
		if fault.Cause != CausePolicy || !fault.OfEverybody() ||
			!strings.Contains(string(fault.Text), "SECURITY_POLICY_VIOLATED, identifier abcDEF_12-x") ||
			strings.Contains(fault.Error(), pageRoles) {
			t.Errorf("%s: %+v", test.name, fault)
		}
	}
}

func FuzzFault(f *testing.F) {
	f.Add(403, "Not Authorized", `impersonate: status code 403: {"error":{"message":"no"}}`)
	f.Add(401, "", `impersonate: status code 401: {"error":"unauthorized_client","error_description":"x"}`)
	f.Add(400, "Type not supported: userKey", "impersonate: status code 999: <html>")
	signIn := &signIn{way: wayKey, account: googlefake.ServiceAccount}
	f.Fuzz(func(t *testing.T, status int, message, text string) {
		for _, err := range []error{&googleapi.Error{Code: status, Message: message}, errors.New(text)} {
			fault := signIn.explain(newFault(context.Background(), Grants, err))
			if fault.Cause == "" || fault.Text == "" || len(fault.Error()) > 20*maxMessageBytes {
				t.Errorf("%v gives %+v", err, fault)
			}
		}
	})
}
