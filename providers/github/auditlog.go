package github

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

const (
	// auditDays is how far back the audit log is asked for; GitHub keeps it for 180 days.
	auditDays = 180
	// maxAuditPages bounds one question to the audit log, whose budget is 1,750 requests an hour.
	maxAuditPages = 100
)

// approvalActions are the audit log's events about OAuth apps, with what they leave the app as.
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

// auditEvent is the part of an audit log entry that is used here. Entries have no fixed form: the same field is a string in
// one and a list in another, so each is read leniently, and those that only some versions have are tried in turn.
type auditEvent struct {
	Action      text   `json:"action"`
	Actor       text   `json:"actor"`
	Created     moment `json:"created_at"`
	Timestamp   moment `json:"@timestamp"`
	Name        text   `json:"name"`
	Integration text   `json:"integration"`
	AppID       text   `json:"oauth_application_id"`
	AppName     text   `json:"oauth_application_name"`
	Application text   `json:"application_name"`
	URL         text   `json:"url"`
}

func (e *auditEvent) at() time.Time {
	if e.Created.IsZero() {
		return e.Timestamp.Time
	}
	return e.Created.Time
}

// history is what the audit log tells of installed apps, by name in lower case; the latest event of each kind.
type history struct {
	installed, accepted map[string]*auditEvent
}

// describe adds to an installation who put it in and who last accepted its permissions.
func (h *history) describe(item *inventory.Item, names ...string) {
	for _, each := range []struct {
		events   map[string]*auditEvent
		by, when string
	}{{h.installed, "installed_by", "installed_at"}, {h.accepted, "permissions_accepted_by", "permissions_accepted_at"}} {
		for _, name := range names {
			if event := each.events[strings.ToLower(name)]; event != nil && name != "" {
				setFact(item, each.by, string(event.Actor))
				setFact(item, each.when, event.at().Format(time.RFC3339))
				break
			}
		}
	}
}

// auditLog reads who approved which OAuth app, and who installed which GitHub App. Its error ends the scan.
func (o *organizationScan) auditLog(ctx context.Context) error {
	if !o.provider.config.AuditLog {
		return nil
	}
	source := o.source(&specAudit)
	if failed := o.isOff(&specAudit); failed != nil {
		o.coverFault(source, failed, nil)
		return nil
	}
	err := o.readHistory(ctx)
	latest := map[string]*approval{}
	for _, each := range approvalActions {
		if err != nil {
			break
		}
		err = o.events(ctx, each.action, func(e *auditEvent) {
			id := oauthAppID(e)
			if known := latest[id]; id != "" && (known == nil || e.at().After(known.event.at())) {
				latest[id] = &approval{event: e, state: each.state, reason: each.reason}
			}
		})
	}
	for id, approval := range latest {
		if err := o.addItem(o.approvalItem(id, approval)); err != nil {
			return endOf(ctx, err)
		}
	}
	if err != nil && ends(ctx, err) {
		return endOf(ctx, err)
	}
	if err != nil {
		o.coverFault(source, o.explain(err, &specAudit), nil)
		return nil
	}
	coverage := o.coverageOf(source, nil, nil)
	coverage.Details = []inventory.Untrusted{
		inventory.Untrusted("the audit log reaches back " + strconv.Itoa(auditDays) + " days: older approvals do not show in it"),
	}
	o.cover(coverage)
	return nil
}

type approval struct {
	event  *auditEvent
	state  inventory.State
	reason inventory.Untrusted
}

// oauthAppID returns the best identity an event has of an OAuth app. On some servers that is no more than its name or page.
func oauthAppID(e *auditEvent) string {
	return string(cmp.Or(e.AppID, e.URL, e.AppName, e.Application, e.Name))
}

func (o *organizationScan) approvalItem(id string, a *approval) *inventory.Item {
	item := &inventory.Item{
		Source: o.source(&specAudit), Kind: inventory.KindOAuthGrant, State: a.state,
		App: inventory.App{ID: inventory.Untrusted(id), Name: inventory.Untrusted(cmp.Or(a.event.AppName, a.event.Application,
			a.event.Name)),
			URL: inventory.Untrusted(o.provider.host.web + "organizations/" + o.login + "/settings/oauth_application_policy")},
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
func (o *organizationScan) readHistory(ctx context.Context) error {
	o.history.installed, o.history.accepted = map[string]*auditEvent{}, map[string]*auditEvent{}
	return o.events(ctx, installationAction, func(e *auditEvent) {
		into := o.history.installed
		switch e.Action {
		case installationAction + ".create":
		case installationAction + ".version_updated":
			into = o.history.accepted
		default:
			return
		}
		for _, name := range []text{e.Integration, e.Name} {
			key := strings.ToLower(string(name))
			if known := into[key]; key != "" && (known == nil || e.at().After(known.at())) {
				into[key] = e
			}
		}
	})
}

// events asks the audit log for one action, or a category of them, and calls each for every entry.
func (o *organizationScan) events(ctx context.Context, action string, each func(*auditEvent)) error {
	since := o.provider.now().AddDate(0, 0, -auditDays).UTC().Format(time.DateOnly)
	query := url.Values{
		"phrase": {"action:" + action + " created:>=" + since}, "include": {"web"}, "per_page": {strconv.Itoa(pageSize)},
	}
	for range maxAuditPages {
		answer, err := o.session.get(ctx, o.session.audit, specAudit.pathFor(url.PathEscape(o.login)), query)
		if err != nil {
			return err
		}
		entries, _, err := decodePage(answer.body, "")
		if err != nil {
			return err
		}
		for _, entry := range entries {
			decodeEvent(entry, each)
		}
		after := answer.next.Get("after")
		switch {
		case answer.next == nil:
			return nil
		case after == query.Get("after"):
			return &pagingError{"GitHub's audit log does not advance"}
		}
		query.Set("after", after)
	}
	return &pagingError{"GitHub's audit log has more than " + strconv.Itoa(maxAuditPages) + " pages for one question"}
}

func decodeEvent(entry jsontext.Value, each func(*auditEvent)) {
	event := &auditEvent{}
	if json.Unmarshal(entry, event, lenient) == nil && event.Action != "" {
		each(event)
	}
}
