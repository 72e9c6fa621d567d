package googleworkspace

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// How far behind the usage reports are: days are tried backwards from the newest that may exist.
const (
	newestUsageDay = 2
	oldestUsageDay = 9
)

const (
	pathUsage      = "admin/reports/v1/usage/dates/" // of the organization itself
	grantCount     = "accounts:num_authorized_apps"
	authorizedApps = "accounts:authorized_apps"
	notEnrolled    = "accounts:num_users_2sv_not_enrolled"
)

// usagePage is an answer of both usage reports.
type usagePage struct {
	api.Envelope
	Reports api.List[usageReport] `json:"usageReports"`
}

func (*usagePage) Promised() string { return api.KindUsage }
func (p *usagePage) Flaw() string   { return p.Reports.Flaw(&p.Envelope, api.KindUsage, "usage reports") }

func (p *usagePage) page() *paging.Page[*usagePage] { return api.WholePage(p, &p.Reports) }

func (p *usagePage) id() string {
	if len(p.Reports.Entries) == 0 {
		return ""
	}
	return p.Reports.Entries[0].Entity.ProfileID + " " + p.Reports.Entries[len(p.Reports.Entries)-1].Entity.ProfileID
}

type usageReport struct {
	Entity struct {
		ProfileID string `json:"profileId"`
	} `json:"entity"`
	Parameters api.List[usageParameter] `json:"parameters"`
}

type usageParameter struct {
	Name     string           `json:"name"`
	Int      api.Number       `json:"intValue"`
	Messages []jsontext.Value `json:"msgValue"`
}

// usageCoverage is what Google itself counted.
type usageCoverage struct {
	day   string
	users int            // with a count
	apps  map[string]int // users by normalized client ID
	fault *api.Fault
}

// readUsage drains the per-user number of grants to disk, and takes the organization's list of
// authorized apps.
func (s *scan) readUsage(ctx context.Context) error {
	if !s.api.Has(api.Usage) {
		return nil
	}
	s.usage.fault = s.readAppCounts(ctx)
	var err error
	if s.usage.fault == nil {
		s.usage.fault, err = s.readUserCounts(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// usageCall asks for the organization's own report of a day.
func (r *reader) usageCall(day, parameters string) api.Call {
	return api.Call{Feature: api.Usage, Path: pathUsage + day, Query: api.Query(
		"parameters", parameters, "customerId", r.customerID(),
	)}
}

// readAppCounts finds the newest day that has a report.
func (s *scan) readAppCounts(ctx context.Context) *api.Fault {
	var fault *api.Fault
	for back := newestUsageDay; back <= oldestUsageDay; back++ {
		day := s.env.Now().UTC().AddDate(0, 0, -back).Format(time.DateOnly)
		var answer *usagePage
		answer, fault = api.Ask[usagePage](ctx, s.api, s.usageCall(day, authorizedApps+","+notEnrolled))
		if fault != nil && fault.Cause == api.CauseNotReady {
			continue
		}
		if fault == nil {
			s.usage.day, s.usage.apps = day, readAppCounts(answer)
		}
		return fault
	}
	return fault
}

func readAppCounts(answer *usagePage) map[string]int {
	apps := map[string]int{}
	for _, report := range answer.Reports.Entries {
		for _, parameter := range report.Parameters.Entries {
			if parameter.Name != authorizedApps {
				continue
			}
			for _, message := range parameter.Messages {
				var app struct {
					Client string  `json:"client_id"`
					Users  float64 `json:"num_users"`
				}
				if json.Unmarshal(message, &app) == nil && app.Client != "" && len(apps) < maxApps {
					apps[normalizeClientID(app.Client)] = int(app.Users)
				}
			}
		}
	}
	return apps
}

func (s *scan) readUserCounts(ctx context.Context) (*api.Fault, error) {
	_, fault, err := api.Drain(ctx, s.api, api.Usage, paging.List[*usagePage]{
		Fetch: api.Pages(s.api, api.Call{Feature: api.Usage,
			Path: "admin/reports/v1/usage/users/all/dates/" + s.usage.day, Query: api.Query(
				"parameters", grantCount, "maxResults", strconv.Itoa(eventsPerPage), "customerId", s.customerID(),
				"fields", "kind,nextPageToken,usageReports(entity/profileId,parameters(name,intValue))",
			)}, (*usagePage).page),
		Key: (*usagePage).id,
	}, s.keepCounts)
	return fault, err
}

// keepCounts writes the numbers of grants to disk.
func (s *scan) keepCounts(pages []*usagePage) error {
	for _, page := range pages {
		for _, report := range page.Reports.Entries {
			for _, parameter := range report.Parameters.Entries {
				if parameter.Name != grantCount || report.Entity.ProfileID == "" {
					continue
				}
				s.usage.users++
				count := countRecord{report.Entity.ProfileID, int(parameter.Int), s.usage.day}
				if err := s.state.Run.Add(checkpoint.Counts, count.ID, count); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (u *usageCoverage) coverage(s *scan) inventory.Coverage {
	coverage := inventory.Coverage{Source: s.api.Source(inventory.GoogleWorkspace, "usage"),
		Status: inventory.StatusComplete}
	if u.fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusNotObservable, u.fault.Text, u.fault.Remedy
		return coverage
	}
	if u.day == "" {
		coverage.Details = append(coverage.Details, "as read by the interrupted scan")
		return coverage
	}
	seen, full := s.apps.snapshot()
	coverage.Details = append(coverage.Details, inventory.Textf("Google counts %d authorized apps on %s; this scan saw %d",
		len(u.apps), u.day, len(seen)))
	var missing []string
	for id := range u.apps {
		if _, ok := seen[id]; !ok && !full {
			missing = append(missing, id)
		}
	}
	slices.Sort(missing)
	rest := 0
	for _, id := range missing {
		coverage.Details = tally.AddDetail(coverage.Details, &rest,
			inventory.Textf("counted then with %d users, not seen now: %s",
				u.apps[id], inventory.Clean(id, inventory.MaxNameBytes)))
	}
	coverage.Details = tally.CloseDetails(coverage.Details, rest)
	return coverage
}
