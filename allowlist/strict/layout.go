package strict

import "strings"

// Layout is where the parts of a TOML file are, for programs that edit its text. Offsets count
// bytes of the whole text, a byte order mark included.
type Layout struct {
	// Blocks are the tables as they are written, in the order of the file. The first one has no
	// header: it holds the pairs before any.
	Blocks []Block
}

// Block is one [table] or [[table]], with the pairs below its header.
type Block struct {
	Path   []string
	List   bool // [[table]]
	Line   int  // of the header, counted from 1
	Header Span // the brackets and what is between them
	Pairs  []Pair
}

// Pair is one key = value at the level of a table.
type Pair struct {
	Key  []string // several if they are dotted
	Line int
	Name Span // the key as it is written
	// Value is the value as it is written, and Elements are those of an array.
	Value      Span
	Elements   []Span
	HasComment bool // within the value
}

// Span is a part of a text, in bytes.
type Span struct{ Start, End int }

// Of returns that part of a text.
func (s Span) Of(text string) string { return text[s.Start:s.End] }

// ReadLayout finds the parts of a file that the TOML library accepts. It reports false for one that
// it cannot follow to its end.
func ReadLayout(text string) (*Layout, bool) {
	r := &lineReader{text: text, line: 1, arrays: map[string]int{}, layout: &Layout{Blocks: make([]Block, 1)}}
	r.index.lines = map[string]int{}
	if strings.HasPrefix(text, string(byteOrderMark)) {
		r.at = len(byteOrderMark)
	}
	return r.layout, r.document()
}
