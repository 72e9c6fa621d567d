package strict_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

var words = strict.Words{
	Keys: map[string][]string{
		"":       {"version", "policy", "allow", "deny"},
		"policy": {"review_within", "notice", "strict"},
		"allow":  {"id", "kind", "expires", "access"},
		"access": {"permissions", "hosts"},
	},
	OtherNames: map[string]string{"scopes": "permissions", "app_id": "id"},
}

// read decodes a file and lets a test read from it; what was wrong is returned as lines without the
// file's name.
func read(text string, use func(file *strict.File, root *strict.Table)) []string {
	file := strict.File{Name: "file.toml", Words: &words}
	if root, ok := file.Decode([]byte(text), 1<<20); ok {
		use(&file, root)
	}
	return problemsOf(file.Err())
}

func problemsOf(err error) []string {
	found, ok := errors.AsType[*strict.Problems](err)
	if !ok {
		return nil
	}
	var lines []string
	for _, problem := range found.Problems {
		lines = append(lines, strings.TrimPrefix(problem.String(), "file.toml:"))
	}
	return lines
}

func TestWhatIsNotTOMLIsReportedWithItsLine(t *testing.T) {
	t.Parallel()
	const deep = 17
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"no-value": {"version = 1\n\nid =\n",
			[]string{"3: this is not TOML: expected value but found '\\n' instead"}},
		"a-key-twice":      {"id = 1\nid = 2\n", []string{"2: this is not TOML: Key 'id' has already been defined"}},
		"no-end-of-a-text": {"id = 'x", []string{"1: this is not TOML: unexpected EOF; expected \"'\""}},
		"not-utf-8": {"# one\n# two\nid = '\xff'\n",
			[]string{"3: the file is not UTF-8 (save the file as UTF-8)"}},
		"utf-16":             {"\xff\xfei\x00d\x00", []string{"1: the file is not UTF-8 (save the file as UTF-8)"}},
		"larger-than-it-may": {"#" + strings.Repeat("x", 1<<20), []string{"1: the file is larger than the limit of 1 MiB"}},
		"lists-in-lists": {"\nx = " + strings.Repeat("[", deep) + strings.Repeat("]", deep),
			[]string{"2: arrays and tables are nested more than 16 levels deep"}},
		"tables-in-tables": {"x = " + strings.Repeat("{a = ", deep) + "1" + strings.Repeat("}", deep),
			[]string{"1: arrays and tables are nested more than 16 levels deep"}},
		"as-deep-as-they-may":  {"x = " + strings.Repeat("[", deep-1) + strings.Repeat("]", deep-1), nil},
		"a-mark-in-front":      {"\xEF\xBB\xBFid = 'x'\n", nil},
		"nothing":              {"", nil},
		"lines-as-windows-has": {"id = 'x'\r\nkind = 'y'\r\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(test.text, func(*strict.File, *strict.Table) {})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAVersionIsANumberThatIsKnown(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		want       string
		understood bool
	}{
		"version = 2":   {"", true},
		"version = 1":   {"", true},
		"# nothing":     {"1: the file has no version (begin the file with version = 2)", true},
		"\nVersion = 1": {`1: the file has no version (did you mean "version"?)`, true},
		"\nversion='1'": {"2: version must be a number (write version = 2)", true},
		"version = 2.0": {"1: version must be a number (write version = 2)", true},
		"version = 0":   {"1: there is no version 0 (write version = 2)", true},
		"version = -1":  {"1: there is no version -1 (write version = 2)", true},
		"version = 3":   {"1: version 3 is newer than this version of guestlist supports (2) (update guestlist)", false},
	} {
		got := read(text, func(file *strict.File, root *strict.Table) {
			if understood := file.Version(root, 2); understood != test.understood {
				t.Errorf("%q is understood: %t", text, understood)
			}
		})
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%q gives %q, want %q", text, got, test.want)
		}
	}
}

func TestAKeyThatIsNotKnownIsReportedWhereverItIs(t *testing.T) {
	t.Parallel()
	const text = `version = 1
alow = 1
[policy]
review_witin = 1
Notice = 2
color = "red"
[[allow]]
app_id = "x"
[[allow]]
id = "y"
access = { scopes = [], host = [] }
"\u001b[2J" = 1
[deny]
`
	got := read(text, func(_ *strict.File, root *strict.Table) {
		root.CheckKeys("")
		policy, _ := root.Table("policy")
		policy.CheckKeys("policy")
		for _, entry := range root.Tables("allow") {
			entry.CheckKeys("allow")
			if access, found := entry.Table("access"); found {
				access.CheckKeys("access")
			}
		}
	})
	want := []string{
		`2: the file has no key "alow" (did you mean "allow"?)`,
		`4: [policy] has no key "review_witin" (did you mean "review_within"?)`,
		`5: [policy] has no key "Notice" (did you mean "notice"?)`,
		`6: [policy] has no key "color"`,
		`8: [[allow]] has no key "app_id" (did you mean "id"?)`,
		`11: access has no key "host" (did you mean "hosts"?)`,
		`11: access has no key "scopes" (did you mean "permissions"?)`,
		`12: [[allow]] has no key "\\u{001B}[2J"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// readers reads the key x in every way that there is.
var readers = map[string]func(*strict.Table) any{
	"text":    func(table *strict.Table) any { return table.Text("x") },
	"list":    func(table *strict.Table) any { list, _ := table.List("x"); return list },
	"texts":   func(table *strict.Table) any { return table.Texts("x") },
	"boolean": func(table *strict.Table) any { return table.Boolean("x") },
	"number":  func(table *strict.Table) any { return table.Number("x", 1, 9) },
	"tables":  func(table *strict.Table) any { return len(table.Tables("x")) },
	"table":   func(table *strict.Table) any { _, found := table.Table("x"); return found },
}

type texts = []inventory.Untrusted

func TestAValueIsReadAsWhatItIsAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, reader string
		value        any
		want         []string
	}{
		"a-text":  {`x = "one"`, "text", inventory.Untrusted("one"), nil},
		"no-text": {"", "text", inventory.Untrusted(""), nil},
		"a-number-as-a-text": {"\nx = 1", "text", inventory.Untrusted(""),
			[]string{"2: x must be a string (put it in quotes)"}},
		"a-date-as-a-text": {"x = 2026-11-23", "text", inventory.Untrusted(""),
			[]string{"1: x must be a string (put it in quotes)"}},
		"an-empty-text": {"x = ''", "text", inventory.Untrusted(""),
			[]string{"1: x is empty (fill it in or remove it)"}},
		"a-text-with-a-space": {"x = 'one '", "text", inventory.Untrusted("one "),
			[]string{`1: x begins or ends with a space: "one " (remove the spaces)`}},
		"a-text-with-an-escape": {`x = " \u001b[2J"`, "text", inventory.Untrusted(" \x1b[2J"),
			[]string{`1: x begins or ends with a space: " \\u{001B}[2J" (remove the spaces)`}},
		"a-list":        {`x = ["b", "a"]`, "list", texts{"b", "a"}, nil},
		"an-empty-list": {"x = []", "list", texts{}, nil},
		"no-list":       {"", "list", texts(nil), nil},
		"a-text-as-a-list": {`x = "one"`, "list", texts(nil),
			[]string{`1: x must be a list of strings (write x = ["one"])`}},
		"a-number-as-a-list": {"x = 1", "list", texts(nil),
			[]string{"1: x must be a list of strings (put it in brackets)"}},
		"a-list-with-a-number": {"x = [\n'a',\n1,\n2]", "list", texts{"a", "", ""},
			[]string{"3: x must be a list of strings (put it in quotes)", "4: x must be a list of strings (put it in quotes)"}},
		"a-list-with-one-twice": {"x = [\n'a',\n'b',\n'a',\n'']", "list", texts{"a", "b", "a", ""},
			[]string{`4: x lists "a" twice`, "5: x is empty (fill it in or remove it)"}},
		"texts-of-one":           {`x = "one"`, "texts", texts{"one"}, nil},
		"texts-of-a-list":        {"x = ['b', 'a']", "texts", texts{"b", "a"}, nil},
		"no-texts":               {"", "texts", texts(nil), nil},
		"texts-of-an-empty-one":  {"x = ''", "texts", texts(nil), []string{"1: x is empty (fill it in or remove it)"}},
		"texts-of-a-table":       {"[x]", "texts", texts(nil), []string{"1: x must be a string (put it in quotes)"}},
		"true":                   {"x = true", "boolean", true, nil},
		"false":                  {"x = false", "boolean", false, nil},
		"neither-true-nor-false": {"", "boolean", false, nil},
		"true-in-quotes": {"x = 'true'", "boolean", false,
			[]string{"1: x must be true or false (write true or false, without quotes)"}},
		"one-as-true": {"x = 1", "boolean", false,
			[]string{"1: x must be true or false (write true or false, without quotes)"}},
		"a-number":       {"x = 9", "number", int64(9), nil},
		"no-number":      {"", "number", int64(0), nil},
		"a-number-below": {"x = 0", "number", int64(0), []string{"1: x must be between 1 and 9, is 0"}},
		"a-number-above": {"x = 0xA", "number", int64(0), []string{"1: x must be between 1 and 9, is 10"}},
		"a-number-in-quotes": {"x = '3'", "number", int64(0),
			[]string{"1: x must be a whole number (write it without quotes)"}},
		"a-number-with-a-fraction": {"x = 3.0", "number", int64(0),
			[]string{"1: x must be a whole number (write it without quotes)"}},
		"tables":            {"[[x]]\n[[x]]", "tables", 2, nil},
		"tables-in-a-line":  {"x = [{a = 1}, {}]", "tables", 2, nil},
		"no-tables":         {"", "tables", 0, nil},
		"tables-of-no-list": {"x = 1", "tables", 0, []string{"1: x must be a list of tables (write [[x]])"}},
		"tables-of-a-table": {"[x]", "tables", 0, []string{"1: x must be a list of tables (write [[x]])"}},
		"tables-with-a-text": {"x = [{},\n'a',\n{}]", "tables", 1,
			[]string{"2: x must be a list of tables (write [[x]])"}},
		"a-table":           {"[x]", "table", true, nil},
		"a-table-in-a-line": {"x = {}", "table", true, nil},
		"no-table":          {"", "table", false, nil},
		"a-text-as-a-table": {"x = 'a'", "table", false, []string{"1: x must be a table (write [x])"}},
		"tables-as-a-table": {"[[x]]", "table", false, []string{"1: x must be a table (write [x])"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(test.text, func(_ *strict.File, root *strict.Table) {
				if diff := cmp.Diff(test.value, readers[test.reader](root)); diff != "" {
					t.Errorf("the value (-want +got)\n%s", diff)
				}
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the problems (-want +got)\n%s", diff)
			}
		})
	}
}

func TestATableInsideAnotherIsAskedForInItsLine(t *testing.T) {
	t.Parallel()
	got := read("[[allow]]\nid = 'x'\naccess = 1\n", func(_ *strict.File, root *strict.Table) {
		for _, entry := range root.Tables("allow") {
			entry.Table("access")
		}
	})
	if diff := cmp.Diff([]string{"3: access must be a table (write access = { … })"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAPlaceIsFoundByItsKeys(t *testing.T) {
	t.Parallel()
	const text = "version = 1\n[[allow]]\nid = [\n'a',\n'b']\nkind = 'x'\n"
	read(text, func(file *strict.File, root *strict.Table) {
		entry := root.Tables("allow")[0]
		got := map[string]int{
			"own": entry.Own(), "id": entry.Line("id"), "the second ID": entry.LineOf("id", 1),
			"a key that is not there": entry.Line("none"),
			"an ID that is not there": entry.LineOf("id", 7),
			"by its path":             file.LineAt(strict.Join(strict.Join("allow", strict.Element(0)), "kind")),
		}
		want := map[string]int{"own": 2, "id": 3, "the second ID": 5, "a key that is not there": 2,
			"an ID that is not there": 3, "by its path": 6}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"id": 3, "kind": 6}, entry.KeyLines()); diff != "" {
			t.Errorf("the lines of all keys (-want +got)\n%s", diff)
		}
		if !entry.Has("id") || entry.Has("none") || !entry.IsList("id") || entry.IsList("kind") || entry.IsList("none") {
			t.Error("what the table has, or what is a list, is not said")
		}
	})
}

func TestProblemsAreInTheOrderOfTheFileAndInsideIt(t *testing.T) {
	t.Parallel()
	got := read("x = 1\ny = 2\n", func(file *strict.File, _ *strict.Table) {
		file.Report(2, "", "second %q", "of two")
		file.Report(1, "do so", "first")
		file.Report(99, "", "after the end")
		file.Report(-1, "", "before the beginning")
	})
	want := []string{"1: first (do so)", "1: before the beginning", `2: second "of two"`, "2: after the end"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAFileThatWasNeverReadStillHasLines(t *testing.T) {
	t.Parallel()
	file := strict.File{Name: "file.toml", Words: &words}
	if err := file.Err(); err != nil {
		t.Errorf("nothing was reported, and the error is %v", err)
	}
	file.Report(7, "", "reported without reading")
	if diff := cmp.Diff([]string{"7: reported without reading"}, problemsOf(file.Err())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestProblemsOfSeveralFilesAreInTheOrderOfTheirNames(t *testing.T) {
	t.Parallel()
	at := func(file inventory.Untrusted, line int) strict.Problem {
		return strict.Problem{Position: strict.Position{File: file, Line: line}, Message: "wrong"}
	}
	problems := &strict.Problems{Problems: []strict.Problem{at("b", 1), at("a", 2), at("a", 1)}}
	strict.Sort(problems.Problems)
	if want := "a:1: wrong\na:2: wrong\nb:1: wrong"; problems.Error() != want {
		t.Errorf("got %q, want %q", problems, want)
	}
	if nowhere := (strict.Position{}).String(); nowhere != "" {
		t.Errorf("nowhere is called %q", nowhere)
	}
}

func TestTheWordThatWasMeantIsTheNearest(t *testing.T) {
	t.Parallel()
	known := []string{"extension", "oauth-grant", "app-password", "app-permission", "key"}
	for written, want := range map[string]string{
		"extension": "extension", "EXTENSION": "extension", "extention": "extension", "extnesion": "extension",
		"extensions": "extension",
		"oauth":      "oauth-grant", "oa": "", "app-": "", "app-p": "", "app-pa": "app-password",
		"keys": "key", "kye": "key", "kex": "key", "lock": "", "": "",
		"extensionextensionextension": "",
	} {
		if got := strict.Nearest(written, known); got != want {
			t.Errorf("%q is taken for %q, want %q", written, got, want)
		}
	}
}

func TestAWordThatPeopleWriteForAKeyIsThatKeyWhereItIsKnown(t *testing.T) {
	t.Parallel()
	file := strict.File{Words: &words}
	for _, test := range []struct {
		written string
		known   []string
		want    string
	}{
		{"Scopes", []string{"hosts", "permissions"}, `did you mean "permissions"?`},
		{"scopes", []string{"hosts", "id"}, "one of hosts, id"},
		{"host", []string{"hosts", "id"}, `did you mean "hosts"?`},
	} {
		if got := file.SuggestOrList(test.written, test.known); got != test.want {
			t.Errorf("%q among %q: %s, want %s", test.written, test.known, got, test.want)
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, strict.NamesOf([]inventory.Untrusted{"a", "b"})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
