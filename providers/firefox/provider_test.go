package firefox

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"guestlist/providers/provider"
	"guestlist/scanner/inventory"
)

// collected is a sink that keeps copies of what it is given.
type collected struct {
	lock  sync.Mutex
	items []inventory.Item
	err   error
}

func (c *collected) AddItem(item *inventory.Item) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	copied := *item
	copied.Normalize()
	c.items = append(c.items, copied)
	return c.err
}

func (c *collected) AddAccount(*inventory.Account) error { return nil }

var _ provider.Provider = (*Provider)(nil)

// collect returns everything that is found, sorted by key.
func collect(t testing.TB, env provider.Env) ([]inventory.Item, []inventory.Coverage) {
	t.Helper()
	sink := &collected{}
	coverage, err := New(env).Collect(context.Background(), sink)
	if err != nil {
		t.Fatalf("collecting: %v", err)
	}
	slices.SortFunc(sink.items, func(a, b inventory.Item) int { return strings.Compare(a.Key(), b.Key()) })
	return sink.items, coverage
}
