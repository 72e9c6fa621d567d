package localprofile

import (
	"fmt"
	"strings"

	"guestlist/scanner/inventory"
)

// Details collects the single faults of a source, within the limit of a coverage.
type Details struct {
	list []inventory.Untrusted
	more int
}

// Add notes one fault.
func (d *Details) Add(format string, args ...any) {
	if len(d.list) >= inventory.MaxCoverageDetails-1 {
		d.more++
		return
	}
	d.list = append(d.list, inventory.Textf(format, args...))
}

// AddCount notes faults that were counted elsewhere but not kept.
func (d *Details) AddCount(more int) { d.more += more }

// All returns the details; the last one counts those for which there was no room.
func (d *Details) All() []inventory.Untrusted {
	if d.more == 0 {
		return d.list
	}
	return append(d.list, inventory.Textf("and %d more", d.more))
}

// Coverage is the coverage of a profile that was read: complete if there were no faults, otherwise
// partial. Remedy says what to do about the faults.
func (d *Details) Coverage(source inventory.Source, items int, remedy inventory.Untrusted) inventory.Coverage {
	result := inventory.Coverage{Source: source, Status: inventory.StatusComplete, Items: items}
	count := len(d.list) + d.more
	if count == 0 {
		return result
	}
	parts := "parts"
	if count == 1 {
		parts = "part"
	}
	result.Status = inventory.StatusPartial
	result.Details = d.All()
	result.Reason = inventory.Textf("%d %s of the profile could not be read in full", count, parts)
	result.Remedy = remedy
	return result
}

// JoinSome joins the first few of a list, for a fact or a detail.
func JoinSome(list []inventory.Untrusted) inventory.Untrusted {
	const most = 8
	var b strings.Builder
	for n, text := range list {
		if n == most {
			fmt.Fprintf(&b, " and %d more", len(list)-most)
			break
		}
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(text))
	}
	return inventory.Untrusted(b.String())
}
