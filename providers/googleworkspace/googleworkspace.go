package googleworkspace

import (
	"context"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Provider reads accounts, OAuth grants, app passwords and settings. It is made for one scan at a
// time.
type Provider struct{ reader }

// reader is what a scan and a probe share.
type reader struct {
	env        scanner.Env
	config     Config
	api        *api.Client
	eventPages int // maxEventPages, but for tests
}

var _ scanner.Provider = (*Provider)(nil)

// New returns the provider, or an error that says what is wrong with the configuration. It does not
// sign in yet.
func New(env scanner.Env, config Config) (*Provider, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	client, err := api.Open(env, config.Connection, inventory.GoogleWorkspace)
	if err != nil {
		return nil, err
	}
	config.Connection = client.Config
	return &Provider{reader: reader{env: client.Env, config: config, api: client, eventPages: maxEventPages}}, nil
}

// Name implements [scanner.Provider].
func (p *Provider) Name() inventory.Provider { return inventory.GoogleWorkspace }

// Collect implements [scanner.Provider]. An interrupted scan returns the context's error; its
// checkpoint stays.
func (p *Provider) Collect(ctx context.Context, sink scanner.Sink) (coverage []inventory.Coverage, err error) {
	state, err := checkpoint.Open(p.config.StateDir, p.config.fingerprint(), p.config.Incremental, p.env.Now())
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := state.Close(); err == nil {
			err = closed
		}
	}()
	s := newScan(&p.reader, state, sink)
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	coverage = s.coverage()
	settings, settingsCoverage, err := p.readSettings(ctx)
	if err != nil {
		return nil, err
	}
	if trap := s.internalTrap(settings); trap != "" && len(settingsCoverage) > 0 && !settingsCoverage[0].IsGap() {
		settingsCoverage[0].Details = append(settingsCoverage[0].Details, trap)
	}
	coverage = append(coverage, settingsCoverage...)
	unobservable, err := p.unobservable(ctx)
	if err != nil {
		return nil, err
	}
	return append(coverage, unobservable...), nil
}

// customerID is the customer for the Reports API, which uses the signed-in administrator's own if
// it is omitted.
func (r *reader) customerID() string {
	if r.config.Customer == "my_customer" {
		return ""
	}
	return r.config.Customer
}

// unread lists what no API reports, with the console page that shows it; delegation is the first.
var unread = []struct {
	name, reason, look inventory.Untrusted
	what, page         string
}{
	{
		name:   "domain-wide-delegation",
		reason: "no API lists which clients have domain-wide delegation",
		look: "look at " + api.PageDelegation + ", also for AI services: ChatGPT and Claude can be given a service account " +
			"that reads as any user",
		what: "clients with domain-wide delegation, AI services among them (with events, changes of the last 180 days are " +
			"reported)",
		page: api.PageDelegation,
	},
	{
		name:   "trusted-apps",
		reason: "no API lists which apps the console trusts, limits or blocks",
		look:   "look at " + pageTrusted,
		what:   "apps that the console trusts, limits or blocks",
		page:   pageTrusted,
	},
	{
		name: "agents",
		reason: "no API lists which Gemini Enterprise agents may act for users; unless the console says otherwise, every agent " +
			"may ask for any data",
		look: "open Security > Agent access controls at " + pageConsole,
		what: "Gemini Enterprise agents that may act for users (Security > Agent access controls)",
		page: pageConsole,
	},
}

const (
	pageTrusted = "https://admin.google.com/ac/owl/list?tab=configuredApps"
	pageConsole = "https://admin.google.com/"
)

// unobservable reports what no API lists, with the page to look at. If the admin log is read,
// changes of delegation in the last 180 days are listed, and a log that was not read whole is a gap
// of its own.
func (p *Provider) unobservable(ctx context.Context) ([]inventory.Coverage, error) {
	all := make([]inventory.Coverage, len(unread))
	for n, row := range unread {
		all[n] = inventory.Coverage{
			Source: p.api.Source(inventory.GoogleWorkspace, row.name), Status: inventory.StatusNotObservable,
			Unobservable: true, Reason: row.reason, Remedy: row.look,
		}
	}
	if !p.api.Has(api.Events) {
		return all, nil
	}
	read, err := p.delegations(ctx)
	if err != nil {
		return nil, err
	}
	all[0].Details = read.changes
	return append(all, read.coverage(p.api.Source(inventory.GoogleWorkspace, "admin-log"))), nil
}
