package chromium

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"guestlist/providers/internal/profilefs"
)

// systemRoot opens absolute paths, which unpacked extensions have, below the folder that stands for the root of the system.
type systemRoot struct {
	dir     string
	observe func(path string)
}

// open opens the folder at an absolute path. On the real system the folder becomes a root of its own, so that links on the way to it work
// and links out of it do not. Below a stand-in nothing leads out of that.
func (s systemRoot) open(dir string) (*profilefs.Dir, error) {
	if s.dir == "" || filepath.Clean(s.dir) == string(filepath.Separator) {
		if !filepath.IsAbs(dir) {
			return nil, fmt.Errorf("the path is of another operating system: %w", fs.ErrNotExist)
		}
		return profilefs.Open(dir, s.observe)
	}
	root, err := profilefs.Open(s.dir, s.observe)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	below := strings.Trim(path.Clean(strings.ReplaceAll(dir, `\`, "/")), "/")
	if !filepath.IsLocal(filepath.FromSlash(below)) {
		return nil, fmt.Errorf("the path is of another operating system: %w", fs.ErrNotExist)
	}
	return root.Sub(filepath.FromSlash(below))
}

// limited fails when more than left bytes are read: a file may grow after its size was checked.
type limited struct {
	source io.Reader
	left   int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.source.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("%w: it grows while it is read", profilefs.ErrTooLarge)
	}
	return n, err
}

// isMissing reports whether a file or a folder on the way to it does not exist.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
