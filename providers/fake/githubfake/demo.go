package githubfake

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"slices"
	"time"
)

// The demo's tokens. They open nothing.
const (
	// DemoToken is a classic token of the demo organization's owner.
	DemoToken = "ghp_DemoTokenThatOpensNothing00000000000"
	// DemoEmployeeToken is a classic token of a member, for the self-check.
	DemoEmployeeToken = "ghp_DemoEmployeeTokenOpensNothing000000"
)

// DemoOrganization is the demo organization's name.
const DemoOrganization = "acme"

// Demo is a small organization that shows each kind of finding, as seen at the given time.
func Demo(now time.Time) Options {
	org, employee := demoOrganization(now)
	return Options{
		Organizations: []*Organization{org},
		Apps:          []App{},
		Tokens: map[string]*Token{
			DemoToken: {Kind: Classic, User: org.Members[0].User, Scopes: []string{
				"admin:org", "admin:org_hook", "repo", "read:audit_log", "user", "read:public_key", "read:gpg_key",
				"read:ssh_signing_key", "gist"}},
			DemoEmployeeToken: {Kind: Classic, User: employee,
				Scopes: []string{"repo", "read:org", "gist", "workflow", "user",
					"read:public_key",
					"read:gpg_key", "read:ssh_signing_key"}},
		},
		Core: 5000, Audit: 1750,
		Now: func() time.Time { return now },
	}
}

func demoOrganization(now time.Time) (*Organization, *User) {
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days).UTC().Truncate(time.Second) }
	ahead := func(days int) time.Time { return ago(-days) }
	owner := &User{Login: "acme-it", Name: "IT", ID: 101, Created: ago(2000), Keys: []*Key{
		{ID: 11, Title: "it laptop", Key: sshKey(11), Created: ago(400), LastUsed: ago(2)}}}
	developer := &User{Login: "acme-developer", Name: "Developer", ID: 102, Created: ago(900), PublicGists: 1,
		SecretGists:  3,
		PublicRepos:  2,
		PrivateRepos: 1,
		Keys: []*Key{{ID: 12, Title: "laptop", Key: sshKey(12), Created: ago(60), LastUsed: ago(1)},
			{ID: 13, Title: "old laptop", Key: sshKey(13), Created: ago(1500)}},
		SigningKeys: []*Key{{ID: 14, Title: "signing", Key: sshKey(14), Created: ago(60)}},
		GPGKeys: []*GPGKey{{ID: 15, KeyID: "3262EFF25BA0D270", Name: "work", Emails: []string{"developer@acme.example"},
			Created: ago(700)}}}
	finance := &User{Login: "acme-finance", Name: "Finance", ID: 103, Created: ago(500), TwoFactor: TwoFactorOff}
	support := &User{Login: "acme-support", Name: "Support", ID: 104, Created: ago(300), TwoFactor: TwoFactorInsecure}
	contractor := &User{Login: "contractor-design", ID: 201, Created: ago(100), TwoFactor: TwoFactorOff}

	return &Organization{
		Login: DemoOrganization, ID: 1000, Plan: Cloud, SAML: true,
		Members: []*Member{{User: owner, Admin: true, Public: true}, {User: developer}, {User: finance},
			{User: support}},
		Outside: []*User{contractor},
		Installations: []*AppInstallation{
			{ID: 5001, Selection: "all", Created: ago(500), Updated: ago(3),
				Events: []string{"push", "pull_request", "workflow_run"},
				Permissions: map[string]string{"metadata": "read", "contents": "write", "workflows": "write",
					"secrets": "write"},
				App: &App{ID: 3001, Slug: "example-ci", ClientID: "Iv23liDemoExampleCI1", Name: "Example CI",
					Owner: "example-ci-vendor",
					Permissions: map[string]string{"metadata": "read", "contents": "write", "workflows": "write",
						"secrets": "write"}}},
			{ID: 5002, Selection: "selected", Repositories: []string{"website"}, Created: ago(200), Updated: ago(200),
				Events:      []string{"pull_request"},
				Permissions: map[string]string{"metadata": "read", "pull_requests": "write"},
				App: &App{ID: 3002, Slug: "example-review", ClientID: "Iv23liDemoReview0001",
					Name:  "Example Review",
					Owner: "example-review-vendor",
					Permissions: map[string]string{"metadata": "read", "pull_requests": "write", "contents": "read",
						"organization_secrets": "read"}}},
			{ID: 5003, Selection: "all", Created: ago(900), Updated: ago(150), Suspended: ago(150),
				SuspendedBy: "acme-it",
				Permissions: map[string]string{"metadata": "read", "issues": "write"},
				App: &App{ID: 3003, Slug: "example-tracker", ClientID: "Iv1.demotracker00001", Name: "Example Tracker",
					Owner:       "example-tracker-vendor",
					Permissions: map[string]string{"metadata": "read", "issues": "write"}}},
			{ID: 5004, Selection: "all", Created: ago(700), Updated: ago(700),
				Permissions: map[string]string{"metadata": "read", "members": "read"},
				App: &App{ID: 3004, Slug: "acme-onboarding", ClientID: "Iv23liDemoAcmeOwn001", Name: "Acme Onboarding",
					Owner:       DemoOrganization,
					Permissions: map[string]string{"metadata": "read", "members": "read"}}},
		},
		Credentials: []*CredentialAuthorization{
			{ID: 6001, CredentialID: 61, Login: "acme-developer", Type: "personal access token", LastEight: "demo0001",
				Title:  "release script",
				Scopes: []string{"repo", "workflow"}, Authorized: ago(600), Accessed: ago(1)},
			{ID: 6002, CredentialID: 62, Login: "acme-developer", Type: "SSH key",
				Fingerprint: "SHA256:Demo0000000000000000000000000000000000000000",
				Title:       "laptop", Authorized: ago(60), Accessed: ago(1)},
			{ID: 6003, CredentialID: 63, Login: "acme-finance", Type: "OAuth app token", LastEight: "demo0003",
				Scopes:     []string{"read:org", "repo"},
				Authorized: ago(300), Accessed: ago(250)},
			{ID: 6004, CredentialID: 64, Login: "former-developer", Type: "personal access token",
				LastEight: "demo0004", Title: "backup",
				Scopes: []string{"admin:org", "repo"}, Authorized: ago(800)},
			{ID: 6005, CredentialID: 65, Login: "acme-support", Type: "personal access token", LastEight: "demo0005",
				Title:  "weekly report",
				Scopes: []string{"read:org"}, Authorized: ago(20), Accessed: ago(6), Expires: ahead(10)},
		},
		Tokens: []*Grant{
			{ID: 6501, TokenID: 71, Owner: developer, Selection: "subset", Repo: map[string]string{"metadata": "read",
				"contents": "write"},
				Granted: ago(30), Name: "docs bot", Expires: ahead(60), LastUsed: ago(1)},
			{ID: 6502, TokenID: 72, Owner: support, Selection: "all",
				Repo:    map[string]string{"metadata": "read", "issues": "read"},
				Granted: ago(400), Name: "ticket export"},
		},
		Requests: []*Grant{{ID: 6601, TokenID: 73, Owner: finance, Selection: "all", Reason: "monthly billing report",
			Organization: map[string]string{"members": "read", "organization_administration": "read"},
			Repo:         map[string]string{"metadata": "read"}, Granted: ago(2), Name: "billing report",
			Expires: ahead(30)}},
		Hooks: []*Hook{
			{ID: 7001, URL: "https://ci.acme.example/github", Events: []string{"push", "pull_request"},
				Created: ago(600),
				Updated: ago(600)},
			{ID: 7002, URL: "http://collector.example/in?key=demo", InsecureSSL: true, Events: []string{"*"},
				Created: ago(4),
				Updated: ago(4)},
		},
		Repositories: []*Repository{
			{ID: 8001, Name: "website", Keys: []*Key{
				{ID: 81, Title: "deploy", Key: sshKey(81), ReadOnly: true, AddedBy: "acme-it", Created: ago(500),
					LastUsed: ago(1)},
				{ID: 82, Title: "example-deployer", Key: sshKey(82), AddedBy: "example-deployer[bot]",
					Created: ago(700)}}},
			{ID: 8002, Name: "billing", Private: true,
				Keys: []*Key{{ID: 83, Title: "backup", Key: sshKey(83), AddedBy: "former-developer", Created: ago(900),
					LastUsed: ago(5)}},
				Hooks: []*Hook{{ID: 7101, URL: "https://chat.example/hooks/T0/B0", Events: []string{"push"},
					Created: ago(300),
					Updated: ago(300), LastResponse: 200}}},
		},
		Audit: []map[string]any{
			auditEntry(ago(3), "integration_installation.version_updated", "acme-it",
				map[string]any{"name": "Example CI",
					"integration": "Example CI"}),
			auditEntry(ago(40), "org.oauth_app_access_approved", "acme-it", map[string]any{"oauth_application_id": 9001,
				"oauth_application_name": "Example Board"}),
			auditEntry(ago(45), "org.oauth_app_access_requested", "acme-finance",
				map[string]any{"oauth_application_id": 9001,
					"oauth_application_name": "Example Board"}),
			auditEntry(ago(50), "org.oauth_app_access_denied", "acme-it", map[string]any{"oauth_application_id": 9002,
				"oauth_application_name": "Example Scheduler"}),
			auditEntry(ago(90), "integration_installation.create", "acme-developer",
				map[string]any{"name": "Example Review",
					"integration":          "Example Review",
					"repository_selection": "selected"}),
		},
	}, developer
}

func auditEntry(at time.Time, action, actor string, more map[string]any) map[string]any {
	entry := map[string]any{
		"@timestamp": at.UnixMilli(), "created_at": at.UnixMilli(), "action": action, "actor": actor,
		"org": DemoOrganization, "org_id": 1000,
		"_document_id":   base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))),
		"operation_type": "modify",
	}
	for name, value := range more {
		entry[name] = value
	}
	return entry
}

// sshKey is a public key for which no private key exists: a number in the right form.
func sshKey(n int) string {
	const kind = "ssh-ed25519"
	blob := binary.BigEndian.AppendUint32(nil, uint32(len(kind)))
	blob = append(blob, kind...)
	blob = binary.BigEndian.AppendUint32(blob, 32)
	blob = append(blob, make([]byte, 24)...)
	blob = binary.BigEndian.AppendUint64(blob, uint64(n))
	return kind + " " + base64.StdEncoding.EncodeToString(blob)
}

// DemoAppKey is how the demo's scanning App signs in.
type DemoAppKey struct {
	ClientID string
	Key      []byte // PEM, made for this run
}

// DemoApp is Demo with a GitHub App that may read everything, which is the way to see fine-grained
// tokens. Each call makes a new key.
func DemoApp(now time.Time) (Options, DemoAppKey, error) {
	const keyBits = 2048
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return Options{}, DemoAppKey{}, fmt.Errorf("making the demo App's key: %w", err)
	}
	options := Demo(now)
	app := &SignIn{
		ID: 3999, ClientID: "Iv23liDemoGuestlist1", Slug: "acme-guestlist", Owner: DemoOrganization,
		Key: &key.PublicKey, Installed: map[string]int64{DemoOrganization: 5999}, Permissions: map[string]string{},
	}
	for _, name := range []string{
		"metadata", "members", "administration", "repository_hooks", "organization_administration",
		"organization_hooks", "organization_personal_access_tokens", "organization_personal_access_token_requests",
	} {
		app.Permissions[name] = "read"
	}
	options.SignIn = app
	return options, DemoAppKey{ClientID: app.ClientID, Key: pem.EncodeToMemory(
		&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})}, nil
}

// DemoAppEarlier is DemoApp as it was a week before: the CI app held less and in one repository
// only, a badge app was still installed, and neither the collector's webhook nor the request for a
// token was there.
func DemoAppEarlier(now time.Time) (Options, DemoAppKey, error) {
	options, key, err := DemoApp(now)
	if err != nil {
		return options, key, err
	}
	then := now.AddDate(0, 0, -7)
	org := options.Organizations[0]
	ci := *org.Installations[0]
	ci.Permissions = map[string]string{"metadata": "read", "contents": "read"}
	ci.Selection, ci.Repositories, ci.Updated = "selected", []string{"website"}, ci.Created
	org.Installations[0] = &ci
	org.Installations = append(org.Installations, &AppInstallation{
		ID: 5005, Selection: "selected", Repositories: []string{"website"}, Created: now.AddDate(-1, 0, 0),
		Updated: now.AddDate(-1, 0, 0), Permissions: map[string]string{"metadata": "read", "contents": "read"},
		App: &App{ID: 3005, Slug: "example-badges", ClientID: "Iv23liDemoBadges0001", Name: "Example Badges",
			Owner:       "example-badges-vendor",
			Permissions: map[string]string{"metadata": "read", "contents": "read"}},
	})
	org.Hooks = slices.DeleteFunc(org.Hooks, func(hook *Hook) bool { return hook.Created.After(then) })
	org.Requests = slices.DeleteFunc(org.Requests, func(request *Grant) bool { return request.Granted.After(then) })
	return options, key, nil
}
