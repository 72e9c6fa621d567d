package snapshot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Store keeps the last snapshot of every scope in a folder, as the baseline of the next scan.
//
// A scan writes to [Store.Pending] and becomes the baseline with [Store.Keep], after its report was delivered: a run that dies in
// between is told again by the next one.
type Store struct{ Dir string }

// Latest is the baseline for scans of this scope; false when there is none yet.
func (s Store) Latest(scope Scope) (string, bool, error) {
	path := s.path(scope)
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	return path, true, nil
}

// Pending is where a scan of this scope writes its snapshot.
func (s Store) Pending(scope Scope) string {
	return filepath.Join(s.Dir, scope.Digest()+".pending.jsonl.gz")
}

// Keep makes the pending snapshot the baseline. What it could not read is carried forward from the baseline before, so that a source
// which cannot be read once is not forgotten: when it can be read again, what vanished meanwhile is still noticed.
func (s Store) Keep(scope Scope) error {
	old, exists, err := s.Latest(scope)
	if err != nil {
		return err
	}
	pending := s.Pending(scope)
	if exists {
		fault := (*FormatError)(nil)
		// A baseline that is broken has nothing to carry; the new one replaces it.
		if err := CarryForward(old, pending, pending); err != nil && (!errors.As(err, &fault) || fault.Path != old) {
			return err
		}
	}
	if err := os.Rename(pending, s.path(scope)); err != nil {
		return err
	}
	return s.sweep(s.path(scope))
}

// sweep removes what runs that were killed more than a day before this baseline have left.
func (s Store) sweep(baseline string) error {
	info, err := os.Stat(baseline)
	if err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(s.Dir, tempPattern))
	if err != nil {
		return err
	}
	for _, path := range left {
		if old, err := os.Lstat(path); err == nil && old.Mode().IsRegular() && info.ModTime().Sub(old.ModTime()) > 24*time.Hour {
			os.Remove(path) // the next run tries again
		}
	}
	return nil
}

func (s Store) path(scope Scope) string { return filepath.Join(s.Dir, scope.Digest()+".jsonl.gz") }
