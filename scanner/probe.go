package scanner

import (
	"context"
	"slices"

	"guestlist/scanner/inventory"
)

// Prober is a provider that can find out with a few small requests what it may read. The command
// "doctor" uses it.
type Prober interface {
	// Probe signs in and tries every source that is configured. Anything refused is a check of the
	// diagnosis; the only error is the context's.
	Probe(ctx context.Context) (*Diagnosis, error)
}

// Diagnosis says who is signed in where, and what can be read of each source. It holds no secret.
type Diagnosis struct {
	Target inventory.Untrusted   // what is read: "acme.example", "github.com"
	SignIn inventory.Untrusted   // how: "the token from GH_TOKEN", "service account key"
	Who    inventory.Untrusted   // as whom: a login, an e-mail address, an App's name; empty if unknown
	Facts  []inventory.Untrusted // what else is known about the credential, a sentence each: its scopes, its expiry
	Checks []Check
}

// Check is the outcome for one source.
type Check struct {
	Name  inventory.Untrusted // of the source or the feature: "acme/installations", "grants"
	Gives string              // what can be read there: "installed apps"
	State CheckState
	// Reason says why a source cannot be read, Remedy what to do; sentences without a full stop.
	// Both are empty for a source that can be read.
	Reason, Remedy inventory.Untrusted
	// Lacks is what is missing, as the platform spells it: a scope, a permission, an API. May be
	// empty.
	Lacks string
	Page  string // where to fix it, or to look at what no API reports; an https address
	Paste string // the line to paste on that page
}

// CheckState is the outcome of a check.
type CheckState string

// The outcomes.
const (
	CheckReadable    CheckState = "readable"
	CheckLacking     CheckState = "lacking"     // can be fixed, see Remedy
	CheckUnavailable CheckState = "unavailable" // not readable with any API, or not on this plan
)

// Lacks reports whether something is missing that can be fixed.
func (d *Diagnosis) Lacks() bool {
	return slices.ContainsFunc(d.Checks, func(check Check) bool { return check.State == CheckLacking })
}
