package chromemanagement

import (
	"cmp"
	"net/url"
	"strconv"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/internal/paging"
)

// appPage is an answer of countInstalledApps. Chrome Management does not promise a kind, and leaves
// out what is empty or zero.
type appPage struct {
	api.Envelope
	Apps  api.List[installedApp] `json:"installedApps"`
	Total api.Number             `json:"totalSize"`
}

func (*appPage) Promised() string { return "" }
func (p *appPage) Flaw() string   { return p.Apps.Flaw(&p.Envelope, "", "apps") }

func (p *appPage) page() *paging.Page[installedApp] {
	return api.PageOf(p.Total, &p.Apps, noID, func(app installedApp) bool { return !api.IsBlank(app.ID) })
}

// noID is what is wrong with the entries of Chrome Management's lists that cannot be used.
const noID = "are empty or have no ID"

// appsCall lists the installed apps.
func appsCall(customer string, perPage int, fields string) api.Call {
	return api.Call{Feature: api.Chrome, Path: reportPath(customer, "countInstalledApps"), Query: api.Query(
		"pageSize", strconv.Itoa(perPage), "fields", fields,
	)}
}

// detailCall asks for what the store says about an app.
func detailCall(customer, id, fields string) api.Call {
	return api.Call{
		Feature: api.ChromeDetails, Path: "v1/customers/" + url.PathEscape(customer) + "/apps/chrome/" + url.PathEscape(id), Query: api.Query("fields", fields),
	}
}

func reportPath(customer, report string) string {
	return "v1/customers/" + url.PathEscape(customer) + "/reports:" + report
}

type installedApp struct {
	ID          string     `json:"appId"`
	Name        string     `json:"displayName"`
	Type        string     `json:"appType"`
	Install     string     `json:"appInstallType"`
	Source      string     `json:"appSource"`
	Browsers    api.Number `json:"browserDeviceCount"`
	OSUsers     api.Number `json:"osUserCount"` // on ChromeOS
	Profiles    api.Number `json:"profileCount"`
	Disabled    bool       `json:"disabled"`
	Permissions []string   `json:"permissions"` // nil: absent or null
	Homepage    string     `json:"homepageUri"`
	Risk        appRisk    `json:"riskAssessment"`
}

type appRisk struct {
	Overall string              `json:"overallRiskLevel"`
	Entries api.List[riskEntry] `json:"entries"`
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
	api.Envelope
	Profiles api.List[appHolder] `json:"profiles"`
	Devices  api.List[appHolder] `json:"devices"`
	Total    api.Number          `json:"totalSize"`
}

func (*holderPage) Promised() string { return "" }
func (p *holderPage) Flaw() string {
	return cmp.Or(p.Profiles.Flaw(&p.Envelope, "", "profiles"), p.Devices.Flaw(&p.Envelope, "", "devices"))
}

func (p *holderPage) page() *paging.Page[appHolder] {
	holders := &p.Profiles
	if p.Devices.Said {
		holders = &p.Devices
	}
	return api.PageOf(p.Total, holders, noID, appHolder.isNamed)
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
	api.Envelope
	ID          string     `json:"appId"`
	Publisher   string     `json:"publisher"`
	Revision    string     `json:"revisionId"`
	URL         string     `json:"detailUri"`
	Published   string     `json:"firstPublishTime"`
	Updated     string     `json:"latestPublishTime"`
	ChromeStore *storeInfo `json:"chromeAppInfo"`
}

type storeInfo struct {
	Hosted      bool               `json:"isCwsHosted"`
	GoogleOwned bool               `json:"googleOwned"`
	Sites       api.List[siteName] `json:"siteAccess"`
	Manifest    api.Number         `json:"manifestVersion"`
}

type siteName struct {
	Match string `json:"hostMatch"`
}

func (*appDetails) Promised() string { return "" }
func (d *appDetails) Flaw() string {
	if d.ID == "" && d.Publisher == "" && d.ChromeStore == nil {
		return "an answer without an app"
	}
	return ""
}
