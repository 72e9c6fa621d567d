package notify

import (
	"strconv"

	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

// Bounds of a digest as Markdown.
const (
	maxMarkdownBytes = 60_000 // GitHub takes 65,536 characters
	maxMarkdownLines = 200    // in one part
)

// asMarkdown is a digest as GitHub's Markdown. Foreign text is code, so that it mentions nobody and
// links nothing.
func asMarkdown(d *Digest) string { return markdown(d, d.parts(), maxMarkdownBytes) }

// markdown is a digest with the given parts only, of at most limit bytes.
func markdown(d *Digest, parts []part, limit int) string {
	head, tail := "", ""
	for _, sentence := range d.Verdict {
		head += report.MarkdownText(sentence) + "\n"
	}
	if open := d.openWords(); open != "" {
		head += "\n" + open + "\n"
	}
	if d.Contact != "" {
		tail += "\nQuestions: " + report.MarkdownCode(d.Contact.String()) + "\n"
	}
	if d.Command != "" {
		tail += "\nEverything: " + report.MarkdownCode(d.Command.String()) + "\n"
	}
	f := filler{room: limit - len(tail), most: maxMarkdownLines}
	f.write(head)
	f.fill(parts,
		func(p *part) string {
			return "\n#### " + report.MarkdownText(inventory.Textf("%s", p.heading)) + "\n\n"
		},
		markdownOf,
		func(left int) string { return "\nand " + strconv.Itoa(left) + " more\n" })
	f.write(tail)
	return f.text.String()
}

// markdownOf is an entry as an item of a list.
func markdownOf(l *Line) string {
	text := "- "
	if l.Sign != "" {
		text += `\` + l.Sign + " "
	}
	text += report.MarkdownCode(l.Title.String())
	if l.Urgency != "" {
		text += " **" + report.MarkdownText(inventory.Textf("%s", l.Urgency)) + "**"
	}
	for _, words := range []inventory.Untrusted{l.Kind, l.Where, l.Why, l.Change} {
		if words != "" {
			text += ", " + report.MarkdownText(words)
		}
	}
	text += "\n"
	if l.Remedy != "" {
		text += "  → " + report.MarkdownText(l.Remedy) + "\n"
	}
	return text
}
