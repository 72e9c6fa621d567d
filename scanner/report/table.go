package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// Table is the text format, for people at a terminal and for logs.
//
// On a terminal a finding is a block that keeps to the width, long IDs are cut in the middle,
// scopes stand without what all of a vendor's begin with, and times are relative. A wide terminal
// has the blocks in columns. In a pipe, or with Wide, a finding is one line of tab-separated whole
// values, with times in RFC 3339.
type Table Style

var tableFormat = Format{
	Name: "table", About: "text for people; fits the terminal, whole values in a pipe", Also: []string{"text", "txt"},
	New: func(s Style) Renderer { return Table(s) },
}

const (
	minTableWidth = 40
	maxTableWidth = 160
	// columnsFrom is the width from which on columns leave enough room for sentences.
	columnsFrom   = 140
	listedHolders = 5 // holders shown in a block; the other formats list them
	listedReasons = 3 // and further ones of the highest levels up to listedSerious: who approves an app has seen them
	listedSerious = 12
	listedIDs     = 10 // IDs of one project
)

// Render implements [Renderer].
func (t Table) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	verdict := r.Verdict.String()
	if t.compact() {
		verdict = strings.Join(wrap(verdict, t.width()), "\n")
	}
	fmt.Fprintln(out, verdict)
	for _, section := range []func(io.Writer, *Report) error{
		t.findings, t.gaps, t.unobservable, t.known, t.presets, t.hygiene, t.basis, t.inventory,
	} {
		if err := section(out, r); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (t Table) findings(w io.Writer, r *Report) error {
	var shown []*diff.Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		switch f.Rule.Info().Section {
		case diff.SectionCoverage, diff.SectionAllowlist: // which have tables of their own
		default:
			shown = append(shown, f)
		}
	}
	switch {
	case len(shown) == 0:
		return nil
	case !t.compact():
		return t.findingLines(w, shown)
	case t.width() < columnsFrom:
		return t.findingBlocks(w, r, shown)
	}
	return t.findingColumns(w, r, shown)
}

// findingColumns draws what a block says in three columns.
func (t Table) findingColumns(w io.Writer, r *Report, findings []*diff.Finding) error {
	first := longestRule()
	second := t.width()/3 - 4
	g := grid{
		header: []string{"FINDING", "APP", "WHY, AND WHAT TO DO"},
		widths: []int{first, second, t.width() - first - second - 4},
		gap:    true,
	}
	for _, f := range findings {
		finding := []string{t.paint(f.Severity), f.Rule.String()}
		if change := changeOf(f); change != "" {
			finding = append(finding, "("+change+")")
		}
		app := t.app(f, second)
		app[0] = clip(app[0], 3*second)
		g.rows = append(g.rows, []string{strings.Join(finding, "\n"), strings.Join(app, "\n"), strings.Join(t.lines(f, r), "\n")})
	}
	return g.section(w)
}

// findingBlocks writes a headline for each finding, and what it says below it.
func (t Table) findingBlocks(w io.Writer, r *Report, findings []*diff.Finding) error {
	const severity = len("critical")
	rule := longestRule()
	for _, f := range findings {
		app := t.app(f, t.width()-blockIndent)
		head := fmt.Sprintf("%s%*s  %-*s  ", t.paint(f.Severity), severity-len(inventory.Untrusted(f.Severity).String()), "", rule, f.Rule)
		name := app[0]
		if change := changeOf(f); change != "" {
			name += " (" + change + ")"
		}
		body := slices.Concat(app[1:], t.lines(f, r))
		if room := t.width() - severity - rule - 4; cellWidth(name) > room {
			body = append([]string{name}, body...)
			name = ""
		}
		if _, err := fmt.Fprintln(w, "\n"+strings.TrimRight(head+name, " ")); err != nil {
			return err
		}
		if err := block(w, body, t.width()); err != nil {
			return err
		}
	}
	return nil
}

func longestRule() int {
	longest := 0
	for n := range diff.Rules {
		longest = max(longest, len(diff.Rules[n].Rule.String()))
	}
	return longest
}

func changeOf(f *diff.Finding) string {
	if f.Change == f.Rule {
		return ""
	}
	return f.Change.String()
}

// app says what a finding is about: name, ID, further IDs and maker; at least one line.
func (t Table) app(f *diff.Finding, width int) []string {
	var lines []string
	if f.App.Name != "" {
		lines = append(lines, f.App.Name.String())
	}
	if f.App.ID != "" {
		if f.App.ID != f.App.Name {
			lines = append(lines, middle(f.App.ID.String(), width))
		}
		lines = append(lines, t.also(f, width)...)
	}
	if f.App.Publisher != "" {
		lines = append(lines, clip("by "+f.App.Publisher.String(), 2*width))
	}
	switch {
	case len(lines) > 0:
	case f.ItemCount > 0:
		lines = append(lines, counted(f))
	case len(f.Holders) > 0:
		lines = append(lines, f.Holders[0].Source.Name.String())
	default:
		lines = append(lines, inventory.Untrusted(f.Provider).String())
	}
	return lines
}

// also lists the other IDs of a project, with their names where they have another.
func (t Table) also(f *diff.Finding, width int) []string {
	var lines []string
	for n, app := range f.Also {
		if n == listedIDs && len(f.Also) > listedIDs+1 {
			return append(lines, fmt.Sprintf("and %d more IDs", len(f.Also)-n))
		}
		line := middle(app.ID.String(), width)
		if app.Name != "" && app.Name != f.App.Name {
			line += " (" + clip(app.Name.String(), width) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// lines are what there is to say of a finding below its headline.
func (t Table) lines(f *diff.Finding, r *Report) []string {
	lines := []string{sentence(short(f.Why))}
	listed := reasonsListed(f.Reasons)
	for n, reason := range f.Reasons {
		if n == listed {
			lines = append(lines, fmt.Sprintf("and %d more", len(f.Reasons)-n))
			break
		}
		lines = append(lines, reasonLine(&reason, short(reason.Subject)))
	}
	for _, note := range remarks(f) {
		lines = append(lines, sentence(note))
	}
	if held := heldBy(f); held != "" {
		lines = append(lines, held)
	}
	for n, holder := range f.Holders {
		if n == listedHolders {
			lines = append(lines, fmt.Sprintf("- and %s more", thousands(max(f.HolderCount, f.ItemCount, len(f.Holders))-n)))
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
	return lines
}

// reasonsListed is how many reasons a block shows. The most serious are first; a single one is not
// worth a line about it.
func reasonsListed(reasons []risk.Reason) int {
	n := 0
	for n < len(reasons) && (n < listedReasons || n < listedSerious && reasons[n].Level.AtLeast(inventory.High)) {
		n++
	}
	if n+1 == len(reasons) {
		n++
	}
	return n
}

// reasonLine says one part of the access: what it is worth, what it lets the app do, how the
// platform spells it, and the platform's own word for it where that says more.
func reasonLine(reason *risk.Reason, subject string) string {
	line := fmt.Sprintf("%s: %s (%s)", reason.Level, reason.Why, subject)
	switch reason.Class {
	case "", "non-sensitive", "sign-in":
		return line
	}
	return line + fmt.Sprintf(" [%s]", reason.Class)
}

// short is text for a terminal: scopes stand without what all of them begin with.
func short(text inventory.Untrusted) string {
	return vendor.ShortScopes(text.String())
}

// shown is foreign text, short on a terminal and whole elsewhere.
func shown(text inventory.Untrusted, terminal bool) string {
	if terminal {
		return short(text)
	}
	return text.String()
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

func (t Table) affected(a *diff.Affected, now time.Time) string {
	parts := []string{t.place(a)}
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
	if !a.LastUsed.IsZero() {
		parts = append(parts, "last used "+t.when(a.LastUsed, now))
	}
	if !a.Expires.IsZero() {
		parts = append(parts, "expires on "+a.Expires.UTC().Format(time.DateOnly))
	}
	if a.Change != "" {
		parts = append(parts, a.Change.String())
	}
	if a.Detail != "" && t.compact() {
		parts = append(parts, clip(short(a.Detail), 200))
	} else if a.Detail != "" {
		parts = append(parts, a.Detail.String())
	}
	if a.Page != "" && !t.compact() {
		parts = append(parts, a.Page.String())
	}
	return strings.Join(parts, ", ")
}

// place names where an item acts. On a terminal an organization is named once, and not after an
// address that ends with it.
func (t Table) place(a *diff.Affected) string {
	if !t.compact() {
		return place(a)
	}
	short := *a
	h := &short.Holder
	switch {
	case h.Organization == "" || h.Account == "" && h.Repository == "":
	case h.Repository != "":
		h.Repository, h.Organization = h.Organization+"/"+h.Repository, ""
	case strings.HasSuffix(strings.ToLower(string(h.Account)), "@"+strings.ToLower(string(h.Organization))):
		h.Organization = ""
	default:
		h.Organization = "in " + h.Organization
	}
	return place(&short)
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
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := g.head(w); err != nil {
		return err
	}
	for _, f := range findings {
		where := make([]string, len(f.Holders))
		for n := range f.Holders {
			where[n] = t.affected(&f.Holders[n], time.Time{})
		}
		reasons := make([]string, len(f.Reasons))
		for n, reason := range f.Reasons {
			reasons[n] = reasonLine(&reason, reason.Subject.String())
		}
		name := f.App.Name.String()
		if f.App == (inventory.App{}) && f.ItemCount > 0 {
			name = gathered(f)
		}
		decided := ""
		if f.Decided != nil {
			decided = fmt.Sprintf("%s:%d", f.Decided.File, f.Decided.Line)
		}
		row := cells(
			t.paint(f.Severity), f.Rule.String(), f.Change.String(), name, idsOf(f), holdersOf(f),
			strings.Join(where, "; "), strings.Join(append([]string{f.Why.String()}, remarks(f)...), "; "), strings.Join(reasons, "; "), decided, f.Remedy.String(),
		)
		if err := g.row(w, row); err != nil {
			return err
		}
	}
	return nil
}

// idsOf are all IDs that a finding is about.
func idsOf(f *diff.Finding) string {
	ids := []string{f.App.ID.String()}
	for _, app := range f.Also {
		ids = append(ids, app.ID.String())
	}
	return strings.Join(ids, " ")
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

// clip cuts text that is already escaped to width characters.
func clip(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}

// sentence begins with a capital, unless its first word is a name: of a key, a file, a host.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if text == "" || strings.ContainsAny(first, "._/@") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
