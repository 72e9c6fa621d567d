package github

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// deployKey is one entry of GET /repos/{owner}/{repo}/keys.
type deployKey struct {
	ID       lenient.Number `json:"id"`
	Key      lenient.Text   `json:"key"`
	Title    lenient.Text   `json:"title"`
	ReadOnly lenient.Answer `json:"read_only"`
	Verified lenient.Answer `json:"verified"`
	Enabled  lenient.Answer `json:"enabled"`
	AddedBy  lenient.Text   `json:"added_by"`
	Created  lenient.Moment `json:"created_at"`
	LastUsed lenient.Moment `json:"last_used"`
}

func (r *repositoryScan) keys(entry jsontext.Value, faults *[]inventory.Untrusted, source inventory.Source,
	name string,
) error {
	return api.Each([]jsontext.Value{entry}, faults, func(k *deployKey) error {
		if k.ID == 0 && k.Key == "" {
			return api.Skip("a deploy key came without its ID")
		}
		item := &inventory.Item{
			Source: source, Kind: inventory.KindDeployKey, State: inventory.StateEnabled,
			App: inventory.App{ID: keyID(string(k.Key), k.ID), Name: inventory.Untrusted(k.Title),
				URL: inventory.Untrusted(r.provider.client.Host.Web + r.login + "/" + name + "/settings/keys")},
			Holder: r.holderOf(name), Access: inventory.Access{Repositories: inventory.Untrusted(r.login + "/" + name),
				Basis: inventory.BasisGranted},
			Added: k.Created.Time, LastUsed: k.LastUsed.Time,
			Facts: facts("key_id", formatID(k.ID), "added_by", string(k.AddedBy)),
		}
		// A deploy key can read the repository and, unless it is read-only, write it; unknown
		// counts as writing.
		item.Access.Permissions = []inventory.Untrusted{"contents:write"}
		if k.ReadOnly.Is(true) {
			item.Access.Permissions[0] = "contents:read"
		}
		if k.LastUsed.Null {
			setFact(item, "never_used", "true")
		}
		if k.Enabled.Is(false) {
			item.State, item.StateReasons = inventory.StateDisabled,
				[]inventory.Untrusted{"the organization has turned deploy keys off"}
		}
		if k.Verified.Is(false) {
			setFact(item, "verified", "false")
		}
		r.judgeKeyOwner(item, string(k.AddedBy))
		return r.addItem(item)
	})
}

// judgeKeyOwner marks a deploy key whose creator has left. One that a GitHub App created survives
// the App's removal.
func (r *repositoryScan) judgeKeyOwner(item *inventory.Item, addedBy string) {
	slug, isApp := strings.CutSuffix(strings.ToLower(addedBy), "[bot]")
	switch {
	case !isApp:
		r.judgeOwner(item, addedBy)
	case r.present != nil && !r.present[slug]:
		item.Mark(inventory.MarkNote, inventory.MarkOwnerLeft,
			inventory.Textf("the GitHub App %s that made it is no longer installed", inventory.Untrusted(slug)))
	}
}

// keyID identifies an SSH key by its fingerprint, as ssh-keygen and GitHub spell it, or by GitHub's
// number if the key is not valid.
func keyID(key string, id lenient.Number) inventory.Untrusted {
	fields := strings.Fields(key)
	if len(fields) >= 2 {
		if blob, err := base64.StdEncoding.DecodeString(fields[1]); err == nil && len(blob) > 0 {
			sum := sha256.Sum256(blob)
			return inventory.Untrusted("SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:]))
		}
	}
	return inventory.Untrusted("key-" + formatID(id))
}
