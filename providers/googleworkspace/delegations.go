package googleworkspace

import (
	"cmp"
	"context"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
	"strings"
	"time"
)

// delegations lists the changes of domain-wide delegation that the admin log still holds.
func (p *Provider) delegations(ctx context.Context) ([]inventory.Untrusted, *Fault, error) {
	var details []inventory.Untrusted
	rest, since := 0, p.env.Now().Add(-checkpoint.LogRetention)
	for _, change := range []struct{ name, verb string }{
		{"AUTHORIZE_API_CLIENT_ACCESS", "given to"}, {"REMOVE_API_CLIENT_ACCESS", "taken from"},
	} {
		_, fault, err := drain(ctx, p.api, Events, paging.List[*activityPage]{
			Fetch: pages(p.api, p.logCall("admin", change.name, since, delegateFields), (*activityPage).page),
			Key:   (*activityPage).id, MaxPages: maxDelegationPages,
		}, func(pages []*activityPage) error {
			for _, page := range pages {
				for n := range page.Items.entries {
					details = addDetail(details, &rest, delegation(&page.Items.entries[n], change.verb))
				}
			}
			return nil
		})
		if fault != nil || err != nil {
			return closeDetails(details, rest), fault, err
		}
	}
	return closeDetails(details, rest), nil, nil
}

// maxDelegationPages bounds the pages of changes that are read: only the newest are shown.
const maxDelegationPages = 20

func delegation(item *activity, verb string) inventory.Untrusted {
	client, scopes := "", ""
	for _, event := range item.Events.entries {
		for _, parameter := range event.Parameters.entries {
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
