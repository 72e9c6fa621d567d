package googleworkspace

import (
	"context"
	"time"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

var (
	_ scanner.Prober = (*Provider)(nil)
	_ scanner.Prober = (*ChromeProvider)(nil)
)

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

// Probe implements [scanner.Prober].
func (c *ChromeProvider) Probe(ctx context.Context) (*scanner.Diagnosis, error) { return c.probe(ctx) }

func (r *reader) probe(ctx context.Context) (*scanner.Diagnosis, error) {
	diagnosis := &scanner.Diagnosis{
		Target: inventory.Untrusted(r.config.organization()), SignIn: r.api.signIn.describe(), Who: inventory.Untrusted(r.config.Subject),
	}
	subject := r.config.Subject
	for _, feature := range r.config.Features {
		fault := r.try(ctx, feature, &subject)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		info := feature.Info()
		check := scanner.Check{Name: inventory.Untrusted(feature), Gives: info.Gives, State: scanner.CheckReadable}
		if fault != nil {
			check.State, check.Reason, check.Remedy = scanner.CheckLacking, fault.Text, fault.Remedy
			check.Page, check.Paste, check.Lacks = fault.Page, fault.ScopeLine, lacks(fault.Cause, info)
		}
		diagnosis.Checks = append(diagnosis.Checks, check)
	}
	return diagnosis, nil
}

// lacks names what a fault of that cause is about, as Google spells it.
func lacks(cause Cause, info FeatureInfo) string {
	switch cause {
	case CauseAPIOff:
		return info.API
	case CauseScope, CauseDelegation:
		return info.Scope
	case CausePrivilege:
		return info.Privilege
	}
	return ""
}

// try makes one call of a feature. The first user that accounts lists stands in where no subject is configured.
func (r *reader) try(ctx context.Context, feature Feature, subject *string) *Fault {
	if (feature == Grants || feature == AppPasswords) && *subject == "" {
		return &Fault{Feature: feature, Cause: CauseAnswer, Text: "not tried: no user is known to ask about", Remedy: "fix accounts first"}
	}
	fault := r.tryCall(ctx, feature, subject)
	if fault != nil && (fault.Cause == CauseNotReady || feature == ChromeDetails && fault.Cause == CauseGone) {
		return nil // the service understood who asks, and that is what was to be found out
	}
	return fault
}

// tryCall makes the smallest call of a feature, whose answer must be one.
func (r *reader) tryCall(ctx context.Context, feature Feature, subject *string) *Fault {
	customer := "customers/" + r.config.Customer
	switch feature {
	case Accounts:
		answer, fault := ask[userPage](ctx, r.api, feature, false, func(ctx context.Context) error {
			_, err := r.api.directory.Users.List().Customer(r.config.Customer).MaxResults(1).
				Fields("kind,users(id,primaryEmail)").Context(ctx).Do()
			return err
		})
		if fault == nil && *subject == "" && len(answer.Users.entries) > 0 {
			*subject = answer.Users.entries[0].Email
		}
		return fault
	case Grants:
		return tried[tokenAnswer](ctx, r.api, feature, func(ctx context.Context) error {
			_, err := r.api.directory.Tokens.List(*subject).Fields("kind,items(clientId)").Context(ctx).Do()
			return err
		})
	case AppPasswords:
		return tried[aspAnswer](ctx, r.api, feature, func(ctx context.Context) error {
			_, err := r.api.directory.Asps.List(*subject).Fields("kind,items(codeId)").Context(ctx).Do()
			return err
		})
	case Events:
		return tried[activityPage](ctx, r.api, feature, func(ctx context.Context) error {
			_, err := r.api.reports.Activities.List("all", "token").EventName(string(eventAuthorize)).MaxResults(1).Context(ctx).Do()
			return err
		})
	case Usage:
		return tried[usagePage](ctx, r.api, feature, func(ctx context.Context) error {
			_, err := r.api.reports.CustomerUsageReports.Get(usageDate(r.env.Now())).Parameters(notEnrolled).Context(ctx).Do()
			return err
		})
	case Settings:
		return tried[policyPage](ctx, r.api, feature, func(ctx context.Context) error {
			_, err := r.api.policies.Policies.List().Filter(settingsFilter).PageSize(1).Context(ctx).Do()
			return err
		})
	case Chrome:
		return tried[appPage](ctx, r.api, feature, func(ctx context.Context) error {
			_, err := r.api.chrome.Customers.Reports.CountInstalledApps(customer).PageSize(1).Context(ctx).Do()
			return err
		})
	case ChromeDetails:
		return tried[appDetails](ctx, r.api, feature, func(ctx context.Context) error {
			_, err := r.api.chrome.Customers.Apps.Chrome.Get(customer + "/apps/chrome/" + knownExtension).Context(ctx).Do()
			return err
		})
	}
	return &Fault{Feature: feature, Cause: CauseAnswer, Text: untrusted("no call is known for the feature %q", feature)}
}

// tried makes a call and forgets its answer.
func tried[T any, P interface {
	*T
	answer
}](ctx context.Context, a *api, feature Feature, send func(context.Context) error) *Fault {
	_, fault := ask[T, P](ctx, a, feature, false, send)
	return fault
}

// knownExtension is in the store for certain: Google's own offline editing for Docs.
const knownExtension = "ghbmnnjooekpmoecnnnilnnbdlolhkhi"

// usageDate is the newest day that may have a report.
func usageDate(now time.Time) string {
	return now.UTC().AddDate(0, 0, -newestUsageDay).Format(time.DateOnly)
}
