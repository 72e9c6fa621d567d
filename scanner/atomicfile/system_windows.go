package atomicfile

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

const (
	noTerminal  = 0
	doNotWait   = 0
	closesFirst = true // an open file cannot be renamed
)

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

func isMount(error) bool { return false }

// giveOwner does nothing: a new file gets the rights of its directory.
func giveOwner(*os.File, fs.FileInfo) error { return nil }

// duplicate is for systems on which an open file has a path.
func duplicate(int, string) (io.WriteCloser, error) { return nil, errors.ErrUnsupported }

func openPipe(path string, _ time.Duration) (io.WriteCloser, error) {
	return os.OpenFile(path, os.O_WRONLY, 0)
}

// openHidden opens a file that the system removes when it is closed, including by a kill.
func openHidden(dir string) (*os.File, error) {
	name := filepath.Join(dir, ".guestlist-"+rand.Text())
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|windows.O_FILE_FLAG_DELETE_ON_CLOSE, DefaultMode)
}
