package diff

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"guestlist/scanner/inventory"
	"guestlist/scanner/lookalike"
)

// Limits on the names that are remembered.
const (
	maxLookalikes = 10      // listed in one finding
	maxNamesSeen  = 200_000 // names of apps that are compared, each maker's once
	maxAlike      = 100     // apps remembered that look the same
)

// names gathers the display names of apps whose makers choose them freely, to find those that could
// be mistaken for each other. A name decides nothing: it is shown, and never matched.
type names struct {
	bySkeleton map[string][]inventory.App
	seen       map[named]struct{}
}

// named is one name of one maker, by project or ID.
type named struct{ maker, name inventory.Untrusted }

func newNames() names {
	return names{bySkeleton: make(map[string][]inventory.App), seen: make(map[named]struct{})}
}

// maker identifies the maker of an app, to tell apart two apps with the same name.
func maker(app *inventory.App) inventory.Untrusted {
	if app.Project != "" {
		return app.Project
	}
	return app.ID
}

func (n *names) add(item *inventory.Item) {
	if item.Kind != inventory.KindOAuthGrant && item.Kind != inventory.KindInstallation {
		return
	}
	name := named{maker(&item.App), item.App.Name}
	if _, seen := n.seen[name]; seen || len(n.seen) >= maxNamesSeen {
		return
	}
	n.seen[name] = struct{}{}
	for _, skeleton := range lookalike.Skeletons(string(item.App.Name)) {
		if len(n.bySkeleton[skeleton]) < maxAlike {
			n.bySkeleton[skeleton] = append(n.bySkeleton[skeleton], item.App)
		}
	}
}

// like returns the apps of other makers whose names look like one of the app's, by ID.
func (n *names) like(app *inventory.App, further []inventory.Untrusted) []inventory.App {
	var others []inventory.App
	for _, name := range append([]inventory.Untrusted{app.Name}, further...) {
		for _, skeleton := range lookalike.Skeletons(string(name)) {
			for _, other := range n.bySkeleton[skeleton] {
				if maker(&other) != maker(app) && !slices.Contains(others, other) {
					others = append(others, other)
				}
			}
		}
	}
	slices.SortFunc(others, func(a, b inventory.App) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
	})
	return others[:min(len(others), maxLookalikes)]
}

// similarScripts are alphabets whose letters look like each other's.
var similarScripts = []struct {
	name    string
	letters *unicode.RangeTable
}{
	{"Latin", unicode.Latin}, {"Cyrillic", unicode.Cyrillic}, {"Greek", unicode.Greek}, {"Armenian", unicode.Armenian},
	{"Cherokee", unicode.Cherokee},
}

// mixedScripts says, for each name that mixes similar alphabets, which ones it mixes. Honest names
// rarely do.
func mixedScripts(names []inventory.Untrusted) []inventory.Untrusted {
	var notes []inventory.Untrusted
	for _, name := range names {
		var scripts []string
		for _, script := range similarScripts {
			if strings.ContainsFunc(string(name), func(r rune) bool { return unicode.Is(script.letters, r) }) {
				scripts = append(scripts, script.name)
			}
		}
		if len(scripts) > 1 {
			notes = append(notes, inventory.Untrusted("its name mixes "+strings.Join(scripts, " and ")+" letters"))
		}
	}
	return slices.Compact(notes)
}
