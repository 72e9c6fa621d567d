package chromium

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"guestlist/providers/internal/webext"
	"guestlist/scanner/inventory"
)

// addFiles seeds a fuzz target with the files of the real home that have the name.
func addFiles(f *testing.F, name string) {
	f.Helper()
	err := filepath.WalkDir(filepath.Join("testdata", "real"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() != name {
			return err
		}
		data, err := os.ReadFile(path)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

func FuzzPreferences(f *testing.F) {
	addFiles(f, preferencesFile)
	for _, seed := range []string{"", "{}", one, one[:40],
		`{"extensions":{"settings":{"` + someID + `":{"disable_reasons":[1,"x"],"manifest":{"permissions":[{"a":["b"]}]}}}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := newReader()
		found, err := r.preferences(bytes.NewReader(data), preferencesFile)
		if err == nil && !json.Valid(withoutInvalid(data)) {
			t.Fatalf("taken for a whole document, which it is not: %q", data)
		}
		// Read in single bytes, the document is the same.
		again, againErr := newReader().preferences(oneByte{bytes.NewReader(data)}, preferencesFile)
		if (err == nil) != (againErr == nil) || len(found.entries) != len(again.entries) {
			t.Fatalf("whole: %v, by bytes: %v", err, againErr)
		}
		for id, e := range found.entries {
			if _, ok := cleanID(id); !ok {
				t.Fatalf("an entry under %q", id)
			}
			checkEntry(t, id, e)
		}
	})
}

// checkEntry holds what no settings may break.
func checkEntry(t *testing.T, id string, e *entry) {
	t.Helper()
	item := &inventory.Item{App: inventory.App{ID: inventory.Untrusted(id)}, Facts: map[string]inventory.Untrusted{}}
	state, reasons := e.stateOf("")
	if state == inventory.StateEnabled && (len(e.reasons) > 0 || len(reasons) > 0) {
		t.Fatalf("on, for the reasons %q", reasons)
	}
	placeOf(e, id)
	e.markVerdicts(item)
	checkID(e, item, e.manifest)
	checkManifest(e, item, e.manifest)
	addFacts(e, item)
	item.Access = e.accessOf("", e.manifest)
	item.Normalize()
	if chromeTime(e.installed).Year() > 9999 {
		t.Fatal("a time beyond the calendar")
	}
}

func FuzzManifest(f *testing.F) {
	addFiles(f, manifestFile)
	for _, seed := range []string{"", "{}", "// a\n{/*b*/}", "{\"name\":\"a\nb\\x41\"}", "\xEF\xBB\xBF{}",
		`{"permissions":"x","content_scripts":[[],{"matches":{}}]}`, "/*", `{"a\x`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var scratch []byte
		m, _, err := newReader().parseManifest(data, &scratch)
		if json.Valid(data) && bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) && err != nil && !isDeep(err) {
			t.Fatalf("valid JSON is refused: %v", err)
		}
		if err != nil {
			return
		}
		checkEntry(t, someID, &entry{manifest: m, active: &grant{api: m.permissions, explicit: m.hosts()}})
		if excess := m.unasked(&grant{api: m.apis(), explicit: m.hosts(), scriptable: m.contentMatches}); len(excess) > 0 {
			t.Fatalf("a manifest that does not ask for what it asks for: %q", excess)
		}
	})
}

func FuzzMessages(f *testing.F) {
	addFiles(f, "messages.json")
	for _, seed := range []string{"", "{}", `{"A":{"message":"$b$ $$ $","placeholders":{"B":{"content":"$b$"}}}}`,
		`{"a":7,"A":{"message":null}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var scratch []byte
		wanted := map[string]string{"appname": "", "a": ""}
		_ = parseMessages(newReader(), data, &scratch, wanted)
		if len(wanted) != 2 {
			t.Fatalf("messages that nobody wants: %q", wanted)
		}
		webext.Localize("__MSG_appName____MSG_A__", wanted)
	})
}

func FuzzLocalState(f *testing.F) {
	addFiles(f, localStateFile)
	f.Add([]byte(`{"profile":{"info_cache":{"..":{"name":7},"a/b":null}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		profiles, _ := parseLocalState(data)
		for folder := range profiles {
			if isOneName(folder) && filepath.Base(filepath.Join("x", folder)) != folder {
				t.Fatalf("%q is no folder's name", folder)
			}
		}
	})
}

func isDeep(err error) bool {
	reason, _ := wording.Describe(err)
	return bytes.Contains([]byte(reason), []byte("nested deeper"))
}

// withoutInvalid makes text valid UTF-8, which json.Valid does not mind and the comparison should
// not either.
func withoutInvalid(data []byte) []byte {
	if utf8.Valid(data) {
		return data
	}
	return bytes.ToValidUTF8(data, []byte("?"))
}

type oneByte struct{ source io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.source.Read(p[:min(1, len(p))]) }
