package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/atomicfile"
)

// Store keeps the last snapshot of every scope in a directory, as the baseline of the next scan.
//
// A scan writes to [Store.Pending]; then, under [Store.Lock], it compares to [Store.Latest],
// delivers its report, and becomes the baseline with [Store.Keep]. A run that dies in between is
// told again by the next one, and of two runs at once the second compares to what the first one
// kept.
type Store struct{ Dir string }

// Names of files, behind the scope's digest.
const (
	baselineSuffix = ".jsonl.gz"
	pendingSuffix  = ".pending" + baselineSuffix
	lockSuffix     = ".lock"
	damagedInfix   = ".damaged-"
	tempPrefix     = ".guestlist-" // of versions before this one
)

const (
	// maxDamaged is how many files that were set aside are kept for each scope; the oldest go.
	maxDamaged = 3
	// staleAfter is the age from which a pending snapshot is one that a killed run left.
	staleAfter = 24 * time.Hour
)

// Prepare makes the directory and finds out whether snapshots can be kept there.
func (s Store) Prepare() error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	probe, err := atomicfile.Temporary(s.Dir)
	if err != nil {
		return err
	}
	return probe.Close()
}

// Latest is the baseline for scans of this scope; false when there is none yet. The path is where
// it is in any case.
func (s Store) Latest(scope Scope) (string, bool, error) {
	path := s.path(scope)
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return path, false, nil
	case err != nil:
		return path, false, err
	case !info.Mode().IsRegular():
		return path, false, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is not a regular file")}
	}
	return path, true, nil
}

// Pending is where the scan of this scope that run identifies writes its snapshot.
func (s Store) Pending(scope Scope, run string) string {
	return filepath.Join(s.Dir, scope.Digest()+"."+run+pendingSuffix)
}

// Lock waits until no other run compares with or keeps a snapshot of this scope, but no longer than
// the context allows: then the error says who holds the lock. Release gives it back.
func (s Store) Lock(ctx context.Context, scope Scope, holder string) (release func(), err error) {
	return lock(ctx, filepath.Join(s.Dir, scope.Digest()+lockSuffix), holder)
}

// Keep makes a pending snapshot the baseline. What it could not read is carried forward from the
// baseline before, so that a source which cannot be read once is not forgotten: when it can be read
// again, what vanished meanwhile is still noticed.
//
// A baseline that cannot be read has nothing to carry: the error is then one that [IsOf] the
// baseline, and [Store.SetAside] helps.
func (s Store) Keep(scope Scope, pending string) error {
	old, exists, err := s.Latest(scope)
	if err != nil {
		return err
	}
	if exists {
		if err := CarryForward(old, pending, pending); err != nil {
			return err
		}
	}
	if err := atomicfile.Rename(pending, s.path(scope)); err != nil {
		return err
	}
	return s.sweep(s.path(scope))
}

// SetAside renames a baseline that cannot be read, so that the next scan is a first one, and
// returns its new name.
func (s Store) SetAside(scope Scope, now time.Time) (string, error) {
	path := s.path(scope)
	aside := path + damagedInfix + now.UTC().Format("20060102T150405Z")
	for _, err := os.Lstat(aside); err == nil; _, err = os.Lstat(aside) {
		aside += "-again"
	}
	if err := atomicfile.Rename(path, aside); err != nil {
		return "", err
	}
	earlier, err := s.names(func(name string) bool { return strings.HasPrefix(name, filepath.Base(path)+damagedInfix) })
	if err != nil {
		return "", err
	}
	for len(earlier) > maxDamaged {
		if err := os.RemoveAll(earlier[0]); err != nil {
			return "", err
		}
		earlier = earlier[1:]
	}
	return aside, nil
}

// sweep removes what runs that were killed more than a day before this baseline have left.
func (s Store) sweep(baseline string) error {
	info, err := os.Stat(baseline)
	if err != nil {
		return err
	}
	left, err := s.names(func(name string) bool {
		return strings.HasSuffix(name, pendingSuffix) || strings.HasPrefix(name, tempPrefix)
	})
	if err != nil {
		return err
	}
	for _, path := range left {
		if old, err := os.Lstat(path); err == nil && old.Mode().IsRegular() &&
			info.ModTime().Sub(old.ModTime()) > staleAfter {
			os.Remove(path) // the next run tries again
		}
	}
	return nil
}

// names returns the paths of the store's files that match, in the order of their names.
func (s Store) names(match func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil, fmt.Errorf("listing %q: %w", s.Dir, err)
	}
	var found []string
	for _, entry := range entries {
		if match(entry.Name()) {
			found = append(found, filepath.Join(s.Dir, entry.Name()))
		}
	}
	slices.Sort(found)
	return found, nil
}

// IsOf reports whether an error is about the snapshot at path: about what it holds, or that it
// cannot be read.
func IsOf(err error, path string) bool {
	if format := (*FormatError)(nil); errors.As(err, &format) {
		return format.Path == path
	}
	file := (*fs.PathError)(nil)
	return errors.As(err, &file) && file.Path == path
}

func (s Store) path(scope Scope) string { return filepath.Join(s.Dir, scope.Digest()+baselineSuffix) }
