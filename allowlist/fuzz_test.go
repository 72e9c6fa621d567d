package allowlist_test

import (
	"errors"
	"strings"
	"testing"

	"guestlist/allowlist"
)

// FuzzParse: never a panic; everything that is reported has a line of the file.
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
		list, err := allowlist.Parse("list", []byte(text), nil)
		if err != nil {
			problems, ok := errors.AsType[*allowlist.Problems](err)
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
			date, _ := allowlist.ParseDate("2026-12-01")
			list.Lint(date.Start())
			list.Explain("x", date.Start())
		}
	})
}
