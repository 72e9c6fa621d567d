package cli

import (
	"fmt"
	"strings"

	"guestlist/allowlist/appid"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
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
	return o.meant(word, history.ParseQuery(report.ParseArgument(word)), kind)
}

func (o *observedApps) meant(word string, query history.Query, kind inventory.Kind) (*app, error) {
	if query.Kind != "" {
		if kind != "" && kind != query.Kind {
			return nil, usageError(fmt.Errorf("%q is of another kind than --kind %s", inventory.Untrusted(word), kind))
		}
		kind = query.Kind
	}
	byID := o.where(kind, func(a *history.App) bool { return a.IsID(query.Text) })
	switch {
	case len(byID) == 1:
		return &app{byID[0].Kind, byID[0].ID, byID[0]}, nil
	case len(byID) > 1:
		return nil, ambiguousApp("%q is the ID of %d kinds of apps", word, byID)
	}
	named := o.where(kind, func(a *history.App) bool { return a.HasName(query.Text) })
	if len(named) > 0 {
		alike := o.where("", func(a *history.App) bool { return a.HasName(query.Text) || a.LooksLike(query.Text) })
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

// kindOfID is the kind of an ID that no scan saw: the one that was named, or that of extensions,
// whose IDs have a form of their own. A name has none.
func kindOfID(kind inventory.Kind, id inventory.Untrusted) inventory.Kind {
	switch {
	case strings.ContainsAny(id.String(), " \t"):
		return ""
	case kind == "" && appid.IsExtension(id):
		return inventory.KindExtension
	}
	return kind
}

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
	return report.Argument(appID(kind, id))
}

func appID(kind inventory.Kind, id inventory.Untrusted) inventory.Untrusted {
	if kind == "" {
		return id
	}
	return inventory.Untrusted(kind) + ":" + id
}

// unknown says that no scan saw an app of that name, and which have a similar one.
func (o *observedApps) unknown(word string, text inventory.Untrusted) error {
	if o.scans == 0 {
		return usageError(fmt.Errorf("%q: no scan is kept that saw it", inventory.Untrusted(word)),
			"guestlist scan", "or name its ID with --kind")
	}
	if alike := o.where("", func(a *history.App) bool { return a.LooksLike(text) }); len(alike) > 0 {
		return ambiguousApp("no app is called %q, and %d have a name that looks like it", word, alike)
	}
	hint := "name an ID that no scan saw with --kind, such as --kind oauth-grant"
	if near := history.NearestApp(o.apps, text); near != nil {
		hint = fmt.Sprintf("did you mean %s?  # %s", appWord(near.Kind, near.ID), near.Name())
	}
	return usageError(fmt.Errorf("no scan that is kept saw %q", inventory.Untrusted(word)), hint)
}
