package allowlist

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"guestlist/allowlist/feed"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

// Limits on what is read.
const (
	MaxFileBytes = 4 << 20 // of an allowlist
	MaxFeedBytes = feed.MaxBytes
)

// ReadFeed returns a feed's content and the time it was last changed. The path is the one in the
// allowlist: relative to it, with forward slashes. An error becomes a problem at the line that
// names the feed.
type ReadFeed func(path string) ([]byte, time.Time, error)

// Load reads an allowlist and the feeds it names, which must be in its own directory or below. The
// error is a *[Problems] if the content is wrong, and an error that names the path if the file
// itself cannot be read.
func Load(path string) (*List, error) {
	data, _, err := readFile(atomicfile.OpenToRead, path, MaxFileBytes)
	if err != nil {
		return nil, err
	}
	return Parse(path, data, feedsIn(filepath.Dir(path)))
}

// digest returns the SHA-256 of data in hexadecimal.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func feedsIn(dir string) ReadFeed {
	return func(path string) ([]byte, time.Time, error) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, time.Time{}, err
		}
		defer root.Close()
		info, err := root.Stat(filepath.FromSlash(path))
		switch {
		case err == nil && info.IsDir():
			err = errors.New("it is a directory")
		case err == nil && !info.Mode().IsRegular(): // look before opening: opening a pipe would wait
			err = errors.New("it is not a regular file")
		}
		if err != nil {
			return nil, time.Time{}, err
		}
		return readFile(root.Open, filepath.FromSlash(path), MaxFeedBytes)
	}
}

func readFile(open func(string) (*os.File, error), path string, limit int64) ([]byte, time.Time, error) {
	file, err := open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	if info.IsDir() {
		return nil, time.Time{}, &fs.PathError{Op: "read", Path: path, Err: errors.New("is a directory")}
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, time.Time{}, err
	case int64(len(data)) > limit:
		return nil, time.Time{}, fmt.Errorf("%q is larger than the limit of %d MiB", inventory.Untrusted(path), limit>>20)
	}
	return data, info.ModTime(), nil
}
