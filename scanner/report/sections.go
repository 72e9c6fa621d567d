package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// The parts after the cards: what was not read, what is not readable by any tool, what is good to
// know, the allowlist itself, the inventory.

func (c Cards) gaps(w io.Writer, r *Report) error {
	list := c.list("NOT READ")
	for _, alike := range listedGaps(alikeSources(r.Coverage, (*inventory.Coverage).IsGap)) {
		source := alike.first
		why := []string{short(source.Reason)}
		for _, detail := range source.Details {
			why = append(why, "- "+short(detail))
		}
		list.add(alike.name()+": "+howMuch(source), append(why, arrow(source.Remedy))...)
	}
	return list.write(w)
}

// arrow marks what to do if no column says so.
func arrow(remedy inventory.Untrusted) string {
	if remedy == "" {
		return ""
	}
	return "→ " + remedy.String()
}

func howMuch(c *inventory.Coverage) string {
	switch {
	case c.Expected > 0:
		return fmt.Sprintf("%s of %s", thousands(c.Read), thousands(c.Expected))
	case c.Status == inventory.StatusPartial:
		return "in part"
	}
	return "nothing"
}

// unobservable lists what no program can read, with the page to look at.
func (c Cards) unobservable(w io.Writer, r *Report) error {
	list := c.list("NO API REPORTS")
	for _, alike := range alikeSources(r.Coverage, func(c *inventory.Coverage) bool { return c.Unobservable }) {
		list.add(alike.name(), short(alike.first.Reason), arrow(alike.first.Remedy))
	}
	return list.write(w)
}

// known reports what is good to know about sources that were read completely: an organization's
// settings, a full scan instead of an incremental one.
func (c Cards) known(w io.Writer, r *Report) error {
	list := c.list("GOOD TO KNOW")
	for i := range r.Coverage {
		source := &r.Coverage[i]
		if source.IsGap() || len(source.Details) == 0 {
			continue
		}
		details := make([]string, len(source.Details))
		for n, detail := range source.Details {
			details[n] = short(detail)
		}
		list.add(source.Source.Name.String(), details...)
	}
	return list.write(w)
}

// presets lists the apps approved by presets that the allowlist includes.
func (c Cards) presets(w io.Writer, r *Report) error {
	list := c.list("APPROVED BY PRESET")
	for i := range r.Presets {
		use := &r.Presets[i]
		list.add(use.App.Name.String(), use.App.ID.String(),
			fmt.Sprintf("held %s; %s", plural(use.ItemCount, "time"), use.Preset))
	}
	return list.write(w)
}

// hygiene lists what there is to say about the allowlist itself.
func (c Cards) hygiene(w io.Writer, r *Report) error {
	list := c.list("ALLOWLIST")
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Rule.Info().Section != diff.SectionAllowlist {
			continue
		}
		at := ""
		if f.Decided != nil {
			at = fmt.Sprintf("%s:%d  ", f.Decided.File, f.Decided.Line)
		}
		list.add(at+nameOf(&f.App), sentence(f.Why.String()), arrow(f.Remedy))
	}
	return list.write(w)
}

// inventory is written as it is read: it may be of any size.
func (c Cards) inventory(w io.Writer, r *Report) error {
	if r.Inventory == nil {
		return nil
	}
	first := true
	for item, err := range r.Inventory {
		if err != nil {
			return fmt.Errorf("listing the inventory: %w", err)
		}
		if first {
			if _, err := fmt.Fprintln(w, "\nINVENTORY"); err != nil {
				return err
			}
			first = false
		}
		list := c.list("")
		name, lines := c.itemLines(item, r)
		list.add(name, lines...)
		if err := list.rows(w); err != nil {
			return err
		}
	}
	return nil
}

// itemLines says what a person asks about an item first: what it is, where it is, and what it may
// do.
func (c Cards) itemLines(item *inventory.Item, r *Report) (name string, lines []string) {
	affected := diff.Affected{Source: item.Source, Holder: item.Holder}
	about := []string{inventory.Untrusted(item.Kind).String()}
	added := ""
	if !item.Added.IsZero() {
		added = "added " + ago(item.Added, r.Finished)
	}
	for _, part := range []string{
		item.Version.String(), stateOf(item), inventory.Untrusted(item.Origin).String(), shortPlace(&affected), added,
	} {
		if part != "" {
			about = append(about, part)
		}
	}
	for _, mark := range item.Marks {
		if mark.Class == inventory.MarkNote {
			about = append(about, inventory.Untrusted(mark.Name).String())
		}
	}
	name = nameOf(&item.App)
	id := middle(item.App.ID.String(), c.width()-blockIndent)
	if id == name {
		id = ""
	}
	return clip(name, 3*c.width()), []string{id, strings.Join(about, ", "),
		clip(vendor.ShortScopes(accessText(&item.Access)), 600)}
}

// itemValues says the same for a program.
func itemValues(item *inventory.Item) []string {
	affected := diff.Affected{Source: item.Source, Holder: item.Holder}
	added := ""
	if !item.Added.IsZero() {
		added = item.Added.UTC().Format(time.RFC3339)
	}
	return []string{
		item.App.Name.String(), item.App.ID.String(), inventory.Untrusted(item.Kind).String(), item.Version.String(),
		stateOf(item),
		inventory.Untrusted(item.Origin).String(), place(&affected), added, accessText(&item.Access),
	}
}

func stateOf(item *inventory.Item) string {
	text := inventory.Untrusted(item.State).String()
	for _, reason := range item.StateReasons {
		text += " (" + reason.String() + ")"
	}
	return text
}

func accessText(a *inventory.Access) string {
	var parts []string
	for _, list := range [][]inventory.Untrusted{a.Permissions, a.Hosts, a.Surfaces} {
		for _, value := range list {
			parts = append(parts, value.String())
		}
	}
	if a.Repositories != "" {
		parts = append(parts, a.Repositories.String()+" repositories")
	}
	return strings.Join(parts, ", ")
}
