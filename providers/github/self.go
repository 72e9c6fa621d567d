package github

import (
	"context"
	"strconv"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// ownAccount is what a person's own account says about itself, for the self-check. What is not
// known is Unknown or a negative count.
type ownAccount struct {
	Login       inventory.Untrusted
	Name        inventory.Untrusted
	ID          inventory.Untrusted
	TwoFactor   inventory.Answer
	PublicRepos int
	PublicGists int
	// SecretGists is how many there are; anyone who has their address can read them.
	SecretGists int
	Created     lenient.Moment
}

// selfRecord is the part of GET /user that is used here. The last two need the scope "user".
type selfRecord struct {
	ID          lenient.Number `json:"id"`
	Login       lenient.Text   `json:"login"`
	Name        lenient.Text   `json:"name"`
	PublicRepos lenient.Number `json:"public_repos"`
	PublicGists lenient.Number `json:"public_gists"`
	Created     lenient.Moment `json:"created_at"`
	SecretGists lenient.Text   `json:"private_gists"`
	TwoFactor   lenient.Answer `json:"two_factor_authentication"`
}

func (r *selfRecord) IsProven() bool { return r.Login != "" }

var (
	specSelf = spec{
		name: "account", title: "your own account", path: "user",
		Need: api.Need{
			Permission: "profile:read", Tick: "Account permissions → Profile",
			Scopes: []string{"user"}, Page: "settings/security",
		},
		single: true,
	}
	specSSHKeys = spec{
		name: "ssh-keys", title: "your SSH keys", path: "user/keys",
		Need: api.Need{
			Permission: "git_ssh_keys:read", Tick: "Account permissions → Git SSH keys: Read-only",
			Scopes: []string{"read:public_key"}, Page: "settings/keys",
		},
	}
	specSigningKeys = spec{
		name: "signing-keys", title: "your signing keys", path: "user/ssh_signing_keys",
		Need: api.Need{
			Permission: "ssh_signing_keys:read",
			Tick:       "Account permissions → SSH signing keys: Read-only",
			Scopes:     []string{"read:ssh_signing_key"}, Page: "settings/keys",
		},
	}
	specGPGKeys = spec{
		name: "gpg-keys", title: "your GPG keys", path: "user/gpg_keys",
		Need: api.Need{
			Permission: "gpg_keys:read", Tick: "Account permissions → GPG keys: Read-only",
			Scopes: []string{"read:gpg_key"}, Page: "settings/keys",
		},
	}
)

// self reads the signed-in person's own account. Its error ends the scan.
func (c *collector) self(ctx context.Context) error {
	p := c.provider
	session, failed := p.session(ctx, "")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed != nil {
		c.coverFault(p.source("self"), failed, nil)
		return nil
	}
	self, failed := readSelf(ctx, session)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed != nil {
		c.coverFault(p.source("self"), failed, nil)
		return nil
	}
	scan := &selfScan{collector: c, session: session, self: self}
	for _, read := range []func(context.Context) error{scan.account, scan.token, scan.sshKeys, scan.signingKeys,
		scan.gpgKeys} {
		if err := read(ctx); err != nil {
			return scanError(ctx, err)
		}
	}
	scan.coverUnobservable()
	return nil
}

func readSelf(ctx context.Context, session *api.Session) (*ownAccount, *api.Fault) {
	var record selfRecord
	if err := session.Read(ctx, specSelf.path, &record); err != nil {
		return nil, session.About(&specSelf.Need, "").Explain(err)
	}
	self := &ownAccount{
		Login: inventory.Untrusted(record.Login), Name: inventory.Untrusted(record.Name),
		ID: inventory.Untrusted(formatID(record.ID)), TwoFactor: inventory.AnswerOf(record.TwoFactor.Value),
		PublicRepos: int(record.PublicRepos), PublicGists: int(record.PublicGists),
		SecretGists: -1, Created: record.Created,
	}
	if count, err := strconv.Atoi(string(record.SecretGists)); err == nil {
		self.SecretGists = count
	}
	return self, nil
}

// selfScan reads what belongs to one's own account.
type selfScan struct {
	*collector
	session *api.Session
	self    *ownAccount
}

func (s *selfScan) about(source *spec) *api.Question {
	return s.session.About(&source.Need, string(s.self.Login))
}

func (s *selfScan) source(source *spec) inventory.Source {
	return s.provider.source(string(s.self.Login), source.name)
}

func (s *selfScan) account(context.Context) error {
	out := inventory.Account{
		Source: s.source(&specSelf), ID: s.self.ID, Login: s.self.Login, Name: s.self.Name, TwoFactor: s.self.TwoFactor,
		Created: s.self.Created.Time,
		Facts: map[string]inventory.Untrusted{
			inventory.FactOwn:     "yes",
			"public_repositories": inventory.Untrusted(strconv.Itoa(s.self.PublicRepos)),
			"public_gists":        inventory.Untrusted(strconv.Itoa(s.self.PublicGists)),
		},
	}
	coverage := inventory.Coverage{Source: out.Source, Status: inventory.StatusComplete}
	coverage.Details = append(coverage.Details, inventory.Textf(
		"public repositories, which anyone can read: %d; public gists: %d", s.self.PublicRepos, s.self.PublicGists))
	if s.self.TwoFactor == inventory.Yes {
		coverage.Details = append(coverage.Details, "two-factor authentication is on")
	}
	if s.self.SecretGists >= 0 {
		out.Facts[inventory.FactSecretGists] = inventory.Untrusted(strconv.Itoa(s.self.SecretGists))
	}
	if s.self.TwoFactor == inventory.Unknown {
		_, remedy := s.about(&specSelf).Grant("user")
		coverage.Status, coverage.Remedy = inventory.StatusPartial, remedy
		coverage.Reason = "GitHub reports whether you have a second factor, and how many secret gists you have, only to a token " +
			"with the scope \"user\""
	}
	s.cover(coverage)
	return s.addAccount(&out)
}

// token describes the token that signs in.
func (s *selfScan) token(context.Context) error {
	scopes, scoped, expires := s.session.Said()
	source := s.provider.source(string(s.self.Login), "token")
	item := &inventory.Item{
		Source: source, Kind: inventory.KindAccessToken, State: inventory.StateEnabled,
		App: inventory.App{ID: "this-token", Name: inventory.Untrusted(s.session.From),
			URL: inventory.Untrusted(s.provider.client.Host.Web + "settings/tokens")},
		Holder:  inventory.Holder{Account: s.self.Login, AccountID: s.self.ID},
		Access:  inventory.Access{Permissions: inventory.All(scopes), Basis: inventory.BasisActive},
		Expires: expires, Facts: facts("credential_type", s.session.Kind.String()),
	}
	coverage := inventory.Coverage{Source: source, Status: inventory.StatusComplete}
	if !scoped {
		item.Access.Basis = ""
		coverage.Status = inventory.StatusPartial
		coverage.Reason = "GitHub does not report what a token of this kind may do"
		coverage.Remedy = inventory.Untrusted("open " + s.provider.client.Host.Web + "settings/personal-access-tokens")
		coverage.Unobservable = true
	}
	if expires.IsZero() && s.session.Kind == api.KindClassic {
		// GitHub reports the expiry of every personal access token that has one.
		item.Mark(inventory.MarkNote, inventory.MarkNoExpiry, "")
	}
	s.cover(coverage)
	return s.addItem(item)
}

func (s *selfScan) coverUnobservable() {
	s.cover(inventory.Coverage{
		Source: s.provider.source(string(s.self.Login), "own-grants"), Status: inventory.StatusNotObservable,
		Unobservable: true, Reason: "GitHub's API does not report which OAuth and GitHub Apps you authorized",
		Remedy: inventory.Untrusted("open " + s.provider.client.Host.Web + pageOwnGrants),
	})
}
