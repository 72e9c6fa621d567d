package allowlist

import "guestlist/scanner/inventory"

// Keys gives the schema's test the keys that the parser knows.
func Keys() map[string][]string { return keys }

// Named gives the benchmark a lookup alone: everything that a list says of an item's app.
func (l *List) Named(item *inventory.Item) int {
	named := len(l.allow.Get(item.Kind, item.App.ID)) + len(l.deny.Get(item.Kind, item.App.ID))
	for _, feed := range l.feeds {
		if _, found := feed.Find(item); found {
			named++
		}
	}
	return named
}
