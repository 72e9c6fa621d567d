package edit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"guestlist/allowlist/strict"
)

// Append adds entries at the end of the document, each below an empty line.
func (d *Document) Append(entries ...Entry) error {
	text, root := d.text, maps.Clone(d.root)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += d.eol
	}
	for _, entry := range entries {
		if !isBlank(text) && !strings.HasSuffix(text, d.eol+d.eol) {
			text += d.eol
		}
		text += entry.write(d.eol)
		list, isList := root[string(entry.Part)].([]map[string]any)
		if _, found := root[string(entry.Part)]; found && !isList {
			return d.fault(d.lineOf(string(entry.Part)), fmt.Sprintf("write its entries as [[%s]]", entry.Part), "%s is not a list of tables", entry.Part)
		}
		root[string(entry.Part)] = append(slices.Clip(list), entry.values())
	}
	return d.become(text, root, strings.Count(d.text, "\n")+1)
}

// lineOf is the line of a key of the document itself.
func (d *Document) lineOf(key string) int {
	for _, pair := range d.layout.Blocks[0].Pairs {
		if pair.Key[0] == key {
			return pair.Line
		}
	}
	for _, block := range d.layout.Blocks[1:] {
		if block.Path[0] == key {
			return block.Line
		}
	}
	return 1
}

// Remove removes an entry with the comments that belong to it: those directly above its header and
// directly below its last key, up to an empty line.
func (d *Document) Remove(at Place) error {
	block, err := d.open(at)
	if err != nil {
		return err
	}
	start := d.above(d.lineStart(block.Header.Start), d.endBefore(block))
	end := d.below(d.lineEnd(lastOf(block)))
	for isBlankLine(d, end) && (start == 0 || d.isBlankAbove(start)) {
		end = d.lineEnd(end)
	}
	for end == len(d.text) && d.isBlankAbove(start) {
		start = d.lineStart(start - 1)
	}
	return d.become(d.text[:start]+d.text[end:], d.with(at, nil), block.Line)
}

// lastOf is where the last value of a block ends, or its header.
func lastOf(block *strict.Block) int {
	if n := len(block.Pairs); n > 0 {
		return block.Pairs[n-1].Value.End
	}
	return block.Header.End
}

// endBefore is where the block before another one ends.
func (d *Document) endBefore(block *strict.Block) int {
	end := 0
	for n := range d.layout.Blocks {
		if other := &d.layout.Blocks[n]; other.Line < block.Line {
			end = max(end, lastOf(other))
		}
	}
	return end
}

// above is where the comments directly above a line begin: as far up as a limit, where a value may
// end with what looks like one. A comment that is for a program, "#:schema", belongs to the file.
func (d *Document) above(start, limit int) int {
	for start > 0 && d.lineStart(start-1) >= limit {
		line := d.text[d.lineStart(start-1):start]
		if !isComment(line) || strings.HasPrefix(strings.TrimSpace(line), "#:") {
			break
		}
		start = d.lineStart(start - 1)
	}
	return start
}

// below is where the comments that begin at a line end, if an empty line follows them; those that
// a header follows belong to that.
func (d *Document) below(start int) int {
	end := start
	for end < len(d.text) && isComment(d.text[end:d.lineEnd(end)]) {
		end = d.lineEnd(end)
	}
	if end < len(d.text) && !isBlankLine(d, end) {
		return start
	}
	return end
}

func isBlankLine(d *Document, at int) bool {
	return at < len(d.text) && isBlank(d.text[at:d.lineEnd(at)])
}

func (d *Document) isBlankAbove(start int) bool {
	return start > 0 && isBlank(d.text[d.lineStart(start-1):start])
}
