package googlefake

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const scopePrefix = "https://www.googleapis.com/auth/"

// apiCalls are the API routes, as patterns of http.ServeMux.
func apiCalls() map[string]call {
	security := []string{scopePrefix + "admin.directory.user.security"}
	audit := []string{scopePrefix + "admin.reports.audit.readonly"}
	usage := []string{scopePrefix + "admin.reports.usage.readonly"}
	reports := []string{scopePrefix + "chrome.management.reports.readonly"}
	return map[string]call{
		"GET /admin/directory/v1/users": {name: "users.list", answer: (*Server).listUsers, scopes: []string{
			scopePrefix + "admin.directory.user", scopePrefix + "admin.directory.user.readonly", scopePrefix + "cloud-platform",
		}},
		"GET /admin/directory/v1/users/{user}/tokens": {name: "tokens.list", scopes: security, answer: (*Server).listTokens},
		"GET /admin/directory/v1/users/{user}/asps": {name: "asps.list", scopes: security,
			answer: (*Server).listAppPasswords},

		"GET /admin/reports/v1/activity/users/{user}/applications/{application}": {
			name: "activities.list", scopes: audit, answer: (*Server).listActivities,
		},
		"GET /admin/reports/v1/usage/dates/{date}": {name: "customerUsageReports.get", scopes: usage,
			answer: (*Server).customerUsage},
		"GET /admin/reports/v1/usage/users/{user}/dates/{date}": {
			name: "userUsageReport.get", scopes: usage, answer: (*Server).userUsage,
		},

		"GET /v1/customers/{customer}/reports:countInstalledApps": {
			name: "countInstalledApps", scopes: reports, answer: (*Server).countInstalledApps,
		},
		"GET /v1/customers/{customer}/reports:findInstalledAppProfiles": {
			name: "findInstalledAppProfiles", scopes: reports, answer: (*Server).findProfiles,
		},
		"GET /v1/customers/{customer}/reports:findInstalledAppDevices": {
			name: "findInstalledAppDevices", scopes: reports, answer: (*Server).findDevices,
		},
		"GET /v1/customers/{customer}/apps/chrome/{app}": {
			name: "apps.chrome.get", scopes: []string{scopePrefix + "chrome.management.appdetails.readonly"},
			answer: (*Server).getChromeApp,
		},
		"GET /v1/policies": {
			name: "policies.list", super: true, scopes: []string{scopePrefix + "cloud-identity.policies.readonly"},
			answer: (*Server).listPolicies,
		},
	}
}

func (s *Server) listUsers(r *http.Request) (any, *Fault) {
	query := r.URL.Query()
	customer, domain := s.org.Customer()
	switch {
	case query.Get("customer") == "" && query.Get("domain") == "":
		return nil, badRequest("Bad Request")
	case query.Get("customer") != "" && query.Get("customer") != "my_customer" && query.Get("customer") != customer:
		return nil, notFound("Resource Not Found: customer")
	case query.Get("domain") != "" && query.Get("domain") != domain:
		return nil, notFound("Domain not found.")
	}
	limit, fault := pageLimit(query.Get("maxResults"), 100, 500)
	if fault != nil {
		return nil, fault
	}
	users, next := s.org.Users(query.Get("pageToken"), limit)
	list := make([]any, len(users))
	for n := range users {
		list[n] = userBody(&users[n], customer)
	}
	answer := map[string]any{"kind": "admin#directory#users", "etag": `"fake"`}
	if len(list) > 0 {
		answer["users"] = list
	}
	if next != "" {
		answer["nextPageToken"] = next
	}
	return answer, nil
}

func (s *Server) listTokens(r *http.Request) (any, *Fault) {
	user, fault := s.pathUser(r)
	if fault != nil {
		return nil, fault
	}
	answer := map[string]any{"kind": "admin#directory#tokenList", "etag": `"fake"`}
	var items []any
	for _, grant := range s.org.Grants(user.ID) {
		items = append(items, map[string]any{
			"kind": "admin#directory#token", "etag": `"fake"`, "clientId": grant.ClientID, "displayText": grant.Name,
			"anonymous": grant.Anonymous, "nativeApp": grant.Native, "userKey": user.ID, "scopes": stringList(grant.Scopes),
		})
	}
	if items != nil {
		answer["items"] = items
	}
	return answer, nil
}

func (s *Server) listAppPasswords(r *http.Request) (any, *Fault) {
	user, fault := s.pathUser(r)
	if fault != nil {
		return nil, fault
	}
	answer := map[string]any{"kind": "admin#directory#aspList", "etag": `"fake"`}
	var items []any
	for _, password := range s.org.AppPasswords(user.ID) {
		items = append(items, map[string]any{
			"kind": "admin#directory#asp", "etag": `"fake"`, "codeId": password.ID, "name": password.Name, "userKey": user.ID,
			"creationTime": unixText(password.Created, password.Seconds),
			"lastTimeUsed": unixText(password.LastUsed, password.Seconds),
		})
	}
	if items != nil {
		answer["items"] = items
	}
	return answer, nil
}

func (s *Server) pathUser(r *http.Request) (User, *Fault) {
	user, found := s.org.User(r.PathValue("user"))
	switch {
	case !found:
		return User{}, NotFound()
	case user.IsGroup:
		return User{}, GroupKey()
	case user.AnswersUnauthorized:
		return User{}, badCredentials()
	}
	return user, nil
}

func userBody(user *User, customer string) map[string]any {
	given, family, _ := strings.Cut(user.Name, " ")
	body := map[string]any{
		"kind": "admin#directory#user", "etag": `"fake"`, "id": user.ID, "primaryEmail": user.Email, "customerId": customer,
		"name":    map[string]any{"givenName": given, "familyName": family, "fullName": user.Name},
		"isAdmin": user.Admin, "isDelegatedAdmin": user.Delegated, "suspended": user.Suspended, "archived": user.Archived,
		"isEnrolledIn2Sv": user.Enrolled, "isEnforcedIn2Sv": user.Enforced, "orgUnitPath": user.Unit,
		"creationTime": timeText(user.Created), "lastLoginTime": timeText(user.LastLogin),
	}
	if user.Guest {
		body["isGuestUser"] = true
	}
	if user.Suspended {
		body["suspensionReason"] = user.SuspensionReason
		if user.SuspensionReason == "" {
			body["suspensionReason"] = "ADMIN"
		}
	}
	return body
}

func pageLimit(text string, usual, most int) (int, *Fault) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badRequest("Invalid value '" + text + "'. Values must be within the range: [1, " + strconv.Itoa(most) + "]")
	}
	return n, nil
}

func stringList(list []string) []any {
	values := make([]any, len(list))
	for n, text := range list {
		values[n] = text
	}
	return values
}

// timeText is how the Directory writes times; the epoch means never.
func timeText(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func unixText(t time.Time, seconds bool) string {
	switch {
	case t.IsZero():
		return "0"
	case seconds:
		return strconv.FormatInt(t.Unix(), 10)
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}
