package chromemanagement

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// attempts is how often package api sends a call.
const attempts = 6

// connection signs in with the service account's key.
func connection(r *googletest.Rig) api.Connection {
	return api.Connection{
		Subject: googletest.Admins, Credential: api.Credential{KeyJSON: r.Server.ServiceAccountKey()},
		RatePerMinute: -1, Workers: 4, Endpoint: r.Server.URL(),
	}
}

func newProvider(r *googletest.Rig, config api.Connection) *Provider {
	r.T.Helper()
	p, err := New(r.Env(), config)
	if err != nil {
		r.T.Fatal(err)
	}
	return p
}

func TestExtensionsOfManagedBrowsersAreItemsOfTheirHolders(t *testing.T) {
	t.Parallel()
	r := googletest.New(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	sink, coverage := r.Collect(newProvider(r, connection(r)))
	if len(sink.Items) != 10 {
		t.Errorf("%d items, want 10: 9 in profiles, 1 on a machine", len(sink.Items))
	}
	byApp := map[inventory.Untrusted]inventory.Item{}
	for _, item := range sink.Items {
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
		{"uBlock Origin", inventory.KindExtension, inventory.OriginPolicy, inventory.StateEnabled,
			"Raymond Hill (gorhill)", []inventory.Untrusted{"<all_urls>"}, "low"},
		{"Password Manager", inventory.KindExtension, inventory.OriginStore, inventory.StateEnabled, "passwords.example",
			[]inventory.Untrusted{"http://*/*", "https://*/*"}, "medium"},
		{"Coupon Finder", inventory.KindExtension, inventory.OriginStore, inventory.StateEnabled, "coupons.example",
			[]inventory.Untrusted{"<all_urls>"}, "high"},
		{"Internal Tools (dev)", inventory.KindExtension, inventory.OriginUnpacked, inventory.StateEnabled, "",
			[]inventory.Untrusted{"https://intranet.acme.example/*"}, ""},
		{"Antivirus Toolbar", inventory.KindExtension, inventory.OriginSideload, inventory.StateDisabled, "",
			[]inventory.Untrusted{}, ""},
		{"Autumn Colours", inventory.KindTheme, inventory.OriginStore, inventory.StateEnabled, "themes.example",
			[]inventory.Untrusted{}, ""},
	} {
		got := byApp[test.name]
		if got.Kind != test.kind || got.Origin != test.origin || got.State != test.state ||
			got.App.Publisher != test.publisher ||
			!slices.Equal(got.Access.Hosts, test.hosts) || got.Facts["risk"] != test.risk {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
	if got := byApp["Coupon Finder"]; !got.HasMark(inventory.MarkDelisted) || got.Facts["risk_spin_ai"] != "high 88" ||
		got.Facts["hosts_from"] != "store" {
		t.Errorf("an extension that left the store: %+v", got)
	}
	if got := byApp["Antivirus Toolbar"]; got.Holder.Host != "FRONT-DESK" || got.Holder.Account != "" {
		t.Errorf("a machine's extension: %+v", got.Holder)
	}
	if got := byApp["Internal Tools (dev)"]; got.Holder.Account != googletest.Admins ||
		got.Source.Name != "acme.example/extensions/it@acme.example/profile-it" {
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
		{"the-API-is-off", googlefake.APIOff("chromemanagement.googleapis.com", "9").On("countInstalledApps"),
			"acme.example/extensions",
			inventory.StatusNotObservable, "Chrome Management API is not enabled", 0, ""},
		{"publishers-may-not-be-read", googlefake.InsufficientScope().On("apps.chrome.get"), "acme.example/store-details",
			inventory.StatusNotObservable, "chrome.management.appdetails.readonly", 10, "acme.example/extensions"},
		{"one-app's-holders-cannot-be-read", googlefake.ServerError().On("findInstalledAppProfiles").Times(attempts),
			"acme.example/extensions",
			inventory.StatusPartial, "holders of 1 of the extensions could not be read", -1, "acme.example/store-details"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := googletest.New(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			r.Server.Break(test.fault)
			config := connection(r)
			config.Workers = 1
			sink, coverage := r.Collect(newProvider(r, config))
			got := coverage[test.source]
			if got.Status != test.status || !strings.Contains(fmt.Sprint(got.Reason, got.Details), test.says) {
				t.Errorf("got %+v", got)
			}
			if test.items >= 0 && len(sink.Items) != test.items {
				t.Errorf("%d items, want %d", len(sink.Items), test.items)
			}
			if other := coverage[test.otherComplete]; test.otherComplete != "" && other.Status != inventory.StatusComplete {
				t.Errorf("the other source: %+v", other)
			}
		})
	}
}

func TestAnExtensionWhoseHoldersNoListNamesIsToldWithGooglesCount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		counts   map[string]any
		profiles int // in the list
		unlisted bool
		gap      bool
		says     string
	}{
		{"on-ChromeOS-alone", map[string]any{"osUserCount": "9"}, 0, true, false, ""},
		{"profiles-that-the-list-leaves-out", map[string]any{"profileCount": "5", "browserDeviceCount": 7}, 0, true, true,
			"has 0 of the 5 that Google counts"},
		{"some-profiles", map[string]any{"profileCount": "9"}, 2, false, true, "has 2 of the 9 that Google counts"},
		{"profiles-and-ChromeOS", map[string]any{"profileCount": "2", "osUserCount": "3"}, 2, true, false, ""},
		{"browsers-that-the-list-leaves-out", map[string]any{"browserDeviceCount": "7"}, 0, true, true,
			"has 0 of the 7 that Google counts"},
		{"no-count-at-all", nil, 0, true, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := googletest.New(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			const id = "ponmlkjihgfedcbaponmlkjihgfedcba"
			app := map[string]any{"appId": id, "displayName": "Blocker", "appType": "EXTENSION", "permissions": []any{"tabs"}}
			for name, count := range test.counts {
				app[name] = count
			}
			profiles := make([]any, test.profiles)
			for n := range profiles {
				profiles[n] = map[string]any{"profilePermanentId": fmt.Sprint("p", n),
					"email": fmt.Sprintf("user%d@acme.example", n)}
			}
			r.Server.Break(
				googlefake.Changed(func(answer map[string]any) { clear(answer); answer["installedApps"] = []any{app} }).On("countInstalledApps"),
				googlefake.Changed(func(answer map[string]any) { clear(answer); answer["profiles"] = profiles }).On("findInstalledAppProfiles"),
				googlefake.Instead(200, googletest.JSONType, "{}").On("findInstalledAppDevices"),
			)
			sink, coverage := r.Collect(newProvider(r, connection(r)))
			unlisted := false
			for _, item := range sink.Items {
				if !strings.Contains(string(item.Source.Name), unlistedHolders) {
					continue
				}
				unlisted = true
				for name, fact := range map[string]string{"osUserCount": "google_counts_chromeos_users",
					"profileCount": "google_counts_profiles"} {
					if want, counted := test.counts[name]; counted && string(item.Facts[fact]) != fmt.Sprint(want) {
						t.Errorf("%s is %q, want %v", fact, item.Facts[fact], want)
					}
				}
			}
			got := coverage["acme.example/extensions"]
			want := test.profiles
			if test.unlisted {
				want++
			}
			if unlisted != test.unlisted || len(sink.Items) != want || got.IsGap() != test.gap ||
				!strings.Contains(fmt.Sprint(got.Details), test.says) {
				t.Errorf("%d items, one of them without a holder: %t; %+v", len(sink.Items), unlisted, got)
			}
			chromeOS, said := coverage["acme.example/extensions/"+unlistedHolders+"/chromeos"]
			if _, counted := test.counts["osUserCount"]; said != counted || counted && !chromeOS.Unobservable {
				t.Errorf("what no API reports of ChromeOS: %+v", chromeOS)
			}
		})
	}
}

func TestATotalThatThePagesDoNotHoldIsReadInPart(t *testing.T) {
	t.Parallel()
	r := googletest.New(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.Changed(func(answer map[string]any) { answer["totalSize"] = 40 }).On("countInstalledApps"))
	_, coverage := r.Collect(newProvider(r, connection(r)))
	if got := coverage["acme.example/extensions"]; got.Status != inventory.StatusPartial || got.Expected != 40 ||
		!strings.Contains(string(got.Reason), "declares 40 entries but holds 6") {
		t.Errorf("got %+v", got)
	}
}

func TestNoWrongAnswerIsTakenForNothing(t *testing.T) {
	t.Parallel()
	googletest.Matrix(t, []googletest.MatrixCall{
		{Name: "countInstalledApps", List: "installedApps", Paged: true, Source: "acme.example/extensions"},
		{Name: "findInstalledAppProfiles", List: "profiles", Paged: true, Source: "acme.example/extensions"},
		{Name: "findInstalledAppDevices", List: "devices", Paged: true, Source: "acme.example/extensions"},
		{Name: "apps.chrome.get", Source: "acme.example/store-details"},
	}, func(r *googletest.Rig) scanner.Provider { return newProvider(r, connection(r)) })
}

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"kind":"admin#directory#tokenList","items":[{"clientId":"1","scopes":null},null]}`, `{}`, `null`, `[]`,
		`{"error":{"code":500}}`,
		`{"installedApps":[{"appId":"a","profileCount":"9"}],"totalSize":1e9}`, `{"items":{"items":[]}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []api.Answer{
			&appPage{}, &holderPage{}, &appDetails{},
		} {
			if err := api.Decode(http.StatusOK, body, into); err == nil && !bytes.Contains(body, []byte("{")) {
				t.Errorf("%q is taken for %T", body, into)
			}
		}
	})
}
