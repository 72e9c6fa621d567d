package githubfake

import (
	"fmt"
	"slices"
	"time"
)

// Sizes say how much a generated organization holds.
type Sizes struct {
	Members, Outside, Installations, Credentials, Tokens, Requests, Hooks, Repositories int
}

// Generate makes an organization of the given sizes, the same on every call. Every twentieth member
// has no second factor, every fiftieth a weak one, and every hundredth is an owner, as is the
// first.
func Generate(login string, sizes Sizes) *Organization {
	org := &Organization{Login: login, ID: 4242, Plan: Cloud, SAML: true, TwoFactorRequired: true}
	for n := range sizes.Members {
		org.Members = append(org.Members, &Member{User: generatedUser("member", n), Admin: n%100 == 0,
			Public: n%10 == 0})
	}
	for n := range sizes.Outside {
		org.Outside = append(org.Outside, generatedUser("outside", n))
	}
	for n := range sizes.Repositories {
		org.Repositories = append(org.Repositories, generatedRepository(n))
	}
	permissions := permissionNames()
	for n := range sizes.Installations {
		org.Installations = append(org.Installations, generatedInstallation(n, permissions))
	}
	for n := range sizes.Credentials {
		org.Credentials = append(org.Credentials, generatedCredential(n, max(sizes.Members, 1)))
	}
	for n := range sizes.Tokens {
		org.Tokens = append(org.Tokens, generatedGrant(n, max(sizes.Members, 1)))
	}
	for n := range sizes.Requests {
		org.Requests = append(org.Requests, generatedGrant(1_000_000+n, max(sizes.Members, 1)))
	}
	for n := range sizes.Hooks {
		org.Hooks = append(org.Hooks, generatedHook(n))
	}
	return org
}

func generatedUser(role string, n int) *User {
	user := &User{Login: fmt.Sprintf("%s-%05d", role, n), ID: int64(10_000 + n), Created: day(n)}
	switch {
	case n%20 == 19:
		user.TwoFactor = TwoFactorOff
	case n%50 == 48:
		user.TwoFactor = TwoFactorInsecure
	}
	return user
}

func generatedInstallation(n int, permissions []string) *AppInstallation {
	granted := map[string]string{"metadata": "read"}
	for k := range 5 {
		name := permissions[(n*5+k)%len(permissions)]
		levels := Permissions()[name]
		granted[name] = levels[n%len(levels)]
	}
	wanted := map[string]string{}
	for name, level := range granted {
		wanted[name] = level
	}
	if n%10 == 0 {
		wanted["workflows"] = "write"
	}
	selection := []string{"all", "selected"}[n%2]
	slug := fmt.Sprintf("app-%04d", n)
	return &AppInstallation{
		ID: int64(500_000 + n), Permissions: granted, Events: []string{"push", "pull_request"}, Selection: selection,
		Created: day(n), Updated: day(n + 1),
		App: &App{ID: int64(1000 + n), Slug: slug, ClientID: fmt.Sprintf("Iv23li%010d", n), Name: "App " + slug,
			Owner: "vendor-" + slug, Permissions: wanted, Events: []string{"push"}},
	}
}

func generatedCredential(n, members int) *CredentialAuthorization {
	kinds := []string{"personal access token", "SSH key", "OAuth app token", "GitHub app token"}
	c := &CredentialAuthorization{
		ID: int64(7_000_000 + n), CredentialID: int64(8_000_000 + n), Login: fmt.Sprintf("member-%05d", n%members),
		Type:       kinds[n%len(kinds)],
		Authorized: day(n), Accessed: day(n + 30), Title: fmt.Sprintf("credential %d", n),
	}
	if c.Type == "SSH key" {
		c.Fingerprint = fmt.Sprintf("SHA256:%043d", n)
		return c
	}
	c.LastEight, c.Scopes = fmt.Sprintf("%08d", n), []string{"repo", "read:org"}
	return c
}

func generatedGrant(n, members int) *Grant {
	return &Grant{
		ID: int64(20_000 + n), TokenID: int64(30_000 + n), Owner: generatedUser("member", n%members), Selection: "all",
		Repo: map[string]string{"metadata": "read", "contents": "write"}, Granted: day(n),
		Name: fmt.Sprintf("token %d", n), Expires: day(n + 4000),
	}
}

func generatedHook(n int) *Hook {
	return &Hook{ID: int64(600 + n), URL: fmt.Sprintf("https://hook-%d.acme.example/in", n), Events: []string{"push"},
		Created: day(n), Updated: day(n)}
}

func generatedRepository(n int) *Repository {
	r := &Repository{ID: int64(900_000 + n), Name: fmt.Sprintf("repository-%04d", n), Private: true}
	if n%3 == 0 {
		r.Keys = []*Key{{ID: int64(40_000 + n), Title: "deploy", Key: sshKey(n), ReadOnly: n%2 == 0,
			AddedBy: "member-00000",
			Created: day(n)}}
	}
	if n%4 == 0 {
		r.Hooks = []*Hook{generatedHook(10_000 + n)}
	}
	return r
}

func permissionNames() []string {
	var names []string
	for name := range Permissions() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// day is a time n days after the epoch, within a few years.
func day(n int) time.Time { return epoch.AddDate(0, 0, n%2000) }
