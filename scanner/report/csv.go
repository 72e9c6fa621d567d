package report

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// CSV is a header, then a row for each finding and each of its listed holders: for spreadsheets,
// and for scripts that do not read JSON. What no API reports, and what is good to know about a
// source, are rows without a severity. The last columns of each row name the files that decided the
// report.
//
// Spreadsheets calculate what looks like a formula; see [inert]. Rows end with a line feed alone.
type CSV struct{}

var csvFormat = Format{
	Name: "csv", About: "one row per finding and holder, for a spreadsheet", Also: []string{"excel", "xlsx"},
	Help: "Cells that a spreadsheet would calculate have an apostrophe in front.",
	New:  func(Style) Renderer { return CSV{} },
}

// findingColumns hold what all rows of a finding have in common.
var findingColumns = []struct {
	name  string
	value func(*Entry, *diff.Finding) string
}{
	{"finding", func(_ *Entry, f *diff.Finding) string { return f.ID }},
	{"severity", func(_ *Entry, f *diff.Finding) string { return inventory.Untrusted(f.Severity).String() }},
	{"rule", func(_ *Entry, f *diff.Finding) string { return f.Rule.String() }},
	{"change", func(_ *Entry, f *diff.Finding) string { return f.Change.String() }},
	{"provider", func(_ *Entry, f *diff.Finding) string { return inventory.Untrusted(f.Provider).String() }},
	{"kind", func(_ *Entry, f *diff.Finding) string { return inventory.Untrusted(f.Kind).String() }},
	{"app", func(e *Entry, _ *diff.Finding) string { return e.Title.String() }},
	{"app_id", func(_ *Entry, f *diff.Finding) string { return f.App.ID.String() }},
	{"publisher", func(_ *Entry, f *diff.Finding) string { return f.App.Publisher.String() }},
	{"tier", func(_ *Entry, f *diff.Finding) string { return inventory.Untrusted(f.Tier).String() }},
	{"why", func(_ *Entry, f *diff.Finding) string { return f.Why.String() }},
	{"can", func(_ *Entry, f *diff.Finding) string { return reasonLines(f.Reasons) }},
	{"gained", func(_ *Entry, f *diff.Finding) string { return joined(f.Gained) }},
	{"lost", func(_ *Entry, f *diff.Finding) string { return joined(f.Lost) }},
	{"before", func(_ *Entry, f *diff.Finding) string { return f.Before.String() }},
	{"after", func(_ *Entry, f *diff.Finding) string { return f.After.String() }},
	{"allowlist", func(_ *Entry, f *diff.Finding) string { return positionOf(f.Decided) }},
	{"holders", func(_ *Entry, f *diff.Finding) string { return strconv.Itoa(f.HolderCount) }},
	{"remedy", func(_ *Entry, f *diff.Finding) string { return f.Remedy.String() }},
	{"approve_with", func(e *Entry, _ *diff.Finding) string { return e.ApproveWith.String() }},
}

// holderColumns are those about a single holder.
var holderColumns = []struct {
	name  string
	value func(*diff.Affected) string
}{
	{"source", func(a *diff.Affected) string { return a.Source.Name.String() }},
	{"account", func(a *diff.Affected) string { return a.Holder.Account.String() }},
	{"organization", func(a *diff.Affected) string { return a.Holder.Organization.String() }},
	{"unit", func(a *diff.Affected) string { return a.Holder.Unit.String() }},
	{"repository", func(a *diff.Affected) string { return a.Holder.Repository.String() }},
	{"host", func(a *diff.Affected) string { return a.Holder.Host.String() }},
	{"user", func(a *diff.Affected) string { return a.Holder.User.String() }},
	{"browser", func(a *diff.Affected) string { return a.Holder.Browser.String() }},
	{"profile", func(a *diff.Affected) string { return a.Holder.Profile.String() }},
	{"admin", func(a *diff.Affected) string { return inventory.Untrusted(a.Holder.Admin).String() }},
	{"version", func(a *diff.Affected) string { return a.Version.String() }},
	{"state", func(a *diff.Affected) string { return inventory.Untrusted(a.State).String() }},
	{"origin", func(a *diff.Affected) string { return inventory.Untrusted(a.Origin).String() }},
	{"holder_change", func(a *diff.Affected) string { return a.Change.String() }},
	{"added", func(a *diff.Affected) string { return rfc3339(a.Added) }},
	{"last_used", func(a *diff.Affected) string { return rfc3339(a.LastUsed) }},
	{"expires", func(a *diff.Affected) string { return rfc3339(a.Expires) }},
	{"detail", func(a *diff.Affected) string { return a.Detail.String() }},
	{"page", func(a *diff.Affected) string { return a.Page.String() }},
}

// decidedColumns name the files that decided the whole report. They come last in each row.
var decidedColumns = []struct {
	name  string
	value func(*Report) decision
}{
	{"checked_against", (*Report).checkedAgainst},
	{"compared_with", (*Report).comparedWith},
}

// Render implements [Renderer].
func (CSV) Render(w io.Writer, r *Report) error {
	out := newCSVWriter(w, r)
	for _, column := range findingColumns {
		out.add(column.name)
	}
	for _, column := range holderColumns {
		out.add(column.name)
	}
	out.header()
	for i := range r.Entries {
		for _, f := range r.Entries[i].Findings {
			out.finding(&r.Entries[i], f)
		}
	}
	for i := range r.Coverage {
		if word := noteWord(&r.Coverage[i]); word != "" {
			c := &r.Coverage[i]
			out.finding(&Entry{Title: c.Source.Name}, &diff.Finding{
				Rule: diff.Rule(word), Provider: c.Source.Provider, Why: inventory.Textf("%s", whyOf(c)), Remedy: c.Remedy,
				Holders: []diff.Affected{{Source: c.Source}}, HolderCount: 1,
			})
		}
	}
	return out.close()
}

// csvWriter writes rows, value by value. A failure is reported by close.
type csvWriter struct {
	out     *csv.Writer
	row     []string
	decided []string // what each row ends with
}

func newCSVWriter(w io.Writer, r *Report) *csvWriter {
	c := &csvWriter{out: csv.NewWriter(w)}
	for _, column := range decidedColumns {
		c.decided = append(c.decided, inert(column.value(r).String()))
	}
	return c
}

func (c *csvWriter) add(value string) { c.row = append(c.row, inert(value)) }

// header ends the first row.
func (c *csvWriter) header() {
	for _, column := range decidedColumns {
		c.add(column.name)
	}
	c.write()
}

// end ends any other row.
func (c *csvWriter) end() {
	c.row = append(c.row, c.decided...)
	c.write()
}

func (c *csvWriter) write() {
	c.out.Write(c.row)
	c.row = c.row[:0]
}

func (c *csvWriter) close() error {
	c.out.Flush()
	return c.out.Error()
}

// finding writes a row for each holder, or a single row if there are no holders.
func (c *csvWriter) finding(e *Entry, f *diff.Finding) {
	for _, column := range findingColumns {
		c.add(column.value(e, f))
	}
	common := len(c.row)
	holders := f.Holders
	if len(holders) == 0 {
		holders = []diff.Affected{{}}
	}
	shared := slices.Clone(c.row)
	for n := range holders {
		c.row = append(c.row[:0], shared[:common]...)
		for _, column := range holderColumns {
			c.add(column.value(&holders[n]))
		}
		c.end()
	}
}

// formulaSigns begin what a spreadsheet calculates; in some languages the wide forms do too.
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// inert is a value that no spreadsheet takes for a formula: one that begins like a formula gets an
// apostrophe in front, even if quotes and spaces precede the sign. Where the comma is the decimal
// mark, cells end at a semicolon, so what follows a semicolon is treated the same.
func inert(value string) string {
	if strings.IndexByte(value, ';') < 0 {
		return inertCell(value)
	}
	cells := strings.Split(value, ";")
	for n := range cells {
		cells[n] = inertCell(cells[n])
	}
	return strings.Join(cells, ";")
}

func inertCell(value string) string {
	for _, r := range value {
		switch {
		case strings.ContainsRune(formulaSigns, r):
			return "'" + value
		case unicode.IsSpace(r), r == '"', r == '\'', r == '`', unicode.In(r, unicode.Pi, unicode.Pf):
		default:
			return value
		}
	}
	return value
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func positionOf(p *diff.Position) string {
	if p == nil {
		return ""
	}
	return p.File.String() + ":" + strconv.Itoa(p.Line)
}

// joined joins texts into one.
func joined(list []inventory.Untrusted) string {
	var b strings.Builder
	for n, each := range list {
		if n > 0 {
			b.WriteString("; ")
		}
		b.WriteString(each.String())
	}
	return b.String()
}

// cutBytes cuts text that is already escaped to at most limit bytes, at a character.
func cutBytes(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
