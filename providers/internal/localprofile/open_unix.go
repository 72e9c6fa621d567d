//go:build unix

package localprofile

import (
	"io/fs"
	"os"
	"syscall"
)

// doNotWait keeps an open from waiting for the other end of a FIFO. Regular files ignore it.
const doNotWait = syscall.O_NONBLOCK

// openFolder opens a directory to list it, and nothing else. It makes half of the system calls of
// os.Open, which prepares for files that are waited for.
func openFolder(dir string) (*os.File, error) {
	for {
		descriptor, err := syscall.Open(dir, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
		switch err {
		case nil:
			return os.NewFile(uintptr(descriptor), dir), nil
		case syscall.EINTR:
			continue
		}
		return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
}
