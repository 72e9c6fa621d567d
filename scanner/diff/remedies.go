package diff

import (
	"strings"

	"guestlist/scanner/inventory"
)

func orPage(what string, page inventory.Untrusted) inventory.Untrusted {
	if page == "" {
		return inventory.Untrusted(what)
	}
	return inventory.Untrusted(what) + " at " + page
}

const orApproved inventory.Untrusted = "have it approved"

// remedy says how to take everything back and where, and that it can be approved, where it can.
func (g *group) remedy() inventory.Untrusted {
	switch {
	case g.finding.Remedy != "": // of the rule's own
		return g.finding.Remedy
	case g.finding.Change == Removed:
		return ""
	}
	if !g.pages.differ { // the finding says it for all
		for n := range g.finding.Holders {
			g.finding.Holders[n].Page = ""
		}
	}
	text := orPage(strings.Join(plain(g.revoke), "; "), g.pages.common)
	switch {
	case g.approve != "":
		return either(g.approve, text)
	case g.finding.Rule.Info().approvable:
		return either(text, orApproved)
	}
	return text
}

// either offers two things to do.
func either(a, b inventory.Untrusted) inventory.Untrusted {
	if text := string(a + b); strings.Contains(text, "; ") || strings.Contains(text, ": ") {
		return a + "; or " + b
	}
	return a + ", or " + b
}
