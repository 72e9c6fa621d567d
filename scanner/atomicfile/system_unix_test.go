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

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"guestlist/scanner/testkit"
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
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("before"), 0o400); err != nil {
		t.Fatal(err)
	}
	var written, checked error
	asOrdinaryUser(t, filepath.Dir(path), func() {
		written, checked = WriteFile(path, []byte("after"), Options{}), Check(path, Options{})
	})
	if !errors.Is(written, fs.ErrPermission) || !errors.Is(checked, fs.ErrPermission) {
		t.Errorf("written: %v, checked: %v", written, checked)
	}
	if got := testkit.ReadFile(t, path); got != "before" {
		t.Errorf("the file holds %q", got)
	}
}

func TestAFileInADirectoryThatTakesNoOtherIsOverwritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, other := filepath.Join(dir, "file"), filepath.Join(dir, "new")
	if err := os.WriteFile(path, []byte("longer than after"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	var checked, written, created error
	asOrdinaryUser(t, dir, func() {
		checked, written = Check(path, Options{}), WriteFile(path, []byte("after"), Options{})
		created = WriteFile(other, nil, Options{})
	})
	if checked != nil || written != nil {
		t.Fatalf("checked: %v, written: %v", checked, written)
	}
	if got := testkit.ReadFile(t, path); got != "after" {
		t.Errorf("the file holds %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if !errors.Is(created, fs.ErrPermission) || !strings.Contains(created.Error(),
		"no permission to write in the directory") {
		t.Errorf("a new file there: %v", created)
	}
}

// What cannot be given to its owner is not replaced by a file of another one.
func TestAFileOfSomebodyElseIsOverwrittenAndStaysTheirs(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	const theirs = 12345
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	err := errors.Join(os.WriteFile(path, []byte("before"), 0o600), os.Chmod(path, 0o666), os.Chown(path, theirs, theirs))
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var written error
	asOrdinaryUser(t, dir, func() { written = WriteFile(path, []byte("after"), Options{}) })
	if written != nil {
		t.Fatal(written)
	}
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if owner := after.Sys().(*syscall.Stat_t).Uid; owner != theirs || !os.SameFile(before, after) {
		t.Errorf("owner %d, the same file: %t", owner, os.SameFile(before, after))
	}
	if got := testkit.ReadFile(t, path); got != "after" {
		t.Errorf("the file holds %q", got)
	}
	if left := testkit.Names(t, dir); len(left) != 1 {
		t.Errorf("the directory holds %q", left)
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

// A socket may take datagrams alone.
func TestASocketOfDatagramsIsWrittenTo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := WriteFile(path, []byte("content"), Options{}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	if n, err := listener.Read(got); err != nil || string(got[:n]) != "content" {
		t.Errorf("the listener got %q, %v", got[:n], err)
	}
}

func TestASocketThatNothingListensOnSaysSo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	listener.Close()
	err = WriteFile(path, []byte("x"), Options{})
	if !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(err.Error(), "connecting to the socket") {
		t.Errorf("got %v", err)
	}
	isStill(t, path, fs.ModeSocket)
}

// A caller that overlooks the error of a Write is not told that all went well.
func TestACommitFailsWhenAWriteDid(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	file, err := Create("/dev/full", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, first := file.Write([]byte("x"))
	if err := file.Commit(); first == nil || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write: %v, Commit: %v", first, err)
	}
}

func TestACheckOpensNothingThatIsWrittenThrough(t *testing.T) {
	t.Parallel()
	path := pipe(t) // opening it would wait for a reader
	if err := Check(path, Options{}); err != nil {
		t.Error(err)
	}
	isStill(t, path, fs.ModeNamedPipe)
}

// Where the system makes no file without a name, the content has one beside the target.
func TestContentWithANameIsMovedOrRemoved(t *testing.T) {
	t.Parallel()
	for name, keeps := range map[string]bool{"moved": true, "dropped": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "report.json")
			s, err := namedSpool(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Write([]byte("content")); err != nil {
				t.Fatal(err)
			}
			if names := testkit.Names(t, dir); len(names) != 1 || !strings.HasPrefix(names[0], ".report.json.guestlist-") {
				t.Errorf("while it is written the directory holds %q", names)
			}
			if keeps {
				err = s.moveTo(path)
			}
			s.drop()
			if err != nil {
				t.Fatal(err)
			}
			want := []string(nil)
			if keeps {
				want = []string{"report.json"}
			}
			if diff := cmp.Diff(want, testkit.Names(t, dir), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAHiddenFileHasLostItsNameWhenItIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := openHidden(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if left := testkit.Names(t, dir); len(left) > 0 {
		t.Errorf("the directory holds %q", left)
	}
	if _, err := file.WriteString("content"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 7)
	if _, err := file.ReadAt(got, 0); err != nil || string(got) != "content" {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := openHidden(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a directory that is not there: %v", err)
	}
}

func TestErrorsOfTheSystemAreSaidInPlainWords(t *testing.T) {
	t.Parallel()
	opening := func(err error) error { return &fs.PathError{Op: "open", Path: "x", Err: err} }
	linking := func(err error) error { return &os.LinkError{Op: "link", Old: "x", New: "y", Err: err} }
	for name, c := range map[string]struct {
		err  error
		dir  string
		want string
	}{
		"no-permission-in-a-directory": {opening(syscall.EACCES), "d", `no permission to write in the directory "d"`},
		"no-permission-for-the-file":   {opening(syscall.EACCES), "", "permission denied"},
		"no-directory":                 {linking(syscall.ENOENT), "d", `the directory "d" does not exist`},
		"a-full-disk":                  {opening(syscall.ENOSPC), "", "the disk is full"},
		"a-quota":                      {syscall.EDQUOT, "", "the disk is full"},
		"a-read-only-file-system":      {linking(syscall.EROFS), "d", "the file system is mounted read-only"},
		"anything-else":                {opening(syscall.EIO), "d", syscall.EIO.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := reason(c.err, c.dir)
			cause := syscall.Errno(0)
			if got.Error() != c.want || !errors.As(got, &cause) || !errors.Is(c.err, cause) {
				t.Errorf("got %q for %v", got, c.err)
			}
		})
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
