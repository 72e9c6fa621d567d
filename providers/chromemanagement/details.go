package chromemanagement

import (
	"context"
	"strconv"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
)

// addDetails asks the store for publisher and state.
func (s *scan) addDetails(ctx context.Context, item *inventory.Item) *api.Fault {
	details, fault := api.Ask[appDetails](ctx, s.api, detailCall(s.api.Config.Customer, string(item.App.ID), detailFields))
	if fault == nil && details.ID != "" && details.ID != string(item.App.ID) {
		fault = s.api.NoAnswer(api.ChromeDetails, "the answer is about the app %q", details.ID)
	}
	if fault != nil {
		if fault.Cause == api.CauseGone {
			item.Facts["store"] = "not found"
		}
		return fault
	}
	item.App.Publisher = inventory.Untrusted(details.Publisher)
	item.Updated = api.ParseTime(details.Updated)
	if item.App.URL == "" {
		item.App.URL = inventory.Untrusted(details.URL)
	}
	for name, text := range map[string]string{"store_version": details.Revision, "first_published": details.Published} {
		if text != "" {
			item.Facts[name] = inventory.Untrusted(text)
		}
	}
	if info := details.ChromeStore; info != nil {
		s.addStoreState(item, info)
	}
	return nil
}

func (s *scan) addStoreState(item *inventory.Item, info *storeInfo) {
	if !info.Hosted {
		item.Mark(inventory.MarkVendor, inventory.MarkDelisted, "not published in the Chrome Web Store")
	}
	if info.GoogleOwned {
		item.Mark(inventory.MarkNote, inventory.MarkFirstParty, "Google")
	}
	if info.Manifest > 0 {
		item.Facts["manifest_version"] = inventory.Untrusted(strconv.FormatInt(int64(info.Manifest), 10))
	}
	if len(item.Access.Hosts) > 0 {
		return
	}
	// The report names no hosts: the store's manifest does.
	for _, site := range info.Sites.Entries {
		if site.Match != "" {
			item.Access.Hosts = append(item.Access.Hosts, inventory.Untrusted(site.Match))
			item.Facts["hosts_from"] = "store"
		}
	}
}
