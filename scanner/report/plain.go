package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Plain is the report in plain words, for people who check their own browsers: what is fine, what
// to remove and where to click, and what to ask for, with a message to paste. It names no rules or
// severities and fits on one screen: the worst of each part comes first, and the rest is a number.
// With Details, or if there is no screen to fit, it is complete.
type Plain Style

var plainFormat = Format{
	Name: "plain", About: "plain words, for one's own browsers",
	New: func(s Style) Renderer { return Plain(s) },
}

// Render implements [Renderer].
func (p Plain) Render(w io.Writer, r *Report) error {
	page := plainPage{Screen: Screen(p), r: r, places: placesOf(r.Coverage)}
	opening, parts, closing := page.text(page.opening()), page.parts(), page.closing()
	if !p.Details && p.Terminal {
		fit(parts, page.height()-len(opening)-len(closing))
	}
	out := bufio.NewWriter(&inertLines{w: w})
	for _, line := range opening {
		fmt.Fprintln(out, line)
	}
	for i := range parts {
		for _, line := range page.lines(&parts[i]) {
			fmt.Fprintln(out, line)
		}
	}
	for _, line := range closing {
		fmt.Fprintln(out, line)
	}
	return out.Flush()
}

// plainPage is a report on its way to plain words.
type plainPage struct {
	Screen
	r      *Report
	places localPlaces
}

// part is a heading with blocks of lines below it, the worst first.
type part struct {
	heading []string
	blocks  [][]string
	shown   int // how many of the blocks
}

// fit chooses how many blocks each part shows in room lines: at least one, or none of the last
// parts if that is too much, then one more each in turn while there is room.
func fit(parts []part, room int) {
	for i := range parts {
		parts[i].shown = 1
	}
	for i := len(parts) - 1; i > 0 && height(parts) > room; i-- {
		if blocks := parts[i].blocks; len(blocks) > 1 || len(blocks[0]) > 1 { // or it would save nothing
			parts[i].shown = 0
		}
	}
	for grew := true; grew; {
		grew = false
		for i := range parts {
			if parts[i].shown == len(parts[i].blocks) || parts[i].shown == 0 {
				continue
			}
			parts[i].shown++
			if height(parts) > room {
				parts[i].shown--
			} else {
				grew = true
			}
		}
	}
}

// height is how many lines the parts take, including an empty line before each.
func height(parts []part) int {
	lines := 0
	for i := range parts {
		lines += 1 + len(parts[i].heading)
		for _, block := range parts[i].blocks[:parts[i].shown] {
			lines += len(block)
		}
		if parts[i].shown < len(parts[i].blocks) {
			lines++
		}
	}
	return lines
}

// lines returns the lines of a part as shown.
func (p *plainPage) lines(each *part) []string {
	lines := append([]string{""}, each.heading...)
	for _, block := range each.blocks[:each.shown] {
		lines = append(lines, block...)
	}
	if more := len(each.blocks) - each.shown; more > 0 {
		text := fmt.Sprintf("and %s more: %s", thousands(more), p.whole())
		if each.shown == 0 {
			text = strings.TrimPrefix(strings.Replace(text, " more:", ":", 1), "and ")
		}
		lines = append(lines, cut(strings.Repeat(" ", blockIndent)+text, p.width(), false))
	}
	return lines
}

// whole is the command that shows everything.
func (p *plainPage) whole() string {
	if p.Again == "" {
		return "the same command with --details"
	}
	return p.Again + " --details"
}

// text wraps a paragraph.
func (p *plainPage) text(paragraph string) []string { return wrap(paragraph, p.width()) }

// indented wraps lines below a heading, depth levels to the right.
func (p *plainPage) indented(depth int, paragraphs ...string) []string {
	indent := strings.Repeat(" ", depth*blockIndent)
	var lines []string
	for _, paragraph := range paragraphs {
		if paragraph == "" {
			continue
		}
		for n, line := range wrapHanging(paragraph, p.width()-len(indent), blockIndent) {
			if n > 0 {
				line = strings.Repeat(" ", blockIndent) + line
			}
			lines = append(lines, strings.TrimRight(indent+line, " "))
		}
	}
	return lines
}

// opening says what is fine, and how much was looked at.
func (p *plainPage) opening() string {
	r := p.r
	where := seen(r)
	fine, all := p.fine()
	switch {
	case r.Summary.Sources.Total == 0:
		return "guestlist found nothing to check here, so this is not an all-clear."
	case where == "":
		return "guestlist could not read anything, so this is not an all-clear."
	case all == 0:
		return fmt.Sprintf("Found nothing in %s.", where)
	case r.Allowlist == nil && p.isUndecided():
		return fmt.Sprintf("%s in %s. There is no list of approved apps yet.", p.things(all), where)
	case fine == all && r.ExitCode == ExitClean:
		return fmt.Sprintf("Nothing to do: %s in %s, all fine.", p.things(all), where)
	case fine == all && r.ExitCode == ExitIncomplete:
		return fmt.Sprintf("What was read is fine: %s in %s.", p.things(all), where)
	case fine == all:
		return fmt.Sprintf("What is there is fine: %s in %s.", p.things(all), where)
	case fine == 0:
		return fmt.Sprintf("Found %s in %s. What to do:", p.things(all), where)
	case fine == 1:
		return fmt.Sprintf("1 of %s in %s is fine.", p.things(all), where)
	}
	return fmt.Sprintf("%s of %s in %s are fine.", thousands(fine), p.things(all), where)
}

// isUndecided reports whether something was left undecided for lack of an allowlist.
func (p *plainPage) isUndecided() bool {
	return slices.ContainsFunc(p.r.Entries, func(e Entry) bool { return p.ask(&e) == askUse })
}

// things counts what was let in, with a word that fits all of it.
func (p *plainPage) things(count int) string {
	word := ""
	for i := range p.r.Entries {
		if e := &p.r.Entries[i]; isHeldByAnyone(e) {
			switch each := kindWord(e); word {
			case "", each:
				word = each
			default:
				return plural(count, "item")
			}
		}
	}
	return plural(count, word)
}

// fine counts the apps and credentials, and those of them that ask for nothing.
func (p *plainPage) fine() (fine, all int) {
	for i := range p.r.Entries {
		e := &p.r.Entries[i]
		if !isHeldByAnyone(e) {
			continue
		}
		all++
		if p.ask(e) == "" {
			fine++
		}
	}
	return fine, all
}

// isHeldByAnyone reports whether an entry is about something that is there.
func isHeldByAnyone(e *Entry) bool {
	isThere := e.About == diff.AboutApp || e.About == diff.AboutCredentials
	return isThere && e.Change != diff.ChangeRemoved && !e.Rule().Info().Absent
}

// closing says what limits the report and which files decided it.
func (p *plainPage) closing() []string {
	var lines []string
	if limits := p.r.limits(); limits != "" {
		lines = append(lines, p.text(limits)...)
	}
	switch {
	case p.Details:
		lines = append(lines, p.text(p.r.basis(p.Terminal))...)
	case p.r.Allowlist != nil || p.r.Baseline != nil:
		lines = append(lines, p.basis(p.r))
	}
	if lines != nil {
		lines = append([]string{""}, lines...)
	}
	return lines
}

// seen names what was checked and at least partly read: the number of browsers, and services by
// name.
func seen(r *Report) string {
	profiles := 0
	var services []string
	for i := range r.Coverage {
		source := &r.Coverage[i].Source
		platform := vendor.Of(source.Provider)
		switch {
		case r.Coverage[i].Unobservable || r.Coverage[i].Status == inventory.StatusNotObservable:
		case platform.Name != "" && !platform.Local:
			name, _, _ := strings.Cut(source.Name.String(), "/")
			if text := name + " on " + platform.Name; !slices.Contains(services, text) {
				services = append(services, text)
			}
		default:
			profiles++
		}
	}
	if profiles > 0 {
		services = append([]string{plural(profiles, "browser profile")}, services...)
	}
	return inventory.Enumerate(services, "and")
}
