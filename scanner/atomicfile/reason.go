package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
)

// explained is a system error in other words.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

// reason says what an error of the system means for the person who asked for the file. dir is the
// directory it is about; "" if it is about the file itself.
func reason(err error, dir string) error {
	bare := err
	if path, link := (*fs.PathError)(nil), (*os.LinkError)(nil); errors.As(err, &path) {
		bare = path.Err
	} else if errors.As(err, &link) {
		bare = link.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission) && dir != "":
		return &explained{"no permission to write in the directory " + quote(dir), bare}
	case errors.Is(err, fs.ErrNotExist) && dir != "":
		return &explained{"the directory " + quote(dir) + " does not exist", bare}
	case isFull(err):
		return &explained{"the disk is full", bare}
	case isReadOnly(err):
		return &explained{"the file system is mounted read-only", bare}
	}
	return bare
}

func quote(path string) string { return strconv.Quote(path) }
