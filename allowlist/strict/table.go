package strict

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Table is one table of the file. Its methods report a value that is not what they read.
type Table struct {
	// Path is the table's place, for [Join]. Values are as the TOML library decodes them.
	Path   string
	Values map[string]any

	file   *File
	part   string
	listed bool
}

// Own is the line where the table begins.
func (t *Table) Own() int { return t.file.lines.line(t.Path) }

// Line is the line of one of its keys, or of the table where it has no such key.
func (t *Table) Line(key string) int { return t.file.lines.line(Join(t.Path, key)) }

// Has reports whether the table has a key.
func (t *Table) Has(key string) bool { _, found := t.Values[key]; return found }

// LineOf is the line of element n of the list at key, counted from 0.
func (t *Table) LineOf(key string, n int) int {
	return t.file.lines.line(Join(Join(t.Path, key), Element(n)))
}

// KeyLines returns the lines of all keys of the table.
func (t *Table) KeyLines() map[string]int {
	lines := make(map[string]int, len(t.Values))
	for key := range t.Values {
		lines[key] = t.Line(key)
	}
	return lines
}

// title is the table's name as a file writes it.
func (t *Table) title() string {
	switch {
	case t.part == "":
		return "the file"
	case t.listed:
		return "[[" + t.part + "]]"
	case strings.Contains(t.Path, "\x00"):
		return t.part
	}
	return "[" + t.part + "]"
}

// CheckKeys reports the keys that a part of the file does not have. part is the name under which
// [Words] lists its keys.
func (t *Table) CheckKeys(part string) {
	t.part = part
	for _, key := range slices.Sorted(maps.Keys(t.Values)) {
		if known := t.file.Words.Keys[part]; !slices.Contains(known, key) {
			t.file.Report(t.Line(key), t.file.didYouMean(key, known), "%s has no key %q", t.title(), inventory.Untrusted(key))
		}
	}
}

// Table reads a table, [key] or key = { … }; false if there is none.
func (t *Table) Table(key string) (*Table, bool) {
	value, found := t.Values[key]
	if !found {
		return nil, false
	}
	values, ok := value.(map[string]any)
	if !ok {
		hint := fmt.Sprintf("write [%s]", key)
		if t.Path != "" {
			hint = fmt.Sprintf("write %s = { … }", key)
		}
		t.file.Report(t.Line(key), hint, "%s must be a table", key)
		return nil, false
	}
	return &Table{Path: Join(t.Path, key), Values: values, file: t.file}, true
}

// Tables reads a list of tables, [[key]].
func (t *Table) Tables(key string) []*Table {
	value, found := t.Values[key]
	if !found {
		return nil
	}
	var tables []*Table
	add := func(n int, values map[string]any) {
		tables = append(tables, &Table{Path: Join(Join(t.Path, key), Element(n)), Values: values, file: t.file, listed: true})
	}
	switch list := value.(type) {
	case []map[string]any:
		for n, values := range list {
			add(n, values)
		}
		return tables
	case []any:
		for n, element := range list {
			values, ok := element.(map[string]any)
			if !ok {
				t.file.Report(t.LineOf(key, n), fmt.Sprintf("write [[%s]]", key), "%s must be a list of tables", key)
				return tables
			}
			add(n, values)
		}
		return tables
	}
	t.file.Report(t.Line(key), fmt.Sprintf("write [[%s]]", key), "%s must be a list of tables", key)
	return nil
}

// Text reads a string. An empty one is reported: it says nothing, and would be mistaken for a
// missing key.
func (t *Table) Text(key string) inventory.Untrusted {
	value, found := t.Values[key]
	if !found {
		return ""
	}
	text, ok := value.(string)
	if !ok {
		t.file.Report(t.Line(key), "put it in quotes", "%s must be a string", key)
		return ""
	}
	t.checkText(t.Line(key), key, text)
	return inventory.Untrusted(text)
}

func (t *Table) checkText(line int, key, text string) {
	switch {
	case text == "":
		t.file.Report(line, "fill it in or remove it", "%s is empty", key)
	case strings.TrimSpace(text) != text:
		t.file.Report(line, "remove the spaces", "%s begins or ends with a space: %q", key, inventory.Untrusted(text))
	}
}

// IsList reports whether a key holds a list.
func (t *Table) IsList(key string) bool { _, isList := t.Values[key].([]any); return isList }

// List reads a list of strings without duplicates. It is not nil if the key is present.
func (t *Table) List(key string) (texts []inventory.Untrusted, found bool) {
	value, found := t.Values[key]
	if !found {
		return nil, false
	}
	list, ok := value.([]any)
	if !ok {
		hint := "put it in brackets"
		if text, isText := value.(string); isText {
			hint = fmt.Sprintf("write %s = [%q]", key, inventory.Untrusted(text))
		}
		t.file.Report(t.Line(key), hint, "%s must be a list of strings", key)
		return nil, false
	}
	texts = make([]inventory.Untrusted, 0, len(list))
	seen := make(map[string]bool, len(list))
	for n, value := range list {
		text, ok := value.(string)
		if !ok {
			t.file.Report(t.LineOf(key, n), "put it in quotes", "%s must be a list of strings", key)
			text = ""
		} else {
			t.checkText(t.LineOf(key, n), key, text)
		}
		if seen[text] && text != "" {
			t.file.Report(t.LineOf(key, n), "", "%s lists %q twice", key, inventory.Untrusted(text))
		}
		seen[text] = true
		texts = append(texts, inventory.Untrusted(text))
	}
	return texts, true
}

// Item is one element of a list whose elements are strings or tables.
type Item struct {
	Line  int
	Text  inventory.Untrusted // "" for a table
	Table *Table              // nil for a string
}

// Items reads a list of strings and tables: ["a", { path = "b" }], or [[key]].
func (t *Table) Items(key string) []Item {
	list, isList := t.Values[key].([]any)
	if !isList {
		if _, isText := t.Values[key].(string); isText {
			t.List(key) // says how to write it
			return nil
		}
		var items []Item
		for n, table := range t.Tables(key) {
			items = append(items, Item{Line: t.LineOf(key, n), Table: table})
		}
		return items
	}
	var items []Item
	for n, value := range list {
		line := t.LineOf(key, n)
		switch value := value.(type) {
		case string:
			t.checkText(line, key, value)
			items = append(items, Item{Line: line, Text: inventory.Untrusted(value)})
		case map[string]any:
			table := &Table{Path: Join(Join(t.Path, key), Element(n)), Values: value, file: t.file, listed: true}
			items = append(items, Item{Line: line, Table: table})
		default:
			t.file.Report(line, "put it in quotes", "%s must be a list of strings and tables", key)
		}
	}
	return items
}

// Texts reads a string or a list of strings.
func (t *Table) Texts(key string) []inventory.Untrusted {
	switch t.Values[key].(type) {
	case nil:
		return nil
	case []any:
		texts, _ := t.List(key)
		return texts
	}
	if text := t.Text(key); text != "" {
		return []inventory.Untrusted{text}
	}
	return nil
}

// Boolean reads true or false; false if the key is missing.
func (t *Table) Boolean(key string) bool {
	value, found := t.Values[key]
	answer, ok := value.(bool)
	if found && !ok {
		t.file.Report(t.Line(key), "write true or false, without quotes", "%s must be true or false", key)
	}
	return answer
}

// Number reads an integer from least to most; zero if the key is missing.
func (t *Table) Number(key string, least, most int64) int64 {
	value, found := t.Values[key]
	if !found {
		return 0
	}
	number, ok := value.(int64)
	switch {
	case !ok:
		t.file.Report(t.Line(key), "write it without quotes", "%s must be a whole number", key)
		return 0
	case number < least || number > most:
		t.file.Report(t.Line(key), "", "%s must be between %d and %d, is %d", key, least, most, number)
		return 0
	}
	return number
}
