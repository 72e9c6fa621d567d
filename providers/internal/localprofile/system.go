package localprofile

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// System opens absolute paths, as unpacked and system-wide extensions have them, below the
// directory that is used as the root of the system.
type System struct {
	Root    string // as [scanner.Env.SystemRoot]
	Observe func(path string)
}

// Open opens the directory at an absolute path. On the real system the directory becomes a root of
// its own, so that links on the way to it work and links out of it do not. If another directory is
// used as the root, nothing leads out of it.
func (s System) Open(dir string) (*Dir, error) {
	if s.IsReal() {
		if !filepath.IsAbs(dir) {
			return nil, fmt.Errorf("the path belongs to another operating system: %w", fs.ErrNotExist)
		}
		return Open(dir, s.Observe)
	}
	root, err := Open(s.Root, s.Observe)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	below := strings.Trim(path.Clean(Slashes(dir)), "/")
	if !filepath.IsLocal(filepath.FromSlash(below)) {
		return nil, fmt.Errorf("the path belongs to another operating system: %w", fs.ErrNotExist)
	}
	return root.Sub(filepath.FromSlash(below))
}

// IsReal reports whether the root is that of this machine, not a directory used in its place.
func (s System) IsReal() bool {
	return s.Root == "" || filepath.Clean(s.Root) == string(filepath.Separator)
}

// Slashes returns a path of any system with "/". A drive's letter stays in front.
func Slashes(at string) string {
	if IsWindowsPath(at) {
		return strings.ReplaceAll(at, `\`, "/")
	}
	return at
}

// IsAbsolute reports whether a path is absolute on any system: profiles may come from another one.
func IsAbsolute(at string) bool { return strings.HasPrefix(at, "/") || IsWindowsPath(at) }

// IsWindowsPath reports whether a path is absolute on Windows: it begins with a drive's letter or
// names a share.
func IsWindowsPath(at string) bool {
	if strings.HasPrefix(at, `\\`) {
		return true
	}
	return len(at) >= 3 && at[1] == ':' && (at[2] == '\\' || at[2] == '/') && (at[0]|0x20 >= 'a' && at[0]|0x20 <= 'z')
}

// Limited fails when more than Left bytes are read: a file may grow after its size was checked.
type Limited struct {
	Source io.Reader
	Left   int64
}

func (l *Limited) Read(p []byte) (int, error) {
	n, err := l.Source.Read(p)
	if l.Left -= int64(n); l.Left < 0 {
		return 0, fmt.Errorf("%w: it grew while being read", ErrTooLarge)
	}
	return n, err
}
