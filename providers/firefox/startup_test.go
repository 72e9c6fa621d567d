package firefox

import (
	"path/filepath"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

// The list is written at once, and what the browser starts from later: in between, and after some
// updates until the next start, an honest profile holds the state of the version before.
func TestAStartupListThatLagsBehindAnUpdateIsNoMismatch(t *testing.T) {
	t.Parallel()
	manifest := func(version string) string {
		return packed(t, manifestFile, strings.Replace(someManifest, `"version":"1.0"`, `"version":"`+version+`"`, 1))
	}
	const xpi = someID + ".xpi"
	tests := []struct {
		name             string
		listed, packaged string        // version
		started, path    string        // version, and where it lies
		beside           func(h *home) // what else is there
		marks            string
		status           inventory.Status
	}{
		{"updated", "1.0.10", "1.0.10", "1.0.2", xpi, nil, "", inventory.StatusComplete},
		{"updated-by-one-part", "1.0.0.1", "1.0.0.1", "1.0", xpi, nil, "", inventory.StatusComplete},
		{"a-directory-gave-way-to-a-package", "1.1", "1.1", "1.0", someID, nil, "", inventory.StatusComplete},
		{"the-package-is-of-the-version-before", "1.1", "1.0", "1.0", xpi, nil,
			`identity version-mismatch: extensions.json says "1.1", addonStartup.json.lz4 "1.0"` + "\n" +
				`identity version-mismatch: the profile says "1.1", the manifest "1.0"`, inventory.StatusComplete},
		{"the-package-is-of-a-third-version", "1.2", "1.1", "1.0", xpi, nil,
			`identity version-mismatch: extensions.json says "1.2", addonStartup.json.lz4 "1.0"` + "\n" +
				`identity version-mismatch: the profile says "1.2", the manifest "1.1"`, inventory.StatusComplete},
		{"the-version-before-is-there-too", "1.1", "1.1", "1.0", someID,
			func(h *home) { h.write(profileDir+"extensions/"+someID+"/manifest.json", someManifest) },
			`identity version-mismatch: extensions.json says "1.1", addonStartup.json.lz4 "1.0"`, inventory.StatusComplete},
		{"a-later-version", "1.0", "1.0", "1.1", xpi, nil,
			`identity version-mismatch: extensions.json says "1.0", addonStartup.json.lz4 "1.1"`, inventory.StatusComplete},
		{"no-plain-version", "1.0", "1.0", "1.0b1", xpi, nil,
			`identity version-mismatch: extensions.json says "1.0", addonStartup.json.lz4 "1.0b1"`, inventory.StatusComplete},
		{"missing-where-another-name-has-it", "1.1", "1.1", "1.0", "other.xpi", nil, "", inventory.StatusPartial},
		{"missing-elsewhere", "1.1", "1.1", "1.0", "/mnt/other.xpi", nil, "", inventory.StatusPartial},
		{"a-pointer-that-leads-nowhere", "1.1", "1.1", "1.0", someID,
			func(h *home) { h.write(profileDir+"extensions/"+someID, "/mnt/gone\n") }, "",
			inventory.StatusPartial},
		{"a-link-that-leads-nowhere", "1.1", "1.1", "1.0", someID,
			func(h *home) { h.link(filepath.Join(h.dir, "gone"), profileDir+"extensions/"+someID) }, "",
			inventory.StatusPartial},
		{"missing-without-an-update", "1.1", "1.1", "1.1", someID, nil, "", inventory.StatusPartial},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			h.write(profileDir+extensionsFile, withEntry(`"version":"`+test.listed+`"`))
			h.write(profileDir+"extensions/"+xpi, manifest(test.packaged))
			if test.beside != nil {
				test.beside(h)
			}
			h.write(profileDir+startupFile, mozLz4(`{"app-profile":{"path":"/x/extensions","addons":{"`+
				someID+`":{"enabled":true,"version":"`+test.started+`","path":"`+test.path+`"}}}}`))
			items, coverage := h.collect()
			if len(items) != 1 || len(coverage) != 1 {
				t.Fatalf("%d items, coverage %+v", len(items), coverage)
			}
			marks := marksOf(items[0])
			for _, mark := range strings.Split(test.marks, "\n") {
				if !strings.Contains(marks, mark) {
					t.Errorf("marks are\n%s\nwithout\n%s", marks, mark)
				}
			}
			if test.marks == "" && marks != "" {
				t.Errorf("marks are\n%s", marks)
			}
			if coverage[0].Status != test.status {
				t.Errorf("coverage is %+v, want %s", coverage[0], test.status)
			}
		})
	}
}
