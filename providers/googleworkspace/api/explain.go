package api

import (
	"fmt"
	"strings"

	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// RemedyOdd is for answers that Google's documentation does not explain.
const RemedyOdd = "scan again later; if it persists, show this message to the owner of the Cloud project"

// explain puts a fault into words: what happened, the console page, and the exact line to paste
// there. It returns its argument.
func (s *signIn) explain(f *Fault) *Fault {
	if f == nil || f.Text != "" {
		return f
	}
	info := f.Feature.Info()
	said := quoted(f.Message)
	switch f.Cause {
	case CauseUnauthorized:
		f.Text = "Google answers 401 for this user, as it does for a suspended or deleted account"
		f.Remedy = "check the account in the console: " + PageUsers
	case CauseGone:
		f.Text = "the account was deleted after it was listed"
		f.Remedy = "nothing to do: the next scan will not list it"
	case CauseEntries:
		f.Text = inventory.Textf("Google's list holds entries that cannot be read%s", said)
		f.Remedy = RemedyOdd
	case CauseList:
		f.Text = "the list was not read in full"
		if f.Gap != nil {
			f.Text = inventory.Textf("the list was not read in full: %s", f.Gap.Reason)
		}
		f.Remedy = RemedyOdd
		if f.Gap != nil && f.Gap.Kind == paging.Vacant && f.Feature == Accounts {
			f.Text = "the list of users came back empty, although there is at least the account that the scan acts for"
			f.Remedy = "check that the role of the subject may read users, and that customer is this organization's"
		}
	case CausePolicy:
		f.Page = "https://console.cloud.google.com/security/service-perimeter" + s.projectQuery()
		id := ""
		if f.identifier != "" {
			id = fmt.Sprintf(", identifier %s", f.identifier)
		}
		f.Text = inventory.Textf("the Cloud project's service perimeter refuses the call (SECURITY_POLICY_VIOLATED%s)%s",
			id, said)
		f.Remedy = inventory.Textf("ask an administrator of the perimeter at %s to let this machine and %s call the %s; "+
			"the identifier finds the refusal in its audit log", f.Page, s.actor(), info.APIName)
	case CauseNotAUser:
		f.Text = "the address belongs to a group, which has no grants of its own"
		f.Remedy = "nothing to do"
	case CauseAPIOff:
		f.Page = fmt.Sprintf("https://console.cloud.google.com/apis/library/%s%s", info.API, s.projectQuery())
		if len(f.links) > 0 {
			f.Page = f.links[0]
		}
		f.Text = inventory.Textf("the %s is not enabled in the Cloud project", info.APIName)
		f.Remedy = inventory.Textf("enable it at %s, wait a few minutes, then scan again", f.Page)
	case CauseScope, CauseDelegation:
		s.explainScope(f, info)
	case CausePrivilege:
		f.Page = pageRoles
		f.Text = inventory.Textf("the role of %s is missing the privilege to read %s%s", s.actor(), info.Gives, said)
		f.Remedy = inventory.Textf("give the role the privilege %q at %s, or act for a super administrator",
			info.Privilege, f.Page)
	case CauseSubject:
		f.Text = inventory.Textf("Google does not know the subject %q in an organization that delegates to this service account",
			inventory.Untrusted(s.subject))
		f.Remedy = "set subject to the e-mail address of an administrator of the organization"
	case CauseCredential:
		s.explainCredential(f, said)
	case CauseQuota:
		f.Page = fmt.Sprintf("https://console.cloud.google.com/apis/api/%s/quotas%s", info.API, s.projectQuery())
		f.Text = inventory.Textf("Google's limit was still exceeded after waiting%s", said)
		f.Remedy = inventory.Textf("lower rate_per_minute, or see the quota at %s", f.Page)
	case CauseService:
		f.Text = inventory.Textf("Google's service failed on every attempt%s%s", statusText(f.Status), said)
		f.Remedy = "scan again later; https://www.google.com/appsstatus/dashboard/ reports outages"
	case CauseNetwork:
		f.Text = inventory.Textf("no answer from Google%s", said)
		f.Remedy = "check the network connection and proxy"
	case CauseCustomer:
		f.Text = inventory.Textf("Google does not know the customer, or the subject %s has no organization%s", s.actor(),
			said)
		f.Remedy = "set subject to an administrator of the organization, and customer to the ID at " +
			"https://admin.google.com/ac/accountsettings/profile, or leave customer out"
	case CauseNotReady:
		f.Text = inventory.Textf("the usage report is not available yet%s", said)
	case CauseCancelled:
		f.Text = "the scan was interrupted"
	default:
		f.Text = inventory.Textf("Google gave a response guestlist does not recognize%s%s", statusText(f.Status), said)
		f.Remedy = RemedyOdd
	}
	return f
}

func (s *signIn) explainScope(f *Fault, info FeatureInfo) {
	f.ScopeLine = strings.Join(Scopes(s.features...), ",")
	switch s.way {
	case wayLogin:
		f.Text = inventory.Textf("the sign-in did not include the scope %s", info.Scope)
		f.Remedy = "sign in again and leave every box ticked"
	case wayDefault:
		f.Text = inventory.Textf("the application default credentials do not carry the scope %s", info.Scope)
		f.Remedy = inventory.Textf("sign in with: gcloud auth application-default login --scopes=%s,%s", f.ScopeLine,
			scopeCloudPlatform)
	default:
		f.Page = PageDelegation
		f.Text = inventory.Textf("domain-wide delegation does not give the service account %s the scope %s", s.account,
			info.Scope)
		if s.subject == "" {
			f.Text = inventory.Textf("the service account %s was not given the scope %s", s.account, info.Scope)
		}
		f.Remedy = inventory.Textf("at %s, add or edit client ID %s with these scopes (it may take some minutes to take effect): %s",
			f.Page, s.clientID(), f.ScopeLine)
	}
}

func (s *signIn) explainCredential(f *Fault, said string) {
	switch {
	case f.Reason == "impersonation":
		f.Text = inventory.Textf("the base identity may not sign for %s%s", s.account, said)
		f.Remedy = inventory.Textf("give it the role roles/iam.serviceAccountTokenCreator on %s, and enable iamcredentials.googleapis.com",
			s.account)
	case s.way == wayLogin:
		f.Text = inventory.Textf("Google refuses the saved sign-in%s", said)
		f.Remedy = "sign in again"
	case s.way == wayKey:
		f.Text = inventory.Textf("Google refuses the service account key of %s%s", s.account, said)
		f.Remedy = "check that the key still exists and that this machine's clock is right: " +
			"https://console.cloud.google.com/iam-admin/serviceaccounts"
	default:
		f.Text = inventory.Textf("Google refuses the credential%s", said)
		f.Remedy = "sign in again"
	}
}

// actor names the account that the calls act for.
func (s *signIn) actor() string {
	switch {
	case s.subject != "":
		return s.subject
	case s.account != "":
		return s.account
	}
	return "the signed-in account"
}

func (s *signIn) clientID() string {
	if s.accountID != "" {
		return s.accountID
	}
	return "of " + s.account + " (the service account's unique ID)"
}

func (s *signIn) projectQuery() string {
	if s.project == "" {
		return ""
	}
	return "?project=" + s.project
}

func statusText(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprintf(" (HTTP %d)", status)
}

// quoted appends Google's own words.
func quoted(message inventory.Untrusted) string {
	if message == "" {
		return ""
	}
	return fmt.Sprintf(": %q", message)
}
