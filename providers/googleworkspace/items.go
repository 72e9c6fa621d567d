package googleworkspace

import (
	"slices"
	"strconv"

	"guestlist/scanner/inventory"
)

// mayAct says whether what the account holds can act at all.
func (u *userRecord) mayAct() (inventory.State, []inventory.Untrusted) {
	var reasons []inventory.Untrusted
	if u.isSuspended() {
		reasons = append(reasons, "account suspended")
	}
	if u.isArchived() {
		reasons = append(reasons, "account archived")
	}
	if reasons != nil {
		return inventory.StateDisabled, reasons
	}
	return inventory.StateEnabled, nil
}

// item is a grant as the snapshot holds it, in the source of its user.
func (g *grant) item(source inventory.Source, user *userRecord, organization inventory.Untrusted) inventory.Item {
	id := normalizeClientID(g.Client)
	item := inventory.Item{
		Source: source, Kind: inventory.KindOAuthGrant,
		App: inventory.App{
			ID: inventory.Untrusted(id), Name: inventory.Untrusted(g.Name), Project: inventory.Untrusted(projectOf(id)),
		},
		Holder: user.holder(organization),
		Access: g.access(),
		Added:  g.First, LastUsed: g.Used,
		Facts: facts("client_type", g.ClientType, "anonymous", strconv.FormatBool(g.Anonymous), "native_app",
			strconv.FormatBool(g.Native)),
	}
	if g.Last.After(g.First) {
		item.Updated = g.Last
	}
	item.State, item.StateReasons = user.mayAct()
	if g.Anonymous {
		item.Mark(inventory.MarkNote, inventory.MarkAnonymous, "not registered with Google")
	}
	if g.Native {
		item.Mark(inventory.MarkNote, inventory.MarkNative, inventory.Untrusted(g.ClientType))
	}
	if g.Agent != "" {
		item.Mark(inventory.MarkNote, inventory.MarkByAgent, inventory.Untrusted(g.Agent))
	}
	if name := firstParty[id]; name != "" {
		item.Mark(inventory.MarkNote, inventory.MarkFirstParty, inventory.Untrusted(name))
	}
	return item
}

// access is what the grant lets its app do. Without scopes from Google it is unknown.
func (g *grant) access() inventory.Access {
	if g.Scopes == nil {
		return inventory.Access{}
	}
	return inventory.Access{Permissions: inventory.All(g.Scopes), Basis: inventory.BasisActive}
}

// item is an app password as the snapshot holds it. Its name is what the user typed and says
// nothing about what uses it.
func (p *password) item(source inventory.Source, user *userRecord, organization inventory.Untrusted) *inventory.Item {
	item := &inventory.Item{
		Source: source, Kind: inventory.KindAppPassword,
		App:    inventory.App{ID: inventory.Untrusted(strconv.FormatInt(p.ID, 10)), Name: inventory.Untrusted(p.Name)},
		Holder: user.holder(organization), Added: p.Created, LastUsed: p.Used,
	}
	item.State, item.StateReasons = user.mayAct()
	item.Mark(inventory.MarkNote, inventory.MarkNoExpiry, "")
	return item
}

// facts makes a map of the pairs with a nonempty value.
func facts(pairs ...string) map[string]inventory.Untrusted {
	var made map[string]inventory.Untrusted
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] == "" {
			continue
		}
		if made == nil {
			made = map[string]inventory.Untrusted{}
		}
		made[pair[0]] = inventory.Untrusted(pair[1])
	}
	return made
}
