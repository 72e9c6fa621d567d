package diff

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"

	"guestlist/scanner/inventory"
)

// Limits on what is remembered of names.
const (
	maxLookalikes  = 10      // listed in one finding
	maxNames       = 200_000 // apps whose names are compared
	leastNameRunes = 3       // shorter names look like each other by chance
)

// names gathers the display names of apps whose names their makers choose freely, to find those that could be taken for each other.
// A name decides nothing: it is shown, and never matched.
type names struct {
	bySkeleton map[string][]inventory.App
	seen       map[inventory.Untrusted]bool // makers, by project or ID
}

// maker is what tells two apps of one name apart.
func maker(app *inventory.App) inventory.Untrusted {
	if app.Project != "" {
		return app.Project
	}
	return app.ID
}

func (n *names) add(item *inventory.Item) {
	if item.Kind != inventory.KindOAuthGrant && item.Kind != inventory.KindInstallation || n.seen[maker(&item.App)] || len(n.seen) >= maxNames {
		return
	}
	skeleton := skeletonOf(string(item.App.Name))
	if len([]rune(skeleton)) < leastNameRunes {
		return
	}
	n.seen[maker(&item.App)] = true
	n.bySkeleton[skeleton] = append(n.bySkeleton[skeleton], item.App)
}

// like returns the other apps whose names look the same, by ID.
func (n *names) like(app *inventory.App) []inventory.App {
	var others []inventory.App
	for _, other := range n.bySkeleton[skeletonOf(string(app.Name))] {
		if maker(&other) != maker(app) {
			others = append(others, other)
		}
	}
	slices.SortFunc(others, func(a, b inventory.App) int { return cmp.Compare(a.ID, b.ID) })
	return others[:min(len(others), maxLookalikes)]
}

// skeletonOf is the same for names that a reader can take for each other: Unicode's skeleton (UTS #39) of the letters and digits alone,
// in small letters.
func skeletonOf(name string) string {
	kept := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	return strings.ToLower(confusables.Skeleton(kept))
}
