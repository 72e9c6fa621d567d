package edit_test

import (
	"reflect"
	"strings"
	"testing"

	"guestlist/allowlist/edit"
	"guestlist/scanner/inventory"
)

// FuzzEdit: never a panic; what an edit does not refuse has exactly the effect that was asked for,
// and formatting twice is formatting once.
func FuzzEdit(f *testing.F) {
	for _, seed := range []string{
		"[[allow]]\nid='x' # y\nlist = [ # a\n'b', 'c',\n # d\n 'e' ] #\n# f\n\n[[deny]]\n",
		"[[allow]]\r\n\"\\u0069d\" = '''\r\n[[allow]]\r\n# x'''\r\n\r\n[[allow]] # z\r\na.b = 1",
		"\xEF\xBB\xBFallow = [{id = 'x', list = [\n]}]\n", "[[allow]]\nlist = [[1], {a = 2}, '']\n[allow.x]\n[[allow.y]]\n",
		"[[ 'allow' ]]\nlist=[\n# only\n]\nid = \"\"\"\\\n  \"\"\"", "#:schema x\n# y\n[[allow]]\nlist = 'a'\n\t# z",
	} {
		f.Add(seed, "a\"\n[[allow]]\nid = 'z'", "b # c")
	}
	f.Fuzz(func(t *testing.T, text, value, comment string) {
		doc, err := edit.Open("list.toml", []byte(text), keys)
		if err != nil {
			return
		}
		at := edit.Place{Part: "allow", N: 0}
		for name, do := range map[string]func(*edit.Document) error{
			"set":     func(d *edit.Document) error { return d.Set(at, "id", edit.Text(inventory.Untrusted(value))) },
			"set day": func(d *edit.Document) error { return d.Set(at, "expires", edit.Day("2027-01-01")) },
			"set list": func(d *edit.Document) error {
				return d.Set(at, "list", texts("b", inventory.Untrusted(value)))
			},
			"unset":  func(d *edit.Document) error { return d.Unset(at, "id") },
			"remove": func(d *edit.Document) error { return d.Remove(at) },
			"append": func(d *edit.Document) error {
				return d.Append(edit.Entry{Part: "allow", Comment: []inventory.Untrusted{inventory.Untrusted(comment)},
					Pairs: []edit.Pair{{Key: "id", Value: edit.Text(inventory.Untrusted(value))}}})
			},
		} {
			doc, err := edit.Open("list.toml", []byte(text), keys)
			if err != nil {
				t.Fatal(err)
			}
			if err := do(doc); err != nil {
				if string(doc.Bytes()) != text {
					t.Errorf("%s was refused and changed the text", name)
				}
				continue
			}
			was, is := entriesOf(decode(t, []byte(text)), "allow"), entriesOf(decode(t, doc.Bytes()), "allow")
			switch {
			case name == "append" && len(is) != len(was)+1, name == "remove" && len(is) != len(was)-1,
				name != "append" && name != "remove" && len(is) != len(was):
				t.Errorf("%s: %d entries became %d", name, len(was), len(is))
			case name == "set" && is[0]["id"] != edited(value), name == "append" && is[len(was)]["id"] != edited(value):
				t.Errorf("%s: %v", name, is)
			}
		}
		if err := doc.Format(); err != nil {
			t.Fatalf("formatting %q: %v", text, err)
		}
		formatted := string(doc.Bytes())
		if !reflect.DeepEqual(decode(t, []byte(text)), decode(t, doc.Bytes())) {
			t.Errorf("formatting %q changed what it says: %q", text, formatted)
		}
		if err := doc.Format(); err != nil || string(doc.Bytes()) != formatted {
			t.Errorf("%q was formatted to %q and then to %q: %v", text, formatted, doc.Bytes(), err)
		}
	})
}

// edited is a text as a file can hold it.
func edited(value string) any { return strings.ToValidUTF8(value, "\uFFFD") }
