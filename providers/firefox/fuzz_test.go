package firefox

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const realProfile = "testdata/real/person/.config/mozilla/firefox/work.default"

// seed adds files that a real browser wrote.
func seed(f *testing.F, pattern string) {
	f.Helper()
	names, _ := filepath.Glob(filepath.FromSlash(pattern))
	if len(names) == 0 {
		f.Fatalf("no seeds at %s", pattern)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzExtensions(f *testing.F) {
	seed(f, realProfile+"/"+extensionsFile)
	for _, text := range []string{one, `{"addons":[{"id":7},{"id":"a","active":"x"},[]]}`, `{"addons":null}`, `[`, ``} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		addons, _, err := parseExtensions(bytes.NewReader(data))
		for _, a := range addons {
			if a.id == "" {
				t.Error("an add-on without an ID")
			}
		}
		if err != nil && len(data) > 0 {
			wording.Describe(err)
		}
	})
}

func FuzzGrants(f *testing.F) {
	seed(f, realProfile+"/"+grantsFile)
	f.Fuzz(func(_ *testing.T, data []byte) { parseGrants(data) })
}

func FuzzStartup(f *testing.F) {
	seed(f, realProfile+"/"+startupFile)
	f.Add([]byte(lying(1<<31, []byte("\xFFx"))))
	f.Add([]byte(lying(3, []byte("\x30abc"))))
	f.Fuzz(func(t *testing.T, packed []byte) {
		data, err := unpackMozLz4(packed)
		if err != nil {
			return
		}
		if len(data) > maxRatio*len(packed) {
			t.Errorf("%d bytes became %d", len(packed), len(data))
		}
		parseStartup(data)
	})
}

func FuzzPackage(f *testing.F) {
	seed(f, realProfile+"/extensions/*.xpi")
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\xFF", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		manifest, err := entryOf(bytes.NewReader(data), int64(len(data)), manifestFile, maxManifest)
		if err == nil && len(manifest) > maxManifest {
			t.Errorf("a manifest of %d bytes", len(manifest))
		}
	})
}

func FuzzManifest(f *testing.F) {
	for _, text := range []string{someManifest, "\xEF\xBB\xBF// c\n{\"permissions\":[1,{}]}",
		`{"content_scripts":[{"matches":"x"}]}`, `{"author":{}}`, `"//`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(plainJSON(data)) != len(data) {
			t.Error("bytes have moved")
		}
		if m, _, err := parseManifest(data); (m == nil) == (err == nil) {
			t.Errorf("got %v and %v", m, err)
		}
	})
}

func FuzzProfiles(f *testing.F) {
	seed(f, "testdata/real/person/.config/mozilla/firefox/"+profilesFile)
	for _, text := range []string{"[4F96D1932A9F858E]\nDefault=Profiles/x\nLocked=1\n", "[\n=\n",
		"\xEF\xBB\xBF;c\r\n[Profile0]\r\nPath=a\\b\r\n", "Path=x"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		profiles, _ := parseProfiles(data)
		for _, one := range profiles {
			if one.path == "" {
				t.Error("a profile without a path")
			}
		}
	})
}

func FuzzPolicies(f *testing.F) {
	f.Add([]byte(`{"policies":{"ExtensionSettings":{"a":{"installation_mode":"force_installed"}},"Extensions":{"Locked":["b"]}}}`))
	f.Fuzz(func(_ *testing.T, data []byte) { parsePolicies(data, policies{}) })
}

func FuzzLegacyManifest(f *testing.F) {
	for _, text := range []string{rdf("a@acme.example", "<em:type>2</em:type>"), "<RDF/>",
		"<a about='urn:mozilla:install-manifest'"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := parseLegacy(data); (m == nil) == (err == nil) {
			t.Errorf("got %v and %v", m, err)
		}
	})
}
