package googleworkspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/fake/googlefake"
	"guestlist/scanner/inventory"
)

func TestExtensionsOfManagedBrowsersAreItemsOfTheirHolders(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(noon), googlefake.Options{})
	sink, coverage := r.collect(r.chrome(r.config()))
	if len(sink.items) != 10 {
		t.Errorf("%d items, want 10: 9 in profiles, 1 on a machine", len(sink.items))
	}
	byApp := map[inventory.Untrusted]inventory.Item{}
	for _, item := range sink.items {
		byApp[item.App.Name] = item
	}
	for _, test := range []struct {
		name      inventory.Untrusted
		kind      inventory.Kind
		origin    inventory.Origin
		state     inventory.State
		publisher inventory.Untrusted
		hosts     []inventory.Untrusted
		risk      inventory.Untrusted
	}{
		{"uBlock Origin", inventory.KindExtension, inventory.OriginPolicy, inventory.StateEnabled, "Raymond Hill (gorhill)", []inventory.Untrusted{"<all_urls>"}, "low"},
		{"Password Manager", inventory.KindExtension, inventory.OriginStore, inventory.StateEnabled, "passwords.example", []inventory.Untrusted{"http://*/*", "https://*/*"}, "medium"},
		{"Coupon Finder", inventory.KindExtension, inventory.OriginStore, inventory.StateEnabled, "coupons.example", []inventory.Untrusted{"<all_urls>"}, "high"},
		{"Internal Tools (dev)", inventory.KindExtension, inventory.OriginUnpacked, inventory.StateEnabled, "", []inventory.Untrusted{"https://intranet.acme.example/*"}, ""},
		{"Antivirus Toolbar", inventory.KindExtension, inventory.OriginSideload, inventory.StateDisabled, "", []inventory.Untrusted{}, ""},
		{"Autumn Colours", inventory.KindTheme, inventory.OriginStore, inventory.StateEnabled, "themes.example", []inventory.Untrusted{}, ""},
	} {
		got := byApp[test.name]
		if got.Kind != test.kind || got.Origin != test.origin || got.State != test.state || got.App.Publisher != test.publisher ||
			!slices.Equal(got.Access.Hosts, test.hosts) || got.Facts["risk"] != test.risk {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
	if got := byApp["Coupon Finder"]; !got.HasMark(inventory.MarkDelisted) || got.Facts["risk_spin_ai"] != "high 88" || got.Facts["hosts_from"] != "store" {
		t.Errorf("an extension that left the store: %+v", got)
	}
	if got := byApp["Antivirus Toolbar"]; got.Holder.Host != "FRONT-DESK" || got.Holder.Account != "" {
		t.Errorf("a machine's extension: %+v", got.Holder)
	}
	if got := byApp["Internal Tools (dev)"]; got.Holder.Account != admins || got.Source.Name != "acme.example/extensions/it@acme.example/profile-it" {
		t.Errorf("a profile's extension: %+v", got)
	}
	for _, name := range []string{"acme.example/extensions", "acme.example/store-details"} {
		if got := coverage[name]; got.Status != inventory.StatusComplete || got.Read != 6 || got.Expected != 6 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestChromeManagementFaultsAreToldWhereTheyAre(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		fault         *googlefake.Fault
		source        string
		status        inventory.Status
		says          string
		items         int
		otherComplete string
	}{
		{"the API is off", googlefake.APIOff("chromemanagement.googleapis.com", "9").On("countInstalledApps"), "acme.example/extensions",
			inventory.StatusNotObservable, "Chrome Management API is not switched on", 0, ""},
		{"publishers may not be read", googlefake.InsufficientScope().On("apps.chrome.get"), "acme.example/store-details",
			inventory.StatusNotObservable, "chrome.management.appdetails.readonly", 10, "acme.example/extensions"},
		{"one app's holders cannot be read", googlefake.ServerError().On("findInstalledAppProfiles").Times(attempts), "acme.example/extensions",
			inventory.StatusPartial, "holders of 1 of the extensions could not be read", -1, "acme.example/store-details"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(noon), googlefake.Options{})
			r.server.Break(test.fault)
			config := r.config()
			config.Workers = 1
			sink, coverage := r.collect(r.chrome(config))
			got := coverage[test.source]
			if got.Status != test.status || !strings.Contains(fmt.Sprint(got.Reason, got.Details), test.says) {
				t.Errorf("got %+v", got)
			}
			if test.items >= 0 && len(sink.items) != test.items {
				t.Errorf("%d items, want %d", len(sink.items), test.items)
			}
			if other := coverage[test.otherComplete]; test.otherComplete != "" && other.Status != inventory.StatusComplete {
				t.Errorf("the other source: %+v", other)
			}
		})
	}
}
