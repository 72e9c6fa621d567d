package googleworkspace

import (
	"context"
	"fmt"
	"time"

	"guestlist/scanner/inventory"
)

// Diagnosis says whether one feature works, and what exactly to do when it does not.
type Diagnosis struct {
	Feature Feature
	OK      bool
	Cause   Cause // empty when OK
	Scope   string
	// Reason and Remedy are sentences; Page is the console page and ScopeLine the line to paste there, where there is one.
	Reason, Remedy  inventory.Untrusted
	Page, ScopeLine string
}

// Diagnose tries every configured feature with one small call and no retry of what cannot pass. Its error is the context's.
func (p *Provider) Diagnose(ctx context.Context) ([]Diagnosis, error) { return p.diagnose(ctx) }

// Diagnose tries every configured feature with one small call.
func (c *ChromeProvider) Diagnose(ctx context.Context) ([]Diagnosis, error) { return c.diagnose(ctx) }

func (r *reader) diagnose(ctx context.Context) ([]Diagnosis, error) {
	subject := r.config.Subject
	var diagnoses []Diagnosis
	for _, feature := range r.config.Features {
		fault := r.try(ctx, feature, &subject)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		diagnosis := Diagnosis{Feature: feature, OK: fault == nil, Scope: feature.Info().Scope}
		if fault != nil {
			diagnosis.Cause, diagnosis.Reason, diagnosis.Remedy = fault.Cause, fault.Text, fault.Remedy
			diagnosis.Page, diagnosis.ScopeLine = fault.Page, fault.ScopeLine
		}
		diagnoses = append(diagnoses, diagnosis)
	}
	return diagnoses, nil
}

// try makes one call of a feature. The first user that accounts lists stands in where no subject is configured.
func (r *reader) try(ctx context.Context, feature Feature, subject *string) *Fault {
	if (feature == Grants || feature == AppPasswords) && *subject == "" {
		return &Fault{Feature: feature, Cause: CauseAnswer, Text: "not tried: no user is known to ask about", Remedy: "repair accounts first"}
	}
	customer := "customers/" + r.config.Customer
	_, fault := call(ctx, r.api, feature, false, func(ctx context.Context) (any, error) {
		switch feature {
		case Accounts:
			users, err := r.api.directory.Users.List().Customer(r.config.Customer).MaxResults(1).Fields("users(primaryEmail)").Context(ctx).Do()
			if err == nil && *subject == "" && len(users.Users) > 0 {
				*subject = users.Users[0].PrimaryEmail
			}
			return nil, err
		case Grants:
			return r.api.directory.Tokens.List(*subject).Fields("items(clientId)").Context(ctx).Do()
		case AppPasswords:
			return r.api.directory.Asps.List(*subject).Fields("items(codeId)").Context(ctx).Do()
		case Events:
			return r.api.reports.Activities.List("all", "token").EventName(string(eventAuthorize)).MaxResults(1).Context(ctx).Do()
		case Usage:
			return r.api.reports.CustomerUsageReports.Get(usageDate(r.env.Now())).Parameters(notEnrolled).Context(ctx).Do()
		case Settings:
			return r.api.policies.Policies.List().Filter(settingsFilter).PageSize(1).Context(ctx).Do()
		case Chrome:
			return r.api.chrome.Customers.Reports.CountInstalledApps(customer).PageSize(1).Context(ctx).Do()
		case ChromeDetails:
			return r.api.chrome.Customers.Apps.Chrome.Get(customer + "/apps/chrome/" + knownExtension).Context(ctx).Do()
		}
		return nil, fmt.Errorf("no call is known for the feature %q", feature)
	})
	if fault != nil && (fault.Cause == CauseNotReady || feature == ChromeDetails && fault.Cause == CauseGone) {
		return nil // the service understood who asks, and that is what was to be found out
	}
	return fault
}

// knownExtension is in the store for certain: Google's own offline editing for Docs.
const knownExtension = "ghbmnnjooekpmoecnnnilnnbdlolhkhi"

// usageDate is the newest day that may have a report.
func usageDate(now time.Time) string {
	return now.UTC().AddDate(0, 0, -newestUsageDay).Format(time.DateOnly)
}
