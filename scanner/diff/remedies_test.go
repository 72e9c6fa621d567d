package diff

import (
	"testing"

	"guestlist/scanner/inventory"
)

func TestARemedyIsSomethingThatCanBeDone(t *testing.T) {
	t.Parallel()
	const id = inventory.Untrusted(appID)
	located := func(location string) map[string]inventory.Untrusted {
		return map[string]inventory.Untrusted{"location": inventory.Untrusted(location)}
	}
	for _, test := range []struct {
		name string
		item inventory.Item
		want string // of the finding that nobody approved it
	}{
		{"an extension of Chromium", inventory.Item{Origin: inventory.OriginStore, Path: id + "/1.0_0"},
			"remove it at chrome://extensions/?id=" + appID + ", or have it approved"},
		{"brought by a program", inventory.Item{Origin: inventory.OriginSideload, Facts: located("external preference")},
			"remove it at chrome://extensions/?id=" + appID + ", or have it approved"},
		{"by policy", inventory.Item{Origin: inventory.OriginPolicy},
			"ask the administrator of this browser to take it out of the policy that installs it (chrome://policy), or have it approved"},
		{"unpacked", inventory.Item{Origin: inventory.OriginUnpacked, Path: "/home/it/src/tabs", Facts: located("unpacked")},
			"remove it at chrome://extensions/?id=" + appID + " and delete /home/it/src/tabs, or have it approved"},
		{"by the command line, from a package", inventory.Item{Origin: inventory.OriginUnpacked,
			Path: "/usr/share/chromium/extensions/tabs", Facts: located("command line")},
			"remove the package that owns /usr/share/chromium/extensions/tabs, take it off the command line that starts the browser " +
				"(--load-extension), or have it approved"},
		{"by the command line", inventory.Item{Origin: inventory.OriginUnpacked, Path: "/home/it/tabs",
			Facts: located("command line")},
			"take it off the command line that starts the browser (--load-extension), or have it approved"},
		{"a theme, which Chromium does not list", inventory.Item{Kind: inventory.KindTheme, Origin: inventory.OriginStore},
			"choose another theme at chrome://settings/appearance, or have it approved"},
		{"a shared module", inventory.Item{Kind: inventory.KindSharedModule, Origin: inventory.OriginStore},
			"remove the extensions that import it, or have it approved"},
		{"an add-on of Firefox", inventory.Item{Source: firefoxSource, Origin: inventory.OriginStore,
			Path: "/home/it/.mozilla/firefox/x/extensions/a.xpi", Facts: located("app-profile")},
			"remove it at about:addons, or have it approved"},
		{"of the profile, though the profile is in an odd place",
			inventory.Item{Source: firefoxSource, Path: "/opt/profiles/x/extensions/a.xpi", Facts: located("app-profile")},
			"remove it at about:addons, or have it approved"},
		{"from a package", inventory.Item{Source: firefoxSource, Origin: inventory.OriginSideload,
			Path: "/usr/share/mozilla/extensions/a.xpi", Facts: located("app-system-share")},
			"remove the package that owns " +
				"/usr/share/mozilla/extensions/a.xpi (about:addons has no Remove button for it), ask the administrator of this machine to remove it, or have it approved"},
		{"from a package, though its place is not known by name",
			inventory.Item{Source: firefoxSource, Path: "/usr/lib/firefox/browser/extensions/a.xpi"},
			"remove the package that owns " +
				"/usr/lib/firefox/browser/extensions/a.xpi (about:addons has no Remove button for it), ask the administrator of this machine to remove it, or have it approved"},
		{"from an installer of Windows", inventory.Item{Source: firefoxSource,
			Path: `C:\Program Files\Mozilla Firefox\browser\extensions\a.xpi`, Facts: located("app-global")},
			"remove the package that owns " +
				`C:\Program Files\Mozilla Firefox\browser\extensions\a.xpi (about:addons has no Remove button for it), ask the administrator of this machine to remove it, or have it approved`},
		{"from the registry", inventory.Item{Source: firefoxSource, Path: `C:\Users\it\a.xpi`,
			Facts: located("winreg-app-user")},
			"uninstall the program that installed it (about:addons has no Remove button for it), or have it approved"},
		{"for all profiles of one user", inventory.Item{Source: firefoxSource, Path: "/home/it/.mozilla/extensions/a.xpi",
			Facts: located("app-system-user")},
			"delete /home/it/.mozilla/extensions/a.xpi (about:addons has no Remove button for it), or have it approved"},
		{"a Firefox policy", inventory.Item{Source: firefoxSource, Origin: inventory.OriginPolicy,
			Path: "/home/it/.mozilla/firefox/x/extensions/a.xpi"},
			"ask the administrator of this browser to take it out of the policy that installs it (about:policies), or have it approved"},
		{"for one session", inventory.Item{Source: firefoxSource, Origin: inventory.OriginUnpacked,
			Path: "/home/it/src/a", Facts: located("app-temporary")},
			"remove it at about:debugging#/runtime/this-firefox, restart the browser, or have it approved"},
		{"of Thunderbird, which has no address bar",
			inventory.Item{Source: firefoxSource, Holder: inventory.Holder{Browser: "Thunderbird (snap)"},
				Facts: located("app-profile")},
			"remove it at Tools > Add-ons and Themes, or have it approved"},
		{"of managed browsers", inventory.Item{Source: inventory.Source{Provider: inventory.ChromeManagement,
			Name: "acme.example/extensions"}},
			"block it for everyone at https://admin.google.com/ac/chrome/apps/user, or have it approved"},
		{"by the policy of managed browsers", inventory.Item{Source: inventory.Source{Provider: inventory.ChromeManagement}, Origin: inventory.OriginPolicy},
			"take it out of the policy that installs it at https://admin.google.com/ac/chrome/apps/user, or have it approved"},
		{"a grant", inventory.Item{Kind: inventory.KindOAuthGrant,
			Source: inventory.Source{Provider: inventory.GoogleWorkspace}},
			"ask its holders to remove it at https://myaccount.google.com/connections, block it for everyone at " +
				"https://admin.google.com/ac/owl/list?tab=apps, or have it approved"},
		{"an app of GitHub", inventory.Item{Kind: inventory.KindInstallation,
			Source: inventory.Source{Provider: inventory.GitHub, Name: "acme/installations"}},
			"ask an organization owner to uninstall or suspend it, or have it approved"},
	} {
		item := test.item
		item.App.ID, item.App.Name, item.State = id, "Acme Tabs", inventory.StateEnabled
		if item.Kind == "" {
			item.Kind = inventory.KindExtension
		}
		if item.Source.Provider == "" {
			item.Source = source("Default")
		}
		found := judgeScans(t, "[policy]\n", nil, scan{items: []inventory.Item{item}}).Findings
		if len(found) != 1 || string(found[0].Remedy) != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, found[0].Remedy, test.want)
		}
	}
}

var firefoxSource = inventory.Source{Provider: inventory.Firefox, Host: "laptop-01", Name: "finance/firefox/default"}

func TestAnAppThatCameInSeveralWaysIsTakenBackInAllOfThem(t *testing.T) {
	t.Parallel()
	judgement := judgeScans(t, "[policy]\n", nil, scan{items: []inventory.Item{
		extension("Default", nil), extension("Profile 1", func(i *inventory.Item) { i.Origin = inventory.OriginPolicy }),
		extension("Profile 2", nil),
	}})
	const want = "remove it at chrome://extensions/?id=" + appID + "; ask the administrator of this browser " +
		"to take it out of the policy that installs it (chrome://policy); or have it approved"
	if len(judgement.Findings) != 1 || judgement.Findings[0].Remedy != want {
		t.Errorf("%+v", judgement.Findings)
	}
}

func TestWhatIsKnownToBeBadIsNotOfferedForApproval(t *testing.T) {
	t.Parallel()
	for list, rule := range map[string]Rule{
		"[[deny]]\nid = \"" + appID + "\"\nreason = \"Sells data\"\n": Denied, "[policy]\n": VendorBlocked,
	} {
		items := []inventory.Item{extension("Default", func(i *inventory.Item) {
			if rule == VendorBlocked {
				i.Mark(inventory.MarkVendor, inventory.MarkMalware, "")
			}
		})}
		found := ofRule(judgeScans(t, list, nil, scan{items: items}).Findings, rule)
		if len(found) != 1 || found[0].Remedy != "remove it at chrome://extensions/?id="+appID {
			t.Errorf("%s: %+v", rule, found)
		}
	}
}
