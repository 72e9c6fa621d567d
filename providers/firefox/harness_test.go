package firefox

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/providers/firefox/firefoxtest"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

const (
	firefoxDir = ".config/mozilla/firefox/"
	profileDir = firefoxDir + "work.default/"
	someID     = "some@acme.example"
	// one is a list with one add-on whose file is in the profile.
	one = `{"schemaVersion":37,"addons":[` + entry + `]}`
	// entry is that add-on.
	entry = `{"id":"` + someID + `","version":"1.0","type":"extension","location":"app-profile","active":true,"visible":true,` +
		`"userPermissions":{"permissions":["storage"],"origins":["https://a.example/*"]},"path":"/x/extensions/` + someID + `.xpi"}`
	someManifest = `{"manifest_version":2,"name":"Some","version":"1.0","permissions":["storage","https://a.example/*"],` +
		`"browser_specific_settings":{"gecko":{"id":"` + someID + `"}}}`
)

// home is a home directory that a test writes.
type home struct {
	t      testing.TB
	dir    string
	system string
}

func newHome(t testing.TB) *home {
	dir := t.TempDir()
	return &home{t: t, dir: filepath.Join(dir, "home"), system: filepath.Join(dir, "system")}
}

// writeProfile writes a profile with one add-on, whole.
func (h *home) writeProfile() {
	h.write(firefoxDir+profilesFile, "[Profile0]\nName=Work\nIsRelative=1\nPath=work.default\n")
	h.write(profileDir+extensionsFile, one)
	h.write(profileDir+"extensions/"+someID+".xpi", packed(h.t, manifestFile, someManifest))
}

func (h *home) write(name, content string) string {
	h.t.Helper()
	at := filepath.Join(h.dir, filepath.FromSlash(name))
	writeFile(h.t, at, content)
	return at
}

func (h *home) writeSystem(name, content string) {
	h.t.Helper()
	writeFile(h.t, filepath.Join(h.system, filepath.FromSlash(name)), content)
}

func writeFile(t testing.TB, at, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h *home) link(target, name string) {
	h.t.Helper()
	at := filepath.Join(h.dir, filepath.FromSlash(name))
	os.MkdirAll(filepath.Dir(at), 0o700)
	os.Remove(at)
	if err := os.Symlink(target, at); err != nil {
		h.t.Skipf("no symbolic links here: %v", err)
	}
}

func (h *home) env() scanner.Env {
	os.MkdirAll(h.system, 0o700)
	return scanner.Env{OS: linux, Homes: []scanner.Home{{Dir: h.dir, User: "ada"}}, SystemRoot: h.system}
}

func (h *home) collect() ([]inventory.Item, []inventory.Coverage) {
	h.t.Helper()
	return collect(h.t, h.env())
}

// packed returns a zip with files, given as name and content in turn.
func packed(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for n := 0; n < len(files); n += 2 {
		f, err := w.Create(files[n])
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(files[n+1]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// mozLz4 packs text like addonStartup.json.lz4.
func mozLz4(text string) string { return string(firefoxtest.MozLz4([]byte(text))) }

// lying returns a mozLz4 file that announces any size.
func lying(size uint32, block []byte) string {
	return string(append(binary.LittleEndian.AppendUint32([]byte(mozMagic), size), block...))
}

// marksOf returns an item's marks as "class name: detail" lines.
func marksOf(item inventory.Item) string {
	var lines []string
	for _, mark := range item.Marks {
		line := string(mark.Class) + " " + string(mark.Name)
		if mark.Detail != "" {
			line += ": " + string(mark.Detail)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
