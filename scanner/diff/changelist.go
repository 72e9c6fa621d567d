package diff

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// The difference: everything that is not as it was in the baseline, whether or not a finding
// mentions it. It includes an approved app that was updated, and a source that could be read last
// time but not now.

// Change is one way in which one thing differs from the baseline, in all places where it was let
// in.
type Change struct {
	// ID follows from the kind of change and what it is about, and stays the same from scan to
	// scan.
	ID    string     `json:"id"`
	Kind  ChangeKind `json:"change"`
	About About      `json:"about"`

	Provider inventory.Provider `json:"provider,omitzero"`
	ItemKind inventory.Kind     `json:"kind,omitzero"`
	App      inventory.App      `json:"app,omitzero"`
	// Also are the other apps of the same project.
	Also []inventory.App `json:"also,omitempty"`

	// Severity is that of the change by itself: a gain weighs as much as it lets the app do, an
	// addition as much as it may do unless it is approved, and the rest is for information. Tier is
	// the risk of all the access held.
	Severity inventory.Level `json:"severity"`
	Tier     inventory.Level `json:"tier,omitzero"`

	// What says in a few words what differs. Empty if the kind of change says it all.
	What   inventory.Untrusted   `json:"what,omitzero"`
	Gained []inventory.Untrusted `json:"gained,omitempty"`
	Lost   []inventory.Untrusted `json:"lost,omitempty"`
	// Silent are those of Gained that raised no prompt.
	Silent []inventory.Untrusted `json:"silent,omitempty"`
	Before inventory.Untrusted   `json:"before,omitzero"`
	After  inventory.Untrusted   `json:"after,omitzero"`
	// Everywhere: what was added was nowhere before, what is gone is nowhere now. False if it is
	// not so, or unknown.
	Everywhere bool `json:"everywhere,omitzero"`

	Holders     []Affected `json:"holders"`
	HolderCount int        `json:"holder_count"`
	ItemCount   int        `json:"item_count,omitzero"`

	subject SubjectKey
}

// Subject names what the change is about, in the same words as [Finding.Subject].
func (c *Change) Subject() SubjectKey {
	if c.subject != "" {
		return c.subject
	}
	return subjectOfApp(c.Provider, c.ItemKind, &c.App, c.ID)
}

// ChangeKind is a kind of change.
type ChangeKind string

const (
	ChangeAdded     ChangeKind = "added"
	ChangeGained    ChangeKind = "gained-access"
	ChangeLost      ChangeKind = "lost-access"
	ChangeOther     ChangeKind = "changed"
	ChangeRemoved   ChangeKind = "removed"    // its source was fully read both times
	ChangeUnread    ChangeKind = "not-read"   // a source that is no longer read
	ChangeReadAgain ChangeKind = "read-again" // a source that the baseline could not read
)

// ChangeKinds lists every ChangeKind, in the order of changes of one severity.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{ChangeGained, ChangeAdded, ChangeUnread, ChangeOther, ChangeLost, ChangeRemoved, ChangeReadAgain}
}

// String is the kind's name, harmless even when a file brought it.
func (k ChangeKind) String() string { return inventory.Untrusted(k).String() }

// Rank is the kind's place in [ChangeKinds]; "" and unknown kinds come last.
func (k ChangeKind) Rank() int {
	if n := slices.Index(ChangeKinds(), k); n >= 0 {
		return n
	}
	return len(ChangeKinds())
}

// Difference is the list of changes.
type Difference struct {
	// Counts has the number of changes of each kind, including zero.
	Counts map[ChangeKind]int `json:"counts"`
	// List has the most important first. Of each kind it has at most [MaxChanges] of severity high
	// or above, and at most [MaxChanges] others.
	List []Change `json:"list"`
}

// Total counts all changes, listed or not.
func (d *Difference) Total() int {
	total := 0
	for _, count := range d.Counts {
		total += count
	}
	return total
}

// MaxChanges bounds the changes of one kind that are listed, the serious ones and the others apart.
const MaxChanges = 2_000

// compareChanges puts the most important first.
func compareChanges(a, b Change) int {
	return cmp.Or(
		b.Severity.Compare(a.Severity), a.Kind.Rank()-b.Kind.Rank(), b.Tier.Compare(a.Tier), b.HolderCount-a.HolderCount,
		strings.Compare(strings.ToLower(string(a.App.Name)), strings.ToLower(string(b.App.Name))),
		strings.Compare(string(a.App.ID), string(b.App.ID)), strings.Compare(a.ID, b.ID),
	)
}
