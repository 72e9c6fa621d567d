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
		"version": 2, "policy": 4, "policy/notice": 5, "policy/a/b": 6, "allow": 10, "allow/#0": 10, "allow/#0/id": 11, "allow/#0/id/#0": 12,
		"allow/#0/id/#1": 14, "allow/#0/id/#2/#0": 15, "allow/#0/id/#2/#1/d/#0": 16, "allow/#0/sub/x": 19, "allow/#1": 20,
		"allow/#1/list/#1/y": 25, "allow/#1/none/#4": 20, "none": 1,
	} {
		if got := index.line(strings.ReplaceAll(path, "/", "\x00")); got != want {
			t.Errorf("%s is at line %d, want %d", path, got, want)
		}
	}
}

// FuzzDecode: never a panic; whatever the TOML library reads, the line index has read to the end.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"allow = [{id = ['a', \"b\\u0041\"]}, 1]\n'q\"' = \"\"\"a\\\n\"\"\"\"\"\r\n[a.'b c'.\"d\"]\nx.y={z=[[],[{}]]}\n",
		"\xEF\xBB\xBFversion=2", "\xff\xfe", "a=[[[[[[[[[[[[[[[[[[[[", "x = 1979-05-27T07:32:00Z\ny = +inf\nz = 0x1F\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := File{Name: "file", Words: &Words{}}
		if root, ok := file.Decode([]byte(text), 1<<20); ok {
			root.CheckKeys("")
			root.Text("version")
			root.Tables("a")
		}
		if err := file.Err(); err != nil {
			problems, _ := errors.AsType[*Problems](err)
			for _, problem := range problems.Problems {
				if problem.Position.Line < 1 || problem.Position.Line > strings.Count(text, "\n")+1 || strings.Contains(problem.String(), "\n") {
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
