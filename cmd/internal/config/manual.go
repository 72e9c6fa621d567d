package config

import (
	_ "embed"
	"fmt"
	"slices"

	"guestlist/providers/chromemanagement"
	"guestlist/providers/github"
	"guestlist/providers/googleworkspace"
	googleapi "guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Manual is the page of "guestlist help PROVIDER".
type Manual struct {
	// Text is in paragraphs. One that begins with a space is kept as it is; one that is "{NAME}" is
	// the list of that name.
	Text string
	// Lists come from the tables that the provider itself goes by, so that they cannot differ from
	// what it asks for.
	Lists map[string][]Entry
}

// Entry is one entry of a list: what, and what there is to know of it, a line each.
type Entry struct {
	Title string
	Lines []string
}

const blindSpots = "blind spots"

var (
	//go:embed manual/google-workspace.txt
	googleText string
	//go:embed manual/github.txt
	githubText string
)

func googleManual() *Manual {
	return &Manual{googleText, map[string][]Entry{
		"features": googleFeatures(),
		blindSpots: entriesOf(slices.Concat(googleworkspace.BlindSpots(), chromemanagement.BlindSpots())),
	}}
}

func googleFeatures() []Entry {
	var list []Entry
	for _, info := range googleapi.Features() {
		title, access := string(info.Feature), "read-only"
		if info.Usual && info.Provider == inventory.GoogleWorkspace {
			title += " *"
		}
		if !info.ReadOnly {
			access = "Google has no read-only scope for it"
		}
		list = append(list, Entry{title, []string{
			info.Gives, fmt.Sprintf("scope: %s (%s)", info.Scope, access), "API: " + info.APIName, "role: " + info.Privilege,
		}})
	}
	return list
}

func githubManual() *Manual {
	var needs []Entry
	for _, need := range github.Requirements() {
		scope := "none is enough"
		if need.Scope != "" {
			scope = need.Scope
		}
		lines := []string{
			"App or fine-grained token: " + need.Permission, "where to tick it: " + need.Tick, "classic token: " + scope,
		}
		if need.Where != "" {
			lines = append(lines, "available in: "+need.Where)
		}
		needs = append(needs, Entry{need.Title, lines})
	}
	return &Manual{githubText, map[string][]Entry{"requirements": needs, blindSpots: entriesOf(github.BlindSpots())}}
}

func entriesOf(spots []scanner.BlindSpot) []Entry {
	var list []Entry
	for _, spot := range spots {
		list = append(list, Entry{spot.What, []string{spot.Page}})
	}
	return list
}
