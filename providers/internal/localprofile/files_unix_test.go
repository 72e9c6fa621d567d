//go:build unix

package localprofile

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestWhatIsNoFileOrFolderIsNeverWaitedFor puts a FIFO, a socket and links to them where files and
// folders are looked for.
func TestWhatIsNoFileOrFolderIsNeverWaitedFor(t *testing.T) {
	t.Parallel()
	home := shortDir(t)
	if err := syscall.Mkfifo(filepath.Join(home, "fifo"), 0o600); err != nil {
		t.Skipf("making a FIFO: %v", err)
	}
	socket, err := net.Listen("unix", filepath.Join(home, "socket"))
	if err != nil {
		t.Skipf("making a socket: %v", err)
	}
	defer socket.Close()
	for link, target := range map[string]string{"to-fifo": "fifo", "to-socket": "socket", "device": "/dev/zero"} {
		if err := os.Symlink(target, filepath.Join(home, link)); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := Open(home, func(path string) { t.Errorf("opened %q", path) })
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	for _, name := range []string{"fifo", "socket", "to-fifo", "to-socket", "device"} {
		for what, open := range map[string]func() error{
			"Open":     func() error { _, err := Open(filepath.Join(home, name), nil); return err },
			"Sub":      func() error { _, err := dir.Sub(name); return err },
			"Folders":  func() error { _, err := dir.Folders(name); return err },
			"Entries":  func() error { _, err := dir.Entries(name); return err },
			"OpenFile": func() error { _, _, err := dir.OpenFile(name, 1<<10); return err },
			"Read":     func() error { _, err := dir.Read(name, 1<<10, nil); return err },
			"below it": func() error { _, err := dir.Read(filepath.Join(name, "file"), 1<<10, nil); return err },
		} {
			if err := soon(t, open); err == nil {
				t.Errorf("%s of %s: no error", what, name)
			}
		}
	}
}

func TestAFolderIsOpenedThroughALinkInsideAndKeepsItsPath(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "real", "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(home, "link")); err != nil {
		t.Fatal(err)
	}
	dir, err := Open(home, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	sub, err := dir.Sub("link")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if want := filepath.Join(home, "link"); sub.Path() != want {
		t.Errorf("path %q, want %q", sub.Path(), want)
	}
	if folders, err := sub.Folders("."); err != nil || len(folders) != 1 || folders[0] != "below" {
		t.Errorf("folders %q, %v", folders, err)
	}
}

// soon fails the test when open has not returned after a time that no local disk needs.
func soon(t *testing.T, open func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- open() }()
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("it waits")
		return nil
	}
}

// shortDir is a temporary folder whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "fs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestTheWalkWaitsForNoPipe(t *testing.T) {
	t.Parallel()
	env := homeWith(t, ".config/a/"+mark, ".config/b/c/"+mark)
	for _, name := range []string{".config/pipe", ".pipe", ".config/b/pipe", ".local/share/pipe"} {
		path := filepath.Join(env.Homes[0].Dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), syscall.Mkfifo(path, 0o644),
			os.Symlink(path, path+"-link")); err != nil {
			t.Fatal(err)
		}
	}
	var search Search
	if got := walked(env, &search); !slices.Equal(got, []string{".config/a", ".config/b/c"}) {
		t.Errorf("found %q", got)
	}
}
