package enforce_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
)

// Differences go both ways, what is too much comes first.
func TestDifferencesGoBothWays(t *testing.T) {
	t.Parallel()
	const closed = `"*": {"installation_mode": "blocked"}`
	chrome := func(settings string) string { return `{"ExtensionSettings": {` + closed + settings + `}}` }
	of := func(settings string) string { return chrome(`, "` + chromeID + `": ` + settings) }
	required := "[[require]]\nname = \"Vault\"\nid = " + quoted(chromeID) + "\nreason = \"Everyone's\"\n"
	tests := map[string]struct {
		target, list, policy string
		want                 []string // sort, ID and text
	}{
		"as-approved": {"chrome", approval(quoted(chromeID), ""), of(`{"installation_mode": "allowed"}`), nil},
		"open":        {"chrome", "", `{}`, []string{"open-default : it permits every extension that it does not name, and the allowlist none"}},
		"not-approved": {"chrome", "", of(`{"installation_mode": "allowed"}`),
			[]string{"not-approved a: the policy says allowed, and the allowlist does not approve it"}},
		"denied": {"chrome", "[[deny]]\nid = " + quoted(chromeID) + "\nreason = \"Leaks\"\n", of(`{"installation_mode": "force_installed", "update_url": "https://a.example"}`),
			[]string{"not-approved a: the policy says force installed, and the allowlist does not approve it"}},
		"blocked-is-as-good-as-removed": {"chrome", "[[deny]]\nid = " + quoted(chromeID) + "\nreason = \"Leaks\"\n", chrome(""), nil},
		"not-permitted": {"chrome", approval(quoted(chromeID), ""), chrome(""),
			[]string{"not-permitted a: the allowlist approves it, and the policy says blocked"}},
		"not-installed": {"chrome", required, of(`{"installation_mode": "allowed"}`),
			[]string{"not-installed a: the allowlist requires it, and the policy says allowed"}},
		"required-and-blocked": {"chrome", required, chrome(""),
			[]string{"not-permitted a: the allowlist approves it, and the policy says blocked"}},
		"installed": {"chrome", approval(quoted(chromeID), ""), of(`{"installation_mode": "normal_installed", "update_url": "https://a.example"}`),
			[]string{"installed a: the policy says normal installed, and the allowlist does not require it"}},
		"installed-otherwise": {"chrome", required, of(`{"installation_mode": "normal_installed", "update_url": "https://a.example"}`),
			[]string{"installed a: the policy says normal installed, in place of force installed"}},
		"one-of-several-IDs-is-enough": {"chrome", "[[require]]\nid = " + list([]string{chromeID, otherID}) + "\nreason = \"Everyone's\"\n",
			of(`{"installation_mode": "force_installed", "update_url": "https://a.example"}`), nil},
		"permissions": {"firefox", approval(quoted(firefoxID), `permissions = ["tabs", "bookmarks"]`),
			`{"policies": {"ExtensionSettings": {` + closed + `, "` + firefoxID + `": {"blocked_permissions": ["bookmarks", "unheardOf"]}}}}`,
			[]string{"wider notes@acme.example: it may use ", "narrower notes@acme.example: it may not use bookmarks, which its approval allows"}},
		"any-permission": {"chrome", approval(quoted(chromeID), "permissions = []"), of(`{"installation_mode": "allowed"}`),
			[]string{"wider a: it may use any permission, and its approval names those that it may"}},
		"hosts": {"chrome", approval(quoted(chromeID), `hosts = ["https://*.a.example/*", "https://b.example/*"]`),
			of(`{"installation_mode": "allowed", "runtime_blocked_hosts": ["*://*"], "runtime_allowed_hosts": ["https://x.a.example", "https://c.example"]}`),
			[]string{"wider a: it may reach https://c.example, beyond its approval",
				"narrower a: it may not reach https://*.a.example and https://b.example, which its approval allows"}},
		"every-host": {"chrome", approval(quoted(chromeID), "hosts = []"), of(`{"installation_mode": "allowed"}`),
			[]string{"wider a: it may reach every site, and its approval allows none"}},
		"some-hosts-less": {"chrome", approval(quoted(chromeID), ""), of(`{"installation_mode": "allowed", "runtime_blocked_hosts": ["https://bank.example"]}`),
			[]string{"narrower a: it may not reach https://bank.example, which its approval allows"}},
		"versions": {"chrome", approval(quoted(chromeID), `versions = ">=2"`), of(`{"installation_mode": "allowed", "minimum_version_required": "1.9"}`),
			[]string{"wider a: it may run in versions before 2, beyond its approval"}},
		"versions-in-another-spelling": {"chrome", approval(quoted(chromeID), `versions = ">=2"`), of(`{"installation_mode": "allowed", "minimum_version_required": "2.0"}`), nil},
		"google": {"google", strings.ReplaceAll(approval(quoted("1-calendar"), ""), `"extension"`, `"oauth-grant"`),
			"Id,Access,Org Unit\n1-calendar,Limited,/\n1-other,Trusted,/\n1-third,Blocked,/\n",
			[]string{"not-approved 1-other: the policy says trusted, and the allowlist does not approve it",
				"narrower 1-calendar: the policy says limited, in place of trusted"}},
		"google-in-an-organizational-unit": {"google", strings.ReplaceAll(approval(quoted("1-calendar"), ""), `"extension"`, `"oauth-grant"`),
			"Id,Access,Org Unit\n1-calendar,Trusted,/\n1-calendar,Blocked,/Guests\n1-other,Trusted,/Sales\n",
			[]string{"not-approved 1-other in /Sales: the policy says trusted, and the allowlist does not approve it",
				"not-permitted 1-calendar in /Guests: the allowlist approves it, and the policy says blocked"}},
		"scopes-that-the-console-names-are-no-difference": {"google",
			strings.ReplaceAll(approval(quoted("1-calendar"), `permissions = ["https://www.googleapis.com/auth/calendar"]`), `"extension"`, `"oauth-grant"`),
			"Id,Access\n1-calendar,Specific Google data\n", nil},
		"actions": {"github-actions", strings.ReplaceAll(approval(quoted("acme/*"), ""), `"extension"`, `"action"`),
			`{"patterns_allowed": ["Acme/*", "evil/action@*"], "github_owned_allowed": true}`,
			[]string{"not-approved evil/action: the policy says allowed, and the allowlist does not approve it"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := enforce.TargetNamed(test.target)
			policy, err := enforce.Read(target, []byte(test.policy))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for n, d := range enforce.Compare(parse(t, "version = 1\n"+test.list), target, enforce.Options{At: now}, policy) {
				id := strings.Replace(string(d.ID), chromeID, "a", 1)
				line := string(d.Sort) + " " + id + ": " + d.Text.String()
				if n < len(test.want) && strings.HasSuffix(test.want[n], " ") && strings.HasPrefix(line, test.want[n]) {
					line = test.want[n] // a long list follows
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilesOfADirectoryCountTogetherAndTheLastWins(t *testing.T) {
	t.Parallel()
	got, err := enforce.ReadAll(enforce.TargetNamed("chrome"), [][]byte{
		[]byte(`{"ExtensionSettings": {"*": {"installation_mode": "blocked"}, "` + chromeID + `": {"installation_mode": "allowed"}}}`),
		[]byte(`{"ExtensionInstallAllowlist": ["` + otherID + `"]}`),
		[]byte(`{"ExtensionSettings": {"*": {"installation_mode": "removed"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &enforce.Policy{Default: enforce.Rule{Mode: enforce.Removed}, Rules: map[inventory.Untrusted]enforce.Rule{otherID: {Mode: enforce.Allowed}}}
	if diff := cmp.Diff(want, got, noHints); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
