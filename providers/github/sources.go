package github

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/scanner/inventory"
)

// isOff returns a fault if the organization's plan, as far as it is known, does not include a
// source.
func (o *organizationScan) isOff(source *spec) *api.Fault {
	plan := strings.ToLower(string(o.record.Plan.Name))
	server := o.provider.client.Host.IsServer()
	smaller := plan != "" && !strings.HasPrefix(plan, "enterprise") && !strings.HasPrefix(plan, "business_plus")
	switch {
	case source.optional && server:
		return api.PlanFault("GitHub Enterprise Server does not say " + source.title)
	case source.optional && o.about(source).SurelyLacks():
		failed := &api.Fault{Kind: api.FaultDenied, Unobservable: true, Permission: source.Permission,
			Page:   o.provider.pageFor(source, o.login),
			Reason: inventory.Untrusted("this credential cannot see " + source.title),
			Remedy: o.about(source).OwnerRemedy()}
		return failed
	case source.cloudOnly && server:
		return api.PlanFault("GitHub Enterprise Server has no list of " + source.title)
	case (source.cloudOnly || source.planned && !server) && smaller:
		return api.PlanFault(fmt.Sprintf("GitHub lists %s on Enterprise Cloud only; this organization is on the plan %q",
			source.title,
			inventory.Untrusted(plan)))
	case source.appOnly && (o.session.Kind.HasScopes() || o.session.Kind == api.KindFineGrained):
		return &api.Fault{Kind: api.FaultDenied, Permission: source.Permission,
			Page: o.provider.pageFor(source, o.login),
			Reason: inventory.Untrusted("GitHub lists " + source.title + " to GitHub Apps only, not to a " +
				o.session.Kind.String()),
			Remedy: inventory.Textf("sign in as a GitHub App with %q (%s), or look at %s", source.Tick,
				source.Permission,
				o.provider.pageFor(source, o.login))}
	}
	return nil
}

// about is the question for one of the organization's sources.
func (o *organizationScan) about(source *spec) *api.Question {
	return o.session.About(&source.Need, o.login)
}

// explain combines what the answer says with what the organization's own record says.
func (o *organizationScan) explain(err error, source *spec) *api.Fault {
	failed := o.about(source).Explain(err)
	if source.optional {
		return o.explainOptional(failed, source)
	}
	if failed.Kind != api.FaultMissing || !source.cloudOnly && !source.planned {
		return failed
	}
	if o.seesAsOwner() && source.cloudOnly {
		return api.PlanFault("GitHub has no " + source.title +
			" here: single sign-on by SAML is not set up for the organization")
	}
	failed.Reason = inventory.Untrusted("GitHub answered 404: the plan has no " + source.title +
		", or the credential may not see it")
	failed.Remedy = o.about(source).OwnerRemedy()
	return failed
}

// explainOptional reports a refusal of what many organizations do not have as not observable.
func (o *organizationScan) explainOptional(failed *api.Fault, source *spec) *api.Fault {
	switch failed.Kind {
	case api.FaultMissing:
		missing := api.PlanFault("GitHub does not say " + source.title +
			": there is none here, or the credential may not see it")
		missing.Page = o.provider.pageFor(source, o.login)
		missing.Remedy = inventory.Untrusted("open " + missing.Page)
		return missing
	case api.FaultDenied:
		failed.Unobservable = true
	}
	return failed
}

// read walks one source's list and covers it. Its error ends the scan.
func (o *organizationScan) read(ctx context.Context, source *spec, l api.List, page pageReader) error {
	coverage, err := o.gather(ctx, source, l, page)
	if err == nil {
		o.cover(coverage)
	}
	return err
}

// pageReader handles the entries of one page and adds to faults what could not be read.
type pageReader func(entries []jsontext.Value, faults *[]inventory.Untrusted) error

// gather walks one source's list and returns its coverage.
func (o *organizationScan) gather(ctx context.Context, source *spec, l api.List,
	page pageReader,
) (inventory.Coverage, error) {
	where := o.source(source)
	if failed := o.isOff(source); failed != nil {
		return o.coverageOf(where, failed, nil), nil
	}
	l.Path = source.pathFor(url.PathEscape(o.login))
	var faults []inventory.Untrusted
	read, err := o.session.Walk(ctx, l, func(entries []jsontext.Value) error { return page(entries, &faults) })
	if err == nil {
		return o.coverageOf(where, nil, faults), nil
	}
	if endsScan(ctx, err) {
		return inventory.Coverage{}, scanError(ctx, err)
	}
	failed := o.explain(err, source)
	failed.Partial = failed.Partial || read > 0
	return o.coverageOf(where, failed, faults), nil
}

func (o *organizationScan) source(s *spec, more ...string) inventory.Source {
	return o.provider.source(append([]string{o.name, s.name}, more...)...)
}
