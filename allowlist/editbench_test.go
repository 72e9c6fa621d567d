package allowlist_test

import (
	"fmt"
	"strings"
	"testing"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
)

// editedEntries is how many entries the list has.
const editedEntries = 10_000

func longList() []byte {
	var b strings.Builder
	b.WriteString("version = 1\n")
	for n := range editedEntries {
		fmt.Fprintf(&b, "\n# Number %d\n[[allow]]\nname = \"App %d\"\nkind = \"extension\"\nid = \"app-%d@acme.example\"\n"+
			"owner = \"it@acme.example\"\nreason = \"Work\" # why\napproved = 2026-11-01\npermissions = [\"storage\", \"tabs\"]\nhosts = []\n", n, n, n)
	}
	return []byte(b.String())
}

// BenchmarkEditOfALongList is an edit in a list of 10,000 entries as allow renew makes it, without
// the two times that the list is read to check it: see BenchmarkReadingALongList for those.
func BenchmarkEditOfALongList(b *testing.B) {
	text := longList()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		doc, err := allowlist.Open("allowlist.toml", text)
		if err == nil {
			err = doc.Set(edit.Place{Part: "allow", N: editedEntries / 2}, "approved", edit.Day("2026-11-25"))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadingALongList(b *testing.B) {
	text := longList()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := allowlist.Parse("allowlist.toml", text, nil); err != nil {
			b.Fatal(err)
		}
	}
}
