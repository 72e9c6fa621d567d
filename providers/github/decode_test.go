package github

import (
	"testing"
	"time"

	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"total_count":1,"installations":[{"id":1,"permissions":{"a":"read"},"events":["x"],"created_at":"2026-01-02T03:04:05Z"}]}`), "installations")
	f.Add([]byte(`[{"credential_id":1,"scopes":"a,b","authorized_credential_expires_at":null}]`), "")
	f.Add([]byte(`[{"id":"x","config":{"url":1}},null,[],7]`), "")
	f.Add([]byte(`{"total_count":{},"repositories":{}}`), "repositories")
	f.Fuzz(func(t *testing.T, body []byte, envelope string) {
		entries, _, err := decodePage(body, envelope)
		if err != nil {
			return
		}
		for _, entry := range entries {
			entryKey(entry)
		}
		o := &organizationScan{collector: &collector{provider: &Provider{now: time.Now, appInfo: map[string]*appInfo{}}},
			roster: &roster{}, history: &history{}}
		var faults []inventory.Untrusted
		check := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		check(each(entries, &faults, func(i *installation) error { item, _ := o.installationItem(i); item.Normalize(); return nil }))
		check(each(entries, &faults, func(c *credentialAuthorization) error { o.credentialItem(c).Normalize(); return nil }))
		check(each(entries, &faults, func(g *grant) error { g.list(); return nil }))
		check(each(entries, &faults, func(h *hook) error {
			_, err := o.hookItem(h, o.source(&specHooks))
			return err
		}))
		check(each(entries, &faults, func(a *lenient.Account) error { o.isOurs(a); return nil }))
		check(each(entries, &faults, func(e *auditEvent) error { o.foreign(e, installationAction); oauthAppID(e); return nil }))
		check(each(entries, &faults, func(k *deployKey) error { keyID(string(k.Key), k.ID); return nil }))
		check(each(entries, &faults, func(k *ownGPGKey) error { return nil }))
	})
}

func FuzzRecord(f *testing.F) {
	for _, body := range []string{"null", "{}", "[]", "7", `"x"`, `{"message":"Not Found"}`, `{"id":1,"login":"acme","plan":null}`,
		`{"id":null,"slug":[],"owner":null,"permissions":[]}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []record{&ownApp{}, &installationRecord{}, &appRecord{}, &organizationRecord{}, &selfRecord{}, &agentPolicy{}} {
			if decodeObject(body, into) == nil && !into.isProven() {
				t.Errorf("%q is taken for %T", body, into)
			}
		}
	})
}
