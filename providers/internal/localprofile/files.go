package localprofile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Errors that callers distinguish, besides fs.ErrNotExist and fs.ErrPermission.
var (
	ErrTooLarge   = errors.New("larger than the limit")
	ErrNotRegular = errors.New("not a regular file")
)

// Dir is a directory opened for reading. Nothing outside it can be reached through it.
type Dir struct {
	root    *os.Root
	path    string
	observe func(path string)
}

// Open opens a directory. Observe may be nil; it is called with the path of every file that is
// opened.
func Open(path string, observe func(path string)) (*Dir, error) {
	// A path that ends with a separator is a directory or an error: no FIFO is waited for.
	root, err := os.OpenRoot(path + string(filepath.Separator))
	if err != nil {
		return nil, err
	}
	return &Dir{root: root, path: path, observe: observe}, nil
}

// Close releases the directory.
func (d *Dir) Close() error { return d.root.Close() }

// Path is the directory's own path, as it was opened.
func (d *Dir) Path() string { return d.path }

// Sub opens a directory below this one.
func (d *Dir) Sub(name string) (*Dir, error) {
	root, err := d.root.OpenRoot(asFolder(name))
	if err != nil {
		return nil, err
	}
	return &Dir{root: root, path: filepath.Join(d.path, name), observe: d.observe}, nil
}

// Stat describes what name is, following links inside the directory.
func (d *Dir) Stat(name string) (fs.FileInfo, error) { return d.root.Stat(name) }

// Lstat describes what name is; a link is described itself and not followed.
func (d *Dir) Lstat(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }

// Folders returns the names of the directories directly below name, sorted. Links to directories
// inside the root count.
func (d *Dir) Folders(name string) ([]string, error) {
	dir, err := d.root.Open(asFolder(name))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, entry := range entries {
		if entry.IsDir() || entry.Type()&fs.ModeSymlink != 0 && d.isFolder(filepath.Join(name, entry.Name())) {
			folders = append(folders, entry.Name())
		}
	}
	slices.Sort(folders)
	return folders, nil
}

// Entries returns the names of everything directly below name, sorted: files, directories and
// links.
func (d *Dir) Entries(name string) ([]string, error) {
	dir, err := d.root.Open(asFolder(name))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

func (d *Dir) isFolder(name string) bool {
	info, err := d.root.Stat(name)
	return err == nil && info.IsDir()
}

// Read returns the whole content of a regular file of at most limit bytes. The buffer's storage is
// used if it is large enough.
func (d *Dir) Read(name string, limit int64, buffer []byte) ([]byte, error) {
	file, size, err := d.OpenFile(name, limit)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	buffer = slices.Grow(buffer[:0], int(size)+1)
	// The file may grow while it is read: the limit is on what is read, not on the announced size.
	reader := io.LimitReader(file, limit+1)
	for {
		n, err := reader.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if int64(len(buffer)) > limit {
			return nil, tooLarge(name, int64(len(buffer)), limit)
		}
		if err == io.EOF {
			return buffer, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", name, err)
		}
		if len(buffer) == cap(buffer) {
			buffer = slices.Grow(buffer, 1)
		}
	}
}

// OpenFile opens a regular file of at most limit bytes and returns its announced size. The caller
// closes it.
func (d *Dir) OpenFile(name string, limit int64) (*os.File, int64, error) {
	// Look first, because opening a device may do something; the check on the opened file is the
	// one that counts.
	info, err := d.root.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("reading %q: %w", name, ErrNotRegular)
	}
	file, err := d.root.OpenFile(name, os.O_RDONLY|doNotWait, 0)
	if err != nil {
		return nil, 0, err
	}
	if d.observe != nil {
		d.observe(filepath.Join(d.path, name))
	}
	info, err = file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("reading %q: %w", name, ErrNotRegular)
	case info.Size() > limit:
		err = tooLarge(name, info.Size(), limit)
	default:
		return file, info.Size(), nil
	}
	file.Close()
	return nil, 0, err
}

// asFolder rewrites name so that it can open only a directory or a link to one.
func asFolder(name string) string { return filepath.Clean(name) + string(filepath.Separator) + "." }

func tooLarge(name string, size, limit int64) error {
	return fmt.Errorf("reading %q: %w: %d bytes, limit %d", name, ErrTooLarge, size, limit)
}
