package github

import (
	"context"
	"errors"
	"strings"
	"sync"

	"guestlist/providers/github/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// collector gathers what one call of Collect observes.
type collector struct {
	provider *Provider
	sink     scanner.Sink

	mu        sync.Mutex
	coverages []inventory.Coverage
	counts    map[inventory.Source]*counts
}

type counts struct{ items, accounts int }

// sinkError marks the sink's errors, which end the scan; GitHub's end a source.
type sinkError struct{ error }

func (e *sinkError) Unwrap() error { return e.error }

func (c *collector) addItem(item *inventory.Item) error {
	c.count(item.Source).items++
	if err := c.sink.AddItem(item); err != nil {
		return &sinkError{err}
	}
	return nil
}

func (c *collector) addAccount(account *inventory.Account) error {
	c.count(account.Source).accounts++
	if err := c.sink.AddAccount(account); err != nil {
		return &sinkError{err}
	}
	return nil
}

// count returns a source's counts. Each source is read by one goroutine, so only the map needs the
// lock.
func (c *collector) count(source inventory.Source) *counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts[source]
	if n == nil {
		n = &counts{}
		c.counts[source] = n
	}
	return n
}

// cover records how well a source was read.
func (c *collector) cover(coverage inventory.Coverage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.coverages = append(c.coverages, coverage)
}

// coverFault records the fault that ended a source; nil means none.
func (c *collector) coverFault(source inventory.Source, failed *api.Fault, details []inventory.Untrusted) {
	c.cover(c.coverageOf(source, failed, details))
}

// coverageOf is the coverage of a source that ended with a fault; nil means none. Items seen before
// make it partial.
func (c *collector) coverageOf(source inventory.Source, failed *api.Fault,
	details []inventory.Untrusted,
) inventory.Coverage {
	coverage := inventory.Coverage{Source: source, Status: inventory.StatusComplete, Details: limitDetails(details)}
	if len(details) > 0 {
		coverage.Status, coverage.Reason = inventory.StatusPartial, "some entries could not be read"
	}
	if failed != nil {
		coverage.Status = inventory.StatusNotObservable
		if n := c.count(source); failed.Partial || n.items+n.accounts > 0 {
			coverage.Status = inventory.StatusPartial
		}
		coverage.Reason, coverage.Remedy, coverage.Unobservable = failed.Reason, failed.Remedy, failed.Unobservable
	}
	return coverage
}

// finish writes the counts into the coverages: each counts the items of its source and of those
// below.
func (c *collector) finish() []inventory.Coverage {
	for n := range c.coverages {
		coverage := &c.coverages[n]
		for source, counts := range c.counts {
			if source == coverage.Source || strings.HasPrefix(string(source.Name), string(coverage.Source.Name)+"/") {
				coverage.Items += counts.items
				coverage.Accounts += counts.accounts
			}
		}
	}
	return c.coverages
}

func limitDetails(details []inventory.Untrusted) []inventory.Untrusted {
	if len(details) <= inventory.MaxCoverageDetails {
		return details
	}
	kept := details[:inventory.MaxCoverageDetails-1]
	return append(kept, inventory.Textf("and %d more", len(details)-len(kept)))
}

// endsScan reports whether an error is one that ends the whole scan.
func endsScan(ctx context.Context, err error) bool {
	var failed *sinkError
	return errors.As(err, &failed) || ctx.Err() != nil
}

// scanError is what Collect returns: the sink's own error, or the context's.
func scanError(ctx context.Context, err error) error {
	var failed *sinkError
	if errors.As(err, &failed) {
		return failed.error
	}
	return ctx.Err()
}
