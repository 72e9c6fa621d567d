package report

import (
	"fmt"
	"io"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// The parts of the table after the findings: what was not read, what nobody can read, what is good
// to know, the allowlist itself, the inventory. On a narrow terminal each is a list of blocks, in a
// pipe tab-separated lines.

func (t Table) gaps(w io.Writer, r *Report) error {
	g := t.grid("NOT READ", "HOW MUCH", "WHY", "WHAT TO DO")
	rest := t.width() - 24 - 14 - 6
	g.widths = []int{24, 14, rest - rest/3, rest / 3}
	list := alikeSources(r.Coverage, (*inventory.Coverage).IsGap)
	if t.compact() {
		list = listedGaps(list)
	}
	for _, alike := range list {
		c := alike.first
		why := []string{t.text(c.Reason)}
		for _, detail := range c.Details {
			why = append(why, t.text(detail))
		}
		separator := "; "
		if t.compact() {
			separator = "\n- "
		}
		if g.stack {
			g.rows = append(g.rows, []string{alike.name() + ": " + howMuch(c), strings.Join(why, separator), arrow(c.Remedy)})
			continue
		}
		g.rows = append(g.rows, t.cells(alike.name(), howMuch(c), strings.Join(why, separator), c.Remedy.String()))
	}
	return g.section(w)
}

// arrow marks what to do, where no column says that it is that.
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

// unobservable lists what no program can read, for anybody, with the page to look at.
func (t Table) unobservable(w io.Writer, r *Report) error {
	g := t.grid("NOT READABLE BY ANY TOOL", "WHY", "WHERE TO LOOK")
	rest := t.width() - 24 - 4
	g.widths = []int{24, rest / 2, rest - rest/2}
	for _, alike := range alikeSources(r.Coverage, func(c *inventory.Coverage) bool { return c.Unobservable }) {
		remedy := alike.first.Remedy.String()
		if g.stack {
			remedy = arrow(alike.first.Remedy)
		}
		g.rows = append(g.rows, t.cells(alike.name(), t.text(alike.first.Reason), remedy))
	}
	return g.section(w)
}

// known tells what sources that were read wholly have to say of themselves: an organization's
// settings, a full scan instead of an incremental one.
func (t Table) known(w io.Writer, r *Report) error {
	g := t.grid("GOOD TO KNOW", "WHAT")
	g.widths = []int{24, t.width() - 24 - 4}
	for i := range r.Coverage {
		c := &r.Coverage[i]
		if c.IsGap() {
			continue
		}
		if t.compact() && len(c.Details) > 0 { // a source is named once
			details := make([]string, len(c.Details))
			for n, detail := range c.Details {
				details[n] = t.text(detail)
			}
			g.rows = append(g.rows, []string{c.Source.Name.String(), strings.Join(details, "\n")})
			continue
		}
		for _, detail := range c.Details {
			g.rows = append(g.rows, cells(c.Source.Name.String(), detail.String()))
		}
	}
	return g.section(w)
}

// presets lists the apps that nobody of the house approved, but a preset that the allowlist
// includes.
func (t Table) presets(w io.Writer, r *Report) error {
	g := t.grid("APPROVED BY PRESET", "ID", "PRESET", "HELD")
	rest := t.width() - 20 - 12 - 6
	g.widths = []int{rest - rest/2, rest / 2, 20, 12}
	for i := range r.Presets {
		use := &r.Presets[i]
		held := plural(use.ItemCount, "time")
		if g.stack {
			g.rows = append(g.rows, []string{use.App.Name.String(), use.App.ID.String(), fmt.Sprintf("held %s; %s", held, use.Preset)})
			continue
		}
		g.rows = append(g.rows, t.cells(use.App.Name.String(), use.App.ID.String(), use.Preset.String(), held))
	}
	return g.section(w)
}

// hygiene lists what there is to say of the allowlist itself.
func (t Table) hygiene(w io.Writer, r *Report) error {
	g := t.grid("ALLOWLIST", "ENTRY", "WHY", "WHAT TO DO")
	rest := t.width() - 20 - 20 - 6
	g.widths = []int{20, 20, rest / 2, rest - rest/2}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Rule.Info().Section != diff.SectionAllowlist {
			continue
		}
		entry := f.App.Name
		if entry == "" {
			entry = f.App.ID
		}
		at := ""
		if f.Decided != nil {
			at = fmt.Sprintf("%s:%d", f.Decided.File, f.Decided.Line)
		}
		if g.stack {
			g.rows = append(g.rows, []string{at + "  " + entry.String(), sentence(f.Why.String()), arrow(f.Remedy)})
			continue
		}
		g.rows = append(g.rows, t.cells(at, entry.String(), f.Why.String(), f.Remedy.String()))
	}
	return g.section(w)
}

// inventory is written as it is read: it may be of any size.
func (t Table) inventory(w io.Writer, r *Report) error {
	if r.Inventory == nil {
		return nil
	}
	g := grid{tabs: !t.compact(), stack: t.compact(), total: t.width()}
	g.header = []string{"APP", "ID", "KIND", "VERSION", "STATE", "ORIGIN", "WHERE", "ADDED", "ACCESS"}
	if t.compact() {
		g.header = []string{"INVENTORY"}
	}
	first := true
	for item, err := range r.Inventory {
		if err != nil {
			return fmt.Errorf("listing the inventory: %w", err)
		}
		if first {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
			if err := g.head(w); err != nil {
				return err
			}
			first = false
		}
		if err := g.row(w, t.itemRow(item, r)); err != nil {
			return err
		}
	}
	return nil
}

func (t Table) itemRow(item *inventory.Item, r *Report) []string {
	affected := diff.Affected{Source: item.Source, Holder: item.Holder}
	added := ""
	if !item.Added.IsZero() {
		added = t.when(item.Added, r.Finished)
	}
	kind, state, origin := inventory.Untrusted(item.Kind), inventory.Untrusted(item.State), inventory.Untrusted(item.Origin)
	reasons := state.String()
	for _, reason := range item.StateReasons {
		reasons += " (" + reason.String() + ")"
	}
	if !t.compact() {
		return cells(item.App.Name.String(), item.App.ID.String(), kind.String(), item.Version.String(), reasons, origin.String(),
			place(&affected), added, accessText(&item.Access))
	}
	if added != "" {
		added = "since " + added
	}
	name := item.App.Name.String()
	if name == "" {
		name = item.App.ID.String()
	}
	about := []string{kind.String()}
	for _, part := range []string{item.Version.String(), reasons, origin.String(), t.place(&affected), added} {
		if part != "" {
			about = append(about, part)
		}
	}
	for _, mark := range item.Marks {
		if mark.Class == inventory.MarkNote {
			about = append(about, inventory.Untrusted(mark.Name).String())
		}
	}
	id := middle(item.App.ID.String(), t.width()-blockIndent)
	if id == name {
		id = ""
	}
	return []string{clip(name, 3*t.width()), id, strings.Join(about, ", "),
		clip(vendor.ShortScopes(accessText(&item.Access)), 600)}
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

// grid is an empty table of a section, in the form that the output has.
func (t Table) grid(header ...string) grid {
	return grid{header: header, tabs: !t.compact(), stack: t.compact() && t.width() < columnsFrom, total: t.width(), gap: true}
}

// text is a foreign sentence as the output shows it.
func (t Table) text(text inventory.Untrusted) string { return shown(text, t.compact()) }

// cells are a row's values; only columns need a sign for what is empty.
func (t Table) cells(values ...string) []string {
	if t.compact() {
		return values
	}
	return cells(values...)
}

// cells writes "-" for what is not known, so that columns stay columns for tools that split on
// spaces.
func cells(values ...string) []string {
	for n, value := range values {
		if value == "" {
			values[n] = "-"
		}
	}
	return values
}
