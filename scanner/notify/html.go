package notify

import (
	"html"
	"strconv"
)

// Bounds of a digest as HTML.
const (
	maxHTMLBytes = 90_000 // Gmail hides what is beyond about 102 KB
	maxHTMLLines = 50     // in one part
)

// asHTML is a digest as a small page of HTML, for a mail: it loads nothing and runs nothing.
func asHTML(d *Digest) string {
	head := `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
		"<title>" + escaped(d.subject()) + `</title></head><body style="font-family:sans-serif;line-height:1.4">` + "\n"
	for i, sentence := range d.Verdict {
		tag := "p"
		if i == 0 {
			tag = "h2"
		}
		head += "<" + tag + ">" + escaped(sentence.String()) + "</" + tag + ">\n"
	}
	if open := d.openWords(); open != "" {
		head += "<p>" + escaped(open) + "</p>\n"
	}
	tail := ""
	if d.Contact != "" {
		tail += "<p>Questions: " + escaped(d.Contact.String()) + "</p>\n"
	}
	if d.Command != "" {
		tail += "<p>Everything: <code>" + escaped(d.Command.String()) + "</code></p>\n"
	}
	tail += "</body></html>\n"
	f := filler{room: maxHTMLBytes - len(tail), most: maxHTMLLines}
	f.write(head)
	f.fill(d.parts(),
		func(p *part) string { return "<h3>" + escaped(p.heading) + "</h3>\n" },
		htmlOf,
		func(left int) string { return "<p>and " + strconv.Itoa(left) + " more</p>\n" })
	f.write(tail)
	return f.text.String()
}

// escaped is foreign text in HTML, at most as long as a line may be.
func escaped(text string) string { return html.EscapeString(cut(text, maxTextWords)) }

// htmlOf is an entry as a paragraph.
func htmlOf(l *Line) string {
	text := "<p>"
	if l.Urgency != "" {
		text += "<strong>" + escaped(string(l.Urgency)) + "</strong> "
	}
	text += escaped(l.what())
	if l.Change != "" {
		text += "<br>" + escaped(l.Change.String())
	}
	if l.Remedy != "" {
		text += "<br>→ " + escaped(l.Remedy.String())
	}
	return text + "</p>\n"
}
