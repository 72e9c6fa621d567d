package diff

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// Input is what [Judge] needs.
type Input struct {
	// Pairs are the records of both snapshots in order, coverage first; without a baseline every
	// Old is absent.
	Pairs iter.Seq2[snapshot.Pair, error]
	// Allowlist may be nil: then every item is unapproved.
	Allowlist *allowlist.List
	// Baseline says that there is one; SameScope that it looked at the same places, so that a
	// source it does not name was not there.
	Baseline, SameScope bool
	// Earlier are apps that earlier scans, or logs, saw: those that a feed names and that are not
	// here any more are reported.
	Earlier []EarlierApp
	// Now decides what has expired.
	Now time.Time
	// Owner is written in proposed entries; empty is a placeholder.
	Owner string
	// Self: the findings are for a person who checks their own things and does not decide about the
	// allowlist.
	Self bool
	// ChangesOnly leaves out the allowlist's verdicts and reports every difference, including plain
	// version changes.
	ChangesOnly bool
}

// Judgement is the result of [Judge].
type Judgement struct {
	Findings []Finding
	// Coverage lists the sources as they were read now, in order.
	Coverage []inventory.Coverage
	Counts   Counts
	// Presets are the apps that an included preset approved, by preset and name.
	Presets []PresetUse
	// Unused are the approvals that nothing matches, although the scan saw everyone they can mean.
	Unused []*allowlist.Entry
	// Difference is what is not as it was in the baseline; empty without one.
	Difference Difference
	// Subjects are the apps and credentials that were seen and of which no finding has everything,
	// in no order. Components of a browser, and files it does not count as installed, are left out.
	// There are none if only changes were asked for.
	Subjects []Subject
}

// PresetUse is one app that a preset approved, so that decisions made elsewhere are visible.
type PresetUse struct {
	Preset    inventory.Untrusted `json:"preset"`
	App       inventory.App       `json:"app"`
	ItemCount int                 `json:"item_count"`
}

// Counts are totals over what was read now.
type Counts struct {
	Items     int `json:"items"`
	Apps      int `json:"apps"`
	Accounts  int `json:"accounts"`
	Leftovers int `json:"leftovers"`
	Builtin   int `json:"builtin"`
	// Approved items were allowed without drift.
	Approved int `json:"approved"`
	// New, Changed and Removed count items against the baseline, whether or not a finding mentions
	// them, and leftovers only if every difference is asked for; Gained counts those of Changed
	// that hold more access than before.
	New     int `json:"new"`
	Changed int `json:"changed"`
	Gained  int `json:"gained"`
	Removed int `json:"removed"`
}

// Judge reads the pairs to their end. An error of the pairs, such as an altered file, voids the
// judgement.
func Judge(input Input) (*Judgement, error) {
	j := &judge{
		Input:  input,
		groups: make(map[identity]*group),
		apps:   make(map[appKey]seen),
		coverage: coverageIndex{now: make(map[inventory.Source]inventory.Coverage),
			before: make(map[inventory.Source]inventory.Coverage)},
		persons: make(map[person]*personState),
		matched: make(map[int]bool),
		names:   newNames(),
		presets: make(map[presetKey]*PresetUse),
		mine:    make(map[inventory.Source]bool),
		roster:  newRoster(),
		missed:  make(missed),

		subjects: newSubjects(),
	}
	if input.Allowlist != nil {
		j.own = ownRisk{input.Allowlist.Risk()}
		j.required = input.Allowlist.Required()
	}
	j.difference = newDifference(j.own)
	for pair, err := range input.Pairs {
		if err != nil {
			return nil, err
		}
		if err := j.pair(pair); err != nil {
			return nil, err
		}
	}
	j.settleAccounts()
	j.coverMissed()
	j.judgeCoverage()
	if j.Baseline {
		j.difference.coverage(&j.coverage, j.SameScope)
	}
	j.judgeRequired()
	j.judgeUnused()
	j.judgeEarlier()
	j.judgeFeeds()
	return j.finish(), nil
}

// judge is the state of one pass. Its files: items.go (one item), changes.go (against the
// baseline), whole.go (what only the whole inventory shows), roster.go (who joined and left),
// difference.go (the list of changes), subjects.go (what there is of each app), group.go (findings
// in the making).
type judge struct {
	Input
	groups    map[identity]*group
	apps      map[appKey]seen
	coverage  coverageIndex
	persons   map[person]*personState
	matched   map[int]bool // allowlist entries, by index
	required  []*allowlist.Entry
	names     names
	listed    int                       // holders, in all findings
	mine      map[inventory.Source]bool // accounts of the person who runs the scan
	own       ownRisk
	presets   map[presetKey]*PresetUse
	roster    roster
	missed    missed
	judgement Judgement

	difference difference
	subjects   subjects
	sighting   sighting // of the current item
}

type presetKey struct {
	preset string
	app    appKey
}

// seen says which scans hold an app.
type seen struct{ before, now bool }

type appKey struct {
	kind inventory.Kind
	id   inventory.Untrusted
}

func (j *judge) pair(pair snapshot.Pair) error {
	switch pair.Kind() {
	case snapshot.KindCoverage:
		return j.pairCoverage(pair)
	case snapshot.KindAccount:
		return j.pairAccount(pair)
	case snapshot.KindItem:
		j.settleAccounts()
		return j.pairItem(pair)
	}
	return nil
}

func (j *judge) pairCoverage(pair snapshot.Pair) error {
	before, err := pair.OldCoverage()
	if err != nil {
		return err
	}
	if before != nil {
		j.coverage.before[before.Source] = *before
	}
	now, err := pair.NewCoverage()
	if err != nil || now == nil {
		return err
	}
	j.sawLogged(now)
	now.Logged = nil // they are no part of a report
	j.coverage.now[now.Source] = *now
	j.judgement.Coverage = append(j.judgement.Coverage, *now)
	j.seePerson(now)
	return nil
}

func (j *judge) pairItem(pair snapshot.Pair) error {
	if j.ChangesOnly && pair.Same() {
		j.judgement.Counts.Items++
		return nil
	}
	now, err := pair.NewItem()
	if err != nil {
		return err
	}
	before, err := pair.OldItem()
	if err != nil {
		return err
	}
	if before != nil {
		key := appKey{before.Kind, before.App.ID}
		j.apps[key] = seen{true, j.apps[key].now}
	}
	if now == nil {
		j.removed(before)
		return nil
	}
	j.countItem(now)
	change := j.compare(before, now)
	if j.ChangesOnly {
		j.tellChange(now, change, j.own.Assess(now))
		j.differ(now, change, j.own.Assess(now), true)
		return nil
	}
	j.judgeItem(now, change)
	return nil
}

func (j *judge) countItem(item *inventory.Item) {
	counts := &j.judgement.Counts
	counts.Items++
	switch {
	case item.State == inventory.StateLeftover:
		counts.Leftovers++
	case item.Origin == inventory.OriginBuiltin:
		counts.Builtin++
	}
	key := appKey{item.Kind, item.App.ID}
	j.apps[key] = seen{j.apps[key].before, true}
	j.names.add(item)
}

// seePreset counts what a preset's entry approves.
func (j *judge) seePreset(item *inventory.Item, entry *allowlist.Entry) {
	if entry == nil || entry.Preset == "" {
		return
	}
	key := presetKey{entry.Preset, appKey{item.Kind, item.App.ID}}
	if j.presets[key] == nil {
		j.presets[key] = &PresetUse{Preset: inventory.Untrusted(entry.Preset), App: item.App}
	}
	j.presets[key].ItemCount++
}

func (j *judge) finish() *Judgement {
	j.judgement.Difference = j.finishDifference()
	for _, seen := range j.apps {
		if seen.now {
			j.judgement.Counts.Apps++
		}
	}
	j.judgement.Findings = make([]Finding, 0, len(j.groups))
	for identity, group := range j.groups {
		delete(j.groups, identity) // it is no longer needed, and there may be one for each app
		finding := group.finish(identity, j.Owner, allowlist.DateOf(j.Now))
		finding.subject = cmp.Or(finding.subject, identity.key())
		finding.whole = j.subjects.whole(identity, group)
		if identity.kind == inventory.KindOAuthGrant || identity.kind == inventory.KindInstallation {
			finding.Lookalikes = j.names.like(&finding.App, group.names)
		}
		j.judgement.Findings = append(j.judgement.Findings, finding)
	}
	slices.SortFunc(j.judgement.Findings, compareFindings)
	j.judgement.Subjects = j.subjects.finish()
	for _, use := range j.presets {
		j.judgement.Presets = append(j.judgement.Presets, *use)
	}
	slices.SortFunc(j.judgement.Presets, func(a, b PresetUse) int {
		return cmp.Or(cmp.Compare(a.Preset, b.Preset), cmp.Compare(a.App.Name, b.App.Name), cmp.Compare(a.App.ID, b.App.ID))
	})
	return &j.judgement
}

// compareFindings puts the most urgent first: by severity, then what is known to be bad, then by
// rule in the table's order, then by name and ID, so that the order is stable.
func compareFindings(a, b Finding) int {
	if order := b.Severity.Compare(a.Severity); order != 0 {
		return order
	}
	if order := a.Rule.rank() - b.Rule.rank(); order != 0 {
		return order
	}
	if order := strings.Compare(strings.ToLower(string(a.App.Name)), strings.ToLower(string(b.App.Name))); order != 0 {
		return order
	}
	return strings.Compare(string(a.App.ID)+a.ID, string(b.App.ID)+b.ID)
}
