package api

import "guestlist/scanner/inventory"

// Fault is why a source could not be read, in words for the person who can change it.
type Fault struct {
	Kind           faultKind
	Reason, Remedy inventory.Untrusted
	Permission     string // what is missing, as the API spells it; empty if that is not the reason
	Page           string // where to change it
	Unobservable   bool   // no API reports it
	Partial        bool   // part of it was read all the same
	ToAll          bool   // GitHub refuses the credential, whatever else of the kind it asks for
}

type faultKind int

const (
	faultOther   faultKind = iota
	FaultSignIn            // GitHub does not accept the credential, or there is none
	faultSSO               // the token is not authorized for single sign-on
	FaultDenied            // a permission or scope is missing, or the person is not an owner
	FaultMissing           // 404: missing, or not visible
	faultLimit             // the rate limit was not waited for
	faultForeign           // GitHub's answer led to another host
	faultPlan              // not on this plan
	faultPaging            // a list that is not whole
	faultNetwork           // no answer
	faultServer            // GitHub failed on every attempt
	faultLeftOut           // an answer without what single sign-on withholds from the token
	faultForm              // an answer in another form than documented
	faultPolicy            // the organization does not admit this credential or this machine
)

// Hopeless reports whether every other source of the organization would fail the same way. What
// GitHub says about one path (404, 403, 5xx, another form) it says about that path alone.
func (f *Fault) Hopeless() bool {
	switch f.Kind {
	case FaultSignIn, faultSSO, faultLimit, faultNetwork, faultPolicy:
		return true
	}
	return false
}

// PlanFault is the fault for what an organization's plan does not include.
func PlanFault(reason string) *Fault {
	return &Fault{Kind: faultPlan, Unobservable: true, Reason: inventory.Untrusted(reason)}
}
