package snapshot

import (
	"guestlist/scanner/inventory"
)

// CarryForward writes the newer snapshot to target, and adds from the older one the records of
// every source that only the older could read completely. Such a source's coverage is complete, as
// of the run that CarriedFrom names.
//
// Without this, a source that fails once would be forgotten: the next scan could report neither
// what vanished nor what was added meanwhile. If the newer scan read part of a source, what it did
// see replaces what the older one saw. Sources that the newer scan does not name, and that nothing
// reports as failed, are gone and are not kept.
//
// target may be the newer file itself, which is not changed if there is nothing to keep. The result
// is a baseline, not what one scan observed: header and times are the newer scan's.
func CarryForward(oldPath, newPath, target string) error {
	old, err := Open(oldPath)
	if err != nil {
		return err
	}
	defer old.Close()
	now, err := Open(newPath)
	if err != nil {
		return err
	}
	defer now.Close()
	writer, err := Create(target, now.Header())
	if err != nil {
		return err
	}
	defer writer.Abort()
	c := carrier{
		writer: writer, oldRun: old.Header().RunID,
		before: make(Coverages), now: make(Coverages), counts: make(map[inventory.Source]Summary),
	}
	known := false
	for pair, err := range Compare(old, now) {
		if err == nil {
			err = c.pair(pair)
		}
		if err != nil {
			return err
		}
		if !known && pair.Kind() != KindCoverage {
			known = true
			if target == newPath && !c.carries() {
				return nil
			}
		}
	}
	if target == newPath && !c.carries() {
		return nil
	}
	if err := c.addCoverage(); err != nil {
		return err
	}
	old.Close() // an open file cannot be replaced on Windows
	now.Close()
	_, err = writer.Commit(now.Trailer().Finished)
	return err
}

// Coverages is a snapshot's coverage by source. There are few: a source without its own is covered
// by one above it.
type Coverages map[inventory.Source]*inventory.Coverage

// Of returns the coverage that applies to a source: its own, that of the nearest source above it,
// or that of a provider that failed as a whole.
func (c Coverages) Of(source inventory.Source) *inventory.Coverage {
	for at, ok := source, true; ok; at, ok = at.Parent() {
		if found := c[at]; found != nil {
			return found
		}
	}
	failed := c[inventory.Source{Provider: source.Provider, Name: inventory.Untrusted(source.Provider)}]
	if failed != nil && failed.Status != inventory.StatusComplete {
		return failed
	}
	return nil
}

func isComplete(c *inventory.Coverage) bool { return c != nil && c.Status == inventory.StatusComplete }

// carrier merges two snapshots into a baseline. Coverage comes first in both, so it is known when
// the first record is met.
type carrier struct {
	writer      *Writer
	oldRun      inventory.Untrusted
	before, now Coverages
	counts      map[inventory.Source]Summary // of what was written, by the source whose coverage applies to it
}

func (c *carrier) pair(pair Pair) error {
	switch pair.Kind() {
	case KindCoverage:
		return c.coverage(pair)
	case KindAccount:
		return c.account(pair)
	case KindItem:
		return c.item(pair)
	}
	return nil
}

func (c *carrier) coverage(pair Pair) error {
	before, err := pair.OldCoverage()
	if err != nil {
		return err
	}
	now, err := pair.NewCoverage()
	if err != nil {
		return err
	}
	if before != nil {
		copied := *before
		c.before[before.Source] = &copied
	}
	if now != nil {
		copied := *now
		c.now[now.Source] = &copied
	}
	return nil
}

func (c *carrier) account(pair Pair) error {
	account, err := pair.NewAccount()
	if err == nil && account == nil {
		if account, err = pair.OldAccount(); err == nil && !c.keeps(account.Source) {
			return nil
		}
	}
	if err != nil {
		return err
	}
	c.count(account.Source, KindAccount)
	return c.writer.AddAccount(account)
}

func (c *carrier) item(pair Pair) error {
	item, err := pair.NewItem()
	if err == nil && item == nil {
		if item, err = pair.OldItem(); err == nil && !c.keeps(item.Source) {
			return nil
		}
	}
	if err != nil {
		return err
	}
	c.count(item.Source, KindItem)
	return c.writer.AddItem(item)
}

func (c *carrier) count(source inventory.Source, kind Kind) {
	if speaks := c.now.Of(source); speaks != nil && speaks.Status != inventory.StatusComplete {
		counts := c.counts[speaks.Source]
		counts.count(kind)
		c.counts[speaks.Source] = counts
	}
}

// keeps reports whether a source was read completely before and is not now.
func (c *carrier) keeps(source inventory.Source) bool {
	now := c.now.Of(source)
	return now != nil && !now.IsWhole() && isComplete(c.before.Of(source))
}

// carries reports whether anything is kept at all.
func (c *carrier) carries() bool {
	for source := range c.now {
		if c.keeps(source) {
			return true
		}
	}
	for source := range c.before {
		if c.keeps(source) {
			return true
		}
	}
	return false
}

// addCoverage writes the baseline's coverage once everything else is known.
func (c *carrier) addCoverage() error {
	for source, now := range c.now {
		if !c.keeps(source) {
			if err := c.writer.AddCoverage(now); err != nil {
				return err
			}
			continue
		}
		if c.before[source] == nil { // the one above covered it
			if err := c.addKept(&inventory.Coverage{
				Source: source, Status: inventory.StatusComplete, CarriedFrom: c.before.Of(source).CarriedFrom,
				Items: c.counts[source].Items, Accounts: c.counts[source].Accounts,
			}); err != nil {
				return err
			}
		}
	}
	for source, before := range c.before {
		now := c.now.Of(source)
		if now == nil || now.IsWhole() {
			continue
		}
		// Below a source that failed, what was a gap stays one: the source above may not cover it.
		if c.now[source] != nil && !isComplete(before) {
			continue
		}
		if err := c.addKept(before); err != nil {
			return err
		}
	}
	return nil
}

func (c *carrier) addKept(coverage *inventory.Coverage) error {
	if coverage.Status == inventory.StatusComplete && coverage.CarriedFrom == "" {
		coverage.CarriedFrom = c.oldRun
	}
	return c.writer.AddCoverage(coverage)
}
