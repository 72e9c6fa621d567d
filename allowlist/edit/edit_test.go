package edit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist/edit"
	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

var keys = map[string][]string{
	"":      {"version", "policy", "allow", "deny"},
	"allow": {"name", "kind", "id", "owner", "reason", "approved", "expires", "permissions", "hosts"},
	"deny":  {"name", "id", "reason"},
}

func open(t testing.TB, text string) *edit.Document {
	t.Helper()
	doc, err := edit.Open("list.toml", []byte(text), keys)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func find(t testing.TB, doc *edit.Document, part string, line int) edit.Place {
	t.Helper()
	at, err := doc.Find(part, line)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func texts(list ...inventory.Untrusted) edit.Value { return edit.List(list) }

const long = "a-permission-whose-name-takes-many-characters-so-that-the-list-needs-several-lines"

func TestSetChangesOneValueAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string // of the entry, whose header is in line 1
		key   string
		value edit.Value
		want  string
	}{
		"in-its-place": {"[[allow]]\nowner='a' # who\nid = 'x'\n", "owner", edit.Text("b"),
			"[[allow]]\nowner=\"b\" # who\nid = 'x'\n"},
		"a-date": {"[[allow]]\n  approved  =\t2025-01-01\t# then\n", "approved", edit.Day("2026-11-25"),
			"[[allow]]\n  approved  =\t2026-11-25\t# then\n"},
		"a-quoted-key": {"[[allow]]\n\"ow\\u006eer\" = 'a'\n", "owner", edit.Text("b"),
			"[[allow]]\n\"ow\\u006eer\" = \"b\"\n"},
		"a-text-over-lines": {"[[allow]]\nreason = \"\"\"\nFor # work\n[[deny]]\n\"\"\" # why\nid = 'x'\n", "reason",
			edit.Text("Notes"), "[[allow]]\nreason = \"Notes\" # why\nid = 'x'\n"},
		"a-new-key-in-order": {"[[allow]]\nid = 'x' # the ID\n# since when\npermissions = []\n", "expires",
			edit.Day("2027-01-01"), "[[allow]]\nid = 'x' # the ID\nexpires = 2027-01-01\n# since when\npermissions = []\n"},
		"a-new-key-before-all": {"[[allow]]\n\tid = 'x'\n", "name", edit.Text("X"), "[[allow]]\n\tname = \"X\"\n\tid = 'x'\n"},
		"a-new-key-at-the-end": {"[[allow]]\nid = 'x'", "hosts", texts(), "[[allow]]\nid = 'x'\nhosts = []"},
		"line-ends-of-windows": {"[[allow]]\r\nid = 'x'\r\n", "owner", edit.Text("b"),
			"[[allow]]\r\nid = 'x'\r\nowner = \"b\"\r\n"},
		"with-a-byte-order-mark": {"\xEF\xBB\xBF[[allow]]\nid = 'x'\n", "owner", edit.Text("b"),
			"\xEF\xBB\xBF[[allow]]\nid = 'x'\nowner = \"b\"\n"},
		"an-empty-entry": {"[[allow]] # none", "id", edit.Text("x"), "[[allow]] # none\nid = \"x\""},
		"one-more-in-a-list": {"[[allow]]\npermissions = ['b', \"a\"] # all\n", "permissions", texts("a", "b", "c"),
			"[[allow]]\npermissions = ['b', \"a\", \"c\"] # all\n"},
		"one-less-in-a-list": {"[[allow]]\npermissions = ['b', \"a\"]\n", "permissions", texts("a"),
			"[[allow]]\npermissions = [\"a\"]\n"},
		"a-list-that-grows-long": {"[[allow]]\npermissions = ['b']\n", "permissions", texts("b", long, long+"2"),
			"[[allow]]\npermissions = [\n  'b',\n  \"" + long + "\",\n  \"" + long + "2\",\n]\n"},
		"a-list-with-comments": {"[[allow]]\npermissions = [ # all\n\t'a', # first\n\t'b', # second\n\t'c' # third\n] # end\n",
			"permissions", texts("a", "c", "d"),
			"[[allow]]\npermissions = [ # all\n\t'a', # first\n\t'c', # third\n\t\"d\",\n] # end\n"},
		"a-list-whose-last-goes": {"[[allow]]\npermissions = [\n  'a',\n  'b'\n]\n", "permissions", texts("a"),
			"[[allow]]\npermissions = [\n  'a',\n]\n"},
		"a-list-whose-last-is-replaced": {"[[allow]]\npermissions = [\n  'a',\n  'b', # old\n]\n", "permissions", texts("a", "c"),
			"[[allow]]\npermissions = [\n  'a',\n  \"c\",\n]\n"},
		"a-list-with-its-bracket-behind": {"[[allow]]\npermissions = ['a', # one\n  'b']\n", "permissions", texts("a", "b", "c"),
			"[[allow]]\npermissions = ['a', # one\n  'b', \"c\"]\n"},
		"two-on-a-line": {"[[allow]]\npermissions = [\n  'a', 'b', # both\n  'c',\n]\n", "permissions", texts("b", "c"),
			"[[allow]]\npermissions = [\n  'b', # both\n  'c',\n]\n"},
		"a-list-of-comments": {"[[allow]]\npermissions = [ # none\n  # yet\n  ] # end\n", "permissions", texts("a"),
			"[[allow]]\npermissions = [ # none\n  # yet\n  \"a\",\n] # end\n"},
		"a-list-whose-only-one-goes": {"[[allow]]\npermissions = [ # all\n  'b' ]\n", "permissions", texts("a"),
			"[[allow]]\npermissions = [ # all\n  \"a\",\n]\n"},
		"the-same-list": {"[[allow]]\npermissions = [ 'b' ,'a' ]\n", "permissions", texts("a", "b"),
			"[[allow]]\npermissions = [ 'b' ,'a' ]\n"},
		"an-ID-that-becomes-a-list": {"[[allow]]\nid = 'x' # one\n", "id", texts("x", "y"),
			"[[allow]]\nid = [\"x\", \"y\"] # one\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eol := "\n"
			if strings.Contains(test.text, "\r\n") {
				eol = "\r\n"
			}
			doc := open(t, test.text)
			if err := doc.Set(find(t, doc, "allow", 1), test.key, test.value); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(doc.Bytes())); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if strings.HasSuffix(test.text, eol) { // the same with another entry behind it
				const other = "# next\n[[deny]]\nid = 'y' # no\n"
				doc := open(t, test.text+other)
				if err := doc.Set(find(t, doc, "allow", 1), test.key, test.value); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want+other, string(doc.Bytes())); diff != "" {
					t.Errorf("with an entry behind it (-want +got)\n%s", diff)
				}
			}
		})
	}
}

func TestUnsetRemovesAKeyAndKeepsWhatWasSaidBehindIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"a-line":          {"[[allow]]\nid = 'x'\nexpires = 2027-01-01\nhosts = []\n", "[[allow]]\nid = 'x'\nhosts = []\n"},
		"with-a-comment":  {"[[allow]]\n  expires = 2027-01-01  # see 12\nid = 'x'\n", "[[allow]]\n  # see 12\nid = 'x'\n"},
		"that-is-not-set": {"[[allow]]\nid = 'x'\n", "[[allow]]\nid = 'x'\n"},
		"at-the-end":      {"[[allow]]\nid = 'x'\nexpires = 2027-01-01", "[[allow]]\nid = 'x'\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, test.text)
			if err := doc.Unset(find(t, doc, "allow", 1), "expires"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(doc.Bytes())); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRemoveTakesAnEntryWithItsOwnComments(t *testing.T) {
	t.Parallel()
	const before, after = "version = 1\n\n[[allow]]\nid = 'a' # stays\n", "# the next\n[[deny]]\nid = 'c'\n"
	for name, test := range map[string]struct{ text, want string }{
		"between-others": {before + "\n# mine\n# and mine\n[[allow]] # mine\nid = 'b'\n# mine too\n\n" + after,
			before + "\n" + after},
		"without-empty-lines":         {before + "# mine\n[[allow]]\nid = 'b'\n" + after, before + after},
		"with-a-comment-that-is-free": {before + "\n# of all\n\n[[allow]]\nid = 'b'\n\n" + after, before + "\n# of all\n\n" + after},
		"the-last":                    {before + "\n\n# mine\n[[allow]]\nid = 'b'\n\n", before},
		"the-last-without-a-line-end": {before + "\n[[allow]]\nid = 'b'", before},
		"with-a-list-over-lines":      {before + "\n[[allow]]\nid = [\n'b',\n# and\n'd'] # end\n\n" + after, before + "\n" + after},
	} {
		for _, eol := range []string{"\n", "\r\n"} {
			t.Run(name+strings.Trim(eol, "\n"), func(t *testing.T) {
				t.Parallel()
				doc := open(t, strings.ReplaceAll(test.text, "\n", eol))
				if err := doc.Remove(edit.Place{Part: "allow", N: 1}); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(strings.ReplaceAll(test.want, "\n", eol), string(doc.Bytes())); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
	doc := open(t, "#:schema x\n# mine\n[[allow]]\nid = 'x'\n")
	if err := doc.Remove(edit.Place{Part: "allow", N: 0}); err != nil {
		t.Fatal(err)
	}
	if got := string(doc.Bytes()); got != "#:schema x\n" {
		t.Errorf("the only entry: %q is left", got)
	}
}

func TestAppendAddsEntriesBelowWhatIsThere(t *testing.T) {
	t.Parallel()
	entry := edit.Entry{Part: "deny", Comment: []inventory.Untrusted{"It sells\ndata", ""},
		Pairs: []edit.Pair{{Key: "id", Value: edit.Text("x")}, {Key: "reason", Value: edit.Text("Sells \"data\"\n[[allow]]")}}}
	const added = "# It sells\\u{000A}data\n#\n[[deny]]\nid = \"x\"\nreason = \"Sells \\\"data\\\"\\n[[allow]]\"\n"
	for text, want := range map[string]string{
		"":                           added,
		"version = 1":                "version = 1\n\n" + added,
		"version = 1\n\n":            "version = 1\n\n" + added,
		"[[allow]]\nid = 'x' # last": "[[allow]]\nid = 'x' # last\n\n" + added,
		"version = 1\r\n":            "version = 1\r\n\r\n" + strings.ReplaceAll(added, "\n", "\r\n"),
	} {
		doc := open(t, text)
		if err := doc.Append(entry); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(doc.Bytes())); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

func TestWhatCannotBeEditedIsRefusedWithItsLineAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		line int
		want string
	}{
		"an-inline-table": {"version = 1\nallow = [{id = 'x'}]\n", 2,
			"list.toml:2: only an entry that begins with [[allow]] can be edited (write it as [[allow]])"},
		"another-line": {"\n[[allow]]\nid = 'x'\n", 3,
			"list.toml:3: only an entry that begins with [[allow]] can be edited (write it as [[allow]])"},
		"a-key-with-a-dot": {"[[allow]]\nid = 'x'\nowner.name = 'y'\n", 1,
			"list.toml:3: owner is written with a dot (edit it by hand)"},
		"a-table-below": {"[[allow]]\nid = 'x'\n[allow.owner]\nname = 'y'\n", 1,
			"list.toml:3: the entry at line 1 has a table of its own here (edit it by hand)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, test.text)
			at, err := doc.Find("allow", test.line)
			if err == nil {
				err = doc.Set(at, "owner", edit.Text("z"))
			}
			if problems := (*strict.Problems)(nil); !errors.As(err, &problems) || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
			if string(doc.Bytes()) != test.text {
				t.Errorf("the text became %q", doc.Bytes())
			}
		})
	}
	for text, want := range map[string]string{
		"allow = [":            "list.toml:1: this is not TOML: ",
		"\xff":                 "list.toml:1: the file is not UTF-8 (save the file as UTF-8)",
		"a = 1\nallow = []\n":  "list.toml:2: allow is not a list of tables (write its entries as [[allow]])",
		"[allow]\nid = 'x'\n":  "list.toml:1: allow is not a list of tables (write its entries as [[allow]])",
		"allow = [{id='x'}]\n": "list.toml:1: allow is not a list of tables (write its entries as [[allow]])",
	} {
		doc, err := edit.Open("list.toml", []byte(text), keys)
		if err == nil {
			err = doc.Append(edit.Entry{Part: "allow", Pairs: []edit.Pair{{Key: "id", Value: edit.Text("y")}}})
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestFormatSpacesEvenlyAndKeepsCommentsAndOrder(t *testing.T) {
	t.Parallel()
	const text = "\xEF\xBB\xBF#:schema list.schema.json\n# What we let in\n\n\n\nversion=1   # the format\n" +
		"[ policy ]\n\tnotice   = '14d'\n# Browsers\n[[ allow ]]  # the first\n\n  permissions = [ 'b','a' , \"c\" ]   # pinned\n" +
		"  # who answers\n  owner='it@acme.example'\n\n  id = 'x'\n  hosts = [ # all\n      'https://*.acme.example/*',   # ours\n\n" +
		"\t# and\n  'https://x.example/*'   ]\n  reason = \"\"\"\n  as   it is  \n\"\"\"\n  # expires = 2027-01-01\n\n\n# free\n\n" +
		"[[deny]]\nreason = 'no'\nid='y'\nother = 1\n[[allow]]\nid='z'"
	const want = "\xEF\xBB\xBF#:schema list.schema.json\n# What we let in\n\nversion = 1   # the format\n" +
		"\n[policy]\nnotice = '14d'\n\n# Browsers\n[[allow]]  # the first\nid = 'x'\n# who answers\nowner = 'it@acme.example'\n" +
		"reason = \"\"\"\n  as   it is  \n\"\"\"\npermissions = ['b', 'a', \"c\"]   # pinned\n" +
		"hosts = [ # all\n  'https://*.acme.example/*',   # ours\n\n  # and\n  'https://x.example/*'   ]\n" +
		"# expires = 2027-01-01\n\n# free\n\n" +
		"[[deny]]\nid = 'y'\nreason = 'no'\nother = 1\n\n[[allow]]\nid = 'z'\n"
	for _, eol := range []string{"\n", "\r\n"} {
		doc := open(t, strings.ReplaceAll(text, "\n", eol))
		for range 2 { // formatting again changes nothing
			if err := doc.Format(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(want, "\n", eol), string(doc.Bytes())); diff != "" {
				t.Fatalf("(-want +got)\n%s", diff)
			}
		}
	}
	for _, empty := range []string{"", "\n\n"} {
		doc := open(t, empty)
		if err := doc.Format(); err != nil || len(doc.Bytes()) > 0 {
			t.Errorf("an empty file became %q: %v", doc.Bytes(), err)
		}
	}
}
