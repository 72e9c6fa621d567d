package googleworkspace

import (
	"testing"

	"guestlist/providers/chromemanagement"
	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// rig is a fake organization and scans of it.
type rig struct{ *googletest.Rig }

func newRig(t *testing.T, org googlefake.Organization, options googlefake.Options) *rig {
	t.Helper()
	return &rig{googletest.New(t, org, options)}
}

// config is a configuration that signs in with the service account's key.
func (r *rig) config() Config {
	return Config{Connection: api.Connection{
		Subject: googletest.Admins, Credential: api.Credential{KeyJSON: r.Server.ServiceAccountKey()},
		RatePerMinute: -1, Workers: 4, Endpoint: r.Server.URL(),
	}}
}

func (r *rig) provider(config Config) *Provider {
	r.T.Helper()
	p, err := New(r.Env(), config)
	if err != nil {
		r.T.Fatal(err)
	}
	return p
}

func (r *rig) chrome(config Config) *chromemanagement.Provider {
	r.T.Helper()
	p, err := chromemanagement.New(r.Env(), config.Connection)
	if err != nil {
		r.T.Fatal(err)
	}
	return p
}

// collect scans, and looks at what is kept on disk as well.
func (r *rig) collect(p scanner.Provider) (*googletest.Found, map[string]inventory.Coverage) {
	r.T.Helper()
	sink, coverage := r.Rig.Collect(p)
	if scan, ok := p.(*Provider); ok && scan.config.StateDir != "" {
		r.CheckState(scan.config.StateDir)
	}
	return sink, coverage
}

// What package api does, as its tests hold.
const (
	attempts           = 6  // sends of one call
	burst              = 10 // calls that may go at once after a pause
	maxRefusals        = 25 // users of a unit who are refused before the others are not asked
	pageRoles          = "https://admin.google.com/ac/roles"
	scopePrefix        = "https://www.googleapis.com/auth/"
	scopeCloudPlatform = scopePrefix + "cloud-platform"
)
