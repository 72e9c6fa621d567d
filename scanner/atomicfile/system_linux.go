package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// openLinkable opens a file in a directory that has no name yet; nil without an error if the file
// system does not support this.
func openLinkable(dir string) (*os.File, error) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		return nil, nil // link needs it
	}
	return openNameless(dir, 0)
}

// openUnnamed opens a file that never has a name.
func openUnnamed(dir string) (*os.File, error) {
	file, err := openNameless(dir, unix.O_EXCL)
	if file == nil && err == nil {
		return openHidden(dir)
	}
	return file, err
}

// openInMemory opens a file that is in no file system.
func openInMemory() (*os.File, error) {
	descriptor, err := unix.MemfdCreate("guestlist", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(descriptor), "memory"), nil
}

func openNameless(dir string, flags int) (*os.File, error) {
	for {
		descriptor, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC|flags, uint32(DefaultMode))
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EISDIR), errors.Is(err, unix.EINVAL):
			return nil, nil // older kernels return the second
		case err != nil:
			return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
		}
		return os.NewFile(uintptr(descriptor), dir), nil
	}
}

// link gives a nameless file its first name: path if that is free, otherwise one beside it that
// follows pattern.
func link(file *os.File, path, pattern string) (string, error) {
	from := fmt.Sprintf("/proc/self/fd/%d", file.Fd())
	for name := path; ; name = strings.TrimSuffix(pattern, "*") + rand.Text() {
		err := unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, unix.EEXIST) {
			return "", &os.LinkError{Op: "link", Old: from, New: name, Err: err}
		}
	}
}
