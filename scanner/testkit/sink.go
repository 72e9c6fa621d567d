package testkit

import (
	"sync"
	"sync/atomic"

	"guestlist/scanner/inventory"
)

// Sink keeps what a scan adds, each record normalized, in the order of arrival. It is a sink for
// providers and a destination for the scanner. Read its lists after the scan.
type Sink struct {
	Items    []inventory.Item
	Accounts []inventory.Account
	Coverage []inventory.Coverage

	Err     error // returned for every record from number ErrFrom on; the record is kept
	ErrFrom int   // 0 and 1 both mean the first

	mu sync.Mutex
}

// AddItem keeps an item.
func (s *Sink) AddItem(item *inventory.Item) error {
	kept := *item
	kept.Normalize()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Items = append(s.Items, kept)
	return s.err()
}

// AddAccount keeps an account.
func (s *Sink) AddAccount(account *inventory.Account) error {
	kept := *account
	kept.Normalize()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Accounts = append(s.Accounts, kept)
	return s.err()
}

// AddCoverage keeps the coverage of a source.
func (s *Sink) AddCoverage(coverage *inventory.Coverage) error {
	kept := *coverage
	kept.Normalize()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Coverage = append(s.Coverage, kept)
	return s.err()
}

func (s *Sink) err() error {
	if len(s.Items)+len(s.Accounts)+len(s.Coverage) < s.ErrFrom {
		return nil
	}
	return s.Err
}

// Counter is a sink that counts records without keeping them, for scans that are large or measured.
type Counter struct{ Items, Accounts atomic.Int64 }

// AddItem counts an item.
func (c *Counter) AddItem(*inventory.Item) error { c.Items.Add(1); return nil }

// AddAccount counts an account.
func (c *Counter) AddAccount(*inventory.Account) error { c.Accounts.Add(1); return nil }
