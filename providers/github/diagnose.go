package github

import (
	"context"
	"net/url"
	"time"

	"guestlist/scanner/inventory"
)

// Diagnosis is what doctor tells of this provider: who is signed in, and what of each source can be read. It is plain data.
type Diagnosis struct {
	Host   string              // "github.com"
	SignIn string              // "the token from GH_TOKEN"
	Kind   string              // "personal access token (classic)"
	Who    inventory.Untrusted // login, or the App's name
	// Scopes are a classic token's, as GitHub says; Permissions an installation's, as "name:level".
	Scopes      []inventory.Untrusted
	Permissions []inventory.Untrusted
	Expires     time.Time // of the token; zero is never or not known
	Checks      []Check
}

// Check says of one source whether it can be read and, if not, what to do.
type Check struct {
	Source inventory.Source
	Title  string // "installed GitHub Apps"
	State  CheckState
	Reason inventory.Untrusted
	Remedy inventory.Untrusted
	// Permission lacks, as GitHub's API spells it ("organization_administration:read", "admin:org").
	Permission string
	// Page is where to change it, or where a person sees what the API does not tell.
	Page string
}

// CheckState is the outcome of a Check.
type CheckState string

// The outcomes.
const (
	CheckReadable    CheckState = "readable"
	CheckLacking     CheckState = "lacking"     // can be put right: see Remedy
	CheckUnavailable CheckState = "unavailable" // nobody can read it on this plan or host
)

// Diagnose asks one small question of every source that is configured. Its error is the context's.
func (p *Provider) Diagnose(ctx context.Context) (*Diagnosis, error) {
	diagnosis := &Diagnosis{Host: p.host.name, SignIn: p.config.Credential.describe()}
	for _, name := range p.config.Organizations {
		p.diagnoseOrganization(ctx, diagnosis, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if slug := p.config.Enterprise; slug != "" {
		session, failed := p.enterpriseSession(ctx, slug)
		if failed == nil {
			diagnosis.describe(ctx, session)
			failed = session.probe(ctx, specEnterprise.pathFor(url.PathEscape(slug)), &specEnterprise, slug)
		}
		diagnosis.add(p.source("enterprises", slug), &specEnterprise, failed)
	}
	if p.config.Self || len(diagnosis.Checks) == 0 {
		p.diagnoseSelf(ctx, diagnosis)
	}
	return diagnosis, ctx.Err()
}

func (p *Provider) diagnoseOrganization(ctx context.Context, diagnosis *Diagnosis, name string) {
	scan := &organizationScan{
		collector: &collector{provider: p, counts: map[inventory.Source]*counts{}}, name: name, login: name, roster: &roster{},
		history: &history{},
	}
	specs := organizationSpecs(&p.config)
	session, err := p.session(ctx, name)
	var failed *fault
	if err != nil {
		failed = p.explainSignIn(err)
	} else {
		scan.session = session
		diagnosis.describe(ctx, session)
		failed = scan.readOrganization(ctx)
		if failed == nil && !scan.seesAsOwner() {
			failed = &fault{kind: faultDenied, reason: "GitHub shows the organization's settings to its owners only",
				remedy: scan.ownerRemedy(&specOrganization)}
		}
	}
	diagnosis.add(scan.source(&specOrganization), &specOrganization, failed)
	for n := range specs[1:] {
		source := &specs[n+1]
		cause := failed
		if failed == nil || !failed.hopeless() {
			cause = scan.diagnose(ctx, source)
		}
		diagnosis.add(scan.source(source), source, cause)
	}
	for _, coverage := range scan.blindSpots() {
		diagnosis.Checks = append(diagnosis.Checks, Check{Source: coverage.Source, State: CheckUnavailable, Reason: coverage.Reason,
			Remedy: coverage.Remedy, Title: "what no API tells"})
	}
}

// diagnose asks for one entry of a source.
func (o *organizationScan) diagnose(ctx context.Context, source *spec) *fault {
	if failed := o.isOff(source); failed != nil {
		return failed
	}
	path := source.pathFor(url.PathEscape(o.login))
	if source.name == specMembers.name {
		// Members are listed to everybody; second factors are what a permission is needed for.
		path += "?filter=2fa_disabled"
	}
	failed := o.session.probe(ctx, path, source, o.login)
	if failed != nil && failed.kind == faultMissing && source.cloudOnly && o.seesAsOwner() {
		return planFault("GitHub has no " + source.title + " here: single sign-on by SAML is not set up for the organization")
	}
	return failed
}

// probe asks for the first entry of a list.
func (s *session) probe(ctx context.Context, path string, source *spec, org string) *fault {
	api := s.core
	if source.name == specAudit.name {
		api = s.audit
	}
	query := url.Values{"per_page": {"1"}}
	if source.name == specSelf.name {
		query = nil // no list
	}
	if u, err := url.Parse(path); err == nil && u.RawQuery != "" {
		query = u.Query()
		query.Set("per_page", "1")
		path = u.Path
	}
	answer, err := s.get(ctx, api, path, query)
	if err == nil && len(answer.body) == 0 {
		err = errNotDocumented
	}
	if err != nil {
		return s.explain(err, source, org)
	}
	return nil
}

func (p *Provider) diagnoseSelf(ctx context.Context, diagnosis *Diagnosis) {
	session, err := p.session(ctx, "")
	if err != nil {
		diagnosis.add(p.source("self"), &specSelf, p.explainSignIn(err))
		return
	}
	diagnosis.describe(ctx, session)
	for _, source := range []*spec{&specSelf, &specSSHKeys, &specSigningKeys, &specGPGKeys} {
		diagnosis.add(p.source("self", source.name), source, session.probe(ctx, source.path, source, ""))
	}
}

// describe says who is signed in.
func (d *Diagnosis) describe(ctx context.Context, s *session) {
	if d.Who != "" {
		return
	}
	d.SignIn, d.Kind = s.from, s.kind.String()
	if s.app != nil {
		d.Who, d.Permissions = inventory.Untrusted(s.app.Name), s.permissions.list()
		return
	}
	if self, failed := s.self(ctx); failed == nil {
		d.Who = self.Login
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Scopes, d.Expires = untrusted(s.scopes), s.expires
}

func (d *Diagnosis) add(source inventory.Source, s *spec, failed *fault) {
	check := Check{Source: source, Title: s.title, State: CheckReadable}
	if failed != nil {
		check.State, check.Reason, check.Remedy = CheckLacking, failed.reason, failed.remedy
		check.Permission, check.Page = failed.permission, failed.page
		if failed.unobservable {
			check.State = CheckUnavailable
		}
	}
	d.Checks = append(d.Checks, check)
}
