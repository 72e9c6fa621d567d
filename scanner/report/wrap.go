package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Text that keeps to a width. All of it is escaped already.

// list is a section of headlines with lines below them.
type list struct {
	heading string
	width   int
	entries [][]string // headline first
}

func (s Screen) list(heading string) list { return list{heading: heading, width: s.width()} }

// add adds a headline, with the lines below it that are not empty.
func (l *list) add(headline string, lines ...string) {
	l.entries = append(l.entries, append([]string{headline},
		slices.DeleteFunc(lines, func(line string) bool { return line == "" })...))
}

// write writes the section with an empty line before it, and nothing when it is empty.
func (l *list) write(w io.Writer) error {
	if len(l.entries) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w, "\n"+l.heading); err != nil {
		return err
	}
	return l.rows(w)
}

func (l *list) rows(w io.Writer) error {
	for _, entry := range l.entries {
		if _, err := fmt.Fprintln(w, strings.Join(wrap(entry[0], l.width), "\n")); err != nil {
			return err
		}
		if err := block(w, entry[1:], l.width); err != nil {
			return err
		}
	}
	return nil
}

// blockIndent is how far the lines below a headline are indented.
const blockIndent = 2

// block writes lines below a headline. What does not fit continues a little further to the right,
// so that it is clear where the next thing begins.
func block(w io.Writer, lines []string, width int) error {
	for _, line := range lines {
		indent := strings.Repeat(" ", blockIndent)
		for n, part := range wrapHanging(line, width-blockIndent, blockIndent) {
			if n > 0 {
				part = indent + part
			}
			if _, err := fmt.Fprintln(w, strings.TrimRight(indent+part, " ")); err != nil {
				return err
			}
		}
	}
	return nil
}

// wrap breaks text into lines of at most width display cells, at spaces where it can.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = append(lines, wrapParagraph(paragraph, width)...)
	}
	return lines
}

// wrapHanging wraps a line so that its second and further lines, which the caller moves to the
// right by hang, keep to the width as well.
func wrapHanging(text string, width, hang int) []string {
	if twwidth.Width(text) <= width {
		return []string{text}
	}
	lines := wrap(text, width)
	rest, found := strings.CutPrefix(text, lines[0])
	if !found {
		return wrap(text, width-hang)
	}
	return append(lines[:1], wrap(strings.TrimLeft(rest, " "), width-hang)...)
}

func wrapParagraph(text string, width int) []string {
	if twwidth.Width(text) <= width {
		return []string{text}
	}
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var lines []string
	line := indent
	for word := range strings.FieldsSeq(text) {
		if line != indent && twwidth.Width(line)+1+twwidth.Width(word) > width {
			lines = append(lines, line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
		for twwidth.Width(line) > width {
			head, tail := splitWidth(line, width)
			lines = append(lines, head)
			line = indent + tail
		}
	}
	if line != indent || len(lines) == 0 {
		lines = append(lines, line)
	}
	return slices.Clip(lines)
}

// splitWidth cuts text so that its head has at most width display cells, and at least one
// character.
func splitWidth(text string, width int) (head, tail string) {
	used, end := 0, 0
	for n, r := range text {
		cells := twwidth.Width(string(r))
		if used+cells > width && n > 0 {
			break
		}
		used += cells
		end = n + len(string(r))
	}
	return text[:end], text[end:]
}

// middle cuts text in the middle to at most width display cells, so that both ends can still be
// compared.
func middle(text string, width int) string {
	if width < 5 || twwidth.Width(text) <= width {
		return text
	}
	runes := []rune(text)
	keep := width - 1
	for keep > 2 && twwidth.Width(string(runes[:(keep+1)/2])+"…"+string(runes[len(runes)-keep/2:])) > width {
		keep--
	}
	return string(runes[:(keep+1)/2]) + "…" + string(runes[len(runes)-keep/2:])
}

// cellWidth is how many display cells text takes.
func cellWidth(text string) int { return twwidth.Width(text) }
