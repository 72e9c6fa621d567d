package github

import (
	"cmp"
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// ownKey is one entry of GET /user/keys or /user/ssh_signing_keys.
type ownKey struct {
	ID       lenient.Number `json:"id"`
	Key      lenient.Text   `json:"key"`
	Title    lenient.Text   `json:"title"`
	Created  lenient.Moment `json:"created_at"`
	LastUsed lenient.Moment `json:"last_used"`
}

// ownGPGKey is one entry of GET /user/gpg_keys.
type ownGPGKey struct {
	ID     lenient.Number `json:"id"`
	KeyID  lenient.Text   `json:"key_id"`
	Name   lenient.Text   `json:"name"`
	Emails []struct {
		Email lenient.Text `json:"email"`
	} `json:"emails"`
	Created lenient.Moment `json:"created_at"`
	Expires lenient.Moment `json:"expires_at"`
	Revoked lenient.Answer `json:"revoked"`
}

// ownList reads one list from the person's own account and covers it. Its error ends the scan.
func ownList[T any](ctx context.Context, s *selfScan, source *spec, kind inventory.Kind,
	fill func(*T, *inventory.Item) error,
) error {
	where := s.source(source)
	var faults []inventory.Untrusted
	read, err := s.session.Walk(ctx, api.List{Path: source.path}, func(entries []jsontext.Value) error {
		return api.Each(entries, &faults, func(key *T) error {
			item := &inventory.Item{Source: where, Kind: kind, State: inventory.StateEnabled,
				Holder: inventory.Holder{Account: s.self.Login, AccountID: s.self.ID},
				App:    inventory.App{URL: inventory.Untrusted(s.provider.client.Host.Web + source.Page)},
				Access: inventory.Access{Repositories: "all"}}
			if err := fill(key, item); err != nil {
				return err
			}
			return s.addItem(item)
		})
	})
	if err != nil && endsScan(ctx, err) {
		return err
	}
	var failed *api.Fault
	if err != nil {
		failed = s.about(source).Explain(err)
		failed.Partial = failed.Partial || read > 0
	}
	s.coverFault(where, failed, faults)
	return nil
}

func (s *selfScan) sshKeys(ctx context.Context) error {
	return ownList(ctx, s, &specSSHKeys, inventory.KindSSHKey, func(key *ownKey, item *inventory.Item) error {
		item.LastUsed = key.LastUsed.Time
		return key.describe(item, "authentication")
	})
}

func (s *selfScan) signingKeys(ctx context.Context) error {
	return ownList(ctx, s, &specSigningKeys, inventory.KindSSHKey, func(key *ownKey, item *inventory.Item) error {
		item.Access.Repositories = "none" // it only signs and gives no access
		return key.describe(item, "signing")
	})
}

func (k *ownKey) describe(item *inventory.Item, usage string) error {
	if k.ID == 0 && k.Key == "" {
		return api.Skip("a key came without its ID")
	}
	item.App.ID, item.App.Name = keyID(string(k.Key), k.ID), inventory.Untrusted(k.Title)
	item.Added = k.Created.Time
	item.Facts = facts("key_id", formatID(k.ID), "usage", usage)
	return nil
}

func (s *selfScan) gpgKeys(ctx context.Context) error {
	return ownList(ctx, s, &specGPGKeys, inventory.KindGPGKey, func(key *ownGPGKey, item *inventory.Item) error {
		if key.KeyID == "" && key.ID == 0 {
			return api.Skip("a key came without its ID")
		}
		item.App.ID, item.App.Name = inventory.Untrusted(cmp.Or(string(key.KeyID), "key-"+formatID(key.ID))),
			inventory.Untrusted(key.Name)
		if len(key.Emails) > 0 {
			item.App.Name = inventory.Untrusted(key.Emails[0].Email)
		}
		item.Added, item.Expires = key.Created.Time, key.Expires.Time
		item.Access.Repositories = "none"
		item.Facts = facts("usage", "signing")
		if key.Revoked.Is(true) {
			item.State, item.StateReasons = inventory.StateDisabled, []inventory.Untrusted{"revoked"}
		}
		if key.Expires.Null {
			item.Mark(inventory.MarkNote, inventory.MarkNoExpiry, "")
		}
		return nil
	})
}
