package github

import "guestlist/scanner/inventory"

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

// planFault is for what an organization's plan does not have.
func planFault(reason string) *fault {
	return &fault{kind: faultPlan, unobservable: true, reason: inventory.Untrusted(reason)}
}
