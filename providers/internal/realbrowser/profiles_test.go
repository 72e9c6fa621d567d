package realbrowser_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"guestlist/testdata/profiles"
)

func TestEveryHomeHasAnEarlierState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := profiles.Extract(dir); err != nil {
		t.Fatal(err)
	}
	for _, home := range []string{"engineering", "finance", "front-desk", "support"} {
		for _, part := range []string{"homes", "earlier"} {
			if _, err := os.Stat(filepath.Join(dir, part, home, ".config", "chromium", "Local State")); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "system", "home", "engineering", "src", "acme-panel",
		"manifest.json")); err != nil {
		t.Error(err)
	}
	if err := profiles.Extract(dir); err == nil {
		t.Error("files that exist were overwritten")
	}
}

// Nothing of the capture's own machine, of a session, or of an address that could be somebody's is
// in the files.
func TestTheProfilesHoldNothingOfTheMachineThatWroteThem(t *testing.T) {
	t.Parallel()
	foreign := regexp.MustCompile(`127\.0\.0\.1|localhost|/tmp/|/root\b|"super_mac"|"machine_id"|refresh_token|@gmail`)
	files := 0
	err := fs.WalkDir(profiles.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		text, err := profiles.FS.ReadFile(path)
		if found := foreign.Find(text); found != nil {
			t.Errorf("%s holds %q", path, found)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files read: %v", files, err)
	}
}
