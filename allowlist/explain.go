package allowlist

import (
	"fmt"
	"strings"
	"time"

	"guestlist/allowlist/appid"
	"guestlist/scanner/inventory"
)

// Statement is what one line of the allowlist, or of a feed, says about an app.
type Statement struct {
	Position Position
	Entry    *Entry // nil for a feed
	Feed     *Feed
	// Decides: this entry or record decides about the item.
	Decides bool
	// Text says what the entry says, and why it does or does not decide. Without a full stop.
	Text inventory.Untrusted
}

// Explain returns everything that the list says about an ID, whatever kind of thing it identifies.
// It does not say which entry decides, since that depends on the item. Entries that have the ID
// only as their name are included, for people who confused the two.
func (l *List) Explain(id inventory.Untrusted, at time.Time) []Statement {
	var statements []Statement
	for _, e := range l.entries {
		switch {
		case e.speaksOf(id):
			statements = append(statements, Statement{Position: e.Position, Entry: e, Text: l.describe(e, at)})
		case id != "" && strings.EqualFold(string(e.Name), string(id)):
			text := fmt.Sprintf("has this name, and names never match: its ID is %s", joined(e.IDs))
			statements = append(statements, Statement{Position: e.Position, Entry: e, Text: inventory.Untrusted(text)})
		}
	}
	for _, feed := range l.feeds {
		for _, r := range feed.Of(id) {
			statements = append(statements, Statement{Position: Position{File: feed.Path, Line: r.Line}, Feed: feed,
				Text: feed.why(r)})
		}
	}
	return statements
}

// ExplainItem returns everything that the list says about an item, with the reason why each entry
// does or does not decide.
func (l *List) ExplainItem(item *inventory.Item, at time.Time) []Statement {
	verdict := l.Decide(item, at)
	var statements []Statement
	for _, e := range l.entries {
		if e.names(item) {
			statements = append(statements, l.explainEntry(e, item, &verdict, at))
		}
	}
	if verdict.Entry != nil && verdict.Entry.Part == PartPolicy {
		statements = append(statements, Statement{Position: verdict.Position, Entry: verdict.Entry, Decides: true,
			Text: verdict.Why})
	}
	for _, feed := range l.feeds {
		r, found := feed.Find(item)
		if !found {
			continue
		}
		s := Statement{Position: Position{File: feed.Path, Line: r.Line}, Feed: feed, Decides: verdict.Feed == feed,
			Text: feed.why(r)}
		if !s.Decides {
			s.Text += inventory.Textf("; %v decides before it", verdict.Position)
		}
		statements = append(statements, s)
	}
	return statements
}

func (l *List) explainEntry(e *Entry, item *inventory.Item, verdict *Verdict, at time.Time) Statement {
	s := Statement{Position: e.Position, Entry: e, Decides: verdict.Entry == e}
	text := string(l.describe(e, at))
	drifts := e.drifts(item)
	switch {
	case !e.means(item):
		text += "; does not apply: it is meant " + e.whyNot(item)
	case s.Decides:
		text += "; decides"
	case verdict.Decision == Denied && e.Part != PartDeny:
		text += fmt.Sprintf("; overridden by a deny entry, %v", verdict.Position)
	case e.isPending():
		text += "; does not decide: it is not filled in"
	case e.Part == PartDefer && e.isDue(at):
		text += "; does not decide: that day has come"
	case e.isAhead(at):
		text += "; does not decide: its approval is still to come"
	case e.Part == PartAllow && weigh(drifts) > weigh(verdict.Drifts):
		text += fmt.Sprintf("; does not decide: %v matches what the item holds more closely", verdict.Position)
	case e.Part == PartRequire:
		text += fmt.Sprintf("; does not decide: %v names it", verdict.Position)
	default:
		text += fmt.Sprintf("; does not decide: %v comes first", verdict.Position)
	}
	s.Text = inventory.Untrusted(text)
	return s
}

// speaksOf reports whether the entry names an ID, of whatever kind, or the project in it.
func (e *Entry) speaksOf(id inventory.Untrusted) bool {
	if e.Project != "" {
		return e.Project == appid.ClientProject(id) || strings.EqualFold(string(e.Project), string(id))
	}
	for _, own := range e.IDs {
		if appid.Canonical(own) == appid.Canonical(id) || appid.CanonicalClient(own) == appid.CanonicalClient(id) {
			return true
		}
	}
	return false
}

// describe puts an entry into words.
func (l *List) describe(e *Entry, at time.Time) inventory.Untrusted {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	verb := map[Part]string{PartAllow: "allows", PartDeny: "denies", PartRequire: "requires",
		PartDefer: "defers the decision about"}[e.Part]
	kind := "anything with this ID"
	if e.Kind != "" {
		kind = string(e.Kind)
	}
	if e.waits(at) && e.Part == PartAllow {
		verb = "would allow"
	}
	add("%s %s as %s", verb, e.Title(), kind)
	if len(e.For) > 0 {
		add("for %s", joined(e.For))
	}
	if e.waits(at) {
		add("%s", e.whyWaits(at))
	}
	if e.Part == PartDefer {
		add("until %v", e.Until)
	}
	if e.Part == PartAllow {
		add("with %s and %s", pinsOf("permission", e.Permissions), pinsOf("host", e.Hosts))
	}
	if !e.Versions.IsZero() {
		add("versions %v", e.Versions)
	}
	if len(e.Origins) > 0 {
		add("from %s", joined(e.Origins))
	}
	if e.Owner != "" {
		add("owned by %s", e.Owner)
	}
	if !e.Approved.IsZero() && e.Part == PartAllow {
		add("approved on %v", e.Approved)
	}
	switch expiry, last := l.expiry(e, at); expiry {
	case Expired:
		add("expired on %v", last)
	case Valid, Expiring:
		add("expires on %v", last)
	}
	if e.Reason != "" {
		add("because: %s", e.Reason)
	}
	return inventory.Untrusted(strings.Join(parts, ", "))
}

// pinsOf says how many permissions or hosts are pinned, or that any may be held if pins is nil.
func pinsOf(what string, pins []inventory.Untrusted) string {
	switch {
	case pins == nil:
		return "any " + what
	case len(pins) == 0:
		return "no " + what
	case len(pins) == 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", len(pins), what)
}
