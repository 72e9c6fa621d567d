package googlefake

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// retention is how far back the service keeps its log.
const retention = 180 * 24 * time.Hour

func (s *Server) listActivities(r *http.Request) (any, *Fault) {
	query, now := r.URL.Query(), s.options.Now()
	limit, fault := pageLimit(query.Get("maxResults"), 1000, 1000)
	if fault != nil {
		return nil, fault
	}
	from, fault := timeParameter(query.Get("startTime"), now.Add(-retention))
	if fault != nil {
		return nil, fault
	}
	to, fault := timeParameter(query.Get("endTime"), now)
	if fault != nil {
		return nil, fault
	}
	if oldest := now.Add(-retention); from.Before(oldest) {
		from = oldest
	}
	if from.After(to) {
		return nil, badRequest("Start time can not be after end time.")
	}
	events := s.org.Events(r.PathValue("application"), query.Get("eventName"), from, to, now)
	if user := r.PathValue("user"); user != "all" {
		events = slices.DeleteFunc(events, func(e Event) bool {
			return e.UserID != user &&
				!strings.EqualFold(e.Email, user)
		})
	}
	start := 0
	if token := query.Get("pageToken"); token != "" {
		if start, fault = decodeToken("A", token); fault != nil {
			return nil, fault
		}
	}
	end := min(start+limit, len(events))
	answer := map[string]any{"kind": "admin#reports#activities", "etag": `"fake"`}
	if start < end {
		answer["items"] = s.activities(events[start:end])
	}
	if end < len(events) {
		answer["nextPageToken"] = encodeToken("A", end)
	}
	return answer, nil
}

func (s *Server) activities(events []Event) []any {
	customer, _ := s.org.Customer()
	items := make([]any, len(events))
	for n := range events {
		event := &events[n]
		items[n] = map[string]any{
			"kind": "admin#reports#activity", "etag": `"fake"`,
			"id": map[string]any{
				"time": timeText(event.Time), "uniqueQualifier": strconv.FormatInt(event.Qualifier, 10),
				"applicationName": event.Application, "customerId": customer,
			},
			"actor":  actorBody(event),
			"events": []any{eventBody(event)}, "isAgenticAction": event.Agent != Agent{},
		}
	}
	return items
}

// actorBody is who acted. The log leaves out what it does not disclose.
func actorBody(event *Event) map[string]any {
	actor := map[string]any{"callerType": "USER"}
	for name, value := range map[string]string{"email": event.Email, "profileId": event.UserID} {
		if value != "" {
			actor[name] = value
		}
	}
	if agent := event.Agent; agent != (Agent{}) {
		actor["agentAttributionInfo"] = map[string]any{
			"agentId": agent.ID, "agentName": agent.Name, "agentOwner": agent.Owner, "agentType": agent.Type,
		}
	}
	return actor
}

func eventBody(event *Event) map[string]any {
	if event.Application == "admin" {
		return map[string]any{"type": "DOMAIN_SETTINGS", "name": event.Name, "parameters": []any{
			map[string]any{"name": "API_CLIENT_NAME", "value": event.ClientID},
			map[string]any{"name": "API_SCOPES", "multiValue": stringList(event.Scopes)},
		}}
	}
	scopeData := make([]any, len(event.Scopes))
	for n, scope := range event.Scopes {
		scopeData[n] = map[string]any{"parameter": []any{
			map[string]any{"name": "scope_name", "value": scope},
			map[string]any{"name": "product_bucket", "multiValue": []any{"OTHER"}},
		}}
	}
	return map[string]any{"type": "auth", "name": event.Name, "parameters": []any{
		map[string]any{"name": "client_id", "value": event.ClientID},
		map[string]any{"name": "app_name", "value": event.AppName},
		map[string]any{"name": "client_type", "value": event.Type},
		map[string]any{"name": "scope_data", "multiMessageValue": scopeData},
		map[string]any{"name": "scope", "multiValue": stringList(event.Scopes)},
	}}
}

func (s *Server) customerUsage(r *http.Request) (any, *Fault) {
	day, fault := s.usageDay(r)
	if fault != nil {
		return nil, fault
	}
	customer, _ := s.org.Customer()
	apps, names, notEnrolled := map[string]int{}, map[string]string{}, 0
	for user := range allUsers(s.org) {
		for _, grant := range s.org.Grants(user.ID) {
			apps[grant.ClientID]++
			names[grant.ClientID] = grant.Name
		}
		if !user.Enrolled {
			notEnrolled++
		}
	}
	var list []any
	for _, id := range sortedKeys(apps) {
		list = append(list, map[string]any{"client_id": id, "client_name": names[id], "num_users": apps[id]})
	}
	var parameters []any
	for name := range strings.SplitSeq(r.URL.Query().Get("parameters"), ",") {
		switch name {
		case "accounts:authorized_apps":
			parameters = append(parameters, map[string]any{"name": name, "msgValue": list})
		case "accounts:num_users_2sv_not_enrolled":
			parameters = append(parameters, map[string]any{"name": name, "intValue": strconv.Itoa(notEnrolled)})
		default:
			return nil, badRequest("Invalid request parameters: " + name)
		}
	}
	return map[string]any{"kind": "admin#reports#usageReports", "etag": `"fake"`, "usageReports": []any{map[string]any{
		"kind": "admin#reports#usageReport", "etag": `"fake"`, "date": day.Format(time.DateOnly),
		"entity":     map[string]any{"type": "CUSTOMER", "customerId": customer},
		"parameters": parameters,
	}}}, nil
}

func (s *Server) userUsage(r *http.Request) (any, *Fault) {
	day, fault := s.usageDay(r)
	if fault != nil {
		return nil, fault
	}
	limit, fault := pageLimit(r.URL.Query().Get("maxResults"), 1000, 1000)
	if fault != nil {
		return nil, fault
	}
	if r.PathValue("user") != "all" {
		return nil, badRequest("the fake answers for all users only")
	}
	customer, _ := s.org.Customer()
	position, _ := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("pageToken"))
	users, next := s.org.Users(string(position), limit)
	reports := make([]any, len(users))
	for n := range users {
		reports[n] = map[string]any{
			"kind": "admin#reports#usageReport", "etag": `"fake"`, "date": day.Format(time.DateOnly),
			"entity": map[string]any{
				"type": "USER", "customerId": customer, "userEmail": users[n].Email, "profileId": users[n].ID,
			},
			"parameters": []any{map[string]any{
				"name": "accounts:num_authorized_apps", "intValue": strconv.Itoa(s.org.GrantCount(users[n].ID, day)),
			}},
		}
	}
	answer := map[string]any{"kind": "admin#reports#usageReports", "etag": `"fake"`}
	if len(reports) > 0 {
		answer["usageReports"] = reports
	}
	if next != "" {
		answer["nextPageToken"] = base64.RawURLEncoding.EncodeToString([]byte(next))
	}
	return answer, nil
}

// usageDay reads the report's date and refuses one whose data is not available yet, in the
// service's own words.
func (s *Server) usageDay(r *http.Request) (time.Time, *Fault) {
	day, err := time.Parse(time.DateOnly, r.PathValue("date"))
	if err != nil {
		return time.Time{}, badRequest("Invalid value for: Invalid format: \"" + r.PathValue("date") + "\"")
	}
	lag := s.options.UsageLag
	if lag == 0 {
		lag = 2
	}
	newest := s.options.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -lag)
	if day.After(newest) {
		return time.Time{}, badRequest("Data for dates later than " + newest.Format(time.DateOnly) +
			" is not yet available. Please check back later")
	}
	return day, nil
}

func timeParameter(text string, missing time.Time) (time.Time, *Fault) {
	if text == "" {
		return missing, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, badRequest("Invalid value '" + text + "'.")
	}
	return t, nil
}

func encodeToken(kind string, n int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + strconv.Itoa(n)))
}

func decodeToken(kind, token string) (int, *Fault) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	digits, ok := strings.CutPrefix(string(text), kind+":")
	n, numeric := strconv.Atoi(digits)
	if err != nil || !ok || numeric != nil || n < 0 {
		return 0, badRequest("Invalid page token")
	}
	return n, nil
}

func allUsers(org Organization) func(yield func(User) bool) {
	return func(yield func(User) bool) {
		for position := ""; ; {
			users, next := org.Users(position, 500)
			for _, user := range users {
				if !yield(user) {
					return
				}
			}
			if next == "" {
				return
			}
			position = next
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
