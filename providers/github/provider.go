package github

import (
	"context"
	"errors"
	"sync"

	"guestlist/providers/github/api"
	"guestlist/providers/github/signin"
	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// Provider reads one GitHub host. Make one for each account: it holds one credential.
type Provider struct {
	config   Config
	client   *api.Client
	sessions *signin.Sessions

	mu      sync.Mutex
	appInfo map[string]*appInfo // by slug
}

// New returns a provider, or an error that says what is wrong with the configuration. It causes no
// network traffic.
func New(env scanner.Env, config Config) (*Provider, error) {
	client, err := api.NewClient(env, config.Connection)
	if err != nil {
		return nil, err
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Provider{
		config: config, client: client, sessions: signin.New(env, client, config.Credential, config.Run),
		appInfo: map[string]*appInfo{},
	}, nil
}

// Name is "github".
func (p *Provider) Name() inventory.Provider { return inventory.GitHub }

// Collect reads everything that is configured. Its error is the context's or the sink's.
func (p *Provider) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	c := &collector{provider: p, sink: sink, counts: map[inventory.Source]*counts{}}
	p.mu.Lock()
	p.appInfo = map[string]*appInfo{} // what apps request is read again in each scan
	p.mu.Unlock()
	enterprise, err := p.collectEnterprise(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, org := range p.config.Organizations {
		err := guard.Do(func() error { return c.organization(ctx, org, enterprise) })
		if panicked := (*guard.PanicError)(nil); errors.As(err, &panicked) {
			c.cover(inventory.Coverage{
				Source: p.source(org), Status: inventory.StatusNotObservable,
				Reason: inventory.Untrusted(panicked.Error()),
				Remedy: "what else was read of this organization cannot be trusted; the other organizations are not affected",
			})
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	if p.config.Self {
		if err := c.self(ctx); err != nil {
			return nil, err
		}
	}
	p.client.Prune()
	return c.finish(), nil
}

// source names a source of this host.
func (p *Provider) source(parts ...string) inventory.Source {
	source := inventory.Source{Provider: inventory.GitHub}
	if !p.client.Host.IsPublic() {
		source = source.Join(inventory.Untrusted(p.client.Host.Name))
	}
	for _, part := range parts {
		source = source.Join(inventory.Untrusted(part))
	}
	return source
}

// session signs in for an organization, "enterprise:slug", or "" for the person's own account. The
// fault says why that failed.
func (p *Provider) session(ctx context.Context, where string) (*api.Session, *api.Fault) {
	session, err := p.sessions.Of(ctx, where)
	if err == nil {
		return session, nil
	}
	failed := p.sessions.Explain(err, &specOrganization.Need)
	// an App belongs to an organization and cannot see anyone's own account
	if errors.Is(err, signin.ErrNoCredential) && !p.config.Self {
		failed.Remedy += ", or use a GitHub App"
	}
	return nil, failed
}
