package diff

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

// A remedy names everything that can be done about a finding, by whom it is read: to take back what
// was let in, and to have it approved where the allowlist can decide. Who checks their own browser
// asks for that: the allowlist is not theirs to edit.

func orPage(what string, page inventory.Untrusted) inventory.Untrusted {
	if page == "" {
		return inventory.Untrusted(what)
	}
	return inventory.Untrusted(what) + " at " + page
}

// remedy says how to take everything back and where, and that it can be approved, where it can.
func (g *group) remedy() inventory.Untrusted {
	rule := g.finding.Rule.Info()
	switch {
	case g.finding.Remedy != "": // of the rule's own
		return g.finding.Remedy
	case g.finding.Change == Removed:
		return ""
	case rule.Section == SectionAllowlist:
		return g.approval()
	}
	if !g.pages.differ { // the finding says it for all
		for n := range g.finding.Holders {
			g.finding.Holders[n].Page = ""
		}
	}
	ways := g.takenBack()
	if approval := g.approval(); approval != "" && rule.approval.first {
		ways = append([]inventory.Untrusted{approval}, ways...)
	} else if approval != "" {
		ways = append(ways, approval)
	}
	text := alternatives(ways)
	if text != "" && rule.Section == SectionChanges {
		return "if that was not intended, " + text
	}
	return text
}

// takenBack are the ways to take everything back, of which each is enough. What came in by several
// routes has to be taken back on each, which is one way.
func (g *group) takenBack() []inventory.Untrusted {
	routes := make([][]inventory.Untrusted, len(g.revoke))
	for n, how := range g.revoke {
		if routes[n] = how.Ways; g.isPlural() && how.Many != nil {
			routes[n] = how.Many
		}
	}
	if len(routes) == 1 {
		ways := slices.Clone(routes[0])
		ways[len(ways)-1] = orPage(string(ways[len(ways)-1]), g.pages.common)
		return ways
	}
	texts := make([]string, len(routes))
	for n, ways := range routes {
		texts[n] = string(alternatives(ways))
	}
	if text := orPage(strings.Join(texts, "; "), g.pages.common); text != "" {
		return []inventory.Untrusted{text}
	}
	return nil
}

// isPlural reports whether the finding is about several things at once, rather than about one app.
func (g *group) isPlural() bool { return g.gathers && g.finding.ItemCount > 1 }

// approval is what the allowlist can do about a finding, in the imperative and with [it] in place of
// what was found. It is empty where the allowlist cannot decide.
type approval struct {
	do    inventory.Untrusted // by who looks after the list
	ask   inventory.Untrusted // of the owner of the approval, by who holds the app
	first bool                // before taking it back, because an entry waits for it
}

// it is replaced in texts of ours, before anything foreign comes in.
const it = "{it}"

// approver is whom a person asks who checks what is theirs; empty for who looks after the list.
func (j *judge) approver() inventory.Untrusted {
	switch {
	case !j.Self:
		return ""
	case j.Allowlist == nil:
		return "your administrator"
	}
	return "the allowlist's owner"
}

func (g *group) approval() inventory.Untrusted {
	words := g.finding.Rule.Info().approval
	name := "it"
	if g.isPlural() {
		name = "them"
	}
	named := func(text inventory.Untrusted) inventory.Untrusted {
		return inventory.Untrusted(strings.ReplaceAll(string(text), it, name))
	}
	switch {
	case words.ask == "":
		return ""
	case g.asked != "":
		return "ask " + cmp.Or(g.owner, g.asked) + " to " + named(words.ask)
	case len(g.blanks) > 0:
		return inventory.Untrusted("fill in "+inventory.Enumerate(plain(g.blanks), "and")) + named(" to approve "+it)
	case words.first && g.owner != "":
		return named(words.do) + " (owner " + g.owner + ")"
	}
	return named(words.do)
}

// answers remembers who answers for an approval, where its entry says so.
func (g *group) answers(entry *allowlist.Entry) {
	if entry != nil && g.owner == "" && !slices.Contains(entry.Pending(), "owner") {
		g.owner = entry.Owner
	}
}

// fillIn adds what is left to fill in for one item of the finding, as client IDs of one project may
// have entries of their own.
func (g *group) fillIn(entry *allowlist.Entry) {
	keys := entry.Pending()
	if len(keys) == 0 { // filled in, with a day that is still to come
		keys = []string{"approved"}
	}
	blank := inventory.Textf("%s at %v", inventory.Enumerate(keys, "and"), entry.Line(keys[0]))
	if len(g.blanks) < maxRevokes && !slices.Contains(g.blanks, blank) {
		g.blanks = append(g.blanks, blank)
	}
}

// alternatives offers several things to do, of which each is enough.
func alternatives(ways []inventory.Untrusted) inventory.Untrusted {
	separator := ", "
	if slices.ContainsFunc(ways, func(way inventory.Untrusted) bool { return strings.ContainsAny(string(way), ",;") }) {
		separator = "; "
	}
	texts := make([]string, len(ways))
	for n, way := range ways {
		texts[n] = string(way)
	}
	if last := len(texts) - 1; last > 0 {
		texts[last] = "or " + texts[last]
	}
	return inventory.Untrusted(strings.Join(texts, separator))
}
