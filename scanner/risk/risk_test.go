package risk

import (
	"slices"
	"testing"

	"guestlist/scanner/inventory"
)

func TestTheTablesAreSound(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"chrome", "firefox", "google", "github"} {
		if _, err := load(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := loadHosts(); err != nil {
		t.Error(err)
	}
}

func extension(permissions, hosts []inventory.Untrusted) *inventory.Item {
	return &inventory.Item{
		Source: inventory.Source{Provider: inventory.Chromium}, Kind: inventory.KindExtension, Origin: inventory.OriginStore,
		Access: inventory.Access{Permissions: permissions, Hosts: hosts, Basis: inventory.BasisActive},
	}
}

type names = []inventory.Untrusted

func TestAnExtensionIsWorthTheHighestOfWhatItHolds(t *testing.T) {
	t.Parallel()
	withheld := extension(nil, names{"<all_urls>"})
	withheld.Access.HostsWithheld = inventory.Yes
	optional := extension(names{"storage"}, nil)
	optional.Access.OptionalHosts = names{"*://*/*"}
	unpacked := extension(names{"bookmarks"}, nil)
	unpacked.Origin = inventory.OriginUnpacked
	quietlyUnpacked := extension(names{"storage"}, nil)
	quietlyUnpacked.Origin = inventory.OriginUnpacked
	unread := extension(nil, nil)
	unread.Access.Basis = ""
	theme := extension(nil, names{"<all_urls>"})
	theme.Kind = inventory.KindTheme
	for _, test := range []struct {
		name string
		item *inventory.Item
		want inventory.Level
	}{
		{"nothing", extension(nil, nil), inventory.Info},
		{"an access that could not be read", unread, inventory.Medium},
		{"storage only", extension(names{"storage"}, nil), inventory.Low},
		{"every page", extension(nil, names{"<all_urls>"}), inventory.Critical},
		{"every page, spelled otherwise", extension(nil, names{"http://*/*", "https://*/*"}), inventory.Critical},
		{"every page, on a click", withheld, inventory.High},
		{"every page, if asked later", optional, inventory.High},
		{"a named site", extension(nil, names{"https://*.example.com/*"}), inventory.Medium},
		{"a site that holds keys", extension(nil, names{"https://github.com/*"}), inventory.High},
		{"a wildcard over such a site", extension(nil, names{"https://*.google.com/*"}), inventory.High},
		{"cookies without hosts", extension(names{"cookies"}, nil), inventory.Medium},
		{"cookies with a host", extension(names{"cookies"}, names{"https://example.com/*"}), inventory.Critical},
		{"a name nobody knows", extension(names{"mindReading"}, nil), inventory.Medium},
		{"unpacked raises what matters", unpacked, inventory.High},
		{"unpacked does not raise what does not", quietlyUnpacked, inventory.Low},
		{"a theme", theme, inventory.Info},
	} {
		if got := Assess(test.item); got.Level != test.want {
			t.Errorf("%s: %s, want %s (%v)", test.name, got.Level, test.want, got.Reasons)
		}
	}
}

func TestGrantsFollowGooglesLists(t *testing.T) {
	t.Parallel()
	for scope, want := range map[inventory.Untrusted]inventory.Level{
		"openid": inventory.Info,
		"https://www.googleapis.com/auth/userinfo.email":       inventory.Info,
		"https://www.googleapis.com/auth/drive.file":           inventory.Low,
		"https://mail.google.com/":                             inventory.Critical,
		"https://www.googleapis.com/auth/drive.readonly":       inventory.Critical,
		"https://www.googleapis.com/auth/gmail.send":           inventory.High,
		"https://www.googleapis.com/auth/admin.directory.user": inventory.Critical,
		"https://www.googleapis.com/auth/calendar.readonly":    inventory.Medium,
		"https://www.googleapis.com/auth/not.invented.yet":     inventory.Medium,
	} {
		item := &inventory.Item{Kind: inventory.KindOAuthGrant, Access: inventory.Access{Permissions: names{scope}}}
		if got := Assess(item).Level; got != want {
			t.Errorf("%s: %s, want %s", scope, got, want)
		}
	}
}

func TestGitHubPermissionsWeighWithTheirReach(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		permission, reach inventory.Untrusted
		want              inventory.Level
	}{
		{"metadata:read", "all", inventory.Low},
		{"contents:read", "selected", inventory.High},
		{"contents:read", "all", inventory.Critical},
		{"contents:write", "selected", inventory.Critical},
		{"telepathy:write", "selected", inventory.High},
		{"telepathy:read", "selected", inventory.Medium},
	} {
		item := &inventory.Item{
			Source: inventory.Source{Provider: inventory.GitHub}, Kind: inventory.KindInstallation,
			Access: inventory.Access{Permissions: names{test.permission}, Repositories: test.reach},
		}
		if got := Assess(item).Level; got != test.want {
			t.Errorf("%s on %s: %s, want %s", test.permission, test.reach, got, test.want)
		}
	}
}

func TestSilentIncreasesAreThoseWithoutAPrompt(t *testing.T) {
	t.Parallel()
	item := extension(names{"bookmarks", "cookies", "scripting", "storage"}, names{"https://example.com/*"})
	got := SilentIncrease(item, inventory.Access{Permissions: names{"storage"}})
	if want := (names{"cookies", "scripting"}); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func FuzzAssess(f *testing.F) {
	f.Add("tabs", "<all_urls>", "devtools_page", "chromium")
	f.Add("contents:write", "", "", "github")
	f.Fuzz(func(t *testing.T, permission, host, surface, provider string) {
		item := extension(names{inventory.Untrusted(permission)}, names{inventory.Untrusted(host)})
		item.Source.Provider = inventory.Provider(provider)
		item.Access.Surfaces = names{inventory.Untrusted(surface)}
		got := Assess(item)
		for _, reason := range got.Reasons {
			if reason.Level.Compare(got.Level) > 0 || reason.Why == "" {
				t.Errorf("%+v in %s", reason, got.Level)
			}
		}
	})
}

func BenchmarkAssess(b *testing.B) {
	item := &inventory.Item{Kind: inventory.KindOAuthGrant, Access: inventory.Access{Permissions: names{
		"openid", "https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/drive.readonly",
	}}}
	for b.Loop() {
		Assess(item)
	}
}
