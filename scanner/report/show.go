package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// ShownSchemaVersion is the version of the JSON that "show" writes. A minor step only adds.
const ShownSchemaVersion = "1.0"

// Shown is everything there is to know about one thing: an app, the apps of a project, a person, an
// account, a browser profile, a repository or an entry of the allowlist.
type Shown struct {
	SchemaVersion inventory.Untrusted `json:"schema_version"`
	Topic         history.Topic       `json:"topic"`
	Kind          inventory.Kind      `json:"kind,omitzero"` // of apps
	ID            inventory.Untrusted `json:"id"`
	Within        inventory.Untrusted `json:"within,omitzero"` // an organization, a machine
	Title         inventory.Untrusted `json:"title"`
	App           inventory.App       `json:"app,omitzero"`
	Also          []inventory.App     `json:"also,omitempty"` // further apps of the project

	// State is what the newest scans say. Seen is the scan that saw it last; zero if none did.
	State history.State `json:"state"`
	Seen  history.Scan  `json:"seen,omitzero"`

	Tier    inventory.Level `json:"tier,omitzero"`
	Reasons []risk.Reason   `json:"reasons,omitempty"`
	// Waiting is what it asked for and does not have.
	Waiting []inventory.Untrusted `json:"waiting,omitempty"`

	Accounts []inventory.Account `json:"accounts,omitempty"`
	// Places are where apps are, and who let them in; Apps are what everything else holds. Each
	// lists the first few, see [history.MaxItems]; ItemCount counts all.
	Places []diff.Affected `json:"places,omitempty"`
	Apps   []ShownApp      `json:"apps,omitempty"`
	// HolderCount counts the different places, or the items if there are more of them than are
	// listed.
	HolderCount int `json:"holder_count,omitzero"`
	// Means are the things that an allowlist entry names, as far as scans saw them.
	Means     []ShownSubject `json:"means,omitempty"`
	ItemCount int            `json:"item_count"`

	// Allowlist is the file that was consulted; nil if none was. Statements are what it says.
	// Verdicts say what it comes to for what is there, without duplicates.
	Allowlist  *AllowlistRef         `json:"allowlist,omitzero"`
	Verdicts   []inventory.Untrusted `json:"verdicts,omitempty"`
	Statements []ShownStatement      `json:"statements,omitempty"`
	Revoke     []inventory.Untrusted `json:"revoke,omitempty"`

	History []history.Span  `json:"history"`
	Window  *history.Window `json:"window,omitzero"`
	// Unreadable counts the snapshots that could not be read.
	Unreadable int `json:"unreadable_snapshots,omitzero"`
}

// ShownApp is one thing that someone or something holds.
type ShownApp struct {
	App      inventory.App       `json:"app"`
	Kind     inventory.Kind      `json:"kind"`
	Source   inventory.Source    `json:"source"`
	Version  inventory.Untrusted `json:"version,omitzero"`
	State    inventory.State     `json:"state,omitzero"`
	Added    time.Time           `json:"added,omitzero"`
	Tier     inventory.Level     `json:"tier"`
	Can      inventory.Untrusted `json:"can,omitzero"`
	Decision allowlist.Decision  `json:"decision,omitzero"`
	// Verdicts say more about the decision, each in a sentence without a full stop.
	Verdicts []inventory.Untrusted `json:"verdicts,omitempty"`
}

// ShownSubject is a thing that can be shown by itself.
type ShownSubject struct {
	Query inventory.Untrusted `json:"query"` // what to type for it
	Name  inventory.Untrusted `json:"name,omitzero"`
	Items int                 `json:"item_count"`
}

// ShownStatement is what one line of the allowlist, or of a feed, says.
type ShownStatement struct {
	At      diff.Position       `json:"at"`
	Text    inventory.Untrusted `json:"text"`
	Decides bool                `json:"decides,omitzero"`
}

// NewShown says what kept snapshots and the allowlist, which may be nil, know about a subject.
func NewShown(traced *history.Traced, list *allowlist.List, now time.Time) *Shown {
	s := &Shown{
		SchemaVersion: ShownSchemaVersion, Topic: traced.Subject.Topic, Kind: traced.Subject.Kind, ID: traced.Subject.ID,
		Within: traced.Subject.Within, Title: cmp.Or(traced.Subject.Name, traced.Subject.ID), State: traced.State,
		Seen:     traced.Seen,
		Accounts: traced.Accounts, ItemCount: traced.NowCount, History: traced.Spans,
	}
	if s.History == nil {
		s.History = []history.Span{}
	}
	s.ask(list, now)
	for i := range traced.Now {
		item := &traced.Now[i]
		if traced.Subject.IsOfApps() {
			s.place(list.Risk(), item)
			s.explain(list, item, now)
			continue
		}
		s.hold(list, item, now)
	}
	s.HolderCount = s.holders()
	if traced.Subject.IsOfApps() && list != nil && len(s.Statements) == 0 {
		s.state(list.Explain(s.ID, now))
	}
	sortReasons(s.Reasons)
	return s
}

// NewShownEntry shows an entry of the allowlist, with what scans saw of what it names.
func NewShownEntry(list *allowlist.List, entry *allowlist.Entry, means []history.Subject, now time.Time) *Shown {
	s := &Shown{
		SchemaVersion: ShownSchemaVersion, Topic: history.TopicEntry, Kind: entry.Kind, Title: entry.Title(),
		State:   history.Unknown,
		History: []history.Span{},
	}
	s.ID = cmp.Or(entry.Project, firstOf(entry.IDs))
	for i := range means {
		s.State = history.Present
		s.Means = append(s.Means, ShownSubject{means[i].Query(), means[i].Name, means[i].Items})
	}
	s.ask(list, now)
	for _, id := range append(slices.Clone(entry.IDs), entry.Project) {
		if id == "" {
			continue
		}
		for _, statement := range list.Explain(id, now) {
			if statement.Entry == entry || statement.Feed != nil {
				s.state([]allowlist.Statement{statement})
			}
		}
	}
	return s
}

func firstOf(list []inventory.Untrusted) inventory.Untrusted {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func (s *Shown) ask(list *allowlist.List, now time.Time) {
	if list != nil {
		s.Allowlist = NewAllowlistRef(list, now)
	}
}

// place adds an item of an app: what it is, what it may do, where it is.
func (s *Shown) place(own *risk.Own, item *inventory.Item) {
	switch {
	case s.App.ID == "":
		s.App = item.App
		s.Title = cmp.Or(item.App.Name, s.Title)
		if s.Topic == history.TopicProject {
			s.Title, s.Also = s.ID, []inventory.App{item.App}
		}
	case item.App.ID != s.App.ID && !slices.ContainsFunc(s.Also,
		func(app inventory.App) bool { return app.ID == item.App.ID }):
		s.Also = append(s.Also, item.App)
	}
	assessment := own.Assess(item)
	s.Tier = inventory.MaxLevel(s.Tier, assessment.Level)
	for _, reason := range assessment.Reasons {
		if !slices.Contains(s.Reasons, reason) {
			s.Reasons = append(s.Reasons, reason)
		}
	}
	for _, asked := range item.Access.Requested {
		if !slices.Contains(s.Waiting, asked) {
			s.Waiting = append(s.Waiting, asked)
		}
	}
	for _, way := range vendor.RemedyFor(item).Ways {
		way = s.naming(way)
		if !slices.Contains(s.Revoke, way) {
			s.Revoke = append(s.Revoke, way)
		}
	}
	s.Places = append(s.Places, diff.Affected{
		Source: item.Source, Holder: item.Holder, Version: item.Version, State: item.State, Origin: item.Origin,
		Added:    item.Added,
		LastUsed: item.LastUsed, Expires: item.Expires,
	})
}

// naming says how the policy's contact can be reached.
func (s *Shown) naming(way inventory.Untrusted) inventory.Untrusted {
	contact := ""
	if s.Allowlist != nil && s.Allowlist.Contact != "" {
		contact = fmt.Sprintf(" (%s)", s.Allowlist.Contact)
	}
	return inventory.Untrusted(strings.ReplaceAll(string(way), vendor.Contact, contact))
}

// hold adds an item that someone or something holds.
func (s *Shown) hold(list *allowlist.List, item *inventory.Item, now time.Time) {
	assessment := list.Risk().Assess(item)
	held := ShownApp{
		App: item.App, Kind: item.Kind, Source: item.Source, Version: item.Version, State: item.State, Added: item.Added,
		Tier: assessment.Level, Can: canWords(assessment.Reasons),
	}
	if list != nil {
		verdict := list.Decide(item, now)
		held.Decision, held.Verdicts = verdict.Decision, verdictWords(&verdict)
	}
	s.Apps = append(s.Apps, held)
	slices.SortStableFunc(s.Apps, func(a, b ShownApp) int {
		return cmp.Or(b.Tier.Compare(a.Tier), strings.Compare(strings.ToLower(string(a.App.Name)),
			strings.ToLower(string(b.App.Name))))
	})
}

// explain adds what the allowlist says about an item, each line once. A line that decides for any
// item is marked as deciding.
func (s *Shown) explain(list *allowlist.List, item *inventory.Item, now time.Time) {
	if list == nil {
		return
	}
	s.state(list.ExplainItem(item, now))
	if item.State == inventory.StateLeftover {
		return
	}
	verdict := list.Decide(item, now)
	words := verdictWords(&verdict)
	if verdict.Entry != nil && verdict.Entry.Part == allowlist.PartDefer {
		words = []inventory.Untrusted{"not approved: " + verdict.Why}
	}
	if len(words) == 0 {
		words = []inventory.Untrusted{inventory.Untrusted(decisionWords[verdict.Decision])}
	}
	for _, text := range words {
		if !slices.Contains(s.Verdicts, text) {
			s.Verdicts = append(s.Verdicts, text)
		}
	}
}

// decisionWords say what the allowlist comes to.
var decisionWords = map[allowlist.Decision]string{
	allowlist.Allowed: "approved", allowlist.Denied: "denied",
	allowlist.Pending:  "its entry is not filled in, so it is not approved",
	allowlist.Deferred: "not approved: the decision is deferred",
	allowlist.Unlisted: "not in the allowlist",
}

// verdictWords say what is wrong with an approval.
func verdictWords(verdict *allowlist.Verdict) []inventory.Untrusted {
	var words []inventory.Untrusted
	for _, drift := range verdict.Drifts {
		if excess := slices.Concat(drift.Permissions, drift.Hosts); len(excess) > 0 {
			words = append(words, inventory.Textf("has more access than approved: %s", scopes(excess)))
			continue
		}
		words = append(words, inventory.Textf("approved for %s %s; found %s", inventory.Untrusted(drift.Aspect),
			drift.Before, drift.After))
	}
	if verdict.Expiry == allowlist.Expired {
		words = append(words, inventory.Textf("the approval expired on %v", verdict.ExpiresOn))
	}
	return words
}

// holders counts different places.
func (s *Shown) holders() int {
	if s.ItemCount > len(s.Places) {
		return s.ItemCount
	}
	different := make(map[inventory.Holder]bool)
	for i := range s.Places {
		different[s.Places[i].Holder] = true
	}
	return len(different)
}

func (s *Shown) state(statements []allowlist.Statement) {
	for _, statement := range statements {
		at := diff.Position{File: statement.Position.File, Line: statement.Position.Line}
		n := slices.IndexFunc(s.Statements, func(known ShownStatement) bool { return known.At == at })
		switch {
		case n < 0:
			s.Statements = append(s.Statements, ShownStatement{at, statement.Text, statement.Decides})
		case statement.Decides && !s.Statements[n].Decides:
			s.Statements[n].Decides, s.Statements[n].Text = true, statement.Text
		}
	}
}

func sortReasons(reasons []risk.Reason) {
	slices.SortStableFunc(reasons, func(a, b risk.Reason) int { return b.Level.Compare(a.Level) })
}
