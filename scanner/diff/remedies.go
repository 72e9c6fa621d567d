package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// A remedy names everything that its reader can do about a finding: revoke what was let in, or
// approve it if the allowlist can decide that. Someone who checks their own browser asks for the
// approval, since the allowlist is not theirs to edit.

func orPage(what string, page inventory.Untrusted) inventory.Untrusted {
	if page == "" {
		return inventory.Untrusted(what)
	}
	return inventory.Untrusted(what) + " at " + page
}

// remedy says how and where to revoke everything, and that it can be approved, if it can.
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
	if !g.pages.differ { // the finding has it for all
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

// takenBack returns the ways to revoke everything, each of which is enough. What was let in by
// several routes must be revoked on each of them: together these are one way.
func (g *group) takenBack() []inventory.Untrusted {
	routes := make([][]inventory.Untrusted, len(g.revoke))
	for n, how := range g.revoke {
		routes[n] = slices.Clone(how.Ways)
		if g.isPlural() && how.Many != nil {
			routes[n] = slices.Clone(how.Many)
		}
		for i := range routes[n] {
			routes[n][i] = g.naming(routes[n][i])
		}
	}
	if len(routes) == 1 {
		ways := routes[0]
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

// approval is what the allowlist can do about a finding, in the imperative, with [it] in place of
// what was found. It is empty if the allowlist cannot decide.
type approval struct {
	do    inventory.Untrusted // for the allowlist's maintainer
	ask   inventory.Untrusted // for the app's holder, who asks the owner of the approval
	first bool                // before revoking, because an entry is waiting for it
}

// it is replaced in our own texts, before foreign text is inserted.
const it = "{it}"

// approver is whom to ask in a self-check; empty for the allowlist's maintainer.
func (j *judge) approver() inventory.Untrusted {
	switch {
	case !j.Self:
		return ""
	case j.Allowlist == nil:
		return "your administrator"
	}
	return "the allowlist's owner"
}

// contact is whom the policy says to ask; "" if it does not say.
func (j *judge) contact() inventory.Untrusted {
	if j.Allowlist == nil || !j.Allowlist.Policy.HasContact() {
		return ""
	}
	return j.Allowlist.Policy.Contact
}

// naming says in our own text how the contact can be reached, wherever it tells to ask someone of
// the organization.
func (g *group) naming(text inventory.Untrusted) inventory.Untrusted {
	contact := ""
	if g.contact != "" {
		contact = fmt.Sprintf(" (%s)", g.contact)
	}
	return inventory.Untrusted(strings.ReplaceAll(string(text), vendor.Contact, contact))
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
		return "ask " + cmp.Or(g.contact, g.owner, g.asked) + " to " + named(words.ask)
	case len(g.blanks) > 0:
		return inventory.Untrusted("fill in "+inventory.Enumerate(plain(g.blanks), "and")) + named(" to approve "+it)
	case words.first && g.owner != "":
		return named(words.do) + " (owner " + g.owner + ")"
	}
	if asked, is := strings.CutPrefix(string(words.do), "have "); is && g.contact != "" {
		return named(inventory.Untrusted("have "+asked)) + " by " + g.contact
	}
	return named(words.do)
}

// answers remembers the owner of an approval, if its entry names one.
func (g *group) answers(entry *allowlist.Entry) {
	if entry != nil && g.owner == "" && !slices.Contains(entry.Pending(), "owner") {
		g.owner = entry.Owner
	}
}

// fillIn adds what is left to fill in for one item of the finding, since each client ID of a
// project may have its own entry.
func (g *group) fillIn(entry *allowlist.Entry) {
	if entry.Part == allowlist.PartDefer {
		return
	}
	keys := entry.Pending()
	if len(keys) == 0 { // filled in, with a date in the future
		keys = []string{"approved"}
	}
	blank := inventory.Textf("%s at %v", inventory.Enumerate(keys, "and"), entry.Line(keys[0]))
	if len(g.blanks) < maxRevokes && !slices.Contains(g.blanks, blank) {
		g.blanks = append(g.blanks, blank)
	}
}

// alternatives offers several things to do, each of which is enough.
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
