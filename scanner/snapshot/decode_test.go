package snapshot

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
)

// checkDecoder looks that what the decoder can read is what json reads.
func checkDecoder(t *testing.T, d *itemDecoder, line []byte) (read bool) {
	t.Helper()
	var got inventory.Item
	if !d.decode(line, &got) {
		return false
	}
	var want frame
	if err := json.Unmarshal(line, &want, encoding); err != nil || want.Item == nil {
		t.Fatalf("the decoder reads a line that is no item: %v\n%s", err, line)
	}
	if diff := cmp.Diff(*want.Item, got); diff != "" {
		t.Errorf("%s\n(-want +got)\n%s", line, diff)
	}
	return true
}

func TestAnItemIsReadAsTheLineSays(t *testing.T) {
	t.Parallel()
	items := oddItems()
	for name, item := range items {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := appendItem(nil, &item)
			d := new(itemDecoder)
			if read := checkDecoder(t, d, line); read == bytes.ContainsRune(line, '\\') {
				t.Errorf("read without the slow way: %t\n%s", read, line)
			}
			checkDecoder(t, d, line) // with what it remembers
		})
	}
	d := new(itemDecoder)
	for _, name := range slices.Sorted(maps.Keys(items)) {
		item := items[name]
		checkDecoder(t, d, appendItem(nil, &item)) // with what it remembers of others
	}
}

func TestLinesThatNoWriterWritesAreLeftToJSON(t *testing.T) {
	t.Parallel()
	const line = `{"item":{"source":{"provider":"github","name":"acme"},"kind":"oauth-grant","app":{"id":"1"},` +
		`"holder":{"account":"it"},"access":{"permissions":["a","b"],"hosts":[]},"state":"enabled",` +
		`"marks":[{"class":"note","name":"native"}],"added":"2026-01-02T03:04:05Z","facts":{"a":"1","b":"2"}}}`
	if !checkDecoder(t, new(itemDecoder), []byte(line)) {
		t.Fatal("the line itself is not read")
	}
	for name, change := range map[string][2]string{
		"space":            {`,"kind"`, `, "kind"`},
		"other-order":      {`"provider":"github","name":"acme"`, `"name":"acme","provider":"github"`},
		"unknown-member":   {`"state"`, `"new":{"a":[1]},"state"`},
		"unknown-at-end":   {`"facts"`, `"zoo":1,"facts"`},
		"twice":            {`"kind":"oauth-grant"`, `"kind":"oauth-grant","kind":"oauth-grant"`},
		"fact-twice":       {`"b":"2"`, `"a":"2"`},
		"null-list":        {`["a","b"]`, `null`},
		"null-in-a-list":   {`["a","b"]`, `["a",null]`},
		"number":           {`"id":"1"`, `"id":1`},
		"nested":           {`["a","b"]`, `[["a"]]`},
		"escape":           {`"acme"`, `"ac\u006de"`},
		"invalid-text":     {`"acme"`, "\"ac\xe2me\""},
		"control":          {`"acme"`, "\"ac\x01me\""},
		"time-with-offset": {`05Z`, `05+01:00`},
		"time-with-comma":  {`05Z`, `05,5Z`},
		"short-hour":       {`T03`, `T3`},
		"no-such-day":      {`2026-01-02`, `2026-02-30`},
		"cut":              {`}}}`, `}}`},
		"more":             {`}}}`, `}}} `},
		"comma-first":      {`{"account"`, `{,"account"`},
		"no-comma":         {`"it"}`, `"it""unit":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := bytes.Replace([]byte(line), []byte(change[0]), []byte(change[1]), 1)
			if string(changed) == line {
				t.Fatal("nothing was changed")
			}
			if read := checkDecoder(t, new(itemDecoder), changed); read && name != "null-in-a-list" {
				t.Errorf("read:\n%s", changed)
			}
		})
	}
}

func TestWhatItemsShareIsNotWrittenToByAppending(t *testing.T) {
	t.Parallel()
	item := inventory.Item{Access: inventory.Access{Permissions: []inventory.Untrusted{"a", "b", "c"},
		Hosts: []inventory.Untrusted{}}}
	item.Mark(inventory.MarkNote, "one", "")
	item.Mark(inventory.MarkNote, "two", "")
	item.Mark(inventory.MarkNote, "three", "")
	line := appendItem(nil, &item)
	var first, second inventory.Item
	d := new(itemDecoder)
	if !d.decode(line, &first) || !d.decode(line, &second) {
		t.Fatal("not read")
	}
	_ = append(first.Access.Permissions, "d")
	first.Mark(inventory.MarkNote, "four", "")
	if got := append(second.Access.Permissions, "e"); got[3] != "e" || len(second.Marks) != 3 || cap(second.Marks) != 3 {
		t.Errorf("%v, %v", got, second.Marks)
	}
}

// FuzzDecodeItem: whatever the decoder reads, json reads the same.
func FuzzDecodeItem(f *testing.F) {
	for _, item := range oddItems() {
		f.Add(appendItem(nil, &item))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		d := new(itemDecoder)
		checkDecoder(t, d, line)
		checkDecoder(t, d, line)
	})
}
