package diff

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// Drift: what an approved item holds beyond its approval. The findings of an app collect what all
// its items hold, so their sentence is written at the end.

// judgeDrift makes a finding of each way in which the item exceeds its approval, and reports
// whether there was one.
func (j *judge) judgeDrift(item *inventory.Item, verdict allowlist.Verdict, change change,
	assessment risk.Assessment) bool {
	if item.State == inventory.StateLeftover {
		return false
	}
	for _, drift := range verdict.Drifts {
		rule, severity := j.own.driftRule(item, drift, assessment)
		g := j.add(rule, item, severity, assessment)
		g.decide(verdict.Position)
		g.answers(verdict.Entry)
		g.note(change)
		if drift.Aspect == allowlist.AspectAccess {
			g.unread(drift)
			continue
		}
		if rule == DriftPermissions {
			g.widen(item, verdict.Entry, drift)
			continue
		}
		g.finding.Before, g.finding.After = drift.Before, drift.After
		g.tell(inventory.Textf("approved for %s %s; found %s", drift.Aspect, orUnknown(drift.Before), orUnknown(drift.After)))
	}
	return len(verdict.Drifts) > 0
}

func (o ownRisk) driftRule(item *inventory.Item, drift allowlist.Drift, assessment risk.Assessment) (Rule, inventory.Level) {
	switch drift.Aspect {
	case allowlist.AspectPublisher:
		return DriftPublisher, inventory.High
	case allowlist.AspectVersion:
		return DriftVersion, inventory.Medium
	case allowlist.AspectOrigin:
		return DriftOrigin, inventory.High
	case allowlist.AspectAccess: // it may be any access
		return DriftPermissions, inventory.MaxLevel(inventory.Medium, assessment.Level)
	case allowlist.AspectRepositories: // all that it may do, it may do in more places
		return DriftPermissions, assessment.Level
	}
	return DriftPermissions, o.gainLevel(item, access.Change{GainedPermissions: drift.Permissions, GainedHosts: drift.Hosts})
}

// widening is what the items of one finding hold beyond their approvals.
type widening struct {
	receives                bool // a webhook, which is sent things
	approved, approvedHosts []inventory.Untrusted
	held                    inventory.Access // together
	permissions, hosts      []inventory.Untrusted
	repositories            fromTo
	first                   string // the excess of the first item
	firstKey                string
}

// unread notes that an item's access could not be read, so that it is unknown whether it is within
// its approval.
func (g *group) unread(drift allowlist.Drift) {
	why := inventory.Textf("approved with %s; what it may do now could not be read", drift.Before)
	if g.wider != nil { // others of the app hold more than was approved
		g.detail(why)
		return
	}
	g.finding.Before, g.finding.After = drift.Before, drift.After
	g.tell(why)
}

// widen adds an item's excess to the finding.
func (g *group) widen(item *inventory.Item, entry *allowlist.Entry, drift allowlist.Drift) {
	if g.wider == nil {
		g.wider = &widening{
			receives: item.Kind == inventory.KindWebhook, approved: entry.Permissions, approvedHosts: entry.Hosts,
			firstKey: item.Key(),
		}
		g.close = g.wider.close
	}
	w := g.wider
	w.held = unionAccess(w.held, item.Access)
	excess := slices.Concat(drift.Permissions, drift.Hosts)
	w.permissions, w.hosts = union(w.permissions, drift.Permissions), union(w.hosts, drift.Hosts)
	if drift.Aspect == allowlist.AspectRepositories {
		w.repositories = fromTo{drift.Before, drift.After}
	}
	g.gain(excess, silentOf(item, excess))
	switch text := list(excess); {
	case text == "":
	case item.Key() == w.firstKey:
		w.first = text
	case text != w.first: // the sentence covers all items; a holder with less or more has its own
		g.detail(inventory.Untrusted("beyond the approval: " + text))
	}
}

// close writes what was approved and what is held, as a sentence and as the values before and
// after.
func (w *widening) close(f *Finding) {
	holds, approvedWith := "it also holds", "approved with"
	if w.receives {
		holds, approvedWith = "it also receives", "approved to receive"
	}
	var why, before, after []string
	part := func(words, approved, more, held string) {
		why, before, after = append(why, words+" "+approved+"; "+more), append(before, approved), append(after, held)
	}
	if len(w.permissions) > 0 {
		held := union(slices.Clone(w.held.Permissions), w.held.Surfaces)
		part(approvedWith, orNothing(w.approved), holds+" "+list(w.permissions), list(held))
	}
	if len(w.hosts) > 0 {
		part("approved for pages of", orNothing(w.approvedHosts), "it also reaches "+list(w.hosts), list(w.held.Hosts))
	}
	if w.repositories.differs() {
		part("approved for", w.repositories.from.String()+" repositories", "it reaches "+w.repositories.to.String(),
			w.repositories.to.String()+" repositories")
	}
	text := strings.Join(why, "; ")
	if len(f.Silent) > 0 {
		text += fmt.Sprintf(" (no prompt was shown for %s)", list(f.Silent))
	}
	f.Why = inventory.Untrusted(text)
	f.Before, f.After = inventory.Untrusted(strings.Join(before, "; ")), inventory.Untrusted(strings.Join(after, "; "))
}

func orNothing(approved []inventory.Untrusted) string {
	if len(approved) == 0 {
		return "nothing"
	}
	return list(approved)
}

func silentOf(item *inventory.Item, gained []inventory.Untrusted) []inventory.Untrusted {
	var silent []inventory.Untrusted
	for _, permission := range gained {
		if risk.Silent(item, permission) {
			silent = append(silent, permission)
		}
	}
	return silent
}
