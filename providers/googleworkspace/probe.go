package googleworkspace

import (
	"context"
	"time"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

var _ scanner.Prober = (*Provider)(nil)

// Probe implements [scanner.Prober]: every configured feature is tried with one small call; a fault
// that would last is not retried.
func (p *Provider) Probe(ctx context.Context) (*scanner.Diagnosis, error) {
	diagnosis, err := p.probe(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range unread {
		diagnosis.Checks = append(diagnosis.Checks, scanner.Check{
			Name: row.name, Gives: "what no API reports", State: scanner.CheckUnavailable, Remedy: row.look, Page: row.page,
		})
	}
	return diagnosis, nil
}

func (r *reader) probe(ctx context.Context) (*scanner.Diagnosis, error) {
	subject := r.config.Subject
	return r.api.Diagnose(ctx, func(ctx context.Context,
		feature api.Feature) *api.Fault {
		return r.try(ctx, feature, &subject)
	})
}

// try makes one call of a feature. If no subject is configured, it asks about the first user that
// accounts lists.
func (r *reader) try(ctx context.Context, feature api.Feature, subject *string) *api.Fault {
	if (feature == api.Grants || feature == api.AppPasswords) && *subject == "" {
		return &api.Fault{Feature: feature, Cause: api.CauseAnswer, Text: "not tried: no user is known to ask about",
			Remedy: "fix accounts first"}
	}
	fault := r.tryCall(ctx, feature, subject)
	if fault != nil && fault.Cause == api.CauseNotReady {
		return nil // the service accepted the caller, which is what was to be found out
	}
	return fault
}

// tryCall makes the smallest call of a feature and checks its answer.
func (r *reader) tryCall(ctx context.Context, feature api.Feature, subject *string) *api.Fault {
	switch feature {
	case api.Accounts:
		answer, fault := api.Ask[userPage](ctx, r.api, api.Call{Feature: feature, Path: pathUsers, Query: api.Query(
			"customer", r.config.Customer, "maxResults", "1", "fields", "kind,users(id,primaryEmail)",
		)})
		if fault == nil && *subject == "" && len(answer.Users.Entries) > 0 {
			*subject = answer.Users.Entries[0].Email
		}
		return fault
	case api.Grants:
		return api.Tried[tokenAnswer](ctx, r.api, api.Call{
			Feature: feature, Path: pathOf(*subject, "tokens"), Query: api.Query("fields", "kind,items(clientId)"),
		})
	case api.AppPasswords:
		return api.Tried[aspAnswer](ctx, r.api, api.Call{
			Feature: feature, Path: pathOf(*subject, "asps"), Query: api.Query("fields", "kind,items(codeId)"),
		})
	case api.Events:
		return api.Tried[activityPage](ctx, r.api, api.Call{Feature: feature, Path: pathLog + "token", Query: api.Query(
			"eventName", string(eventAuthorize), "maxResults", "1",
		)})
	case api.Usage:
		return api.Tried[usagePage](ctx, r.api, api.Call{
			Feature: feature, Path: pathUsage + usageDate(r.env.Now()), Query: api.Query("parameters", notEnrolled),
		})
	case api.Settings:
		return api.Tried[policyPage](ctx, r.api, policyCall(1))
	}
	return &api.Fault{Feature: feature, Cause: api.CauseAnswer,
		Text: inventory.Textf("no call is known for the feature %q", feature)}
}

// usageDate is the newest day that may have a report.
func usageDate(now time.Time) string {
	return now.UTC().AddDate(0, 0, -newestUsageDay).Format(time.DateOnly)
}
