package snapshot

import (
	"guestlist/scanner/inventory"
)

// Limits on one item. Text is bounded when it is normalized, lists are not: a manifest may name a
// hundred thousand hosts.
const (
	maxItemBytes   = 1 << 20 // of text before encoding, which at most multiplies it by six: well below MaxLineBytes
	maxListEntries = 200     // of each list of an item that is larger
)

// MarkCut marks an item that was too large, so that a part was left out. What remains is the first
// entries of each list, in order.
const MarkCut inventory.MarkName = "cut"

// sizeOf adds up the text in those parts of an item that can be large.
func sizeOf(item *inventory.Item) int {
	size := 0
	for _, list := range lists(item) {
		for _, text := range *list {
			size += len(text)
		}
	}
	for _, mark := range item.Marks {
		size += len(mark.Detail)
	}
	for name, value := range item.Facts {
		size += len(name) + len(value)
	}
	return size
}

// cutItem keeps the first entries of everything an item has many of. The item must be a copy.
func cutItem(item *inventory.Item) {
	left := 0
	for _, list := range lists(item) {
		if cut := len(*list) - maxListEntries; cut > 0 {
			left += cut
			*list = (*list)[:maxListEntries]
		}
	}
	if cut := len(item.Marks) - maxListEntries; cut > 0 {
		left += cut
		item.Marks = item.Marks[:maxListEntries]
	}
	if cut := len(item.Facts) - maxListEntries; cut > 0 {
		left += cut
		item.Facts = nil
	}
	if left > 0 {
		item.Mark(inventory.MarkNote, MarkCut, inventory.Textf("%d entries of its access and properties were left out", left))
		item.Normalize()
	}
}

func lists(item *inventory.Item) []*[]inventory.Untrusted {
	a := &item.Access
	return []*[]inventory.Untrusted{
		&a.Permissions, &a.Hosts, &a.Surfaces, &a.Optional, &a.OptionalHosts, &a.Requested, &item.StateReasons,
	}
}
