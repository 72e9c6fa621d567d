package snapshot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"guestlist/scanner/inventory"
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
		// A baseline that is broken has nothing to carry; the new one replaces it.
		if err := carryForward(old, pending, pending); err != nil && !errors.As(err, new(*FormatError)) {
			return err
		}
	}
	return os.Rename(pending, s.path(scope))
}

func (s Store) path(scope Scope) string { return filepath.Join(s.Dir, scope.Digest()+".jsonl.gz") }

// carryForward writes to target what now holds, plus the records of old for every source that now has not read completely and old has.
// It does nothing when now has no such source.
func carryForward(oldPath, nowPath, target string) error {
	old, err := Open(oldPath)
	if err != nil {
		return err
	}
	defer old.Close()
	now, err := Open(nowPath)
	if err != nil {
		return err
	}
	defer now.Close()
	writer, err := Create(target, now.Header())
	if err != nil {
		return err
	}
	defer writer.Abort()
	c := carrier{writer: writer, oldRun: old.Header().RunID, gaps: make(map[inventory.Source]bool), known: make(map[inventory.Source]bool)}
	for pair, err := range Compare(old, now) {
		if err == nil {
			err = c.pair(pair)
		}
		if err != nil {
			return err
		}
	}
	if !c.carried {
		return nil
	}
	old.Close() // a file that is open cannot be replaced on Windows
	now.Close()
	_, err = writer.Commit(now.Header().Started)
	return err
}

// carrier merges two snapshots into a baseline.
type carrier struct {
	writer  *Writer
	oldRun  inventory.Untrusted
	gaps    map[inventory.Source]bool // by now's coverage: true is a gap
	known   map[inventory.Source]bool // by old's coverage: true is complete
	carried bool
}

func (c *carrier) pair(pair Pair) error {
	switch pair.Kind() {
	case KindCoverage:
		return c.coverage(pair)
	case KindAccount:
		account, err := pair.NewAccount()
		if err != nil {
			return err
		}
		if account == nil {
			if account, err = pair.OldAccount(); err != nil || !c.carries(account.Source) {
				return err
			}
		}
		return c.writer.AddAccount(account)
	case KindItem:
		item, err := pair.NewItem()
		if err != nil {
			return err
		}
		if item == nil {
			if item, err = pair.OldItem(); err != nil || !c.carries(item.Source) {
				return err
			}
		}
		return c.writer.AddItem(item)
	}
	return nil
}

func (c *carrier) coverage(pair Pair) error {
	old, err := pair.OldCoverage()
	if err != nil {
		return err
	}
	now, err := pair.NewCoverage()
	if err != nil {
		return err
	}
	if old != nil {
		c.known[old.Source] = old.Status == inventory.StatusComplete
	}
	if now == nil {
		return nil
	}
	c.gaps[now.Source] = now.Status != inventory.StatusComplete
	if !c.gaps[now.Source] || old == nil || !c.known[now.Source] {
		return c.writer.AddCoverage(now)
	}
	kept := *old
	if kept.CarriedFrom == "" {
		kept.CarriedFrom = c.oldRun
	}
	c.carried = true
	return c.writer.AddCoverage(&kept)
}

// carries reports whether old knew the source completely and now does not.
func (c *carrier) carries(source inventory.Source) bool {
	for {
		if gap, ok := c.gaps[source]; ok {
			return gap && c.known[source]
		}
		parent, ok := source.Parent()
		if !ok {
			return false
		}
		source = parent
	}
}
