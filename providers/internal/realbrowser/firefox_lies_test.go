package realbrowser_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/providers/firefox"
	"guestlist/providers/firefox/firefoxtest"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

const liar = "liar@acme.example"

// A program that may write the profile plants an add-on that reads every page, and lies about it in
// the profile's lists. Whatever Firefox then runs, guestlist has told before, with all that Firefox
// lets it do or with a mark that says what disagrees.
func TestWhatFirefoxRunsOfALyingProfileIsTold(t *testing.T) {
	binary := realbrowser.RequireFirefox(t, os.Getenv)
	wide := `{"manifest_version":2,"name":"Liar","version":"1.0","permissions":["storage","cookies","tabs","<all_urls>"],"background":{"scripts":["b.js"]},
		"browser_specific_settings":{"gecko":{"id":"` + liar + `"}}}`
	harmless := `{"manifest_version":2,"name":"Liar","version":"1.0","permissions":["storage"],"browser_specific_settings":{"gecko":{"id":"` + liar + `"}}}`
	tests := []struct {
		name string
		lie  func(p *lyingProfile)
		runs bool // Firefox ESR 153 runs it
	}{
		{"shrunken-permissions", func(p *lyingProfile) {
			p.entry["userPermissions"] = map[string]any{"permissions": []any{"storage"}, "origins": []any{}}
		}, true},
		{"a-theme-in-both-lists", func(p *lyingProfile) { p.entry["type"], p.started["type"] = "theme", "theme" }, false},
		{"off-in-the-list-and-started", func(p *lyingProfile) {
			p.entry["active"], p.entry["userDisabled"] = false,
				true
		}, false},
		{"not-in-the-list-and-started", func(p *lyingProfile) { p.entry = nil }, true},
		{"in-the-browser's-archive-and-started-from-a-file", func(p *lyingProfile) {
			p.entry["location"], p.entry["path"], p.location = "app-builtin", nil, "app-builtin"
			p.entry["rootURI"] = "resource://builtin-themes/liar/"
			p.started["path"] = nil
		}, true},
		{"a-path-to-a-harmless-one-and-started-from-the-other", func(p *lyingProfile) {
			p.t.Helper()
			at := filepath.Join(p.folder, "harmless.xpi")
			p.write(at, zipOf(p.t, "manifest.json", harmless))
			p.entry["path"], p.entry["rootURI"] = at, "jar:file://"+at+"!/"
		}, true},
		{"started-from-outside-of-the-profile", func(p *lyingProfile) {
			at := filepath.Join(p.t.TempDir(), "outside.xpi")
			p.write(at, zipOf(p.t, "manifest.json", wide, "b.js", ""))
			p.started["path"], p.started["rootURI"] = at, "jar:file://"+at+"!/"
			p.write(filepath.Join(p.folder, "extensions", liar+".xpi"), zipOf(p.t, "manifest.json", harmless))
		}, true},
		{"in-no-list-and-nothing-says-what-starts", func(p *lyingProfile) { p.entry, p.started = nil, nil }, true},
		{"a-pointer-to-a-folder-outside", func(p *lyingProfile) {
			at := filepath.Join(p.t.TempDir(), "outside")
			p.write(filepath.Join(at, "manifest.json"), []byte(wide))
			p.write(filepath.Join(at, "b.js"), nil)
			os.Remove(filepath.Join(p.folder, "extensions", liar+".xpi"))
			p.write(filepath.Join(p.folder, "extensions", liar), []byte(at+"\n"))
			p.entry, p.started = nil, nil
		}, true},
		{"a-package-with-a-directory-at-its-front", func(p *lyingProfile) {
			p.write(filepath.Join(p.folder, "extensions", liar+".xpi"), frontDirectory(p.t, wide, harmless))
		}, true},
	}
	home := newLyingProfile(t, binary, zipOf(t, "manifest.json", wide, "b.js", ""))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := home.whole(t)
			test.lie(p)
			p.save()
			items, coverage := p.scan()
			running := p.run()
			told := false
			for _, c := range coverage {
				told = told || c.Status != inventory.StatusComplete
			}
			for _, item := range items {
				told = told || string(item.App.ID) == liar && tellsOf(item, running)
			}
			t.Logf("it runs with %+v", running)
			if (running != nil) != test.runs {
				t.Errorf("Firefox runs it: %v, want %v", running != nil, test.runs)
			}
			if running != nil && !told {
				t.Errorf("Firefox runs it with %+v, and the scan said %+v", running, items)
			}
		})
	}
}

// tellsOf reports whether an item says all that the add-on may do, or that something is wrong with
// it.
func tellsOf(item *inventory.Item, running *realbrowser.Running) bool {
	if item.State != inventory.StateLeftover && slices.ContainsFunc(item.Marks,
		func(mark inventory.Mark) bool { return mark.Class == inventory.MarkIdentity }) {
		return true
	}
	if running == nil || item.State != inventory.StateEnabled {
		return false
	}
	for _, name := range running.Permissions {
		if name != "<all_urls>" && !strings.HasPrefix(name, "internal:") &&
			!slices.Contains(item.Access.Permissions, inventory.Untrusted(name)) {
			return false
		}
	}
	return !slices.Contains(running.Origins, "<all_urls>") || slices.Contains(item.Access.Hosts, "<all_urls>")
}

// lyingProfile is a profile of Firefox with one add-on, and what its lists say of it.
type lyingProfile struct {
	t              *testing.T
	scene          *firefoxScene
	folder         string
	list           map[string]any
	entry, started map[string]any // nil: the list names it not
	location       string         // in which it is started
	copy           string         // of the folder, as Firefox left it
}

// newLyingProfile lets Firefox install the add-on and end.
func newLyingProfile(t *testing.T, binary string, xpi []byte) *lyingProfile {
	t.Helper()
	s := &firefoxScene{t: t, binary: binary, home: t.TempDir()}
	browser := s.start("work.default-esr")
	file := filepath.Join(t.TempDir(), "liar.xpi")
	s.must(os.WriteFile(file, xpi, 0o600))
	s.must(browser.Install(t.Context(), file, false))
	s.must(browser.Close(t.Context()))
	p := &lyingProfile{t: t, scene: s, folder: filepath.Join(s.home, ".config", "mozilla", "firefox", s.profile),
		copy: filepath.Join(t.TempDir(), "copy")}
	s.must(os.CopyFS(p.copy, os.DirFS(p.folder)))
	return p
}

// whole puts the folder back as Firefox left it, for another test. The package keeps its time, by
// which Firefox knows that it has not changed.
func (p *lyingProfile) whole(t *testing.T) *lyingProfile {
	t.Helper()
	scene := *p.scene
	scene.t = t
	next := &lyingProfile{t: t, scene: &scene, folder: p.folder, copy: p.copy, location: "app-profile"}
	scene.must(os.RemoveAll(p.folder))
	scene.must(os.RemoveAll(filepath.Join(scene.home,
		".cache"))) // where Firefox remembers the manifest of a version that it once ran
	scene.must(os.CopyFS(p.folder, os.DirFS(p.copy)))
	next.read()
	if installed, ok := next.entry["updateDate"].(float64); ok {
		at := time.UnixMilli(int64(installed))
		scene.must(os.Chtimes(filepath.Join(p.folder, "extensions", liar+".xpi"), at, at))
	}
	return next
}

func (p *lyingProfile) write(at string, data []byte) {
	p.t.Helper()
	p.scene.must(os.MkdirAll(filepath.Dir(at), 0o700))
	p.scene.must(os.WriteFile(at, data, 0o600))
}

// read takes what the list says of the add-on, and makes what the browser starts from of it.
func (p *lyingProfile) read() {
	p.t.Helper()
	data, err := os.ReadFile(filepath.Join(p.folder, "extensions.json"))
	p.scene.must(err)
	p.scene.must(json.Unmarshal(data, &p.list))
	addons, _ := p.list["addons"].([]any)
	for n, one := range addons {
		if entry, _ := one.(map[string]any); entry["id"] == liar {
			p.entry = entry
			p.list["addons"] = slices.Delete(addons, n, n+1)
			break
		}
	}
	if p.entry == nil {
		p.t.Fatalf("%s is not in the list", liar)
	}
	p.started = map[string]any{
		"enabled": true, "version": "1.0", "path": liar + ".xpi", "rootURI": p.entry["rootURI"],
		"lastModifiedTime": p.entry["updateDate"],
		"loader":           nil, "dependencies": []any{}, "signedState": 0, "runInSafeMode": false,
	}
}

// save writes both lists.
func (p *lyingProfile) save() {
	p.t.Helper()
	addons, _ := p.list["addons"].([]any)
	if p.entry != nil {
		p.list["addons"] = append(addons, p.entry)
	}
	text, err := json.Marshal(p.list)
	p.scene.must(err)
	p.write(filepath.Join(p.folder, "extensions.json"), text)
	startup := filepath.Join(p.folder, "addonStartup.json.lz4")
	if p.started == nil {
		p.scene.must(os.Remove(startup))
		return
	}
	location := map[string]any{"addons": map[string]any{liar: p.started}, "staged": map[string]any{}}
	if p.location == "app-profile" {
		location["path"] = filepath.Join(p.folder, "extensions")
	}
	text, err = json.Marshal(map[string]any{p.location: location})
	p.scene.must(err)
	p.write(startup, firefoxtest.MozLz4(text))
}

func (p *lyingProfile) scan() ([]*inventory.Item, []inventory.Coverage) {
	p.t.Helper()
	all := &allItems{}
	coverage, err := firefox.New(scanner.Env{
		OS: "linux", Homes: []scanner.Home{{Dir: p.scene.home, User: "person"}}, SystemRoot: string(filepath.Separator),
		Getenv: func(string) string { return "" },
	}).Collect(p.t.Context(), all)
	p.scene.must(err)
	return all.items, coverage
}

// allItems is a sink that keeps all items, leftovers too.
type allItems struct{ items []*inventory.Item }

func (e *allItems) AddItem(item *inventory.Item) error {
	kept := *item
	kept.Normalize()
	e.items = append(e.items, &kept)
	return nil
}

func (*allItems) AddAccount(*inventory.Account) error { return nil }

// run starts the browser with the profile as it is, and returns what the add-on may do; nil: it
// does not run.
func (p *lyingProfile) run() *realbrowser.Running {
	p.t.Helper()
	ctx := p.t.Context()
	browser, err := realbrowser.StartFirefox(ctx,
		realbrowser.FirefoxOptions{Binary: p.scene.binary, Home: p.scene.home, Profile: p.folder})
	p.scene.must(err)
	defer browser.Kill()
	running, err := browser.Running(ctx)
	p.scene.must(err)
	p.scene.must(browser.Close(ctx))
	return running[liar]
}

// zipOf returns a zip of files, given as name and content in turn.
func zipOf(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for n := 0; n < len(files); n += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: files[n], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(files[n+1]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// frontDirectory returns an archive with a directory where Firefox looks for one first, which names
// one manifest, and one at its end, which names another.
func frontDirectory(t *testing.T, front, end string) []byte {
	t.Helper()
	const endSize = 22
	first := zipOf(t, "manifest.json", front, "b.js", "")
	at := int(binary.LittleEndian.Uint32(first[len(first)-endSize+16:]))
	files, directory, tail := first[:at], bytes.Clone(first[at:len(first)-endSize]), first[len(first)-endSize:]
	moved := uint32(4 + len(directory) + endSize)
	for entry := directory; len(entry) > 0; {
		binary.LittleEndian.PutUint32(entry[42:], binary.LittleEndian.Uint32(entry[42:])+moved)
		length := 46 + int(binary.LittleEndian.Uint16(entry[28:])) + int(binary.LittleEndian.Uint16(entry[30:])) + int(binary.LittleEndian.Uint16(entry[32:]))
		entry = entry[length:]
	}
	b := bytes.NewBuffer(slices.Concat([]byte{0, 0, 0, 0}, directory, tail, files))
	w := zip.NewWriter(b)
	w.SetOffset(int64(b.Len()))
	f, err := w.Create("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte(end))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
