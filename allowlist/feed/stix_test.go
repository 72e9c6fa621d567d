package feed_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guestlist/allowlist/feed"
	"guestlist/scanner/inventory"
)

const (
	idA = "aaaabbbbccccddddeeeeffffgggghhhh"
	idB = "bbbbccccddddeeeeffffgggghhhhiiii"
)

func bundle(objects ...string) string {
	return "{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": [\n" + strings.Join(objects, ",\n") + "\n]}"
}

func indicator(pattern, more string) string {
	return fmt.Sprintf(`{"type": "indicator", "spec_version": "2.1", "id": "indicator--1", "created": "2026-07-16T14:24:00Z", "modified": "2026-07-17T14:24:00Z",`+
		` "name": "Malicious Extension: Notes", "pattern_type": "stix", "pattern": %q%s}`, pattern, more)
}

func parse(t *testing.T, kind inventory.Kind, text string) *feed.Feed {
	t.Helper()
	f, err := feed.Parse("bad.json", kind, []byte(text), time.Time{})
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return f
}

func holds(f *feed.Feed, kind inventory.Kind, id inventory.Untrusted) (feed.Record, bool) {
	return f.Find(&inventory.Item{Kind: kind, App: inventory.App{ID: id}})
}

func TestPatternsThatNameApps(t *testing.T) {
	t.Parallel()
	const client = "19570130570-abc.apps.googleusercontent.com"
	for _, test := range []struct {
		name, pattern string
		kind          inventory.Kind
		ids           []inventory.Untrusted
	}{
		{"by-a-property", "[software:x_extension_id = '" + idA + "']", inventory.KindExtension, []inventory.Untrusted{idA}},
		{"by-a-store's-address", "[url:value = 'https://chromewebstore.google.com/detail/" + idA + "']", inventory.KindExtension, []inventory.Untrusted{idA}},
		{"by-an-address-with-a-name", "[url:value='https://microsoftedge.microsoft.com/addons/detail/notes/" + idA + "?hl=en']", inventory.KindExtension, []inventory.Untrusted{idA}},
		{"several", "[software:x_extension_id = '" + idA + "' OR software:x_extension_id = '" + idB + "']", inventory.KindExtension, []inventory.Untrusted{idA, idB}},
		{"several-observations", "[software:x_extension_id = '" + idA + "'] OR [browser-extension:value = '" + idB + "']", inventory.KindExtension, []inventory.Untrusted{idA, idB}},
		{"a-set", "[x-app:extension_id IN ('" + idA + "', '" + idB + "')]", inventory.KindExtension, []inventory.Untrusted{idA, idB}},
		{"a-client", "[x-oauth-app:client_id = '" + client + "']", inventory.KindOAuthGrant, []inventory.Untrusted{"19570130570-abc", client}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := parse(t, "", bundle(indicator(test.pattern, "")))
			if f.Format != "stix" || f.Rejected != 0 || f.Date.Format(time.DateOnly) != "2026-07-17" {
				t.Errorf("%s of %v with rejects %v", f.Format, f.Date, f.Rejects)
			}
			for _, id := range test.ids {
				if r, found := holds(f, test.kind, id); !found || r.Line != 2 || r.Name != "Malicious Extension: Notes" || r.Date != "2026-07-16" {
					t.Errorf("%s: %+v, %v", id, r, found)
				}
			}
		})
	}
}

// What may mean something narrower denies nothing, and is counted.
func TestPatternsThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	good := indicator("[software:x_extension_id = '"+idB+"']", "")
	for _, test := range []struct{ name, object, why string }{
		{"and", indicator("[software:x_extension_id = '"+idA+"' AND software:version = '1.0']", ""), "is a pattern that is not understood"},
		{"not-equal", indicator("[software:x_extension_id != '"+idA+"']", ""), "is a pattern that is not understood"},
		{"not", indicator("[software:x_extension_id NOT = '"+idA+"']", ""), "is a pattern that is not understood"},
		{"like", indicator("[software:x_extension_id LIKE '%"+idA+"']", ""), "is a pattern that is not understood"},
		{"a-qualifier", indicator("[software:x_extension_id = '"+idA+"'] REPEATS 5 TIMES", ""), "is a pattern that is not understood"},
		{"followed-by", indicator("[software:x_extension_id = '"+idA+"'] FOLLOWEDBY [url:value = 'https://a.example/']", ""), "is a pattern that is not understood"},
		{"without-an-end", indicator("[software:x_extension_id = '"+idA, ""), "is a pattern that is not understood"},
		{"in-parentheses", indicator("([software:x_extension_id = '"+idA+"'])", ""), "is a pattern that is not understood"},
		{"no-pattern", indicator("", ""), "is a pattern that is not understood"},
		{"deep", indicator(strings.Repeat("[", 10000), ""), "is a pattern that is not understood"},
		{"another-language", strings.Replace(indicator("rule x {}", ""), `"stix"`, `"yara"`, 1), "has a pattern that is not STIX"},
		{"another-thing", indicator("[domain-name:value = 'evil.example']", ""), "compares something else than an app's ID"},
		{"one-of-two-is-another-thing", indicator("[software:x_extension_id = '"+idA+"' OR url:value = 'https://evil.example/"+idA+"']", ""), "compares something else than an app's ID"},
		{"another-site-of-that-path", indicator("[url:value = 'https://evil.example/detail/"+idA+"']", ""), "compares something else than an app's ID"},
		{"an-add-on's-page", indicator("[url:value = 'https://addons.mozilla.org/firefox/addon/notes']", ""), "compares something else than an app's ID"},
		{"revoked", indicator("[software:x_extension_id = '"+idA+"']", `, "revoked": true`), "is revoked"},
		{"benign", indicator("[software:x_extension_id = '"+idA+"']", `, "indicator_types": ["benign"]`), "is said to be benign"},
		{"no-longer-valid", indicator("[software:x_extension_id = '"+idA+"']", `, "valid_until": "2026-01-01T00:00:00Z"`), "is no longer valid"},
		{"a-short-ID", indicator("[software:x_extension_id = 'aaaa']", ""), "is not an ID"},
		{"a-type-of-another-kind", `{"type": "indicator", "pattern": 7}`, "is not a STIX object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := parse(t, "", bundle(test.object, good))
			if f.Accepted != 1 || f.Rejected != 1 || f.Rejects[0].Reason != test.why || f.Rejects[0].Position.Line != 2 {
				t.Errorf("%d accepted, rejects %v, want %q", f.Accepted, f.Rejects, test.why)
			}
			if _, found := holds(f, inventory.KindExtension, idA); found {
				t.Error("it denies the app")
			}
		})
	}
}

func TestSeverityFollowsTheReason(t *testing.T) {
	t.Parallel()
	malware := `{"type": "malware", "id": "malware--1", "malware_types": ["trojan"], "name": "Family"}`
	relation := `{"type": "relationship", "relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "malware--1"}`
	pattern := "[software:x_extension_id = '" + idA + "']"
	for _, test := range []struct {
		name, text string
		want       inventory.Level
	}{
		{"what-it-says", bundle(indicator(pattern, `, "description": "Malicious browser extension: Notes (`+idA+`) Policy Violation"`), malware, relation), inventory.High},
		{"its-family", bundle(indicator(pattern, `, "description": "Removed from the store"`), malware, relation), inventory.Critical},
		{"not-its-name", bundle(indicator(pattern, `, "description": "Malicious browser extension: Notes of theft", "name": "X: Notes of theft"`)), ""},
		{"malware", "extension_id,reason\n" + idA + ",Malware\n", inventory.Critical},
		{"a-violation-of-policy", "extension_id,reason\n" + idA + ",Policy Violation\n", inventory.High},
		{"unwanted", "extension_id,reason\n" + idA + ",Bundling Unwanted Software\n", inventory.High},
		{"sold", "extension_id,reason\n" + idA + ",sold to an advertiser\n", inventory.Medium},
		{"unmaintained", "extension_id,reason\n" + idA + ",\"unmaintained, delisted\"\n", inventory.Medium},
		{"a-word-within-another", "extension_id,reason\n" + idA + ",for soldiers\n", ""},
		{"the-worst-of-two", "extension_id,threat-type\n" + idA + ",\"adware,credential-theft\"\n", inventory.Critical},
		{"what-is-stated", "extension_id,reason,severity\n" + idA + ",Malware,low\n", inventory.Low},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if r, found := holds(parse(t, "", test.text), inventory.KindExtension, idA); !found || r.Severity != test.want {
				t.Errorf("%q, %v, want %q", r.Severity, found, test.want)
			}
		})
	}
}

// A file may hold several kinds of apps, where a column says which; GitHub's apps have numbers, and
// names in their addresses.
func TestAFeedNamesExtensionsClientsAndInstalledApps(t *testing.T) {
	t.Parallel()
	f := parse(t, "", "kind,id,reason\nextension,"+idA+",malware\noauth-grant,19570130570-abc,malware\napp-installation,15368,malware\napp-installation,evil-ci,malware\napp-installation,,x\nextension,15368,x\n")
	if f.Accepted != 4 || f.Rejected != 2 {
		t.Errorf("%d accepted, %d rejected: %v", f.Accepted, f.Rejected, f.Rejects)
	}
	for _, test := range []struct {
		kind inventory.Kind
		id   inventory.Untrusted
		slug inventory.Untrusted
		want bool
	}{
		{inventory.KindExtension, idA, "", true}, {inventory.KindTheme, idA, "", false},
		{inventory.KindOAuthGrant, "19570130570-abc.apps.googleusercontent.com", "", true},
		{inventory.KindInstallation, "15368", "", true}, {inventory.KindAccessToken, "15368", "", false},
		{inventory.KindInstallation, "99", "evil-ci", true}, {inventory.KindInstallation, "99", "good-ci", false},
	} {
		item := &inventory.Item{Kind: test.kind, App: inventory.App{ID: test.id}, Facts: map[string]inventory.Untrusted{"app_slug": test.slug}}
		if _, found := f.Find(item); found != test.want {
			t.Errorf("%s %s %s: %v", test.kind, test.id, test.slug, found)
		}
	}
}

// FuzzSTIX: no bundle stops the program, and what is accepted was written as an ID.
func FuzzSTIX(f *testing.F) {
	for _, pattern := range []string{"[software:x_extension_id = '" + idA + "']", "[a:client_id IN ('1-a', '" + idB + "')] OR [url:value='https://chromewebstore.google.com/detail/x']",
		"[[[[", "[a:b = '\\'']", "[a:b='" + idA + "' AND", ""} {
		f.Add(pattern, "", "2026-07-16T14:24:00Z")
	}
	f.Add("[", `"type":"malware","x_extension_id":"`+idA+`"`, "x")
	f.Fuzz(func(t *testing.T, pattern, more, until string) {
		object := indicator(pattern, fmt.Sprintf(`, "valid_until": %q`, until))
		for _, text := range []string{bundle(object), bundle(object, "{"+more+"}"), "{\"objects\": [" + more + "]}"} {
			read, err := feed.Parse("bad.json", "", []byte(text), time.Time{})
			if err != nil {
				continue
			}
			if read.Accepted == 0 || len(read.Rejects) > read.Rejected {
				t.Errorf("%d accepted, %d rejected, %d kept", read.Accepted, read.Rejected, len(read.Rejects))
			}
			for _, id := range []inventory.Untrusted{idA, idB} {
				if _, found := holds(read, inventory.KindExtension, id); found && !strings.Contains(strings.ToLower(text), string(id)) {
					t.Errorf("%q is denied by %q", id, text)
				}
			}
		}
	})
}
