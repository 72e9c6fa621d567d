package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// Screen is the text format, for people: it fits on one screen, whether there are 5 findings or
// 50,000. From top to bottom it is the verdict, what changed, the most urgent entries in a table,
// what was not read, and the next command to type.
//
// With Details it is followed by everything at length: see [Cards].
type Screen Style

var tableFormat = Format{
	Name: "table", About: "text for people; fits the terminal", Also: []string{"text", "txt"},
	New: func(s Style) Renderer {
		if s.Wide {
			return TSV{}
		}
		return Screen(s)
	},
}

const (
	minScreenWidth = 40
	maxScreenWidth = 200
	// plainWidth and plainHeight are for text that does not go to a terminal: a file, a mail, a
	// pipe.
	plainWidth  = 80
	plainHeight = 58
	minHeight   = 14
)

// Render implements [Renderer].
func (s Screen) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(&inertLines{w: w})
	written := 0
	for _, line := range s.screen(r) {
		fmt.Fprintln(out, line)
		written++
	}
	if s.Details || r.Inventory != nil {
		counting := &lineCounter{w: out}
		if err := (Cards{s}).Render(counting, r); err != nil {
			return err
		}
		written += counting.lines
	}
	if written > s.height() {
		fmt.Fprintln(out)
		for _, line := range s.verdict(r) {
			fmt.Fprintln(out, line)
		}
	}
	return out.Flush()
}

// lineCounter counts the lines that are written through it.
type lineCounter struct {
	w     io.Writer
	lines int
}

func (c *lineCounter) Write(text []byte) (int, error) {
	c.lines += strings.Count(string(text), "\n")
	return c.w.Write(text)
}

func (s Screen) width() int {
	if !s.Terminal || s.Width <= 0 {
		return plainWidth
	}
	return min(max(s.Width, minScreenWidth), maxScreenWidth)
}

// height is how many lines there are, not counting the prompt's.
func (s Screen) height() int {
	if !s.Terminal || s.Height <= 0 {
		return plainHeight
	}
	return max(s.Height, minHeight)
}

// screen returns the lines of the first screen.
func (s Screen) screen(r *Report) []string {
	verdict, notes := s.verdict(r), s.notes(r)
	rows, gaps, most := urgent(r), s.gapLines(r), mostChanges
	if r.comparison { // which is about the changes alone
		rows, most = nil, s.height()
	}
	changes := s.changeLines(r, most)
	room := newRoom(s.height()-len(verdict), r.Difference.Total(), len(rows), len(gaps))
	next := s.next(r, len(rows))
	room.taken += len(notes) + 1 + len(next)
	room.share(most)

	lines := verdict
	section := func(part []string, all int) {
		if len(part) > 0 {
			lines = append(append(lines, ""), part...)
		}
		if more := all - len(part); len(part) > 0 && more > 0 {
			lines = append(lines, "and "+thousands(more)+" more")
		}
	}
	section(changes[:min(room.changes, len(changes))], r.Difference.Total())
	if room.rows > 0 {
		section(s.table(rows[:room.rows]), len(rows)+1) // with its header
	}
	section(gaps[:room.gaps], len(gaps))
	lines = append(append(lines, ""), notes...)
	return append(lines, next...)
}

func (s Screen) verdict(r *Report) []string {
	var lines []string
	for _, line := range r.VerdictLines {
		lines = append(lines, wrap(line.String(), s.width())...)
	}
	return lines
}

// room is how many lines each part of the screen gets.
type room struct {
	total, taken                 int
	changes, rows, gaps          int
	allChanges, allRows, allGaps int
}

// What each part gets at least, and how much it gets before the table takes the rest.
const (
	leastChanges, mostChanges = 3, 6 // for two snapshots, as many as there is room for
	leastRows, goodRows       = 5, 8
	leastGaps, mostGaps       = 2, 4
)

func newRoom(total, changes, rows, gaps int) *room {
	return &room{
		total: total, allChanges: changes, allRows: rows, allGaps: gaps,
		changes: min(changes, leastChanges), rows: min(rows, leastRows), gaps: min(gaps, leastGaps),
	}
}

// share hands out the remaining lines, or takes some back if there are none. Changes get at most
// mostChanges.
func (r *room) share(mostChanges int) {
	for _, part := range []*int{&r.gaps, &r.changes, &r.rows} {
		for r.used() > r.total && *part > 1 {
			*part--
		}
	}
	for _, part := range []struct {
		count *int
		most  int
	}{
		{&r.rows, min(r.allRows, goodRows)}, {&r.changes, min(r.allChanges, mostChanges)},
		{&r.gaps, min(r.allGaps, mostGaps)},
		{&r.rows, r.allRows},
	} {
		for *part.count < part.most {
			*part.count++
			if r.used() > r.total {
				*part.count--
				break
			}
		}
	}
}

func (r *room) used() int {
	used := r.taken
	for _, part := range []struct{ shown, all, extra int }{
		{r.changes, r.allChanges, 1}, {r.rows, r.allRows, 2}, {r.gaps, r.allGaps, 1},
	} {
		if part.shown > 0 {
			used += part.shown + part.extra
		}
		if part.shown < part.all {
			used++
		}
	}
	return used
}

// urgent returns the entries that someone should act on, the most urgent first. Sources that were
// not read are left out, since they have a part of their own.
func urgent(r *Report) []*Entry {
	var rows []*Entry
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Open && e.About != diff.AboutSource {
			rows = append(rows, e)
		}
	}
	return rows
}

// table draws entries, one line each, below a header.
func (s Screen) table(rows []*Entry) []string {
	table := columns{list: []column{
		{header: " ", tight: true},
		{header: "URGENCY", paint: s.paint},
		{header: "APP", least: 13, most: 44, name: true},
		{header: "KIND", least: 10, from: 72},
		{header: "WHERE", least: 10, most: 40, from: 66},
		{header: "WHY", least: min(29, s.width()-27), most: 44},
		{header: "CAN REACH", least: 12, most: 32, from: 110},
		{header: "WHAT TO DO", least: 20, from: 150},
	}}
	for _, e := range rows {
		table.rows = append(table.rows, []string{
			markOf(e.Change), inventory.Untrusted(e.Urgency).String(), titleInColumn(e), kindWord(e), whereInColumn(e),
			e.Why.String(), reachWords(e), short(e.Remedy),
		})
	}
	return table.lines(s.width())
}

// colors are the terminal's own; color alone never carries meaning.
var colors = map[inventory.Level]string{
	inventory.Critical: "\x1b[1;31m", inventory.High: "\x1b[31m", inventory.Medium: "\x1b[33m",
	inventory.Low: "\x1b[36m", inventory.Info: "\x1b[2m",
}

// paint colours a level that may be padded.
func (s Screen) paint(padded, level string) string {
	if code, ok := colors[inventory.Level(level)]; ok && s.Color {
		return code + padded + "\x1b[0m"
	}
	return padded
}

// gapLines lists the sources that should have been read and were not, one line each.
func (s Screen) gapLines(r *Report) []string {
	var lines []string
	for _, alike := range listedGaps(alikeSources(r.Coverage, (*inventory.Coverage).IsGap)) {
		c := alike.first
		name := middle(alike.name(), s.width()/2)
		text := "Not read: " + name
		if c.Expected > 0 || c.Status == inventory.StatusPartial {
			text = fmt.Sprintf("Read %s: %s", howMuch(c), name)
		}
		if c.Reason != "" {
			text += ": " + short(c.Reason)
		}
		lines = append(lines, cut(text, s.width(), false))
	}
	return lines
}

// notes says once what does not belong to this scan alone: how many things are not readable by any
// tool, how many are good to know, and which files decided the report.
func (s Screen) notes(r *Report) []string {
	unreadable, known := 0, 0
	for i := range r.Coverage {
		c := &r.Coverage[i]
		switch {
		case c.Unobservable:
			unreadable++
		case !c.IsGap():
			known += len(c.Details)
		}
	}
	var parts []string
	if unreadable > 0 {
		parts = append(parts, plural(unreadable, "thing")+" no API reports")
	}
	if known > 0 {
		parts = append(parts, plural(known, "thing")+" good to know")
	}
	var lines []string
	if len(parts) > 0 && !s.Details {
		lines = wrap("Also "+strings.Join(parts, ", ")+": --details lists them.", s.width())
	}
	if limits := r.limits(); limits != "" {
		lines = append(lines, wrap(limits, s.width())...)
	}
	return append(lines, s.basis(r))
}

// basis names the files that decided.
func (s Screen) basis(r *Report) string {
	if r.comparison && r.Baseline != nil {
		const words = "Compared with ."
		return "Compared with " + middle(r.Baseline.Path.String(), s.width()-len(words)) + "."
	}
	const checked, compared = "Checked against ", ", compared with "
	room := s.width() - len(checked+compared+".")
	allowlist, baseline := "", ""
	if r.Baseline != nil {
		baseline = r.Baseline.words()
	}
	text := "No allowlist yet"
	if r.Allowlist != nil {
		allowlist = r.Allowlist.Path.String()
		allowlist = middle(allowlist, max(room/2, room-cellWidth(baseline)))
		text = checked + allowlist
	}
	if baseline != "" {
		text += compared + middle(baseline, room-cellWidth(allowlist))
	}
	return text + "."
}

// next says which command to type next, and why.
func (s Screen) next(r *Report, rows int) []string {
	again := "the same command with --details"
	if s.Again != "" {
		again = s.Again + " --details"
	}
	text := ""
	switch {
	case r.Summary.Sources.Total == 0:
		text = "Next: guestlist doctor says what can be read here"
	case r.Allowlist == nil && rows > 0 && !r.comparison:
		text = "Next: guestlist allow init > allowlist.toml writes a first allowlist to review"
	case r.comparison:
		text = "Next: " + again + " shows each change whole"
	case rows > 0:
		text = "Next: " + again + " shows each with what to do"
	case r.Summary.Sources.Complete < r.Summary.Sources.Total:
		text = "Next: guestlist doctor says how to fix what was not read"
	default:
		text = "Next: " + strings.Replace(again, "--details", "--all", 1) + " lists everything that is installed"
	}
	return wrap(text, s.width())
}
