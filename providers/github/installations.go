package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// maxInstallationPages bounds the list of installed apps, to 10,000.
const maxInstallationPages = 100

// installation is one entry of GET /orgs/{org}/installations, or of the enterprise's list, which has fewer fields.
type installation struct {
	ID          lenient.Number  `json:"id"`
	AppID       lenient.Number  `json:"app_id"`
	ClientID    lenient.Text    `json:"client_id"`
	Slug        lenient.Text    `json:"app_slug"`
	Page        lenient.Text    `json:"html_url"`
	Selection   lenient.Text    `json:"repository_selection"`
	Permissions lenient.Levels  `json:"permissions"`
	Events      lenient.Texts   `json:"events"`
	SingleFiles lenient.Texts   `json:"single_file_paths"`
	Created     lenient.Moment  `json:"created_at"`
	Updated     lenient.Moment  `json:"updated_at"`
	Suspended   lenient.Moment  `json:"suspended_at"`
	SuspendedBy lenient.Account `json:"suspended_by"`
	Account     lenient.Account `json:"account"` // where it is installed
}

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
	err    error // why not, save that the app is private
}

// installations reads the installed GitHub Apps. Its error ends the scan.
func (o *organizationScan) installations(ctx context.Context) error {
	return o.installationsBy(ctx, &specInstallations, api.List{Envelope: "installations", MaxPages: maxInstallationPages})
}

// installationsBy reads them from the organization's own list, or from its enterprise's.
func (o *organizationScan) installationsBy(ctx context.Context, source *spec, from api.List) error {
	present := map[string]bool{}
	reach := &reach{scan: o}
	coverage, err := o.gather(ctx, source, from, func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
		return o.installationPage(ctx, entries, faults, reach, present)
	})
	if err != nil {
		return err
	}
	if coverage.Status == inventory.StatusComplete {
		o.present = present
	}
	o.cover(coverage)
	reach.cover()
	return nil
}

// installationPage turns a page's entries into items.
func (o *organizationScan) installationPage(ctx context.Context, entries []jsontext.Value, faults *[]inventory.Untrusted,
	reach *reach, present map[string]bool,
) error {
	var page []*installation
	if err := api.Each(entries, faults, func(i *installation) error {
		switch {
		case i.ID == 0 && i.AppID == 0 && i.ClientID == "" && i.Slug == "":
			return api.Skip("an installation came without its ID and its app's")
		case !o.isOurs(&i.Account):
			return api.Skip("an installation is not on this organization")
		}
		page = append(page, i)
		return nil
	}); err != nil {
		return err
	}
	if err := o.provider.lookUpApps(ctx, o.session, page); err != nil {
		return err
	}
	for _, i := range page {
		present[strings.ToLower(string(i.Slug))] = true
		item, faulty := o.installationItem(i)
		*faults = append(*faults, faulty...)
		if err := reach.of(ctx, i, item); err != nil {
			return err
		}
		if err := o.addItem(item); err != nil {
			return err
		}
	}
	return nil
}

// installationItem makes the item, and says what of it is not known.
func (o *organizationScan) installationItem(i *installation) (*inventory.Item, []inventory.Untrusted) {
	app := o.provider.app(string(i.Slug))
	item := &inventory.Item{
		Source: o.source(&specInstallations), Kind: inventory.KindInstallation, State: inventory.StateEnabled,
		App: inventory.App{
			ID: inventory.Untrusted(formatID(i.AppID)), Name: inventory.Untrusted(i.Slug), URL: inventory.Untrusted(i.Page),
		},
		Holder: inventory.Holder{Organization: inventory.Untrusted(o.login)},
		Access: inventory.Access{
			Permissions: i.Permissions.List(), Repositories: selection(string(i.Selection)), Basis: inventory.BasisGranted,
		},
		Added: i.Created.Time, Updated: i.Updated.Time,
		Facts: facts("app_slug", string(i.Slug), "client_id", string(i.ClientID), "installation_id", formatID(i.ID),
			"events", joined(i.Events.Of), "single_file_paths", joined(i.SingleFiles.Of)),
	}
	var faulty []inventory.Untrusted
	if i.AppID == 0 {
		item.App.ID = app.idOf(i)
	}
	if !i.Permissions.Known {
		item.Access.Basis = ""
		faulty = append(faulty, inventory.Untrusted("GitHub did not say what "+string(i.Slug)+" may do"))
	}
	if !i.Suspended.IsZero() {
		item.State = inventory.StateDisabled
		item.StateReasons = []inventory.Untrusted{inventory.Untrusted(suspension(i))}
		setFact(item, "suspended", i.Suspended.UTC().Format("2006-01-02"))
		setFact(item, "suspended_by", i.SuspendedBy.Name())
	}
	faulty = append(faulty, o.describeApp(item, i, app)...)
	o.history.describe(item, string(app.Name), string(i.Slug))
	return item, faulty
}

// describeApp adds what the app's own page says.
func (o *organizationScan) describeApp(item *inventory.Item, i *installation, app *appInfo) []inventory.Untrusted {
	if app.err != nil {
		return []inventory.Untrusted{inventory.Untrusted("the page of the app "+string(i.Slug)+" could not be read: ") +
			o.session.About(&specInstallations.Need, o.login).Explain(app.err).Reason}
	}
	if app.public && !app.isAppOf(i) {
		return []inventory.Untrusted{"the page of the app " + inventory.Untrusted(i.Slug) + " is of another app"}
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

// idOf identifies the app of an installation that names no app ID, as the enterprise's list: by the number on the app's page, or by
// what else there is.
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

// isAppOf reports whether a page is of the app that is installed, and not of another one that has its slug by now.
func (a *appInfo) isAppOf(i *installation) bool {
	return (i.AppID == 0 || a.ID == 0 || a.ID == i.AppID) && (i.ClientID == "" || a.Client == "" || a.Client == i.ClientID) &&
		(a.Slug == "" || strings.EqualFold(string(a.Slug), string(i.Slug)))
}

func suspension(i *installation) string {
	by := "suspended"
	if name := i.SuspendedBy.Name(); name != "" {
		by += " by " + name
	}
	return by + " on " + i.Suspended.UTC().Format("2006-01-02")
}

// lookUpApps asks for the pages of a page's apps, each once in a scan.
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

// appSlug reports whether a slug may be part of a path. It came from GitHub, but from an attacker's app as well.
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
		// A private app's page is shown to its owner only.
	default:
		a.appRecord, a.err = appRecord{}, err
	}
}

// selection spells how many repositories are reached, over the words of the three lists.
func selection(word string) inventory.Untrusted {
	switch word {
	case "all", "none", "selected":
		return inventory.Untrusted(word)
	case "subset":
		return "selected"
	}
	return "unknown"
}

// reach finds out which repositories selected installations reach, where anybody may.
type reach struct {
	scan   *organizationScan
	denied *api.Fault
	toAll  bool // the refusal is about the credential, so asking for others is in vain
	needed int
	named  int
}

// of adds the names of a selected installation's repositories to its item.
func (r *reach) of(ctx context.Context, i *installation, item *inventory.Item) error {
	if item.Access.Repositories != "selected" {
		return nil
	}
	r.needed++
	s, path, envelope := r.question(i)
	if s == nil || r.toAll {
		return nil
	}
	var names []string
	err := api.Whole(ctx, s, api.List{Path: path, Envelope: envelope}, func(repository *repositoryRecord) error {
		if repository.Name == "" {
			return api.Skip("a repository came without its name")
		}
		names = append(names, string(repository.Name))
		return nil
	})
	if err != nil {
		if endsScan(ctx, err) {
			return scanError(ctx, err)
		}
		r.denied = s.About(&specInstallations.Need, r.scan.login).Explain(err)
		r.toAll = r.denied.ToAll
		return nil
	}
	r.named++
	slices.Sort(names)
	setFact(item, "repositories", strings.Join(names, ", "))
	setFact(item, "repositories_count", strconv.Itoa(len(names)))
	return nil
}

// question returns whom to ask for an installation's repositories: the enterprise's app, or a person who owns the organization.
func (r *reach) question(i *installation) (s *api.Session, path, envelope string) {
	if enterprise := r.scan.enterprise; enterprise != nil {
		return enterprise, fmt.Sprintf("enterprises/%s/apps/organizations/%s/installations/%d/repositories",
			url.PathEscape(r.scan.provider.config.Enterprise), url.PathEscape(r.scan.login), i.ID), ""
	}
	if kind := r.scan.session.Kind; kind == api.KindClassic || kind == api.KindUserToServer || kind == api.KindUnknown {
		return r.scan.session, fmt.Sprintf("user/installations/%d/repositories", i.ID), "repositories"
	}
	return nil, "", ""
}

// cover says that names are not known, where they are not.
func (r *reach) cover() {
	if r.needed == 0 {
		return
	}
	coverage := inventory.Coverage{
		Source: r.scan.provider.source(r.scan.name, "installation-repositories"), Status: inventory.StatusComplete,
		Read: r.named, Expected: r.needed,
	}
	if r.named < r.needed {
		coverage.Status, coverage.Unobservable = inventory.StatusNotObservable, true
		if r.named > 0 {
			coverage.Status = inventory.StatusPartial
		}
		coverage.Reason = "GitHub does not tell this credential which repositories were selected for other apps"
		coverage.Remedy = inventory.Untrusted("open " + r.scan.provider.pageFor(&specInstallations, r.scan.login) +
			", or use a GitHub App installed on the enterprise")
		if r.denied != nil {
			coverage.Details = []inventory.Untrusted{r.denied.Reason}
		}
	}
	r.scan.cover(coverage)
}

func formatID(id lenient.Number) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

func joined(list []string) string {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return strings.Join(sorted, ",")
}

// facts makes a fact map of name, value pairs; empty values are left out.
func facts(pairs ...string) map[string]inventory.Untrusted {
	made := map[string]inventory.Untrusted{}
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			made[pairs[n]] = inventory.Untrusted(pairs[n+1])
		}
	}
	return made
}

func setFact(item *inventory.Item, name, value string) {
	if value == "" {
		return
	}
	if item.Facts == nil {
		item.Facts = map[string]inventory.Untrusted{}
	}
	item.Facts[name] = inventory.Untrusted(value)
}
