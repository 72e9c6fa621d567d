//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWhatIsNoRegularFileIsWrittenThrough(t *testing.T) {
	t.Parallel()
	t.Run("a-device", func(t *testing.T) {
		t.Parallel()
		before, err := os.Stat(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(os.DevNull, []byte("x"), Options{}); err != nil {
			t.Fatal(err)
		}
		if after, err := os.Stat(os.DevNull); err != nil || !os.SameFile(before, after) {
			t.Errorf("the device was replaced: %v", err)
		}
	})
	t.Run("a-named-pipe-with-a-reader", func(t *testing.T) {
		t.Parallel()
		path := pipe(t)
		got := make(chan string, 1)
		go func() {
			content, _ := os.ReadFile(path)
			got <- string(content)
		}()
		if err := WriteFile(path, []byte("content"), Options{}); err != nil {
			t.Fatal(err)
		}
		if content := <-got; content != "content" {
			t.Errorf("the reader got %q", content)
		}
		isStill(t, path, fs.ModeNamedPipe)
	})
	t.Run("a-link-to-a-named-pipe", func(t *testing.T) {
		t.Parallel()
		path := pipe(t)
		link := path + ".link"
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		if err := WriteFile(link, []byte("content"), Options{}); err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(reader); err != nil || string(content) != "content" {
			t.Errorf("the reader got %q, %v", content, err)
		}
		isStill(t, path, fs.ModeNamedPipe)
	})
	t.Run("a-socket", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "s")
		listener, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if err := WriteFile(path, []byte("content"), Options{}); err != nil {
			t.Fatal(err)
		}
		connection, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if content, err := io.ReadAll(connection); err != nil || string(content) != "content" {
			t.Errorf("the listener got %q, %v", content, err)
		}
		isStill(t, path, fs.ModeSocket)
	})
}

func TestANamedPipeThatNothingReadsIsGivenUp(t *testing.T) {
	t.Parallel()
	if _, err := openPipe(pipe(t), 0); err == nil || err.Error() != "nothing reads the named pipe" {
		t.Errorf("got %v", err)
	}
}

// The place in the file is shared, as by a shell that sends two outputs to one file.
func TestAnOpenDescriptorIsWrittenWhereItStands(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("before "); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile("/dev/fd/"+strconv.Itoa(int(file.Fd())), []byte("content"), Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(" after"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file.Name())
	if err != nil || string(content) != "before content after" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if _, err := Create("/dev/fd/999999", Options{}); err == nil ||
		!strings.Contains(err.Error(), "file descriptor 999999 is not open") {
		t.Errorf("a descriptor that is not open: %v", err)
	}
}

func TestAFullDiskIsCalledThat(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	err := WriteFile("/dev/full", []byte("x"), Options{})
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), `"/dev/full": the disk is full`) {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatIsReadOnlyStays(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everything")
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("before"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("after"), Options{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

func TestAFileInADirectoryThatTakesNoOtherIsOverwritten(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everything")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("longer than after"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if err := WriteFile(path, []byte("after"), Options{}); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "after" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if err := WriteFile(filepath.Join(dir, "new"), nil, Options{}); !errors.Is(err, fs.ErrPermission) ||
		!strings.Contains(err.Error(), "no permission to write in the directory") {
		t.Errorf("a new file there: %v", err)
	}
}

func TestTheOwnerOfWhatWasThereIsKept(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	const user, group = 12345, 23456
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("before"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, user, group); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("after"), Options{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t); owner.Uid != user || owner.Gid != group || info.Mode() != 0o640 {
		t.Errorf("owner %d, group %d, mode %v", owner.Uid, owner.Gid, info.Mode())
	}
}

// A name may be refused to an open file; then the content is copied to one with a name.
func TestContentThatCannotBeLinkedIsCopied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	s, err := newSpool(dir, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.drop()
	if _, err := s.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := s.copy(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.moveTo(path); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "content" {
		t.Errorf("the file holds %q, %v", content, err)
	}
}

func TestWhatAKilledRunLeftIsSweptAfterADay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	old, young, other := filepath.Join(dir, ".report.json.guestlist-1"), filepath.Join(dir,
		".report.json.guestlist-2"), filepath.Join(dir, ".other.guestlist-3")
	for _, name := range []string{old, young, other} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * staleAfter)
	for _, name := range []string{old, other} {
		if err := os.Chtimes(name, before, before); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFile(path, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{old: false, young: true, other: true} {
		if _, err := os.Lstat(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func isStill(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != want {
		t.Errorf("it was replaced: %v, %v", info, err)
	}
}
