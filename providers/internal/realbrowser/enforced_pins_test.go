package realbrowser_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/internal/realbrowser"
)

// A policy that blocks everything but what an extension requires must not block that under another
// name: each permission that Chromium gives to extensions is required and pinned by one.
func TestChromiumRunsWhatRequiresExactlyItsPins(t *testing.T) {
	binary := realbrowser.RequireChromium(t, os.Getenv)
	if os.Geteuid() != 0 {
		realbrowser.Missing(t, os.Getenv, "setting a managed policy needs root")
	}
	s := &enforced{t: t, updates: realbrowser.NewUpdates(t), ids: map[string]string{}}
	for _, name := range namesOf(t, "chrome") {
		if slices.Contains([]string{"fileSystem", "mediaGalleries", "socket", "usbDevices"}, name) {
			continue // stand with an argument
		}
		s.offer(name, "1.0", map[string]any{"permissions": []string{name}})
		s.entry("allow", name, fmt.Sprintf("permissions = [%q]\nhosts = []", name))
		s.entry("require", name, fmt.Sprintf("install_url = %q", s.updates.URL()))
	}
	s.put()
	s.start(t.TempDir(), binary, "tabs")
	s.waitFor("all to be installed", func(list map[string]*realbrowser.ChromiumExtension) bool {
		for _, id := range s.ids {
			if e := list[id]; e == nil || e.State != "ENABLED" {
				return false
			}
		}
		return true
	})
	t.Logf("%d permissions", len(s.ids))
}

// The same for Firefox, whose names are compared letter by letter.
func TestFirefoxRunsWhatRequiresExactlyItsPins(t *testing.T) {
	s := newEnforcedFirefox(t)
	want := map[string]string{}
	for n, name := range namesOf(t, "firefox") {
		addon := fmt.Sprintf("pins-%d", n)
		s.offer(addon, "1.0", name)
		s.entry("allow", addon, "permissions = "+tomlList(slices.Compact([]string{"storage", name})))
		want[addon] = "1.0"
	}
	s.put()
	s.browser = s.start("work.default-esr")
	for name, offer := range s.offers {
		if err := s.browser.InstallFrom(t.Context(), storeFiles+name+".xpi", offer, "amo"); err != nil {
			t.Logf("the browser itself refuses %s: %v", name, err) // what is for Mozilla's own alone
			delete(want, name)
		}
	}
	if len(want) < len(s.offers)-5 {
		t.Fatalf("only %d of %d add-ons are installed", len(want), len(s.offers))
	}
	if diff := cmp.Diff(want, s.runs()); diff != "" {
		t.Errorf("what runs (-want +got):\n%s", diff)
	}
}

// hostShapes are pinned hosts in every form that ends up in a policy.
const hostShapes = `hosts = ["http://[::1]/*", "http://1.2.3.4/*", "https://*.bücher.example/*", "wss://chat.example/*", "ws://*/*",
	"*://*.example.com/*", "http://intranet/*", "https://UPPER.example/*", "https://trailing.example./*", "http://a.example:8080/x/*",
	"http://*:8443/*", "ftp://files.example/*", "https://under_score.example/*", "file:///tmp/*", "=odd"]`

// One pattern that Chromium does not take drops the extension's settings, and with them its
// approval; one that Firefox does not take frees the hosts of all add-ons.
func TestChromiumTakesEveryFormOfHost(t *testing.T) {
	binary := realbrowser.RequireChromium(t, os.Getenv)
	if os.Geteuid() != 0 {
		realbrowser.Missing(t, os.Getenv, "setting a managed policy needs root")
	}
	s := &enforced{t: t, updates: realbrowser.NewUpdates(t), ids: map[string]string{}}
	s.offer("shapes", "1.0", asking([]string{"<all_urls>"}))
	s.entry("allow", "shapes", "permissions = [\"storage\"]\n"+hostShapes)
	s.entry("require", "shapes", fmt.Sprintf("install_url = %q", s.updates.URL()))
	s.put()
	s.start(t.TempDir(), binary, "shapes")
	if s.reaches("shapes") {
		t.Error("it reaches a host that is not pinned")
	}
}

func TestFirefoxTakesEveryFormOfHost(t *testing.T) {
	s := newEnforcedFirefox(t)
	for _, name := range []string{"shapes", "strays"} {
		s.offer(name, "1.0", "http://127.0.0.1/*")
		s.entry("require", name, fmt.Sprintf("install_url = %q", s.offers[name].Link))
	}
	s.entry("allow", "shapes", "permissions = [\"storage\"]\n"+hostShapes)
	s.entry("allow", "strays", pinsHonest)
	s.put()
	s.browser = s.start("work.default-esr")
	s.says("shapes-1.0-false", "strays-1.0-false")
}
