package googleworkspace

import (
	"context"
	"slices"
	"time"

	reports "google.golang.org/api/admin/reports/v1"

	"guestlist/scanner/inventory"
)

const eventsPerPage = 1000 // the most activities.list gives

const (
	eventFields    = "nextPageToken,items(id(time,uniqueQualifier),actor(profileId,email),events(name,parameters(name,value)))"
	delegateFields = "nextPageToken,items(id/time,actor/email,events(name,parameters(name,value,multiValue)))"
)

// logCoverage is how reading the token log went.
type logCoverage struct {
	read      int
	from      time.Time
	fault     *Fault
	used      int       // activity entries
	usedFrom  time.Time // how far back they were read
	usedFault *Fault
}

// readLog drains the token log's entries about grants to disk, and its activity entries as far as the configuration asks.
// An entry without its event name would be one of millions, so each kind is listed by name.
func (s *scan) readLog(ctx context.Context) error {
	if !s.config.has(Events) {
		if s.state.base != nil {
			s.state.dropBase("the feature events is not switched on")
		}
		return nil
	}
	s.events.from = s.state.meta.From
	cut := false
	for _, kind := range []eventKind{eventAuthorize, eventRevoke} {
		read, err := s.readEvents(ctx, kind, s.state.meta.From, s.eventPages)
		if err != nil {
			return err
		}
		s.events.read += read.entries
		cut = cut || read.cut
		if read.from.After(s.events.from) {
			s.events.from = read.from
		}
		if read.fault != nil {
			s.events.fault = read.fault
			break
		}
	}
	switch {
	case s.state.base == nil:
	case s.events.fault != nil:
		s.state.dropBase("the token log could not be read")
	case cut:
		s.state.dropBase("the token log has too many entries since the last scan")
	}
	if s.config.ActivityDays == 0 || s.events.fault != nil {
		return nil
	}
	read, err := s.readEvents(ctx, eventActivity, s.env.Now().AddDate(0, 0, -s.config.ActivityDays), MaxActivityPages)
	s.events.used, s.events.usedFrom, s.events.usedFault = read.entries, read.from, read.fault
	return err
}

// logRead is how reading one kind of entry went.
type logRead struct {
	entries int
	from    time.Time // how far back the entries reach
	cut     bool      // at the limit of pages, before the time asked for
	fault   *Fault
}

// readEvents lists one kind of entry from a time on, newest first, and at most so many pages.
func (s *scan) readEvents(ctx context.Context, kind eventKind, from time.Time, limit int) (logRead, error) {
	read := logRead{from: from}
	page := ""
	for pages := 1; ; pages++ {
		answer, fault := s.eventPage(ctx, kind, from, page)
		if fault != nil {
			if fault.Cause == CauseCancelled {
				return read, ctx.Err()
			}
			read.fault = fault
			return read, nil
		}
		if err := s.keepEvents(kind, answer.Items); err != nil {
			return read, err
		}
		read.entries += len(answer.Items)
		page = answer.NextPageToken
		if page == "" {
			return read, nil
		}
		if pages == limit {
			read.cut = true
			if len(answer.Items) > 0 {
				read.from = activityTime(answer.Items[len(answer.Items)-1])
			}
			return read, nil
		}
	}
}

func (s *scan) eventPage(ctx context.Context, kind eventKind, from time.Time, page string) (*reports.Activities, *Fault) {
	return call(ctx, s.api, Events, false, func(ctx context.Context) (*reports.Activities, error) {
		list := s.api.reports.Activities.List("all", "token").EventName(string(kind)).MaxResults(eventsPerPage).
			StartTime(from.UTC().Format(time.RFC3339)).Fields(fields(eventFields))
		if page != "" {
			list = list.PageToken(page)
		}
		if customer := s.customerID(); customer != "" {
			list = list.CustomerId(customer)
		}
		return list.Context(ctx).Do()
	})
}

// keepEvents writes a page of entries to disk. Activity of one user and app is kept once a page: newest comes first.
func (s *scan) keepEvents(kind eventKind, items []*reports.Activity) error {
	seen := map[[2]string]bool{}
	for _, item := range items {
		if item == nil || item.Actor == nil || item.Actor.ProfileId == "" {
			continue
		}
		at := activityTime(item)
		for _, event := range item.Events {
			if event == nil || event.Name != string(kind) {
				continue
			}
			entry := eventRecord{ID: item.Actor.ProfileId, Kind: kind, Time: at}
			for _, parameter := range event.Parameters {
				switch {
				case parameter == nil:
				case parameter.Name == "client_id":
					entry.Client = parameter.Value
				case parameter.Name == "client_type":
					entry.Type = parameter.Value
				}
			}
			key := [2]string{entry.ID, entry.Client}
			if kind == eventActivity && seen[key] {
				continue
			}
			seen[key] = true
			if err := s.state.run.add(kindEvents, entry.ID, entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// mergeEvents joins what two scans read of the log for one user; the overlap brings entries twice.
func mergeEvents(earlier, later []eventRecord) []eventRecord {
	if len(earlier) == 0 {
		return later
	}
	merged := slices.Clone(earlier)
	for _, event := range later {
		event.ID = ""
		same := func(e eventRecord) bool {
			return e.Kind == event.Kind && e.Client == event.Client && e.Time.Equal(event.Time)
		}
		if !slices.ContainsFunc(merged, same) {
			merged = append(merged, event)
		}
	}
	return merged
}

func activityTime(item *reports.Activity) time.Time {
	if item == nil || item.Id == nil {
		return time.Time{}
	}
	return parseTime(item.Id.Time)
}

func (l *logCoverage) coverage(s *scan) inventory.Coverage {
	coverage := inventory.Coverage{Source: s.source(inventory.GoogleWorkspace, "token-log"), Status: inventory.StatusComplete}
	if l.fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusNotObservable, l.fault.Text, l.fault.Remedy
		return coverage
	}
	if s.state.resumed && s.state.meta.Prepared && l.from.IsZero() {
		coverage.Details = append(coverage.Details, "as read by the interrupted scan")
		return coverage
	}
	coverage.Details = append(coverage.Details, untrusted("%d entries since %s; older grants have no known date",
		l.read, l.from.UTC().Format(time.RFC3339)))
	switch {
	case l.usedFault != nil:
		coverage.Status = inventory.StatusPartial
		coverage.Reason, coverage.Remedy = "last use was not read: "+l.usedFault.Text, l.usedFault.Remedy
	case s.config.ActivityDays > 0:
		coverage.Details = append(coverage.Details, untrusted("last use is known since %s, from %d entries",
			l.usedFrom.UTC().Format(time.RFC3339), l.used))
	}
	return coverage
}

// delegations lists the changes of domain-wide delegation that the admin log still holds.
func (p *Provider) delegations(ctx context.Context) ([]inventory.Untrusted, *Fault) {
	var details []inventory.Untrusted
	rest := 0
	for _, name := range []string{"AUTHORIZE_API_CLIENT_ACCESS", "REMOVE_API_CLIENT_ACCESS"} {
		answer, fault := call(ctx, p.api, Events, false, func(ctx context.Context) (*reports.Activities, error) {
			list := p.api.reports.Activities.List("all", "admin").EventName(name).MaxResults(eventsPerPage).
				StartTime(p.env.Now().Add(-LogRetention).UTC().Format(time.RFC3339)).Fields(fields(delegateFields))
			if customer := p.customerID(); customer != "" {
				list = list.CustomerId(customer)
			}
			return list.Context(ctx).Do()
		})
		if fault != nil {
			return nil, fault
		}
		verb := map[bool]string{true: "given to", false: "taken from"}[name == "AUTHORIZE_API_CLIENT_ACCESS"]
		for _, item := range answer.Items {
			if item == nil || item.Actor == nil {
				continue
			}
			details = addDetail(details, &rest, delegation(item, verb))
		}
	}
	return closeDetails(details, rest), nil
}

func delegation(item *reports.Activity, verb string) inventory.Untrusted {
	client, scopes := "", ""
	for _, event := range item.Events {
		for _, parameter := range event.Parameters {
			switch parameter.Name {
			case "API_CLIENT_NAME":
				client = parameter.Value
			case "API_SCOPES":
				scopes = parameter.Value
				for n, scope := range parameter.MultiValue {
					if n > 0 {
						scopes += " "
					}
					scopes += scope
				}
			}
		}
	}
	clean := func(text string) inventory.Untrusted { return inventory.Clean(text, inventory.MaxNameBytes) }
	return untrusted("%s: %s client %q by %q: %s", activityTime(item).Format(time.DateOnly), verb, clean(client), clean(item.Actor.Email), clean(scopes))
}
