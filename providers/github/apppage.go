package github

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// appRecord is what an app's public page says: its owner, and what it asks for now.
type appRecord struct {
	ID     lenient.Number  `json:"id"`
	Slug   lenient.Text    `json:"slug"`
	Client lenient.Text    `json:"client_id"`
	Name   lenient.Text    `json:"name"`
	Owner  lenient.Account `json:"owner"`
	Page   lenient.Text    `json:"html_url"`
	Wanted lenient.Levels  `json:"permissions"`
}

func (a *appRecord) IsProven() bool { return a.ID != 0 || a.Client != "" }

// appInfo is an app's page, read once in a scan.
type appInfo struct {
	once sync.Once
	appRecord
	public bool  // the page could be read
	err    error // why not; nil if the app is private
}

// describeApp adds what the app's own page says.
func (o *organizationScan) describeApp(item *inventory.Item, i *installation, app *appInfo) []inventory.Untrusted {
	if app.err != nil {
		return []inventory.Untrusted{inventory.Untrusted("the page of the app "+string(i.Slug)+" could not be read: ") +
			o.session.About(&specInstallations.Need, o.login).Explain(app.err).Reason}
	}
	if app.public && !app.isAppOf(i) {
		return []inventory.Untrusted{"the page of the app " + inventory.Untrusted(i.Slug) + " belongs to another app"}
	}
	if !app.public {
		setFact(item, "app_page", "private")
		return nil
	}
	if app.Name != "" {
		item.App.Name = inventory.Untrusted(app.Name)
	}
	item.App.Publisher = inventory.Untrusted(app.Owner.Name())
	item.App.Project = item.App.Publisher
	setFact(item, "app_owner", app.Owner.Name())
	setFact(item, "app_owner_type", string(app.Owner.Type))
	setFact(item, "app_page", string(app.Page))
	if app.Wanted.Known && i.Permissions.Known {
		item.Access.Requested = api.Wider(ofInstallations(app.Wanted.Of), i.Permissions.Of)
	}
	if strings.EqualFold(app.Owner.Name(), o.login) {
		item.Mark(inventory.MarkNote, inventory.MarkFirstParty, "the organization owns this app")
	}
	return nil
}

// idOf identifies the app of an installation without an app ID, as in the enterprise's list: by the
// number on the app's page, or by whatever else there is.
func (a *appInfo) idOf(i *installation) inventory.Untrusted {
	switch {
	case a.public && a.ID != 0 && a.isAppOf(i):
		return inventory.Untrusted(formatID(a.ID))
	case i.ClientID != "":
		return inventory.Untrusted(i.ClientID)
	case i.Slug != "":
		return inventory.Untrusted("app/" + i.Slug)
	}
	return inventory.Untrusted("installation-" + formatID(i.ID))
}

// isAppOf reports whether a page belongs to the installed app, and not to another one that has its
// slug by now.
func (a *appInfo) isAppOf(i *installation) bool {
	return (i.AppID == 0 || a.ID == 0 || a.ID == i.AppID) &&
		(i.ClientID == "" || a.Client == "" || a.Client == i.ClientID) &&
		(a.Slug == "" || strings.EqualFold(string(a.Slug), string(i.Slug)))
}

// lookUpApps requests the public pages of the apps on one page of installations, each once per
// scan.
func (p *Provider) lookUpApps(ctx context.Context, s *api.Session, page []*installation) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(p.config.AtOnce())
	for _, i := range page {
		if !appSlug(string(i.Slug)) {
			continue
		}
		app := p.app(string(i.Slug))
		group.Go(guard.Go(func() error {
			app.once.Do(func() { app.read(inner, s, string(i.Slug)) })
			return inner.Err()
		}))
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// appSlug reports whether a slug may be part of a path. It comes from GitHub, but possibly from an
// attacker's app.
func appSlug(slug string) bool { return organizationName.MatchString(slug) }

// app returns the record of an app's page, which lookUpApps fills.
func (p *Provider) app(slug string) *appInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	app := p.appInfo[slug]
	if app == nil {
		app = &appInfo{}
		p.appInfo[slug] = app
	}
	return app
}

func (a *appInfo) read(ctx context.Context, s *api.Session, slug string) {
	err := s.Read(ctx, "apps/"+url.PathEscape(slug), &a.appRecord)
	switch status := api.StatusOf(err); {
	case err == nil:
		a.public = true
	case status == http.StatusNotFound || status == http.StatusForbidden:
		// A private app's page is only shown to its owner.
	default:
		a.appRecord, a.err = appRecord{}, err
	}
}
