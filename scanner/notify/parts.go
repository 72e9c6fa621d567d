package notify

import (
	"fmt"
	"strings"

	"guestlist/scanner/inventory"
)

// part is a list of a digest, as every channel shows it.
type part struct {
	name    string // in JSON
	heading string // for people
	lines   []Line
}

// parts are the lists of a digest that hold something, in the order of what matters.
func (d *Digest) parts() []part {
	act, since := "New, worse or back", "Also changed"
	if d.Occasion == First {
		act = "Open" // nothing was said before, so nothing of it is news
	}
	if d.Since != "" {
		since += " " + cut(d.Since.String(), maxSinceWords)
	}
	all := []part{
		{"act", act, d.Act},
		{"unread", "Could not be read", d.Unread},
		{"changes", since, d.Changes},
		{"gone", "No longer open", d.Gone},
		{"still", "Still open", d.Still},
	}
	filled := all[:0]
	for _, p := range all {
		if len(p.lines) > 0 {
			filled = append(filled, p)
		}
	}
	return filled
}

// maxSinceWords are the characters of a heading that may be foreign.
const maxSinceWords = 60

// openWords counts what is open: "3 open: 1 critical, 2 high"; empty if nothing is, or if the verdict
// begins with these words.
func (d *Digest) openWords() string {
	total := 0
	var counts []string
	levels := inventory.Levels()
	for i := range levels {
		level := levels[len(levels)-1-i]
		if n := d.Open[level]; n > 0 {
			total += n
			counts = append(counts, fmt.Sprintf("%d %s", n, level))
		}
	}
	if total == 0 {
		return ""
	}
	words := fmt.Sprintf("%d open: %s", total, strings.Join(counts, ", "))
	if len(d.Verdict) > 0 && strings.Contains(d.Verdict[0].String(), words) {
		return ""
	}
	return words
}

// what is an entry in one line of plain text: "~ Ledger Books (OAuth app, 2 people): more access
// than approved".
func (l *Line) what() string {
	text := l.Title.String()
	if l.Sign != "" {
		text = l.Sign + " " + text
	}
	return text + l.about()
}

// about is what follows the title: " (OAuth app, 2 people): more access than approved".
func (l *Line) about() string {
	text := ""
	var about []string
	for _, word := range []inventory.Untrusted{l.Kind, l.Where} {
		if text := strings.TrimSpace(word.String()); text != "" {
			about = append(about, text)
		}
	}
	if len(about) > 0 {
		text += " (" + strings.Join(about, ", ") + ")"
	}
	if why := strings.TrimSpace(l.Why.String()); why != "" {
		text += ": " + why
	}
	return text
}

// subject is the verdict's first sentence, for a title or a subject line.
func (d *Digest) subject() string {
	subject := "guestlist"
	if len(d.Verdict) > 0 {
		subject += ": " + strings.TrimSuffix(d.Verdict[0].String(), ".")
	}
	switch d.Occasion {
	case Reminder:
		return subject + " (reminder)"
	case Test:
		return subject + " (test)"
	}
	return subject
}

// filler writes blocks for which there is room, and counts those that it leaves out.
type filler struct {
	text strings.Builder
	room int // bytes left
	most int // blocks in one part
}

// spareBytes are kept for the heading of each part and the line that counts what it leaves out.
const spareBytes = 600

// write adds a text that must be there.
func (f *filler) write(text string) {
	f.text.WriteString(text)
	f.room -= len(text)
}

// fill writes the parts of a digest. Of what remains, one part takes at most what leaves a quarter
// to those after it.
func (f *filler) fill(parts []part, heading func(*part) string, block func(*Line) string, more func(left int) string) {
	f.room -= spareBytes * len(parts)
	for i := range parts {
		p := &parts[i]
		f.text.WriteString(heading(p)) // has its room
		keep := 0
		if i < len(parts)-1 {
			keep = f.room / 4
		}
		for n := range p.lines {
			text := block(&p.lines[n])
			if n == f.most || f.room-len(text) < keep {
				f.text.WriteString(more(len(p.lines) - n))
				break
			}
			f.write(text)
		}
	}
}
