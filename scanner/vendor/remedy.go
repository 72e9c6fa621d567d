package vendor

import "guestlist/scanner/inventory"

// Remedies say what the reader can do, each way in the imperative, so that they can be joined. They
// never name a button that is not there: what came with a package, a program, a policy or the
// browser itself has to be removed there.

// Remedy is how something that was let in is revoked.
type Remedy struct {
	// Ways are alternatives, each of which is enough; Many says the same about several things at
	// once, where that needs other words.
	Ways, Many []inventory.Untrusted
	// Page is where to do it, if each thing has a page of its own.
	Page inventory.Untrusted
	// ByHand: a person removes it on the browser's own page of extensions; see [RemoveByHand].
	ByHand bool
}

// Contact stands behind someone of the organization in a way to revoke, to be replaced by how to
// reach them: " (it@acme.example)", or nothing.
const Contact = "{contact}"

// remedy is how things of one kind are revoked.
type remedy struct {
	ways, many []inventory.Untrusted
	atItsPage  bool // each has its own page: the app's
}

// itOrThem is a remedy with the same words for one thing and for several, each at a page of its
// own.
func itOrThem(do inventory.Untrusted) remedy {
	return remedy{ways: []inventory.Untrusted{do + " it"}, many: []inventory.Untrusted{do + " them"}, atItsPage: true}
}

// RemedyFor says how to revoke what was let in.
func RemedyFor(item *inventory.Item) Remedy {
	v := Of(item.Source.Provider)
	for _, table := range []map[inventory.Kind]remedy{v.remedies, other.remedies} {
		if found, ok := table[item.Kind]; ok {
			how := Remedy{Ways: found.ways, Many: found.many}
			if found.atItsPage {
				how.Page = item.App.URL
			}
			return how
		}
	}
	if v.takeBack == nil {
		v = &other
	}
	return v.takeBack(item)
}
