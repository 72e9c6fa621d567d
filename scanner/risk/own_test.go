package risk_test

import (
	"testing"

	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

func own(classes ...risk.Class) *risk.Own {
	for n := range classes {
		classes[n].At, classes[n].Reason = "allowlist.toml:9", "ours"
	}
	return risk.NewOwn(classes)
}

func extensionWith(access inventory.Access) *inventory.Item {
	return &inventory.Item{Source: inventory.Source{Provider: inventory.Chromium}, Kind: inventory.KindExtension,
		Origin: inventory.OriginStore, Access: access}
}

func TestAnOrganizationsOwnClassDecides(t *testing.T) {
	t.Parallel()
	texts := func(list ...inventory.Untrusted) []inventory.Untrusted { return list }
	payroll := risk.Class{Host: "*.payroll.example", Level: inventory.Critical}
	jewel := risk.Class{Host: "*.payroll.example", Level: inventory.High, AtLeast: true}
	grant := func(scope inventory.Untrusted) *inventory.Item {
		return &inventory.Item{Source: inventory.Source{Provider: inventory.GoogleWorkspace}, Kind: inventory.KindOAuthGrant,
			Access: inventory.Access{Permissions: texts(scope)}}
	}
	for _, test := range []struct {
		name    string
		classes []risk.Class
		item    *inventory.Item
		want    inventory.Level
		own     bool // the first reason is the organization's
	}{
		{"a-permission-is-raised", []risk.Class{{Permission: "storage", Level: inventory.High}},
			extensionWith(inventory.Access{Permissions: texts("storage")}), inventory.High, true},
		{"a-permission-is-lowered", []risk.Class{{Permission: "history", Level: inventory.Low}},
			extensionWith(inventory.Access{Permissions: texts("history")}), inventory.Low, true},
		{"a-permission-that-means-nothing-here", []risk.Class{{Permission: "history", Level: inventory.Info}},
			extensionWith(inventory.Access{Permissions: texts("history")}), inventory.Info, false},
		{"also-beside-hosts", []risk.Class{{Permission: "cookies", Level: inventory.Low}},
			extensionWith(inventory.Access{Permissions: texts("cookies"), Hosts: texts("https://a.example/*")}), inventory.Medium, false},
		{"by-a-pattern", []risk.Class{{Permission: "system.*", Level: inventory.High}},
			extensionWith(inventory.Access{Permissions: texts("system.cpu")}), inventory.High, true},
		{"a-name-before-a-pattern", []risk.Class{{Permission: "s*", Level: inventory.Critical}, {Permission: "storage", Level: inventory.Low}},
			extensionWith(inventory.Access{Permissions: texts("storage")}), inventory.Low, true},
		{"a-longer-pattern-before-a-shorter", []risk.Class{{Permission: "system.*", Level: inventory.Critical}, {Permission: "system.c*", Level: inventory.Low}},
			extensionWith(inventory.Access{Permissions: texts("system.cpu")}), inventory.Low, true},
		{"the-highest-of-several-lists", []risk.Class{{Permission: "storage", Level: inventory.Low}, {Permission: "stor*", Level: inventory.High, List: 1}},
			extensionWith(inventory.Access{Permissions: texts("storage")}), inventory.High, true},
		{"asked-for-later-weighs-less", []risk.Class{{Permission: "storage", Level: inventory.Critical}},
			extensionWith(inventory.Access{Permissions: texts("alarms"), Optional: texts("storage")}), inventory.High, true},
		{"a-surface-by-its-name", []risk.Class{{Permission: "externally_connectable", Level: inventory.High}},
			extensionWith(inventory.Access{Permissions: texts("alarms"), Surfaces: texts("externally_connectable https://a.example/*")}), inventory.High, true},
		{"a-scope-by-its-short-name", []risk.Class{{Permission: "userinfo.email", Level: inventory.High}},
			grant("https://www.googleapis.com/auth/userinfo.email"), inventory.High, true},
		{"a-scope-by-its-whole-name", []risk.Class{{Permission: "https://www.googleapis.com/auth/calendar*", Level: inventory.Critical}},
			grant("https://www.googleapis.com/auth/calendar.readonly"), inventory.Critical, true},
		{"a-scope-that-no-table-has", []risk.Class{{Permission: "https://acme.example/auth/tea", Level: inventory.Low}},
			grant("https://acme.example/auth/tea"), inventory.Low, true},

		{"a-host", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("https://app.payroll.example/*")}), inventory.Critical, true},
		{"a-host-on-a-path", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("https://app.payroll.example:8443/me*")}), inventory.Critical, true},
		{"a-host-within-a-wider-pattern", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("https://*.app.payroll.example/*")}), inventory.Critical, true},
		{"a-pattern-that-touches-it", []risk.Class{{Host: "eu.payroll.example", Level: inventory.Critical}},
			extensionWith(inventory.Access{Hosts: texts("https://*.payroll.example/*")}), inventory.Critical, true},
		{"certain-pages-of-every-site", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("*://*/pay*")}), inventory.Critical, true},
		{"every-page-is-critical-anyway", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("<all_urls>")}), inventory.Critical, false},
		{"another-host", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("https://notpayroll.example/*")}), inventory.Medium, false},
		{"a-host-is-lowered", []risk.Class{{Host: "wiki.acme.example", Level: inventory.Low}},
			extensionWith(inventory.Access{Hosts: texts("https://wiki.acme.example/*")}), inventory.Low, true},
		{"a-pattern-beyond-it-is-not-lowered", []risk.Class{{Host: "wiki.acme.example", Level: inventory.Low}},
			extensionWith(inventory.Access{Hosts: texts("https://*.acme.example/*")}), inventory.Medium, false},
		{"every-page-is-not-lowered", []risk.Class{{Host: "*.com", Level: inventory.Low}},
			extensionWith(inventory.Access{Hosts: texts("https://*/*")}), inventory.Critical, false},
		{"on-a-click", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("https://payroll.example/*"), HostsWithheld: inventory.Yes}), inventory.High, true},
		{"a-crown-jewel-raises", []risk.Class{jewel}, extensionWith(inventory.Access{Hosts: texts("https://payroll.example/*")}), inventory.High, true},
		{"a-crown-jewel-does-not-lower", []risk.Class{{Host: "*.google.com", Level: inventory.Medium, AtLeast: true}},
			extensionWith(inventory.Access{Hosts: texts("https://mail.google.com/*")}), inventory.High, false},
		{"files-are-no-host", []risk.Class{payroll}, extensionWith(inventory.Access{Hosts: texts("file:///*")}), inventory.Critical, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := own(test.classes...).Assess(test.item)
			if got.Level != test.want {
				t.Errorf("Level = %s, want %s: %v", got.Level, test.want, got.Reasons)
			}
			if len(got.Reasons) > 0 && (got.Reasons[0].Own != "") != test.own {
				t.Errorf("the first reason is %+v", got.Reasons[0])
			}
			if test.own && got.Reasons[0].Own != inventory.Textf("%s by allowlist.toml:9: ours", inventory.Untrusted(ownLevel(test.classes, got.Reasons[0]))) {
				t.Errorf("it says %q", got.Reasons[0].Own)
			}
		})
	}
}

// ownLevel is the level of the class that a reason is of.
func ownLevel(classes []risk.Class, reason risk.Reason) inventory.Level {
	for _, c := range classes {
		if c.Level == reason.Level {
			return c.Level
		}
	}
	return classes[0].Level
}

func TestWithoutClassesTheTablesDecide(t *testing.T) {
	t.Parallel()
	item := extensionWith(inventory.Access{Permissions: []inventory.Untrusted{"history"}, Hosts: []inventory.Untrusted{"https://a.example/*"}})
	for name, o := range map[string]*risk.Own{"nil": nil, "none": risk.NewOwn(nil)} {
		if got, want := o.Assess(item), risk.Assess(item); got.Level != want.Level || len(got.Reasons) != len(want.Reasons) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
