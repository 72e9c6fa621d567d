package diff

import (
	"fmt"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

// EarlierApp is an app that was seen before this scan.
type EarlierApp struct {
	// Items are the app as it was seen, one for each version.
	Items []inventory.Item
	// Last is when it was last seen, by how many holders, and Where what saw it: "the scan".
	Last    time.Time
	Holders int
	Where   string
}

// judgeEarlier reports apps that a feed names by now, that were held before and are not held any
// more: what they could reach, they may have taken. It says when they were last seen and not that
// they were removed, which only a scan that read the same places can tell.
func (j *judge) judgeEarlier() {
	if j.Allowlist == nil || j.ChangesOnly {
		return
	}
	for i := range j.Earlier {
		app := &j.Earlier[i]
		if len(app.Items) == 0 || j.apps[appKey{app.Items[0].Kind, app.Items[0].App.ID}].now {
			continue
		}
		if verdict, denied := j.deniedByFeed(app); denied {
			j.heldEarlier(app, verdict)
		}
	}
}

// deniedByFeed returns what a feed says of an app in any version that was seen.
func (j *judge) deniedByFeed(app *EarlierApp) (allowlist.Verdict, bool) {
	for n := range app.Items {
		if verdict := j.Allowlist.Decide(&app.Items[n], j.Now); verdict.Feed != nil {
			return verdict, true
		}
	}
	return allowlist.Verdict{}, false
}

func (j *judge) heldEarlier(app *EarlierApp, verdict allowlist.Verdict) {
	item := &app.Items[0]
	g := j.group(identity{rule: HeldEarlier, provider: item.Source.Provider, kind: item.Kind, subject: string(item.App.ID)})
	g.finding.App = item.App
	by := ""
	if app.Holders > 0 {
		by = fmt.Sprintf(" with %d holders", app.Holders)
		if app.Holders == 1 {
			by = " with 1 holder"
		}
	}
	g.tell(inventory.Textf("last seen by %s of %s%s; %s", app.Where, app.Last.UTC().Format(time.DateOnly), by, verdict.Why))
	g.decide(verdict.Position)
	g.finding.Remedy = inventory.Textf("find out what it reached until then: guestlist show %s:%s says who held it and what it could do",
		inventory.Untrusted(item.Kind), item.App.ID)
}
