// Package atomicfile writes files as a whole: a reader sees the old content or the new, never a
// part. Every file that guestlist writes for a person or for its next run is written here.
//
// # What is replaced, and what is written through
//
// A regular file, or a new one, gets its content at once: the content is written beside it, synced,
// given the mode and the owner of the old file, and renamed, and the directory is synced.
//
// A link is followed and kept; its target is written. A device, a named pipe, a socket and an open
// descriptor (/dev/stdout, /dev/fd/N) are never replaced: the content is written through to them as
// it comes. A named pipe needs a reader, and is given a while to get one; a socket is connected to.
//
// A file that cannot be replaced without loss (no other file can be given its owner, its directory
// is not writable, or it is a mount of its own, as in a container) is overwritten in place, once
// the content is complete. This is the only case that is not atomic. Of a file with several names,
// only the one that was written gets the new content. Access control lists and other extended
// attributes are not carried over.
//
// # What an interruption leaves
//
// Nothing. On Linux the new content has no name until it is complete, so that even a kill leaves
// nothing, except between two system calls while a file is replaced: then a kill leaves a complete
// copy. Elsewhere a kill leaves a temporary file beside the target. Either is removed when the same
// file is written a day later (but for volatile files, whose owner sweeps).
//
// # Why not a library
//
// github.com/google/renameio does not build on Windows, replaces links and pipes, and keeps no
// owner. github.com/natefinch/atomic replaces links and pipes, keeps no owner and syncs no
// directory. lockedfile, which guestlist uses for locks, overwrites in place.
package atomicfile

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// DefaultMode is the mode of a new file, if it is given no other: for its owner only.
const DefaultMode fs.FileMode = 0o600

// staleAfter is the age at which a temporary file must come from a killed run.
const staleAfter = 24 * time.Hour

// Options say how a file is written. The zero value is right for reports.
type Options struct {
	// Mode is the mode of a new file; 0 is DefaultMode.
	Mode fs.FileMode
	// Private gives the file its mode as if it were new, whatever mode it had before. It is for secrets.
	Private bool
	// Volatile skips syncing, for files that may be lost with the power: a reader must recognize a
	// truncated file.
	Volatile bool
}

// Error says which file could not be written, and why.
type Error struct {
	Path string
	Err  error
}

func (e *Error) Error() string { return quote(e.Path) + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// File is a file that is being written. Nothing appears at its path before [File.Commit], unless
// the path is written through. All errors but those of the content's writer are an [Error].
type File struct {
	path    string // as the caller named it
	options Options
	place   place
	through io.WriteCloser // if the target is written through; otherwise nil
	spool   *spool         // of everything else
	inPlace bool           // the target is overwritten
	err     error          // the first error of Write
	done    bool
}

// Create starts writing the file at path. The caller must call [File.Close] in any case.
func Create(path string, options Options) (*File, error) {
	f := &File{path: path, options: options}
	if err := f.open(); err != nil {
		return nil, f.fault(err)
	}
	return f, nil
}

// Write adds to the content.
func (f *File) Write(content []byte) (int, error) {
	var n int
	var err error
	if f.through != nil {
		n, err = f.through.Write(content)
	} else {
		n, err = f.spool.Write(content)
	}
	if err != nil && f.err == nil {
		f.err = err
	}
	return n, f.fault(err)
}

// Commit puts the content in its place. It fails if a Write failed.
func (f *File) Commit() error {
	switch {
	case f.done:
		return f.fault(fs.ErrClosed)
	case f.err != nil:
		return f.fault(f.err)
	}
	f.done = true
	if f.through != nil {
		return f.fault(f.through.Close())
	}
	defer f.spool.drop()
	return f.fault(f.replace())
}

// Close discards what was not committed; after Commit it does nothing.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	f.done = true
	if f.through != nil {
		return f.fault(f.through.Close())
	}
	f.spool.drop()
	return nil
}

// Check reports whether a file could be written, without changing anything: what would be written
// through is not opened.
func Check(path string, options Options) error {
	f := &File{path: path, options: options}
	var err error
	if f.place, err = find(path); err == nil && !f.place.isThrough() {
		if err = f.openSpool(); err == nil {
			f.spool.drop()
		}
	}
	return f.fault(err)
}

// WriteFile writes a whole file.
func WriteFile(path string, content []byte, options Options) error {
	file, err := Create(path, options)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Commit()
}

// Rename moves a complete file of ours to its place in the same directory, and syncs the directory.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return &Error{to, reason(err, filepath.Dir(to))}
	}
	syncDir(filepath.Dir(to))
	return nil
}

// Temporary opens a file for reading and writing that has no name, or loses it when it is closed or
// the process ends. dir is where its content is stored; "" is the system's directory for temporary
// files, or on Linux memory if nothing can be written there, as in a container whose file systems
// are all read-only.
func Temporary(dir string) (*os.File, error) {
	isUsual := dir == "" || dir == os.TempDir()
	if dir == "" {
		dir = os.TempDir()
	}
	file, err := openUnnamed(dir)
	if err == nil {
		return file, nil
	}
	if isUsual && !isFull(err) {
		if inMemory, memoryErr := openInMemory(); memoryErr == nil {
			return inMemory, nil
		}
	}
	return nil, &Error{dir, reason(err, dir)}
}

// Fault is an error of writing to a file that [Temporary] opened, in words for people.
func Fault(file *os.File, err error) error {
	if already := (*Error)(nil); err == nil || errors.As(err, &already) || !isFull(err) {
		return err
	}
	return &Error{file.Name(), reason(err, "")}
}

func (f *File) open() (err error) {
	if f.place, err = find(f.path); err != nil {
		return err
	}
	if f.place.isThrough() {
		f.through, err = f.place.openThrough()
		return err
	}
	if !f.options.Volatile {
		sweep(f.place.path)
	}
	return f.openSpool()
}

// openSpool finds a place for the content until it is complete.
func (f *File) openSpool() (err error) {
	if f.place.info != nil && !f.options.Private {
		if err := isWritable(f.place.path); err != nil {
			return err
		}
	}
	dir := filepath.Dir(f.place.path)
	if f.spool, err = newSpool(dir, f.place.path); err == nil {
		return nil
	}
	if f.place.info == nil {
		return reason(err, dir)
	}
	// The directory takes no new file, but the file itself is writable.
	f.inPlace = true
	f.spool, err = newSpool(os.TempDir(), f.place.path)
	return err
}

// replace puts the spooled content at the target.
func (f *File) replace() error {
	mode := cmp.Or(f.options.Mode, DefaultMode)
	if f.place.info != nil && !f.options.Private {
		mode = f.place.info.Mode().Perm()
	}
	if !f.inPlace && f.place.info != nil {
		f.inPlace = giveOwner(f.spool.file, f.place.info) != nil
	}
	if f.inPlace {
		return f.overwrite()
	}
	if err := f.spool.file.Chmod(mode); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if !f.options.Volatile {
		if err := f.spool.file.Sync(); err != nil {
			return err
		}
	}
	switch err := f.spool.moveTo(f.place.path); {
	case isMount(err):
		return f.overwrite()
	case err != nil:
		return reason(err, filepath.Dir(f.place.path))
	}
	if !f.options.Volatile {
		syncDir(filepath.Dir(f.place.path))
	}
	return nil
}

// overwrite copies the spooled content over the target.
func (f *File) overwrite() error {
	source, err := f.spool.content()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(f.place.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	size, err := io.Copy(target, source)
	if err == nil {
		err = target.Truncate(size)
	}
	if err == nil && !f.options.Volatile {
		err = target.Sync()
	}
	return errors.Join(err, target.Close())
}

// fault adds the path to an error, once.
func (f *File) fault(err error) error {
	if err == nil {
		return nil
	}
	if already := (*Error)(nil); errors.As(err, &already) {
		return err
	}
	return &Error{f.path, reason(err, "")}
}
