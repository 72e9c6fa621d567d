package history

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// AppSeen is an app that a kept snapshot holds.
type AppSeen struct {
	Provider inventory.Provider    `json:"provider"`
	Kind     inventory.Kind        `json:"kind"`
	App      inventory.App         `json:"app"`
	Slug     inventory.Untrusted   `json:"slug,omitzero"` // of a GitHub App
	Versions []inventory.Untrusted `json:"versions,omitempty"`
	// Holders counts the people that held it or, where none are known, the places.
	Holders int `json:"holders"`
}

const (
	// appsSuffix ends the name of a snapshot's list of apps, which stands beside it.
	appsSuffix = ".apps.json"
	// maxAppVersions bounds the versions that are listed of one app.
	maxAppVersions = 50
	// appsFormat is raised when what is in a list changes; a list of another format is made again.
	appsFormat = 1
	// factSlug is the fact that holds a GitHub App's name in its address.
	factSlug = "app_slug"
)

// appsFile is a list of apps as it is kept.
type appsFile struct {
	Format int       `json:"format"`
	Size   int64     `json:"size"` // of the snapshot that it was made of
	Apps   []AppSeen `json:"apps"`
}

// Apps returns the apps that a kept snapshot holds, without files that nothing runs. A snapshot is
// read once: the list is kept beside it, and goes with it.
func (a Archive) Apps(kept Kept) ([]AppSeen, error) {
	path := kept.Path + appsSuffix
	if text, err := os.ReadFile(path); err == nil {
		var file appsFile
		if json.Unmarshal(text, &file) == nil && file.Format == appsFormat && file.Size == kept.Size {
			return file.Apps, nil
		}
	}
	apps, err := appsIn(kept.Path)
	if err != nil {
		return nil, err
	}
	if text, err := json.Marshal(appsFile{Format: appsFormat, Size: kept.Size, Apps: apps}); err == nil {
		atomicfile.WriteFile(path, text, atomicfile.Options{Volatile: true}) // or the next run reads it again
	}
	return apps, nil
}

func appsIn(path string) ([]AppSeen, error) {
	reader, err := snapshot.Open(path)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	type key struct {
		kind inventory.Kind
		id   inventory.Untrusted
	}
	type held struct {
		AppSeen
		holders map[inventory.Untrusted]bool
	}
	apps := make(map[key]*held)
	for record, err := range reader.Records() {
		if err != nil {
			return nil, err
		}
		item := record.Item
		if item == nil || item.App.ID == "" || item.State == inventory.StateLeftover {
			continue
		}
		at := apps[key{item.Kind, item.App.ID}]
		if at == nil {
			at = &held{AppSeen{Provider: item.Source.Provider, Kind: item.Kind, App: item.App, Slug: item.Facts[factSlug]},
				make(map[inventory.Untrusted]bool)}
			apps[key{item.Kind, item.App.ID}] = at
		}
		at.holders[holderOf(item)] = true
		if v := item.Version; v != "" && len(at.Versions) < maxAppVersions && !slices.Contains(at.Versions, v) {
			at.Versions = append(at.Versions, v)
		}
	}
	list := make([]AppSeen, 0, len(apps))
	for _, at := range apps {
		at.Holders = len(at.holders)
		list = append(list, at.AppSeen)
	}
	slices.SortFunc(list, func(x, y AppSeen) int { return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.App.ID, y.App.ID)) })
	return list, nil
}

// holderOf names the person that holds an item or, where none is known, the place.
func holderOf(item *inventory.Item) inventory.Untrusted {
	h := &item.Holder
	return cmp.Or(h.AccountID, h.Account, h.User, h.Organization, item.Source.Name)
}

// Items returns the app as items, one for each version that was seen, for what decides about items.
func (a *AppSeen) Items() []inventory.Item {
	item := inventory.Item{Source: inventory.Source{Provider: a.Provider}, Kind: a.Kind, App: a.App}
	if a.Slug != "" {
		item.Facts = map[string]inventory.Untrusted{factSlug: a.Slug}
	}
	if len(a.Versions) == 0 {
		return []inventory.Item{item}
	}
	items := make([]inventory.Item, len(a.Versions))
	for n, version := range a.Versions {
		items[n] = item
		items[n].Version = version
	}
	return items
}

// removeApps removes the lists of apps whose snapshot is gone.
func (a Archive) removeApps(entries []os.DirEntry) {
	for _, entry := range entries {
		snapshotName, is := strings.CutSuffix(entry.Name(), appsSuffix)
		if !is {
			continue
		}
		isThere := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == snapshotName })
		if !isThere {
			os.Remove(filepath.Join(a.Dir, entry.Name())) // the next run tries again
		}
	}
}
