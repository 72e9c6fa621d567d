package inventory

import "time"

// Account is a person's account on a platform, and its posture.
type Account struct {
	Source Source    `json:"source"`
	ID     Untrusted `json:"id"`
	Login  Untrusted `json:"login,omitzero"` // e-mail address or login name
	Name   Untrusted `json:"name,omitzero"`
	Unit   Untrusted `json:"unit,omitzero"`

	Admin             Answer `json:"admin,omitzero"`
	Suspended         Answer `json:"suspended,omitzero"`
	Archived          Answer `json:"archived,omitzero"`
	Guest             Answer `json:"guest,omitzero"` // guest or outside collaborator
	TwoFactor         Answer `json:"two_factor,omitzero"`
	TwoFactorEnforced Answer `json:"two_factor_enforced,omitzero"`
	// TwoFactorWeak: turned on, with a method the platform calls insecure.
	TwoFactorWeak Answer `json:"two_factor_weak,omitzero"`

	Created   time.Time            `json:"created,omitzero"`
	LastLogin time.Time            `json:"last_login,omitzero"`
	Facts     map[string]Untrusted `json:"facts,omitempty"`
}

// Names of facts that are read outside their provider.
const (
	FactOwn         = "own_account"  // not empty: the account of the person who runs the scan
	FactSecretGists = "secret_gists" // a number
	// FactOutsideUnits is "yes" for an account in a unit that the configuration excludes: it
	// exists, but what it holds was not checked.
	FactOutsideUnits = "outside_units"
)

// Normalize brings an account into the form used in snapshots.
func (a *Account) Normalize() {
	a.Source.normalize()
	a.ID = cleanID(a.ID)
	a.Login = cleanName(a.Login)
	a.Name = cleanName(a.Name)
	a.Unit = cleanID(a.Unit)
	a.Created = normalizeTime(a.Created)
	a.LastLogin = normalizeTime(a.LastLogin)
	a.Facts = normalizeFacts(a.Facts)
}
