package diff

import (
	"maps"
	"slices"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// What the scan saw of each app and of each account's credentials, whatever rules apply to them.
//
// Usually one finding covers every place where an app is, and has everything known about it: such a
// finding is whole, and there is no Subject besides it. There may be one for each app, with all its
// holders.

// Subject is one thing that the scan saw, in all places where it was let in, and of which no
// finding has everything: an app, or the keys and tokens of one account.
type Subject struct {
	Provider inventory.Provider
	Kind     inventory.Kind
	App      inventory.App // empty for credentials
	Also     []inventory.App
	Notes    []inventory.Untrusted
	Tier     inventory.Level
	Reasons  []risk.Reason

	Holders     []Affected // at most MaxSubjectHolders
	HolderCount int
	ItemCount   int
	AdminCount  int

	Standing

	subject SubjectKey
}

// Standing is the status of a subject: what the allowlist says about it, and how to revoke it.
type Standing struct {
	// Approvals are what the allowlist says about it, at most [MaxApprovals].
	Approvals []Approval
	// Revoke says how and where to revoke all of it.
	Revoke inventory.Untrusted
}

// Subject names it, in the same words as [Finding.Subject].
func (s *Subject) Subject() SubjectKey { return s.subject }

// Whole returns the status of the finding's subject, if the finding has every place where the
// subject is and everything it may do; nil if there is more, or if nothing was seen.
func (f *Finding) Whole() *Standing { return f.whole }

// Bounds on what is listed for one subject.
const (
	MaxSubjectHolders = 50
	MaxApprovals      = 3
)

// Approval is what one entry of the allowlist, or one of its feeds, says about an app.
type Approval struct {
	Decision allowlist.Decision  `json:"decision"`
	At       Position            `json:"at"`
	Name     inventory.Untrusted `json:"name,omitzero"`
	Owner    inventory.Untrusted `json:"owner,omitzero"`
	Reason   inventory.Untrusted `json:"reason,omitzero"`
	Preset   inventory.Untrusted `json:"preset,omitzero"`   // that the entry comes from
	Approved inventory.Untrusted `json:"approved,omitzero"` // 2026-11-23
	Expires  inventory.Untrusted `json:"expires,omitzero"`
	Expired  bool                `json:"expired,omitzero"`
}

// subjectOf is the subject that the item belongs to, whatever rules apply to it.
func subjectOf(item *inventory.Item) identity {
	name, _ := subject(New, item)
	return identity{provider: item.Source.Provider, kind: item.Kind, subject: name}
}

// subjects gathers what the scan saw.
type subjects struct {
	groups map[identity]*subjectGroup
	listed int // holders, of all subjects that are in no finding
}

// subjectGroup is a subject in the making.
type subjectGroup struct {
	// all has everything about it: the group of a finding as long as each of its items is in that,
	// and otherwise one of its own.
	all       *group
	own       bool
	approvals []Approval
}

func newSubjects() subjects { return subjects{groups: make(map[identity]*subjectGroup)} }

// sighting is the item being judged, with the results so far.
type sighting struct {
	verdict *allowlist.Verdict // nil without an allowlist
	groups  []*group           // of its findings, with what it may do
}

// see remembers an item as a part of its subject.
func (j *judge) see(item *inventory.Item, assessment risk.Assessment) {
	if item.State != inventory.StateLeftover && item.Origin != inventory.OriginBuiltin {
		j.subjects.see(item, assessment, &j.sighting)
	}
}

// see adds an item. A finding's group can represent its subject too, at no cost.
func (s *subjects) see(item *inventory.Item, assessment risk.Assessment, seen *sighting) {
	id := subjectOf(item)
	g := s.groups[id]
	if g == nil {
		g = &subjectGroup{all: seen.about(id)}
		s.groups[id] = g
	}
	switch {
	case !g.own && g.all != nil && slices.Contains(seen.groups, g.all):
	case !g.own:
		g.all, g.own = s.separate(g.all), true
		fallthrough
	default:
		g.all.put(item, inventory.Info, assessment)
	}
	if seen.verdict != nil {
		g.approve(seen.verdict)
	}
}

// about returns the first finding's group that is about that subject, and about nothing but this
// item yet.
func (s *sighting) about(id identity) *group {
	n := slices.IndexFunc(s.groups, func(g *group) bool {
		return g.finding.ItemCount == 1 && g.subject == id.subject
	})
	if n < 0 {
		return nil
	}
	return s.groups[n]
}

// separate returns a subject's own group, with what a finding's group has; of is nil if nothing of
// the subject was seen yet.
func (s *subjects) separate(of *group) *group {
	g := &group{listed: &s.listed, most: MaxSubjectHolders}
	if of == nil {
		return g
	}
	f := &of.finding
	g.finding = Finding{
		Provider: f.Provider, Kind: f.Kind, App: f.App, Also: slices.Clone(f.Also), Notes: slices.Clone(f.Notes),
		Tier: f.Tier, Reasons: slices.Clone(f.Reasons), Holders: slices.Clone(f.Holders[:min(len(f.Holders), g.most)]),
		HolderCount: f.HolderCount, ItemCount: f.ItemCount, AdminCount: f.AdminCount,
	}
	s.listed += len(g.finding.Holders)
	g.gathers, g.holder, g.holders, g.last = of.gathers, of.holder, maps.Clone(of.holders), of.last
	g.names, g.revoke, g.pages = slices.Clone(of.names), slices.Clone(of.revoke), of.pages
	for _, each := range of.items {
		g.items = append(g.items, kept{app: each.app})
	}
	return g
}

func (g *subjectGroup) approve(verdict *allowlist.Verdict) {
	at := Position{File: inventory.Untrusted(verdict.Position.File), Line: verdict.Position.Line}
	known := func(a Approval) bool { return a.At == at }
	if at.Line == 0 || len(g.approvals) >= MaxApprovals || slices.ContainsFunc(g.approvals, known) {
		return
	}
	approval := Approval{Decision: verdict.Decision, At: at, Reason: verdict.Why}
	if entry := verdict.Entry; entry != nil {
		approval.Name, approval.Owner, approval.Reason = entry.Name, entry.Owner, entry.Reason
		approval.Preset, approval.Approved = inventory.Untrusted(entry.Preset), inventory.Untrusted(entry.Approved.String())
		approval.Expires, approval.Expired = inventory.Untrusted(verdict.ExpiresOn.String()), verdict.Expiry == allowlist.Expired
	}
	g.approvals = append(g.approvals, approval)
}

// holding is the subject of one of these apps in a machine's browsers; empty if none of them is
// installed.
func (s *subjects) holding(kind inventory.Kind, ids []inventory.Untrusted) SubjectKey {
	for _, row := range vendor.All() {
		for _, app := range ids {
			id := identity{provider: row.Provider, kind: kind, subject: string(app)}
			if row.Local && s.groups[id] != nil {
				return id.key()
			}
		}
	}
	return ""
}

// whole returns the status of a finished finding's subject, if the finding's group has all of it.
func (s *subjects) whole(id identity, of *group) *Standing {
	id.rule = ""
	g := s.groups[id]
	if g == nil || g.all != of {
		return nil
	}
	delete(s.groups, id)
	return &Standing{Approvals: g.approvals, Revoke: alternatives(of.takenBack())}
}

// finish returns the subjects of which no finding has everything, in no order.
func (s *subjects) finish() []Subject {
	var all []Subject
	for id, g := range s.groups {
		delete(s.groups, id)
		f := g.all.finish(id, "", allowlist.Date{})
		all = append(all, Subject{
			Provider: id.provider, Kind: id.kind, App: f.App, Also: f.Also, Notes: f.Notes, Tier: f.Tier, Reasons: f.Reasons,
			Holders: f.Holders, HolderCount: f.HolderCount, ItemCount: f.ItemCount, AdminCount: f.AdminCount,
			Standing: Standing{g.approvals, f.Remedy}, subject: id.key(),
		})
	}
	return all
}

// put adds an item to a group that was not made by a rule.
func (g *group) put(item *inventory.Item, severity inventory.Level, assessment risk.Assessment) {
	if len(g.items) == 0 {
		_, g.gathers = subject(New, item)
		g.finding.Provider, g.finding.Kind = item.Source.Provider, item.Kind
		g.start(item, severity, assessment)
	} else {
		g.merge(item, severity, assessment)
	}
	g.takeBack(item)
}
