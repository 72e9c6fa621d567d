package firefox

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

// The store under testdata/real/nightly-grants was written by Firefox ESR 153 after its switch to
// the store of Nightly; entries of the browser's own add-ons were taken out.
const realGrantStore = "testdata/real/nightly-grants/data.safe.bin"

func TestGrantsOfNightly(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(realGrantStore)
	if err != nil {
		t.Fatal(err)
	}
	grants, faults, err := parseGrantStore(data)
	if err != nil || len(faults) > 0 {
		t.Fatalf("parsing: %v %v", err, faults)
	}
	loc := grants["loc@acme.example"]
	if !slices.Equal(loc.Permissions, []string{"history", "bookmarks"}) ||
		!slices.Equal(loc.Origins, []string{"https://a.opt.example/*", "https://b.opt.example/*"}) {
		t.Errorf("granted %+v", loc)
	}
	if _, ok := grants["_version"]; ok || len(grants) != 3 {
		t.Errorf("grants of %d add-ons, want 3: %v", len(grants), grants)
	}
}

func TestGrantsOfBothStoresCount(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+grantsFile, `{"`+someID+`":{"permissions":["history"],"origins":[]}}`)
	h.write(profileDir+grantStore, stored(grantKey+someID,
		`{"permissions":["bookmarks"],"origins":["https://b.example/*"]}`))
	items, coverage := h.collect()
	if len(items) != 1 || coverage[0].Status != inventory.StatusComplete {
		t.Fatalf("items %+v, coverage %+v", items, coverage)
	}
	if access := items[0].Access; spaced(access.Permissions) != "bookmarks history storage" ||
		spaced(access.Hosts) != "https://a.example/* https://b.example/*" {
		t.Errorf("access is %+v", access)
	}
}

func TestABrokenGrantStore(t *testing.T) {
	t.Parallel()
	whole := stored(grantKey+someID, `{"permissions":["history"],"origins":[]}`)
	counted := []byte(whole)
	binary.LittleEndian.PutUint64(counted, 1<<60)
	tests := []struct{ name, content, detail string }{
		{"empty", "", grantStore + ": the file is empty; permissions granted after the installation are not known"},
		{"cut-off", whole[:40], grantStore + ": truncated: it declares more than it holds; permissions granted after the installation are not known"},
		{"a-lying-count", string(counted), grantStore + ": truncated: it declares more than it holds; permissions granted after the installation are not known"},
		{"more-after-its-end", whole + "x", grantStore + ": 1 bytes follow its end; permissions granted after the installation are not known"},
		{"not-a-store", "hello, this is text", grantStore + ": truncated: it declares more than it holds; permissions granted after the installation are not known"},
		{"a-value-that-is-not-JSON", stored(grantKey+someID, `{`), grantStore + ": some@acme.example: its value is not JSON"},
		{"a-value-of-a-wrong-type", stored(grantKey+someID, `[7]`),
			grantStore + ": some@acme.example: the value: an array is not what is expected there"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			h.write(profileDir+grantStore, test.content)
			items, coverage := h.collect()
			if len(items) != 1 || coverage[0].Status != inventory.StatusPartial ||
				!slices.Equal(coverage[0].Details, []inventory.Untrusted{inventory.Untrusted(test.detail)}) {
				t.Errorf("%d items, coverage %+v, want the detail %q", len(items), coverage[0], test.detail)
			}
		})
	}
}

// stored returns a store with one entry.
func stored(key, value string) string {
	number := func(n int) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) }
	text := func(s string) string { return number(len(s)) + s }
	return number(1) + "\x01" + text("permissions") + strings.Repeat("\x00",
		4) + number(1) + text(key) + text("\x07"+text(value))
}

func FuzzGrantStore(f *testing.F) {
	seed(f, realGrantStore)
	f.Add([]byte(stored(grantKey+"a", `{}`)))
	f.Add([]byte(stored("_version", "x"))[:30])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		grants, _, err := parseGrantStore(data)
		if err != nil && grants != nil {
			t.Error("grants of a store that cannot be read")
		}
		for id := range grants {
			if !bytes.Contains(data, []byte(grantKey+id)) {
				t.Errorf("a grant to %q, which the store does not name", id)
			}
		}
	})
}
