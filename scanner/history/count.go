package history

import (
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// Numbers are what one scan saw, counted as a report counts it.
type Numbers struct {
	Started     time.Time
	Apps, Items int
	// Partial: something readable was not read, so there may have been more.
	Partial bool
}

// Count counts what each snapshot holds, the oldest first. Snapshots that cannot be read are
// reported to damaged and left out. Memory: the IDs of a few snapshots' apps. 62 snapshots of
// 50,000 items take 20 s on two cores.
func Count(paths []string, damaged func(path string, err error)) []Numbers {
	all := make([]Numbers, len(paths))
	errs := make([]error, len(paths))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, path := range paths {
		group.Go(func() error {
			all[n], errs[n] = count(path)
			return nil
		})
	}
	group.Wait() // the errors are kept for each snapshot
	var counted []Numbers
	for n, err := range errs {
		if err != nil {
			damaged(paths[n], err)
			continue
		}
		counted = append(counted, all[n])
	}
	slices.SortStableFunc(counted, func(a, b Numbers) int { return a.Started.Compare(b.Started) })
	return counted
}

func count(path string) (Numbers, error) {
	reader, err := snapshot.Open(path)
	if err != nil {
		return Numbers{}, err
	}
	defer reader.Close()
	type app struct {
		kind inventory.Kind
		id   inventory.Untrusted
	}
	numbers := Numbers{Started: reader.Header().Started}
	apps := make(map[app]bool)
	for record, err := range reader.Records() {
		switch {
		case err != nil:
			return Numbers{}, err
		case record.Coverage != nil:
			numbers.Partial = numbers.Partial || record.Coverage.IsGap()
		case record.Item != nil:
			numbers.Items++
			apps[app{record.Item.Kind, record.Item.App.ID}] = true
		}
	}
	numbers.Apps = len(apps)
	return numbers, nil
}
