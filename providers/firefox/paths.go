package firefox

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"

	"guestlist/providers/internal/localprofile"
)

// isMissing reports whether a file or a directory on the way to it does not exist.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// locate opens the directory that holds the file or directory at an absolute path, and returns its
// name there.
func locate(s localprofile.System, at string) (*localprofile.Dir, string, error) {
	if s.IsReal() {
		// System-wide add-ons are often links; their target is read in its own directory.
		if real, err := filepath.EvalSymlinks(at); err == nil {
			at = real
		}
	}
	at = localprofile.Slashes(at)
	cut := strings.LastIndexByte(at, '/')
	if cut < 0 {
		return nil, "", fmt.Errorf("the path is not absolute: %w", fs.ErrNotExist)
	}
	dir, err := s.Open(at[:cut+1])
	return dir, at[cut+1:], err
}

// pathOfURI returns the path that a rootURI means: "jar:file:///...xpi!/" or "file:///.../",
// percent-encoded. It is false for any other, such as the "resource://" of what is inside the
// browser.
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
	if localprofile.IsWindowsPath(strings.TrimPrefix(at, "/")) { // file:///C:/...
		at = at[1:]
	}
	return at, true
}

func isInExtensions(at string) bool {
	parts := strings.Split(localprofile.Slashes(at), "/")
	return len(parts) > 1 && parts[len(parts)-2] == extensionsFolder
}

func lastPart(at string) string {
	at = strings.TrimRight(strings.ReplaceAll(at, `\`, "/"), "/")
	return at[strings.LastIndexByte(at, '/')+1:]
}
