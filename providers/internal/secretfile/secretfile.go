// Package secretfile keeps the credentials for a service in a file that only its owner can read.
//
// A file that others can read is refused: the secret in it is no longer secret. Windows has no such
// modes; there the permissions of the directory decide.
package secretfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/atomicfile"
)

// MaxBytes bounds a file.
const MaxBytes = 1 << 20

// ErrNone is wrapped by the error for a file that does not exist.
var ErrNone = errors.New("nobody has signed in yet")

// Read returns a file's content. Errors name the path and contain nothing of the content.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %q does not exist", ErrNone, path)
	case err != nil:
		return nil, fmt.Errorf("opening the saved sign-in: %w", err)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("the saved sign-in %q is readable by others (mode %04o): remove it and sign in again", path,
			info.Mode().Perm())
	case info.Size() > MaxBytes:
		return nil, fmt.Errorf("the saved sign-in %q is larger than %d bytes", path, MaxBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the saved sign-in: %w", err)
	}
	return text, nil
}

// WriteJSON writes a value as JSON, on one line, as [Write] does.
func WriteJSON(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %q: %w", path, err)
	}
	return Write(path, append(text, '\n'))
}

// Write replaces a file as a whole, with mode 0600 from its first byte on, and creates its
// directory if that is missing.
func Write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the directory of %q: %w", path, err)
	}
	if err := atomicfile.WriteFile(path, text, atomicfile.Options{Private: true}); err != nil {
		return fmt.Errorf("writing %w", err)
	}
	return nil
}
