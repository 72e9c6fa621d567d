package github

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

const (
	// auditDays is how far back the audit log is read; GitHub keeps it for 180 days.
	auditDays = 180
	// maxAuditPages bounds one query of the audit log, whose budget is 1,750 requests an hour.
	maxAuditPages = 100
)

// approvalActions are the audit log's events about OAuth apps, with the state in which they leave
// the app.
var approvalActions = []struct {
	action string
	state  inventory.State
	reason inventory.Untrusted
}{
	{"org.oauth_app_access_approved", inventory.StateEnabled, ""},
	{"org.oauth_app_access_unblocked", inventory.StateEnabled, ""},
	{"org.oauth_app_access_denied", inventory.StateDisabled, "denied by the organization"},
	{"org.oauth_app_access_blocked", inventory.StateDisabled, "blocked by the organization"},
	{"org.oauth_app_access_requested", inventory.StateDisabled, "waits for approval"},
}

// installationAction is the category of events about installed GitHub Apps.
const installationAction = "integration_installation"

// auditEvent is the part of an audit log entry that is used here. Entries have no fixed form: the
// same field is a string in one and a list in another, so each is read leniently, and fields that
// only some versions have are tried in turn.
type auditEvent struct {
	Action      lenient.Text   `json:"action"`
	Org         lenient.Texts  `json:"org"`
	OrgID       lenient.Texts  `json:"org_id"`
	Actor       lenient.Text   `json:"actor"`
	Created     lenient.Moment `json:"created_at"`
	Timestamp   lenient.Moment `json:"@timestamp"`
	Name        lenient.Text   `json:"name"`
	Integration lenient.Text   `json:"integration"`
	AppID       lenient.Text   `json:"oauth_application_id"`
	AppName     lenient.Text   `json:"oauth_application_name"`
	Application lenient.Text   `json:"application_name"`
	URL         lenient.Text   `json:"url"`
}

func (e *auditEvent) at() time.Time {
	if e.Created.IsZero() {
		return e.Timestamp.Time
	}
	return e.Created.Time
}

// history is what the audit log says about installed apps: the latest event of each kind, by name
// in lower case.
type history struct {
	installed, accepted map[string]*auditEvent
}

// describe adds to an installation who installed it and who last accepted its permissions.
func (h *history) describe(item *inventory.Item, names ...string) {
	for _, each := range []struct {
		events   map[string]*auditEvent
		by, when string
	}{{h.installed, "installed_by", "installed_at"},
		{h.accepted, "permissions_accepted_by", "permissions_accepted_at"}} {
		for _, name := range names {
			if event := each.events[strings.ToLower(name)]; event != nil && name != "" {
				setFact(item, each.by, string(event.Actor))
				setFact(item, each.when, event.at().Format(time.RFC3339))
				break
			}
		}
	}
}

// auditLog reads who approved which OAuth app, and who installed which GitHub App. Its error ends
// the scan.
func (o *organizationScan) auditLog(ctx context.Context) error {
	if !o.provider.config.AuditLog {
		return nil
	}
	source := o.source(&specAudit)
	if failed := o.isOff(&specAudit); failed != nil {
		o.coverFault(source, failed, nil)
		return nil
	}
	var faults []inventory.Untrusted
	err := o.readHistory(ctx, &faults)
	latest := map[string]*approval{}
	for _, each := range approvalActions {
		if err != nil {
			break
		}
		err = o.events(ctx, each.action, &faults, func(e *auditEvent) error {
			id := oauthAppID(e)
			if id == "" {
				return api.Skip("an event does not name its OAuth app")
			}
			if known := latest[id]; known == nil || e.at().After(known.event.at()) {
				latest[id] = &approval{event: e, state: each.state, reason: each.reason}
			}
			return nil
		})
	}
	for id, approval := range latest {
		if err := o.addItem(o.approvalItem(id, approval)); err != nil {
			return scanError(ctx, err)
		}
	}
	if err != nil && endsScan(ctx, err) {
		return scanError(ctx, err)
	}
	var failed *api.Fault
	if err != nil {
		failed = o.explain(err, &specAudit)
	}
	coverage := o.coverageOf(source, failed, faults)
	if failed == nil {
		coverage.Details = append(coverage.Details,
			inventory.Untrusted("the audit log reaches back "+strconv.Itoa(auditDays)+" days: older approvals are not in it"))
	}
	o.cover(coverage)
	return nil
}

type approval struct {
	event  *auditEvent
	state  inventory.State
	reason inventory.Untrusted
}

// oauthAppID returns the best identity that an event has for an OAuth app. On some servers that is
// only its name or page.
func oauthAppID(e *auditEvent) string {
	return string(cmp.Or(e.AppID, e.URL, e.AppName, e.Application, e.Name))
}

func (o *organizationScan) approvalItem(id string, a *approval) *inventory.Item {
	item := &inventory.Item{
		Source: o.source(&specAudit), Kind: inventory.KindOAuthGrant, State: a.state,
		App: inventory.App{ID: inventory.Untrusted(id),
			Name: inventory.Untrusted(cmp.Or(a.event.AppName, a.event.Application,
				a.event.Name)),
			URL: inventory.Untrusted(o.provider.client.Host.Web + "organizations/" + o.login +
				"/settings/oauth_application_policy")},
		Holder: inventory.Holder{Organization: inventory.Untrusted(o.login)},
		// What the app may do is up to each member who authorizes it; the log does not say.
		Access: inventory.Access{Repositories: "unknown"},
		Added:  a.event.at(),
		Facts:  facts("last_event", string(a.event.Action), "actor", string(a.event.Actor)),
	}
	if a.reason != "" {
		item.StateReasons = []inventory.Untrusted{a.reason}
	}
	return item
}

// readHistory reads the events of installed apps.
func (o *organizationScan) readHistory(ctx context.Context, faults *[]inventory.Untrusted) error {
	o.history.installed, o.history.accepted = map[string]*auditEvent{}, map[string]*auditEvent{}
	return o.events(ctx, installationAction, faults, func(e *auditEvent) error {
		into := o.history.installed
		switch e.Action {
		case installationAction + ".create":
		case installationAction + ".version_updated":
			into = o.history.accepted
		default:
			return nil
		}
		for _, name := range []lenient.Text{e.Integration, e.Name} {
			key := strings.ToLower(string(name))
			if known := into[key]; key != "" && (known == nil || e.at().After(known.at())) {
				into[key] = e
			}
		}
		return nil
	})
}

// events queries the audit log for one action, or a category of them, and calls one for every
// entry.
func (o *organizationScan) events(ctx context.Context, action string, faults *[]inventory.Untrusted,
	one func(*auditEvent) error,
) error {
	since := o.provider.client.Now().AddDate(0, 0, -auditDays).UTC().Format(time.DateOnly)
	question := api.List{
		Path: specAudit.pathFor(url.PathEscape(o.login)), Naming: api.ByCursor, MaxPages: maxAuditPages,
		Query: url.Values{"phrase": {"action:" + action + " created:>=" + since}, "include": {"web"}},
	}
	_, err := o.session.Walk(ctx, question, func(entries []jsontext.Value) error {
		return api.Each(entries, faults, func(event *auditEvent) error {
			if reason := o.foreign(event, action); reason != "" {
				return api.Skip(reason)
			}
			return one(event)
		})
	})
	return err
}

// foreign says why an event is not one of those asked for, or "". It is then not about this
// organization, or not about apps.
func (o *organizationScan) foreign(e *auditEvent, action string) string {
	isOurs := slices.ContainsFunc(e.Org.Of, func(login string) bool {
		return strings.EqualFold(login, o.login) || strings.EqualFold(login, o.name)
	}) || o.record.ID != 0 && slices.Contains(e.OrgID.Of, formatID(o.record.ID)) // under another name
	switch {
	case e.Action == "":
		return "an event of the audit log does not say what it is"
	case string(e.Action) != action && !strings.HasPrefix(string(e.Action), action+"."):
		return "an event of the audit log is not of the kind asked for"
	case !isOurs:
		return "an event of the audit log is not from this organization"
	}
	return ""
}
