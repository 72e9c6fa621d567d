package access_test

import (
	"testing"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

func TestCovers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		outer, inner inventory.Untrusted
		want         bool
	}{
		{"all-urls-cover-a-subdomain-pattern", "<all_urls>", "https://*.example.com/*", true},
		{"all-urls-cover-every-web-page", "<all_urls>", "*://*/*", true},
		{"all-urls-cover-local-files", "<all_urls>", "file:///*", true},
		{"all-urls-cover-web-sockets", "<all_urls>", "wss://chat.example/*", true},
		{"all-urls-cover-the-favicons-that-Chrome-adds-to-them", "<all_urls>", "chrome://favicon/", true},
		{"all-urls-do-not-cover-the-browser's-other-pages", "<all_urls>", "chrome://settings/*", false},
		{"every-web-page-is-less-than-all-urls", "*://*/*", "<all_urls>", false},
		{"every-web-page-leaves-out-files", "*://*/*", "file:///*", false},
		{"any-scheme-covers-https", "*://*.example.com/*", "https://*.example.com/*", true},
		{"any-scheme-covers-web-sockets-as-Firefox-reads-it", "*://example.com/*", "wss://example.com/*", true},
		{"https-does-not-cover-any-scheme", "https://example.com/*", "*://example.com/*", false},
		{"https-does-not-cover-http", "https://example.com/*", "http://example.com/*", false},
		{"a-domain-with-subdomains-covers-itself", "https://*.example.com/*", "https://example.com/*", true},
		{"a-domain-with-subdomains-covers-one-below", "https://*.example.com/*", "https://a.b.example.com/*", true},
		{"a-domain-with-subdomains-covers-subdomains-of-one-below", "https://*.example.com/*",
			"https://*.b.example.com/*", true},
		{"a-domain-with-subdomains-is-not-a-suffix-of-text", "https://*.example.com/*", "https://evilexample.com/*", false},
		{"one-host-does-not-cover-its-subdomains", "https://example.com/*", "https://*.example.com/*", false},
		{"a-subdomain-does-not-cover-its-parent", "https://*.a.example.com/*", "https://example.com/*", false},
		{"every-host-covers-one", "http://*/*", "http://example.com/*", true},
		{"one-host-does-not-cover-every-host", "http://example.com/*", "http://*/*", false},
		{"host-names-are-the-same-in-any-case", "https://EXAMPLE.com/*", "https://example.COM/*", true},
		{"an-international-name-is-its-punycode", "https://bücher.example/*", "https://xn--bcher-kva.example/*", true},
		{"a-trailing-dot-changes-nothing", "https://sub.example.com./*", "https://sub.example.com/*", true},
		{"no-port-is-every-port", "http://example.com/*", "http://example.com:8080/*", true},
		{"a-star-port-is-every-port", "http://example.com:*/*", "http://example.com/*", true},
		{"one-port-is-not-every-port", "http://example.com:8080/*", "http://example.com/*", false},
		{"one-port-is-not-another", "http://*:8080/*", "http://*:8081/*", false},
		{"every-path-covers-one", "https://mail.example/*", "https://mail.example/a/*", true},
		{"one-path-does-not-cover-every-path", "https://mail.example/a/*", "https://mail.example/*", false},
		{"a-star-in-a-path-covers-a-star", "https://x.example/*/b*", "https://x.example/a/*/b/*", true},
		{"paths-keep-their-case", "https://x.example/A*", "https://x.example/a*", false},
		{"a-path-without-star-is-one-page", "https://x.example/", "https://x.example/*", false},
		{"an-address-has-no-subdomains", "http://*.2.3.4/*", "http://1.2.3.4/*", false},
		{"an-IPv6-address-in-any-spelling", "http://[::1]/*", "http://[0:0:0:0:0:0:0:1]/*", true},
		{"an-IPv6-address-and-a-port", "http://[::1]/*", "http://[::1]:80/*", true},
		{"files-in-a-folder", "file:///*", "file:///home/*", true},
		{"files-with-a-host-which-Chrome-ignores", "file:///*", "file://localhost/home/*", true},
		{"files-without-a-path-are-all-files", "file://*", "file:///*", true},
		{"a-browser-page-has-no-path", "chrome://favicon/", "chrome://favicon/*", true},
		{"one-inner-scheme-is-not-another", "chrome://x/*", "moz-extension://x/*", false},
		{"what-is-no-pattern-covers-its-own-text", "https://*", "https://*", true},
		{"what-is-no-pattern-covers-nothing-else", "https://*", "https://example.com/*", false},
		{"what-is-no-pattern-is-covered-by-nothing-else", "<all_urls>", "https://*example.com/*", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := access.Covers(test.outer, test.inner); got != test.want {
				t.Errorf("Covers(%q, %q) = %v, want %v", test.outer, test.inner, got, test.want)
			}
		})
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want inventory.Untrusted }{
		{"example.com", `it has no scheme, such as "https://"`},
		{"", `it has no scheme, such as "https://"`},
		{"htps://example.com/*", `"htps" is not a scheme that browsers match`},
		{"HTTPS://example.com/*", `"HTTPS" is not a scheme that browsers match`},
		{"https://example.com", `it has no path: end it with "/*"`},
		{"https:///*", `it has no host`},
		{"https://*.*/*", `"*" stands only alone or as "*." at the start of a host`},
		{"https://www.google.*/*", `"*" stands only alone or as "*." at the start of a host`},
		{"https://example.com:x/*", `"x" is not a port`},
		{"https://example.com:080/*", `"080" is not a port`},
		{"https://example.com:99999/*", `"99999" is not a port`},
		{"https://*.1.2.3.4/*", `an IP address has no subdomains`},
		{"https://[::g]/*", `"[::g]" is not an IPv6 address`},
		{"https://user@example.com/*", `"user@example.com" is not a host`},
		{"https://a b/*", `"a b" is not a host`},
		{"https://a..b/*", `"a..b" is not a host`},
	}
	for _, test := range tests {
		_, err := access.Parse(test.text)
		if err == nil || err.Error() != string(test.want) {
			t.Errorf("Parse(%q) = %v, want %s", test.text, err, test.want)
		}
	}
}

// What Chromium 156 made of the manifest in the comment, read from its Preferences: the forms that
// Excess has to live with.
func TestPatternsAsChromiumWritesThem(t *testing.T) {
	t.Parallel()
	manifest := []inventory.Untrusted{
		"https://Example.COM/*", "http://*:8080/x/*", "https://bücher.example/*", "file:///*", "https://sub.example.com./*",
		"http://1.2.3.4/*", "http://[::1]/*", "wss://chat.example/*",
	}
	active := []inventory.Untrusted{
		"file:///*", "http://*:8080/*", "http://1.2.3.4/*", "http://[::1]/*", "https://example.com/*",
		"https://sub.example.com./*",
		"https://xn--bcher-kva.example/*", "wss://chat.example/*",
	}
	// Chromium widens the path of a host permission, and nothing else here.
	if got := access.ExcessHosts(active, manifest); len(got) != 1 || got[0] != "http://*:8080/*" {
		t.Errorf("ExcessHosts(active, manifest) = %q", got)
	}
	if got := access.ExcessHosts(manifest, active); got != nil {
		t.Errorf("ExcessHosts(manifest, active) = %q", got)
	}
}

func TestIsAllHosts(t *testing.T) {
	t.Parallel()
	for text, want := range map[inventory.Untrusted]bool{
		"<all_urls>": true, "*://*/*": true, "http://*/*": true, "https://*/*": true, "https://*:443/*": false,
		"https://*/a*":        false,
		"https://*.example/*": false, "file:///*": false, "*": false,
	} {
		pattern, _ := access.Parse(text)
		if got := pattern.IsAllHosts(); got != want {
			t.Errorf("IsAllHosts(%q) = %v, want %v", text, got, want)
		}
	}
}
