package allowlist

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

// FuzzParse: never a panic; everything that is reported has a line of the file; whatever the TOML library reads, the line index
// has read to the end.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"version = 1\n[[allow]]\nid = 'x'\nowner='o'\nreason='r'\napproved = 2026-11-23\nhosts=['<all_urls>']\nfor=['a*','*b']\n",
		"version = 1\ninclude = ['google-first-party']\n[policy]\nnotice='1d'\nhook_hosts=['*.x']\n[[feed]]\npath='a'\nmax_age='1w'\n",
		"allow = [{id = ['a', \"b\\u0041\"]}, 1]\n'q\"' = \"\"\"a\\\n\"\"\"\"\"\r\n[a.'b c'.\"d\"]\nx.y={z=[[],[{}]]}\n",
		"version = 1\n[[require]]\nid='a b'\nreason='x'\n[[deny]]\nid='a'\nversions='>=1.*'\nreason='''\n'''\n",
		"\xEF\xBB\xBFversion=2", "\xff\xfe", "a=[[[[[[[[[[[[[[[[[[[[", "x = 1979-05-27T07:32:00Z\ny = +inf\nz = 0x1F\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Parse("list", []byte(text), nil)
		if err != nil {
			problems, ok := errors.AsType[*Problems](err)
			if !ok || len(problems.Problems) == 0 {
				t.Fatalf("Parse = %v", err)
			}
			lines := strings.Count(text, "\n") + 1
			for _, problem := range problems.Problems {
				if problem.Position.Line < 1 || problem.Position.Line > lines || problem.Position.File != "list" {
					t.Errorf("%v, of %d lines", problem, lines)
				}
				if strings.Contains(problem.String(), "\n") {
					t.Errorf("%q is more than one line", problem.String())
				}
			}
		} else {
			date, _ := ParseDate("2026-12-01")
			list.Lint(date.Start())
			list.Explain("x", date.Start())
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
