package cli

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/strict"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/lookalike"
	"guestlist/scanner/report"
)

// observedApps are the apps that scans saw, to look up what a person means.
type observedApps struct {
	apps  []history.App
	scans int
}

// observed reads the apps of a named snapshot, or of the newest that are kept.
func (env *Env) observed(from string) (*observedApps, error) {
	paths, err := env.snapshotsFor(from)
	if err != nil {
		return nil, err
	}
	apps := history.Apps(paths, func(_ string, err error) {
		env.warn("a kept snapshot cannot be read, and the others are used: %v", err)
	})
	return &observedApps{apps: apps, scans: len(paths)}, nil
}

// snapshotsFor are the snapshot that a person named, or else the newest ones that are kept.
func (env *Env) snapshotsFor(from string) ([]string, error) {
	if from != "" {
		reader, err := (namedFile{"--from", from}).open()
		if err != nil {
			return nil, err
		}
		reader.Close()
		return []string{from}, nil
	}
	latest, _, err := env.kept()
	if err != nil {
		return nil, runError(fmt.Errorf("listing the kept snapshots: %w", err))
	}
	return latest, nil
}

// app is what a person means: an app that was observed, or an ID that was not.
type app struct {
	kind     inventory.Kind
	id       inventory.Untrusted
	observed *history.App // nil if no scan saw it
}

func (a *app) title() inventory.Untrusted {
	if a.observed != nil {
		return a.observed.Name()
	}
	return a.id
}

// find decides which app a word means: by its ID, or by a name that one app alone has and that no
// other app's looks like. Names are only looked for here: what is written is the ID.
func (o *observedApps) find(word string, kind inventory.Kind) (*app, error) {
	query := history.ParseQuery(string(report.ParseArgument(word)))
	if query.Kind != "" {
		if kind != "" && kind != query.Kind {
			return nil, usageError(fmt.Errorf("%q is of another kind than --kind %s", inventory.Untrusted(word), kind))
		}
		kind = query.Kind
	}
	byID := o.where(kind, func(a *history.App) bool { return isSameID(a.Kind, a.ID, query.Text) })
	switch {
	case len(byID) == 1:
		return &app{byID[0].Kind, byID[0].ID, byID[0]}, nil
	case len(byID) > 1:
		return nil, ambiguousApp("%q is the ID of %d kinds of apps", word, byID)
	}
	named := o.where(kind, func(a *history.App) bool { return hasName(a, query.Text) })
	if len(named) > 0 {
		alike := o.where("", func(a *history.App) bool { return hasName(a, query.Text) || looksLike(a, query.Text) })
		if len(alike) > 1 {
			return nil, ambiguousApp("%q is the name of several apps, or looks like it: %d may be meant", word, alike)
		}
		return &app{named[0].Kind, named[0].ID, named[0]}, nil
	}
	if kind := kindOfID(kind, query.Text); kind != "" {
		return &app{kind: kind, id: query.Text}, nil
	}
	return nil, o.unknown(word, query.Text)
}

func (o *observedApps) where(kind inventory.Kind, is func(*history.App) bool) []*history.App {
	var found []*history.App
	for n := range o.apps {
		if a := &o.apps[n]; (kind == "" || a.Kind == kind) && is(a) {
			found = append(found, a)
		}
	}
	return found
}

func isSameID(kind inventory.Kind, id, other inventory.Untrusted) bool {
	if kind == inventory.KindOAuthGrant {
		return appid.CanonicalClient(id) == appid.CanonicalClient(other)
	}
	return appid.Canonical(id) == appid.Canonical(other)
}

func hasName(a *history.App, name inventory.Untrusted) bool {
	return slices.ContainsFunc(a.Names, func(each inventory.Untrusted) bool {
		return strings.EqualFold(each.String(), name.String())
	})
}

// looksLike reports whether a reader can mistake a name of the app for another one.
func looksLike(a *history.App, name inventory.Untrusted) bool {
	looks := lookalike.Skeletons(string(name))
	return slices.ContainsFunc(a.Names, func(each inventory.Untrusted) bool {
		return slices.ContainsFunc(lookalike.Skeletons(string(each)), func(look string) bool { return slices.Contains(looks, look) })
	})
}

// kindOfID is the kind of an ID that no scan saw: the one that was named, or that of extensions,
// whose IDs have a form of their own. A name has none.
func kindOfID(kind inventory.Kind, id inventory.Untrusted) inventory.Kind {
	text := strings.ToLower(string(id))
	isExtension := len(text) == chromeIDLength && strings.Trim(text, "abcdefghijklmnop") == "" || appid.IsAddon(string(id))
	switch {
	case strings.ContainsAny(text, " \t"):
		return ""
	case kind == "" && isExtension:
		return inventory.KindExtension
	}
	return kind
}

const chromeIDLength = 32

func ambiguousApp(format, word string, apps []*history.App) error {
	var hints []string
	for _, a := range apps[:min(len(apps), maxCandidates)] {
		hints = append(hints, fmt.Sprintf("%s  # %s, %s", appWord(a.Kind, a.ID), a.Name(),
			counted(a.HolderCount, "holder", "holders")))
	}
	if more := len(apps) - maxCandidates; more > 0 {
		hints = append(hints, fmt.Sprintf("and %d more", more))
	}
	return usageError(fmt.Errorf(format, inventory.Untrusted(word), len(apps)), hints...)
}

// appWord is how an app is named on a command line without a doubt.
func appWord(kind inventory.Kind, id inventory.Untrusted) string {
	return report.Argument(inventory.Untrusted(kind) + ":" + id)
}

// unknown says that no scan saw an app of that name, and which have a similar one.
func (o *observedApps) unknown(word string, text inventory.Untrusted) error {
	if o.scans == 0 {
		return usageError(fmt.Errorf("%q: no scan is kept that saw it", inventory.Untrusted(word)),
			"guestlist scan", "or name its ID with --kind")
	}
	if alike := o.where("", func(a *history.App) bool { return looksLike(a, text) }); len(alike) > 0 {
		return ambiguousApp("no app is called %q, and %d have a name that looks like it", word, alike)
	}
	names := make(map[string]*history.App)
	var known []string
	for n := range o.apps {
		for _, name := range o.apps[n].Names {
			lower := strings.ToLower(string(name))
			names[lower], known = &o.apps[n], append(known, lower)
		}
	}
	hints := []string{"name an ID that no scan saw with --kind, such as --kind oauth-grant"}
	if near := strict.Nearest(string(text), known); near != "" {
		hints = []string{"did you mean " + appWord(names[near].Kind, names[near].ID) + "?  # " + names[near].Name().String()}
	}
	return usageError(fmt.Errorf("no scan that is kept saw %q", inventory.Untrusted(word)), hints...)
}
