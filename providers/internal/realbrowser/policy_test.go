package realbrowser_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"guestlist/providers/internal/realbrowser"
)

func TestAddonsThatAKilledRunLeftBesideTheBrowserAreRemovedAndNoOthers(t *testing.T) {
	t.Parallel()
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"killed", "running", "distribution's"} {
		write("extensions/"+name+"@honest.example.xpi", "")
	}
	write("precious.txt", "")
	write(fmt.Sprintf("guestlist-test-%d-addons.txt", ended.Process.Pid), "killed@honest.example.xpi\n../precious.txt\n")
	running := fmt.Sprintf("guestlist-test-%d-addons.txt", os.Getpid())
	write(running, "running@honest.example.xpi\n")
	realbrowser.RemoveStaleAddons(dir)
	var left []string
	for _, pattern := range []string{"*.txt", "extensions/*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			left = append(left, filepath.Base(file))
		}
	}
	if want := []string{running, "precious.txt", "distribution's@honest.example.xpi",
		"running@honest.example.xpi"}; !slices.Equal(left, want) {
		t.Errorf("left %q, want %q", left, want)
	}
}
