package googleworkspace

import (
	"guestlist/providers/fake/googlefake"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"testing"
)

// rig is a fake organization and scans of it.
type rig struct{ *kit }

func newRig(t *testing.T, org googlefake.Organization, options googlefake.Options) *rig {
	t.Helper()
	return &rig{newKit(t, org, options)}
}

// config is a configuration that signs in with the service account's key.
func (r *rig) config() Config {
	return Config{Connection: Connection{
		Subject: admins, Credential: Credential{KeyJSON: r.server.ServiceAccountKey()},
		RatePerMinute: -1, Workers: 4, Endpoint: r.server.URL(),
	}}
}

func (r *rig) provider(config Config) *Provider {
	r.t.Helper()
	p, err := New(r.env(), config)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func (r *rig) chrome(config Config) *ChromeProvider {
	r.t.Helper()
	p, err := NewChrome(r.env(), config.Connection)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// collect scans, and looks at what is kept on disk as well.
func (r *rig) collect(p scanner.Provider) (*memory, map[string]inventory.Coverage) {
	r.t.Helper()
	sink, coverage := r.kit.collect(p)
	if scan, ok := p.(*Provider); ok && scan.config.StateDir != "" {
		r.checkState(scan.config.StateDir)
	}
	return sink, coverage
}
