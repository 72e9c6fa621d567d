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

// delegationLog is how reading the admin log's changes of domain-wide delegation went.
type delegationLog struct {
	changes  []inventory.Untrusted // the newest of each kind first
	entries  int
	fault    *api.Fault
	unproven bool // an answer did not say that it is the log
}

// delegations lists the changes of domain-wide delegation that the admin log still holds.
func (p *Provider) delegations(ctx context.Context) (*delegationLog, error) {
	log, since := &delegationLog{}, p.env.Now().Add(-checkpoint.LogRetention)
	rest := 0
	for _, change := range []struct{ name, verb string }{
		{"AUTHORIZE_API_CLIENT_ACCESS", "given to"}, {"REMOVE_API_CLIENT_ACCESS", "taken from"},
	} {
		_, fault, err := api.Drain(ctx, p.api, api.Events, paging.List[*activityPage]{
			Fetch: api.Pages(p.api, p.logCall("admin", change.name, since, delegateFields),
				func(answer *activityPage) *paging.Page[*activityPage] {
					log.unproven = log.unproven || !answer.proven()
					return answer.page()
				}),
			Key: (*activityPage).id, MaxPages: maxDelegationPages,
		}, func(pages []*activityPage) error {
			for _, page := range pages {
				log.entries += len(page.Items.Entries)
				for n := range page.Items.Entries {
					log.changes = tally.AddDetail(log.changes, &rest, delegation(&page.Items.Entries[n], change.verb))
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if log.fault = fault; fault != nil {
			break
		}
	}
	log.changes = tally.CloseDetails(log.changes, rest)
	return log, nil
}

func (l *delegationLog) coverage(source inventory.Source) inventory.Coverage {
	coverage := inventory.Coverage{Source: source, Status: inventory.StatusComplete}
	switch {
	case l.fault != nil:
		coverage = l.fault.Coverage(source)
		if l.entries > 0 {
			coverage.Status = inventory.StatusPartial
		}
	case l.unproven:
		coverage.Details = []inventory.Untrusted{unprovenLog}
	}
	return coverage
}

// unprovenLog describes a log whose answer has neither its kind nor entries. It is a gap only where
// a decision depends on what the log does not contain: entries only add dates and notes.
const unprovenLog = "Google's answer does not say that it is the log, so it may hold more than was read"

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
