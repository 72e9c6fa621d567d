package googleworkspace

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	"google.golang.org/api/chromemanagement/v1"

	"guestlist/providers/provider"
	"guestlist/scanner/inventory"
)

const (
	appsPerPage = 100 // the most Chrome Management gives
	maxAppPages = 10_000
	storeSource = "CHROME_WEBSTORE"
	androidType = "ANDROID_APP"
	countFields = "nextPageToken,installedApps(appId,displayName,appType,appInstallType,appSource,browserDeviceCount," +
		"profileCount,disabled,permissions,homepageUri,riskAssessment)"
	detailFields = "publisher,revisionId,detailUri,firstPublishTime,latestPublishTime," +
		"chromeAppInfo(isCwsHosted,googleOwned,siteAccess/hostMatch,manifestVersion)"
)

type (
	installedApp = chromemanagement.GoogleChromeManagementV1InstalledApp
	appDetails   = chromemanagement.GoogleChromeManagementV1AppDetails
)

// ChromeProvider reads what managed browsers report to Chrome Management: extensions, who holds them, and how Google's risk
// assessors judge them. Browsers and profiles without reporting are not in it, and nothing tells how many those are.
type ChromeProvider struct{ reader }

var _ provider.Provider = (*ChromeProvider)(nil)

// NewChrome returns the provider for managed browsers, with the same configuration as New.
func NewChrome(env provider.Env, config Config) (*ChromeProvider, error) {
	r, err := newReader(env, config, chromeFeatures, DefaultChromeFeatures(), nil)
	if err != nil {
		return nil, err
	}
	return &ChromeProvider{r}, nil
}

// Name implements [provider.Provider].
func (c *ChromeProvider) Name() inventory.Provider { return inventory.ChromeManagement }

// Needs implements [provider.Provider].
func (c *ChromeProvider) Needs() provider.Needs { return needs() }

// chromeScan is one Collect.
type chromeScan struct {
	*ChromeProvider
	sink     provider.Sink
	customer string
	profiles perUser // per app, in fact: the bookkeeping is the same
	details  perUser
}

// Collect implements [provider.Provider].
func (c *ChromeProvider) Collect(ctx context.Context, sink provider.Sink) ([]inventory.Coverage, error) {
	s := &chromeScan{ChromeProvider: c, sink: sink, customer: "customers/" + c.config.Customer}
	s.profiles = perUser{feature: Chrome, source: c.source(inventory.ChromeManagement, "extensions")}
	s.details = perUser{feature: ChromeDetails, source: c.source(inventory.ChromeManagement, "store-details")}
	apps, android, fault := s.listApps(ctx)
	if fault != nil && fault.Cause == CauseCancelled {
		return nil, ctx.Err()
	}
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(c.config.Workers)
	for _, app := range apps {
		group.Go(func() error { return s.readApp(working, app) })
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	coverage := s.profiles.coverage(len(apps), nil)[:1]
	coverage[0].Details = []inventory.Untrusted{"covers managed browsers and profiles that report; no API counts those that do not"}
	if android > 0 {
		coverage[0].Details = append(coverage[0].Details, untrusted("%d Android apps are left out", android))
	}
	if fault != nil {
		coverage[0].Status, coverage[0].Reason, coverage[0].Remedy = inventory.StatusPartial, fault.Text, fault.Remedy
		if len(apps) == 0 {
			coverage[0].Status = inventory.StatusNotObservable
		}
	}
	markPartial(&coverage[0], &s.profiles, "the holders of %d apps could not be read")
	if c.config.has(ChromeDetails) && fault == nil {
		details := s.details.coverage(len(apps), nil)[:1]
		markPartial(&details[0], &s.details, "the store details of %d apps could not be read")
		coverage = append(coverage, details...)
	}
	return coverage, nil
}

// markPartial makes the whole source partial for single apps that failed: an app's holders are spread over all profiles.
func markPartial(coverage *inventory.Coverage, apps *perUser, reason string) {
	if len(apps.exceptions) == 0 || apps.end != nil {
		return
	}
	coverage.Status = inventory.StatusPartial
	coverage.Reason, coverage.Remedy = untrusted(reason, apps.failed), apps.exceptions[0].Remedy
	rest := apps.failed - len(apps.exceptions)
	for _, exception := range apps.exceptions {
		_, app, _ := strings.Cut(string(exception.Source.Name), "/"+lastPart(apps.source)+"/")
		coverage.Details = addDetail(coverage.Details, &rest, untrusted("%s: %s", app, string(exception.Reason)))
	}
	coverage.Details = closeDetails(coverage.Details, rest)
}

func lastPart(source inventory.Source) string {
	name := string(source.Name)
	return name[strings.LastIndexByte(name, '/')+1:]
}

// listApps drains the list of installed apps. Android apps are no browser software.
func (s *chromeScan) listApps(ctx context.Context) (apps []*installedApp, android int, fault *Fault) {
	type page = chromemanagement.GoogleChromeManagementV1CountInstalledAppsResponse
	token := ""
	for range maxAppPages {
		answer, fault := call(ctx, s.api, Chrome, false, func(ctx context.Context) (*page, error) {
			list := s.api.chrome.Customers.Reports.CountInstalledApps(s.customer).PageSize(appsPerPage).Fields(fields(countFields))
			if token != "" {
				list = list.PageToken(token)
			}
			return list.Context(ctx).Do()
		})
		if fault != nil {
			return apps, android, fault
		}
		for _, app := range answer.InstalledApps {
			switch {
			case app == nil || app.AppId == "":
			case app.AppType == androidType:
				android++
			default:
				apps = append(apps, app)
			}
		}
		if token = answer.NextPageToken; token == "" {
			break
		}
	}
	return apps, android, nil
}

// readApp reads the details of one app and adds an item for everybody who holds it.
func (s *chromeScan) readApp(ctx context.Context, app *installedApp) error {
	about := &userRecord{Email: app.AppId}
	item := newExtension(app)
	if s.config.has(ChromeDetails) && app.AppSource == storeSource && s.details.active() {
		if fault := s.addDetails(ctx, item); fault != nil && fault.Cause != CauseGone {
			s.details.fail(about, fault)
		} else {
			s.details.succeed(0)
		}
	} else if s.details.active() {
		s.details.succeed(0)
	}
	if !s.profiles.active() {
		return ctx.Err()
	}
	found, fault, err := s.addHolders(ctx, app, item)
	if err != nil {
		return err
	}
	if fault != nil {
		s.profiles.fail(about, fault)
		return ctx.Err()
	}
	s.profiles.succeed(found)
	return ctx.Err()
}

// addHolders adds the item once for each profile, and for each machine when only machines report it.
func (s *chromeScan) addHolders(ctx context.Context, app *installedApp, item *inventory.Item) (
	found int, fault *Fault, err error,
) {
	found, fault, err = s.addProfiles(ctx, app, item)
	if fault != nil || err != nil || found > 0 || app.BrowserDeviceCount == 0 {
		return found, fault, err
	}
	return s.addDevices(ctx, app, item)
}

func (s *chromeScan) addProfiles(ctx context.Context, app *installedApp, item *inventory.Item) (
	found int, fault *Fault, err error,
) {
	type page = chromemanagement.GoogleChromeManagementV1FindInstalledAppProfilesResponse
	for token := ""; ; {
		answer, fault := call(ctx, s.api, Chrome, false, func(ctx context.Context) (*page, error) {
			find := s.api.chrome.Customers.Reports.FindInstalledAppProfiles(s.customer).
				AppId(app.AppId).AppType(app.AppType).PageSize(appsPerPage)
			if token != "" {
				find = find.PageToken(token)
			}
			return find.Context(ctx).Do()
		})
		if fault != nil {
			return found, fault, nil
		}
		for _, profile := range answer.Profiles {
			if profile == nil {
				continue
			}
			held := *item
			held.Source = s.profiles.source.Join(inventory.Untrusted(profile.Email)).Join(inventory.Untrusted(profile.ProfilePermanentId))
			held.Holder = inventory.Holder{
				Account: inventory.Untrusted(profile.Email), Organization: inventory.Untrusted(s.config.organization()),
				Profile: inventory.Untrusted(profile.ProfileId), Unit: inventory.Untrusted(profile.ProfileOrgUnitId), Browser: "chrome",
			}
			if err := s.sink.AddItem(cloneItem(&held)); err != nil {
				return found, nil, err
			}
			found++
		}
		if token = answer.NextPageToken; token == "" {
			return found, nil, nil
		}
	}
}

func (s *chromeScan) addDevices(ctx context.Context, app *installedApp, item *inventory.Item) (
	found int, fault *Fault, err error,
) {
	type page = chromemanagement.GoogleChromeManagementV1FindInstalledAppDevicesResponse
	for token := ""; ; {
		answer, fault := call(ctx, s.api, Chrome, false, func(ctx context.Context) (*page, error) {
			find := s.api.chrome.Customers.Reports.FindInstalledAppDevices(s.customer).
				AppId(app.AppId).AppType(app.AppType).PageSize(appsPerPage)
			if token != "" {
				find = find.PageToken(token)
			}
			return find.Context(ctx).Do()
		})
		if fault != nil {
			return found, fault, nil
		}
		for _, device := range answer.Devices {
			if device == nil {
				continue
			}
			held := *item
			held.Source = s.profiles.source.Join("devices").Join(inventory.Untrusted(device.DeviceId))
			held.Holder = inventory.Holder{
				Organization: inventory.Untrusted(s.config.organization()), Host: inventory.Untrusted(device.Machine), Browser: "chrome",
			}
			if err := s.sink.AddItem(cloneItem(&held)); err != nil {
				return found, nil, err
			}
			found++
		}
		if token = answer.NextPageToken; token == "" {
			return found, nil, nil
		}
	}
}

// addDetails asks the store for publisher and state.
func (s *chromeScan) addDetails(ctx context.Context, item *inventory.Item) *Fault {
	name := s.customer + "/apps/chrome/" + string(item.App.ID)
	details, fault := call(ctx, s.api, ChromeDetails, false, func(ctx context.Context) (*appDetails, error) {
		return s.api.chrome.Customers.Apps.Chrome.Get(name).Fields(fields(detailFields)).Context(ctx).Do()
	})
	if fault != nil {
		if fault.Cause == CauseGone {
			item.Facts["store"] = "not found"
		}
		return fault
	}
	item.App.Publisher = inventory.Untrusted(details.Publisher)
	item.Updated = parseTime(details.LatestPublishTime)
	if item.App.URL == "" {
		item.App.URL = inventory.Untrusted(details.DetailUri)
	}
	for name, text := range map[string]string{"store_version": details.RevisionId, "first_published": details.FirstPublishTime} {
		if text != "" {
			item.Facts[name] = inventory.Untrusted(text)
		}
	}
	if info := details.ChromeAppInfo; info != nil {
		s.addStoreState(item, info)
	}
	return nil
}

func (s *chromeScan) addStoreState(item *inventory.Item, info *chromemanagement.GoogleChromeManagementV1ChromeAppInfo) {
	if !info.IsCwsHosted {
		item.Mark(inventory.MarkVendor, inventory.MarkDelisted, "not published in the Chrome Web Store")
	}
	if info.GoogleOwned {
		item.Mark(inventory.MarkNote, inventory.MarkFirstParty, "Google")
	}
	if info.ManifestVersion > 0 {
		item.Facts["manifest_version"] = inventory.Untrusted(strconv.FormatInt(info.ManifestVersion, 10))
	}
	if len(item.Access.Hosts) > 0 {
		return
	}
	// The report names no hosts: the store's manifest does.
	for _, site := range info.SiteAccess {
		if site != nil && site.HostMatch != "" {
			item.Access.Hosts = append(item.Access.Hosts, inventory.Untrusted(site.HostMatch))
			item.Facts["hosts_from"] = "store"
		}
	}
}

// newExtension reads what Chrome Management says of an app, without its holder.
func newExtension(app *installedApp) *inventory.Item {
	item := &inventory.Item{
		Kind: kindOf(app.AppType), Origin: originOf(app.AppInstallType, app.AppSource), State: inventory.StateEnabled,
		App: inventory.App{
			ID: inventory.Untrusted(app.AppId), Name: inventory.Untrusted(app.DisplayName), URL: inventory.Untrusted(app.HomepageUri),
		},
		Facts: map[string]inventory.Untrusted{},
	}
	if app.Disabled {
		item.State, item.StateReasons = inventory.StateDisabled, []inventory.Untrusted{"reported as disabled"}
	}
	item.Access = splitPermissions(app.Permissions)
	for name, text := range map[string]string{"install_type": app.AppInstallType, "app_source": app.AppSource} {
		if text != "" {
			item.Facts[name] = inventory.Untrusted(strings.ToLower(text))
		}
	}
	if risk := app.RiskAssessment; risk != nil {
		addRisk(item, risk)
	}
	return item
}

func addRisk(item *inventory.Item, risk *chromemanagement.GoogleChromeManagementV1RiskAssessmentData) {
	if level := riskLevel(risk.OverallRiskLevel); level != "" {
		item.Facts["risk"] = inventory.Untrusted(level)
	}
	for _, entry := range risk.Entries {
		if entry == nil {
			continue
		}
		name := "risk_" + strings.ToLower(strings.TrimPrefix(entry.Provider, "RISK_ASSESSMENT_PROVIDER_"))
		text := riskLevel(entry.RiskLevel)
		if entry.RiskAssessment != nil && entry.RiskAssessment.Assessment != "" {
			text = strings.TrimSpace(text + " " + entry.RiskAssessment.Assessment)
			if item.Version == "" {
				item.Facts["risk_version"] = inventory.Untrusted(entry.RiskAssessment.Version)
			}
		}
		item.Facts[name] = inventory.Untrusted(text)
	}
}

func riskLevel(level string) string {
	level = strings.ToLower(strings.TrimPrefix(level, "RISK_LEVEL_"))
	if level == "unspecified" {
		return ""
	}
	return level
}

func kindOf(appType string) inventory.Kind {
	switch appType {
	case "THEME":
		return inventory.KindTheme
	case "APP", "HOSTED_APP":
		return inventory.KindBrowserApp
	}
	return inventory.KindExtension
}

// originOf reads how an app was installed. MULTIPLE and OTHER say that it differs or is not known.
func originOf(install, source string) inventory.Origin {
	switch install {
	case "ADMIN":
		return inventory.OriginPolicy
	case "DEVELOPMENT":
		return inventory.OriginUnpacked
	case "SIDELOAD":
		return inventory.OriginSideload
	case "NORMAL":
		if source == storeSource {
			return inventory.OriginStore
		}
	}
	return inventory.OriginUnknown
}

// splitPermissions tells API permissions and host patterns apart; the report has them in one list.
func splitPermissions(list []string) inventory.Access {
	access := inventory.Access{Basis: inventory.BasisActive}
	for _, text := range list {
		if text == "<all_urls>" || strings.Contains(text, "://") {
			access.Hosts = append(access.Hosts, inventory.Untrusted(text))
		} else {
			access.Permissions = append(access.Permissions, inventory.Untrusted(text))
		}
	}
	return access
}

// cloneItem gives the sink an item of its own: it may bring its lists into order.
func cloneItem(item *inventory.Item) *inventory.Item {
	clone := *item
	clone.Access.Permissions = slices.Clone(item.Access.Permissions)
	clone.Access.Hosts = slices.Clone(item.Access.Hosts)
	clone.Marks = slices.Clone(item.Marks)
	clone.StateReasons = slices.Clone(item.StateReasons)
	clone.Facts = make(map[string]inventory.Untrusted, len(item.Facts))
	for name, text := range item.Facts {
		clone.Facts[name] = text
	}
	return &clone
}
