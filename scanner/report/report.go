// Package report holds the one model that every output is made from, and a renderer for each
// format.
//
// A [Report] is complete: the verdict, the exit code, entries, changes, findings, coverage and
// counts are in it before any renderer sees it, so no format can say something that another does
// not. A renderer turns it into bytes and escapes every [inventory.Untrusted] in the manner of its
// own format; nothing else in guestlist turns foreign text into plain strings for output.
//
// # The model
//
// Report.Entries hold everything once, by what it is about: an app with all its findings, access,
// holders, change and approval. Renderers take the grouping and the order from there. What to show:
//
//   - Entry.Open: someone should do something. Without an allowlist (Report.Allowlist is nil)
//     nothing is approved or not, and such an entry is shown by what it reaches.
//   - Entry.Urgency, "" if no finding mentions it: approved, or nothing to say.
//   - Entry.About: apps and credentials are a table; sources that were not read and entries of the
//     allowlist have places of their own.
//
// Report.Difference is all that differs from the baseline, and Report.Since says what that is:
// first scan, or since when. Report.Findings are the atoms that entries refer to.
//
// The lists may be long: as many entries as apps, with [diff.MaxSubjectHolders] holders each. A
// renderer writes them as it goes and retains nothing.
package report

import (
	"io"
	"iter"
	"slices"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// SchemaVersion is the version of the report's JSON form. A minor step only adds.
const SchemaVersion = "1.2"

// Report is everything that a scan has to say.
type Report struct {
	SchemaVersion string              `json:"schema_version"`
	Tool          Tool                `json:"tool"`
	RunID         inventory.Untrusted `json:"run_id"`
	Host          inventory.Untrusted `json:"host,omitzero"`
	Started       time.Time           `json:"started"`
	Finished      time.Time           `json:"finished"`

	// Verdict is the whole report in two or three sentences: what needs a person, what changed, how
	// much was read. VerdictLines are the same, as two lines of at most [VerdictColumns].
	Verdict      inventory.Untrusted   `json:"verdict"`
	VerdictLines []inventory.Untrusted `json:"-"`
	// ExitCode is the exit code of the scan, the same for every format; FailOn is the severity that
	// decided it.
	ExitCode int             `json:"exit_code"`
	FailOn   inventory.Level `json:"fail_on"`
	// FailOnChanges are the only kinds of change that fail the run, if that was asked for.
	FailOnChanges []diff.ChangeKind `json:"fail_on_changes,omitempty"`
	// Only are the kinds of change that the lists are limited to, and LeftOut is how many entries
	// that leaves out. The verdict and the summary cover everything. Nil: nothing is left out.
	Only    []diff.ChangeKind `json:"only,omitempty"`
	LeftOut int               `json:"left_out,omitzero"`

	Summary   Summary       `json:"summary"`
	Allowlist *AllowlistRef `json:"allowlist,omitzero"`
	Baseline  *BaselineRef  `json:"baseline,omitzero"`
	// Since says what Difference, which is everything that changed, compares with.
	Since      Since           `json:"since"`
	Difference diff.Difference `json:"difference"`

	// Entries are what there is to say, one for each app, account, source or allowlist entry: by
	// urgency, then what is new, then by how many hold it. Those without urgency, at the end, are
	// apps that no finding mentions.
	Entries  []Entry              `json:"entries"`
	Findings []diff.Finding       `json:"findings"`
	Coverage []inventory.Coverage `json:"coverage"`
	// Presets are the apps that presets of the allowlist approved.
	Presets []diff.PresetUse `json:"presets,omitempty"`

	// Inventory yields every item that was read, if it was asked for; nil otherwise. It can be
	// ranged over more than once.
	Inventory iter.Seq2[*inventory.Item, error] `json:"-"`

	// Trend is what earlier scans saw, if they were kept and read; this scan is not in it.
	Trend []TrendPoint `json:"-"`

	comparison bool // of two snapshots
}

// Tool says which program wrote the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Summary is the report in numbers.
type Summary struct {
	diff.Counts
	Findings map[inventory.Level]int `json:"findings_by_severity"`
	Rules    map[diff.Rule]int       `json:"findings_by_rule"`
	Sources  SourceCounts            `json:"sources"`
}

// SourceCounts count sources by how they were read.
type SourceCounts struct {
	Total         int `json:"total"`
	Complete      int `json:"complete"`
	Partial       int `json:"partial"`
	NotObservable int `json:"not_observable"`
	// Unobservable counts sources that the platform lets no one read. They are not in the other
	// counts.
	Unobservable int `json:"unobservable"`
}

// AllowlistRef names the allowlist that was used.
type AllowlistRef struct {
	Path    inventory.Untrusted `json:"path"`
	Digest  inventory.Untrusted `json:"digest"`
	Entries int                 `json:"entries"`
	// Contact is whom to ask for approval, if its policy says.
	Contact inventory.Untrusted `json:"contact,omitzero"`
	// Includes are the lists that it includes, in the order in which their entries count.
	Includes []IncludedRef `json:"includes,omitempty"`
	// Feeds are the files of bad IDs that it names.
	Feeds []FeedRef `json:"feeds,omitempty"`
}

// FeedRef names a feed, and which of its versions it was.
type FeedRef struct {
	Path   inventory.Untrusted `json:"path"`
	Name   inventory.Untrusted `json:"name,omitzero"`
	Format inventory.Untrusted `json:"format"`
	Digest inventory.Untrusted `json:"digest"`
	// Date is when it was made; it is left out if that is not known. Stale: it is older than the
	// allowlist allows.
	Date  time.Time `json:"date,omitzero"`
	Stale bool      `json:"stale,omitzero"`
	// IDs counts what it names, and Rejected the rows that name nothing.
	IDs      int `json:"ids"`
	Rejected int `json:"rejected,omitzero"`
}

// IncludedRef names a list that the allowlist includes.
type IncludedRef struct {
	Name    inventory.Untrusted `json:"name"` // a path, an address, or "preset:" and a name
	Digest  inventory.Untrusted `json:"digest"`
	Entries int                 `json:"entries"`
	// Fetched is when an address served it; Note says why it is a copy of an earlier day.
	Fetched time.Time           `json:"fetched,omitzero"`
	Note    inventory.Untrusted `json:"note,omitzero"`
	preset  bool
}

// NewAllowlistRef names an allowlist, with all that it was read from.
func NewAllowlistRef(list *allowlist.List, now time.Time) *AllowlistRef {
	ref := &AllowlistRef{Path: list.Name, Digest: inventory.Untrusted(list.Digest), Entries: len(list.Entries())}
	if list.Policy.HasContact() {
		ref.Contact = list.Policy.Contact
	}
	for _, source := range list.Sources()[1:] {
		ref.Includes = append(ref.Includes, IncludedRef{
			Name: source.Name, Digest: inventory.Untrusted(source.Digest), Entries: source.Entries, Fetched: source.Fetched,
			Note: source.Note(now), preset: source.Preset != "",
		})
	}
	for _, feed := range list.Feeds() {
		ref.Feeds = append(ref.Feeds, FeedRef{
			Path: feed.Path, Name: feed.Name, Format: inventory.Untrusted(feed.Format), Digest: inventory.Untrusted(feed.Digest), Date: feed.Date,
			Stale: feed.IsStale(now), IDs: feed.Accepted, Rejected: feed.Rejected,
		})
	}
	return ref
}

// BaselineRef names the snapshot that was compared with. Name is the name of its series, if
// guestlist kept the snapshot by itself.
type BaselineRef struct {
	Name    inventory.Untrusted `json:"name,omitzero"`
	Path    inventory.Untrusted `json:"path"`
	RunID   inventory.Untrusted `json:"run_id"`
	Started time.Time           `json:"started"`
}

// Renderer writes a report in one format.
type Renderer interface {
	Render(w io.Writer, r *Report) error
}

// Exit codes. They depend on the report alone.
const (
	ExitClean      = 0
	ExitFailed     = 1 // no result to trust
	ExitUsage      = 2 // wrong usage, configuration or allowlist; nothing was scanned
	ExitFindings   = 3 // findings at or above FailOn
	ExitIncomplete = 4 // coverage is incomplete, with or without findings
)

// Meta is what a report says about the run besides its judgement.
type Meta struct {
	ToolVersion       string
	RunID, Host       inventory.Untrusted
	Started, Finished time.Time
	Allowlist         *AllowlistRef
	Baseline          *BaselineRef
	FailOn            inventory.Level // Info to Critical; empty: no finding fails the run
	// FailOnChanges, if any, are the only kinds of change that fail the run, at or above FailOn.
	FailOnChanges []diff.ChangeKind
	// Only limits what is shown to what changed in one of these ways; nil shows everything.
	Only      []diff.ChangeKind
	Inventory iter.Seq2[*inventory.Item, error]
	Trend     []TrendPoint
	// Comparison: the report compares two snapshots, so "no source" is nothing to complain about.
	Comparison bool
	// Once: no later scan is compared with this one, which is not kept.
	Once bool
}

// New makes the report of a judgement.
func New(judgement *diff.Judgement, meta Meta) *Report {
	r := &Report{
		SchemaVersion: SchemaVersion,
		Tool:          Tool{Name: "guestlist", Version: meta.ToolVersion},
		RunID:         meta.RunID,
		Host:          meta.Host,
		Started:       meta.Started.UTC(),
		Finished:      meta.Finished.UTC(),
		FailOn:        meta.FailOn,
		FailOnChanges: meta.FailOnChanges,
		Only:          meta.Only,
		Allowlist:     meta.Allowlist,
		Baseline:      meta.Baseline,
		Since:         sinceOf(meta.Baseline, meta.Started, meta.Once),
		Difference:    judgement.Difference,
		Findings:      judgement.Findings,
		Coverage:      judgement.Coverage,
		Presets:       judgement.Presets,
		Inventory:     meta.Inventory,
		Trend:         meta.Trend,
		comparison:    meta.Comparison,
	}
	if r.Findings == nil {
		r.Findings = []diff.Finding{}
	}
	if r.Coverage == nil {
		r.Coverage = []inventory.Coverage{}
	}
	if r.Difference.List == nil {
		r.Difference = diff.Difference{Counts: map[diff.ChangeKind]int{}, List: []diff.Change{}}
	}
	r.enter(judgement.Subjects)
	r.Summary = summarize(judgement)
	r.ExitCode = r.exitCode(meta.Comparison)
	r.VerdictLines = r.verdict(meta.Comparison)
	r.Verdict = r.VerdictLines[0] + " " + r.VerdictLines[1]
	r.limit()
	return r
}

func summarize(judgement *diff.Judgement) Summary {
	s := Summary{Counts: judgement.Counts, Findings: make(map[inventory.Level]int), Rules: make(map[diff.Rule]int)}
	for _, level := range inventory.Levels() {
		s.Findings[level] = 0
	}
	for i := range judgement.Findings {
		s.Findings[judgement.Findings[i].Severity]++
		s.Rules[judgement.Findings[i].Rule]++
	}
	for i := range judgement.Coverage {
		coverage := &judgement.Coverage[i]
		if coverage.Unobservable {
			s.Sources.Unobservable++
			continue
		}
		s.Sources.Total++
		switch coverage.Status {
		case inventory.StatusComplete:
			s.Sources.Complete++
		case inventory.StatusPartial:
			s.Sources.Partial++
		default:
			s.Sources.NotObservable++
		}
	}
	return s
}

func (r *Report) exitCode(comparison bool) int {
	sources := r.Summary.Sources
	switch {
	case !comparison && (sources.Total == 0 || sources.Complete < sources.Total):
		return ExitIncomplete
	case r.failing() > 0:
		return ExitFindings
	}
	return ExitClean
}

// failing counts the findings at or above FailOn, or the changes if these decide. A gap in coverage
// has an exit code of its own and does not count, except when two snapshots are compared.
func (r *Report) failing() int {
	if r.FailOn == "" {
		return 0
	}
	count := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if len(r.FailOnChanges) == 0 && f.Rule != diff.NotObserved && f.Severity.AtLeast(r.FailOn) {
			count++
		}
	}
	for i := range r.Difference.List {
		c := &r.Difference.List[i]
		decides := slices.Contains(r.FailOnChanges, c.Kind) || r.comparison && len(r.FailOnChanges) == 0
		if decides && c.Severity.AtLeast(r.FailOn) {
			count++
		}
	}
	return count
}
