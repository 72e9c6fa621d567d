package googleworkspace

import (
	"cmp"
	"context"
	"strings"
	"time"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// delegations lists the changes of domain-wide delegation that the admin log still holds.
func (p *Provider) delegations(ctx context.Context) ([]inventory.Untrusted, *api.Fault, error) {
	var details []inventory.Untrusted
	rest, since := 0, p.env.Now().Add(-checkpoint.LogRetention)
	for _, change := range []struct{ name, verb string }{
		{"AUTHORIZE_API_CLIENT_ACCESS", "given to"}, {"REMOVE_API_CLIENT_ACCESS", "taken from"},
	} {
		_, fault, err := api.Drain(ctx, p.api, api.Events, paging.List[*activityPage]{
			Fetch: api.Pages(p.api, p.logCall("admin", change.name, since, delegateFields), (*activityPage).page),
			Key:   (*activityPage).id, MaxPages: maxDelegationPages,
		}, func(pages []*activityPage) error {
			for _, page := range pages {
				for n := range page.Items.Entries {
					details = tally.AddDetail(details, &rest, delegation(&page.Items.Entries[n], change.verb))
				}
			}
			return nil
		})
		if fault != nil || err != nil {
			return tally.CloseDetails(details, rest), fault, err
		}
	}
	return tally.CloseDetails(details, rest), nil, nil
}

// maxDelegationPages bounds the pages of changes that are read: only the newest are shown.
const maxDelegationPages = 20

func delegation(item *activity, verb string) inventory.Untrusted {
	client, scopes := "", ""
	for _, event := range item.Events.Entries {
		for _, parameter := range event.Parameters.Entries {
			switch parameter.Name {
			case "API_CLIENT_NAME":
				client = parameter.Value
			case "API_SCOPES":
				scopes = cmp.Or(strings.Join(parameter.Values, " "), parameter.Value)
			}
		}
	}
	clean := func(text string) inventory.Untrusted { return inventory.Clean(text, inventory.MaxNameBytes) }
	return inventory.Textf("%s: %s client %q by %q: %s",
		activityTime(item).Format(time.DateOnly), verb, clean(client), clean(item.Actor.Email), clean(scopes))
}
