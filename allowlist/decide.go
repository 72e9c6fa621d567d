package allowlist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// Verdict is what the allowlist says of one item.
type Verdict struct {
	Decision Decision
	// Position is the line that decided: of an entry, or of a feed's record in the feed. Zero if
	// nothing applies to the item.
	Position Position
	// Entry is the entry that decided; nil if a feed did, or nothing did.
	Entry *Entry
	// Also are the other entries that are meant for the item and did not decide.
	Also []*Entry
	// Feed is the feed that denies the item; nil if an entry decided.
	Feed *Feed
	// Why gives the reason in one sentence, without a full stop.
	Why inventory.Untrusted
	// Severity is how bad a feed says the app is; empty if it does not, or no feed decided.
	Severity inventory.Level
	// Drifts lists the ways in which an allowed item exceeds its approval.
	Drifts []Drift
	// Expiry says whether an approval is still valid. An item whose approval has expired is still
	// Allowed: check Expiry too.
	Expiry Expiry
	// ExpiresOn is its last day, or the day on which a deferred decision is due; no date if it does
	// not expire.
	ExpiresOn Date
}

// Decision is the outcome of [List.Decide] for an item.
type Decision string

const (
	Allowed  Decision = "allowed"
	Pending  Decision = "pending"  // an entry names the item and approves nothing yet: see [Entry.Pending]
	Deferred Decision = "deferred" // not approved, and the decision waits until a day
	Denied   Decision = "denied"
	Unlisted Decision = "unlisted" // no entry is meant for the item
)

// Expiry is the state of an approval on a day.
type Expiry string

const (
	NoExpiry Expiry = "none" // it does not expire
	Valid    Expiry = "valid"
	Expiring Expiry = "expiring" // expires within the policy's notice
	Expired  Expiry = "expired"
)

const notNamed inventory.Untrusted = "not in the allowlist"

// Decide says what the list decides about an item at a given time. It does no I/O and keeps
// nothing.
//
// Refusals win: deny entries, then feeds. Of several approvals that are meant for the item, the
// first without drift decides, and a valid one before an expired one; if all drift, the one with
// the least drift decides. An entry that is not filled in, or whose approval date is in the future,
// approves nothing (see [Entry.Pending]). A required app that no approval mentions is allowed. A
// deferred decision counts where nothing else is decided; from its day on the item is pending.
func (l *List) Decide(item *inventory.Item, at time.Time) Verdict {
	allow, _ := l.speakers(item, PartAllow)
	if deny, _ := l.speakers(item, PartDeny); len(deny) > 0 {
		return Verdict{
			Decision: Denied, Position: deny[0].Position, Entry: deny[0], Also: slices.Concat(deny[1:], allow),
			Why: deny[0].why.denied, Expiry: NoExpiry,
		}
	}
	for _, feed := range l.feeds {
		if r, found := feed.Find(item); found {
			return Verdict{
				Decision: Denied, Position: Position{File: feed.Path, Line: r.Line}, Feed: feed, Also: allow,
				Why: feed.why(r), Severity: r.Severity, Expiry: NoExpiry,
			}
		}
	}
	filledIn, pending := splitPending(allow, at)
	if len(filledIn) > 0 {
		verdict := l.approved(item, filledIn, at)
		verdict.Also = slices.Concat(verdict.Also, pending)
		return verdict
	}
	named, _ := l.speakers(item, PartRequire)
	required, unexplained := splitPending(named, at)
	pending = slices.Concat(pending, unexplained)
	if len(required) > 0 {
		e := required[0]
		return Verdict{
			Decision: Allowed, Position: e.Position, Entry: e, Also: slices.Concat(required[1:], pending), Why: e.why.required,
			Expiry: NoExpiry,
		}
	}
	if e := l.hookEntry(item); e != nil {
		return Verdict{
			Decision: Allowed, Position: e.Position, Entry: e, Also: pending, Why: e.why.allowed, Expiry: NoExpiry,
		}
	}
	deferred, due := l.waiting(item, at)
	pending = slices.Concat(pending, due)
	if len(deferred) > 0 {
		e := deferred[0]
		return Verdict{
			Decision: Deferred, Position: e.Position, Entry: e, Also: slices.Concat(deferred[1:], pending),
			Why: e.why.deferred, Expiry: NoExpiry, ExpiresOn: e.Until,
		}
	}
	if len(pending) > 0 {
		e := pending[0]
		return Verdict{
			Decision: Pending, Position: e.Position, Entry: e, Also: pending[1:], Why: e.whyWaits(at), Expiry: NoExpiry,
			ExpiresOn: e.Until,
		}
	}
	return Verdict{Decision: Unlisted, Why: l.whyUnlisted(item), Expiry: NoExpiry}
}

// waiting returns the entries that defer the decision about the item, and those whose day has come.
func (l *List) waiting(item *inventory.Item, at time.Time) (deferred, due []*Entry) {
	meant, _ := l.speakers(item, PartDefer)
	for _, e := range meant {
		if e.isDue(at) {
			due = append(due, e)
		} else {
			deferred = append(deferred, e)
		}
	}
	return deferred, due
}

// hookEntry is the part of the policy that allows a webhook; nil if none does.
func (l *List) hookEntry(item *inventory.Item) *Entry {
	if item.Kind != inventory.KindWebhook {
		return nil
	}
	n := slices.IndexFunc(l.hooks, func(e *Entry) bool { return allowsHook(e.hookHosts, item.App.ID) })
	if n < 0 {
		return nil
	}
	return l.hooks[n]
}

// splitPending separates the approvals in force from those that approve nothing yet.
func splitPending(allow []*Entry, at time.Time) (standing, pending []*Entry) {
	if !slices.ContainsFunc(allow, func(e *Entry) bool { return e.waits(at) }) { // the usual case, which costs no copy
		return allow, nil
	}
	for _, e := range allow {
		if e.waits(at) {
			pending = append(pending, e)
		} else {
			standing = append(standing, e)
		}
	}
	return standing, pending
}

// speakers returns the entries of a part that are meant for the item, in order, and those that name
// it but are not meant for it.
func (l *List) speakers(item *inventory.Item, part Part) (meant, others []*Entry) {
	ids := &l.allow
	switch part {
	case PartDeny:
		ids = &l.deny
	case PartRequire:
		ids = &l.require
	case PartDefer:
		ids = &l.deferred
	}
	named := ids.Get(item.Kind, item.App.ID)
	if len(l.projects) > 0 {
		named = l.withProject(named, projectOf(item), part)
	}
	for n, e := range named {
		if e.means(item) {
			continue
		}
		// The usual case is that all are meant, and costs no copy.
		meant = slices.Clone(named[:n])
		for _, e := range named[n:] {
			if e.means(item) {
				meant = append(meant, e)
			} else {
				others = append(others, e)
			}
		}
		return meant, others
	}
	return slices.Clip(named), nil
}

func (l *List) withProject(named []*Entry, project inventory.Untrusted, part Part) []*Entry {
	if project == "" {
		return named
	}
	for _, e := range l.projects[project] {
		if e.Part == part {
			named = append(slices.Clip(named), e) // never into the index's own storage
			slices.SortStableFunc(named, func(a, b *Entry) int { return a.Index - b.Index })
		}
	}
	return named
}

// means reports whether an entry that names the app is meant for the item. A refusal of some
// versions is meant for an item whose version is not known.
func (e *Entry) means(item *inventory.Item) bool {
	if e.applies(item) != applies {
		return false
	}
	return e.Part != PartDeny || item.Version == "" || e.Versions.Contains(item.Version)
}

// approved chooses among the approvals that are meant for the item.
func (l *List) approved(item *inventory.Item, allow []*Entry, at time.Time) Verdict {
	best := -1
	var verdict Verdict
	var least int
	for n, e := range allow {
		drifts := e.drifts(item)
		candidate := Verdict{Decision: Allowed, Position: e.Position, Entry: e, Drifts: drifts}
		candidate.Expiry, candidate.ExpiresOn = l.expiry(e, at)
		weight := weigh(drifts)
		ended := candidate.Expiry == Expired
		if best < 0 || weight == 0 && least > 0 ||
			(weight == 0) == (least == 0) && (!ended && verdict.Expiry == Expired ||
				ended == (verdict.Expiry == Expired) && weight < least) {
			best, verdict, least = n, candidate, weight
		}
		if weight == 0 && !ended {
			break
		}
	}
	verdict.Why = verdict.Entry.whyApproved(verdict)
	if len(allow) > 1 {
		verdict.Also = slices.Concat(allow[:best], allow[best+1:])
	}
	return verdict
}

func (e *Entry) whyApproved(v Verdict) inventory.Untrusted {
	switch {
	case len(v.Drifts) > 0:
		aspects := make([]string, len(v.Drifts))
		for n, drift := range v.Drifts {
			aspects[n] = string(drift.Aspect)
		}
		ended := ""
		if v.Expiry == Expired {
			ended = fmt.Sprintf(" until %v", v.ExpiresOn)
		}
		return inventory.Textf("approved%s, but beyond the approval in its %s", ended, strings.Join(aspects, ", "))
	case v.Expiry == Expired:
		return e.why.expired
	}
	return e.why.allowed
}

func (l *List) expiry(e *Entry, at time.Time) (Expiry, Date) {
	last := l.ExpiresOn(e)
	today := DateOf(at)
	switch {
	case last.IsZero():
		return NoExpiry, last
	case today.Compare(last) > 0:
		return Expired, last
	case today.Add(l.Policy.Notice).Compare(last) >= 0:
		return Expiring, last
	}
	return Valid, last
}

// whyUnlisted names the closest entry, for a reader who expected one to match.
func (l *List) whyUnlisted(item *inventory.Item) inventory.Untrusted {
	_, others := l.speakers(item, PartAllow)
	if len(others) == 0 {
		return notNamed
	}
	return inventory.Textf("%v approves it %s", others[0].Position, others[0].whyNot(item))
}

// whyNot says why an entry that names the app is not meant for the item.
func (e *Entry) whyNot(item *inventory.Item) string {
	switch e.applies(item) {
	case otherKind:
		return fmt.Sprintf("as %s only, and this is %s", e.Kind, inventory.Untrusted(item.Kind))
	case otherHolder:
		return fmt.Sprintf("for %s only", joined(e.For))
	case unknownHolder:
		return fmt.Sprintf("for %s only, and the account is not known", joined(e.For))
	}
	return fmt.Sprintf("in versions %v only", e.Versions)
}

func joined[T ~string](texts []T) string {
	parts := make([]string, len(texts))
	for n, text := range texts {
		parts[n] = inventory.Untrusted(text).String()
	}
	return strings.Join(parts, ", ")
}
