package github

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

const userAgent = "guestlist"

// Provider reads one GitHub host. Make one for each account: it holds one credential.
type Provider struct {
	env     scanner.Env
	config  Config
	host    host
	now     func() time.Time
	limiter *rate.Limiter
	store   *pageStore

	mu       sync.Mutex
	clients  []*httpx.Client
	sessions map[string]*session // by organization, "enterprise:slug" or "" for a token
	appInfo  map[string]*appInfo // by slug
}

// New returns a provider, or an error that says what is wrong with the configuration. It does no network traffic.
func New(env scanner.Env, config Config) (*Provider, error) {
	where, err := config.host()
	if err != nil {
		return nil, err
	}
	if config.Credential == nil {
		config.Credential = Environment{}
	}
	if config.Sleep == nil {
		config.Sleep = env.Sleep
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	p := &Provider{
		env: env, config: config, host: where, now: env.Now, limiter: config.limiter(),
		sessions: map[string]*session{}, appInfo: map[string]*appInfo{},
	}
	if p.now == nil {
		p.now = time.Now
	}
	if config.CacheDir != "" {
		p.store = newPageStore(config.CacheDir, p.now)
	}
	// A client is made now, so that a base URL it cannot be bound to is an error of the configuration.
	if _, err := p.newClient(signer{}, nil); err != nil {
		return nil, err
	}
	return p, nil
}

// Name is "github".
func (p *Provider) Name() inventory.Provider { return inventory.GitHub }

// Stats are the traffic so far.
func (p *Provider) Stats() httpx.Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	var sum httpx.Stats
	for _, client := range p.clients {
		stats := client.Stats()
		sum.Requests += stats.Requests
		sum.Retries += stats.Retries
		sum.NotModified += stats.NotModified
		sum.Bytes += stats.Bytes
		sum.MostInFlight = max(sum.MostInFlight, stats.MostInFlight)
	}
	return sum
}

// Collect reads everything that is configured. Its error is the context's or the sink's.
func (p *Provider) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	c := &collector{provider: p, sink: sink, counts: map[inventory.Source]*counts{}}
	p.mu.Lock()
	p.appInfo = map[string]*appInfo{} // what apps ask for is asked anew in each scan
	p.mu.Unlock()
	enterprise, err := p.collectEnterprise(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, org := range p.config.Organizations {
		err := guard.Do(func() error { return c.organization(ctx, org, enterprise) })
		if panicked := (*guard.PanicError)(nil); errors.As(err, &panicked) {
			c.cover(inventory.Coverage{
				Source: p.source(org), Status: inventory.StatusNotObservable, Reason: inventory.Untrusted(panicked.Error()),
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
	if p.store != nil {
		p.store.prune()
	}
	return c.finish(), nil
}

// collector gathers what one Collect observes.
type collector struct {
	provider *Provider
	sink     scanner.Sink

	mu        sync.Mutex
	coverages []inventory.Coverage
	counts    map[inventory.Source]*counts
}

type counts struct{ items, accounts int }

// sinkError tells the sink's errors, which end the scan, from GitHub's, which end a source.
type sinkError struct{ error }

func (e *sinkError) Unwrap() error { return e.error }

func (c *collector) addItem(item *inventory.Item) error {
	c.count(item.Source).items++
	if err := c.sink.AddItem(item); err != nil {
		return &sinkError{err}
	}
	return nil
}

func (c *collector) addAccount(account *inventory.Account) error {
	c.count(account.Source).accounts++
	if err := c.sink.AddAccount(account); err != nil {
		return &sinkError{err}
	}
	return nil
}

// count returns a source's counts. Each source is read by one goroutine, so only the map needs the lock.
func (c *collector) count(source inventory.Source) *counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts[source]
	if n == nil {
		n = &counts{}
		c.counts[source] = n
	}
	return n
}

// cover records how well a source was read.
func (c *collector) cover(coverage inventory.Coverage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.coverages = append(c.coverages, coverage)
}

// coverFault records the fault that ended a source, or nil for none.
func (c *collector) coverFault(source inventory.Source, failed *fault, details []inventory.Untrusted) {
	c.cover(c.coverageOf(source, failed, details))
}

// coverageOf is the coverage of a source that ended with a fault, or nil for none. Items seen before make it partial.
func (c *collector) coverageOf(source inventory.Source, failed *fault, details []inventory.Untrusted) inventory.Coverage {
	coverage := inventory.Coverage{Source: source, Status: inventory.StatusComplete, Details: limitDetails(details)}
	if len(details) > 0 {
		coverage.Status, coverage.Reason = inventory.StatusPartial, "some entries could not be read"
	}
	if failed != nil {
		coverage.Status = inventory.StatusNotObservable
		if n := c.count(source); failed.partial || n.items+n.accounts > 0 {
			coverage.Status = inventory.StatusPartial
		}
		coverage.Reason, coverage.Remedy, coverage.Unobservable = failed.reason, failed.remedy, failed.unobservable
	}
	return coverage
}

// finish writes the counts into the coverages: each counts what is in its source and below.
func (c *collector) finish() []inventory.Coverage {
	for n := range c.coverages {
		coverage := &c.coverages[n]
		for source, counts := range c.counts {
			if source == coverage.Source || strings.HasPrefix(string(source.Name), string(coverage.Source.Name)+"/") {
				coverage.Items += counts.items
				coverage.Accounts += counts.accounts
			}
		}
	}
	return c.coverages
}

func limitDetails(details []inventory.Untrusted) []inventory.Untrusted {
	if len(details) <= inventory.MaxCoverageDetails {
		return details
	}
	kept := details[:inventory.MaxCoverageDetails-1]
	return append(kept, inventory.Textf("and %d more", len(details)-len(kept)))
}

// endsScan reports whether an error is one that ends the whole scan.
func endsScan(ctx context.Context, err error) bool {
	var failed *sinkError
	return errors.As(err, &failed) || ctx.Err() != nil
}

// source names a source of this host.
func (p *Provider) source(parts ...string) inventory.Source {
	source := inventory.Source{Provider: inventory.GitHub}
	if p.host.kind != hostPublic {
		source = source.Join(inventory.Untrusted(p.host.name))
	}
	for _, part := range parts {
		source = source.Join(inventory.Untrusted(part))
	}
	return source
}
