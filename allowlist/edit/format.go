package edit

import (
	"slices"
	"strings"

	"guestlist/allowlist/strict"
)

// listIndent is what the elements of a list over several lines are indented by.
const listIndent = "  "

// Format spaces the document evenly: one empty line above each table, no indentation, one space
// around "=" and after the commas of a list, and the keys of each table in the order of its part.
// Entries, the elements of lists and the keys of the file itself keep their order, comments stay
// with what they stand above or behind, and values are not respelled. A document that was formatted
// is not changed again.
func (d *Document) Format() error {
	f := &formatter{d: d, order: d.keys}
	for n := range d.layout.Blocks {
		f.block(&d.layout.Blocks[n])
	}
	f.between(len(d.text))
	lines := f.lines
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	text := strings.Join(lines, d.eol) + d.eol
	if len(lines) == 0 {
		text = ""
	}
	if mark := d.text[:len(d.text)-len(strict.WithoutMark([]byte(d.text)))]; mark != "" {
		text = mark + text
	}
	return d.become(text, d.root, 1)
}

// formatter writes a document again. Its lines have no line ends, except within values.
type formatter struct {
	d     *Document
	order map[string][]string
	lines []string
	from  int // what is written of the old text
}

// row is a pair with the comments and empty lines above it.
type row struct {
	above []string
	key   string
	line  string
}

func (f *formatter) block(block *strict.Block) {
	if len(block.Path) > 0 {
		f.between(f.d.lineStart(block.Header.Start))
		f.separate()
		f.lines = append(f.lines, header(block, f.d.text)+f.comment(block.Header.End))
		f.from = f.d.lineEnd(block.Header.End)
	}
	rows := make([]row, 0, len(block.Pairs))
	for n := range block.Pairs {
		pair := &block.Pairs[n]
		above := f.text(f.d.lineStart(pair.Name.Start))
		rows = append(rows, row{above, pair.Key[0], f.pair(pair)})
		f.from = f.d.lineEnd(pair.Value.End)
	}
	if len(block.Path) > 0 {
		if len(rows) > 0 { // what is below a header stays close to it, wherever its key goes
			rows[0].above = withoutBlanks(rows[0].above)
		}
		order := f.order[block.Path[0]]
		slices.SortStableFunc(rows, func(a, b row) int { return place(order, a.key) - place(order, b.key) })
	}
	for n, row := range rows {
		if n == 0 && len(block.Path) > 0 {
			row.above = withoutBlanks(row.above)
		}
		f.add(row.above)
		f.lines = append(f.lines, row.line)
	}
}

func withoutBlanks(lines []string) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

// place is where a key comes; one that is not known comes last.
func place(order []string, key string) int {
	if n := slices.Index(order, key); n >= 0 {
		return n
	}
	return len(order)
}

func header(block *strict.Block, text string) string {
	for _, part := range block.Path {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !isBare(r) }) {
			return block.Header.Of(text)
		}
	}
	name := "[" + strings.Join(block.Path, ".") + "]"
	if block.List {
		return "[" + name + "]"
	}
	return name
}

func isBare(r rune) bool {
	return r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// between writes the comments and empty lines up to an offset.
func (f *formatter) between(to int) {
	f.add(f.text(to))
	f.from = to
}

// text returns the lines up to an offset, without their space at the beginning and the end.
func (f *formatter) text(to int) []string {
	text := f.d.text[f.from:max(f.from, to)]
	if f.from == 0 {
		text = string(strict.WithoutMark([]byte(text)))
	}
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// add writes lines, of several empty ones only the first.
func (f *formatter) add(lines []string) {
	for _, line := range lines {
		if line != "" || len(f.lines) > 0 && f.lines[len(f.lines)-1] != "" {
			f.lines = append(f.lines, line)
		}
	}
}

// separate sees to an empty line above the comments that stand directly above a header.
func (f *formatter) separate() {
	n := len(f.lines)
	for n > 0 && strings.HasPrefix(f.lines[n-1], "#") && !strings.HasPrefix(f.lines[n-1], "#:") {
		n--
	}
	if n > 0 && f.lines[n-1] != "" {
		f.lines = slices.Insert(f.lines, n, "")
	}
}

// comment is what stands behind a value or a header on its line, with the space before it.
func (f *formatter) comment(end int) string {
	rest := f.d.text[end:f.d.contentEnd(end)]
	comment := strings.TrimSpace(rest)
	if comment == "" {
		return ""
	}
	if space := rest[:strings.Index(rest, comment)]; space != "" {
		return space + comment
	}
	return " " + comment
}

func (f *formatter) pair(pair *strict.Pair) string {
	name := pair.Name.Of(f.d.text)
	return name + " = " + f.value(name, pair) + f.comment(pair.Value.End)
}

// value is a value as it is, except for the spaces in a list.
func (f *formatter) value(name string, pair *strict.Pair) string {
	value := pair.Value.Of(f.d.text)
	if !strings.HasPrefix(value, "[") || strings.Contains(value, `"""`) || strings.Contains(value, "'''") {
		return value
	}
	if !strings.Contains(value, "\n") {
		elements := make([]literal, len(pair.Elements))
		for n, element := range pair.Elements {
			elements[n] = literal(element.Of(f.d.text))
		}
		return writeList(name, elements, f.d.eol)
	}
	lines := strings.Split(value, "\n")
	for n, line := range lines {
		line = strings.TrimSpace(line)
		if n > 0 && line != "" && !strings.HasPrefix(line, "]") {
			line = listIndent + line
		}
		lines[n] = line
	}
	return strings.Join(lines, f.d.eol)
}
