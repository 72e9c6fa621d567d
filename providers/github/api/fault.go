package api

import "guestlist/scanner/inventory"

// Fault is why a source could not be read, in words for the person who can change it.
type Fault struct {
	Kind           faultKind
	Reason, Remedy inventory.Untrusted
	Permission     string // what lacks, as the API spells it; empty where that is not the reason
	Page           string // where to change it
	Unobservable   bool   // no API gives it
	Partial        bool   // part of it was read all the same
	ToAll          bool   // GitHub refuses the credential, whatever else of the kind it asks for
}

type faultKind int

const (
	faultOther   faultKind = iota
	FaultSignIn            // GitHub does not take the credential, or there is none
	faultSSO               // the token is not authorized for single sign-on
	FaultDenied            // a permission or scope lacks, or the person is no owner
	FaultMissing           // 404: not there, or not visible
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

// Hopeless reports whether every other source of the organization would fail the same way. What
// GitHub says of one path (404, 403, 5xx, another form) it says of that path alone.
func (f *Fault) Hopeless() bool {
	switch f.Kind {
	case FaultSignIn, faultSSO, faultLimit, faultNetwork, faultPolicy:
		return true
	}
	return false
}

// PlanFault is for what an organization's plan does not have.
func PlanFault(reason string) *Fault {
	return &Fault{Kind: faultPlan, Unobservable: true, Reason: inventory.Untrusted(reason)}
}
