package report

import (
	"strings"
)

// columns is a table with one line per row, for text that is already escaped. It keeps to a width:
// columns that need a wider table are left out, then values are cut, names last.
type columns struct {
	list []column
	rows [][]string // a value may have several forms, see orShorter
}

// shorterForm separates the forms of a value; escaped text never contains it.
const shorterForm = "\x00"

// orShorter is a value that says less if there is less room: the first form that fits is shown.
func orShorter(forms ...string) string { return strings.Join(forms, shorterForm) }

// formFor is the form of a value to show in width display cells.
func formFor(value string, width int) string {
	forms := strings.Split(value, shorterForm)
	for _, form := range forms {
		if cellWidth(form) <= width {
			return form
		}
	}
	return forms[len(forms)-1]
}

type column struct {
	header string
	// least is how narrow the column may get in display cells, most how wide; 0 is any.
	least, most int
	// from is the least width of the whole table at which the column is shown.
	from int
	// tight: one space follows instead of a gap.
	tight bool
	// name: values are cut in the middle, so that both ends can still be compared. Other values
	// lose their end.
	name bool
	// paint colours a value that is already padded; may be nil.
	paint func(padded, value string) string
}

// columnGap separates columns.
const columnGap = "  "

// lines returns the header and the rows, each at most total display cells wide.
func (c *columns) lines(total int) []string {
	shown, widths := c.fit(total)
	header := make([]string, len(c.list))
	for n := range c.list {
		header[n] = c.list[n].header
	}
	lines := []string{c.line(header, shown, widths, false)}
	for _, row := range c.rows {
		lines = append(lines, c.line(row, shown, widths, true))
	}
	return lines
}

// fit chooses the columns, and how wide each is.
func (c *columns) fit(total int) (shown, widths []int) {
	widths = make([]int, len(c.list))
	left := total
	for n := range c.list {
		if c.list[n].from > total {
			continue
		}
		shown = append(shown, n)
		widths[n] = c.natural(n)
		left -= widths[n] + len(c.list[n].gap())
	}
	left += len(columnGap)
	for _, names := range []bool{false, true} { // names are cut last
		for i := len(shown) - 1; i >= 0 && left < 0; i-- {
			if n := shown[i]; c.list[n].name == names && c.list[n].least > 0 {
				less := min(-left, max(0, widths[n]-c.list[n].least))
				widths[n] -= less
				left += less
			}
		}
	}
	return shown, widths
}

func (c *column) gap() string {
	if c.tight {
		return " "
	}
	return columnGap
}

// natural is how wide a column wants to be.
func (c *columns) natural(n int) int {
	width := cellWidth(c.list[n].header)
	for _, row := range c.rows {
		longest, _, _ := strings.Cut(row[n], shorterForm)
		width = max(width, cellWidth(longest))
	}
	if most := c.list[n].most; most > 0 {
		width = min(width, most)
	}
	return width
}

func (c *columns) line(row []string, shown, widths []int, painted bool) string {
	var line strings.Builder
	for i, n := range shown {
		value := cut(formFor(row[n], widths[n]), widths[n], c.list[n].name)
		padded := value
		if i < len(shown)-1 {
			padded += strings.Repeat(" ", max(0, widths[n]-cellWidth(value)))
		}
		if c.list[n].paint != nil && painted {
			padded = c.list[n].paint(padded, row[n])
		}
		line.WriteString(padded)
		if i < len(shown)-1 {
			line.WriteString(c.list[n].gap())
		}
	}
	return strings.TrimRight(line.String(), " ")
}

// cut shortens a value to fit, in the middle or at the end.
func cut(text string, width int, name bool) string {
	switch {
	case cellWidth(text) <= width:
		return text
	case name:
		return middle(text, width)
	}
	head, _ := splitWidth(text, max(1, width-1))
	if end := strings.LastIndex(head, " "); end >= len(head)/2 && !strings.HasPrefix(text[len(head):], " ") {
		head = head[:end] // part of a word says less than none
	}
	return strings.TrimRight(head, " ,") + "…"
}
