//go:build unix

package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"
)

const (
	// noTerminal keeps a terminal that is written to from becoming the controlling terminal.
	noTerminal = syscall.O_NOCTTY
	// doNotWait opens a pipe whose other end is not open. Regular files ignore it.
	doNotWait   = syscall.O_NONBLOCK
	closesFirst = false
)

func isFull(err error) bool     { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// isMount reports whether a file cannot be renamed over because it is a mount.
func isMount(err error) bool { return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV) }

// giveOwner gives a new file the owner and group of the old one.
func giveOwner(file *os.File, old fs.FileInfo) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	want, ok := old.Sys().(*syscall.Stat_t)
	have, also := info.Sys().(*syscall.Stat_t)
	if !ok || !also || want.Uid == have.Uid && want.Gid == have.Gid {
		return nil
	}
	return file.Chown(int(want.Uid), int(want.Gid))
}

// duplicate duplicates a descriptor of this process: both share one offset.
func duplicate(descriptor int, path string) (io.WriteCloser, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	copied, err := syscall.Dup(descriptor)
	if err != nil {
		return nil, fmt.Errorf("file descriptor %s is not open: %w", strconv.Itoa(descriptor), err)
	}
	syscall.CloseOnExec(copied)
	return os.NewFile(uintptr(copied), path), nil
}

// openPipe opens a named pipe as soon as it has a reader.
func openPipe(path string, wait time.Duration) (io.WriteCloser, error) {
	for ; ; wait -= pipeStep {
		file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if !errors.Is(err, syscall.ENXIO) {
			return file, err
		}
		if wait <= 0 {
			return nil, errors.New("nothing reads the named pipe")
		}
		time.Sleep(pipeStep)
	}
}

// openHidden creates a file and removes its name.
func openHidden(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, ".guestlist-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
