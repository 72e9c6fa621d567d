package googleworkspace

import (
	"cmp"
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"guestlist/providers/internal/paging"
	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

const (
	appsPerPage = 100 // the most Chrome Management gives
	storeSource = "CHROME_WEBSTORE"
	androidType = "ANDROID_APP"
	countFields = "nextPageToken,totalSize,installedApps(appId,displayName,appType,appInstallType,appSource,browserDeviceCount," +
		"osUserCount,profileCount,disabled,permissions,homepageUri,riskAssessment)"
	pageAppUsage = "Reports > Apps and extensions usage under https://admin.google.com/ac/chrome"
	detailFields = "appId,publisher,revisionId,detailUri,firstPublishTime,latestPublishTime," +
		"chromeAppInfo(isCwsHosted,googleOwned,siteAccess/hostMatch,manifestVersion)"
)

// ChromeProvider reads what managed browsers report to Chrome Management: extensions, who holds them, and how Google's risk
// assessors judge them. Browsers and profiles without reporting are not in it, and nothing tells how many those are.
type ChromeProvider struct{ api *api }

var _ scanner.Provider = (*ChromeProvider)(nil)

// NewChrome returns the provider, or an error that says what is wrong with the configuration. It signs in nowhere yet.
func NewChrome(env scanner.Env, config Connection) (*ChromeProvider, error) {
	client, err := openAPI(env, config, inventory.ChromeManagement)
	if err != nil {
		return nil, err
	}
	return &ChromeProvider{client}, nil
}

// Name implements [scanner.Provider].
func (c *ChromeProvider) Name() inventory.Provider { return inventory.ChromeManagement }

// chromeScan is one Collect.
type chromeScan struct {
	*ChromeProvider
	sink     scanner.Sink
	profiles perUser // per app, in fact: the bookkeeping is the same
	details  perUser
	mu       sync.Mutex
	chromeOS int // apps that are counted on ChromeOS
}

// Collect implements [scanner.Provider].
func (c *ChromeProvider) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	s := &chromeScan{ChromeProvider: c, sink: sink}
	s.profiles = perUser{feature: Chrome, source: c.api.source(inventory.ChromeManagement, "extensions")}
	s.details = perUser{feature: ChromeDetails, source: c.api.source(inventory.ChromeManagement, "store-details")}
	listed, fault, err := s.listApps(ctx)
	if err != nil {
		return nil, err
	}
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(c.api.config.Workers)
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
	if c.api.has(ChromeDetails) && len(listed.apps) > 0 {
		details := s.details.coverage(len(listed.apps), nil)[:1]
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

// listApps drains the list of installed apps.
func (s *chromeScan) listApps(ctx context.Context) (*appListing, *Fault, error) {
	listed := &appListing{}
	result, fault, err := drain(ctx, s.api, Chrome, paging.List[installedApp]{
		Fetch:    pages(s.api, appsCall(s.api.config.Customer, appsPerPage, countFields), (*appPage).page),
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

// readApp reads the details of one app and adds an item for everybody who holds it.
func (s *chromeScan) readApp(ctx context.Context, app *installedApp) error {
	about := asked{name: app.ID}
	item := newExtension(app)
	if s.api.has(ChromeDetails) && s.details.active() {
		var fault *Fault
		if app.Source == storeSource {
			fault = s.addDetails(ctx, item)
		}
		if fault != nil && fault.Cause != CauseGone {
			s.details.fail(about, fault)
		} else {
			s.details.found(about, 0, true)
		}
	}
	if !s.profiles.active() {
		// Whoever holds it was not asked; that it is there is known.
		return cmp.Or(ctx.Err(), s.addUnlisted(app, item))
	}
	found, fault, err := s.addHolders(ctx, app, item)
	if err != nil {
		return err
	}
	if found == 0 || app.OSUsers > 0 {
		if err := s.addUnlisted(app, item); err != nil {
			return err
		}
	}
	s.profiles.found(about, found, fault == nil)
	if fault != nil {
		s.profiles.fail(about, fault)
	}
	return ctx.Err()
}
