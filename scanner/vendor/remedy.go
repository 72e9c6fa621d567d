package vendor

import "guestlist/scanner/inventory"

// Remedies say what the person who reads them can do. A button that is not there is not named: what
// came with a package, a program, a policy or the browser itself is taken away there.

// remedy is how things of one kind are taken back.
type remedy struct {
	how       inventory.Untrusted
	atItsPage bool // each has its own page: the app's
}

// RemedyFor says how to take back what was let in, and the page of this item, where each has its
// own.
func RemedyFor(item *inventory.Item) (how, page inventory.Untrusted) {
	v := Of(item.Source.Provider)
	for _, table := range []map[inventory.Kind]remedy{v.remedies, other.remedies} {
		if found, ok := table[item.Kind]; ok {
			if found.atItsPage {
				page = item.App.URL
			}
			return found.how, page
		}
	}
	if v.takeBack == nil {
		v = &other
	}
	return v.takeBack(item), ""
}
