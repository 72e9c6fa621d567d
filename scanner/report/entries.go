package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// Entry is all that there is to say of one thing: an app with its verdicts, access, holders, change and approval; the credentials of one
// account; accounts of one organization; a source that was not read; an entry of the allowlist.
//
// Every format takes the grouping from here. Findings stay the atoms: an entry names its own, the worst first.
type Entry struct {
	// ID follows from what the entry is about, and stays the same from scan to scan.
	ID    string     `json:"id"`
	About diff.About `json:"about"`

	Provider inventory.Provider `json:"provider,omitzero"`
	Kind     inventory.Kind     `json:"kind,omitzero"`
	App      inventory.App      `json:"app,omitzero"`
	Also     []inventory.App    `json:"also,omitempty"`
	Source   *inventory.Source  `json:"source,omitzero"` // of a source that was not read
	// Title is what people call it: never empty.
	Title inventory.Untrusted `json:"title"`

	// Urgency is the severity of the worst finding; empty where no finding speaks of it. Open says that somebody should do something.
	Urgency inventory.Level `json:"urgency,omitzero"`
	Open    bool            `json:"open"`
	// Why says in a few words why it is here, at most [diff.MaxShortWords].
	Why inventory.Untrusted `json:"why,omitzero"`
	// FindingIDs are of Report.Findings, the worst first; ChangeIDs of Report.Difference.
	FindingIDs []string `json:"findings"`
	ChangeIDs  []string `json:"changes,omitempty"`
	// Change is the kind of the most important change.
	Change diff.ChangeKind `json:"change,omitzero"`

	Tier    inventory.Level `json:"tier,omitzero"`
	Reasons []risk.Reason   `json:"reasons,omitempty"`
	// Reach names what of an organization's or person's own it can read or act on: "every page", "mail".
	Reach      []Reach               `json:"reach,omitempty"`
	Notes      []inventory.Untrusted `json:"notes,omitempty"`
	Lookalikes []inventory.App       `json:"lookalikes,omitempty"`

	Holders     []diff.Affected `json:"holders"` // at most diff.MaxSubjectHolders
	HolderCount int             `json:"holder_count"`
	ItemCount   int             `json:"item_count,omitzero"`
	AdminCount  int             `json:"admin_count,omitzero"`

	// Approvals are what the allowlist says of it: of several, which are for several holders, the first few.
	Approvals []diff.Approval `json:"approvals,omitempty"`
	// Approve is the TOML that would approve it as it is now, and ApproveWith the command that writes it.
	Approve     inventory.Untrusted `json:"approve,omitzero"`
	ApproveWith inventory.Untrusted `json:"approve_with,omitzero"`
	// Remedy says what to do about the worst finding, Revoke how to take it back.
	Remedy inventory.Untrusted `json:"remedy,omitzero"`
	Revoke inventory.Untrusted `json:"revoke,omitzero"`

	// Findings and Changes are what the IDs name, in the same order.
	Findings []*diff.Finding `json:"-"`
	Changes  []*diff.Change  `json:"-"`
}

// Rule is that of the worst finding; empty without one.
func (e *Entry) Rule() diff.Rule {
	if len(e.Findings) == 0 {
		return ""
	}
	return e.Findings[0].Rule
}

// IsNew reports whether all of it came since the baseline, or some of it came to more places.
func (e *Entry) IsNew() bool { return e.Change == diff.ChangeAdded }

// enter makes the report's entries: one for each thing that findings, changes or the allowlist speak of.
func (r *Report) enter(subjects []diff.Subject) {
	index := make(map[diff.SubjectKey]*Entry, len(subjects))
	var order []*Entry
	entry := func(subject diff.SubjectKey) *Entry {
		e := index[subject]
		if e == nil {
			e = &Entry{ID: entryID(subject), FindingIDs: []string{}}
			index[subject] = e
			order = append(order, e)
		}
		return e
	}
	for i := range subjects {
		entry(subjects[i].Subject()).seen(&subjects[i])
	}
	for i := range r.Findings { // which are sorted, the worst first
		entry(r.Findings[i].Subject()).find(&r.Findings[i])
	}
	for i := range r.Difference.List {
		entry(r.Difference.List[i].Subject()).change(&r.Difference.List[i])
	}
	r.Entries = make([]Entry, 0, len(order))
	for _, e := range order {
		e.finish(r)
		r.Entries = append(r.Entries, *e)
	}
	slices.SortFunc(r.Entries, compareEntries)
}

func entryID(subject diff.SubjectKey) string {
	sum := sha256.Sum256([]byte("entry\x00" + string(subject)))
	return hex.EncodeToString(sum[:8])
}

// seen takes over what the scan saw of it everywhere.
func (e *Entry) seen(s *diff.Subject) {
	e.About = diff.AboutApp
	if s.App.ID == "" && s.App.Name == "" {
		e.About = diff.AboutCredentials
	}
	e.Provider, e.Kind, e.App, e.Also, e.Notes = s.Provider, s.Kind, s.App, s.Also, s.Notes
	e.Tier, e.Reasons, e.Approvals, e.Revoke = s.Tier, s.Reasons, s.Approvals, s.Remedy
	e.Holders, e.HolderCount, e.ItemCount, e.AdminCount = s.Holders, s.HolderCount, s.ItemCount, s.AdminCount
}

// find adds a finding; the worst comes first.
func (e *Entry) find(f *diff.Finding) {
	first := len(e.Findings) == 0
	if first {
		e.Urgency, e.Remedy = f.Severity, f.Remedy
	}
	e.Findings, e.FindingIDs = append(e.Findings, f), append(e.FindingIDs, f.ID)
	e.Open = e.Open || phraseOf(f) != diff.PhraseNone || f.Rule == diff.NotObserved
	if e.About == "" { // nothing but findings is known of it
		e.About, e.Provider, e.Kind, e.App, e.Also, e.Notes = f.About(), f.Provider, f.Kind, f.App, f.Also, f.Notes
		e.Revoke = f.Remedy
	}
	if len(e.Lookalikes) == 0 {
		e.Lookalikes = f.Lookalikes
	}
	if e.Approve == "" {
		e.Approve = f.Approve
	}
	if len(e.Reasons) == 0 {
		e.Tier, e.Reasons = f.Tier, f.Reasons
	}
	if f.HolderCount > e.HolderCount && !f.Rule.Info().Absent || e.HolderCount == 0 && first {
		e.Holders, e.HolderCount = f.Holders[:min(len(f.Holders), diff.MaxSubjectHolders)], f.HolderCount
		e.ItemCount, e.AdminCount = f.ItemCount, f.AdminCount
	}
	if e.Change == "" {
		e.Change = changeKindOf(f)
	}
}

// changeKindOf is what a finding says of itself. The list of changes knows better, unless it is full.
func changeKindOf(f *diff.Finding) diff.ChangeKind {
	switch {
	case f.Change == diff.New:
		return diff.ChangeAdded
	case f.Change == diff.Removed:
		return diff.ChangeRemoved
	case f.Change == diff.Changed && len(f.Gained) > 0:
		return diff.ChangeGained
	case f.Change == diff.Changed:
		return diff.ChangeOther
	}
	return ""
}

// change adds a change; the most important comes first.
func (e *Entry) change(c *diff.Change) {
	if len(e.Changes) == 0 || c.Kind.Rank() < e.Change.Rank() {
		e.Change = c.Kind
	}
	e.Changes, e.ChangeIDs = append(e.Changes, c), append(e.ChangeIDs, c.ID)
	if e.About == "" {
		e.About, e.Provider, e.Kind, e.App, e.Also, e.Tier = c.About, c.Provider, c.ItemKind, c.App, c.Also, c.Tier
	}
	if e.HolderCount == 0 && len(e.Findings) == 0 {
		e.Holders, e.HolderCount, e.ItemCount = c.Holders[:min(len(c.Holders), diff.MaxSubjectHolders)], c.HolderCount, c.ItemCount
	}
}

// finish completes what needs all of it.
func (e *Entry) finish(r *Report) {
	if e.Holders == nil {
		e.Holders = []diff.Affected{}
	}
	if e.About == diff.AboutSource && len(e.Holders) > 0 {
		e.Source = &e.Holders[0].Source
	}
	e.Title = e.title()
	e.Reach = reachOf(e.Reasons)
	e.Why = e.why(r.Allowlist == nil)
	if e.Approve != "" {
		e.ApproveWith = approveWith
	}
}

// approveWith is the command that writes the entries that a report proposes.
const approveWith = "guestlist scan --output toml"

func (e *Entry) title() inventory.Untrusted {
	switch {
	case e.App.Name != "":
		return e.App.Name
	case e.App.ID != "":
		return e.App.ID
	case e.About == diff.AboutCredentials:
		return e.credentials()
	case len(e.Holders) > 0 && e.About == diff.AboutSource:
		return e.Holders[0].Source.Name
	case len(e.Holders) > 0:
		return organizationOf(e.Holders[0].Source)
	}
	return inventory.Untrusted(cmp.Or(string(e.Provider), string(e.Kind), e.ID))
}

// credentials names keys and tokens by who holds them.
func (e *Entry) credentials() inventory.Untrusted {
	words, known := gatherings[e.Kind]
	if !known {
		words.one = string(e.Kind)
	}
	text := inventory.Textf("%s", plural(max(e.ItemCount, 1), words.one))
	switch {
	case e.HolderCount == 1 && !e.Rule().OfOrganization() && e.Holders[0].Holder.Account != "":
		return text + " of " + e.Holders[0].Holder.Account
	case len(e.Holders) > 0 && e.Holders[0].Holder.Organization != "":
		return text + " in " + e.Holders[0].Holder.Organization
	}
	return text
}

// organizationOf is the name of the organization that a list of accounts belongs to.
func organizationOf(source inventory.Source) inventory.Untrusted {
	if parent, ok := source.Parent(); ok {
		return parent.Name
	}
	return source.Name
}

// why says why the entry is here. Where nobody has decided anything yet, that is what it can reach.
func (e *Entry) why(undecided bool) inventory.Untrusted {
	if len(e.Findings) == 0 {
		if len(e.Changes) == 0 {
			return ""
		}
		return changeWords[e.Change]
	}
	short := e.Findings[0].Short()
	can := canWords(e.Reasons)
	switch rule := e.Findings[0].Rule; {
	case can == "":
	case rule == diff.Unapproved && undecided:
		return can
	case rule == diff.Unapproved && words(short)+words(can) <= diff.MaxShortWords:
		return short + ", " + can
	}
	if e.Rule() == diff.Unapproved && undecided {
		return inventory.Textf("%s access", e.Tier)
	}
	return short
}

func words(text inventory.Untrusted) int { return len(strings.Fields(text.String())) }

// changeWords say of a change that no finding speaks of what it is.
var changeWords = map[diff.ChangeKind]inventory.Untrusted{
	diff.ChangeAdded: "new since the last scan", diff.ChangeGained: "more access than before", diff.ChangeLost: "less access than before",
	diff.ChangeOther: "changed since the last scan", diff.ChangeRemoved: "gone since the last scan",
	diff.ChangeUnread: "no longer read", diff.ChangeReadAgain: "read again",
}

// compareEntries puts the most urgent first, then what is new, then what most people hold.
func compareEntries(a, b Entry) int {
	order := cmp.Or(
		boolOrder(a.Urgency != "", b.Urgency != ""), b.Urgency.Compare(a.Urgency), boolOrder(a.Open, b.Open), newsRank(a.Change)-newsRank(b.Change),
		b.HolderCount-a.HolderCount, boolOrder(a.Tier != "", b.Tier != ""), b.Tier.Compare(a.Tier),
	)
	if order != 0 {
		return order
	}
	return cmp.Or(
		strings.Compare(strings.ToLower(string(a.Title)), strings.ToLower(string(b.Title))), strings.Compare(string(a.App.ID), string(b.App.ID)),
		strings.Compare(a.ID, b.ID),
	)
}

// newsRank orders entries by what is new about them; what is gone, or has less access, is no more urgent than what stayed.
func newsRank(kind diff.ChangeKind) int {
	switch kind {
	case "", diff.ChangeLost, diff.ChangeRemoved, diff.ChangeReadAgain:
		return len(diff.ChangeKinds())
	}
	return kind.Rank()
}

// boolOrder puts what is so before what is not.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
