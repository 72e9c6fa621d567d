package github

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// credentialAuthorization is one entry of GET /orgs/{org}/credential-authorizations.
type credentialAuthorization struct {
	ID lenient.Number `json:"credential_id"`
	// stays the same when the credential is authorized again
	CredentialID lenient.Number `json:"authorized_credential_id"`
	Login        lenient.Text   `json:"login"`
	Type         lenient.Text   `json:"credential_type"`
	LastEight    lenient.Text   `json:"token_last_eight"`
	Fingerprint  lenient.Text   `json:"fingerprint"`
	Scopes       lenient.Texts  `json:"scopes"` // of a token; without them its access is unknown
	Title        lenient.Text   `json:"authorized_credential_title"`
	Note         lenient.Text   `json:"authorized_credential_note"`
	Authorized   lenient.Moment `json:"credential_authorized_at"`
	Accessed     lenient.Moment `json:"credential_accessed_at"`
	Expires      lenient.Moment `json:"authorized_credential_expires_at"`
}

// sshKey is the kind of a credential that has no scopes.
const sshKey = "ssh-key"

// credentials reads what members authorized for single sign-on. Its error ends the scan.
func (o *organizationScan) credentials(ctx context.Context) error {
	return o.read(ctx, &specCredentials, api.List{Naming: api.ByToken},
		func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
			return api.Each(entries, faults, func(a *credentialAuthorization) error {
				if a.ID == 0 && a.CredentialID == 0 {
					return api.Skip("a credential authorization came without its ID")
				}
				if a.Login == "" {
					*faults = append(*faults, "GitHub did not say whose credential "+inventory.Untrusted(formatID(a.ID))+" is")
				}
				return o.addItem(o.credentialItem(a))
			})
		})
}

func (o *organizationScan) credentialItem(a *credentialAuthorization) *inventory.Item {
	kind := strings.ReplaceAll(strings.ToLower(string(a.Type)), " ", "-")
	if kind == "" {
		kind = "credential"
	}
	item := &inventory.Item{
		Source: o.source(&specCredentials), Kind: inventory.KindCredential, State: inventory.StateEnabled,
		App: inventory.App{ID: inventory.Untrusted(kind + "/" + formatID(a.CredentialID)),
			Name: inventory.Untrusted(a.Type)},
		Holder: o.holder(a.Login, o.roster.id(a.Login)),
		Access: inventory.Access{Permissions: inventory.All(a.Scopes.Of), Basis: inventory.BasisGranted},
		Added:  a.Authorized.Time, LastUsed: a.Accessed.Time, Expires: a.Expires.Time,
		Facts: facts("credential_type", string(a.Type), "credential_id", formatID(a.ID), "fingerprint",
			string(a.Fingerprint),
			"token_last_four", lastFour(string(a.LastEight))),
	}
	if !a.Scopes.Known && kind != sshKey {
		item.Access.Basis = ""
	}
	if a.CredentialID == 0 {
		// An authorization's own number changes when it is given again, so it is the second choice.
		item.App.ID = inventory.Untrusted(kind + "/authorization-" + formatID(a.ID))
	}
	for _, name := range []lenient.Text{a.Title, a.Note} {
		if name != "" {
			item.App.Name = inventory.Untrusted(name)
		}
	}
	if login := string(a.Login); organizationName.MatchString(login) {
		item.App.URL = inventory.Untrusted(o.provider.client.Host.Web + "orgs/" + o.login + "/people/" + login + "/sso")
	}
	if a.Accessed.Null {
		setFact(item, "never_used", "true")
	}
	if kind != sshKey {
		o.judgeExpiry(item, a.Expires)
	}
	o.judgeOwner(item, string(a.Login))
	return item
}

// judgeExpiry marks what never expires, and turns off what has expired.
func (o *organizationScan) judgeExpiry(item *inventory.Item, expires lenient.Moment) {
	switch {
	case expires.Null:
		item.Mark(inventory.MarkNote, inventory.MarkNoExpiry, "")
	case !expires.IsZero() && !expires.After(o.provider.client.Now()):
		item.State = inventory.StateDisabled
		item.StateReasons = append(item.StateReasons, "expired")
	}
}

// judgeOwner marks what belongs to someone who has left.
func (o *organizationScan) judgeOwner(item *inventory.Item, login string) {
	if o.roster.hasLeft(login) {
		item.Mark(inventory.MarkNote, inventory.MarkOwnerLeft,
			inventory.Textf("%s is neither a member nor an outside collaborator", inventory.Untrusted(login)))
	}
}

// lastFour keeps half of what GitHub shows of a token, which is enough to find it.
func lastFour(lastEight string) string { return lastEight[max(0, len(lastEight)-4):] }
