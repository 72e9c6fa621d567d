package firefox

import (
	"slices"
	"strings"
)

// Browsers lists the browsers that have a row, for manuals; every way to install one has the same
// name.
func Browsers() []string {
	var names []string
	for _, place := range places {
		name, _, _ := strings.Cut(place.name, " (")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
