package googleworkspace

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
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

// appPage is an answer of countInstalledApps. Chrome Management promises no kind and leaves out what is empty or zero.
type appPage struct {
	envelope
	Apps  list[installedApp] `json:"installedApps"`
	Total number             `json:"totalSize"`
}

func (*appPage) promised() string { return "" }
func (p *appPage) flaw() string   { return p.Apps.flaw(&p.envelope, "", "apps") }

func (p *appPage) page() *paging.Page[installedApp] {
	return pageOf(p.Total, &p.Apps, noID, func(app installedApp) bool { return app.ID != "" })
}

// noID is what entries of Chrome Management's lists lack that are nothing.
const noID = "are empty or have no ID"

// appsCall lists the installed apps.
func appsCall(customer string, perPage int, fields string) call {
	return call{feature: Chrome, path: reportPath(customer, "countInstalledApps"), query: query(
		"pageSize", strconv.Itoa(perPage), "fields", fields,
	)}
}

// detailCall asks for what the store says of an app.
func detailCall(customer, id, fields string) call {
	return call{
		feature: ChromeDetails, path: "v1/customers/" + url.PathEscape(customer) + "/apps/chrome/" + url.PathEscape(id), query: query("fields", fields),
	}
}

func reportPath(customer, report string) string {
	return "v1/customers/" + url.PathEscape(customer) + "/reports:" + report
}

type installedApp struct {
	ID          string   `json:"appId"`
	Name        string   `json:"displayName"`
	Type        string   `json:"appType"`
	Install     string   `json:"appInstallType"`
	Source      string   `json:"appSource"`
	Browsers    number   `json:"browserDeviceCount"`
	OSUsers     number   `json:"osUserCount"` // on ChromeOS
	Profiles    number   `json:"profileCount"`
	Disabled    bool     `json:"disabled"`
	Permissions []string `json:"permissions"` // nil: absent or null
	Homepage    string   `json:"homepageUri"`
	Risk        appRisk  `json:"riskAssessment"`
}

type appRisk struct {
	Overall string          `json:"overallRiskLevel"`
	Entries list[riskEntry] `json:"entries"`
}

type riskEntry struct {
	Provider string `json:"provider"`
	Level    string `json:"riskLevel"`
	Risk     struct {
		Assessment string `json:"assessment"`
		Version    string `json:"version"`
	} `json:"riskAssessment"`
}

// holderPage is an answer of findInstalledAppProfiles and findInstalledAppDevices.
type holderPage struct {
	envelope
	Profiles list[appHolder] `json:"profiles"`
	Devices  list[appHolder] `json:"devices"`
	Total    number          `json:"totalSize"`
}

func (*holderPage) promised() string { return "" }
func (p *holderPage) flaw() string {
	return cmp.Or(p.Profiles.flaw(&p.envelope, "", "profiles"), p.Devices.flaw(&p.envelope, "", "devices"))
}

func (p *holderPage) page() *paging.Page[appHolder] {
	holders := &p.Profiles
	if p.Devices.said {
		holders = &p.Devices
	}
	return pageOf(p.Total, holders, noID, appHolder.isNamed)
}

// appHolder is a profile or a machine that has an app.
type appHolder struct {
	Email     string `json:"email"`
	Profile   string `json:"profileId"`
	Permanent string `json:"profilePermanentId"`
	Unit      string `json:"profileOrgUnitId"`
	Device    string `json:"deviceId"`
	Machine   string `json:"machine"`
}

func (h appHolder) isNamed() bool {
	h.Unit = ""
	return h != appHolder{}
}

// appDetails is an answer of apps.chrome.get.
type appDetails struct {
	envelope
	ID          string     `json:"appId"`
	Publisher   string     `json:"publisher"`
	Revision    string     `json:"revisionId"`
	URL         string     `json:"detailUri"`
	Published   string     `json:"firstPublishTime"`
	Updated     string     `json:"latestPublishTime"`
	ChromeStore *storeInfo `json:"chromeAppInfo"`
}

type storeInfo struct {
	Hosted      bool           `json:"isCwsHosted"`
	GoogleOwned bool           `json:"googleOwned"`
	Sites       list[siteName] `json:"siteAccess"`
	Manifest    number         `json:"manifestVersion"`
}

type siteName struct {
	Match string `json:"hostMatch"`
}

func (*appDetails) promised() string { return "" }
func (d *appDetails) flaw() string {
	if d.ID == "" && d.Publisher == "" && d.ChromeStore == nil {
		return "an answer without an app"
	}
	return ""
}

// ChromeProvider reads what managed browsers report to Chrome Management: extensions, who holds them, and how Google's risk
// assessors judge them. Browsers and profiles without reporting are not in it, and nothing tells how many those are.
type ChromeProvider struct{ api *api }

var _ scanner.Provider = (*ChromeProvider)(nil)

// NewChrome returns the provider, or an error that says what is wrong with the configuration. It signs in nowhere yet.
func NewChrome(env scanner.Env, config Connection) (*ChromeProvider, error) {
	api, err := openAPI(env, config, inventory.ChromeManagement)
	if err != nil {
		return nil, err
	}
	return &ChromeProvider{api}, nil
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

// extensionCoverage is what the scan says of the extensions and their holders.
func (s *chromeScan) extensionCoverage(listed *appListing, fault *Fault) inventory.Coverage {
	coverage := s.profiles.coverage(len(listed.apps), nil)[0]
	coverage.Details = []inventory.Untrusted{"covers managed browsers and profiles that report; no API counts those that do not"}
	if listed.android > 0 {
		coverage.Details = append(coverage.Details, inventory.Textf("%d Android apps are left out", listed.android))
	}
	if fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusPartial, fault.Text, fault.Remedy
		coverage.Expected = max(listed.total-listed.android, 0) // what is not listed was not read
		if len(listed.apps) == 0 {
			coverage.Status = inventory.StatusNotObservable
		}
	}
	markPartial(&coverage, &s.profiles, "the holders of %d of the extensions could not be read, or not all of them")
	return coverage
}

// unlistedCoverage names the extensions on ChromeOS: how many people have one is counted, and no call lists who they are.
func (s *chromeScan) unlistedCoverage() inventory.Coverage {
	return inventory.Coverage{
		Source: s.profiles.source.Join(unlistedHolders).Join("chromeos"), Status: inventory.StatusNotObservable, Unobservable: true,
		Reason: inventory.Textf("no API lists who has an extension on ChromeOS; Google counts users there for %d of the extensions", s.chromeOS),
		Remedy: "look at " + pageAppUsage,
	}
}

// markPartial makes the whole source partial for single apps that failed: an app's holders are spread over all profiles.
func markPartial(coverage *inventory.Coverage, apps *perUser, reason string) {
	if len(apps.exceptions) == 0 || apps.end != nil {
		return
	}
	if coverage.Status == inventory.StatusComplete {
		coverage.Status = inventory.StatusPartial
	}
	said := inventory.Textf(reason, apps.failed)
	if coverage.Reason == "" {
		coverage.Reason, coverage.Remedy = said, apps.exceptions[0].Remedy
	} else {
		coverage.Reason += "; " + said
	}
	rest := apps.failed - len(apps.exceptions)
	for _, exception := range apps.exceptions {
		_, app, _ := strings.Cut(string(exception.Source.Name), "/"+lastPart(apps.source)+"/")
		coverage.Details = addDetail(coverage.Details, &rest, inventory.Textf("%s: %s", app, string(exception.Reason)))
	}
	coverage.Details = closeDetails(coverage.Details, rest)
}

func lastPart(source inventory.Source) string {
	name := string(source.Name)
	return name[strings.LastIndexByte(name, '/')+1:]
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

// unlistedHolders is the part of a source's name for holders whom no list names.
const unlistedHolders = "not listed"

// addUnlisted adds an app that is counted and whose holders no list names: those on ChromeOS, and those that a list left out.
func (s *chromeScan) addUnlisted(app *installedApp, item *inventory.Item) error {
	held := *item
	held.Source = s.profiles.source.Join(unlistedHolders)
	held.Facts = maps.Clone(item.Facts)
	var counts []string
	for _, count := range []struct {
		fact, unit string
		n          number
	}{{"google_counts_browsers", "browsers", app.Browsers}, {"google_counts_chromeos_users", "ChromeOS users", app.OSUsers},
		{"google_counts_profiles", "profiles", app.Profiles}} {
		if count.n > 0 {
			held.Facts[count.fact] = inventory.Untrusted(strconv.FormatInt(int64(count.n), 10))
			counts = append(counts, fmt.Sprintf("%d %s", count.n, count.unit))
		}
	}
	// The place is where a person reads how many hold it.
	held.Holder = inventory.Holder{
		Organization: s.api.config.Target(), Browser: "chrome",
		Profile: "(held by people no list names; Google counts " + inventory.Untrusted(cmp.Or(strings.Join(counts, ", "), "none")) + ")",
	}
	if app.OSUsers > 0 {
		s.mu.Lock()
		s.chromeOS++
		s.mu.Unlock()
	}
	return s.sink.AddItem(&held)
}

// addHolders adds the item once for each profile, and for each machine when only machines report it. A fault comes with what was found.
func (s *chromeScan) addHolders(ctx context.Context, app *installedApp, item *inventory.Item) (int, *Fault, error) {
	found, fault, err := s.drainHolders(ctx, app, "Profiles", int(app.Profiles), item, (*chromeScan).inProfile)
	if fault != nil || err != nil || found > 0 || app.Browsers == 0 {
		return found, fault, err
	}
	return s.drainHolders(ctx, app, "Devices", int(app.Browsers), item, (*chromeScan).onMachine)
}

// drainHolders adds the item once for each holder of a list that must hold as many as Google counts.
func (s *chromeScan) drainHolders(
	ctx context.Context, app *installedApp, what string, counted int,
	item *inventory.Item, held func(*chromeScan, *inventory.Item, *appHolder),
) (found int, fault *Fault, err error) {
	_, fault, err = drain(ctx, s.api, Chrome, paging.List[appHolder]{
		Fetch: pages(s.api, call{feature: Chrome, path: reportPath(s.api.config.Customer, "findInstalledApp"+what), query: query(
			"appId", app.ID, "appType", app.Type, "pageSize", strconv.Itoa(appsPerPage),
		)}, (*holderPage).page),
		Key:  func(h appHolder) string { return cmp.Or(h.Permanent, h.Profile+" "+h.Email+" "+h.Device) },
		Size: appsPerPage,
	}, func(holders []appHolder) error {
		for n := range holders {
			copied := *item
			held(s, &copied, &holders[n])
			if err := s.sink.AddItem(&copied); err != nil {
				return err
			}
			found++
		}
		return nil
	})
	if fault == nil && err == nil && found < counted {
		fault = s.api.explain(&Fault{Feature: Chrome, Cause: CauseList, gap: &paging.Gap{
			Kind: paging.Mismatch, Reason: fmt.Sprintf("the list of holders has %d of the %d that Google counts", found, counted),
		}})
	}
	return found, fault, err
}

func (s *chromeScan) inProfile(held *inventory.Item, profile *appHolder) {
	held.Source = s.profiles.source.Join(inventory.Untrusted(profile.Email)).Join(inventory.Untrusted(profile.Permanent))
	held.Holder = inventory.Holder{
		Account: inventory.Untrusted(profile.Email), Organization: s.api.config.Target(),
		Profile: inventory.Untrusted(profile.Profile), Unit: inventory.Untrusted(profile.Unit), Browser: "chrome",
	}
}

func (s *chromeScan) onMachine(held *inventory.Item, device *appHolder) {
	held.Source = s.profiles.source.Join("devices").Join(inventory.Untrusted(device.Device))
	held.Holder = inventory.Holder{
		Organization: s.api.config.Target(), Host: inventory.Untrusted(device.Machine), Browser: "chrome",
	}
}

// addDetails asks the store for publisher and state.
func (s *chromeScan) addDetails(ctx context.Context, item *inventory.Item) *Fault {
	details, fault := ask[appDetails](ctx, s.api, detailCall(s.api.config.Customer, string(item.App.ID), detailFields))
	if fault == nil && details.ID != "" && details.ID != string(item.App.ID) {
		fault = s.api.noAnswer(ChromeDetails, "the answer is about the app %q", details.ID)
	}
	if fault != nil {
		if fault.Cause == CauseGone {
			item.Facts["store"] = "not found"
		}
		return fault
	}
	item.App.Publisher = inventory.Untrusted(details.Publisher)
	item.Updated = parseTime(details.Updated)
	if item.App.URL == "" {
		item.App.URL = inventory.Untrusted(details.URL)
	}
	for name, text := range map[string]string{"store_version": details.Revision, "first_published": details.Published} {
		if text != "" {
			item.Facts[name] = inventory.Untrusted(text)
		}
	}
	if info := details.ChromeStore; info != nil {
		s.addStoreState(item, info)
	}
	return nil
}

func (s *chromeScan) addStoreState(item *inventory.Item, info *storeInfo) {
	if !info.Hosted {
		item.Mark(inventory.MarkVendor, inventory.MarkDelisted, "not published in the Chrome Web Store")
	}
	if info.GoogleOwned {
		item.Mark(inventory.MarkNote, inventory.MarkFirstParty, "Google")
	}
	if info.Manifest > 0 {
		item.Facts["manifest_version"] = inventory.Untrusted(strconv.FormatInt(int64(info.Manifest), 10))
	}
	if len(item.Access.Hosts) > 0 {
		return
	}
	// The report names no hosts: the store's manifest does.
	for _, site := range info.Sites.entries {
		if site.Match != "" {
			item.Access.Hosts = append(item.Access.Hosts, inventory.Untrusted(site.Match))
			item.Facts["hosts_from"] = "store"
		}
	}
}

// newExtension reads what Chrome Management says of an app, without its holder.
func newExtension(app *installedApp) *inventory.Item {
	item := &inventory.Item{
		Kind: kindOf(app.Type), Origin: originOf(app.Install, app.Source), State: inventory.StateEnabled,
		App: inventory.App{
			ID: inventory.Untrusted(app.ID), Name: inventory.Untrusted(app.Name), URL: inventory.Untrusted(app.Homepage),
		},
		Facts: map[string]inventory.Untrusted{},
	}
	if app.Disabled {
		item.State, item.StateReasons = inventory.StateDisabled, []inventory.Untrusted{"reported as disabled"}
	}
	item.Access = splitPermissions(app.Permissions)
	for name, text := range map[string]string{"install_type": app.Install, "app_source": app.Source} {
		if text != "" {
			item.Facts[name] = inventory.Untrusted(strings.ToLower(text))
		}
	}
	addRisk(item, &app.Risk)
	return item
}

func addRisk(item *inventory.Item, risk *appRisk) {
	if level := riskLevel(risk.Overall); level != "" {
		item.Facts["risk"] = inventory.Untrusted(level)
	}
	for _, entry := range risk.Entries.entries {
		name := "risk_" + strings.ToLower(strings.TrimPrefix(entry.Provider, "RISK_ASSESSMENT_PROVIDER_"))
		text := riskLevel(entry.Level)
		if entry.Risk.Assessment != "" {
			text = strings.TrimSpace(text + " " + entry.Risk.Assessment)
			if item.Version == "" {
				item.Facts["risk_version"] = inventory.Untrusted(entry.Risk.Version)
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

// splitPermissions tells API permissions and host patterns apart; the report has them in one list. Empty lists are left out of it.
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
