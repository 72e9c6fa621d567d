package report

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// Reach names something people care about that an app may reach: "every page", "mail".
type Reach string

// reaches lists what people care about that an app may reach, the most significant first. Has is
// part of a phrase in the risk tables.
var reaches = []struct {
	has  string
	name Reach               // "12 can read every page"
	can  inventory.Untrusted // in a line of a table
}{
	{"every page through the debugger", "every page", "controls any page"},
	{"change every page", "every page", "reads any page"},
	{"every page", "every page", "reads any page"},
	{"and delete all mail", "mail", "reads all mail"},
	{"read all mail", "mail", "reads all mail"},
	{"change your mail", "mail", "changes mail"},
	{"mail in your name", "mail", "sends mail"},
	{"delete all files", "files", "edits all files"},
	{"read all files", "files", "reads all files"},
	{"all code", "code", "changes code"},
	{"change code", "code", "changes code"},
	{"read code", "code", "reads code"},
	{"reset their passwords", "accounts", "manages users"},
	{"manage organizations", "the organization", "manages organizations"},
	{"manage the organization", "the organization", "manages the organization"},
	{"change workflows", "code", "changes workflows"},
	{"keep you signed in", "sign-in cookies", "reads sign-in cookies"},
	{"everything sent to and from", "web traffic", "watches web traffic"},
	{"all traffic", "web traffic", "redirects web traffic"},
	{"everything you type", "typing", "reads your typing"},
	{"programs outside the browser", "local programs", "talks to local programs"},
	{"browsing history", "browsing history", "reads browsing history"},
	{"all calendars", "calendars", "changes calendars"},
	{"all contacts", "contacts", "reads contacts"},
	{"developer tools", "every page", "changes inspected pages"},
	{"every open tab", "open tabs", "sees open tabs"},
	{"pages of certain sites", "some sites", "reads some sites"},
}

// laterWords mark access that an app does not have yet.
var laterWords = []string{"later ask", "once that is approved", "after a click"}

func isHeld(reason *risk.Reason) bool {
	return !slices.ContainsFunc(laterWords, func(words string) bool { return strings.Contains(string(reason.Why), words) })
}

// reachOf names what the access reaches now, each once, in the order of the table. Access of no
// weight does not count.
func reachOf(reasons []risk.Reason) []Reach {
	var names []Reach
	for _, reach := range reaches {
		reached := slices.ContainsFunc(reasons, func(reason risk.Reason) bool {
			return reason.Level.AtLeast(inventory.Medium) && isHeld(&reason) && strings.Contains(string(reason.Why), reach.has)
		})
		if reached && !slices.Contains(names, reach.name) {
			names = append(names, reach.name)
		}
	}
	return names
}

// reachNames returns all of them, the most significant first.
func reachNames() []Reach {
	var names []Reach
	for _, reach := range reaches {
		if !slices.Contains(names, reach.name) {
			names = append(names, reach.name)
		}
	}
	return names
}

// reachRank is the position among all names of what the entry reaches; after the last if it reaches
// nothing of note.
func (e *Entry) reachRank(names []Reach) int {
	if len(e.Reach) == 0 {
		return len(names)
	}
	return slices.Index(names, e.Reach[0])
}

// canWords say in a few words what the most serious access lets it do; empty if that takes too
// many.
func canWords(reasons []risk.Reason) inventory.Untrusted {
	const most = 6
	for i := range reasons {
		switch {
		case !isHeld(&reasons[i]):
			continue
		case reasons[i].Level != reasons[0].Level: // or the lesser access would represent the whole
			return ""
		}
		for _, reach := range reaches {
			if strings.Contains(string(reasons[i].Why), reach.has) {
				return reach.can
			}
		}
		if text := "can " + reasons[i].Why; words(text) <= most {
			return text
		}
	}
	return ""
}
