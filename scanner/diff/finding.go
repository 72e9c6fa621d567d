package diff

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"guestlist/allowlist/edit"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// Bounds on listed holders. HolderCount counts all of them, and the inventory has them all.
const (
	maxListedHolders = 200    // in one finding
	maxListed        = 20_000 // in all findings; once reached, each finding lists
	leastListed      = 5      // at least this many
)

// Finding is one thing that a person should act on, or at least know about.
type Finding struct {
	// ID follows from the rule and the identity of what it is about, and stays the same from scan
	// to scan.
	ID       string          `json:"id"`
	Rule     Rule            `json:"rule"`
	Severity inventory.Level `json:"severity"`

	Provider inventory.Provider `json:"provider,omitzero"`
	Kind     inventory.Kind     `json:"kind,omitzero"`
	// App is empty where a finding gathers several apps, such as all tokens of one account.
	App inventory.App `json:"app,omitzero"`
	// Also are the other apps of the same project.
	Also []inventory.App `json:"also,omitempty"`
	// Lookalikes are other makers' apps whose names a reader can mistake for this one's.
	Lookalikes []inventory.App `json:"lookalikes,omitempty"`
	// Notes are what else to know about the app, such as that it is not registered.
	Notes []inventory.Untrusted `json:"notes,omitempty"`
	// Tier is the risk of the access held, with the reasons, most serious first.
	Tier    inventory.Level `json:"tier,omitzero"`
	Reasons []risk.Reason   `json:"reasons,omitempty"`

	// Why is one sentence.
	Why inventory.Untrusted `json:"why"`
	// Change says how the item differs from the baseline: "new", "changed", "removed", or "" if it
	// does not.
	Change Rule `json:"change,omitzero"`
	// Gained and Lost are access beyond the approval or the baseline; Silent are those of Gained
	// that raised no prompt.
	Gained []inventory.Untrusted `json:"gained,omitempty"`
	Lost   []inventory.Untrusted `json:"lost,omitempty"`
	Silent []inventory.Untrusted `json:"silent,omitempty"`
	// Before and After are the values that differ: what was approved and what is held, a version, a
	// publisher, an origin, a state.
	Before inventory.Untrusted `json:"before,omitzero"`
	After  inventory.Untrusted `json:"after,omitzero"`

	// Decided is the line of the allowlist that decided.
	Decided *Position `json:"decided,omitzero"`

	Holders     []Affected `json:"holders"`
	HolderCount int        `json:"holder_count"`
	ItemCount   int        `json:"item_count,omitzero"`
	AdminCount  int        `json:"admin_count,omitzero"`

	// Approve is the TOML that would approve the app as it is now.
	Approve inventory.Untrusted `json:"approve,omitzero"`
	// Remedy says how to revoke it, or what else to do.
	Remedy inventory.Untrusted `json:"remedy,omitzero"`

	subject SubjectKey
	whole   *Standing
	appIDs  []inventory.Untrusted // of the apps that a command would approve
	entries []edit.Entry          // that Approve has as text
	short   inventory.Untrusted   // where the rule's own words say less
}

// Entries are the entries of the allowlist that Approve has as text, one for each app.
func (f *Finding) Entries() []edit.Entry { return f.entries }

// AppIDs are the IDs of the apps that the rule's command would approve, at most 100: more than one
// where a finding gathers several.
func (f *Finding) AppIDs() []inventory.Untrusted { return f.appIDs }

// Affected is one place where a finding applies.
type Affected struct {
	Source  inventory.Source    `json:"source"`
	Holder  inventory.Holder    `json:"holder,omitzero"`
	Version inventory.Untrusted `json:"version,omitzero"`
	State   inventory.State     `json:"state,omitzero"`
	Origin  inventory.Origin    `json:"origin,omitzero"`
	Change  Rule                `json:"change,omitzero"`
	Added   time.Time           `json:"added,omitzero"`
	// LastUsed and Expires are set if a finding gathers credentials.
	LastUsed time.Time           `json:"last_used,omitzero"`
	Expires  time.Time           `json:"expires,omitzero"`
	Detail   inventory.Untrusted `json:"detail,omitzero"`
	// Page is where to revoke what acts here, if the finding's places have different pages.
	Page inventory.Untrusted `json:"page,omitzero"`
	// ByHand: the holder removes it on the browser's own page of extensions.
	ByHand bool `json:"-"`
}

// Position is a line of a file that a person can open.
type Position struct {
	File inventory.Untrusted `json:"file"`
	Line int                 `json:"line"`
}

// identity is what a finding is about; it groups findings and makes their ID.
type identity struct {
	rule     Rule
	provider inventory.Provider
	kind     inventory.Kind
	subject  string // an app ID, a source key, an allowlist line's own identity
}

func (i identity) id() string {
	sum := sha256.Sum256([]byte(string(i.rule) + "\x00" + string(i.provider) + "\x00" + string(i.kind) + "\x00" + i.subject))
	return hex.EncodeToString(sum[:8])
}
