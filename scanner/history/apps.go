package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
	"guestlist/scanner/lookalike"
	"guestlist/scanner/snapshot"
)

// maxWays bounds the ways of holding one app that are kept. What is beyond is in no proposal, and so
// is not approved.
const maxWays = 1000

// App is an app as snapshots saw it, in all places where something of it may run.
type App struct {
	Kind  inventory.Kind
	ID    inventory.Untrusted
	Names []inventory.Untrusted // that it goes by, at most 5, as first seen
	// Ways has an item for each different access, origin and publisher with which it is held.
	Ways        []inventory.Item
	ItemCount   int
	HolderCount int
}

// Name is what people call it: its first name, or its ID.
func (a *App) Name() inventory.Untrusted {
	if len(a.Names) > 0 {
		return a.Names[0]
	}
	return a.ID
}

// Apps returns the apps of the snapshots, by kind and ID. It calls damaged for each snapshot that
// cannot be read, of which it takes nothing. Memory grows with the number of apps and holders.
func Apps(paths []string, damaged func(path string, err error)) []App {
	all := make(map[subjectKey]*gathered)
	for _, path := range paths {
		own := make(map[subjectKey]*gathered)
		if err := gatherApps(path, own); err != nil {
			damaged(path, err)
			continue
		}
		for key, app := range own {
			if known := all[key]; known != nil {
				known.add(app)
			} else {
				all[key] = app
			}
		}
	}
	apps := make([]App, 0, len(all))
	for _, app := range all {
		app.HolderCount = len(app.holders)
		apps = append(apps, app.App)
	}
	slices.SortFunc(apps, func(a, b App) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return apps
}

// gathered is an app in the making.
type gathered struct {
	App
	ways    map[string]bool
	holders map[inventory.Holder]bool
}

func gatherApps(path string, into map[subjectKey]*gathered) error {
	reader, err := snapshot.Open(path)
	if err != nil {
		return err
	}
	defer reader.Close()
	for record, err := range reader.Records() {
		if err != nil {
			return err
		}
		item := record.Item
		if item == nil || item.App.ID == "" || item.State == inventory.StateLeftover ||
			item.Origin == inventory.OriginBuiltin {
			continue
		}
		key := subjectKey{topic: TopicApp, kind: item.Kind, id: inventory.Untrusted(strings.ToLower(string(item.App.ID)))}
		app := into[key]
		if app == nil {
			app = &gathered{App: App{Kind: item.Kind, ID: item.App.ID}, ways: make(map[string]bool),
				holders: make(map[inventory.Holder]bool)}
			into[key] = app
		}
		app.see(item)
	}
	return nil
}

func (g *gathered) see(item *inventory.Item) {
	g.ItemCount++
	g.holders[item.Holder] = true
	g.name(item.App.Name)
	g.keep(item)
}

// maxAppNames bounds the names of an app.
const maxAppNames = 5

func (g *gathered) name(name inventory.Untrusted) {
	if name != "" && len(g.Names) < maxAppNames && !slices.Contains(g.Names, name) {
		g.Names = append(g.Names, name)
	}
}

// keep remembers an item that is held in another way than those before it.
func (g *gathered) keep(item *inventory.Item) {
	a := &item.Access
	way := fmt.Sprintf("%q %q %q %q %q %q %q %v", a.Permissions, a.Hosts, a.Surfaces, a.Repositories, item.Origin,
		item.App.Publisher, item.Version, a.IsUnknown())
	if !g.ways[way] && len(g.Ways) < maxWays {
		g.ways[way] = true
		g.Ways = append(g.Ways, *item)
	}
}

func (g *gathered) add(other *gathered) {
	g.ItemCount += other.ItemCount
	for holder := range other.holders {
		g.holders[holder] = true
	}
	for _, name := range other.Names {
		g.name(name)
	}
	for n := range other.Ways {
		g.keep(&other.Ways[n])
	}
}

// IsID reports whether a text is the app's ID, in any of its forms.
func (a *App) IsID(id inventory.Untrusted) bool {
	if a.Kind == inventory.KindOAuthGrant {
		return appid.CanonicalClient(a.ID) == appid.CanonicalClient(id)
	}
	return appid.Canonical(a.ID) == appid.Canonical(id)
}

// HasName reports whether the app goes by a name, in any case.
func (a *App) HasName(name inventory.Untrusted) bool {
	return slices.ContainsFunc(a.Names, func(each inventory.Untrusted) bool {
		return strings.EqualFold(each.String(), name.String())
	})
}

// LooksLike reports whether a reader can mistake one of the app's names for another one.
func (a *App) LooksLike(name inventory.Untrusted) bool {
	looks := lookalike.Skeletons(string(name))
	return slices.ContainsFunc(a.Names, func(each inventory.Untrusted) bool {
		return slices.ContainsFunc(lookalike.Skeletons(string(each)), func(look string) bool { return slices.Contains(looks, look) })
	})
}

// NearestApp returns the app whose name was probably meant; nil if none is near.
func NearestApp(apps []App, name inventory.Untrusted) *App {
	named := make(map[string]*App)
	var known []string
	for n := range apps {
		for _, name := range apps[n].Names {
			lower := strings.ToLower(string(name))
			named[lower], known = &apps[n], append(known, lower)
		}
	}
	slices.Sort(known)
	return named[strict.Nearest(string(name), known)]
}
