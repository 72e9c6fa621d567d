package risk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
)

type names = []inventory.Untrusted

func extension(permissions, hosts names) *inventory.Item {
	return &inventory.Item{
		Source: inventory.Source{Provider: inventory.Chromium}, Kind: inventory.KindExtension, Origin: inventory.OriginStore,
		Access: inventory.Access{Permissions: permissions, Hosts: hosts, Basis: inventory.BasisActive},
	}
}

func addon(permissions, hosts names) *inventory.Item {
	item := extension(permissions, hosts)
	item.Source.Provider = inventory.Firefox
	return item
}

// change returns a copy of the item that differs by what edit does.
func change(item *inventory.Item, edit func(*inventory.Item)) *inventory.Item {
	copied := *item
	edit(&copied)
	return &copied
}

func TestAnExtensionIsWorthTheHighestOfWhatItHolds(t *testing.T) {
	t.Parallel()
	one, all := names{"https://example.com/*"}, names{"<all_urls>"}
	withheld := func(i *inventory.Item) { i.Access.HostsWithheld = inventory.Yes }
	unpacked := func(i *inventory.Item) { i.Origin = inventory.OriginUnpacked }
	for _, test := range []struct {
		name string
		item *inventory.Item
		want inventory.Level
	}{
		{"nothing", extension(nil, nil), inventory.Info},
		{"an access that could not be read", change(extension(nil, nil), func(i *inventory.Item) { i.Access.Basis = "" }),
			inventory.Medium},
		{"alarms", extension(names{"alarms", "contextMenus"}, nil), inventory.Info},
		{"storage", extension(names{"storage"}, nil), inventory.Low},
		{"a click on the page", extension(names{"activeTab"}, nil), inventory.Low},
		{"bookmarks", extension(names{"bookmarks"}, nil), inventory.Medium},
		{"tabs", extension(names{"tabs"}, nil), inventory.High},
		{"programs outside the browser", extension(names{"nativeMessaging"}, nil), inventory.High},
		{"the debugger", extension(names{"debugger"}, nil), inventory.Critical},
		{"never a sum", extension(names{"bookmarks", "downloads", "topSites", "geolocation", "sessions", "identity"},
			nil), inventory.Medium},
		{"a name nobody knows", extension(names{"mindReading"}, nil), inventory.Medium},

		{"every page", extension(nil, all), inventory.Critical},
		{"every page, with a star", extension(nil, names{"*://*/*"}), inventory.Critical},
		{"every page, by two schemes", extension(nil, names{"http://*/*", "https://*/*"}), inventory.Critical},
		{"every page of a whole top level", extension(nil, names{"https://*.com/*"}), inventory.Critical},
		{"every page of a whole public suffix", extension(nil, names{"https://*.co.uk/*"}), inventory.Critical},
		{"certain pages of every site", extension(nil, names{"*://*/login*"}), inventory.High},
		{"local files", extension(nil, names{"file:///*"}), inventory.Critical},
		{"local files, switched off", change(extension(nil, names{"file:///*"}), func(i *inventory.Item) {
			i.Facts = map[string]inventory.Untrusted{"file_access": "no"}
		}), inventory.Low},
		{"a named site", extension(nil, names{"https://*.example.com/*"}), inventory.Medium},
		{"a site that opens everything else", extension(nil, names{"https://github.com/*"}), inventory.High},
		{"part of such a site", extension(nil, names{"https://mail.google.com/mail/u/0/*"}), inventory.High},
		{"an organization's own such site", extension(nil, names{"https://acme.okta.com/*"}), inventory.High},
		{"a wildcard over such a site", extension(nil, names{"https://*.google.com/*"}), inventory.High},
		{"a site that ends like one", extension(nil, names{"https://notgithub.com/*"}), inventory.Medium},
		{"the browser's own icons", extension(nil, names{"chrome://favicon/*"}), inventory.Info},
		{"a pattern that nobody can read", extension(nil, names{"https//example"}), inventory.Medium},
		{"every page, on a click", change(extension(nil, all), withheld), inventory.High},
		{"every page, if asked later", change(extension(names{"storage"}, nil), func(i *inventory.Item) {
			i.Access.OptionalHosts = names{"*://*/*"}
		}), inventory.High},
		{"the debugger, once approved", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Requested = names{"debugger"}
		}), inventory.High},
		{"every page, once approved", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Requested = names{"<all_urls>"}
		}), inventory.High},

		{"cookies without hosts", extension(names{"cookies"}, nil), inventory.Medium},
		{"cookies with a host", extension(names{"cookies"}, one), inventory.Critical},
		{"cookies with the browser's own pages", extension(names{"cookies"}, names{"chrome://favicon/*"}), inventory.Medium},
		{"cookies with a host, on a click", change(extension(names{"cookies"}, one), withheld), inventory.High},
		{"requests with a host", extension(names{"webRequest"}, one), inventory.Critical},
		{"scripts in a host", extension(names{"scripting"}, one), inventory.High},
		{"cookies later, with a host now", change(extension(nil, one), func(i *inventory.Item) {
			i.Access.Optional = names{"cookies"}
		}), inventory.High},

		{"developer tools", change(extension(nil, nil),
			func(i *inventory.Item) { i.Access.Surfaces = names{"devtools_page"} }), inventory.High},
		{"another search engine", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"chrome_settings_overrides.search_provider"}
		}), inventory.High},
		{"the new tab page", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"chrome_url_overrides.newtab"}
		}), inventory.Medium},
		{"a page nobody knows", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"chrome_url_overrides.dreams"}
		}), inventory.Medium},
		{"sites that may talk to it", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"externally_connectable https://example.com/*"}
		}), inventory.Low},
		{"every site may talk to it", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"externally_connectable *://*/*"}
		}), inventory.Medium},
		{"every PDF", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"mime_types_handler application/pdf"}
		}), inventory.Critical},
		{"every document of another type", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"mime_types_handler application/vnd.acme"}
		}), inventory.Critical},
		{"links to addresses", change(extension(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"protocol_handlers mailto"}
		}), inventory.Medium},
		{"links of its own", change(addon(nil, nil), func(i *inventory.Item) {
			i.Access.Surfaces = names{"protocol_handlers web+acme"}
		}), inventory.Low},
		{"a feature nobody knows", change(extension(nil, nil),
			func(i *inventory.Item) { i.Access.Surfaces = names{"telepathy"} }), inventory.Medium},

		{"unpacked raises what matters", change(extension(names{"bookmarks"}, nil), unpacked), inventory.High},
		{"unpacked does not raise what does not", change(extension(names{"storage"}, nil), unpacked), inventory.Low},
		{"nothing is above critical", change(extension(nil, all), unpacked), inventory.Critical},
		{"sideloaded, delisted and old raise one step together",
			change(extension(names{"bookmarks"}, nil), func(i *inventory.Item) {
				i.Origin = inventory.OriginSideload
				i.Facts = map[string]inventory.Untrusted{"manifest_version": "2"}
				i.Mark(inventory.MarkVendor, inventory.MarkDelisted, "")
			}), inventory.High},
		{"a theme", change(extension(nil, all), func(i *inventory.Item) { i.Kind = inventory.KindTheme }), inventory.Info},
		{"managed by the organization", change(extension(names{"cookies"}, one), func(i *inventory.Item) {
			i.Source.Provider = inventory.ChromeManagement
		}), inventory.Critical},

		{"Firefox: every page", addon(nil, all), inventory.Critical},
		{"Firefox: cookies with a host", addon(names{"cookies"}, one), inventory.Critical},
		{"Firefox: key modules", addon(names{"pkcs11"}, nil), inventory.High},
		{"Firefox: hiding tabs", addon(names{"tabHide"}, nil), inventory.Medium},
		{"Firefox: settings", addon(names{"browserSettings"}, nil), inventory.High},
		{"Firefox: the second manifest version is not old there",
			change(addon(names{"bookmarks"}, nil), func(i *inventory.Item) {
				i.Facts = map[string]inventory.Untrusted{"manifest_version": "2"}
			}), inventory.Medium},
		{"Firefox: without signature", change(addon(names{"bookmarks"}, nil), func(i *inventory.Item) {
			i.Mark(inventory.MarkVendor, inventory.MarkUnsigned, "")
		}), inventory.High},
		{"Firefox: says it sends pages away", change(addon(nil, nil), func(i *inventory.Item) {
			i.Facts = map[string]inventory.Untrusted{"data_collection": "searchTerms, websiteContent and 3 more"}
		}), inventory.High},
		{"Firefox: says it sends nothing away", change(addon(nil, nil), func(i *inventory.Item) {
			i.Facts = map[string]inventory.Untrusted{"data_collection": "none"}
		}), inventory.Info},
		{"another platform: nothing is known", change(extension(names{"storage"}, nil), func(i *inventory.Item) {
			i.Source.Provider = "slack"
		}), inventory.Medium},
	} {
		if got := Assess(test.item); got.Level != test.want {
			t.Errorf("%s: %s, want %s (%v)", test.name, got.Level, test.want, got.Reasons)
		}
	}
}

func TestReasonsReadAfterItCan(t *testing.T) {
	t.Parallel()
	item := extension(names{"bookmarks", "cookies", "alarms"}, names{
		"https://a.example/*", "https://b.example/*", "https://c.example/*", "https://d.example/*", "https://github.com/*",
	})
	item.Access.Optional = names{"history"}
	item.Origin = inventory.OriginSideload
	want := []Reason{
		{Level: inventory.Critical, Subject: "cookies", Why: "read the cookies that keep you signed in"},
		{Level: inventory.Critical, Subject: "https://github.com/*", Why: "read and change your code"},
		{Level: inventory.Critical, Subject: "sideload", Why: "run without a review by the store"},
		{Level: inventory.High, Subject: "https://a.example/*, https://b.example/*, https://c.example/* and 1 more",
			Why: "read and change pages of certain sites"},
		{Level: inventory.High, Subject: "bookmarks", Why: "read and change your bookmarks"},
		{Level: inventory.High, Subject: "history",
			Why: "later ask to read and change your browsing history on all your devices"},
	}
	got := Assess(item)
	if diff := cmp.Diff(want, got.Reasons); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func grant(scopes ...inventory.Untrusted) *inventory.Item {
	return &inventory.Item{
		Source: inventory.Source{Provider: inventory.GoogleWorkspace}, Kind: inventory.KindOAuthGrant,
		Access: inventory.Access{Permissions: scopes, Basis: inventory.BasisActive},
	}
}

func TestGrantsFollowGooglesLists(t *testing.T) {
	t.Parallel()
	const auth = "https://www.googleapis.com/auth/"
	for _, test := range []struct {
		scope inventory.Untrusted
		class inventory.Untrusted
		want  inventory.Level
	}{
		{"openid", "sign-in", inventory.Info},
		{auth + "userinfo.email", "sign-in", inventory.Info},
		{auth + "userinfo.profile", "sign-in", inventory.Info},
		{auth + "drive.file", "non-sensitive", inventory.Low},
		{auth + "drive.appdata", "non-sensitive", inventory.Info},
		{auth + "gmail.labels", "non-sensitive", inventory.Low},
		{"https://mail.google.com/", "restricted", inventory.Critical},
		{auth + "gmail.readonly", "restricted", inventory.Critical},
		{auth + "gmail.metadata", "restricted", inventory.High},
		{auth + "drive", "restricted", inventory.Critical},
		{auth + "drive.readonly", "restricted", inventory.Critical},
		{auth + "drive.metadata.readonly", "restricted", inventory.High},
		{auth + "fitness.heart_rate.read", "restricted", inventory.High},
		{auth + "chat.messages.readonly", "restricted", inventory.High},
		{auth + "meetings.conference.media.readonly", "restricted", inventory.Critical},
		{auth + "gmail.send", "sensitive", inventory.High},
		{auth + "documents.readonly", "sensitive", inventory.High},
		{auth + "calendar.readonly", "sensitive", inventory.Medium},
		{auth + "admin.directory.user", "admin", inventory.Critical},
		{auth + "admin.directory.orgunit.readonly", "admin", inventory.Medium},
		{auth + "admin.not.invented.yet", "admin", inventory.High},
		{auth + "apps.not.invented.yet", "admin", inventory.High},
		{auth + "cloud-platform", "", inventory.Critical},
		{auth + "cloud-platform.not.invented.yet", "", inventory.High},
		{auth + "script.projects", "", inventory.High},
		{"https://www.google.com/m8/feeds", "", inventory.High},
		{"https://www.google.com/calendar/feeds", "", inventory.High},
		{"https://www.google.com/m8/feeds/contacts/default/full", "", inventory.High},
		{auth + "gmail.not.invented.yet", "", inventory.High},
		{"https://www.google.com/accounts/OAuthLogin", "", inventory.Critical},
		{"https://www.google.com/accounts/OAuthLogin/", "", inventory.Critical},
		{auth + "any-api", "", inventory.Critical},
		{auth + "chromesync", "", inventory.Critical},
		{auth + "carddav", "", inventory.High},
		{auth + "caldav", "", inventory.High},
		{auth + "docs", "", inventory.High},
		{auth + "googletalk", "", inventory.High},
		{auth + "accounts.reauth", "", inventory.Low},
		{auth + "sqlservice.login", "", inventory.Low},
		{auth + "cclog", "", inventory.Info},
		{auth + "cloud-identity", "admin", inventory.High},
		{"http://www.google.com/m8/feeds/", "", inventory.High},
		{"https://docs.google.com/feeds/default/private/full", "", inventory.Critical},
		{"https://sites.google.com/feeds", "", inventory.High},
		{"https://mail.google.com", "restricted", inventory.Critical},
		{"https://picasaweb.google.com/data/", "", inventory.High},
		{"http://gdata.youtube.com", "", inventory.High},
		{auth + "not.invented.yet", "", inventory.Medium},
		{"https://elsewhere.example/scope", "", inventory.Medium},
	} {
		item := grant(test.scope)
		if got := Assess(item).Level; got != test.want {
			t.Errorf("%s: %s, want %s", test.scope, got, test.want)
		}
		if row, _ := tableFor(item).permission(test.scope); row.Class != test.class {
			t.Errorf("%s: class %q, want %q", test.scope, row.Class, test.class)
		}
	}
	if got := Assess(grant()).Level; got != inventory.Info {
		t.Errorf("a grant without scopes: %s", got)
	}
	password := &inventory.Item{Source: inventory.Source{Provider: inventory.GoogleWorkspace},
		Kind: inventory.KindAppPassword}
	if got := Assess(password).Level; got != inventory.High {
		t.Errorf("an app password: %s", got)
	}
}

// Every scope on Google's restricted list is high at least, and every scope of the organization is
// medium at least.
func TestNoRestrictedOrAdminScopeIsLow(t *testing.T) {
	t.Parallel()
	for _, r := range googleTable.permissions {
		switch r.Class {
		case "restricted":
			if !r.Level.AtLeast(inventory.High) {
				t.Errorf("%s is restricted and only %s", r.Name, r.Level)
			}
		case "sign-in":
			if r.Level.AtLeast(inventory.Medium) {
				t.Errorf("%s only signs in and is %s", r.Name, r.Level)
			}
		}
	}
}

func TestGitHubPermissionsWeighWithTheirReach(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind       inventory.Kind
		permission inventory.Untrusted
		reach      inventory.Untrusted
		want       inventory.Level
	}{
		{inventory.KindInstallation, "metadata:read", "all", inventory.Low},
		{inventory.KindInstallation, "contents:read", "selected", inventory.High},
		{inventory.KindInstallation, "contents:read", "all", inventory.Critical},
		{inventory.KindInstallation, "contents:write", "selected", inventory.Critical},
		{inventory.KindInstallation, "issues:write", "selected", inventory.Medium},
		{inventory.KindInstallation, "issues:write", "all", inventory.High},
		{inventory.KindInstallation, "members:write", "", inventory.Critical},
		{inventory.KindInstallation, "organization_personal_access_token_requests:write", "", inventory.Critical},
		{inventory.KindInstallation, "secret_scanning_alerts:read", "selected", inventory.High},
		{inventory.KindInstallation, "telepathy:write", "selected", inventory.High},
		{inventory.KindInstallation, "telepathy:admin", "selected", inventory.High},
		{inventory.KindInstallation, "telepathy:read", "selected", inventory.Medium},
		{inventory.KindInstallation, "telepathy", "selected", inventory.Medium},
		{inventory.KindInstallation, "enterprise_sso:write", "", inventory.Critical},
		{inventory.KindInstallation, "enterprise_people:read", "", inventory.Medium},
		{inventory.KindInstallation, "enterprise_telepathy:write", "", inventory.Critical},
		{inventory.KindInstallation, "enterprise_telepathy:admin", "", inventory.Critical},
		{inventory.KindInstallation, "enterprise_telepathy:read", "", inventory.Medium},
		{inventory.KindInstallation, "organization_copilot_metrics:read", "", inventory.Low},
		{inventory.KindInstallation, "organization_secret_scanning_bypass_requests:write", "", inventory.High},
		{inventory.KindInstallation, "organization_credentials:write", "", inventory.Critical},
		{inventory.KindAccessToken, "keys:write", "", inventory.Critical},
		{inventory.KindAccessToken, "emails:read", "", inventory.Low},
		{inventory.KindAccessToken, "codespaces_user_secrets:write", "", inventory.High},
		{inventory.KindAccessToken, "git_signing_ssh_public_keys:write", "", inventory.High},
		{inventory.KindAccessToken, "git_ssh_keys:write", "", inventory.Critical},
		{inventory.KindCredential, "repo", "", inventory.Critical},
		{inventory.KindCredential, "workflow", "", inventory.Critical},
		{inventory.KindCredential, "public_repo", "", inventory.High},
		{inventory.KindCredential, "admin:org_hook", "", inventory.High},
		{inventory.KindCredential, "read:org", "", inventory.Medium},
		{inventory.KindCredential, "user:email", "", inventory.Low},
		{inventory.KindDeployKey, "contents:read", "acme/site", inventory.High},
		{inventory.KindDeployKey, "contents:write", "acme/site", inventory.Critical},
		{inventory.KindWebhook, "push", "", inventory.Medium},
		{inventory.KindWebhook, "star", "", inventory.Low},
		{inventory.KindWebhook, "*", "", inventory.Medium},
	} {
		item := hub(test.kind, test.permission)
		item.Access.Repositories = test.reach
		if got := Assess(item); got.Level != test.want {
			t.Errorf("%s %s on %q: %s, want %s (%v)", test.kind, test.permission, test.reach, got.Level, test.want, got.Reasons)
		}
	}
}

func hub(kind inventory.Kind, permissions ...inventory.Untrusted) *inventory.Item {
	return &inventory.Item{
		Source: inventory.Source{Provider: inventory.GitHub}, Kind: kind,
		Access: inventory.Access{Permissions: permissions, Basis: inventory.BasisGranted},
	}
}

func TestWhatGitHubTellsBesidesPermissionsCounts(t *testing.T) {
	t.Parallel()
	fact := func(name string, value inventory.Untrusted) func(*inventory.Item) {
		return func(i *inventory.Item) { i.Facts = map[string]inventory.Untrusted{name: value} }
	}
	mark := func(name inventory.MarkName) func(*inventory.Item) {
		return func(i *inventory.Item) { i.Mark(inventory.MarkNote, name, "") }
	}
	for _, test := range []struct {
		name string
		item *inventory.Item
		want inventory.Level
	}{
		{"a token without scopes reads what is public", hub(inventory.KindCredential), inventory.Info},
		{"a token whose scopes nobody names", change(hub(inventory.KindCredential), func(i *inventory.Item) {
			i.Access.Basis = ""
		}), inventory.Medium},
		{"a token whose scopes nobody names, in every repository",
			change(hub(inventory.KindAccessToken), func(i *inventory.Item) {
				i.Access.Basis, i.Access.Repositories = "", "all"
			}), inventory.Medium},
		{"an OAuth app whose scopes the log does not tell", change(hub(inventory.KindOAuthGrant), func(i *inventory.Item) {
			i.Access.Basis = ""
		}), inventory.Medium},
		{"an installation whose permissions could not be read",
			change(hub(inventory.KindInstallation), func(i *inventory.Item) {
				i.Access.Basis = ""
			}), inventory.Medium},
		{"a token that waits for approval", change(hub(inventory.KindTokenRequest), func(i *inventory.Item) {
			i.Access.Requested = names{"contents:write"}
		}), inventory.High},
		{"an app of the organization itself", change(hub(inventory.KindInstallation, "contents:read"),
			mark(inventory.MarkFirstParty)), inventory.Medium},
		{"an SSH key", hub(inventory.KindSSHKey), inventory.High},
		{"an SSH key in single sign-on", change(hub(inventory.KindCredential), fact("credential_type", "SSH key")),
			inventory.High},
		{"a key that only signs", change(hub(inventory.KindSSHKey), fact("usage", "signing")), inventory.Low},
		{"a GPG key", hub(inventory.KindGPGKey), inventory.Low},
		{"a webhook that sends unencrypted", change(hub(inventory.KindWebhook, "push"), mark("plain-http")), inventory.High},
	} {
		if got := Assess(test.item); got.Level != test.want {
			t.Errorf("%s: %s, want %s (%v)", test.name, got.Level, test.want, got.Reasons)
		}
	}
}

func TestHostileInputGivesABoundedAssessment(t *testing.T) {
	t.Parallel()
	item := extension(nil, nil)
	for n := range 10 * MaxReasons {
		item.Access.Permissions = append(item.Access.Permissions, inventory.Untrusted(fmt.Sprint("x", n)))
	}
	item.Access.Permissions = append(item.Access.Permissions, "debugger")
	got := Assess(item)
	if len(got.Reasons) != MaxReasons || got.Level != inventory.Critical || got.Reasons[0].Subject != "debugger" {
		t.Errorf("%d reasons, %s, first %v", len(got.Reasons), got.Level, got.Reasons[0])
	}
	if last := got.Reasons[MaxReasons-1]; last.Subject != "902 more" {
		t.Errorf("the last reason is %v", last)
	}
}

func FuzzAssess(f *testing.F) {
	f.Add("tabs", "<all_urls>", "devtools_page", "chromium", "extension", "file_access")
	f.Add("cookies", "https://*.google.com:443/*", "externally_connectable *://*/*", "firefox", "extension",
		"data_collection")
	f.Add("contents:write", "", "", "github", "app-installation", "usage")
	f.Add("https://mail.google.com/", "", "", "google-workspace", "oauth-grant", "")
	f.Add("*", "http://[::1]/*", "content_security_policy *", "github", "webhook", "")
	f.Fuzz(func(t *testing.T, permission, host, surface, provider, kind, fact string) {
		item := extension(names{inventory.Untrusted(permission)}, names{inventory.Untrusted(host)})
		item.Source.Provider, item.Kind = inventory.Provider(provider), inventory.Kind(kind)
		item.Access.Surfaces = names{inventory.Untrusted(surface)}
		item.Access.Requested = names{inventory.Untrusted(host), inventory.Untrusted(permission)}
		item.Facts = map[string]inventory.Untrusted{fact: inventory.Untrusted(surface)}
		got := Assess(item)
		for n, reason := range got.Reasons {
			if reason.Level.Compare(got.Level) > 0 || reason.Why == "" || reason.Subject == "" ||
				reason.Level == inventory.Info {
				t.Errorf("%+v in %s", reason, got.Level)
			}
			if n > 0 && reason.Level.Compare(got.Reasons[n-1].Level) > 0 {
				t.Errorf("%+v is after a lesser one", reason)
			}
		}
		SilentIncrease(item, inventory.Access{})
	})
}

func BenchmarkAssess(b *testing.B) {
	hosts := make(names, 60)
	for n := range hosts {
		hosts[n] = inventory.Textf("https://site-%d.example/*", n)
	}
	for name, item := range map[string]*inventory.Item{
		"grant": grant("openid", "https://www.googleapis.com/auth/userinfo.email",
			"https://www.googleapis.com/auth/drive.readonly"),
		"extension": extension(names(split("activeTab contextMenus cookies scripting storage tabs unlimitedStorage webRequest")),
			names{"<all_urls>"}),
		"60-hosts": extension(names{"storage"}, hosts),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Assess(item)
			}
		})
	}
}

func split(text string) names {
	var list names
	for word := range strings.FieldsSeq(text) {
		list = append(list, inventory.Untrusted(word))
	}
	return list
}
