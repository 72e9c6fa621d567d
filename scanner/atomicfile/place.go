package atomicfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	// maxLinks bounds how many links a path may lead through, as operating systems do.
	maxLinks = 40
	// pipeWait is how long to wait for the reader of a named pipe.
	pipeWait = 10 * time.Second
	// pipeStep is how often to look for it.
	pipeStep = 20 * time.Millisecond
)

// place is what a path leads to.
type place struct {
	path       string
	info       fs.FileInfo // nil: nothing exists there
	descriptor int         // of an open file; noDescriptor if it has a name
}

const noDescriptor = -1

// find follows the links of a path, including one to a file that does not exist yet.
func find(path string) (place, error) {
	for range maxLinks {
		dir, base := filepath.Split(path)
		if base == "" || base == "." || base == ".." {
			return place{}, errors.New("it is a directory")
		}
		// ".." is relative to the target of a link, so the directory is resolved before the path is
		// cleaned.
		dir, err := filepath.EvalSymlinks(cmp.Or(dir, "."))
		if err != nil {
			return place{}, missingDir(path, err)
		}
		path = filepath.Join(dir, base)
		if descriptor, ok := descriptorAt(path); ok {
			return place{path: path, descriptor: descriptor}, nil
		}
		at := place{path: path, descriptor: noDescriptor}
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
			if info.IsDir() {
				return at, errors.New("it is a directory")
			}
			at.info = info
			return at, nil
		}
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return at, nil
		case err != nil:
			return at, reason(err, filepath.Dir(path))
		case info.Mode().Type() != fs.ModeSymlink:
			at.info = info
			return at, nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			return at, err
		}
		if path = target; !filepath.IsAbs(target) {
			path = dir + string(filepath.Separator) + target
		}
	}
	return place{}, errors.New("its links lead in a circle")
}

// missingDir says what is wrong with the directory of a file.
func missingDir(path string, err error) error {
	dir := filepath.Dir(path)
	if errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%s is not a directory", quote(dir))
	}
	return reason(err, dir)
}

// descriptorAt reports which open descriptor of this process a path with a resolved directory
// means. Opening such a path again would lose its offset, and a socket cannot be opened at all.
func descriptorAt(path string) (int, bool) {
	number, err := strconv.Atoi(filepath.Base(path))
	if err != nil || number < 0 {
		return noDescriptor, false
	}
	dir := filepath.Dir(path)
	return number, dir == "/dev/fd" || dir == fmt.Sprintf("/proc/%d/fd", os.Getpid())
}

func (p place) isThrough() bool {
	return p.descriptor != noDescriptor || p.info != nil && !p.info.Mode().IsRegular()
}

func (p place) openThrough() (io.WriteCloser, error) {
	switch {
	case p.descriptor != noDescriptor:
		return duplicate(p.descriptor, p.path)
	case p.info.Mode().Type() == fs.ModeSocket:
		return connect(p.path)
	case p.info.Mode().Type() == fs.ModeNamedPipe:
		return openPipe(p.path, pipeWait)
	}
	return os.OpenFile(p.path, os.O_WRONLY|noTerminal, 0)
}

// connect opens a socket of either kind as a client.
func connect(path string) (io.WriteCloser, error) {
	connection, err := net.Dial("unix", path)
	if err != nil {
		if datagrams, second := net.Dial("unixgram", path); second == nil {
			return datagrams, nil
		}
		return nil, fmt.Errorf("connecting to the socket: %w", errors.Unwrap(err))
	}
	return connection, nil
}

// isWritable checks for permission to write an existing file: replacing it needs only permission
// for the directory, and a file that was made read-only is meant to stay as it is.
func isWritable(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return reason(err, "")
	}
	return file.Close()
}
