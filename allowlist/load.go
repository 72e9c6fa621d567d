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
	"guestlist/allowlist/pin"
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

// Fetch returns what an address serves, or the last good copy of it, once it is what the pin says.
type Fetch func(Include) (Copy, error)

// Copy is what an address served at a time. Stale says why there is nothing newer; nil if there was no
// need to ask, or nothing newer was there.
type Copy struct {
	Data    []byte
	Fetched time.Time
	Stale   error
}

// Load reads an allowlist, the feeds it names, which must be in its own directory or below, and the
// files it includes. The error is a *[Problems] if the content is wrong, and an error that names the
// path if the file itself cannot be read. Lists that it includes from an address are refused.
func Load(path string) (*List, error) { return LoadWith(path, nil) }

// LoadWith is [Load] for a list that may include others from their addresses.
func LoadWith(path string, fetch Fetch) (*List, error) {
	data, err := Content(path)
	if err != nil {
		return nil, err
	}
	return ReadWith(path, data, fetch)
}

// ReadWith is [LoadWith] for what the file at path holds, or is to hold.
func ReadWith(path string, data []byte, fetch Fetch) (*List, error) {
	return parse(inventory.Untrusted(path), identify(path), data, newLocal(path, fetch))
}

// Content returns the text of an allowlist's file, which is at most [MaxFileBytes] long.
func Content(path string) ([]byte, error) {
	data, _, err := readFile(atomicfile.OpenToRead, path, MaxFileBytes)
	return data, err
}

// digest returns the SHA-256 of data in hexadecimal.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// local reads what a file of this machine names.
type local struct {
	name string // of the file, as messages call it
	dir  string // of the file
	// within is the directory that files without a pin must be in: the git work tree of the first
	// file or, outside of one, its directory.
	within string
	// pinned: the file itself is pinned, so what it includes must be as well, or it would say what
	// its pin does not cover.
	pinned bool
	fetch  Fetch
}

func newLocal(path string, fetch Fetch) *local {
	dir := filepath.Dir(path)
	return &local{name: path, dir: dir, within: workTree(dir), fetch: fetch}
}

// workTree is the git work tree that a directory is in, or the directory itself.
func workTree(dir string) string {
	absolute, err := filepath.Abs(dir)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return dir
	}
	for each := absolute; ; {
		if _, err := os.Lstat(filepath.Join(each, ".git")); err == nil {
			return each
		}
		above := filepath.Dir(each)
		if above == each {
			return absolute
		}
		each = above
	}
}

// identify returns what is the same for every path to a file.
func identify(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		return real
	}
	return absolute
}

// Feed implements [Files].
func (f *local) Feed(path string) ([]byte, time.Time, error) {
	return readBelow(f.dir, filepath.FromSlash(path), MaxFeedBytes)
}

// Include implements [Files].
func (f *local) Include(include Include) (Included, error) {
	if include.URL != "" {
		return fetchInclude(f.fetch, include)
	}
	path := filepath.FromSlash(string(include.Path))
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.dir, path)
	}
	inner := newLocal(path, f.fetch)
	inner.pinned = !include.Pin.IsZero()
	included := Included{Name: inventory.Untrusted(nameBeside(filepath.ToSlash(f.name), string(include.Path))),
		Key: identify(path), Files: inner}
	inner.name = string(included.Name)
	var err error
	switch {
	case inner.pinned:
		included.Data, err = readPinned(path, include.Pin)
	case f.pinned:
		err = Refusal{"is not pinned, and the list that includes it is", pinLocalHint}
	default:
		inner.within = f.within
		included.Data, err = f.readWithin(path)
	}
	return included, err
}

const pinLocalHint = `pin it as well: { path = "…", sha256 = "…" }, or with minisign or ssh in place of sha256`

// readWithin reads a file that needs no pin, because it is reviewed together with the first one.
func (f *local) readWithin(path string) ([]byte, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(absolute))
	if err != nil {
		return nil, err
	}
	absolute = filepath.Join(dir, filepath.Base(absolute))
	relative, err := filepath.Rel(f.within, absolute)
	if err != nil || !filepath.IsLocal(relative) {
		return nil, Refusal{inventory.Textf("is outside of %q", inventory.Untrusted(f.within)).String(), pinLocalHint}
	}
	data, _, err := readBelow(f.within, relative, MaxFileBytes)
	return data, err
}

// readPinned reads a file that may be anywhere, and its signature beside it.
func readPinned(path string, pinned pin.Pin) ([]byte, error) {
	data, err := readRegular(path, MaxFileBytes)
	if err != nil {
		return nil, err
	}
	var signature []byte
	if suffix := pinned.SignatureSuffix(); suffix != "" {
		if signature, err = readRegular(path+suffix, pin.MaxSignatureBytes); err != nil {
			return nil, Refusal{Text: fmt.Sprintf("has no signature: %q %s", inventory.Untrusted(filepath.Base(path)+suffix),
				unreadable(err))}
		}
	}
	if err := pinned.Check(data, signature); err != nil {
		return nil, Refusal{Text: fmt.Sprintf("is not what was pinned: %v", err)}
	}
	return data, nil
}

func readRegular(path string, limit int64) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errIrregular(info)
	}
	data, _, err := readFile(atomicfile.OpenToRead, path, limit)
	return data, err
}

// readBelow reads a file that neither ".." nor links may lead out of a directory.
func readBelow(dir, path string, limit int64) ([]byte, time.Time, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer root.Close()
	info, err := root.Stat(path)
	if err == nil && !info.Mode().IsRegular() { // look before opening: opening a pipe would wait
		err = errIrregular(info)
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	return readFile(root.Open, path, limit)
}

func errIrregular(info fs.FileInfo) error {
	if info.IsDir() {
		return errors.New("it is a directory")
	}
	return errors.New("it is not a regular file")
}

// remote refuses what a list from an address must not name.
type remote struct{ fetch Fetch }

// Feed implements [Files].
func (remote) Feed(string) ([]byte, time.Time, error) {
	return nil, time.Time{}, Refusal{Text: "is a file, and a list from an address names no files of this machine"}
}

// Include implements [Files].
func (f remote) Include(include Include) (Included, error) {
	if include.URL == "" {
		return Included{}, Refusal{Text: "is a file, and a list from an address names no files of this machine"}
	}
	return fetchInclude(f.fetch, include)
}

func fetchInclude(fetch Fetch, include Include) (Included, error) {
	if fetch == nil {
		return Included{}, Refusal{Text: "cannot be fetched here"}
	}
	copied, err := fetch(include)
	return Included{Name: inventory.Untrusted(include.URL), Key: include.URL, Data: copied.Data, Fetched: copied.Fetched,
		Stale: copied.Stale, Files: remote{fetch}}, err
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
	tooLarge := fmt.Errorf("%q is larger than the limit of %d MiB", inventory.Untrusted(path), limit>>20)
	if info.Mode().IsRegular() && info.Size() > limit { // without reading any of it
		return nil, time.Time{}, tooLarge
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = tooLarge
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	return data, info.ModTime(), nil
}
