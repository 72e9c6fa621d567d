package strict

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

func TestLinesOfEveryPlace(t *testing.T) {
	t.Parallel()
	const text = `# comment with [brackets] and "quotes
version = 1

[policy]
"no\u0074ice" = '14d' # the end
a.b = """
x = 1 \
""""

[[allow]]
id = [ # first
  "a]", # not the end

  'b"', [
    1, {c = 2, d = [
      3]}
  ]]
[allow.sub]
x = 2026-11-23 10:00:00
[[allow]]
id = "z"
[[allow.list]]
y = 1
[[allow.list]]
y = 2
`
	index := indexLines(text)
	if !index.whole || index.count != 25 {
		t.Fatalf("whole %v, %d lines", index.whole, index.count)
	}
	for path, want := range map[string]int{
		"version": 2, "policy": 4, "policy/notice": 5, "policy/a/b": 6, "allow": 10, "allow/#0": 10, "allow/#0/id": 11,
		"allow/#0/id/#0": 12,
		"allow/#0/id/#1": 14, "allow/#0/id/#2/#0": 15, "allow/#0/id/#2/#1/d/#0": 16, "allow/#0/sub/x": 19, "allow/#1": 20,
		"allow/#1/list/#1/y": 25, "allow/#1/none/#4": 20, "none": 1,
	} {
		if got := index.line(strings.ReplaceAll(path, "/", "\x00")); got != want {
			t.Errorf("%s is at line %d, want %d", path, got, want)
		}
	}
}

func TestTheIndexEndsWhereATextIsNoTOML(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"[a", "[[a]", "[[a] ]", "[]", "[.a]", "[a.]", "= 1", "a", "a.", "a b = 1", "a =", "'a", "'a\n' = 1", `"a\`,
		"a = 'b", `a = """b`, "a = '''b''",
		"a = [", "a = [1", "a = ['b' 2]", "a = [1, {]", "a = {", "a = {b}", "a = {b = 'c' d = 2}", "a = {b = 1",
		"a = [,]", "a = {,}", "\"a = 1",
	} {
		if index := indexLines(text); index.whole {
			t.Errorf("%q was read to its end", text)
		}
		if _, err := toml.Decode(text, &map[string]any{}); err == nil {
			t.Errorf("%q is TOML", text)
		}
	}
}

func TestTheLinesOfAFileAreCountedWithoutAnEmptyLast(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 1, "\n": 1, "a=1": 1, "a=1\n": 1, "a=1\nb=2": 2, "a=1\n\n": 2} {
		if got := indexLines(text).count; got != want {
			t.Errorf("%q has %d lines, want %d", text, got, want)
		}
	}
}

// FuzzDecode: never a panic, every problem is at a line of the file and takes one line, and
// whatever the TOML library reads, the index has read to the end and has the line of all of it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"allow = [{id = ['a', \"b\\u0041\"]}, 1]\n'q\"' = \"\"\"a\\\n\"\"\"\"\"\r\n[a.'b c'.\"d\"]\nx.y={z=[[],[{}]]}\n",
		"\xEF\xBB\xBFversion=2", "\xff\xfe", "a=[[[[[[[[[[[[[[[[[[[[", "x = 1979-05-27T07:32:00Z\ny = +inf\nz = 0x1F\n",
		"[[a]]\n[a.b]\n[[a.c]]\nd = ' '\n[[a]]\ne = ['', '', 1]\nf = {g = [\n1, # one\n]}\n",
		"version = 'x'\nVersion = 1\na = true\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := File{Name: "file", Words: &Words{Keys: map[string][]string{"": {"version", "allow"}}}}
		if root, ok := file.Decode([]byte(text), 1<<20); ok {
			file.Version(root, 2)
			readAll(root, 0)
			if !strings.Contains(text, `\`) { // an escape may spell a key otherwise than the index does
				checkLines(t, file.lines, "", root.Values)
			}
		}
		if err := file.Err(); err != nil {
			problems, _ := errors.AsType[*Problems](err)
			for _, problem := range problems.Problems {
				if problem.Position.Line < 1 || problem.Position.Line > strings.Count(text, "\n")+1 ||
					strings.Contains(problem.String(), "\n") {
					t.Errorf("%v", problem)
				}
			}
		}
		document := strings.TrimPrefix(text, string(byteOrderMark))
		var root map[string]any
		if index := indexLines(document); utf8.ValidString(document) && index.deep == 0 && !index.whole {
			if _, err := toml.Decode(document, &root); err == nil {
				t.Errorf("the line index stopped early in %q", document)
			}
		}
	})
}

// readAll asks a table for each of its keys in every way.
func readAll(table *Table, depth int) {
	table.CheckKeys("")
	for key := range table.Values {
		table.Text(key)
		table.List(key)
		table.Texts(key)
		table.Boolean(key)
		table.Number(key, -1, 1)
		if below, found := table.Table(key); found && depth < maxNesting {
			readAll(below, depth+1)
		}
		for _, below := range table.Tables(key) {
			if depth < maxNesting {
				readAll(below, depth+1)
			}
		}
	}
}

// checkLines holds that the index has a line for everything that the library read.
func checkLines(t *testing.T, index *lineIndex, path string, value any) {
	t.Helper()
	if _, found := index.lines[path]; !found && path != "" {
		t.Errorf("nothing is known of the line of %q", path)
	}
	switch value := value.(type) {
	case map[string]any:
		for key, below := range value {
			checkLines(t, index, Join(path, key), below)
		}
	case []map[string]any:
		for n, below := range value {
			checkLines(t, index, Join(path, Element(n)), below)
		}
	case []any:
		for n, below := range value {
			checkLines(t, index, Join(path, Element(n)), below)
		}
	}
}
