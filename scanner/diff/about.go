package diff

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// What a finding or a change is about, so that reports can say everything of it in one place.

// About is the kind of thing that a finding or a change is about.
type About string

const (
	AboutApp         About = "app"
	AboutCredentials About = "credentials" // keys and tokens of one account, or of one organization
	AboutAccount     About = "account"     // accounts of one organization
	AboutSource      About = "source"      // which should have been read
	AboutAllowlist   About = "allowlist-entry"
)

// SubjectKey names what a finding, a change or an entry is about. It is for comparing and not for people.
type SubjectKey string

// About says what the finding is about.
func (f *Finding) About() About {
	switch {
	case f.Rule == NotObserved:
		return AboutSource
	case f.Rule.Info().Section == SectionAllowlist && f.Provider == "":
		return AboutAllowlist
	case f.Kind == "":
		return AboutAccount
	case f.App.ID == "" && f.App.Name == "":
		return AboutCredentials
	}
	return AboutApp
}

// Subject names what the finding is about, the same for all findings about it.
func (f *Finding) Subject() SubjectKey {
	switch {
	case f.subject != "":
		return f.subject
	case f.App.ID == "" || f.Kind == "":
		return SubjectKey(f.ID)
	}
	id := identity{provider: f.Provider, kind: f.Kind, subject: string(f.App.ID)}
	if vendor.Of(f.Provider).MakerByProject && f.Kind == inventory.KindOAuthGrant && f.App.Project != "" {
		id.subject = projectSubject(f.App.Project)
	}
	return id.key()
}

// Short says in at most [MaxShortWords] words why the finding is one.
func (f *Finding) Short() inventory.Untrusted { return cmp.Or(f.short, f.Rule.Info().Short) }

// OfOrganization reports whether the rule's findings about credentials are each about an organization, and not about an account.
func (r Rule) OfOrganization() bool { return r.Info().gathers == gatherOrganization }

// key is the identity without the rule.
func (i identity) key() SubjectKey {
	return SubjectKey(strings.Join([]string{string(i.provider), string(i.kind), i.subject}, "\x00"))
}

// Subject is one thing that the scan saw, from all places where it was let in: an app, or the keys and tokens of one account.
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

	// Approvals are what the allowlist says of it, at most [MaxApprovals].
	Approvals []Approval
	// Remedy says how to revoke it.
	Remedy inventory.Untrusted

	subject SubjectKey
}

// Subject names it, in the same words as [Finding.Subject].
func (s *Subject) Subject() SubjectKey { return s.subject }

// Bounds on what is listed of one subject.
const (
	MaxSubjectHolders = 50
	MaxApprovals      = 3
)

// Approval is what one entry of the allowlist, or one of its feeds, says of an app.
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

// subjectOf is what the item belongs to, whichever rules speak of it.
func subjectOf(item *inventory.Item) identity {
	name, _ := subject(New, item)
	return identity{provider: item.Source.Provider, kind: item.Kind, subject: name}
}

// subjects gathers what the scan saw.
type subjects struct {
	groups map[identity]*subjectGroup
	listed int // holders, of all
}

type subjectGroup struct {
	group
	approvals []Approval
}

func newSubjects() subjects { return subjects{groups: make(map[identity]*subjectGroup)} }

// see remembers an item as a part of its subject. Verdict is nil without an allowlist.
func (j *judge) see(item *inventory.Item, assessment risk.Assessment, verdict *allowlist.Verdict) {
	if item.State != inventory.StateLeftover && item.Origin != inventory.OriginBuiltin {
		j.subjects.see(item, assessment, verdict)
	}
}

// see adds an item, with what the allowlist says of it.
func (s *subjects) see(item *inventory.Item, assessment risk.Assessment, verdict *allowlist.Verdict) {
	id := subjectOf(item)
	g := s.groups[id]
	if g == nil {
		g = &subjectGroup{}
		g.listed, g.most = &s.listed, MaxSubjectHolders
		s.groups[id] = g
	}
	g.put(item, inventory.Info, assessment)
	if verdict != nil {
		g.approve(verdict)
	}
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

// holding is the subject that one of these apps of a machine's browsers belongs to; empty where nobody has one.
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

// finish returns all subjects, in no order.
func (s *subjects) finish() []Subject {
	all := make([]Subject, 0, len(s.groups))
	for id, g := range s.groups {
		delete(s.groups, id)
		f := g.group.finish(id, "", allowlist.Date{})
		all = append(all, Subject{
			Provider: id.provider, Kind: id.kind, App: f.App, Also: f.Also, Notes: f.Notes, Tier: f.Tier, Reasons: f.Reasons,
			Holders: f.Holders, HolderCount: f.HolderCount, ItemCount: f.ItemCount, AdminCount: f.AdminCount,
			Approvals: g.approvals, Remedy: f.Remedy, subject: id.key(),
		})
	}
	return all
}

// put adds an item to a group that no rule made.
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
