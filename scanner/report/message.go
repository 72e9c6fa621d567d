package report

import (
	"cmp"
	"slices"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// Messages that a person sends to the people who decide about approvals.

// nobodyKnown is who decides if neither the policy nor an entry names anyone.
const nobodyKnown = "your administrator"

// contact is whom to ask about an entry: the policy's contact, the owner of its approval, or the
// administrator.
func (p *plainPage) contact(e *Entry) string {
	if p.r.Allowlist != nil && p.r.Allowlist.Contact != "" {
		return p.r.Allowlist.Contact.String()
	}
	for _, approval := range e.Approvals {
		if approval.Owner != "" {
			return approval.Owner.String()
		}
	}
	return nobodyKnown
}

// messages returns one for each person to ask. Each is complete: names, IDs, what each app can do
// and why it is asked for.
func (p *plainPage) messages(entries []*Entry) []part {
	var contacts []string
	asked := make(map[string][]*Entry)
	for _, e := range entries {
		contact := p.contact(e)
		if asked[contact] == nil {
			contacts = append(contacts, contact)
		}
		asked[contact] = append(asked[contact], e)
	}
	parts := make([]part, len(contacts))
	for n, contact := range contacts {
		heading := "Remove what you do not need; for the rest, send this to " + contact + ":"
		if n > 0 {
			heading = "And this to " + contact + ":"
		}
		parts[n] = p.message(heading, asked[contact])
	}
	return parts
}

// message has a block for each entry, and the greeting in the first.
func (p *plainPage) message(heading string, entries []*Entry) part {
	all := part{heading: p.text(heading)}
	for n, e := range entries {
		var block []string
		if n == 0 {
			block = p.indented(1, "Hello, could you approve these for me, or tell me to remove them?")
		}
		f := p.finding(e, askApproval)
		block = append(block, p.indented(1, "- "+p.titled(e, f)+": "+p.why(f)+".")...)
		all.blocks = append(all.blocks, append(block, p.indented(2, p.canLine(e, f))...))
	}
	return all
}

// titled returns an entry's name, what it is, where it is, and its ID.
func (p *plainPage) titled(e *Entry, f *diff.Finding) string {
	if f.App == (inventory.App{}) {
		return p.gathered(f)
	}
	text := e.Title.String() + " (" + kindWord(e)
	if where := p.where(e); where != "" {
		text += " " + where
	}
	if e.App.ID != "" && e.App.ID != e.Title {
		text += ", ID " + e.App.ID.String()
	}
	return text + ")"
}

// canLine says what an entry can do, or can do beyond its approval.
func (p *plainPage) canLine(e *Entry, f *diff.Finding) string {
	const most = 3
	reasons := e.Reasons
	more := ""
	if f.Rule == diff.DriftPermissions && len(f.Gained) > 0 {
		beyond := slices.Clone(reasons)
		beyond = slices.DeleteFunc(beyond, func(reason risk.Reason) bool {
			return !slices.Contains(f.Gained, reason.Subject)
		})
		if canDo(beyond, most) != "" {
			reasons, more = beyond, "now also "
		}
	}
	listed := most
	if p.Details {
		listed = len(reasons)
	}
	can := canDo(reasons, cmp.Or(listed, most))
	if can == "" {
		return ""
	}
	return "It can " + more + can + "."
}
