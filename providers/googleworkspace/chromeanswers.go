package googleworkspace

import (
	"cmp"
	"guestlist/providers/internal/paging"
	"net/url"
	"strconv"
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
