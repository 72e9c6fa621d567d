package report

import (
	"bytes"
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
	// tabs separates columns by tabs instead of aligning them: for programs, and for values of any length.
	tabs bool
}

// write draws the grid. The library reports no failed write and keeps to no width by itself, so cells are wrapped before it sees them and
// its output goes through a buffer.
func (g *grid) write(w io.Writer) error {
	if g.tabs {
		return g.writeTabs(w)
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

// writeTabs writes a row a line. Escaped text holds no tab of its own.
func (g *grid) writeTabs(w io.Writer) error {
	var buffer bytes.Buffer
	for _, row := range append([][]string{g.header}, g.rows...) {
		buffer.WriteString(strings.Join(row, "\t"))
		buffer.WriteByte('\n')
	}
	_, err := w.Write(buffer.Bytes())
	return err
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

// splitWidth cuts text so that its head has at most width display cells, and at least one character.
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

// middle cuts text in its middle to at most width display cells, so that both ends stay to be compared.
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
