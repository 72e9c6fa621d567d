package github

import (
	"context"
	"net/url"
	"strings"
	"time"

	"guestlist/providers/github/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

var _ scanner.Prober = (*Provider)(nil)

// diagnosis is what doctor reports about this provider, while it is being gathered.
type diagnosis struct{ scanner.Diagnosis }

// Probe implements [scanner.Prober]: it asks one small question about every configured source.
func (p *Provider) Probe(ctx context.Context) (*scanner.Diagnosis, error) {
	d := &diagnosis{scanner.Diagnosis{
		Target: inventory.Untrusted(p.client.Host.Name), SignIn: inventory.Untrusted(p.sessions.Describe()),
	}}
	for _, name := range p.config.Organizations {
		p.diagnoseOrganization(ctx, d, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if slug := p.config.Enterprise; slug != "" {
		session, failed := p.enterpriseSession(ctx, slug)
		if failed == nil {
			d.describe(ctx, session)
			failed = probe(ctx, session, &specEnterprise, api.List{Path: specEnterprise.pathFor(url.PathEscape(slug))},
				slug)
		}
		d.add(p.source("enterprises", slug), &specEnterprise, failed)
		d.addBlindSpots(p.enterpriseBlindSpot(slug))
	}
	if p.config.Self || len(d.Checks) == 0 {
		p.diagnoseSelf(ctx, d)
	}
	return &d.Diagnosis, ctx.Err()
}

func (p *Provider) diagnoseOrganization(ctx context.Context, d *diagnosis, name string) {
	scan := &organizationScan{
		collector: &collector{provider: p, counts: map[inventory.Source]*counts{}}, name: name, login: name,
		roster: &roster{}, history: &history{},
	}
	specs := organizationSpecs(&p.config)
	session, failed := p.session(ctx, name)
	if failed == nil {
		scan.session = session
		d.describe(ctx, session)
		failed = scan.readOrganization(ctx)
		if failed == nil && !scan.seesAsOwner() {
			failed = &api.Fault{Kind: api.FaultDenied,
				Reason: "GitHub shows the organization's settings to its owners only",
				Remedy: scan.about(&specOrganization).OwnerRemedy()}
		}
	}
	d.add(scan.source(&specOrganization), &specOrganization, failed)
	for n := range specs[1:] {
		source := &specs[n+1]
		cause := failed
		if session != nil && (failed == nil || !failed.Hopeless()) {
			cause = scan.diagnose(ctx, source)
		}
		if source.name == specRepositories.name && cause == nil {
			scan.diagnoseRepositories(ctx, d)
			continue
		}
		d.add(scan.source(source), source, cause)
	}
	d.addBlindSpots(scan.blindSpots()...)
}

// diagnose asks for one entry of a source.
func (o *organizationScan) diagnose(ctx context.Context, source *spec) *api.Fault {
	if failed := o.isOff(source); failed != nil {
		return failed
	}
	l := api.List{Path: source.pathFor(url.PathEscape(o.login))}
	switch source.name {
	case specMembers.name: // anyone can list them; second factors need a permission
		l.Query = url.Values{"filter": {"2fa_disabled"}}
	case specAudit.name:
		l.Naming = api.ByCursor
	}
	failed := probe(ctx, o.session, source, l, o.login)
	if failed != nil && source.optional {
		return o.explainOptional(failed, source)
	}
	if failed != nil && failed.Kind == api.FaultMissing && source.cloudOnly && o.seesAsOwner() {
		return api.PlanFault("GitHub has no " + source.title +
			" here: single sign-on by SAML is not set up for the organization")
	}
	return failed
}

// diagnoseRepositories asks for one repository's keys and webhooks: many who can list repositories
// may not see these.
func (o *organizationScan) diagnoseRepositories(ctx context.Context, d *diagnosis) {
	where := o.source(&specRepositories)
	if o.session.Selection == "selected" {
		d.add(where, &specRepositories, o.selectedOnly())
	}
	name, failed := o.firstRepository(ctx)
	for _, source := range []*spec{&specKeys, &specRepositoryHooks} {
		cause := failed
		if cause == nil && name != "" {
			last := map[*spec]string{&specKeys: "/keys", &specRepositoryHooks: "/hooks"}[source]
			path := "repos/" + url.PathEscape(o.login) + "/" + url.PathEscape(name) + last
			cause = probe(ctx, o.session, source, api.List{Path: path}, o.login)
		}
		d.add(where, source, cause)
	}
}

// firstRepository returns a repository's name, or "" if there are none.
func (o *organizationScan) firstRepository(ctx context.Context) (string, *api.Fault) {
	name := ""
	l := api.List{Path: specRepositories.pathFor(url.PathEscape(o.login))}
	err := api.First(ctx, o.session, l, func(repository *repositoryRecord) error {
		if isRepositoryName(string(repository.Name)) {
			name = string(repository.Name)
		}
		return nil
	})
	if err != nil {
		return "", o.about(&specRepositories).Explain(err)
	}
	return name, nil
}

// probe asks one small question about a source.
func probe(ctx context.Context, s *api.Session, source *spec, l api.List, org string) *api.Fault {
	err := error(nil)
	if source.single {
		err = s.PeekObject(ctx, l.Path)
	} else {
		err = s.Peek(ctx, l)
	}
	if err != nil {
		return s.About(&source.Need, org).Explain(err)
	}
	return nil
}

func (p *Provider) diagnoseSelf(ctx context.Context, d *diagnosis) {
	session, failed := p.session(ctx, "")
	if failed != nil {
		d.add(p.source("self"), &specSelf, failed)
		return
	}
	d.describe(ctx, session)
	for _, source := range []*spec{&specSelf, &specSSHKeys, &specSigningKeys, &specGPGKeys} {
		d.add(p.source("self", source.name), source, probe(ctx, session, source, api.List{Path: source.path}, ""))
	}
}

// describe says who is signed in, once.
func (d *diagnosis) describe(ctx context.Context, s *api.Session) {
	if d.Who != "" {
		return
	}
	d.SignIn = inventory.Untrusted(s.From)
	d.fact("it is a %s", s.Kind)
	if s.IsApp {
		d.Who = inventory.Untrusted(s.AppName)
		d.fact("permissions: %s", inOneLine(s.Permissions.List()))
		return
	}
	if self, failed := readSelf(ctx, s); failed == nil {
		d.Who = self.Login
	}
	scopes, scoped, expires := s.Said()
	if scoped {
		d.fact("scopes: %s", inOneLine(inventory.All(scopes)))
	}
	if !expires.IsZero() {
		d.fact("it expires on %s", expires.UTC().Format(time.DateOnly))
	}
}

// addBlindSpots adds what no API reports.
func (d *diagnosis) addBlindSpots(spots ...inventory.Coverage) {
	for _, coverage := range spots {
		d.Checks = append(d.Checks, scanner.Check{Name: coverage.Source.Name, Gives: "what no API reports",
			State: scanner.CheckUnavailable, Reason: coverage.Reason, Remedy: coverage.Remedy})
	}
}

func (d *diagnosis) fact(format string, args ...any) {
	d.Facts = append(d.Facts, inventory.Textf(format, args...))
}

// inOneLine is a list in one line, "none" for an empty one.
func inOneLine(list []inventory.Untrusted) inventory.Untrusted {
	if len(list) == 0 {
		return "none"
	}
	var text strings.Builder
	for n, word := range list {
		if n > 0 {
			text.WriteString(", ")
		}
		text.WriteString(string(word))
	}
	return inventory.Untrusted(text.String())
}

func (d *diagnosis) add(source inventory.Source, s *spec, failed *api.Fault) {
	check := scanner.Check{Name: source.Name, Gives: s.title, State: scanner.CheckReadable}
	if failed != nil {
		check.State, check.Reason, check.Remedy = scanner.CheckLacking, failed.Reason, failed.Remedy
		check.Lacks, check.Page = failed.Permission, failed.Page
		if failed.Unobservable {
			check.State = scanner.CheckUnavailable
		}
	}
	d.Checks = append(d.Checks, check)
}
