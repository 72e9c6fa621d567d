package googleworkspace

import (
	"context"
	"time"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

var _ scanner.Prober = (*Provider)(nil)

// Probe implements [scanner.Prober]: every configured feature is tried with one small call and no retry of what cannot pass.
func (p *Provider) Probe(ctx context.Context) (*scanner.Diagnosis, error) {
	diagnosis, err := p.probe(ctx)
	if err != nil {
		return nil, err
	}
	for _, unobservable := range []struct {
		name inventory.Untrusted
		page string
	}{{"domain-wide-delegation", pageDelegation}, {"trusted-apps", pageTrusted}} {
		diagnosis.Checks = append(diagnosis.Checks, scanner.Check{
			Name: unobservable.name, Gives: "what no API tells", State: scanner.CheckUnavailable, Remedy: "look at the console's page",
			Page: unobservable.page,
		})
	}
	return diagnosis, nil
}

func (r *reader) probe(ctx context.Context) (*scanner.Diagnosis, error) {
	subject := r.config.Subject
	return r.api.diagnose(ctx, func(ctx context.Context, feature Feature) *Fault { return r.try(ctx, feature, &subject) })
}

// try makes one call of a feature. The first user that accounts lists stands in where no subject is configured.
func (r *reader) try(ctx context.Context, feature Feature, subject *string) *Fault {
	if (feature == Grants || feature == AppPasswords) && *subject == "" {
		return &Fault{Feature: feature, Cause: CauseAnswer, Text: "not tried: no user is known to ask about", Remedy: "fix accounts first"}
	}
	fault := r.tryCall(ctx, feature, subject)
	if fault != nil && fault.Cause == CauseNotReady {
		return nil // the service understood who asks, and that is what was to be found out
	}
	return fault
}

// tryCall makes the smallest call of a feature, whose answer must be one.
func (r *reader) tryCall(ctx context.Context, feature Feature, subject *string) *Fault {
	switch feature {
	case Accounts:
		answer, fault := ask[userPage](ctx, r.api, call{feature: feature, path: pathUsers, query: query(
			"customer", r.config.Customer, "maxResults", "1", "fields", "kind,users(id,primaryEmail)",
		)})
		if fault == nil && *subject == "" && len(answer.Users.entries) > 0 {
			*subject = answer.Users.entries[0].Email
		}
		return fault
	case Grants:
		return tried[tokenAnswer](ctx, r.api, call{
			feature: feature, path: pathOf(*subject, "tokens"), query: query("fields", "kind,items(clientId)"),
		})
	case AppPasswords:
		return tried[aspAnswer](ctx, r.api, call{
			feature: feature, path: pathOf(*subject, "asps"), query: query("fields", "kind,items(codeId)"),
		})
	case Events:
		return tried[activityPage](ctx, r.api, call{feature: feature, path: pathLog + "token", query: query(
			"eventName", string(eventAuthorize), "maxResults", "1",
		)})
	case Usage:
		return tried[usagePage](ctx, r.api, call{
			feature: feature, path: pathUsage + usageDate(r.env.Now()), query: query("parameters", notEnrolled),
		})
	case Settings:
		return tried[policyPage](ctx, r.api, policyCall(1))
	}
	return &Fault{Feature: feature, Cause: CauseAnswer, Text: inventory.Textf("no call is known for the feature %q", feature)}
}

// usageDate is the newest day that may have a report.
func usageDate(now time.Time) string {
	return now.UTC().AddDate(0, 0, -newestUsageDay).Format(time.DateOnly)
}
