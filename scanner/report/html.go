package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// HTML is the report as one file for a browser. It loads nothing from the network: its style and
// script are inside, and its Content Security Policy allows these two, by digest, and nothing else.
//
// The verdict, the changes, the charts, the first entries and the coverage are written here, so
// that they can be read without script too. All entries follow as JSON in a block that no browser
// runs; the script makes rows of those that are viewed. Foreign text is harmless in both: it is
// made visible as everywhere else, then escaped for its place, and the script writes it only as
// text.
//
// The parts are in page/. They are put together without html/template, which would link every
// method of the vendors' clients, 11 MB in all; the type [trusted] takes over its job.
type HTML struct{}

var htmlFormat = Format{
	Name: "html", About: "one page for a browser, to search, sort and print", Also: []string{"htm", "page", "web"},
	New:        func(Style) Renderer { return HTML{} },
	ShowsTrend: true,
}

var (
	//go:embed page/page.html
	pageFrame string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

// pageParts fill the places {{NAME}} of page/page.html.
var pageParts = map[string]func(*page){
	"policy": (*page).policy,
	"style":  func(p *page) { p.raw(trusted(pageStyle)) },
	"script": func(p *page) { p.raw(trusted(pageScript)) },
	"title":  func(p *page) { p.say(p.title()) },

	"verdict":  (*page).verdict,
	"about":    (*page).about,
	"changes":  (*page).changes,
	"matrix":   (*page).matrix,
	"rankings": (*page).rankings,
	"trend":    (*page).trend,
	"rows":     (*page).rows,
	"more":     (*page).more,
	"coverage": (*page).coverage,
	"decided":  (*page).decided,
	"data":     (*page).data,
}

// Render implements [Renderer].
func (HTML) Render(w io.Writer, r *Report) error {
	p := newPage(w, r)
	for rest := pageFrame; ; {
		before, after, found := strings.Cut(rest, "{{")
		p.raw(trusted(before))
		if !found {
			break
		}
		name, after, _ := strings.Cut(after, "}}")
		part, known := pageParts[name]
		if !known {
			return fmt.Errorf("the page has a place for %q, which nothing fills", name)
		}
		part(p)
		rest = after
	}
	if p.err != nil {
		return p.err
	}
	return p.out.Flush()
}

// page is a page that is being written.
type page struct {
	out *bufio.Writer
	err error // in addition to the writer's own
	r   *Report

	entries []*Entry // those in the table
	open    int      // how many of them someone should act on
}

func newPage(w io.Writer, r *Report) *page {
	p := &page{out: bufio.NewWriter(w), r: r}
	for i := range r.Entries {
		if e := &r.Entries[i]; isInTable(e) {
			p.entries = append(p.entries, e)
			if e.Open {
				p.open++
			}
		}
	}
	return p
}

// trusted is markup of our own: a constant, or a file in page/. Foreign text never becomes trusted.
type trusted string

// raw writes markup.
func (p *page) raw(parts ...trusted) {
	for _, part := range parts {
		p.out.WriteString(string(part))
	}
}

// say writes text, so that no browser takes it for markup: between tags or in a quoted attribute.
func (p *page) say(texts ...string) {
	for _, text := range texts {
		p.out.WriteString(html.EscapeString(text))
	}
}

// element writes an element without attributes that holds text.
func (p *page) element(name trusted, texts ...string) {
	p.raw("<", name, ">")
	p.say(texts...)
	p.raw("</", name, ">")
}

// policy is the Content Security Policy. The digests are of the text between the tags.
func (p *page) policy() {
	p.raw("default-src 'none'; script-src 'sha256-", digestOf(pageScript), "'; style-src 'sha256-", digestOf(pageStyle),
		"'; base-uri 'none'; form-action 'none'")
}

func digestOf(text string) trusted {
	sum := sha256.Sum256([]byte(text))
	return trusted(base64.StdEncoding.EncodeToString(sum[:]))
}

func (p *page) title() string {
	where := p.r.Host.String()
	if where != "" {
		where = " of " + where
	}
	return fmt.Sprintf("guestlist report%s, %s", where, dateOf(p.r.Started))
}

func (p *page) verdict() {
	for n, line := range p.r.VerdictLines {
		if n == 0 {
			p.element("h1", line.String())
			continue
		}
		p.raw(`<p class="lede">`)
		p.say(line.String())
		p.raw("</p>")
	}
}

// about says in one line what was scanned, when, and what it was checked against. Two snapshots are
// compared without an allowlist.
func (p *page) about() {
	for _, part := range []struct{ name, value string }{
		{"Scanned", strings.TrimSpace(p.r.Host.String() + " " + momentOf(p.r.Started))},
		{"Allowlist", p.allowlistWords()},
		{"Compared with", p.baselineWords()},
	} {
		if part.value == "" {
			continue
		}
		p.raw("<div>")
		p.element("dt", part.name)
		p.element("dd", part.value)
		p.raw("</div>")
	}
}

func (p *page) allowlistWords() string {
	switch {
	case p.r.comparison:
		return ""
	case p.r.Allowlist == nil:
		return "none yet"
	}
	return p.r.Allowlist.Path.String()
}

func (p *page) baselineWords() string {
	if p.r.Baseline == nil {
		return "no earlier scan"
	}
	return "the scan of " + momentOf(p.r.Baseline.Started)
}

// dateOf and momentOf write times for people who may look at the page on a later day.
func dateOf(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

func momentOf(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 MST") }

// sign draws a level as a shape, different for each; the word is next to it.
func (p *page) sign(level inventory.Level) {
	name := levelName(level)
	p.raw(`<svg class="sign `, name, `" aria-hidden="true" width="12" height="12"><use href="#sign-`, name, `"/></svg>`)
}

// levelWord writes a level as its shape and its word.
func (p *page) levelWord(level inventory.Level) {
	p.raw(`<span class="level `, levelName(level), `">`)
	p.sign(level)
	p.say(levelText(level))
	p.raw("</span>")
}

// noLevel is the level, in the page, of entries without findings.
const noLevel = "none"

// levelName is a level's name in the style sheet. Levels from later versions have none.
func levelName(level inventory.Level) trusted {
	if _, err := inventory.ParseLevel(string(level)); err != nil {
		return noLevel
	}
	return trusted(level)
}

func levelText(level inventory.Level) string {
	if level == "" {
		return "no finding"
	}
	return inventory.Untrusted(level).String()
}
