package github

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// readersAtOnce is how many lists of one organization are read at a time; the client bounds requests.
const readersAtOnce = 3

// organizationRecord is the part of GET /orgs/{org} that is used here. The last five are shown to owners only.
type organizationRecord struct {
	ID                lenient.Number `json:"id"`
	Login             lenient.Text   `json:"login"`
	PublicRepos       lenient.Number `json:"public_repos"`
	PrivateRepos      lenient.Number `json:"total_private_repos"`
	TwoFactorRequired lenient.Answer `json:"two_factor_requirement_enabled"`
	DeployKeys        lenient.Answer `json:"deploy_keys_enabled_for_repositories"`
	Default           lenient.Text   `json:"default_repository_permission"`
	Plan              struct {
		Name lenient.Text `json:"name"`
	} `json:"plan"`
}

func (r *organizationRecord) IsProven() bool { return r.Login != "" }

// organizationScan reads one organization.
type organizationScan struct {
	*collector
	session    *api.Session
	enterprise *api.Session // nil where none
	name       string       // as configured: sources keep it when the organization is renamed
	login      string       // as GitHub says
	record     organizationRecord
	roster     *roster
	history    *history
	present    map[string]bool // slugs of the installed apps; nil until all are known
}

// organization reads everything of one organization. Its error ends the scan.
func (c *collector) organization(ctx context.Context, name string, enterprise *api.Session) error {
	scan := &organizationScan{collector: c, name: name, login: name, enterprise: enterprise, roster: &roster{}, history: &history{}}
	session, failed := c.provider.session(ctx, name)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed != nil {
		scan.coverAll(failed)
		return nil
	}
	scan.session = session
	if failed := scan.readOrganization(ctx); ctx.Err() != nil {
		return ctx.Err()
	} else if failed != nil {
		c.coverFault(scan.source(&specOrganization), failed, nil)
		if failed.Hopeless() {
			scan.coverAll(failed)
			return nil
		}
	}
	scan.coverUnobservable()
	// Who is a member is needed to tell whose credential outlived its owner, and the audit log who installed what.
	for _, read := range []func(context.Context) error{scan.members, scan.outside, scan.auditLog, scan.installations} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readersAtOnce)
	for _, read := range []func(context.Context) error{scan.credentials, scan.tokens, scan.requests, scan.hooks, scan.codingAgent,
		scan.repositories} {
		group.Go(guard.Go(func() error { return read(ctx) }))
	}
	return group.Wait()
}

// readOrganization asks for the organization itself.
func (o *organizationScan) readOrganization(ctx context.Context) *api.Fault {
	err := o.session.Read(ctx, specOrganization.pathFor(url.PathEscape(o.name)), &o.record)
	if err != nil {
		return o.session.About(&specOrganization.Need, o.name).Explain(err)
	}
	coverage := inventory.Coverage{Source: o.source(&specOrganization), Status: inventory.StatusComplete}
	if login := string(o.record.Login); organizationName.MatchString(login) && !strings.EqualFold(login, o.name) {
		o.login = login
		coverage.Details = append(coverage.Details,
			inventory.Textf("the organization is now called %q: change the configuration", inventory.Untrusted(login)))
	}
	switch {
	case o.record.TwoFactorRequired.Value == nil && o.seesAsOwner():
		coverage.Details = append(coverage.Details,
			"GitHub does not say whether a second factor is required: of managed users the identity provider decides")
	case !o.seesAsOwner():
		coverage.Status, coverage.Reason = inventory.StatusPartial, "GitHub shows the organization's settings to its owners only"
		coverage.Remedy = o.about(&specOrganization).OwnerRemedy()
	}
	o.cover(coverage)
	return nil
}

// seesAsOwner reports whether GitHub showed what it shows to owners.
func (o *organizationScan) seesAsOwner() bool {
	r := &o.record
	return r.TwoFactorRequired.Value != nil || r.DeployKeys.Value != nil || r.Default != "" || r.Plan.Name != ""
}

// hasRepositories reports whether GitHub counts any. The counts lag behind, so that they tell none from some and no more.
func (r *organizationRecord) hasRepositories() bool { return r.PublicRepos > 0 || r.PrivateRepos > 0 }

// isOurs reports whether an account, where an answer names one, is this organization.
func (o *organizationScan) isOurs(a *lenient.Account) bool {
	return a.ID == 0 && a.Login == "" || a.ID != 0 && a.ID == o.record.ID ||
		strings.EqualFold(string(a.Login), o.login) || strings.EqualFold(string(a.Login), o.name)
}

// isOff reports whether a plan does not have a source, as far as the plan is known.
func (o *organizationScan) isOff(source *spec) *api.Fault {
	plan := strings.ToLower(string(o.record.Plan.Name))
	server := o.provider.client.Host.IsServer()
	smaller := plan != "" && !strings.HasPrefix(plan, "enterprise") && !strings.HasPrefix(plan, "business_plus")
	switch {
	case source.optional && server:
		return api.PlanFault("GitHub Enterprise Server does not say " + source.title)
	case source.optional && o.about(source).SurelyLacks():
		failed := &api.Fault{Kind: api.FaultDenied, Unobservable: true, Permission: source.Permission, Page: o.provider.pageFor(source, o.login),
			Reason: inventory.Untrusted("GitHub does not tell this credential " + source.title), Remedy: o.about(source).OwnerRemedy()}
		return failed
	case source.cloudOnly && server:
		return api.PlanFault("GitHub Enterprise Server has no list of " + source.title)
	case (source.cloudOnly || source.planned && !server) && smaller:
		return api.PlanFault(fmt.Sprintf("GitHub lists %s on Enterprise Cloud only; this organization is on the plan %q", source.title,
			inventory.Untrusted(plan)))
	case source.appOnly && (o.session.Kind.HasScopes() || o.session.Kind == api.KindFineGrained):
		return &api.Fault{Kind: api.FaultDenied, Permission: source.Permission, Page: o.provider.pageFor(source, o.login),
			Reason: inventory.Untrusted("GitHub lists " + source.title + " to GitHub Apps only, not to a " + o.session.Kind.String()),
			Remedy: inventory.Textf("sign in as a GitHub App with %q (%s), or look at %s", source.Tick, source.Permission,
				o.provider.pageFor(source, o.login))}
	}
	return nil
}

// about is the question for one of the organization's sources.
func (o *organizationScan) about(source *spec) *api.Question {
	return o.session.About(&source.Need, o.login)
}

// explain adds to what the answer tells what the organization's own record tells.
func (o *organizationScan) explain(err error, source *spec) *api.Fault {
	failed := o.about(source).Explain(err)
	if source.optional {
		return o.explainOptional(failed, source)
	}
	if failed.Kind != api.FaultMissing || !source.cloudOnly && !source.planned {
		return failed
	}
	if o.seesAsOwner() && source.cloudOnly {
		return api.PlanFault("GitHub has no " + source.title + " here: single sign-on by SAML is not set up for the organization")
	}
	failed.Reason = inventory.Untrusted("GitHub answered 404: the plan has no " + source.title + ", or the credential may not see it")
	failed.Remedy = o.about(source).OwnerRemedy()
	return failed
}

// explainOptional makes a refusal of what many organizations do not have into something that nobody can read here.
func (o *organizationScan) explainOptional(failed *api.Fault, source *spec) *api.Fault {
	switch failed.Kind {
	case api.FaultMissing:
		missing := api.PlanFault("GitHub does not say " + source.title + ": there is none here, or the credential may not see it")
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

// pageReader takes the entries of one page, and adds to faults what of them could not be read.
type pageReader func(entries []jsontext.Value, faults *[]inventory.Untrusted) error

// gather walks one source's list and returns its coverage.
func (o *organizationScan) gather(ctx context.Context, source *spec, l api.List, page pageReader) (inventory.Coverage, error) {
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

// holder is an account of the organization; ID is 0 where GitHub named the login alone.
func (o *organizationScan) holder(login lenient.Text, id lenient.Number) inventory.Holder {
	holder := inventory.Holder{Account: inventory.Untrusted(login), Organization: inventory.Untrusted(o.login)}
	if id != 0 {
		holder.AccountID = inventory.Untrusted(formatID(id))
	}
	return holder
}

// coverAll gives one fault to every source of the organization that has no coverage yet.
func (o *organizationScan) coverAll(failed *api.Fault) {
	for _, source := range organizationSpecs(&o.provider.config) {
		where := o.source(&source)
		o.collector.mu.Lock()
		known := false
		for _, coverage := range o.coverages {
			known = known || coverage.Source == where
		}
		o.collector.mu.Unlock()
		if !known {
			o.coverFault(where, failed, nil)
		}
	}
	o.coverUnobservable()
}

// coverUnobservable names what no API tells anybody.
func (o *organizationScan) coverUnobservable() {
	for _, coverage := range o.blindSpots() {
		o.cover(coverage)
	}
}

func (o *organizationScan) blindSpots() []inventory.Coverage {
	web := o.provider.client.Host.Web
	var spots []inventory.Coverage
	for _, blind := range []struct{ name, reason, remedy string }{
		{"oauth-apps",
			"GitHub's API does not tell which OAuth apps the organization approved or denied, nor whether approval is required",
			"open " + web + strings.ReplaceAll(pageOAuthPolicy, "{org}", o.login)},
		{"members-own-grants", "GitHub's API does not tell which OAuth and GitHub Apps a member authorized for themselves",
			"have each member open " + web + pageOwnGrants + ", or run guestlist check github"},
		{"oauth-app-hooks", "GitHub does not show webhooks that OAuth apps made to anybody but the app",
			"open " + o.provider.pageFor(&specHooks, o.login)},
	} {
		spots = append(spots, inventory.Coverage{
			Source: o.provider.source(o.name, blind.name), Status: inventory.StatusNotObservable, Unobservable: true,
			Reason: inventory.Untrusted(blind.reason), Remedy: inventory.Untrusted(blind.remedy),
		})
	}
	return spots
}
