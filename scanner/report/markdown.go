package report

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// Markdown is for a comment on a pull request or an issue, or for the summary of a step: CommonMark
// with GitHub's tables. It has no HTML.
//
// GitHub accepts comments of up to 65,536 characters and drops any step summary over 1 MiB
// entirely, so the text is at most [MaxMarkdownBytes] long and says how many entries it leaves out.
//
// Names and everything else foreign are code: a code span holds no link, no mention, no reference
// to an issue or commit and no markup. A sentence of ours is plain text if no part of it could be
// taken for one of those.
type Markdown struct{}

var markdownFormat = Format{
	Name: "markdown", About: "a pull request comment or step summary, at most 60 KB", Also: []string{"md", "gfm"},
	Help: "In GitHub Actions: --output markdown=$GITHUB_STEP_SUMMARY. Names are code, so that they mention nobody and link nothing.",
	New:  func(Style) Renderer { return Markdown{} },
}

// Bounds of the text.
const (
	MaxMarkdownBytes  = 60_000
	maxMarkdownRoom   = MaxMarkdownBytes - 2_000 // for the lines that count what is left out, and the last ones
	maxMarkdownChange = 20                       // changes listed
	maxMarkdownGaps   = 20                       // sources that were not read listed
	maxMarkdownCell   = 300                      // bytes of one value
)

// Render implements [Renderer].
func (m Markdown) Render(w io.Writer, r *Report) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "### guestlist: %s\n\n%s\n", MarkdownText(r.VerdictLines[0]), MarkdownText(r.VerdictLines[1]))
	m.changes(&b, r)
	gaps := m.gaps(r)
	m.entries(&b, r, maxMarkdownRoom-len(gaps))
	b.WriteString(gaps)
	m.further(&b, r)
	_, err := w.Write(b.Bytes())
	return err
}

// changes lists the most important of what changed.
func (Markdown) changes(b *bytes.Buffer, r *Report) {
	total := r.Difference.Total()
	if total == 0 {
		return
	}
	fmt.Fprintf(b, "\n#### Changed %s\n\n", MarkdownText(r.Since.Words))
	titles := changeTitles(r)
	listed := min(maxMarkdownChange, len(r.Difference.List))
	for i := range r.Difference.List[:listed] {
		c := &r.Difference.List[i]
		line := "- "
		if title := titles[c.ID]; title != "" {
			line += MarkdownCode(title) + ": "
		}
		fmt.Fprintln(b, line+MarkdownText(inventory.Textf("%s", changeWord(c))))
	}
	more(b, total-listed)
}

// changeTitles says what changes are about, by change ID, for those that have a title.
func changeTitles(r *Report) map[string]string {
	titles := make(map[string]string)
	for i := range r.Entries {
		for _, c := range r.Entries[i].Changes {
			if c.About != diff.AboutAccount {
				titles[c.ID] = r.Entries[i].Title.String()
			}
		}
	}
	return titles
}

// entries is the table of what needs someone, as long as there is room.
func (Markdown) entries(b *bytes.Buffer, r *Report, room int) {
	left := 0
	started := false
	for i := range r.Entries {
		e := &r.Entries[i]
		if !e.Open || e.About == diff.AboutSource {
			continue
		}
		if !started {
			b.WriteString("\n| | urgency | app | kind | where | why | to approve it |\n|---|---|---|---|---|---|---|\n")
			started = true
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s |\n", strings.TrimSpace(`\`+markOf(e.Change)),
			inventory.Untrusted(e.Urgency),
			MarkdownCode(e.Title.String()), MarkdownText(inventory.Textf("%s", kindWord(e))), MarkdownCode(where(e)), MarkdownText(e.Why),
			MarkdownCode(e.ApproveWith.String()))
		if e.Change == "" {
			row = strings.Replace(row, `| \ |`, "| |", 1)
		}
		if left > 0 || b.Len()+len(row) > room {
			left++
			continue
		}
		b.WriteString(row)
	}
	more(b, left)
}

// gaps lists what was not read: without it the report would look complete.
func (Markdown) gaps(r *Report) string {
	var b bytes.Buffer
	listed, left := 0, 0
	for i := range r.Coverage {
		c := &r.Coverage[i]
		if !c.IsGap() {
			continue
		}
		if listed == maxMarkdownGaps {
			left++
			continue
		}
		if listed == 0 {
			b.WriteString("\n#### Not read\n\n")
		}
		listed++
		fmt.Fprintf(&b, "- %s: %s\n", MarkdownCode(c.Source.Name.String()), MarkdownText(c.Reason))
	}
	more(&b, left)
	return b.String()
}

// further says what else there is, and what made the report.
func (Markdown) further(b *bytes.Buffer, r *Report) {
	known := 0
	for i := range r.Coverage {
		if noteWord(&r.Coverage[i]) == noteKnown {
			known++
		}
	}
	b.WriteString("\n")
	if r.Summary.Sources.Unobservable+known > 0 {
		fmt.Fprintf(b, "Also %s that no API reports and %s good to know: `--details` lists them.\n\n",
			plural(r.Summary.Sources.Unobservable, "thing"), thousands(known))
	}
	fmt.Fprintf(b, "Checked against %s, compared with %s.\n", basisOf(r.allowlist(false)), basisOf(r.baseline()))
}

// basisOf names a file, and which of its versions it was.
func basisOf(path, which string) string {
	if which == "" {
		return path // none
	}
	return MarkdownCode(path) + " (" + MarkdownText(inventory.Textf("%s", which)) + ")"
}

// more counts what is not listed.
func more(b *bytes.Buffer, left int) {
	if left > 0 {
		fmt.Fprintf(b, "\nand %s more\n", thousands(left))
	}
}

// unspannable characters end a code span or a cell, so they are shown as escapes, like other
// characters that act.
var unspannable = strings.NewReplacer("`", `\u{0060}`, "|", `\u{007C}`)

// MarkdownCode is foreign text as a code span of one line, in a table too.
func MarkdownCode(text string) string {
	text = strings.TrimSpace(unspannable.Replace(cutBytes(text, maxMarkdownCell)))
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// harmlessProse is text that has no meaning in GitHub's Markdown, anywhere in a line: letters and
// digits of all languages, spaces, and signs that need a partner not among them. GitHub also links
// words: issues (GH-1), commits (40 digits, or 7 and more) and addresses.
var (
	harmlessProse = regexp.MustCompile(`^[\pL\pM\pN ,.;:'()/%…→-]*$`)
	linkedWord    = regexp.MustCompile(`(?i)\bgh-[0-9]|\b[0-9a-f]{7,64}\b|\bwww\.|://|:[0-9a-z-]+:|\b(mailto|xmpp):|^ *([-]|[0-9]+[.)])( |$)|[a-z0-9]-[0-9]`)
)

// MarkdownText is a sentence of ours, as code if something foreign in it could act.
func MarkdownText(sentence inventory.Untrusted) string {
	text := cutBytes(sentence.String(), maxMarkdownCell)
	if harmlessProse.MatchString(text) && !linkedWord.MatchString(text) {
		return text
	}
	return MarkdownCode(text)
}
