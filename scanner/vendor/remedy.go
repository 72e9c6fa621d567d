package vendor

import "guestlist/scanner/inventory"

// Remedies say what the person who reads them can do, each way in the imperative, so that they can
// be joined. A button that is not there is not named: what came with a package, a program, a policy
// or the browser itself is taken away there.

// Remedy is how something that was let in is taken back.
type Remedy struct {
	// Ways are alternatives, of which each is enough; Many say the same of several things at once,
	// where that takes other words.
	Ways, Many []inventory.Untrusted
	// Page is where that is done, where each thing has a page of its own.
	Page inventory.Untrusted
	// ByHand: a person removes it on the browser's own page of extensions; see [RemoveByHand].
	ByHand bool
}

// remedy is how things of one kind are taken back.
type remedy struct {
	ways, many []inventory.Untrusted
	atItsPage  bool // each has its own page: the app's
}

// itOrThem is the remedy that does one thing at a page of its own.
func itOrThem(do inventory.Untrusted) remedy {
	return remedy{ways: []inventory.Untrusted{do + " it"}, many: []inventory.Untrusted{do + " them"}, atItsPage: true}
}

// RemedyFor says how to take back what was let in.
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
