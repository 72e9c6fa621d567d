package github

import (
	"context"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// readersAtOnce is how many lists of one organization are read at a time; the client bounds
// requests.
const readersAtOnce = 3

// organizationRecord is the part of GET /orgs/{org} that is used here. The last five are only shown
// to owners.
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
	enterprise *api.Session // nil if there is none
	name       string       // as configured: sources keep it even if the organization is renamed
	login      string       // as GitHub says
	record     organizationRecord
	roster     *roster
	history    *history
	present    map[string]bool // slugs of the installed apps; nil until all are known
}

// organization reads everything of one organization. Its error ends the scan.
func (c *collector) organization(ctx context.Context, name string, enterprise *api.Session) error {
	scan := &organizationScan{collector: c, name: name, login: name, enterprise: enterprise, roster: &roster{},
		history: &history{}}
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
	// The members are needed to say which credentials outlived their owner, and the audit log to
	// say who installed what.
	for _, read := range []func(context.Context) error{scan.members, scan.outside, scan.auditLog, scan.installations} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readersAtOnce)
	for _, read := range []func(context.Context) error{scan.credentials, scan.tokens, scan.requests, scan.hooks,
		scan.codingAgent,
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
			"GitHub does not say whether a second factor is required: for managed users the identity provider decides")
	case !o.seesAsOwner():
		coverage.Status, coverage.Reason = inventory.StatusPartial,
			"GitHub shows the organization's settings to its owners only"
		coverage.Remedy = o.about(&specOrganization).OwnerRemedy()
	}
	o.cover(coverage)
	return nil
}

// seesAsOwner reports whether GitHub showed what it only shows to owners.
func (o *organizationScan) seesAsOwner() bool {
	r := &o.record
	return r.TwoFactorRequired.Value != nil || r.DeployKeys.Value != nil || r.Default != "" || r.Plan.Name != ""
}

// hasRepositories reports whether GitHub counts any. The counts lag behind, so they only
// distinguish none from some.
func (r *organizationRecord) hasRepositories() bool { return r.PublicRepos > 0 || r.PrivateRepos > 0 }

// isOurs reports whether an account is this organization; an answer that names none is accepted.
func (o *organizationScan) isOurs(a *lenient.Account) bool {
	return a.ID == 0 && a.Login == "" || a.ID != 0 && a.ID == o.record.ID ||
		strings.EqualFold(string(a.Login), o.login) || strings.EqualFold(string(a.Login), o.name)
}

// holder is an account of the organization; id is 0 if GitHub gave only the login.
func (o *organizationScan) holder(login lenient.Text, id lenient.Number) inventory.Holder {
	holder := inventory.Holder{Account: inventory.Untrusted(login), Organization: inventory.Untrusted(o.login)}
	if id != 0 {
		holder.AccountID = inventory.Untrusted(formatID(id))
	}
	return holder
}

// coverAll records one fault for every source of the organization that has no coverage yet.
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
