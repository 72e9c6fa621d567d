package risk

import (
	"slices"
	"testing"

	"guestlist/scanner/inventory"
)

func TestSilentIncreasesAreThoseWithoutAPrompt(t *testing.T) {
	t.Parallel()
	all, one := names{"<all_urls>"}, names{"https://example.com/*"}
	from := func(origin inventory.Origin) func(*inventory.Item) {
		return func(i *inventory.Item) { i.Origin = origin }
	}
	for _, test := range []struct {
		name   string
		now    *inventory.Item
		before inventory.Access
		want   names
	}{
		{"what browsers do not ask about", extension(names{"bookmarks", "cookies", "scripting", "storage", "webRequest"},
			one),
			inventory.Access{Permissions: names{"storage"}, Hosts: one}, names{"cookies", "scripting", "webRequest"}},
		{"nothing new", extension(names{"cookies"}, one), inventory.Access{Permissions: names{"cookies"}, Hosts: all}, nil},
		{"tabs, beside a site", extension(names{"tabs"}, one), inventory.Access{Hosts: one}, nil},
		{"tabs, beside every page", extension(names{"tabs"}, all), inventory.Access{Hosts: all}, names{"tabs"}},
		{"tabs, beside every page spelled otherwise", extension(names{"tabs"}, names{"*://*/*"}),
			inventory.Access{Hosts: names{"*://*/*"}}, names{"tabs"}},
		{"tabs, beside history", extension(names{"history", "tabs"}, nil),
			inventory.Access{Permissions: names{"history"}}, names{"tabs"}},
		{"history, beside tabs", extension(names{"history", "tabs"}, nil), inventory.Access{Permissions: names{"tabs"}}, nil},
		{"tabs and every page together", extension(names{"tabs"}, all), inventory.Access{}, nil},
		{"a proxy, beside every page", extension(names{"proxy"}, all), inventory.Access{Hosts: all}, names{"proxy"}},
		{"the debugger, beside every page", extension(names{"debugger"}, all), inventory.Access{Hosts: all}, nil},
		{"every page, beside a proxy", extension(names{"proxy"}, all), inventory.Access{Permissions: names{"proxy"}},
			names{"<all_urls>"}},
		{"another site", extension(nil, names{"https://example.com/*", "https://acme.example/*"}),
			inventory.Access{Hosts: one}, nil},
		{"a site's name under another suffix", extension(nil, names{"https://example.com/*", "https://example.co.uk/*"}),
			inventory.Access{Hosts: one}, names{"https://example.co.uk/*"}},
		{"a site's name under another suffix, by another scheme and port",
			extension(nil, names{"https://example.com/*", "http://example.org:81/*"}),
			inventory.Access{Hosts: one}, names{"http://example.org:81/*"}},
		{"what lies below a site's name under another suffix",
			extension(nil, names{"https://*.example.com/*", "https://www.example.net/*"}),
			inventory.Access{Hosts: names{"https://*.example.com/*"}}, names{"https://www.example.net/*"}},
		{"all below a site's name, beside the site",
			extension(nil, names{"https://example.com/*", "https://*.example.net/*"}),
			inventory.Access{Hosts: one}, nil},
		{"an address beside another", extension(nil, names{"http://192.0.2.1/*", "http://192.0.2.2/*"}),
			inventory.Access{Hosts: names{"http://192.0.2.1/*"}}, nil},
		{"another name below a company's suffix", extension(nil,
			names{"https://acme.github.io/*", "https://acme.gitlab.io/*"}),
			inventory.Access{Hosts: names{"https://acme.github.io/*"}}, nil},
		{"another top level", extension(nil, names{"https://*.com/*", "https://*.net/*"}),
			inventory.Access{Hosts: names{"https://*.com/*"}},
			names{"https://*.net/*"}},
		{"every page, beside a top level", extension(nil, names{"https://*.com/*", "<all_urls>"}),
			inventory.Access{Hosts: names{"https://*.com/*"}}, nil},
		{"every page, beside certain pages of every site", extension(nil, names{"https://*/login*", "<all_urls>"}),
			inventory.Access{Hosts: names{"https://*/login*"}}, names{"<all_urls>"}},
		{"tabs, beside certain pages of every site", extension(names{"tabs"}, names{"https://*/login*"}),
			inventory.Access{Hosts: names{"https://*/login*"}}, names{"tabs"}},
		{"closed tabs of other devices, beside tabs", extension(names{"sessions", "tabs"}, nil),
			inventory.Access{Permissions: names{"tabs"}}, nil},
		{"closed tabs of other devices", extension(names{"sessions"}, nil), inventory.Access{}, names{"sessions"}},
		{"Firefox asks about a site's name under another suffix",
			addon(nil, names{"https://example.com/*", "https://example.co.uk/*"}),
			inventory.Access{Hosts: one}, nil},
		{"a name nobody knows", extension(names{"mindReading"}, nil), inventory.Access{}, nil},
		{"what policy installed is never asked about",
			change(extension(names{"debugger"}, all), from(inventory.OriginPolicy)),
			inventory.Access{}, names{"debugger", "<all_urls>"}},
		{"what a developer loads is never asked about",
			change(extension(names{"history"}, nil), from(inventory.OriginUnpacked)),
			inventory.Access{}, names{"history"}},
		{"a page of the browser", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"chrome_url_overrides.history", "chrome_url_overrides.newtab"}
		}), inventory.Access{}, names{"chrome_url_overrides.history"}},
		{"a site that may talk to it, beside every page", change(extension(nil, all), func(i *inventory.Item) {
			i.Access.Surfaces = names{"externally_connectable https://example.com/*"}
		}), inventory.Access{Hosts: all}, names{"externally_connectable https://example.com/*"}},
		{"a site that may talk to it", change(extension(nil, one), func(i *inventory.Item) {
			i.Access.Surfaces = names{"externally_connectable https://example.com/*"}
		}), inventory.Access{Hosts: one}, names{"externally_connectable https://example.com/*"}},
		{"every PDF", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"mime_types_handler application/pdf"}
		}), inventory.Access{}, names{"mime_types_handler application/pdf"}},
		{"links to addresses, beside other links", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"protocol_handlers mailto", "protocol_handlers web+acme"}
		}), inventory.Access{Surfaces: names{"protocol_handlers web+acme"}}, names{"protocol_handlers mailto"}},
		{"Firefox does not ask about links", change(addon(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"protocol_handlers mailto"}
		}), inventory.Access{}, names{"protocol_handlers mailto"}},
		{"another search engine", change(extension(nil, all), func(i *inventory.Item) {
			i.Access.Surfaces = names{"chrome_settings_overrides.search_provider https://search.example/?q="}
		}), inventory.Access{Hosts: all}, nil},
		{"tabs, beside developer tools, which prompt for every page",
			change(extension(names{"tabs"}, nil), func(i *inventory.Item) {
				i.Access.Surfaces = names{"devtools_page tools.html"}
			}), inventory.Access{Surfaces: names{"devtools_page tools.html"}}, names{"tabs"}},
		{"Firefox asks about tabs in any case", addon(names{"tabs"}, all), inventory.Access{Hosts: all}, nil},
		{"Firefox does not ask about cookies", addon(names{"cookies", "webRequestFilterResponse"}, all),
			inventory.Access{Hosts: all},
			names{"cookies", "webRequestFilterResponse"}},
		{"Google asks for consent", grant("https://mail.google.com/"), inventory.Access{}, nil},
		{"GitHub asks for consent", hub(inventory.KindInstallation, "contents:write"), inventory.Access{}, nil},
	} {
		if got := SilentIncrease(test.now, test.before); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestSilentLooksAtWhatIsHeldBesides(t *testing.T) {
	t.Parallel()
	item := extension(names{"cookies", "tabs", "bookmarks"}, names{"<all_urls>"})
	for permission, want := range map[inventory.Untrusted]bool{"cookies": true, "tabs": true, "bookmarks": false,
		"<all_urls>": false, "?": false} {
		if got := Silent(item, permission); got != want {
			t.Errorf("%s: %v", permission, got)
		}
	}
}
