package googleworkspace

import (
	"context"
	"strconv"
	"strings"
	"time"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

const (
	pathLog       = "admin/reports/v1/activity/users/all/applications/"
	eventsPerPage = 1000 // the most activities.list returns
)

const (
	eventFields = "kind,nextPageToken,items(id(time,uniqueQualifier),actor(profileId,email,agentAttributionInfo)," +
		"isAgenticAction,events(name,parameters(name,value)))"
	delegateFields = "kind,nextPageToken,items(id(time,uniqueQualifier),actor/email,events(name,parameters(name,value,multiValue)))"
)

// logCoverage is how reading the token log went.
type logCoverage struct {
	read      int
	from      time.Time
	fault     *api.Fault
	unproven  bool // an answer did not say that it is the log; grants have no date then
	nobodys   int  // entries that name no user
	agents    agents
	apps      loggedApps
	used      int       // activity entries
	usedFrom  time.Time // how far back they were read
	usedFault *api.Fault
	// unprovenUse: an answer about activity did not say that it is the log. Without this, apps
	// would look unused.
	unprovenUse bool
}

// readLog drains the token log's entries about grants to disk, and its activity entries as far back
// as the configuration asks. Without an event name in the query there would be millions of entries,
// so each kind is listed by name.
func (s *scan) readLog(ctx context.Context) error {
	if !s.api.Has(api.Events) {
		if s.state.Base != nil {
			s.state.DropBase("the feature events is not enabled")
		}
		return nil
	}
	s.events.from = s.state.Meta.From
	cut := false
	for _, kind := range []eventKind{eventAuthorize, eventRevoke} {
		read, err := s.readEvents(ctx, kind, s.state.Meta.From, s.eventPages)
		if err != nil {
			return err
		}
		s.events.read += read.entries
		cut = cut || read.cut
		s.events.unproven = s.events.unproven || read.unproven
		if read.from.After(s.events.from) {
			s.events.from = read.from
		}
		if read.fault != nil {
			s.events.fault = read.fault
			break
		}
	}
	switch {
	case s.state.Base == nil:
	case s.events.fault != nil:
		s.state.DropBase("the token log could not be read")
	case cut:
		s.state.DropBase("the token log has too many entries since the last scan")
	case s.events.unproven:
		s.state.DropBase("the token log's answer does not say what it is")
	case s.events.nobodys > 0:
		s.state.DropBase("entries of the token log name no user")
	}
	if s.config.ActivityDays == 0 || s.events.fault != nil {
		return nil
	}
	read, err := s.readEvents(ctx, eventActivity, s.env.Now().AddDate(0, 0, -s.config.ActivityDays), maxActivityPages)
	s.events.used, s.events.usedFrom, s.events.usedFault = read.entries, read.from, read.fault
	s.events.unprovenUse = read.unproven
	return err
}

// logRead is how reading one kind of entry went.
type logRead struct {
	entries int
	from    time.Time // how far back the entries reach
	oldest  time.Time // of the entries
	cut     bool      // at the limit of pages, before the time asked for
	// unproven: an answer did not say that it is the log.
	unproven bool
	fault    *api.Fault
}

// readEvents lists one kind of entry since from, newest first, and at most limit pages.
func (s *scan) readEvents(ctx context.Context, kind eventKind, from time.Time, limit int) (logRead, error) {
	read := logRead{from: from}
	result, fault, err := api.Drain(ctx, s.api, api.Events, paging.List[*activityPage]{
		Fetch: api.Pages(s.api, s.logCall("token", string(kind), from, eventFields),
			func(answer *activityPage) *paging.Page[*activityPage] {
				read.unproven = read.unproven || !answer.proven()
				return answer.page()
			}),
		Key: (*activityPage).id, MaxPages: limit,
	}, func(pages []*activityPage) error {
		for _, page := range pages {
			read.entries += len(page.Items.Entries)
			read.oldest = activityTime(&page.Items.Entries[len(page.Items.Entries)-1])
			if err := s.keepEvents(kind, page.Items.Entries); err != nil {
				return err
			}
		}
		return nil
	})
	if fault != nil && fault.Gap != nil && fault.Gap.Kind == paging.Endless && result.Pages == limit {
		read.cut, fault = true, nil
		if !read.oldest.IsZero() {
			read.from = read.oldest
		}
	}
	read.fault = fault
	return read, err
}

// logCall lists the entries of one event name in an application's log since from.
func (r *reader) logCall(application, name string, from time.Time, fields string) api.Call {
	return api.Call{Feature: api.Events, Path: pathLog + application, Query: api.Query(
		"eventName", name, "maxResults", strconv.Itoa(eventsPerPage), "startTime", from.UTC().Format(time.RFC3339),
		"customerId", r.customerID(), "fields", fields,
	)}
}

// keepEvents writes a page of entries to disk. Activity of one user and app is kept once per page,
// the newest.
func (s *scan) keepEvents(kind eventKind, items []activity) error {
	seen := map[[2]string]bool{}
	for n := range items {
		item := &items[n]
		who := s.actorOf(item, kind)
		for _, event := range item.Events.Entries {
			if event.Name != string(kind) || who == "" {
				continue
			}
			entry := newEvent(who, kind, item, &event)
			s.events.agents.add(entry.Agent)
			s.events.apps.add(entry.Client, appName(&event), entry.Time)
			key := [2]string{entry.ID, entry.Client}
			if kind == eventActivity && seen[key] {
				continue
			}
			seen[key] = true
			if err := s.keepEvent(&entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// actorOf returns the ID of the user whose entry it is, or the address if the log has no ID, and
// counts entries that name no user.
func (s *scan) actorOf(item *activity, kind eventKind) string {
	switch id := item.Actor.ProfileID; {
	case id != "" && id != nobodysProfile:
		return id
	case item.Actor.Email != "":
		return strings.ToLower(item.Actor.Email)
	}
	if kind != eventActivity {
		s.events.nobodys++
	}
	return ""
}

func newEvent(who string, kind eventKind, item *activity, event *activityEvent) eventRecord {
	entry := eventRecord{ID: who, Kind: kind, Time: activityTime(item), Agent: item.agentText()}
	for _, parameter := range event.Parameters.Entries {
		switch parameter.Name {
		case "client_id":
			entry.Client = parameter.Value
		case "client_type":
			entry.Type = parameter.Value
		}
	}
	return entry
}

// appName is what the log calls the app of an entry.
func appName(event *activityEvent) string {
	for _, parameter := range event.Parameters.Entries {
		if parameter.Name == "app_name" {
			return parameter.Value
		}
	}
	return ""
}

// keepEvent writes an entry to the part of its user, or to those that only have an address.
func (s *scan) keepEvent(entry *eventRecord) error {
	if strings.Contains(entry.ID, "@") {
		return s.state.Run.AddTo(checkpoint.Addressed, 0, entry)
	}
	return s.state.Run.Add(checkpoint.Events, entry.ID, entry)
}

func (l *logCoverage) coverage(s *scan) inventory.Coverage {
	coverage := inventory.Coverage{Source: s.api.Source(inventory.GoogleWorkspace, "token-log"),
		Status: inventory.StatusComplete}
	if l.fault != nil {
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusNotObservable, l.fault.Text, l.fault.Remedy
		return coverage
	}
	if s.state.Resumed && s.state.Meta.Prepared && l.from.IsZero() {
		coverage.Details = append(coverage.Details, "as read by the interrupted scan")
		return coverage
	}
	coverage.Details = append(coverage.Details, inventory.Textf("%d entries since %s; older grants have no known date",
		l.read, l.from.UTC().Format(time.RFC3339)))
	if l.nobodys > 0 {
		coverage.Details = append(coverage.Details,
			inventory.Textf("%d entries name nobody, so they date no grant", l.nobodys))
	}
	if l.unproven {
		coverage.Details = append(coverage.Details, unprovenLog)
	}
	coverage.Details = append(coverage.Details, l.agents.notes()...)
	coverage.Logged = l.apps.list()
	switch {
	case l.unprovenUse:
		coverage.Status, coverage.Reason, coverage.Remedy = inventory.StatusPartial, unprovenLog, api.RemedyOdd
	case l.usedFault != nil:
		coverage.Status = inventory.StatusPartial
		coverage.Reason, coverage.Remedy = "last use was not read: "+l.usedFault.Text, l.usedFault.Remedy
	case s.config.ActivityDays > 0:
		coverage.Details = append(coverage.Details, inventory.Textf("last use is known since %s, from %d entries",
			l.usedFrom.UTC().Format(time.RFC3339), l.used))
	}
	return coverage
}
