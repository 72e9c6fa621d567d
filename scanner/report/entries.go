package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// Entry is everything there is to say about one thing: an app with its verdicts, access, holders,
// change and approval; the credentials of one account; accounts of one organization; a source that
// was not read; an entry of the allowlist.
//
// Every format takes the grouping from here. Findings and changes remain the atoms: an entry names
// its own, the worst first, and in JSON it does not repeat what one of them says.
//
// Formats for people show the entries that are Open. Of the others, those with an Urgency are good
// to know; those without one are approved or belong to an app without findings.
type Entry struct {
	// ID is derived from what the entry is about, and stays the same from scan to scan.
	ID    string     `json:"id"`
	About diff.About `json:"about"`

	Provider inventory.Provider `json:"provider,omitzero"`
	Kind     inventory.Kind     `json:"kind,omitzero"`
	App      inventory.App      `json:"app,omitzero"`
	Source   *inventory.Source  `json:"source,omitzero"` // set for a source that was not read
	// Title is what people call it: never empty.
	Title inventory.Untrusted `json:"title"`

	// Urgency is the severity of the worst finding; empty if there is none. Open says that someone
	// should do something.
	Urgency inventory.Level `json:"urgency,omitzero"`
	Open    bool            `json:"open"`
	// Why says in a few words why it is here, at most [diff.MaxShortWords].
	Why inventory.Untrusted `json:"why,omitzero"`
	// FindingIDs refer to Report.Findings, the worst first; ChangeIDs to Report.Difference.
	FindingIDs []string `json:"findings"`
	ChangeIDs  []string `json:"changes,omitempty"`
	// Change is the kind of the most important change.
	Change diff.ChangeKind `json:"change,omitzero"`

	Tier inventory.Level `json:"tier,omitzero"`
	// Reach names what belongs to an organization or person that it can read or act on: "every
	// page", "mail".
	Reach []Reach `json:"reach,omitempty"`

	HolderCount int `json:"holder_count"`
	ItemCount   int `json:"item_count,omitzero"`
	AdminCount  int `json:"admin_count,omitzero"`

	// Approvals are what the allowlist says about it: the first few if there are several, for
	// several holders.
	Approvals []diff.Approval `json:"approvals,omitempty"`

	// Particulars are always set. JSON has them, in Own, only if no finding or change says the
	// same: AsIn is then empty. Otherwise AsIn is the ID of the one that does.
	Particulars `json:"-"`
	AsIn        string       `json:"as_in,omitzero"`
	Own         *Particulars `json:"own,omitzero"`

	// Lookalikes, Approve and Remedy are those of the first finding that has any: other makers'
	// apps with a similar name, the TOML that would approve it as it is now, and what to do.
	Lookalikes []inventory.App     `json:"-"`
	Approve    inventory.Untrusted `json:"-"`
	Remedy     inventory.Untrusted `json:"-"`
	// ApproveWith is the command that would approve it: in the allowlist's text, without another
	// scan. It holds IDs and no names, and can be pasted into any shell. Empty: the allowlist cannot
	// decide about it.
	ApproveWith inventory.Untrusted `json:"approve_with,omitzero"`

	// Findings and Changes are what the IDs name, in the same order.
	Findings []*diff.Finding `json:"-"`
	Changes  []*diff.Change  `json:"-"`
}

// Particulars are what a finding, a change or an entry says about its app at length.
type Particulars struct {
	Also    []inventory.App       `json:"also,omitempty"`
	Notes   []inventory.Untrusted `json:"notes,omitempty"`
	Reasons []risk.Reason         `json:"reasons,omitempty"`
	Holders []diff.Affected       `json:"holders"` // at most diff.MaxSubjectHolders
	// Revoke says how to take it back.
	Revoke inventory.Untrusted `json:"revoke,omitzero"`
}

// Rule is the rule of the worst finding; empty without findings.
func (e *Entry) Rule() diff.Rule {
	if len(e.Findings) == 0 {
		return ""
	}
	return e.Findings[0].Rule
}

// IsNew reports whether all of it came since the baseline, or some of it came to more places.
func (e *Entry) IsNew() bool { return e.Change == diff.ChangeAdded }

// enter makes the report's entries: one for each thing that findings, changes or the allowlist
// mention.
func (r *Report) enter(subjects []diff.Subject) {
	index := make(map[diff.SubjectKey]int, len(subjects)+len(r.Findings))
	seen := func(subject diff.SubjectKey) {
		if _, known := index[subject]; !known {
			index[subject] = len(index)
		}
	}
	for i := range subjects {
		seen(subjects[i].Subject())
	}
	for i := range r.Findings {
		seen(r.Findings[i].Subject())
	}
	for i := range r.Difference.List {
		seen(r.Difference.List[i].Subject())
	}
	r.Entries = make([]Entry, len(index)) // there may be as many as there are apps
	for subject, n := range index {
		r.Entries[n] = Entry{ID: entryID(subject), FindingIDs: []string{}}
	}
	for i := range subjects {
		r.Entries[index[subjects[i].Subject()]].see(&subjects[i])
	}
	for i := range r.Findings {
		r.Entries[index[r.Findings[i].Subject()]].seeWhole(&r.Findings[i])
	}
	for i := range r.Findings { // which are sorted, the worst first
		r.Entries[index[r.Findings[i].Subject()]].find(&r.Findings[i])
	}
	for i := range r.Difference.List {
		r.Entries[index[r.Difference.List[i].Subject()]].change(&r.Difference.List[i])
	}
	for i := range r.Entries {
		r.Entries[i].finish(r)
	}
	sort.Slice(r.Entries, func(a, b int) bool { return compareEntries(&r.Entries[a], &r.Entries[b]) < 0 })
	for i := range r.Entries { // which stay where they are from here on
		if e := &r.Entries[i]; e.AsIn == "" {
			e.Own = &e.Particulars
		}
	}
}

func entryID(subject diff.SubjectKey) string {
	sum := sha256.Sum256([]byte("entry\x00" + string(subject)))
	return hex.EncodeToString(sum[:8])
}

// see copies what the scan saw of the subject everywhere.
func (e *Entry) see(s *diff.Subject) {
	e.Provider, e.Kind, e.App, e.Tier, e.Approvals = s.Provider, s.Kind, s.App, s.Tier, s.Approvals
	e.About = diff.AboutApp
	if s.App.ID == "" && s.App.Name == "" {
		e.About = diff.AboutCredentials
	}
	e.Particulars = Particulars{Also: s.Also, Notes: s.Notes, Reasons: s.Reasons, Holders: s.Holders, Revoke: s.Revoke}
	e.HolderCount, e.ItemCount, e.AdminCount = s.HolderCount, s.ItemCount, s.AdminCount
}

// seeWhole copies the same from a finding that has all of it.
func (e *Entry) seeWhole(f *diff.Finding) {
	if standing := f.Whole(); standing != nil {
		e.take(f)
		e.Approvals, e.Revoke = standing.Approvals, standing.Revoke
	}
}

// take lets a finding provide the particulars.
func (e *Entry) take(f *diff.Finding) {
	e.About, e.Provider, e.Kind, e.App, e.Tier, e.AsIn = f.About(), f.Provider, f.Kind, f.App, f.Tier, f.ID
	e.Particulars = Particulars{Also: f.Also, Notes: f.Notes, Reasons: f.Reasons, Holders: firstFew(f.Holders),
		Revoke: f.Remedy}
	e.HolderCount, e.ItemCount, e.AdminCount = f.HolderCount, f.ItemCount, f.AdminCount
}

func firstFew(holders []diff.Affected) []diff.Affected {
	return holders[:min(len(holders), diff.MaxSubjectHolders)]
}

// find adds a finding; the worst comes first.
func (e *Entry) find(f *diff.Finding) {
	if len(e.Findings) == 0 {
		e.Urgency, e.Remedy = f.Severity, f.Remedy
	}
	if e.About == "" || e.AsIn != "" && f.HolderCount > e.HolderCount &&
		!f.Rule.Info().Absent { // nothing but findings is known about it
		e.take(f)
	}
	e.Findings, e.FindingIDs = append(e.Findings, f), append(e.FindingIDs, f.ID)
	e.Open = e.Open || IsOpen(f)
	if len(e.Lookalikes) == 0 {
		e.Lookalikes = f.Lookalikes
	}
	if e.Approve == "" {
		e.Approve = f.Approve
	}
	if e.Change == "" {
		e.Change = changeKindOf(f)
	}
}

// changeKindOf is the kind of change that a finding implies. The list of changes is more precise,
// unless it is full.
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
	if e.About == "" { // nothing but changes is known about it
		e.About, e.Provider, e.Kind, e.App, e.Tier, e.AsIn = c.About, c.Provider, c.ItemKind, c.App, c.Tier, c.ID
		e.Particulars = Particulars{Also: c.Also, Holders: firstFew(c.Holders)}
		e.HolderCount, e.ItemCount = c.HolderCount, c.ItemCount
	}
}

// finish fills in what depends on the whole entry.
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
	e.ApproveWith = e.approveWith()
}

// maxCommandIDs is how many IDs are written in one command; for more there is a command that asks
// about each.
const maxCommandIDs = 10

// approveWith is the command of the first finding that has one.
func (e *Entry) approveWith() inventory.Untrusted {
	for _, f := range e.Findings {
		command := f.Rule.Info().Command
		switch ids := f.AppIDs(); {
		case command == "" || len(ids) == 0:
			continue
		case len(ids) > maxCommandIDs:
			return "guestlist allow review"
		default:
			words := make([]string, len(ids))
			for n, id := range ids {
				words[n] = Argument(inventory.Untrusted(f.Kind) + ":" + id)
			}
			return inventory.Untrusted("guestlist allow " + command + " " + strings.Join(words, " "))
		}
	}
	return ""
}

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

// credentials names keys and tokens by their holder.
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

// why says why the entry is here. If nothing has been decided yet, that is what it can reach.
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
		return accessWords[e.Tier]
	}
	return short
}

// accessWords say how much an app may do if a few words cannot describe it.
var accessWords = map[inventory.Level]inventory.Untrusted{
	inventory.Critical: "access to nearly everything", inventory.High: "wide access", inventory.Medium: "some access",
	inventory.Low: "little access", inventory.Info: "hardly any access",
}

func words(text inventory.Untrusted) int { return len(strings.Fields(text.String())) }

// changeWords describe a change that no finding mentions.
var changeWords = map[diff.ChangeKind]inventory.Untrusted{
	diff.ChangeAdded: "new since the last scan", diff.ChangeGained: "more access than before",
	diff.ChangeLost:  "less access than before",
	diff.ChangeOther: "changed since the last scan", diff.ChangeRemoved: "gone since the last scan",
	diff.ChangeUnread: "no longer read", diff.ChangeReadAgain: "read again",
}

// compareEntries puts the most urgent first, then what is new, then what most people hold.
func compareEntries(a, b *Entry) int {
	order := cmp.Or(
		boolOrder(a.Urgency != "", b.Urgency != ""), b.Urgency.Compare(a.Urgency), boolOrder(a.Open, b.Open),
		newsRank(a.Change)-newsRank(b.Change),
		b.HolderCount-a.HolderCount, boolOrder(a.Tier != "", b.Tier != ""), b.Tier.Compare(a.Tier),
	)
	if order != 0 {
		return order
	}
	return cmp.Or(
		strings.Compare(strings.ToLower(string(a.Title)), strings.ToLower(string(b.Title))),
		strings.Compare(string(a.App.ID), string(b.App.ID)),
		strings.Compare(a.ID, b.ID),
	)
}

// newsRank orders entries by what is new about them; what is gone or has less access is no more
// urgent than what stayed.
func newsRank(kind diff.ChangeKind) int {
	switch kind {
	case "", diff.ChangeLost, diff.ChangeRemoved, diff.ChangeReadAgain:
		return len(diff.ChangeKinds())
	}
	return kind.Rank()
}

// boolOrder sorts true before false.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
