package allowlist_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

const (
	benchItems   = 1_000_000
	benchEntries = 10_000
	leastSpeed   = 1_000_000 // lookups a second, on one core
	mostGrowth   = 2.0       // of the time of one lookup, from 100 entries to 10,000
)

// benchID is the n-th of many extension IDs.
func benchID(n int) string {
	id := []byte(strings.Repeat("a", 32))
	for i := 31; n > 0; i-- {
		id[i] += byte(n % 16)
		n /= 16
	}
	return string(id)
}

// benchList has entries of extensions and of OAuth clients, half and half, with the pins of a
// reviewed list.
func benchList(b *testing.B, entries int) *allowlist.List {
	b.Helper()
	var text strings.Builder
	text.WriteString("version = 1\n[policy]\nreview_within = \"365d\"\n")
	for n := range entries {
		kind, id := "extension", benchID(n)
		pins := "permissions = [\"storage\", \"tabs\"]\nhosts = [\"https://*.acme.example/*\"]"
		if n%2 == 1 {
			kind, id = "oauth-grant", fmt.Sprintf("19570130570-%032d.apps.googleusercontent.com", n)
			pins = "permissions = [\"openid\", \"email\"]"
		}
		fmt.Fprintf(&text, "[[allow]]\nkind = %q\nid = %q\nowner = \"it@acme.example\"\nreason = \"Needed\"\napproved = 2026-11-01\n%s\n", kind, id, pins)
	}
	list, err := allowlist.Parse("allowlist.toml", []byte(text.String()), nil)
	if err != nil {
		b.Fatal(err)
	}
	return list
}

// benchHeld are the items of an organization: most are approved, some of them hold too much, and
// some no entry names.
func benchHeld(entries int) []inventory.Item {
	items := make([]inventory.Item, 4096)
	for n := range items {
		item := &items[n]
		app := n % (entries + entries/10)
		if app%2 == 1 {
			*item = inventory.Item{Kind: inventory.KindOAuthGrant,
				App:    inventory.App{ID: inventory.Untrusted(fmt.Sprintf("19570130570-%032d.apps.googleusercontent.com", app))},
				Access: inventory.Access{Permissions: []inventory.Untrusted{"openid", "email"}, Basis: inventory.BasisGranted}}
			continue
		}
		*item = inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: inventory.Untrusted(benchID(app))},
			Access: inventory.Access{Permissions: []inventory.Untrusted{"storage"}, Hosts: []inventory.Untrusted{"https://a.acme.example/*"},
				Basis: inventory.BasisGranted}}
		if n%64 == 0 {
			item.Access.Permissions = append(item.Access.Permissions, "cookies")
		}
	}
	return items
}

// timed does something benchItems times, and returns the processor time that it took: others may be
// at work on this machine.
func timed(do func(n int)) time.Duration {
	start := processorTime()
	for n := range benchItems {
		do(n)
	}
	return processorTime() - start
}

// BenchmarkLongList looks a million items up among ten thousand entries, judges them, and compares
// with a hundred entries: a lookup does not take longer in a longer list.
func BenchmarkLongList(b *testing.B) {
	few, many := benchList(b, 100), benchList(b, benchEntries)
	for b.Loop() {
		lookup := func(list *allowlist.List, items []inventory.Item) time.Duration {
			return timed(func(n int) { list.Named(&items[n%len(items)]) })
		}
		held := benchHeld(benchEntries)
		short, long := lookup(few, benchHeld(100)), lookup(many, held)
		judged := timed(func(n int) { many.Decide(&held[n%len(held)], today) })
		speed, growth := benchItems/long.Seconds(), long.Seconds()/short.Seconds()
		b.ReportMetric(speed, "lookups/s")
		b.ReportMetric(growth, "x100-entries")
		b.ReportMetric(benchItems/judged.Seconds(), "items/s")
		if speed < leastSpeed {
			b.Errorf("%.0f lookups a second, want %d", speed, leastSpeed)
		}
		if growth > mostGrowth {
			b.Errorf("%.2f times as long with %d entries as with 100", growth, benchEntries)
		}
	}
}
