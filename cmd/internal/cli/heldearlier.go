package cli

import (
	"errors"
	"io/fs"
	"maps"
	"slices"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// heldEarlier is what earlier scans of the same places saw of apps that a feed names.
type heldEarlier struct{ apps []diff.EarlierApp }

func (p *pipeline) hasFeeds() bool { return p.allowlist != nil && len(p.allowlist.Feeds()) > 0 }

func (p *pipeline) heldEarlier(header snapshot.Header) []diff.EarlierApp {
	if p.held == nil {
		p.held = &heldEarlier{p.readHeld(header)}
	}
	return p.held.apps
}

// readHeld reads the apps of all earlier scans that are kept, and returns those that a feed names,
// as they were last seen.
func (p *pipeline) readHeld(header snapshot.Header) []diff.EarlierApp {
	dir := p.env.stateDir()
	if dir == "" || !p.hasFeeds() {
		return nil
	}
	archive := history.Archive{Dir: historyIn(dir)}
	list, err := archive.List()
	if err != nil {
		p.warn("feeds are not compared with earlier scans: %v", err)
		return nil
	}
	type app struct {
		kind inventory.Kind
		id   inventory.Untrusted
	}
	last := make(map[app]diff.EarlierApp)
	for _, kept := range list { // the oldest first
		if !isEarlier(kept, header) {
			continue
		}
		apps, err := archive.Apps(kept)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // pruned meanwhile
			p.warn("a kept snapshot cannot be read, and feeds are not compared with it: %v", err)
		}
		for n := range apps {
			if items := apps[n].Items(); p.isInFeed(items) {
				last[app{apps[n].Kind, apps[n].App.ID}] = diff.EarlierApp{Items: items, Last: kept.Time,
					Holders: apps[n].Holders, Where: "the scan"}
			}
		}
	}
	return slices.Collect(maps.Values(last)) // findings have an order of their own
}

// isInFeed reports whether a feed names one of the items.
func (p *pipeline) isInFeed(items []inventory.Item) bool {
	return slices.ContainsFunc(p.allowlist.Feeds(), func(feed *allowlist.Feed) bool {
		return slices.ContainsFunc(items, func(item inventory.Item) bool {
			_, found := feed.Find(&item)
			return found
		})
	})
}

// isEarlier reports whether a kept snapshot is of an earlier scan of the same places.
func isEarlier(kept history.Kept, header snapshot.Header) bool {
	return kept.Scope == header.Scope.Digest() && kept.Run != header.RunID.String() && kept.Time.Before(header.Started)
}
