package firefox

import (
	"os"
	"path/filepath"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// An add-on that the profile's folder leads to lies where it is led to: that is how the browser
// itself lists it, and no mismatch. It was put there, whatever the list says of a store, and what
// leads elsewhere than the list says is a mismatch still.
func TestAnAddonThatTheProfileLeadsToLiesThere(t *testing.T) {
	t.Parallel()
	const store = `"sourceURI":"https://addons.mozilla.org/a.xpi",`
	tests := []struct {
		name       string
		lead       func(t *testing.T, h *home, from, to string)
		isMismatch bool
	}{
		{"by-its-path", func(t *testing.T, _ *home, from, to string) { writeFile(t, from, to+"\n") }, false},
		{"by-its-path-with-a-slash", func(t *testing.T, _ *home, from, to string) { writeFile(t, from, to+"/\r\n") }, false},
		{"by-the-way-there", func(t *testing.T, _ *home, from, _ string) { writeFile(t, from, "../../../../../../src") },
			false},
		{"by-a-link", func(t *testing.T, h *home, _, to string) { h.link(to, profileDir+extensionsFolder+"/"+someID) },
			false},
		{"elsewhere", func(t *testing.T, _ *home, from, to string) {
			writeFile(t, filepath.Join(to, "other", manifestFile), harmlessManifest)
			writeFile(t, from, filepath.Join(to, "other"))
		}, true},
		{"nowhere", func(t *testing.T, _ *home, from, _ string) { writeFile(t, from, "") }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.dir, _ = filepath.EvalSymlinks(filepath.Dir(h.write("x", "")))
			h.writeProfile()
			to := filepath.Join(filepath.Dir(h.dir), "src")
			writeFile(t, filepath.Join(to, manifestFile), someManifest)
			own := filepath.Join(h.dir, filepath.FromSlash(profileDir), extensionsFolder)
			if err := os.Remove(filepath.Join(own, someID+".xpi")); err != nil {
				t.Fatal(err)
			}
			h.write(profileDir+extensionsFile, `{"addons":[{"id":"`+someID+`","version":"1.0","type":"extension","location":"app-profile","active":true,
				`+store+`"userPermissions":{"permissions":["storage"],"origins":["https://a.example/*"]},"visible":true,"path":"`+to+`"}]}`)
			test.lead(t, h, filepath.Join(own, someID), to)
			items, coverage := collect(t, scanner.Env{OS: linux, Homes: []scanner.Home{{Dir: h.dir, User: "ada"}},
				SystemRoot: string(filepath.Separator)})
			if len(items) != 1 || !test.isMismatch && coverage[0].Status != inventory.StatusComplete {
				t.Fatalf("%d items, coverage %+v", len(items), coverage)
			}
			if got := marksOf(items[0]); (got != "") != test.isMismatch {
				t.Errorf("marks %q", got)
			}
			if !test.isMismatch && items[0].Origin != inventory.OriginSideload {
				t.Errorf("origin %s", items[0].Origin)
			}
		})
	}
}
