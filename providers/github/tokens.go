package github

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// grant is one entry of GET /orgs/{org}/personal-access-tokens, or of the requests for them.
type grant struct {
	ID          lenient.Number  `json:"id"`
	Owner       lenient.Account `json:"owner"`
	Selection   lenient.Text    `json:"repository_selection"`
	Permissions struct {
		Organization lenient.Levels `json:"organization"`
		Repository   lenient.Levels `json:"repository"`
		Other        lenient.Levels `json:"other"`
	} `json:"permissions"`
	Granted  lenient.Moment `json:"access_granted_at"`
	Created  lenient.Moment `json:"created_at"` // of a request
	Reason   lenient.Text   `json:"reason"`
	TokenID  lenient.Number `json:"token_id"`
	Name     lenient.Text   `json:"token_name"`
	Expired  lenient.Answer `json:"token_expired"`
	Expires  lenient.Moment `json:"token_expires_at"`
	LastUsed lenient.Moment `json:"token_last_used_at"`
}

// tokens reads the fine-grained tokens that were approved. Its error ends the scan.
func (o *organizationScan) tokens(ctx context.Context) error {
	return o.grants(ctx, &specTokens, func(g *grant, item *inventory.Item) {
		item.Kind, item.Added = inventory.KindAccessToken, g.Granted.Time
		item.Access.Permissions = g.list()
		if g.Expired.Is(true) {
			item.State = inventory.StateDisabled
			item.StateReasons = append(item.StateReasons, "expired")
		}
		o.judgeExpiry(item, g.Expires)
	})
}

// requests reads the requests for fine-grained tokens that await approval. Its error ends the scan.
func (o *organizationScan) requests(ctx context.Context) error {
	return o.grants(ctx, &specRequests, func(g *grant, item *inventory.Item) {
		item.Kind, item.Added = inventory.KindTokenRequest, g.Created.Time
		item.Access.Requested = g.list()
		item.State, item.StateReasons = inventory.StateDisabled, []inventory.Untrusted{"waits for approval"}
		setFact(item, "reason", string(g.Reason))
		if g.Expires.Null {
			item.Mark(inventory.MarkNote, inventory.MarkNoExpiry, "")
		}
	})
}

func (o *organizationScan) grants(ctx context.Context, source *spec, finish func(*grant, *inventory.Item)) error {
	return o.read(ctx, source, api.List{}, func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
		return api.Each(entries, faults, func(g *grant) error {
			if g.TokenID == 0 && g.ID == 0 {
				return api.Skip("a token came without its ID")
			}
			item := &inventory.Item{
				Source: o.source(source), State: inventory.StateEnabled, Holder: o.holder(g.Owner.Login, g.Owner.ID),
				App: inventory.App{ID: inventory.Untrusted(formatID(g.TokenID)), Name: inventory.Untrusted(g.Name),
					URL: inventory.Untrusted(o.provider.pageFor(source, o.login))},
				Access:  inventory.Access{Repositories: selection(string(g.Selection)), Basis: inventory.BasisGranted},
				Expires: g.Expires.Time, LastUsed: g.LastUsed.Time, Facts: facts("grant_id", formatID(g.ID)),
			}
			if g.TokenID == 0 {
				item.App.ID = inventory.Untrusted("grant-" + formatID(g.ID))
			}
			if g.LastUsed.Null {
				setFact(item, "never_used", "true")
			}
			o.judgeOwner(item, string(g.Owner.Login))
			finish(g, item)
			if !g.knowsPermissions() {
				item.Access.Basis = ""
				*faults = append(*faults, "GitHub did not say what token "+item.App.ID+" may do")
			}
			return o.addItem(item)
		})
	})
}

// list joins the three groups of permissions.
func (g *grant) list() []inventory.Untrusted {
	return slices.Concat(g.Permissions.Organization.List(), g.Permissions.Repository.List(), g.Permissions.Other.List())
}

func (g *grant) knowsPermissions() bool {
	return g.Permissions.Organization.Known || g.Permissions.Repository.Known || g.Permissions.Other.Known
}
