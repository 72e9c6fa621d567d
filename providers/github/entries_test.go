package github

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

func FuzzEntries(f *testing.F) {
	f.Add([]byte(`[{"id":1,"permissions":{"a":"read"},"events":["x"],"created_at":"2026-01-02T03:04:05Z"}]`))
	f.Add([]byte(`[{"credential_id":1,"scopes":"a,b","authorized_credential_expires_at":null}]`))
	f.Add([]byte(`[{"id":"x","config":{"url":1}},null,[],7]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var entries []jsontext.Value
		if lenient.Unmarshal(body, &entries) != nil {
			return
		}
		o := &organizationScan{collector: &collector{provider: &Provider{client: &api.Client{Now: time.Now},
			appInfo: map[string]*appInfo{}}},
			roster: &roster{}, history: &history{}}
		var faults []inventory.Untrusted
		check := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		check(api.Each(entries, &faults, func(i *installation) error {
			item,
				_ := o.installationItem(i)
			item.Normalize()
			return nil
		}))
		check(api.Each(entries, &faults, func(c *credentialAuthorization) error { o.credentialItem(c).Normalize(); return nil }))
		check(api.Each(entries, &faults, func(g *grant) error { g.list(); return nil }))
		check(api.Each(entries, &faults, func(h *hook) error {
			_, err := o.hookItem(h, o.source(&specHooks))
			return err
		}))
		check(api.Each(entries, &faults, func(a *lenient.Account) error { o.isOurs(a); return nil }))
		check(api.Each(entries, &faults, func(e *auditEvent) error {
			o.foreign(e,
				installationAction)
			oauthAppID(e)
			return nil
		}))
		check(api.Each(entries, &faults, func(k *deployKey) error { keyID(string(k.Key), k.ID); return nil }))
		check(api.Each(entries, &faults, func(k *ownGPGKey) error { return nil }))
	})
}

// What an answer may hold in the place of an object proves none.
func TestNoRecordIsProvenByAnAnswerWithoutIt(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"null", "{}", `{"message":"Not Found"}`,
		`{"id":null,"slug":[],"owner":null,"permissions":[]}`} {
		for _, into := range []api.Record{&appRecord{}, &organizationRecord{}, &selfRecord{}, &agentPolicy{}} {
			if err := lenient.Unmarshal([]byte(body), into); err != nil || into.IsProven() {
				t.Errorf("%s is taken for %T: %v", body, into, err)
			}
		}
	}
}
