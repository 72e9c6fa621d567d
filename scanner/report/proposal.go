package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"guestlist/allowlist/edit"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// Proposal is the allowlist that would approve what the report calls unapproved or drifted, as
// TOML, to be reviewed: the most powerful apps first, one [[allow]] entry for each, pinned to what
// it may do now, with what that means in plain words above it. The day is left open, so an entry
// approves nothing until a person has filled it in. Package edit writes the entries and makes the
// foreign text in them harmless.
type Proposal struct{}

var proposalFormat = Format{
	Name: "toml", About: "an allowlist that would approve the unapproved, for review",
	New: func(Style) Renderer { return Proposal{} },
}

// SchemaLine is the first line of an allowlist, which tells editors where its schema is: in the
// file that "guestlist schema allowlist" prints.
const SchemaLine = "#:schema ./allowlist.schema.json"

// Render implements [Renderer].
func (Proposal) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	out.WriteString(SchemaLine + "\n")
	if r.Allowlist != nil || r.Baseline != nil { // foreign text is harmless here: String makes line ends visible
		out.WriteString("# " + r.basis(false) + "\n")
	}
	out.WriteString("\nversion = 1\n\n[policy]\nreview_within = \"180d\"\nnotice = \"14d\"\n")
	list := r.Proposed(nil)
	for n, one := range list {
		if tier := one.About.Tier; n == 0 || list[n-1].About.Tier != tier {
			out.WriteString("\n# " + groupTitle(tier, list) + "\n")
		}
		for _, entry := range one.Entries {
			out.WriteString("\n" + entry.String())
		}
	}
	return out.Flush() // which returns any earlier failure
}

// groupTitle says what the apps of a tier have in common, and how many they are.
func groupTitle(tier inventory.Level, list []Proposed) string {
	count := 0
	for _, one := range list {
		if one.About.Tier == tier {
			count += len(one.Entries)
		}
	}
	words := cmp.Or(accessWords[tier].String(), "access that is not known")
	return fmt.Sprintf("==== %s: %s (%s) ====", cmp.Or(tier, inventory.Info), words, plural(count, "app"))
}

// Proposed is what a report proposes about one of its entries.
type Proposed struct {
	About *Entry
	// Entries are the allowlist's, one for each app, without a day of approval.
	Entries []edit.Entry
}

// Proposed returns the entries that would approve what the report calls unapproved or drifted, the
// most powerful first, each with what there is to know about it as its comment. Those of one report
// are the same every time. rules are the only ones wanted; nil are all.
func (r *Report) Proposed(rules []diff.Rule) []Proposed {
	var list []Proposed
	for n := range r.Entries {
		e := &r.Entries[n]
		for _, f := range e.Findings {
			if len(f.Entries()) == 0 || rules != nil && !slices.Contains(rules, f.Rule) {
				continue
			}
			list = append(list, Proposed{e, explained(e, f)})
			break // an app may have several findings
		}
	}
	slices.SortStableFunc(list, func(a, b Proposed) int {
		return cmp.Or(b.About.Tier.Compare(a.About.Tier), cmp.Compare(a.About.Kind, b.About.Kind),
			b.About.HolderCount-a.About.HolderCount, cmp.Compare(a.About.App.ID, b.About.App.ID), cmp.Compare(a.About.ID, b.About.ID))
	})
	return list
}

// maxCommentLine is how long the lines of a comment are, in columns.
const maxCommentLine = 98

// maxProposedReasons is how many things that an app can do are said above its entry.
const maxProposedReasons = 3

// explained are the entries of a finding with what there is to know above the first.
func explained(e *Entry, f *diff.Finding) []edit.Entry {
	entries := slices.Clone(f.Entries())
	for n := range entries {
		entries[n].Pairs = slices.DeleteFunc(slices.Clone(entries[n].Pairs), func(pair edit.Pair) bool {
			return pair.Key == "approved"
		})
	}
	comment := aboutProposal(e, entries)
	if f.Decided != nil && f.Rule != diff.Unapproved {
		comment = append(comment, inventory.Textf("%s: in place of %s:%d", f.Short(), f.Decided.File, f.Decided.Line))
	}
	var lines []inventory.Untrusted
	for _, text := range append(comment, entries[0].Comment...) {
		lines = append(lines, inventory.All(wrap(text.String(), maxCommentLine))...)
	}
	entries[0].Comment = lines
	return entries
}

// aboutProposal says what is known to be bad about an app, what it can do, who holds it, what the
// entries pin, and what else there is to know before approving it: each on a line.
func aboutProposal(e *Entry, entries []edit.Entry) []inventory.Untrusted {
	var about []inventory.Untrusted
	for _, f := range e.Findings {
		if f.Rule.Info().KnownBad {
			about = append(about, inventory.Textf("Do not approve it before this is cleared up: %s", f.Why))
		}
	}
	if can := canDo(e.Reasons, maxProposedReasons); can != "" {
		about = append(about, inventory.Textf("It can %s", can))
	}
	about = append(about, inventory.Textf("Held by %s; pinned: %s", holderCounts(e), pinCounts(entries)))
	for _, remark := range remarks(e.Notes, e.Lookalikes) {
		about = append(about, inventory.Textf("Note: %s", inventory.Untrusted(remark)))
	}
	return about
}

// Lines say what there is to know before approving what is proposed, each in plain words.
func (p *Proposed) Lines() []inventory.Untrusted { return aboutProposal(p.About, p.Entries) }

// holderCounts counts who holds an app.
func holderCounts(e *Entry) string {
	text := plural(e.HolderCount, "holder")
	switch {
	case e.AdminCount == 1:
		text += ", one of them an administrator"
	case e.AdminCount > 1:
		text += fmt.Sprintf(", %s of them administrators", thousands(e.AdminCount))
	}
	return text
}

// pinCounts says how much the entries pin.
func pinCounts(entries []edit.Entry) string {
	permissions, hosts, isPinned := 0, 0, false
	for _, entry := range entries {
		for _, pair := range entry.Pairs {
			switch pair.Key {
			case "permissions":
				permissions, isPinned = permissions+pair.Value.Len(), true
			case "hosts":
				hosts += pair.Value.Len()
			}
		}
	}
	if !isPinned {
		return "nothing, because what it may do is not known"
	}
	return plural(permissions, "permission") + " and " + plural(hosts, "host")
}
