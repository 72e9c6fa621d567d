package github

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// maxInstallationPages bounds the list of installed apps to 10,000.
const maxInstallationPages = 100

// installation is one entry of GET /orgs/{org}/installations, or of the enterprise's list, which
// has fewer fields.
type installation struct {
	ID          lenient.Number  `json:"id"`
	AppID       lenient.Number  `json:"app_id"`
	ClientID    lenient.Text    `json:"client_id"`
	Slug        lenient.Text    `json:"app_slug"`
	Page        lenient.Text    `json:"html_url"`
	Selection   lenient.Text    `json:"repository_selection"`
	Permissions lenient.Levels  `json:"permissions"`
	Events      lenient.Texts   `json:"events"`
	SingleFiles lenient.Texts   `json:"single_file_paths"`
	Created     lenient.Moment  `json:"created_at"`
	Updated     lenient.Moment  `json:"updated_at"`
	Suspended   lenient.Moment  `json:"suspended_at"`
	SuspendedBy lenient.Account `json:"suspended_by"`
	Account     lenient.Account `json:"account"` // where it is installed
}

// installations reads the installed GitHub Apps. Its error ends the scan.
func (o *organizationScan) installations(ctx context.Context) error {
	return o.installationsBy(ctx, &specInstallations,
		api.List{Envelope: "installations", MaxPages: maxInstallationPages})
}

// installationsBy reads them from the organization's own list, or from its enterprise's.
func (o *organizationScan) installationsBy(ctx context.Context, source *spec, from api.List) error {
	present := map[string]bool{}
	reach := &reach{scan: o}
	coverage, err := o.gather(ctx, source, from, func(entries []jsontext.Value, faults *[]inventory.Untrusted) error {
		return o.installationPage(ctx, entries, faults, reach, present)
	})
	if err != nil {
		return err
	}
	if coverage.Status == inventory.StatusComplete {
		o.present = present
	}
	o.cover(coverage)
	reach.cover()
	return nil
}

// installationPage turns a page's entries into items.
func (o *organizationScan) installationPage(ctx context.Context, entries []jsontext.Value,
	faults *[]inventory.Untrusted,
	reach *reach, present map[string]bool,
) error {
	var page []*installation
	if err := api.Each(entries, faults, func(i *installation) error {
		switch {
		case i.ID == 0 && i.AppID == 0 && i.ClientID == "" && i.Slug == "":
			return api.Skip("an installation came without its ID and its app's")
		case !o.isOurs(&i.Account):
			return api.Skip("an installation is not on this organization")
		}
		page = append(page, i)
		return nil
	}); err != nil {
		return err
	}
	if err := o.provider.lookUpApps(ctx, o.session, page); err != nil {
		return err
	}
	for _, i := range page {
		present[strings.ToLower(string(i.Slug))] = true
		item, faulty := o.installationItem(i)
		*faults = append(*faults, faulty...)
		if err := reach.of(ctx, i, item); err != nil {
			return err
		}
		if err := o.addItem(item); err != nil {
			return err
		}
	}
	return nil
}

// installationItem makes the item, and says which parts of it are unknown.
func (o *organizationScan) installationItem(i *installation) (*inventory.Item, []inventory.Untrusted) {
	app := o.provider.app(string(i.Slug))
	item := &inventory.Item{
		Source: o.source(&specInstallations), Kind: inventory.KindInstallation, State: inventory.StateEnabled,
		App: inventory.App{
			ID: inventory.Untrusted(formatID(i.AppID)), Name: inventory.Untrusted(i.Slug),
			URL: inventory.Untrusted(i.Page),
		},
		Holder: inventory.Holder{Organization: inventory.Untrusted(o.login)},
		Access: inventory.Access{
			Permissions: i.Permissions.List(), Repositories: selection(string(i.Selection)),
			Basis: inventory.BasisGranted,
		},
		Added: i.Created.Time, Updated: i.Updated.Time,
		Facts: facts("app_slug", string(i.Slug), "client_id", string(i.ClientID), "installation_id", formatID(i.ID),
			"events", joined(i.Events.Of), "single_file_paths", joined(i.SingleFiles.Of)),
	}
	var faulty []inventory.Untrusted
	if i.AppID == 0 {
		item.App.ID = app.idOf(i)
	}
	if !i.Permissions.Known {
		item.Access.Basis = ""
		faulty = append(faulty, inventory.Untrusted("GitHub did not say what "+string(i.Slug)+" may do"))
	}
	if !i.Suspended.IsZero() {
		item.State = inventory.StateDisabled
		item.StateReasons = []inventory.Untrusted{inventory.Untrusted(suspension(i))}
		setFact(item, "suspended", i.Suspended.UTC().Format("2006-01-02"))
		setFact(item, "suspended_by", i.SuspendedBy.Name())
	}
	faulty = append(faulty, o.describeApp(item, i, app)...)
	o.history.describe(item, string(app.Name), string(i.Slug))
	return item, faulty
}

func suspension(i *installation) string {
	by := "suspended"
	if name := i.SuspendedBy.Name(); name != "" {
		by += " by " + name
	}
	return by + " on " + i.Suspended.UTC().Format("2006-01-02")
}

// selection says how many repositories are reached, in one spelling for the three lists.
func selection(word string) inventory.Untrusted {
	switch word {
	case "all", "none", "selected":
		return inventory.Untrusted(word)
	case "subset":
		return "selected"
	}
	return "unknown"
}
