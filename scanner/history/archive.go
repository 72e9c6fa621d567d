package history

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/snapshot"
)

// suffix ends the name of a kept snapshot.
const suffix = ".jsonl.gz"

// timeFormat is the time in names, so that they sort by it.
const timeFormat = "20060102T150405Z"

// staleAfter is the age at which an unfinished file must come from a killed run.
const staleAfter = 24 * time.Hour

// Archive is the directory of kept snapshots.
type Archive struct {
	Dir    string
	Policy Policy
}

// Kept is what the name and size of a kept snapshot say about it.
type Kept struct {
	Path  string
	Scope string // digest
	Run   string
	Time  time.Time // when the scan began, to the second
	Size  int64     // in bytes

	written time.Time
}

// List returns the kept snapshots, the oldest first. Files with other names are ignored.
func (a Archive) List() ([]Kept, error) {
	entries, err := os.ReadDir(a.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing %q: %w", a.Dir, err)
	}
	var list []Kept
	for _, entry := range entries {
		kept, ok := parseName(entry.Name())
		info, err := entry.Info()
		if !ok || err != nil || !info.Mode().IsRegular() {
			continue
		}
		kept.Path, kept.Size, kept.written = filepath.Join(a.Dir, entry.Name()), info.Size(), info.ModTime()
		list = append(list, kept)
	}
	sortKept(list)
	return list, nil
}

// Keep copies the snapshot at path, and removes what the policy no longer keeps. The caller holds
// the lock of the scope. After an error, everything kept before is still there.
func (a Archive) Keep(path string, header snapshot.Header, now time.Time) error {
	if a.Policy.keepsNothing() {
		return a.Prune(now)
	}
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return err
	}
	name := nameOf(Kept{Scope: header.Scope.Digest(), Time: header.Started, Run: string(header.RunID)})
	if err := copyFile(path, filepath.Join(a.Dir, name)); err != nil {
		return err
	}
	return a.Prune(now)
}

// Prune removes what the policy does not keep, and what killed runs left behind at least a day ago.
func (a Archive) Prune(now time.Time) error {
	list, err := a.List()
	if err != nil {
		return err
	}
	for _, kept := range a.Policy.surplus(list, now) {
		if err := os.Remove(kept.Path); err != nil && !errors.Is(err, fs.ErrNotExist) { // a run of another scope was faster
			return err
		}
	}
	a.sweep(now)
	return nil
}

// sweep removes files that were never finished. There are none on systems where a file gets its
// name only when complete.
func (a Archive) sweep(now time.Time) {
	entries, _ := os.ReadDir(a.Dir) // what cannot be listed is not swept
	a.removeApps(entries)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && strings.HasPrefix(entry.Name(), ".") && info.Mode().IsRegular() &&
			now.Sub(info.ModTime()) > staleAfter {
			os.Remove(filepath.Join(a.Dir, entry.Name())) // the next run tries again
		}
	}
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := atomicfile.Create(to, atomicfile.Options{})
	if err != nil {
		return err
	}
	defer target.Close()
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Commit()
}

func nameOf(kept Kept) string {
	return kept.Scope + "." + kept.Time.UTC().Format(timeFormat) + "." + kept.Run + suffix
}

// parseName parses what nameOf returns.
func parseName(name string) (Kept, bool) {
	rest, isKept := strings.CutSuffix(name, suffix)
	parts := strings.Split(rest, ".")
	if !isKept || len(parts) != 3 || parts[0] == "" || parts[2] == "" {
		return Kept{}, false
	}
	at, err := time.Parse(timeFormat, parts[1])
	return Kept{Scope: parts[0], Time: at, Run: parts[2]}, err == nil
}
