package edit_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"guestlist/allowlist/edit"
	"guestlist/scanner/inventory"
)

// editsVariable names how many random edits are made; 10,000 take about a minute.
const editsVariable = "GUESTLIST_TEST_EDITS"

const usualEdits = 200

func editCount(t *testing.T) int {
	if count, err := strconv.Atoi(os.Getenv(editsVariable)); err == nil {
		t.Logf("%d edits", count)
		return count
	}
	return usualEdits
}

// commented is a list as people write one over the years: about lines lines long, in many styles.
func commented(random *rand.Rand, lines int, eol string) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(fmt.Sprintf(format, args...) + eol)
	}
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	line("# What we let in.")
	line("")
	line("version = 1 # of the format")
	line("[policy]")
	line("notice = %s", pick("'14d'", `"14d"`))
	for n := 0; strings.Count(b.String(), "\n") < lines; n++ {
		part := pick("allow", "allow", "allow", "deny")
		indent := pick("", "", "  ", "\t")
		for range random.IntN(3) {
			line("%s", pick("", "# of its own", "   # indented", "#", "# [[allow]]", "# id = 'not this'"))
		}
		line("[[%s]]%s", part, pick("", "", " # why"))
		line("%s%s %s \"id-%d\"%s", indent, pick("id", `"id"`, "'id'"), pick("=", " ="), n, pick("", " # the ID", "   "))
		line("%sreason = %s", indent, pick(`"It's for work"`, "'''\nFor\n[[allow]]\n# work'''", `"""a \`+eol+` b"""`, "'\"' # quoted"))
		if part == "deny" {
			continue
		}
		for range random.IntN(2) {
			line("%s", pick("# note", "", indent+"# expires = 2020-01-01"))
		}
		if random.IntN(2) == 0 {
			line("%sexpires=2026-0%d-11%s", indent, 1+random.IntN(9), pick("", " # soon"))
		}
		line("%spermissions = %s", indent, pick("[]", "['a',\"b\"]", "[ # all"+eol+"  'a', # one"+eol+eol+"'c'"+eol+"]", "['a',"+eol+"  'b']",
			"["+eol+"\t'a', 'b',"+eol+"\t# and"+eol+"\t'd' ,"+eol+"] # pinned"))
	}
	return b.String()
}

func decode(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var root map[string]any
	if _, err := toml.Decode(strings.TrimPrefix(string(text), "\uFEFF"), &root); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return root
}

// entriesOf are the entries of a part, in order.
func entriesOf(root map[string]any, part string) []map[string]any {
	list, _ := root[part].([]map[string]any)
	return list
}

// TestRandomEditsLeaveAllOtherBytesOfACommentedFileAlone makes one edit after the other in a file
// of 2,000 lines, and compares text and meaning before and after by means of their own.
func TestRandomEditsLeaveAllOtherBytesOfACommentedFileAlone(t *testing.T) {
	t.Parallel()
	for _, style := range []struct{ name, mark, eol string }{{"unix", "", "\n"}, {"windows", "\uFEFF", "\r\n"}} {
		t.Run(style.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(12, uint64(len(style.eol))))
			text := style.mark + commented(random, 2000, style.eol)
			doc := open(t, text)
			for n := range editCount(t) / 2 {
				before, old := string(doc.Bytes()), decode(t, doc.Bytes())
				what, header := randomEdit(t, random, doc, old, n)
				after := string(doc.Bytes())
				checkBytes(t, what, before, after, header)
				if t.Failed() {
					t.Fatalf("edit %d, %s", n, what)
				}
			}
			final := string(doc.Bytes())
			if err := doc.Format(); err != nil {
				t.Fatal(err)
			}
			formatted := string(doc.Bytes())
			if err := doc.Format(); err != nil || string(doc.Bytes()) != formatted {
				t.Errorf("formatting again changed something: %v", err)
			}
			if !reflect.DeepEqual(decode(t, []byte(final)), decode(t, []byte(formatted))) {
				t.Error("formatting changed what the file says")
			}
			if a, b := commentsOf(final), commentsOf(formatted); !slices.Equal(a, b) {
				t.Errorf("of %d comments %d were left", len(a), len(b))
			}
		})
	}
}

// randomEdit makes an edit, checks what the file then says, and returns what was done and the line
// of the entry's header, negative if the entry was removed.
func randomEdit(t *testing.T, random *rand.Rand, doc *edit.Document, old map[string]any, n int) (what string,
	header int) {
	t.Helper()
	allowed := entriesOf(old, "allow")
	at := edit.Place{Part: "allow", N: random.IntN(len(allowed))}
	line := doc.Line(at)
	entry := allowed[at.N]
	switch kind := random.IntN(6); kind {
	case 0:
		id := inventory.Untrusted(fmt.Sprintf("new-%d\"\n[[deny]]", n))
		if err := doc.Append(edit.Entry{Part: "allow", Comment: []inventory.Untrusted{"for " + id},
			Pairs: []edit.Pair{{Key: "id", Value: edit.Text(id)}, {Key: "reason", Value: edit.Text("Work")}, {Key: "permissions", Value: texts()}}}); err != nil {
			t.Fatal(err)
		}
		old["allow"] = append(allowed, map[string]any{"id": string(id), "reason": "Work", "permissions": []any{}})
		checkMeaning(t, old, doc)
		return "append", 0
	case 1:
		if len(allowed) < 10 {
			return "nothing", 0
		}
		if err := doc.Remove(at); err != nil {
			t.Fatal(err)
		}
		old["allow"] = slices.Delete(allowed, at.N, at.N+1)
		checkMeaning(t, old, doc)
		return "remove", -line
	case 2:
		if err := doc.Unset(at, "expires"); err != nil {
			t.Fatal(err)
		}
		delete(entry, "expires")
		what = "unset"
	case 3:
		day := fmt.Sprintf("2027-%02d-%02d", 1+random.IntN(12), 1+random.IntN(28))
		if err := doc.Set(at, "expires", edit.Day(day)); err != nil {
			t.Fatal(err)
		}
		entry["expires"] = decode(t, []byte("x = "+day))["x"]
		what = "set a day"
	case 4:
		reason := inventory.Untrusted(fmt.Sprintf("Because %d # \"x\" '''\u202e", n))
		if err := doc.Set(at, "reason", edit.Text(reason)); err != nil {
			t.Fatal(err)
		}
		entry["reason"] = string(reason)
		what = "set a text"
	default:
		var wanted []inventory.Untrusted
		for _, permission := range []inventory.Untrusted{"a", "b", "c", "d", "e"} {
			if random.IntN(2) == 0 {
				wanted = append(wanted, permission)
			}
		}
		if err := doc.Set(at, "permissions", edit.List(wanted)); err != nil {
			t.Fatal(err)
		}
		got, _ := entriesOf(decode(t, doc.Bytes()), "allow")[at.N]["permissions"].([]any)
		if len(got) != len(wanted) {
			t.Errorf("%v became %v, want %v", entry["permissions"], got, wanted)
		}
		for _, permission := range wanted {
			if !slices.Contains(got, any(string(permission))) {
				t.Errorf("%v became %v, want %v", entry["permissions"], got, wanted)
			}
		}
		entry["permissions"] = got
		what = "set a list"
	}
	checkMeaning(t, old, doc)
	return what, line
}

func checkMeaning(t *testing.T, want map[string]any, doc *edit.Document) {
	t.Helper()
	if got := decode(t, doc.Bytes()); !reflect.DeepEqual(want, got) {
		t.Error("the file says something else than it should")
	}
}

// checkBytes holds that only lines of the entry with that header line differ. A negative line is
// that of a removed entry, whose comments may go too.
func checkBytes(t *testing.T, what, before, after string, header int) {
	t.Helper()
	if what == "append" {
		if !strings.HasPrefix(after, strings.TrimRight(before, "\r\n")) {
			t.Error("something above was changed")
		}
		return
	}
	if what == "nothing" {
		return
	}
	a := strings.SplitAfter(before, "\n")
	from, to := max(header, -header)-1, max(header, -header)
	for to < len(a) && !isHeader(a, to) {
		to++
	}
	if header < 0 { // comments above, and empty lines around
		for from > 0 && (strings.HasPrefix(strings.TrimSpace(a[from-1]), "#") || strings.TrimSpace(a[from-1]) == "") {
			from--
		}
	}
	if !strings.HasPrefix(after, strings.Join(a[:from], "")) || !strings.HasSuffix(after, strings.Join(a[to:], "")) {
		t.Errorf("something else than the entry in lines %d to %d was changed", from+1, to)
	}
}

// isHeader reports whether line n is a header. The one within a text has "# work" below it.
func isHeader(lines []string, n int) bool {
	return strings.HasPrefix(lines[n], "[[") && !strings.HasPrefix(lines[n+1], "# work")
}

// commentsOf are the comments of a file, in any order.
func commentsOf(text string) []string {
	var comments []string
	for line := range strings.Lines(text) {
		if n := strings.IndexByte(line, '#'); n >= 0 {
			comments = append(comments, strings.TrimSpace(line[n:]))
		}
	}
	slices.Sort(comments)
	return comments
}
