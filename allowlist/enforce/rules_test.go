package enforce_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"guestlist/allowlist"
	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
)

const (
	chromeID  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	otherID   = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	firefoxID = "notes@acme.example"
)

// approval is an entry that is filled in, with more keys.
func approval(id, more string) string {
	return fmt.Sprintf("[[allow]]\nname = \"Notes\"\nkind = \"extension\"\nid = %s\nowner = \"it@acme.example\"\nreason = \"Notes\"\napproved = 2026-11-01\n%s\n",
		id, more)
}

func quoted(id string) string { return fmt.Sprintf("%q", id) }

func sites(count int) string {
	hosts := make([]string, count)
	for n := range hosts {
		hosts[n] = fmt.Sprintf("https://h%d.example/*", n)
	}
	return list(hosts)
}

// What becomes of one app, but for the permissions that are blocked, and what is noted.
func TestWhatBecomesOfAnEntry(t *testing.T) {
	t.Parallel()
	allowed, everySite := enforce.Rule{Mode: enforce.Allowed}, []inventory.Untrusted{"<all_urls>"}
	tests := map[string]struct {
		target, list string
		want         enforce.Rule
		notes        []string // parts of what is noted of entries; none otherwise
	}{
		"a-higher-bound-cannot-be-required": {
			"chrome", approval(quoted(chromeID), `versions = "<3"`), allowed, []string{"the versions <3 are not checked"},
		},
		"what-comes-after-a-version-is-a-version": {
			"chrome", approval(quoted(chromeID), `versions = ">1.5"`), enforce.Rule{Mode: enforce.Allowed, MinimumVersion: "1.5.0.1"}, nil,
		},
		"one-version-is-at-least-that": {
			"chrome", approval(quoted(chromeID), `versions = "=2.4"`), enforce.Rule{Mode: enforce.Allowed, MinimumVersion: "2.4"},
			[]string{"only the lowest, 2.4, is required"},
		},
		"an-open-version-is-at-least-its-beginning": {
			"chrome", approval(quoted(chromeID), `versions = "2.*"`), enforce.Rule{Mode: enforce.Allowed, MinimumVersion: "2"},
			[]string{"only the lowest, 2, is required"},
		},
		"a-denial-of-old-versions-requires-newer-ones": {
			"chrome", approval(quoted(chromeID), "") + "[[deny]]\nid = " + quoted(chromeID) + "\nreason = \"Leaks\"\nversions = \"<1.7\"\n",
			enforce.Rule{Mode: enforce.Allowed, MinimumVersion: "1.7"}, nil,
		},
		"a-denial-of-one-version-cannot-be-kept": {
			"chrome", approval(quoted(chromeID), "") + "[[deny]]\nid = " + quoted(chromeID) + "\nreason = \"Leaks\"\nversions = \"=1.7\"\n",
			allowed, []string{"the versions =1.7 are not checked"},
		},
		"Firefox-requires-no-version": {
			"firefox", approval(quoted(firefoxID), `versions = ">=2"`), allowed, []string{"the versions >=2 are not checked"},
		},
		"a-version-with-letters-is-not-one-of-Chromium": {
			"chrome", approval(quoted(chromeID), `versions = ">=1.0b2"`), allowed, []string{"the versions >=1.0b2 are not checked"},
		},
		"no-hosts-are-none": {
			"chrome", approval(quoted(chromeID), "hosts = []"), enforce.Rule{Mode: enforce.Allowed, BlockedHosts: everySite}, nil,
		},
		"every-host-is-no-limit": {
			"chrome", approval(quoted(chromeID), `hosts = ["<all_urls>"]`), allowed, nil,
		},
		"both-schemes-of-every-host-are-no-limit": {
			"chrome", approval(quoted(chromeID), `hosts = ["http://*/*", "https://*/*"]`), allowed, nil,
		},
		"a-path-is-widened-to-its-site": {
			"firefox", approval(quoted(firefoxID), `hosts = ["https://a.example/x/*"]`),
			enforce.Rule{Mode: enforce.Allowed, BlockedHosts: everySite, AllowedHosts: []inventory.Untrusted{"https://a.example"}},
			[]string{"https://a.example/x/* becomes https://a.example"},
		},
		"a-port-is-not-widened-to-all": {
			"firefox", approval(quoted(firefoxID), `hosts = ["http://*:8443/*"]`),
			enforce.Rule{Mode: enforce.Allowed, BlockedHosts: everySite}, []string{"a policy cannot name http://*:8443/*"},
		},
		"Chromium-knows-ports": {
			"chrome", approval(quoted(chromeID), `hosts = ["http://*:8443/*"]`),
			enforce.Rule{Mode: enforce.Allowed, BlockedHosts: everySite, AllowedHosts: []inventory.Untrusted{"http://*:8443"}}, nil,
		},
		"international-hosts-are-punycode": {
			"chrome", approval(quoted(chromeID), `hosts = ["https://*.bücher.example/*"]`),
			enforce.Rule{Mode: enforce.Allowed, BlockedHosts: everySite, AllowedHosts: []inventory.Untrusted{"https://*.xn--bcher-kva.example"}}, nil,
		},
		"files-cannot-be-named": {
			"chrome", approval(quoted(chromeID), `hosts = ["file:///*"]`),
			enforce.Rule{Mode: enforce.Allowed, BlockedHosts: []inventory.Untrusted{"*://*"}}, []string{"file:///* is not limited"},
		},
		"a-hundred-sites-are-read": {
			"chrome", approval(quoted(chromeID), "hosts = "+sites(101)), allowed, []string{"it pins 101 sites, and the browser reads 100"},
		},
		"Firefox-reads-any-number": {
			"firefox", approval(quoted(firefoxID), "hosts = "+sites(1)),
			enforce.Rule{Mode: enforce.Allowed, BlockedHosts: everySite, AllowedHosts: []inventory.Untrusted{"https://h0.example"}}, nil,
		},
		"the-debugger-goes-with-limited-hosts": {
			"chrome", approval(quoted(chromeID), "hosts = []\npermissions = [\"debugger\"]"),
			enforce.Rule{Mode: enforce.Allowed, BlockedHosts: everySite}, []string{"the browser refuses its permission debugger"},
		},
		"publishers-and-origins-are-not-checked": {
			"chrome", approval(quoted(chromeID), "publisher = \"Acme\"\norigin = [\"store\"]"), allowed,
			[]string{"the publisher is not checked", "where it comes from is not checked"},
		},
		"a-required-app-keeps-the-pins-of-an-approval-that-expired": {
			"chrome", approval(quoted(chromeID), "hosts = []\nexpires = 2026-11-02") + "[[require]]\nid = " + quoted(chromeID) + "\nreason = \"Everyone's\"\n",
			enforce.Rule{Mode: enforce.Forced, InstallURL: "https://clients2.google.com/service/update2/crx", BlockedHosts: everySite},
			[]string{"its approval expired on 2026-11-02"},
		},
		"Edge-installs-from-its-own-store": {
			"edge", "[[require]]\nid = " + quoted(chromeID) + "\nreason = \"Everyone's\"\n",
			enforce.Rule{Mode: enforce.Forced, InstallURL: "https://edge.microsoft.com/extensionwebstorebase/v1/crx"}, nil,
		},
		"of-several-IDs-each-is-installed": {
			"chrome", "[[require]]\nid = " + list([]string{otherID, chromeID}) + "\nreason = \"Everyone's\"\n",
			enforce.Rule{Mode: enforce.Forced, InstallURL: "https://clients2.google.com/service/update2/crx"},
			[]string{"it names 2 IDs that this browser could install"},
		},
		"what-is-denied-is-not-installed-although-required": {
			"chrome", "[[require]]\nid = " + quoted(chromeID) + "\nreason = \"Everyone's\"\n[[deny]]\nid = " + quoted(chromeID) + "\nreason = \"Leaks.\"\n",
			enforce.Rule{Mode: enforce.Removed, Message: "Denied: Leaks."}, nil,
		},
		"an-ID-in-capitals-is-the-same": {
			"chrome", approval(quoted(strings.ToUpper(chromeID)), ""), allowed, nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := inventory.Untrusted(chromeID)
			if test.target == "firefox" {
				id = firefoxID
			}
			policy, notes := enforce.Wanted(parse(t, "version = 1\n"+test.list), enforce.TargetNamed(test.target), enforce.Options{At: now})
			rule := policy.Rules[id]
			rule.BlockedPermissions = nil
			if len(rule.AllowedHosts) == 0 {
				rule.AllowedHosts = nil
			}
			if diff := cmp.Diff(test.want, rule, cmpopts.IgnoreUnexported(enforce.Rule{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var got []string
			for _, note := range notes {
				if note.Title != "" {
					got = append(got, note.String())
				}
			}
			for n, want := range test.notes {
				if n >= len(got) || !strings.Contains(got[n], want) {
					t.Errorf("notes %q, want %q", got, test.notes)
					break
				}
			}
			if len(got) != len(test.notes) {
				t.Errorf("notes %q, want %q", got, test.notes)
			}
		})
	}
}

func TestAFeedKeepsOutWhatIsApproved(t *testing.T) {
	t.Parallel()
	text := "version = 1\n" + approval(quoted(chromeID), "") + "[[feed]]\npath = \"bad.txt\"\n"
	made, err := allowlist.Parse("allowlist.toml", []byte(text), func(string) ([]byte, time.Time, error) {
		return []byte(chromeID + "\n" + otherID + "\n"), now, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	policy, notes := enforce.Wanted(made, enforce.TargetNamed("chrome"), enforce.Options{At: now})
	if mode := policy.Rules[chromeID].Mode; mode != enforce.Removed || len(policy.Rules) != 1 {
		t.Errorf("the rules are %+v, want one that removes %s", policy.Rules, chromeID)
	}
	if text := notes[0].String(); !strings.Contains(text, "the IDs of the feed bad.txt (2) are not listed") {
		t.Errorf("the note is %q", text)
	}
}

func TestAMessageIsNoLongerThanTheBrowserReads(t *testing.T) {
	t.Parallel()
	text := "version = 1\n[[deny]]\nid = " + quoted(chromeID) + "\nreason = \"" + strings.Repeat("ü", 1500) + "\"\n"
	read, err := enforce.Read(enforce.TargetNamed("chrome"), emit(t, parse(t, text), "chrome", enforce.Options{}).Content)
	if err != nil {
		t.Fatal(err)
	}
	if got := read.Rules[chromeID].Message; len(got) > 1000 || len(got) < 990 || strings.ContainsRune(string(got), '\uFFFD') {
		t.Errorf("%d bytes: %.40q", len(got), string(got))
	}
}
