package report

import (
	"fmt"
	"net/url"
	"strconv"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// The parts of the page that are read without script: what changed, the first entries, what was
// read.

// Bounds on what is in the page as text. The rows that the script makes have no bound.
const (
	firstRows      = 200 // entries
	listedChanges  = 6   // of a kind, before unfolding
	foldedChanges  = 60  // of a kind, including folded ones
	listedCoverage = 200 // sources or apps of one list
)

// pageChanges are the kinds of change in the order of the page, with the words after their number.
var pageChanges = []struct {
	kind diff.ChangeKind
	name string
}{
	{diff.ChangeAdded, "new"}, {diff.ChangeGained, "with more access"}, {diff.ChangeUnread, "no longer read"},
	{diff.ChangeRemoved, "gone"},
	{diff.ChangeLost, "with less access"}, {diff.ChangeOther, "changed otherwise"}, {diff.ChangeReadAgain, "read again"},
}

// changes lists what changed, by kind.
func (p *page) changes() {
	p.raw(`<p class="hint">`)
	p.say(sentence(p.r.Since.Words.String()), ".")
	if !p.r.Since.First && p.r.Difference.Total() == 0 {
		p.say(" Nothing changed.")
	}
	if limits := p.r.limits(); limits != "" {
		p.say(" ", limits)
	}
	p.raw("</p>")
	entries := p.r.entriesOfChanges()
	for _, group := range pageChanges {
		var listed []*diff.Change
		for i := range p.r.Difference.List {
			if c := &p.r.Difference.List[i]; c.Kind == group.kind && len(listed) < foldedChanges {
				listed = append(listed, c)
			}
		}
		if count := p.r.Difference.Counts[group.kind]; count > 0 {
			p.changeGroup(group.kind, fmt.Sprintf("%s %s", thousands(count), group.name), listed, count, entries)
		}
	}
}

func (p *page) changeGroup(kind diff.ChangeKind, heading string, listed []*diff.Change, count int,
	entries map[string]*Entry) {
	p.raw(`<h3><span class="mark" aria-hidden="true">`)
	p.say(markOf(kind))
	p.raw(`</span> `)
	p.say(heading)
	p.raw(`</h3>`)
	atFirst := min(len(listed), listedChanges)
	if len(listed) == listedChanges+1 { // one alone is not worth folding
		atFirst++
	}
	p.changeList(listed[:atFirst], entries)
	folded := listed[atFirst:]
	if len(folded) > 0 {
		p.raw(`<details><summary>`)
		p.say("and ", thousands(count-atFirst), " more")
		p.raw(`</summary>`)
		p.changeList(folded, entries)
	}
	if rest := count - len(listed); rest > 0 {
		p.raw(`<p class="hint">`)
		p.link(view{{"show", "all"}, {"change", string(kind)}}, "All entries with such a change")
		p.raw(`</p>`)
	}
	if len(folded) > 0 {
		p.raw(`</details>`)
	}
}

func (p *page) changeList(list []*diff.Change, entries map[string]*Entry) {
	p.raw(`<ul class="plain">`)
	for _, c := range list {
		p.raw("<li>")
		e := entries[c.ID]
		switch {
		case e == nil || c.About == diff.AboutAccount:
		case isInTable(e):
			p.link(view{{"show", "all"}, {"entry", e.ID}}, e.Title.String())
			p.say(": ")
		default:
			p.element("b", e.Title.String())
			p.say(": ")
		}
		p.say(clip(changeWord(c), 300))
		p.raw("</li>")
	}
	p.raw("</ul>")
}

// view is a state of the page: which entries it shows. The address holds it after "#".
type view []struct{ name, value string }

func (v view) address() string {
	text := "#"
	for n, part := range v {
		if n > 0 {
			text += "&"
		}
		text += part.name + "=" + url.QueryEscape(part.value)
	}
	return text
}

// link writes a link to a view.
func (p *page) link(to view, text string) {
	p.raw(`<a href="`)
	p.say(to.address())
	p.raw(`">`)
	p.say(text)
	p.raw("</a>")
}

// firstRows are the entries that the page has as markup: the first of those in its initial view.
func (p *page) firstRows() []*Entry {
	var first []*Entry
	for _, e := range p.entries {
		if len(first) < firstRows && (e.Open || p.open == 0) {
			first = append(first, e)
		}
	}
	return first
}

// rows writes the first rows. The script makes rows in the same form.
func (p *page) rows() {
	for _, e := range p.firstRows() {
		p.raw(`<tr><td>`)
		p.levelWord(e.Urgency)
		p.raw(`</td><th scope="row"><span class="name">`)
		p.say(e.Title.String())
		p.raw(`</span></th><td>`)
		p.say(kindWord(e))
		p.raw(`</td><td>`)
		p.say(sourceWord(e))
		p.raw(`</td><td>`)
		p.say(where(e))
		p.raw(`</td><td>`)
		p.say(e.Why.String())
		p.raw(`</td><td>`)
		if e.Change != "" {
			p.say(markOf(e.Change), " ", changeNames[e.Change])
		}
		p.raw("</td></tr>\n")
	}
}

// more says how many entries there are in all.
func (p *page) more() {
	shown := len(p.firstRows())
	switch {
	case len(p.entries) == 0:
		p.say("There is no entry.")
	case shown < len(p.entries):
		p.say(thousands(shown), " of ", counted(len(p.entries), "entry", "entries"),
			", the most urgent first. With scripts allowed, this page shows all of them.")
	default:
		p.say(counted(shown, "entry", "entries"), ".")
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// coverage says what was not read, what no API reports and what is good to know.
func (p *page) coverage() {
	sources := p.r.Summary.Sources
	p.raw(`<p>`)
	p.say(p.r.reading(false), ".")
	p.raw(`</p>`)
	if sources.Total > 0 {
		p.meter(sources)
	}
	p.gaps()
	unreadable := alikeSources(p.r.Coverage, func(c *inventory.Coverage) bool { return c.Unobservable })
	p.folded(plural(len(unreadable), "thing")+" no API reports", len(unreadable), func(n int) {
		c := unreadable[n].first
		p.source(unreadable[n].name(), append([]inventory.Untrusted{c.Reason}, c.Details...), c.Remedy)
	})
	known := p.known()
	p.folded(plural(len(known), "source")+" with something good to know", len(known), func(n int) {
		p.source(known[n].Source.Name.String(), known[n].Details, "")
	})
	p.folded(counted(len(p.r.Presets), "app", "apps")+" approved by a preset", len(p.r.Presets), func(n int) {
		use := &p.r.Presets[n]
		p.source(nameOf(&use.App), []inventory.Untrusted{use.App.ID,
			inventory.Textf("held %s; %s", plural(use.ItemCount, "time"), use.Preset)}, "")
	})
}

// known returns the sources that were read and have something to say about themselves.
func (p *page) known() []*inventory.Coverage {
	var known []*inventory.Coverage
	for i := range p.r.Coverage {
		if c := &p.r.Coverage[i]; !c.IsGap() && !c.Unobservable && len(c.Details) > 0 {
			known = append(known, c)
		}
	}
	return known
}

// gaps lists what should have been read and was not.
func (p *page) gaps() {
	gaps := listedGaps(alikeSources(p.r.Coverage, (*inventory.Coverage).IsGap))
	if len(gaps) == 0 {
		return
	}
	p.raw(`<h3>Not read</h3><ul class="sources">`)
	for n, alike := range gaps {
		if n == listedCoverage {
			p.raw(`<li class="hint">`)
			p.say("and ", thousands(len(gaps)-n), " more; --output json lists them")
			p.raw(`</li>`)
			break
		}
		c := alike.first
		p.source(fmt.Sprintf("%s: %s read", alike.name(), howMuch(c)),
			append([]inventory.Untrusted{c.Reason}, c.Details...), c.Remedy)
	}
	p.raw(`</ul>`)
}

// folded writes a list that a click unfolds; nothing if it is empty.
func (p *page) folded(heading string, count int, each func(n int)) {
	if count == 0 {
		return
	}
	p.raw(`<details><summary>`)
	p.say(heading)
	p.raw(`</summary><ul class="sources">`)
	for n := range min(count, listedCoverage) {
		each(n)
	}
	if rest := count - listedCoverage; rest > 0 {
		p.raw(`<li class="hint">`)
		p.say("and ", thousands(rest), " more; --output json lists them")
		p.raw(`</li>`)
	}
	p.raw(`</ul></details>`)
}

// source writes what there is to say about one source.
func (p *page) source(name string, lines []inventory.Untrusted, remedy inventory.Untrusted) {
	p.raw(`<li>`)
	p.element("b", name)
	for _, line := range lines {
		if line != "" {
			p.element("p", sentence(short(line)))
		}
	}
	if remedy != "" {
		p.raw(`<p class="do">`)
		p.say(sentence(remedy.String()))
		p.raw(`</p>`)
	}
	p.raw(`</li>`)
}

// decided says which files decided the report, and which run it is from.
func (p *page) decided() {
	allowlist, which := p.r.allowlist(false)
	baseline, when := p.r.baseline()
	exit := strconv.Itoa(p.r.ExitCode)
	if p.r.FailOn != "" {
		exit += fmt.Sprintf(" (findings count from %s)", inventory.Untrusted(p.r.FailOn))
	}
	for _, row := range []struct{ name, value, note string }{
		{"Allowlist", allowlist, which},
		{"Baseline", baseline, when},
		{"Scan", momentOf(p.r.Started) + " to " + momentOf(p.r.Finished), p.r.RunID.String()},
		{"Machine", p.r.Host.String(), ""},
		{"Exit code", exit, ""},
		{"Written by", p.r.Tool.Name + " " + p.r.Tool.Version, ""},
	} {
		if row.value == "" {
			continue
		}
		p.raw("<div>")
		p.element("dt", row.name)
		p.raw("<dd>")
		p.say(row.value)
		if row.note != "" {
			p.raw("<br>")
			p.element("small", row.note)
		}
		p.raw("</dd></div>")
	}
}
