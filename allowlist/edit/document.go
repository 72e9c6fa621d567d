package edit

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

// Document is the text of a file that is being edited. It is not safe for concurrent use.
type Document struct {
	name   inventory.Untrusted
	keys   map[string][]string
	text   string
	eol    string
	layout *strict.Layout
	root   map[string]any
	places map[int]Place // by the line of their header
}

// Place is an entry of the document: element N of the list [[Part]], counted from 0. It stays valid
// until an entry of its part is removed.
type Place struct {
	Part string
	N    int
}

// Open reads a text that must be TOML. name is the file's name in messages. keys are the keys of
// each part in the order in which they are written; "" is the file itself. Errors are
// *[strict.Problems].
func Open(name string, text []byte, keys map[string][]string) (*Document, error) {
	d := &Document{name: inventory.Untrusted(name), keys: keys, eol: "\n"}
	if line, _, found := strings.Cut(string(text), "\n"); found && strings.HasSuffix(line, "\r") {
		d.eol = "\r\n"
	}
	if !utf8.Valid(text) {
		return nil, d.fault(1, "save the file as UTF-8", "the file is not UTF-8")
	}
	root, layout, err := read(string(text))
	if err != nil {
		return nil, d.fault(1, "", "this is not TOML: %s", inventory.Untrusted(err.Error()))
	}
	d.text, d.root, d.layout = string(text), root, layout
	return d, nil
}

// Bytes returns the text as it is now.
func (d *Document) Bytes() []byte { return []byte(d.text) }

// Find returns the entry of a part whose header is in a line, counted from 1.
func (d *Document) Find(part string, line int) (Place, error) {
	if d.places == nil {
		d.places = make(map[int]Place)
		numbers := make(map[string]int)
		for n := range d.layout.Blocks {
			if block := &d.layout.Blocks[n]; block.List && len(block.Path) == 1 {
				d.places[block.Line] = Place{block.Path[0], numbers[block.Path[0]]}
				numbers[block.Path[0]]++
			}
		}
	}
	if at, found := d.places[line]; found && at.Part == part {
		return at, nil
	}
	return Place{}, d.fault(line, fmt.Sprintf("write it as [[%s]]", part), "only an entry that begins with [[%s]] can be edited",
		part)
}

// Line is the line of an entry's header.
func (d *Document) Line(at Place) int {
	if n := d.block(at); n >= 0 {
		return d.layout.Blocks[n].Line
	}
	return 1
}

// block is the number of the block of an entry; -1 if there is none.
func (d *Document) block(at Place) int {
	n := 0
	for i := range d.layout.Blocks {
		if !isEntry(&d.layout.Blocks[i], at.Part) {
			continue
		}
		if n == at.N {
			return i
		}
		n++
	}
	return -1
}

func isEntry(block *strict.Block, part string) bool {
	return block.List && len(block.Path) == 1 && block.Path[0] == part
}

// open returns the block of an entry, if it can be edited: all of it stands below its header.
func (d *Document) open(at Place) (*strict.Block, error) {
	n := d.block(at)
	if n < 0 {
		return nil, d.fault(1, "", "there is no [[%s]] number %d", at.Part, at.N+1)
	}
	if n+1 < len(d.layout.Blocks) {
		if next := &d.layout.Blocks[n+1]; len(next.Path) > 1 && next.Path[0] == at.Part {
			return nil, d.fault(next.Line, "edit it by hand", "the entry at line %d has a table of its own here",
				d.layout.Blocks[n].Line)
		}
	}
	return &d.layout.Blocks[n], nil
}

// entry is what the entry holds.
func (d *Document) entry(at Place) map[string]any {
	list, _ := d.root[at.Part].([]map[string]any)
	if at.N >= len(list) {
		return nil
	}
	return list[at.N]
}

// with returns the values of the whole document with one entry replaced, or removed if it is nil.
func (d *Document) with(at Place, entry map[string]any) map[string]any {
	list, _ := d.root[at.Part].([]map[string]any)
	root, list := maps.Clone(d.root), slices.Clone(list)
	if entry == nil {
		list = slices.Delete(list, at.N, at.N+1)
	} else {
		list[at.N] = entry
	}
	if root[at.Part] = list; len(list) == 0 {
		delete(root, at.Part)
	}
	return root
}

// become replaces the text, if it then holds exactly the wanted values.
func (d *Document) become(text string, want map[string]any, line int) error {
	root, layout, err := read(text)
	switch {
	case err != nil:
		return d.fault(line, "edit it by hand", "this cannot be edited: %s", inventory.Untrusted(err.Error()))
	case !reflect.DeepEqual(root, want):
		return d.fault(line, "edit it by hand", "this cannot be edited without changing more than was asked for")
	}
	d.text, d.root, d.layout, d.places = text, root, layout, nil
	return nil
}

func read(text string) (map[string]any, *strict.Layout, error) {
	var root map[string]any
	if _, err := toml.Decode(string(strict.WithoutMark([]byte(text))), &root); err != nil {
		return nil, nil, err
	}
	layout, whole := strict.ReadLayout(text)
	if !whole {
		return nil, nil, fmt.Errorf("its structure cannot be followed to its end")
	}
	if root == nil {
		root = map[string]any{}
	}
	return root, layout, nil
}

func (d *Document) fault(line int, hint, format string, args ...any) error {
	return &strict.Problems{Problems: []strict.Problem{{
		Position: strict.Position{File: d.name, Line: line}, Message: fmt.Sprintf(format, args...), Hint: hint,
	}}}
}

// lineStart is where the line of an offset begins.
func (d *Document) lineStart(at int) int { return strings.LastIndexByte(d.text[:at], '\n') + 1 }

// lineEnd is where the line after that of an offset begins, or the end of the text.
func (d *Document) lineEnd(at int) int {
	if n := strings.IndexByte(d.text[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(d.text)
}

// contentEnd is where the line of an offset ends, without its line end.
func (d *Document) contentEnd(at int) int {
	end := d.lineEnd(at)
	return at + len(strings.TrimRight(d.text[at:end], "\r\n"))
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

func isComment(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }
