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
