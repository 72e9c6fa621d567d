package api

import (
	"testing"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/scanner/inventory"
)

// rig is a fake organization and the connection to it.
type rig struct{ *googletest.Rig }

func newRig(t *testing.T, org googlefake.Organization, options googlefake.Options) *rig {
	t.Helper()
	return &rig{googletest.New(t, org, options)}
}

// connection signs in with the service account's key.
func (r *rig) connection() Connection {
	return Connection{
		Subject: googletest.Admins, Credential: Credential{KeyJSON: r.Server.ServiceAccountKey()},
		RatePerMinute: -1, Workers: 4, Endpoint: r.Server.URL(),
	}
}

func (r *rig) open(config Connection, of inventory.Provider) *Client {
	r.T.Helper()
	client, err := Open(r.Env(), config, of)
	if err != nil {
		r.T.Fatal(err)
	}
	return client
}
