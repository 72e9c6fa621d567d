package googleworkspace

import (
	"cmp"
	"slices"
	"time"

	"guestlist/scanner/inventory"
)

// loggedApps are the apps that the token log names, by their normalized client ID. A grant that was
// given and taken back between two scans is nowhere else.
type loggedApps map[string]*inventory.LoggedApp

// maxLoggedApps bounds how many are remembered while the log is read.
const maxLoggedApps = 50_000

func (l *loggedApps) add(client, name string, at time.Time) {
	if client == "" {
		return
	}
	if *l == nil {
		*l = loggedApps{}
	}
	id := normalizeClientID(client)
	app := (*l)[id]
	if app == nil {
		if len(*l) >= maxLoggedApps {
			return
		}
		app = &inventory.LoggedApp{Kind: inventory.KindOAuthGrant,
			App: inventory.App{ID: inventory.Untrusted(id), Name: inventory.Untrusted(name)}}
		(*l)[id] = app
	}
	app.Entries++
	if at.After(app.Last) {
		app.Last = at.UTC()
	}
}

// list returns those that the log names last, by ID.
func (l loggedApps) list() []inventory.LoggedApp {
	var apps []inventory.LoggedApp
	for _, app := range l {
		apps = append(apps, *app)
	}
	slices.SortFunc(apps, func(a, b inventory.LoggedApp) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.App.ID, b.App.ID))
	})
	apps = apps[:min(len(apps), inventory.MaxLogged)]
	slices.SortFunc(apps, func(a, b inventory.LoggedApp) int { return cmp.Compare(a.App.ID, b.App.ID) })
	return apps
}
