package notify

import "strconv"

// Bounds of a digest as plain text.
const (
	maxTextBytes = 64 << 10
	maxTextLines = 100 // in one part
	maxTextWords = 400 // characters of one line
)

// asText is a digest as plain text, for a mail, a command or a file. Characters that could act on a
// terminal are made visible.
func asText(d *Digest) string {
	head, tail := "", ""
	for _, sentence := range d.Verdict {
		head += cut(sentence.String(), maxTextWords) + "\n"
	}
	if open := d.openWords(); open != "" {
		head += open + "\n"
	}
	if d.Contact != "" {
		tail += "\nQuestions: " + cut(d.Contact.String(), maxTextWords) + "\n"
	}
	if d.Command != "" {
		tail += "\nEverything: " + cut(d.Command.String(), maxTextWords) + "\n"
	}
	f := filler{room: maxTextBytes - len(tail), most: maxTextLines}
	f.write(head)
	f.fill(d.parts(),
		func(p *part) string { return "\n" + p.heading + ":\n" },
		textOf,
		func(left int) string { return "  and " + strconv.Itoa(left) + " more\n" })
	f.write(tail)
	return f.text.String()
}

// textOf is an entry as up to three lines.
func textOf(l *Line) string {
	text := "  "
	if l.Urgency != "" {
		text += "[" + string(l.Urgency) + "] "
	}
	text += cut(l.what(), maxTextWords) + "\n"
	if l.Change != "" {
		text += "      " + cut(l.Change.String(), maxTextWords) + "\n"
	}
	if l.Remedy != "" {
		text += "      → " + cut(l.Remedy.String(), maxTextWords) + "\n"
	}
	return text
}
