package github

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/lenient"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

var _ scanner.Prober = (*Provider)(nil)

// diagnosis is what doctor tells of this provider, while it is being found out.
type diagnosis struct{ scanner.Diagnosis }

// Probe implements [scanner.Prober]: one small question of every source that is configured.
func (p *Provider) Probe(ctx context.Context) (*scanner.Diagnosis, error) {
	d := &diagnosis{scanner.Diagnosis{
		Target: inventory.Untrusted(p.host.name), SignIn: inventory.Untrusted(p.config.Credential.describe()),
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
			failed = session.probe(ctx, specEnterprise.pathFor(url.PathEscape(slug)), &specEnterprise, slug)
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
		d.describe(ctx, session)
		failed = scan.readOrganization(ctx)
		if failed == nil && !scan.seesAsOwner() {
			failed = &fault{kind: faultDenied, reason: "GitHub shows the organization's settings to its owners only",
				remedy: scan.ownerRemedy(&specOrganization)}
		}
	}
	d.add(scan.source(&specOrganization), &specOrganization, failed)
	for n := range specs[1:] {
		source := &specs[n+1]
		cause := failed
		if session != nil && (failed == nil || !failed.hopeless()) {
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
	if failed != nil && source.optional {
		return o.explainOptional(failed, source)
	}
	if failed != nil && failed.kind == faultMissing && source.cloudOnly && o.seesAsOwner() {
		return planFault("GitHub has no " + source.title + " here: single sign-on by SAML is not set up for the organization")
	}
	return failed
}

// diagnoseRepositories asks one repository for its keys and webhooks: the list of repositories is shown to many who may not see these.
func (o *organizationScan) diagnoseRepositories(ctx context.Context, d *diagnosis) {
	where := o.source(&specRepositories)
	if o.session.selection == "selected" {
		d.add(where, &specRepositories, o.selectedOnly())
	}
	name, failed := o.firstRepository(ctx)
	for _, source := range []*spec{&specKeys, &specRepositoryHooks} {
		cause := failed
		if cause == nil && name != "" {
			list := map[*spec]string{&specKeys: "/keys", &specRepositoryHooks: "/hooks"}[source]
			cause = o.session.probe(ctx, "repos/"+url.PathEscape(o.login)+"/"+url.PathEscape(name)+list, source, o.login)
		}
		d.add(where, source, cause)
	}
}

// firstRepository returns a repository's name, or none where there is none.
func (o *organizationScan) firstRepository(ctx context.Context) (string, *fault) {
	answer, err := o.session.get(ctx, o.session.core, specRepositories.pathFor(url.PathEscape(o.login)), url.Values{"per_page": {"1"}})
	if err != nil {
		return "", o.session.explain(err, &specRepositories, o.login)
	}
	entries, _, err := decodePage(answer.body, "")
	if err != nil {
		return "", o.session.explain(err, &specRepositories, o.login)
	}
	name := ""
	var faults []inventory.Untrusted
	err = each(entries, &faults, func(repository *repositoryRecord) error {
		if isRepositoryName(string(repository.Name)) {
			name = string(repository.Name)
		}
		return nil
	})
	if err != nil || len(faults) > 0 {
		return "", o.session.explain(errNotDocumented, &specRepositories, o.login)
	}
	return name, nil
}

// probe asks for the first entry of a list.
func (s *session) probe(ctx context.Context, path string, source *spec, org string) *fault {
	api := s.core
	if source.name == specAudit.name {
		api = s.audit
	}
	query := url.Values{"per_page": {"1"}}
	if source.single {
		query = nil
	}
	if u, err := url.Parse(path); err == nil && u.RawQuery != "" {
		query = u.Query()
		query.Set("per_page", "1")
		path = u.Path
	}
	answer, err := s.get(ctx, api, path, query)
	if err == nil {
		err = answer.isProven(source)
	}
	if err != nil {
		return s.explain(err, source, org)
	}
	return nil
}

// isProven returns why an answer is not what a source answers with, or nil.
func (r *response) isProven(source *spec) error {
	if r.doubt != nil {
		return r.doubt
	}
	var fields map[string]jsontext.Value
	isObject := lenient.Unmarshal(r.body, &fields) == nil && fields != nil
	_, isError := fields["message"]
	_, isEnvelope := fields["total_count"]
	switch {
	case source.single && isObject && len(fields) > 0 && !isError, isObject && isEnvelope, !source.single && isList(r.body):
		return nil
	}
	return errNotDocumented
}

func isList(body []byte) bool {
	_, _, err := decodePage(body, "")
	return err == nil
}

func (p *Provider) diagnoseSelf(ctx context.Context, d *diagnosis) {
	session, err := p.session(ctx, "")
	if err != nil {
		d.add(p.source("self"), &specSelf, p.explainSignIn(err))
		return
	}
	d.describe(ctx, session)
	for _, source := range []*spec{&specSelf, &specSSHKeys, &specSigningKeys, &specGPGKeys} {
		d.add(p.source("self", source.name), source, session.probe(ctx, source.path, source, ""))
	}
}

// describe says who is signed in, once.
func (d *diagnosis) describe(ctx context.Context, s *session) {
	if d.Who != "" {
		return
	}
	d.SignIn = inventory.Untrusted(s.from)
	d.fact("it is a %s", s.kind)
	if s.app != nil {
		d.Who = inventory.Untrusted(s.app.Name)
		d.fact("permissions: %s", inOneLine(s.permissions.List()))
		return
	}
	if self, failed := s.self(ctx); failed == nil {
		d.Who = self.Login
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scoped {
		d.fact("scopes: %s", inOneLine(inventory.All(s.scopes)))
	}
	if !s.expires.IsZero() {
		d.fact("it expires on %s", s.expires.UTC().Format(time.DateOnly))
	}
}

// addBlindSpots adds what nobody can read.
func (d *diagnosis) addBlindSpots(spots ...inventory.Coverage) {
	for _, coverage := range spots {
		d.Checks = append(d.Checks, scanner.Check{Name: coverage.Source.Name, Gives: "what no API tells",
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

func (d *diagnosis) add(source inventory.Source, s *spec, failed *fault) {
	check := scanner.Check{Name: source.Name, Gives: s.title, State: scanner.CheckReadable}
	if failed != nil {
		check.State, check.Reason, check.Remedy = scanner.CheckLacking, failed.reason, failed.remedy
		check.Lacks, check.Page = failed.permission, failed.page
		if failed.unobservable {
			check.State = scanner.CheckUnavailable
		}
	}
	d.Checks = append(d.Checks, check)
}
