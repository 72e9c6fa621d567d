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
	latest := make(map[appKey]*EarlierApp)
	for i := range j.Earlier {
		app := &j.Earlier[i]
		if len(app.Items) == 0 {
			continue
		}
		key := appKey{app.Items[0].Kind, app.Items[0].App.ID}
		if known := latest[key]; !j.apps[key].now && (known == nil || known.Last.Before(app.Last)) {
			latest[key] = app
		}
	}
	for _, app := range latest {
		if verdict, denied := j.deniedByFeed(app); denied {
			j.heldEarlier(app, verdict)
		}
	}
}

// sawLogged remembers the apps that a log names and a feed as well.
func (j *judge) sawLogged(coverage *inventory.Coverage) {
	if j.Allowlist == nil || len(j.Allowlist.Feeds()) == 0 {
		return
	}
	for i := range coverage.Logged {
		logged := &coverage.Logged[i]
		app := EarlierApp{Last: logged.Last, Where: "the log", Items: []inventory.Item{{
			Source: inventory.Source{Provider: coverage.Source.Provider}, Kind: logged.Kind, App: logged.App}}}
		if _, denied := j.deniedByFeed(&app); denied {
			j.Earlier = append(j.Earlier, app)
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

// judgeFeeds reports feeds that are out of date.
func (j *judge) judgeFeeds() {
	if j.Allowlist == nil || j.ChangesOnly || j.Self {
		return
	}
	for _, feed := range j.Allowlist.Feeds() {
		if !feed.IsStale(j.Now) {
			continue
		}
		g := j.group(identity{rule: FeedOutOfDate, subject: string(feed.Path)})
		g.finding.App = inventory.App{Name: feed.Title(), ID: feed.Path}
		age := inventory.Untrusted("has no date")
		if !feed.Date.IsZero() {
			age = inventory.Textf("is dated %s", feed.Date.UTC().Format(time.DateOnly))
		}
		g.tell("the feed " + age + inventory.Textf(", and max_age is %v", feed.MaxAge))
		g.decide(feed.Position)
		g.finding.Remedy = "fetch it again, or raise max_age"
	}
}
