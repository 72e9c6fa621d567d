package googlefake

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) countInstalledApps(r *http.Request) (any, *Fault) {
	extensions, answer, fault := page(s, r, s.org.Extensions())
	if fault != nil {
		return nil, fault
	}
	var list []any
	for n := range extensions {
		list = append(list, installedApp(&extensions[n]))
	}
	if list != nil {
		answer["installedApps"] = list
	}
	return answer, nil
}

func (s *Server) findProfiles(r *http.Request) (any, *Fault) {
	extension, fault := s.queriedExtension(r)
	if fault != nil {
		return nil, fault
	}
	profiles, answer, fault := page(s, r, extension.Profiles)
	if fault != nil {
		return nil, fault
	}
	var list []any
	for _, profile := range profiles {
		list = append(list, map[string]any{
			"email": profile.Email, "profileId": profile.ID, "profilePermanentId": profile.PermanentID,
			"profileOrgUnitId": profile.Unit,
		})
	}
	if list != nil {
		answer["profiles"] = list
	}
	return answer, nil
}

func (s *Server) findDevices(r *http.Request) (any, *Fault) {
	extension, fault := s.queriedExtension(r)
	if fault != nil {
		return nil, fault
	}
	devices, answer, fault := page(s, r, extension.Devices)
	if fault != nil {
		return nil, fault
	}
	var list []any
	for _, device := range devices {
		list = append(list, map[string]any{"deviceId": device.ID, "machine": device.Machine})
	}
	if list != nil {
		answer["devices"] = list
	}
	return answer, nil
}

func (s *Server) getChromeApp(r *http.Request) (any, *Fault) {
	if fault := s.checkCustomer(r); fault != nil {
		return nil, fault
	}
	id, version, _ := strings.Cut(r.PathValue("app"), "@")
	customer, _ := s.org.Customer()
	for _, extension := range s.org.Extensions() {
		if extension.ID != id || extension.Publisher == "" {
			continue
		}
		var sites []any
		for _, host := range extension.SiteAccess {
			sites = append(sites, map[string]any{"hostMatch": host})
		}
		return map[string]any{
			"name": "customers/" + customer + "/apps/chrome/" + id + "@" + cmp.Or(version, extension.Version), "appId": id,
			"displayName": extension.Name, "publisher": extension.Publisher, "revisionId": extension.Version, "type": "CHROME",
			"detailUri":         "https://chromewebstore.google.com/detail/" + id,
			"firstPublishTime":  extension.Published.UTC().Format(time.RFC3339),
			"latestPublishTime": extension.Updated.UTC().Format(time.RFC3339),
			"reviewNumber":      "12", "reviewRating": 4.5,
			"chromeAppInfo": map[string]any{
				"type": "EXTENSION", "isCwsHosted": extension.Listed, "manifestVersion": "3", "siteAccess": sites,
				"minUserCount": 1000,
			},
		}, nil
	}
	return nil, notFound("Requested entity was not found.")
}

func (s *Server) queriedExtension(r *http.Request) (Extension, *Fault) {
	query := r.URL.Query()
	for _, extension := range s.org.Extensions() {
		if extension.ID == query.Get("appId") && (query.Get("appType") == "" || query.Get("appType") == extension.Type) {
			return extension, nil
		}
	}
	if query.Get("appId") == "" {
		return Extension{}, badRequest("Request contains an invalid argument.")
	}
	return Extension{}, nil
}

func (s *Server) checkCustomer(r *http.Request) *Fault {
	customer, _ := s.org.Customer()
	if name := r.PathValue("customer"); name != "my_customer" && name != customer {
		return notFound("Requested entity was not found.")
	}
	return nil
}

// page cuts one page out of a Chrome Management list and starts the answer with its totals.
func page[T any](s *Server, r *http.Request, list []T) ([]T, map[string]any, *Fault) {
	if fault := s.checkCustomer(r); fault != nil {
		return nil, nil, fault
	}
	limit, fault := pageLimit(r.URL.Query().Get("pageSize"), 100, 100)
	if fault != nil {
		return nil, nil, fault
	}
	start := 0
	if token := r.URL.Query().Get("pageToken"); token != "" {
		if start, fault = decodeToken("C", token); fault != nil {
			return nil, nil, fault
		}
	}
	end := min(start+limit, len(list))
	answer := map[string]any{"totalSize": len(list)}
	if end < len(list) {
		answer["nextPageToken"] = encodeToken("C", end)
	}
	return slices.Clone(list[min(start, end):end]), answer, nil
}

func installedApp(extension *Extension) map[string]any {
	body := map[string]any{
		"appId": extension.ID, "displayName": extension.Name, "appType": extension.Type, "appInstallType": extension.Install,
		"permissions": stringList(extension.Permissions), "disabled": extension.Disabled,
		"browserDeviceCount": strconv.Itoa(len(extension.Devices)), "profileCount": strconv.Itoa(len(extension.Profiles)),
	}
	if extension.Source != "" {
		body["appSource"] = extension.Source
	}
	if extension.Homepage != "" {
		body["homepageUri"] = extension.Homepage
	}
	if extension.Risk != "" {
		body["riskAssessment"] = map[string]any{
			"overallRiskLevel": extension.Risk,
			"entries": []any{map[string]any{
				"provider": "RISK_ASSESSMENT_PROVIDER_SPIN_AI", "riskLevel": extension.Risk,
				"riskAssessment": map[string]any{
					"assessment": extension.RiskScore, "version": extension.Version,
					"detailsUrl": "https://risk.example/" + extension.ID,
				},
			}},
		}
	}
	return body
}

func (s *Server) listPolicies(r *http.Request) (any, *Fault) {
	limit, fault := pageLimit(r.URL.Query().Get("pageSize"), 50, 100)
	if fault != nil {
		return nil, fault
	}
	prefix := "settings/"
	if filter := r.URL.Query().Get("filter"); filter != "" {
		// The one filter guestlist sends: setting.type.matches('^settings/api_controls\\..*$').
		inner, ok := strings.CutPrefix(filter, `setting.type.matches('^`)
		name, _, cut := strings.Cut(inner, `\\.`)
		if !ok || !cut {
			return nil, badRequest("Request contains an invalid argument.")
		}
		prefix = name + "."
	}
	policies := slices.DeleteFunc(s.org.Policies(), func(p Policy) bool { return !strings.HasPrefix(p.Type, prefix) })
	start := 0
	if token := r.URL.Query().Get("pageToken"); token != "" {
		if start, fault = decodeToken("P", token); fault != nil {
			return nil, fault
		}
	}
	end := min(start+limit, len(policies))
	customer, _ := s.org.Customer()
	var list []any
	for n := start; n < end; n++ {
		policy := &policies[n]
		kind := "ADMIN"
		if policy.System {
			kind = "SYSTEM"
		}
		list = append(list, map[string]any{
			"name": policy.Name, "customer": "customers/" + customer, "type": kind,
			"policyQuery": map[string]any{"orgUnit": policy.Unit, "sortOrder": float64(n + 1)},
			"setting":     map[string]any{"type": policy.Type, "value": policy.Value},
		})
	}
	answer := map[string]any{}
	if list != nil {
		answer["policies"] = list
	}
	if end < len(policies) {
		answer["nextPageToken"] = encodeToken("P", end)
	}
	return answer, nil
}
