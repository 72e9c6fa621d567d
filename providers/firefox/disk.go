package firefox

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"guestlist/providers/internal/profilefs"
)

// systemRoot opens absolute paths below the folder that stands for the root of the system.
type systemRoot struct {
	dir     string
	observe func(path string)
}

// open opens the folder at an absolute path. On the real system the folder becomes a root of its own, so that links on the way to
// it work and links out of it do not. Below a stand-in nothing leads out of that.
func (s systemRoot) open(dir string) (*profilefs.Dir, error) {
	if s.isReal() {
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
	below := strings.Trim(path.Clean(slashes(dir)), "/")
	if !filepath.IsLocal(filepath.FromSlash(below)) {
		return nil, fmt.Errorf("the path is of another operating system: %w", fs.ErrNotExist)
	}
	return root.Sub(filepath.FromSlash(below))
}

// locate opens the folder that holds the file or folder at an absolute path, and returns its name in there.
func (s systemRoot) locate(at string) (*profilefs.Dir, string, error) {
	if s.isReal() {
		// System-wide add-ons are often links; what they lead to is read in its own folder.
		if real, err := filepath.EvalSymlinks(at); err == nil {
			at = real
		}
	}
	at = slashes(at)
	cut := strings.LastIndexByte(at, '/')
	if cut < 0 {
		return nil, "", fmt.Errorf("the path is not absolute: %w", fs.ErrNotExist)
	}
	dir, err := s.open(at[:cut+1])
	return dir, at[cut+1:], err
}

func (s systemRoot) isReal() bool {
	return s.dir == "" || filepath.Clean(s.dir) == string(filepath.Separator)
}

// slashes writes a path of any system with "/". A drive's letter stays in front.
func slashes(at string) string {
	if isWindowsPath(at) {
		return strings.ReplaceAll(at, `\`, "/")
	}
	return at
}

func isAbsolute(at string) bool { return strings.HasPrefix(at, "/") || isWindowsPath(at) }

// isWindowsPath reports whether a path begins with a drive's letter or names a share.
func isWindowsPath(at string) bool {
	return len(at) > 2 && at[1] == ':' && (at[2] == '\\' || at[2] == '/') || strings.HasPrefix(at, `\\`)
}

// pathOfURI returns the path that a rootURI stands for: "jar:file:///...xpi!/" or "file:///.../", percent-encoded. It is false for
// any other, such as the "resource://" of what is inside the browser.
func pathOfURI(uri string) (string, bool) {
	if inner, ok := strings.CutPrefix(uri, "jar:"); ok {
		uri = strings.TrimSuffix(inner, "!/")
	}
	parsed, err := url.Parse(uri)
	if err != nil || parsed.Scheme != "file" || parsed.Path == "" {
		return "", false
	}
	at := parsed.Path
	if len(at) > 1 {
		at = strings.TrimSuffix(at, "/")
	}
	if isWindowsPath(strings.TrimPrefix(at, "/")) { // file:///C:/...
		at = at[1:]
	}
	return at, true
}
