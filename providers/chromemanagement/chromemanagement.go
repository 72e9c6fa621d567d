package chromemanagement

import (
	"cmp"
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/providers/internal/paging"
	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

const (
	appsPerPage = 100 // the most that Chrome Management returns
	storeSource = "CHROME_WEBSTORE"
	androidType = "ANDROID_APP"
	countFields = "nextPageToken,totalSize,installedApps(appId,displayName,appType,appInstallType,appSource,browserDeviceCount," +
		"osUserCount,profileCount,disabled,permissions,homepageUri,riskAssessment)"
	pageAppUsage = "Reports > Apps and extensions usage under https://admin.google.com/ac/chrome"
	detailFields = "appId,publisher,revisionId,detailUri,firstPublishTime,latestPublishTime," +
		"chromeAppInfo(isCwsHosted,googleOwned,siteAccess/hostMatch,manifestVersion)"
)

// Provider reads what managed browsers report to Chrome Management: extensions, who holds them, and
// how Google's risk assessors judge them. Browsers and profiles without reporting are not included,
// and nothing says how many there are.
type Provider struct{ api *api.Client }

var _ scanner.Provider = (*Provider)(nil)

// New returns the provider, or an error that says what is wrong with the configuration. It does not
// sign in yet.
func New(env scanner.Env, config api.Connection) (*Provider, error) {
	client, err := api.Open(env, config, inventory.ChromeManagement)
	if err != nil {
		return nil, err
	}
	return &Provider{client}, nil
}

// Name implements [scanner.Provider].
func (p *Provider) Name() inventory.Provider { return inventory.ChromeManagement }

// scan is one Collect.
type scan struct {
	*Provider
	sink     scanner.Sink
	profiles tally.Tally // by app
	details  tally.Tally // by app
	mu       sync.Mutex
	chromeOS int // apps that are counted on ChromeOS
}

// Collect implements [scanner.Provider].
func (p *Provider) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	s := &scan{Provider: p, sink: sink}
	s.profiles = tally.Tally{Feature: api.Chrome, Source: p.api.Source(inventory.ChromeManagement, "extensions")}
	s.details = tally.Tally{Feature: api.ChromeDetails, Source: p.api.Source(inventory.ChromeManagement, "store-details")}
	listed, fault, err := s.listApps(ctx)
	if err != nil {
		return nil, err
	}
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(p.api.Config.Workers)
	for n := range listed.apps {
		group.Go(guard.Go(func() error { return s.readApp(working, &listed.apps[n]) }))
	}
	err = group.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	coverage := []inventory.Coverage{s.extensionCoverage(listed, fault)}
	if s.chromeOS > 0 {
		coverage = append(coverage, s.unlistedCoverage())
	}
	if p.api.Has(api.ChromeDetails) && len(listed.apps) > 0 {
		details := s.details.Coverage(len(listed.apps), nil)[:1]
		markPartial(&details[0], &s.details, "the store details of %d of the extensions could not be read")
		coverage = append(coverage, details...)
	}
	return coverage, nil
}

// appListing is the list of installed apps, as far as it could be read.
type appListing struct {
	apps    []installedApp
	android int // no browser software
	total   int
}

// listApps reads the whole list of installed apps.
func (s *scan) listApps(ctx context.Context) (*appListing, *api.Fault, error) {
	listed := &appListing{}
	result, fault, err := api.Drain(ctx, s.api, api.Chrome, paging.List[installedApp]{
		Fetch:    api.Pages(s.api, appsCall(s.api.Config.Customer, appsPerPage, countFields), (*appPage).page),
		Key:      func(app installedApp) string { return app.Type + " " + app.ID },
		Size:     appsPerPage,
		NonEmpty: true,
	}, func(apps []installedApp) error {
		for _, app := range apps {
			if app.Type == androidType {
				listed.android++
				continue
			}
			listed.apps = append(listed.apps, app)
		}
		return nil
	})
	listed.total = result.Total
	return listed, fault, err
}

// readApp reads the details of one app and adds an item for everyone who holds it.
func (s *scan) readApp(ctx context.Context, app *installedApp) error {
	about := tally.Asked{Name: app.ID}
	item := newExtension(app)
	if s.api.Has(api.ChromeDetails) && s.details.Active() {
		var fault *api.Fault
		if app.Source == storeSource {
			fault = s.addDetails(ctx, item)
		}
		if fault != nil && fault.Cause != api.CauseGone {
			s.details.Fail(about, fault)
		} else {
			s.details.Found(about, 0, true)
		}
	}
	if !s.profiles.Active() {
		return cmp.Or(ctx.Err(), s.addUnread(app, item))
	}
	found, fault, err := s.addHolders(ctx, app, item)
	if err != nil {
		return err
	}
	switch {
	case app.OSUsers > 0 || found == 0 && fault == nil:
		err = s.addUnlisted(app, item)
	case found == 0:
		err = s.addUnread(app, item)
	}
	if err != nil {
		return err
	}
	s.profiles.Found(about, found, fault == nil)
	if fault != nil {
		s.profiles.Fail(about, fault)
	}
	return ctx.Err()
}
