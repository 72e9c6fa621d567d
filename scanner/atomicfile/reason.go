package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
)

// reason says what an error of the system means for whoever asked for the file. Dir is the directory it is about; "" when it is
// about the file itself.
func reason(err error, dir string) error {
	bare := err
	if path, link := (*fs.PathError)(nil), (*os.LinkError)(nil); errors.As(err, &path) {
		bare = path.Err
	} else if errors.As(err, &link) {
		bare = link.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission) && dir != "":
		return fmt.Errorf("no permission to write in the directory %s: %w", quote(dir), bare)
	case errors.Is(err, fs.ErrNotExist) && dir != "":
		return fmt.Errorf("the directory %s does not exist: %w", quote(dir), bare)
	case isFull(err):
		return fmt.Errorf("the disk is full: %w", bare)
	case isReadOnly(err):
		return fmt.Errorf("the file system is mounted read-only: %w", bare)
	}
	return bare
}

func quote(path string) string { return strconv.Quote(path) }
