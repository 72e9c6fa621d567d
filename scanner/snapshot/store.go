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
	"guestlist/scanner/lockfile"
)

// Store keeps the last snapshot of every series of scans in a directory, as the baseline for the
// next one.
//
// A scan writes to [Store.Pending]; then, under [Store.Lock], it compares with [Store.Latest],
// delivers its report, and becomes the baseline with [Store.Keep]. What a run found before it died
// in between is reported again by the next one, and of two concurrent runs the second compares with
// what the first one kept.
type Store struct{ Dir string }

// Series are the scans that are compared with each other: those of one scope, under one name. Scans
// under different names do not use up each other's changes.
type Series struct {
	Scope Scope
	Name  string // see [CheckName]
	// Until are the names whose baselines are used, the first that exists, until the series has its
	// own. The last resort is the one without a name, which earlier versions kept.
	Until []string
}

// Baseline is a snapshot to compare with.
type Baseline struct {
	Name string // of its series; "" if an earlier version wrote it
	Path string
}

// MaxNameBytes bounds the name of a series.
const MaxNameBytes = 40

// CheckName reports what is wrong with the name of a series, which becomes part of a file name on
// any system.
func CheckName(name string) error {
	isOther := func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_') }
	switch {
	case name == "" || len(name) > MaxNameBytes:
		return fmt.Errorf("it must have 1 to %d characters", MaxNameBytes)
	case strings.ContainsFunc(name, isOther):
		return errors.New("it may hold lower-case letters, digits, - and _")
	}
	return nil
}

// File names, after the scope's digest.
const (
	baselineSuffix = ".jsonl.gz"
	namedInfix     = ".baseline-"
	pendingSuffix  = ".pending" + baselineSuffix
	lockSuffix     = ".lock"
	runInfix       = ".run-"
	damagedInfix   = ".damaged-"
	tempPrefix     = ".guestlist-" // from earlier versions
)

const (
	// maxDamaged is how many files that were set aside are kept for each baseline; the oldest are
	// removed.
	maxDamaged = 3
	// staleAfter is the age at which a pending snapshot must come from a killed run.
	staleAfter = 24 * time.Hour
)

// Prepare creates the directory and checks whether snapshots can be kept there.
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

// Latest returns the baseline of a series; false if there is none yet. In either case the path says
// where it is kept.
func (s Store) Latest(series Series) (Baseline, bool, error) {
	for _, name := range append(append([]string{series.Name}, series.Until...), "") {
		at := Baseline{name, s.path(series.Scope, name)}
		switch info, err := os.Stat(at.Path); {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return at, false, err
		case !info.Mode().IsRegular():
			return at, false, &fs.PathError{Op: "open", Path: at.Path, Err: errors.New("it is not a regular file")}
		}
		return at, true, nil
	}
	return Baseline{series.Name, s.path(series.Scope, series.Name)}, false, nil
}

// Baselines returns those of all series and scopes, sorted by file name.
func (s Store) Baselines() ([]Baseline, error) {
	paths, err := s.names(func(name string) bool {
		return strings.HasSuffix(name, baselineSuffix) && !strings.HasSuffix(name, pendingSuffix) &&
			!strings.HasPrefix(name, ".")
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Baseline
	for _, path := range paths {
		_, name, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), baselineSuffix), namedInfix)
		list = append(list, Baseline{name, path})
	}
	return list, err
}

// Pending is where the scan of this scope identified by run writes its snapshot.
func (s Store) Pending(scope Scope, run string) string {
	return filepath.Join(s.Dir, scope.Digest()+"."+run+pendingSuffix)
}

// Lock waits until no other run compares with or keeps a snapshot of this scope, but no longer than
// the context allows: then the error says who holds the lock. release releases it.
func (s Store) Lock(ctx context.Context, scope Scope, holder string) (release func(), err error) {
	return lockfile.Lock(ctx, filepath.Join(s.Dir, scope.Digest()+lockSuffix), holder)
}

// LockRun keeps other runs of the same series out for as long as one lasts, if they ask as well. It
// waits no longer than the context allows: then the error is a [lockfile.LockedError]. It has
// nothing to do with [Store.Lock], which scans by hand take too.
func (s Store) LockRun(ctx context.Context, series Series, holder string) (release func(), err error) {
	return lockfile.Lock(ctx, filepath.Join(s.Dir, series.Scope.Digest()+runInfix+series.Name+lockSuffix), holder)
}

// Keep makes a pending snapshot the baseline of its series. What it could not read is carried
// forward from the previous baseline, so that a source that cannot be read once is not forgotten:
// when it can be read again, what vanished in the meantime is still noticed.
//
// A baseline that cannot be read has nothing to carry: the error is then one that [IsOf] the
// baseline, and [Store.SetAside] helps. The baseline of another name is left alone and carries
// nothing.
func (s Store) Keep(series Series, pending string) error {
	old, exists, err := s.Latest(series)
	isForeign := old.Name != series.Name && old.Name != ""
	if err == nil && exists {
		err = CarryForward(old.Path, pending, pending)
	}
	if err != nil && !(isForeign && IsOf(err, old.Path)) {
		return err
	}
	path := s.path(series.Scope, series.Name)
	if err := atomicfile.Rename(pending, path); err != nil {
		return err
	}
	return s.sweep(path)
}

// SetAside renames a baseline that cannot be read, so that the next scan is a first one, and
// returns its new name.
func (s Store) SetAside(path string, now time.Time) (string, error) {
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

// sweep removes what was left by runs killed more than a day before this baseline.
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

// IsOf reports whether an error is about the snapshot at path: about its content, or that it cannot
// be read.
func IsOf(err error, path string) bool {
	if format := (*FormatError)(nil); errors.As(err, &format) {
		return format.Path == path
	}
	file := (*fs.PathError)(nil)
	return errors.As(err, &file) && file.Path == path
}

func (s Store) path(scope Scope, name string) string {
	if name != "" {
		name = namedInfix + name
	}
	return filepath.Join(s.Dir, scope.Digest()+name+baselineSuffix)
}
