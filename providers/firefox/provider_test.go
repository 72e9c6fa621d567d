package firefox

import (
	"context"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

var _ scanner.Provider = (*Provider)(nil)

// collect returns everything that is found, sorted by key.
func collect(t testing.TB, env scanner.Env) ([]inventory.Item, []inventory.Coverage) {
	t.Helper()
	sink := &testkit.Sink{}
	coverage, err := New(env).Collect(context.Background(), sink)
	if err != nil {
		t.Fatalf("collecting: %v", err)
	}
	slices.SortFunc(sink.Items, func(a, b inventory.Item) int { return strings.Compare(a.Key(), b.Key()) })
	return sink.Items, coverage
}
