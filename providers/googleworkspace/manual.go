package googleworkspace

import (
	_ "embed"
	"fmt"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

//go:embed manual.txt
var manual string

// Manual is the page of help: what it reads, what each feature needs, and what no API reports,
// including the blind spots of the vendor's other providers.
func Manual(others ...scanner.BlindSpot) *scanner.Manual {
	return &scanner.Manual{Text: manual, Lists: map[string][]scanner.ManualEntry{
		"features": featureEntries(), "blind spots": scanner.BlindSpots(append(blindSpots(), others...)...),
	}}
}

func featureEntries() []scanner.ManualEntry {
	var list []scanner.ManualEntry
	for _, info := range api.Features() {
		title, access := string(info.Feature), "read-only"
		if info.Usual && info.Provider == inventory.GoogleWorkspace {
			title += " *"
		}
		if !info.ReadOnly {
			access = "Google has no read-only scope for it"
		}
		list = append(list, scanner.ManualEntry{Title: title, Lines: []string{
			info.Gives, fmt.Sprintf("scope: %s (%s)", info.Scope, access), "API: " + info.APIName, "role: " + info.Privilege,
		}})
	}
	return list
}

func blindSpots() []scanner.BlindSpot {
	spots := make([]scanner.BlindSpot, len(unread))
	for n, row := range unread {
		spots[n] = scanner.BlindSpot{What: row.what, Page: row.page}
	}
	return spots
}
