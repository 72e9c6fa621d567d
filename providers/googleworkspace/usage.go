package googleworkspace

import (
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	reports "google.golang.org/api/admin/reports/v1"

	"guestlist/scanner/inventory"
)

// How far behind the usage reports are: tried from the newest day that may exist backwards.
const (
	newestUsageDay = 2
	oldestUsageDay = 9
)

const (
	grantCount     = "accounts:num_authorized_apps"
	authorizedApps = "accounts:authorized_apps"
	notEnrolled    = "accounts:num_users_2sv_not_enrolled"
)

// usageCoverage is what Google itself counts.
type usageCoverage struct {
	day   string
	users int            // with a count
	apps  map[string]int // users by normalized client ID
	fault *Fault
}

// readUsage drains the per-user number of grants to disk, and takes the organization's list of authorized apps.
func (s *scan) readUsage(ctx context.Context) error {
	if !s.config.has(Usage) {
		return nil
	}
	fault := s.readAppCounts(ctx)
	if fault == nil {
		var err error
		if fault, err = s.readUserCounts(ctx); err != nil {
			return err
		}
	}
	if fault != nil && fault.Cause == CauseCancelled {
		return ctx.Err()
	}
	s.usage.fault = fault
	return nil
}

// readAppCounts finds the newest day that has a report.
func (s *scan) readAppCounts(ctx context.Context) *Fault {
	var fault *Fault
	for back := newestUsageDay; back <= oldestUsageDay; back++ {
		day := s.env.Now().UTC().AddDate(0, 0, -back).Format(time.DateOnly)
		var answer *reports.UsageReports
		answer, fault = call(ctx, s.api, Usage, false, func(ctx context.Context) (*reports.UsageReports, error) {
			get := s.api.reports.CustomerUsageReports.Get(day).Parameters(authorizedApps + "," + notEnrolled)
			if customer := s.customerID(); customer != "" {
				get = get.CustomerId(customer)
			}
			return get.Context(ctx).Do()
		})
		if fault != nil && fault.Cause == CauseNotReady {
			continue
		}
		if fault == nil {
			s.usage.day, s.usage.apps = day, readAppCounts(answer)
		}
		return fault
	}
	return fault
}

func readAppCounts(answer *reports.UsageReports) map[string]int {
	apps := map[string]int{}
	for _, report := range answer.UsageReports {
		for _, parameter := range report.Parameters {
			if parameter.Name != authorizedApps {
				continue
			}
			for _, message := range parameter.MsgValue {
				var app struct {
					Client string  `json:"client_id"`
					Users  float64 `json:"num_users"`
				}
				if json.Unmarshal(message, &app) == nil && app.Client != "" && len(apps) < maxApps {
					apps[NormalizeClientID(app.Client)] = int(app.Users)
				}
			}
		}
	}
	return apps
}

func (s *scan) readUserCounts(ctx context.Context) (*Fault, error) {
	for page := ""; ; {
		answer, fault := call(ctx, s.api, Usage, false, func(ctx context.Context) (*reports.UsageReports, error) {
			get := s.api.reports.UserUsageReport.Get("all", s.usage.day).Parameters(grantCount).MaxResults(eventsPerPage).
				Fields(fields("nextPageToken,usageReports(entity/profileId,parameters(name,intValue))"))
			if page != "" {
				get = get.PageToken(page)
			}
			if customer := s.customerID(); customer != "" {
				get = get.CustomerId(customer)
			}
			return get.Context(ctx).Do()
		})
		if fault != nil {
			return fault, nil
		}
		for _, report := range answer.UsageReports {
			if report == nil || report.Entity == nil || report.Entity.ProfileId == "" {
				continue
			}
			for _, parameter := range report.Parameters {
				if parameter.Name != grantCount {
					continue
				}
				s.usage.users++
				count := countRecord{report.Entity.ProfileId, int(parameter.IntValue), s.usage.day}
				if err := s.state.run.add(kindCounts, count.ID, count); err != nil {
					return nil, err
				}
			}
		}
		if page = answer.NextPageToken; page == "" {
			return nil, nil
		}
	}
}

func (u *usageCoverage) coverage(s *scan) inventory.Coverage {
	coverage := inventory.Coverage{Source: s.source(inventory.GoogleWorkspace, "usage"), Status: inventory.StatusComplete}
	if u.fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusNotObservable, u.fault.Text, u.fault.Remedy
		return coverage
	}
	if u.day == "" {
		coverage.Details = append(coverage.Details, "as read by the interrupted scan")
		return coverage
	}
	seen, full := s.apps.snapshot()
	coverage.Details = append(coverage.Details, untrusted("Google counts %d authorized apps on %s; this scan saw %d",
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
		coverage.Details = addDetail(coverage.Details, &rest, untrusted("counted then with %d users, not seen now: %s",
			u.apps[id], inventory.Clean(id, inventory.MaxNameBytes)))
	}
	coverage.Details = closeDetails(coverage.Details, rest)
	return coverage
}
