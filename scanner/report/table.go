package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// Table is the text format, for people at a terminal and for logs.
//
// On a terminal a finding is a block that keeps to the width, long IDs are cut in the middle and times are relative. In a pipe, or with
// Wide, a finding is one line of tab-separated whole values, with times in RFC 3339.
type Table struct {
	Terminal bool // false: full values, one line a record
	Width    int  // of the terminal, in columns
	Color    bool
	Wide     bool
}

const (
	minTableWidth = 60
	maxTableWidth = 160
	listedHolders = 5 // holders shown in a block; the other formats list them
	listedReasons = 3
	listedApps    = 2 // further IDs of one project shown in a block
)

// hygiene are the rules about the allowlist itself; they stand in a section of their own.
var hygiene = []diff.Rule{diff.ApprovalExpiring, diff.ApprovalUnused}

// Render implements [Renderer].
func (t Table) Render(w io.Writer, r *Report) error {
	var buffer bytes.Buffer
	verdict := r.Verdict.String()
	if t.compact() {
		verdict = strings.Join(wrap(verdict, t.width()), "\n")
	}
	fmt.Fprintln(&buffer, verdict)
	for _, section := range []func(io.Writer, *Report) error{t.findings, t.gaps, t.unobservable, t.known, t.hygiene, t.inventory} {
		if err := section(&buffer, r); err != nil {
			return err
		}
	}
	_, err := w.Write(buffer.Bytes())
	return err
}

func (t Table) findings(w io.Writer, r *Report) error {
	var shown []*diff.Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Rule != diff.NotObserved && !slices.Contains(hygiene, f.Rule) {
			shown = append(shown, f)
		}
	}
	if len(shown) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	if t.compact() {
		return t.findingBlocks(w, r, shown)
	}
	return t.findingLines(w, shown)
}

func (t Table) findingBlocks(w io.Writer, r *Report, findings []*diff.Finding) error {
	const first, second = 18, 24
	g := grid{
		header: []string{"FINDING", "APP", "WHY, AND WHAT TO DO"},
		widths: []int{first, second, t.width() - first - second - 4},
		gap:    true,
	}
	for _, f := range findings {
		g.rows = append(g.rows, []string{t.findingCell(f), t.appCell(f, second), t.whyCell(f, r)})
	}
	return g.write(w)
}

func (t Table) findingCell(f *diff.Finding) string {
	lines := []string{t.paint(f.Severity), f.Rule.String()}
	if f.Change != "" && f.Change != f.Rule {
		lines = append(lines, "("+f.Change.String()+")")
	}
	return strings.Join(lines, "\n")
}

func (t Table) appCell(f *diff.Finding, width int) string {
	var lines []string
	if f.App.Name != "" {
		lines = append(lines, clip(f.App.Name.String(), 3*width))
	}
	if f.App.ID != "" {
		lines = append(lines, middle(f.App.ID.String(), width))
	}
	if f.App.Publisher != "" {
		lines = append(lines, clip("by "+f.App.Publisher.String(), 2*width))
	}
	if f.App.ID != "" {
		for n, app := range f.Also {
			if n == listedApps {
				lines = append(lines, fmt.Sprintf("and %d more IDs", len(f.Also)-n))
				break
			}
			lines = append(lines, middle(app.ID.String(), width))
		}
	}
	switch {
	case len(lines) > 0:
	case f.ItemCount > 0:
		lines = append(lines, gathered(f))
	case len(f.Holders) > 0:
		lines = append(lines, f.Holders[0].Source.Name.String())
	}
	return strings.Join(lines, "\n")
}

// gathered says of how many things of a kind a finding tells, where they are several apps.
func gathered(f *diff.Finding) string {
	text := fmt.Sprintf("%s × %s", thousands(f.ItemCount), inventory.Untrusted(f.Kind))
	if f.HolderCount == 1 && len(f.Holders) > 0 && f.Holders[0].Holder.Account != "" {
		text += " of " + f.Holders[0].Holder.Account.String()
	}
	return text
}

func (t Table) whyCell(f *diff.Finding, r *Report) string {
	lines := []string{sentence(f.Why.String())}
	for n, reason := range f.Reasons {
		if n == listedReasons {
			lines = append(lines, fmt.Sprintf("and %d more", len(f.Reasons)-n))
			break
		}
		lines = append(lines, fmt.Sprintf("%s: %s (%s)", reason.Level, reason.Why, shortScope(reason.Subject)))
	}
	for _, note := range remarks(f) {
		lines = append(lines, sentence(note))
	}
	if held := heldBy(f); held != "" {
		lines = append(lines, held)
	}
	for n, holder := range f.Holders {
		if n == listedHolders {
			lines = append(lines, fmt.Sprintf("  and %d more", max(f.HolderCount, len(f.Holders))-n))
			break
		}
		lines = append(lines, "- "+t.affected(&holder, r.Finished))
	}
	if f.Decided != nil {
		lines = append(lines, fmt.Sprintf("decided by %s:%d", f.Decided.File, f.Decided.Line))
	}
	if f.Remedy != "" {
		lines = append(lines, "→ "+f.Remedy.String())
	}
	return strings.Join(lines, "\n")
}

// scopePrefix begins most of Google's scopes, and says nothing.
const scopePrefix = "https://www.googleapis.com/auth/"

func shortScope(subject inventory.Untrusted) string {
	return strings.TrimPrefix(subject.String(), scopePrefix)
}

// remarks are what else to know of an app: notes, and names that look like its own.
func remarks(f *diff.Finding) []string {
	var all []string
	for _, note := range f.Notes {
		all = append(all, note.String())
	}
	for _, other := range f.Lookalikes {
		all = append(all, fmt.Sprintf("its name looks like that of another app: %s (%s)", other.Name, other.ID))
	}
	return all
}

// heldBy counts the accounts that hold an app, administrators apart.
func heldBy(f *diff.Finding) string {
	if len(f.Holders) == 0 || f.Holders[0].Holder.Account == "" || f.HolderCount < 2 && f.AdminCount == 0 {
		return ""
	}
	text := "held by " + plural(f.HolderCount, "account")
	if f.AdminCount > 0 {
		text += fmt.Sprintf(", %s among them", plural(f.AdminCount, "administrator"))
	}
	return sentence(text)
}

func (t Table) affected(a *diff.Affected, now time.Time) string {
	parts := []string{place(a)}
	if a.Version != "" {
		parts = append(parts, a.Version.String())
	}
	if a.State != "" && a.State != inventory.StateEnabled {
		parts = append(parts, inventory.Untrusted(a.State).String())
	}
	if a.Origin != "" && a.Origin != inventory.OriginStore {
		parts = append(parts, inventory.Untrusted(a.Origin).String())
	}
	if !a.Added.IsZero() {
		parts = append(parts, "since "+t.when(a.Added, now))
	}
	if a.Change != "" {
		parts = append(parts, a.Change.String())
	}
	if a.Detail != "" {
		parts = append(parts, clip(a.Detail.String(), 200))
	}
	return strings.Join(parts, ", ")
}

// place names where an item acts, in the words that its kind of holder has.
func place(a *diff.Affected) string {
	h := &a.Holder
	var parts []string
	for _, part := range []inventory.Untrusted{h.Account, h.Organization, h.Repository, h.User, h.Browser} {
		if part != "" {
			parts = append(parts, part.String())
		}
	}
	switch {
	case h.ProfileName != "" && h.ProfileName != h.Profile:
		parts = append(parts, fmt.Sprintf("%s (%s)", h.Profile, h.ProfileName))
	case h.Profile != "":
		parts = append(parts, h.Profile.String())
	}
	if len(parts) == 0 {
		return a.Source.Name.String()
	}
	place := strings.Join(parts, " ")
	if h.Host != "" {
		place += " on " + h.Host.String()
	}
	if h.Admin == inventory.Yes {
		place += " (admin)"
	}
	return place
}

func (t Table) findingLines(w io.Writer, findings []*diff.Finding) error {
	g := grid{tabs: true, header: []string{"SEVERITY", "FINDING", "CHANGE", "APP", "ID", "HOLDERS", "WHERE", "WHY", "CAN", "DECIDED", "REMEDY"}}
	for _, f := range findings {
		where := make([]string, len(f.Holders))
		for n := range f.Holders {
			where[n] = t.affected(&f.Holders[n], time.Time{})
		}
		reasons := make([]string, len(f.Reasons))
		for n, reason := range f.Reasons {
			reasons[n] = fmt.Sprintf("%s: %s (%s)", reason.Level, reason.Why, reason.Subject)
		}
		name := f.App.Name.String()
		if f.App == (inventory.App{}) && f.ItemCount > 0 {
			name = gathered(f)
		}
		decided := ""
		if f.Decided != nil {
			decided = fmt.Sprintf("%s:%d", f.Decided.File, f.Decided.Line)
		}
		g.rows = append(g.rows, cells(
			t.paint(f.Severity), f.Rule.String(), f.Change.String(), name, idsOf(f), holdersOf(f),
			strings.Join(where, "; "), strings.Join(append([]string{f.Why.String()}, remarks(f)...), "; "), strings.Join(reasons, "; "), decided, f.Remedy.String(),
		))
	}
	return g.write(w)
}

// idsOf are all IDs that a finding is about.
func idsOf(f *diff.Finding) string {
	ids := []string{f.App.ID.String()}
	for _, app := range f.Also {
		ids = append(ids, app.ID.String())
	}
	return strings.Join(ids, " ")
}

// holdersOf counts holders, and administrators among them.
func holdersOf(f *diff.Finding) string {
	if f.AdminCount > 0 {
		return fmt.Sprintf("%d (%d admin)", f.HolderCount, f.AdminCount)
	}
	return fmt.Sprint(f.HolderCount)
}

func (t Table) gaps(w io.Writer, r *Report) error {
	g := grid{tabs: !t.compact(), header: []string{"NOT READ", "HOW MUCH", "WHY", "WHAT TO DO"}}
	if t.compact() {
		rest := t.width() - 24 - 14 - 6
		g.widths = []int{24, 14, rest - rest/3, rest / 3}
		g.gap = true
	}
	for _, alike := range alikeSources(r.Coverage, (*inventory.Coverage).IsGap) {
		c := alike.first
		why := []string{c.Reason.String()}
		for _, detail := range c.Details {
			why = append(why, detail.String())
		}
		separator := "; "
		if t.compact() {
			separator = "\n- "
		}
		g.rows = append(g.rows, cells(alike.name(), howMuch(c), strings.Join(why, separator), c.Remedy.String()))
	}
	return g.section(w)
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

func (t Table) unobservable(w io.Writer, r *Report) error {
	g := grid{tabs: !t.compact(), header: []string{"NOBODY CAN READ", "WHY", "WHERE TO LOOK"}}
	if t.compact() {
		rest := t.width() - 24 - 4
		g.widths = []int{24, rest / 2, rest - rest/2}
		g.gap = true
	}
	for _, alike := range alikeSources(r.Coverage, func(c *inventory.Coverage) bool { return c.Unobservable }) {
		g.rows = append(g.rows, cells(alike.name(), alike.first.Reason.String(), alike.first.Remedy.String()))
	}
	return g.section(w)
}

// known tells what sources that were read wholly have to say of themselves: an organization's settings, a full scan instead of an
// incremental one.
func (t Table) known(w io.Writer, r *Report) error {
	g := grid{tabs: !t.compact(), header: []string{"GOOD TO KNOW", "WHAT"}}
	if t.compact() {
		g.widths = []int{24, t.width() - 24 - 4}
		g.gap = true
	}
	for i := range r.Coverage {
		c := &r.Coverage[i]
		if c.IsGap() {
			continue
		}
		for _, detail := range c.Details {
			g.rows = append(g.rows, cells(c.Source.Name.String(), detail.String()))
		}
	}
	return g.section(w)
}

func (t Table) hygiene(w io.Writer, r *Report) error {
	g := grid{tabs: !t.compact(), header: []string{"ALLOWLIST", "ENTRY", "WHY", "WHAT TO DO"}}
	if t.compact() {
		rest := t.width() - 20 - 20 - 6
		g.widths = []int{20, 20, rest / 2, rest - rest/2}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if !slices.Contains(hygiene, f.Rule) {
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
		g.rows = append(g.rows, cells(at, entry.String(), f.Why.String(), f.Remedy.String()))
	}
	return g.section(w)
}

func (t Table) inventory(w io.Writer, r *Report) error {
	if r.Inventory == nil {
		return nil
	}
	g := grid{tabs: !t.compact(), header: []string{"APP", "ID", "KIND", "VERSION", "STATE", "ORIGIN", "WHERE", "ADDED", "ACCESS"}}
	if t.compact() {
		g = grid{header: []string{"APP", "WHERE", "STATE", "ACCESS"}, widths: []int{22, 20, 12, t.width() - 60}, gap: true}
	}
	for item, err := range r.Inventory {
		if err != nil {
			return fmt.Errorf("listing the inventory: %w", err)
		}
		g.rows = append(g.rows, t.itemRow(item, r.Finished))
	}
	return g.section(w)
}

func (t Table) itemRow(item *inventory.Item, now time.Time) []string {
	where := place(&diff.Affected{Source: item.Source, Holder: item.Holder})
	access := accessText(&item.Access)
	added := ""
	if !item.Added.IsZero() {
		added = t.when(item.Added, now)
	}
	kind, state, origin := inventory.Untrusted(item.Kind), inventory.Untrusted(item.State), inventory.Untrusted(item.Origin)
	if !t.compact() {
		reasons := state.String()
		for _, reason := range item.StateReasons {
			reasons += " (" + reason.String() + ")"
		}
		return cells(item.App.Name.String(), item.App.ID.String(), kind.String(), item.Version.String(), reasons, origin.String(), where, added, access)
	}
	return []string{
		clip(item.App.Name.String(), 66) + "\n" + middle(item.App.ID.String(), 22), where,
		strings.Join([]string{item.Version.String(), state.String(), origin.String()}, "\n"), clip(access, 600),
	}
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

// section writes the grid with an empty line before it, and nothing when it has no rows.
func (g *grid) section(w io.Writer) error {
	if len(g.rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return g.write(w)
}

func (t Table) compact() bool { return t.Terminal && !t.Wide }

func (t Table) width() int { return min(max(t.Width, minTableWidth), maxTableWidth) }

// when tells a time: relative on a terminal, RFC 3339 elsewhere.
func (t Table) when(at, now time.Time) string {
	if !t.compact() || now.IsZero() {
		return at.UTC().Format(time.RFC3339)
	}
	days := int(now.Sub(at).Hours() / 24)
	switch {
	case days < 0:
		return at.UTC().Format(time.DateOnly)
	case days == 0:
		return "today"
	case days < 60:
		return plural(days, "day") + " ago"
	case days < 730:
		return plural(days/30, "month") + " ago"
	}
	return plural(days/365, "year") + " ago"
}

// colors are the terminal's own; meaning is never by colour alone.
var colors = map[inventory.Level]string{
	inventory.Critical: "\x1b[1;31m", inventory.High: "\x1b[31m", inventory.Medium: "\x1b[33m", inventory.Low: "\x1b[36m", inventory.Info: "\x1b[2m",
}

func (t Table) paint(level inventory.Level) string {
	text := inventory.Untrusted(level).String()
	if code, ok := colors[level]; ok && t.Color {
		return code + text + "\x1b[0m"
	}
	return text
}

// cells writes "-" for what is not known, so that columns stay columns for tools that split on spaces.
func cells(values ...string) []string {
	for n, value := range values {
		if value == "" {
			values[n] = "-"
		}
	}
	return values
}

// clip cuts text that is already escaped to width characters.
func clip(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}

// sentence begins with a capital.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
