package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// grid is a table of text that is already escaped. A cell may have several lines.
type grid struct {
	header []string
	// widths caps each column, in display cells; 0 does not cap. A cell that is wider is wrapped.
	widths []int
	rows   [][]string
	// gap puts an empty line between rows.
	gap bool
	// tabs separates columns by tabs instead of aligning them: for programs, and for values of any
	// length.
	tabs bool
	// stack writes a row as a headline and an indented line for each further cell, within total
	// display cells: for narrow terminals.
	stack bool
	total int
}

// blockIndent is how far the lines below a headline stand to the right.
const blockIndent = 2

// write draws the grid. The library reports no failed write and keeps to no width by itself, so
// cells are wrapped before it sees them and its output goes through a buffer.
func (g *grid) write(w io.Writer) error {
	if g.tabs || g.stack {
		if err := g.head(w); err != nil {
			return err
		}
		for _, row := range g.rows {
			if err := g.row(w, row); err != nil {
				return err
			}
		}
		return nil
	}
	var buffer bytes.Buffer
	padding := tw.CellPadding{Global: tw.Padding{Left: tw.Empty, Right: "  ", Overwrite: true}}
	plain := tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off}
	table := tablewriter.NewTable(&buffer,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone, Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{
			Header: tw.CellConfig{Formatting: plain, Padding: padding, Alignment: tw.CellAlignment{Global: tw.AlignLeft}},
			Row:    tw.CellConfig{Formatting: plain, Padding: padding, Alignment: tw.CellAlignment{Global: tw.AlignLeft}},
		}),
		tablewriter.WithTrimSpace(tw.Off),
	)
	table.Header(g.header)
	for n, row := range g.rows {
		cells := make([]string, len(row))
		for column, cell := range row {
			cells[column] = g.wrap(cell, column)
		}
		if g.gap && n < len(g.rows)-1 {
			cells[0] += strings.Repeat("\n", max(0, height(cells)-strings.Count(cells[0], "\n"))) + " "
		}
		if err := table.Append(cells); err != nil {
			return err
		}
	}
	if err := table.Render(); err != nil {
		return err
	}
	_, err := w.Write(trimLines(buffer.Bytes()))
	return err
}

// section writes the grid with an empty line before it, and nothing when it has no rows.
func (g *grid) section(w io.Writer) error {
	if len(g.rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return g.write(w)
}

// head and row write a table that is not drawn in columns, a row at a time. Escaped text holds no
// tab of its own.
func (g *grid) head(w io.Writer) error {
	header := g.header
	if g.stack {
		header = header[:1]
	}
	_, err := fmt.Fprintln(w, strings.Join(header, "\t"))
	return err
}

func (g *grid) row(w io.Writer, row []string) error {
	if !g.stack {
		_, err := fmt.Fprintln(w, strings.Join(row, "\t"))
		return err
	}
	if _, err := fmt.Fprintln(w, strings.Join(wrap(row[0], g.total), "\n")); err != nil {
		return err
	}
	var lines []string
	for _, cell := range row[1:] {
		if cell != "" {
			lines = append(lines, strings.Split(cell, "\n")...)
		}
	}
	return block(w, lines, g.total)
}

// block writes lines below a headline. What does not fit goes on a little to the right, so that the
// next thing is seen to begin.
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

func (g *grid) wrap(cell string, column int) string {
	if column >= len(g.widths) || g.widths[column] == 0 {
		return cell
	}
	return strings.Join(wrap(cell, g.widths[column]), "\n")
}

func height(cells []string) int {
	lines := 0
	for _, cell := range cells {
		lines = max(lines, strings.Count(cell, "\n")+1)
	}
	return lines
}

// trimLines takes the padding off the ends of lines.
func trimLines(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for n, line := range lines {
		lines[n] = bytes.TrimRight(line, " ")
	}
	return bytes.Join(lines, []byte("\n"))
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

// middle cuts text in its middle to at most width display cells, so that both ends stay to be
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
