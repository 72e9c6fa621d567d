package strict

import (
	"strconv"
	"strings"
)

// maxNesting bounds how deep arrays and inline tables may be nested: the TOML library reads them
// recursively.
const maxNesting = 16

// lineIndex knows the line of every key, table and array element of a TOML file. The TOML library
// reports lines for its own errors only, so the messages about content take them from here.
//
// It reads the structure and no values, and relies on the library to refuse what is not TOML: on
// such a file it stops early.
type lineIndex struct {
	lines map[string]int
	count int // lines of the file
	deep  int // the line where maxNesting is exceeded; 0: nowhere
	whole bool
}

// Join names a place: keys, and "#0" for the elements of arrays, joined by NUL.
func Join(path, part string) string {
	if path == "" {
		return part
	}
	return path + "\x00" + part
}

// Element is the part of a place that names element n of a list.
func Element(n int) string { return "#" + strconv.Itoa(n) }

// line returns the line of a place or of the nearest one around it.
func (x *lineIndex) line(path string) int {
	for {
		if line, found := x.lines[path]; found {
			return line
		}
		cut := strings.LastIndexByte(path, 0)
		if cut < 0 {
			return 1
		}
		path = path[:cut]
	}
}

func indexLines(text string) *lineIndex {
	r := &lineReader{text: text, line: 1, arrays: map[string]int{}}
	r.index.lines = map[string]int{}
	r.index.whole = r.document()
	r.index.count = max(1, strings.Count(text, "\n")+1)
	if strings.HasSuffix(text, "\n") {
		r.index.count = max(1, r.index.count-1)
	}
	return &r.index
}

type lineReader struct {
	text   string
	at     int
	line   int
	table  string         // the path of the table that keys belong to
	arrays map[string]int // paths of arrays of tables, with the number of their last one
	index  lineIndex
	layout *Layout // may be nil
	notes  int     // comments that were skipped
}

func (r *lineReader) document() bool {
	for {
		r.blank()
		switch c := r.peek(); {
		case r.at >= len(r.text):
			return true
		case c == '[':
			if !r.header() {
				return false
			}
		default:
			if !r.pair(r.table, 0) {
				return false
			}
		}
	}
}

// header reads [a.b] or [[a.b]].
func (r *lineReader) header() bool {
	line, start := r.line, r.at
	list := strings.HasPrefix(r.text[r.at:], "[[")
	r.at++
	if list {
		r.at++
	}
	parts, ok := r.key()
	if !ok || r.peek() != ']' {
		return false
	}
	r.at++
	if list {
		if r.peek() != ']' {
			return false
		}
		r.at++
	}
	if r.layout != nil {
		r.layout.Blocks = append(r.layout.Blocks, Block{Path: parts, List: list, Line: line, Header: Span{start, r.at}})
	}
	path := ""
	for n, part := range parts {
		path = Join(path, part)
		last := n == len(parts)-1
		if last && list {
			number, seen := r.arrays[path]
			if seen {
				number++
			}
			r.arrays[path] = number
		}
		r.mark(path, line)
		if number, isArray := r.arrays[path]; isArray {
			path = Join(path, Element(number))
			r.mark(path, line)
		}
	}
	r.table = path
	return true
}

// pair reads key = value below a path.
func (r *lineReader) pair(path string, depth int) bool {
	line, start := r.line, r.at
	parts, ok := r.key()
	if !ok || r.peek() != '=' {
		return false
	}
	pair := Pair{Key: parts, Line: line, Name: r.span(start)}
	r.at++
	for _, part := range parts {
		path = Join(path, part)
		r.mark(path, line)
	}
	if r.layout == nil || depth > 0 {
		return r.value(path, depth)
	}
	r.space()
	start = r.at
	notes := r.notes
	block := &r.layout.Blocks[len(r.layout.Blocks)-1]
	block.Pairs = append(block.Pairs, pair)
	ok = r.value(path, depth)
	last := &block.Pairs[len(block.Pairs)-1]
	last.Value, last.HasComment = r.span(start), r.notes > notes
	return ok
}

// span is what was read from start on, without the blanks at its end.
func (r *lineReader) span(start int) Span {
	return Span{start, start + len(strings.TrimRight(r.text[start:r.at], " \t\r"))}
}

func (r *lineReader) value(path string, depth int) bool {
	r.space()
	switch r.peek() {
	case '"', '\'':
		_, ok := r.quoted()
		return ok
	case '[':
		return r.array(path, depth+1)
	case '{':
		return r.inlineTable(path, depth+1)
	}
	start := r.at
	for r.at < len(r.text) && !strings.ContainsRune(",]}#\n", rune(r.text[r.at])) {
		r.at++
	}
	return r.at > start
}

func (r *lineReader) array(path string, depth int) bool {
	if r.tooDeep(depth) {
		return false
	}
	r.at++
	for n := 0; ; n++ {
		r.blank()
		if r.peek() == ']' {
			r.at++
			return true
		}
		place := Join(path, Element(n))
		r.mark(place, r.line)
		start := r.at
		if !r.value(place, depth) {
			return false
		}
		r.element(start, depth)
		r.blank()
		switch r.peek() {
		case ',':
			r.at++
		case ']':
		default:
			return false
		}
	}
}

// element notes where an element of a pair's own array is.
func (r *lineReader) element(start, depth int) {
	if r.layout == nil || depth != 1 {
		return
	}
	pairs := r.layout.Blocks[len(r.layout.Blocks)-1].Pairs
	pair := &pairs[len(pairs)-1]
	pair.Elements = append(pair.Elements, r.span(start))
}

func (r *lineReader) inlineTable(path string, depth int) bool {
	if r.tooDeep(depth) {
		return false
	}
	r.at++
	for {
		r.blank()
		if r.peek() == '}' {
			r.at++
			return true
		}
		if !r.pair(path, depth) {
			return false
		}
		r.blank()
		switch r.peek() {
		case ',':
			r.at++
		case '}':
		default:
			return false
		}
	}
}

func (r *lineReader) tooDeep(depth int) bool {
	if depth > maxNesting && r.index.deep == 0 {
		r.index.deep = r.line
	}
	return depth > maxNesting
}

// key reads a, "a b" or a."b".c and the space after it.
func (r *lineReader) key() (parts []string, ok bool) {
	for {
		r.space()
		var part string
		switch c := r.peek(); c {
		case '"', '\'':
			if part, ok = r.quoted(); !ok {
				return nil, false
			}
		default:
			start := r.at
			for r.at < len(r.text) && isBare(r.text[r.at]) {
				r.at++
			}
			if part = r.text[start:r.at]; part == "" {
				return nil, false
			}
		}
		parts = append(parts, part)
		r.space()
		if r.peek() != '.' {
			return parts, true
		}
		r.at++
	}
}

func isBare(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// quoted reads a string of any of the four kinds. The text is exact only for keys without escapes,
// which is enough to look them up.
func (r *lineReader) quoted() (text string, ok bool) {
	quote := r.text[r.at : r.at+1]
	if strings.HasPrefix(r.text[r.at:], strings.Repeat(quote, 3)) {
		return r.multiline(strings.Repeat(quote, 3))
	}
	r.at++
	start := r.at
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '\n':
			return "", false
		case c == '\\' && quote == `"`:
			r.at++
		case c == quote[0]:
			text = r.text[start:r.at]
			r.at++
			if unquoted, err := strconv.Unquote(`"` + text + `"`); err == nil && quote == `"` {
				text = unquoted
			}
			return text, true
		}
	}
	return "", false
}

func (r *lineReader) multiline(quotes string) (text string, ok bool) {
	r.at += 3
	start := r.at
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '\\' && quotes[0] == '"':
			r.at++ // the next one is no quote; a line's end is counted below
			if r.peek() == '\n' {
				r.line++
			}
			r.at++
		case strings.HasPrefix(r.text[r.at:], quotes):
			text = r.text[start:r.at]
			r.at += 3
			for n := 0; n < 2 && r.peek() == quotes[0]; n++ { // up to two quotes may precede the closing three
				r.at++
			}
			return text, true
		default:
			if c == '\n' {
				r.line++
			}
			r.at++
		}
	}
	return "", false
}

func (r *lineReader) mark(path string, line int) {
	if _, seen := r.index.lines[path]; !seen {
		r.index.lines[path] = line
	}
}

func (r *lineReader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// space skips blanks within a line.
func (r *lineReader) space() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t') {
		r.at++
	}
}

// blank skips blanks, line ends and comments.
func (r *lineReader) blank() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case '\n':
			r.line++
		case ' ', '\t', '\r':
		case '#':
			r.notes++
			for r.at < len(r.text) && r.text[r.at] != '\n' {
				r.at++
			}
			continue
		default:
			return
		}
		r.at++
	}
}
