package realbrowser_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"guestlist/providers/internal/realbrowser"
)

// enforcedFirefox is a Firefox that starts with the policy which "allow emit" writes.
type enforcedFirefox struct {
	*firefoxScene
	updates *realbrowser.Updates
	browser *realbrowser.Firefox
	offers  map[string]realbrowser.AddonOffer // by name
	list    strings.Builder                   // the allowlist
}

func addonID(name string) string { return name + "@honest.example" }

// offer puts a version of an add-on on the server. It says there whether it can read what it asks
// the server for.
func (s *enforcedFirefox) offer(name, version string, permissions ...string) {
	s.t.Helper()
	text, err := json.Marshal(map[string]any{
		"manifest_version": 2, "name": name, "version": version, "permissions": append([]string{"storage"}, permissions...),
		"background":                map[string]any{"scripts": []string{"script.js"}},
		"browser_specific_settings": map[string]any{"gecko": map[string]any{"id": addonID(name)}},
	})
	s.must(err)
	script := fmt.Sprintf(`fetch(%q).then(answer => answer.ok, () => false).then(ok => fetch(%q + ok, {mode: "no-cors"}));`,
		s.updates.URL(), s.updates.Root()+"/"+name+"-"+version+"-")
	s.offers[name], err = s.updates.OfferAddon(addonID(name), &realbrowser.Extension{
		Name: name, Version: version, Files: map[string][]byte{"manifest.json": text, "script.js": []byte(script)},
	})
	s.must(err)
}

func (s *enforcedFirefox) entry(part, name, more string) {
	s.list.WriteString(entryOf(part, name, addonID(name), more))
}

// put puts in force what the allowlist says.
func (s *enforcedFirefox) put() {
	s.t.Helper()
	var file struct {
		Policies map[string]any `json:"policies"`
	}
	s.must(json.Unmarshal(emitted(s.t, "firefox", s.list.String()), &file))
	s.must(realbrowser.SetFirefoxPolicies(s.t, file.Policies))
}

func (s *enforcedFirefox) wait(what string, ready func() (bool, error)) {
	s.t.Helper()
	s.must(realbrowser.Wait(s.t.Context(), what, waitLong, ready))
}

// runs returns the versions of the add-ons that run, by name.
func (s *enforcedFirefox) runs() map[string]string {
	s.t.Helper()
	addons, err := s.browser.Addons(s.t.Context())
	s.must(err)
	versions := map[string]string{}
	for id, addon := range addons {
		if name, ours := strings.CutSuffix(id, "@honest.example"); ours && addon.Active {
			versions[name] = addon.Version
		}
	}
	return versions
}

// newEnforcedFirefox is a Firefox that has not started yet, and gets its updates from a server of
// its own.
func newEnforcedFirefox(t *testing.T) *enforcedFirefox {
	t.Helper()
	binary := realbrowser.RequireFirefox(t, os.Getenv)
	if info, err := os.Stat(realbrowser.FirefoxDistribution); os.Geteuid() != 0 || err != nil || !info.IsDir() {
		realbrowser.Missing(t, os.Getenv, "setting policies of Debian's Firefox needs root and its directory "+realbrowser.FirefoxDistribution)
	}
	s := &enforcedFirefox{
		firefoxScene: &firefoxScene{t: t, binary: binary, home: t.TempDir()}, updates: realbrowser.NewUpdates(t),
		offers: map[string]realbrowser.AddonOffer{},
	}
	s.preferences = map[string]any{
		"extensions.update.url": s.updates.AddonsURL(), "extensions.update.background.url": s.updates.AddonsURL(),
	}
	return s
}

// What the policy allows can be installed and runs, what is denied, unlisted, deferred or expired
// does not. An update that requires more than is pinned stops the add-on, one that reaches further
// is stripped of what it reaches, and a required one is there.
func TestFirefoxObeysTheEmittedPolicy(t *testing.T) {
	s := newEnforcedFirefox(t)
	const loopback = "http://127.0.0.1/*"
	for _, name := range []string{"plain", "widens", "denied", "unlisted", "pending", "expired"} {
		s.offer(name, "1.0")
	}
	s.offer("reaches", "1.0", loopback)
	s.offer("strays", "1.0", loopback)
	s.offer("required", "1.0", loopback)
	s.offer("requires-much", "1.0", "webRequest")
	s.entry("allow", "plain", "")
	s.entry("allow", "widens", pinsStorage)
	s.entry("allow", "requires-much", pinsStorage)
	s.entry("allow", "reaches", pinsLoopback)
	s.entry("allow", "strays", pinsHonest)
	s.entry("allow", "expired", "expires = 2026-11-02")
	s.entry("deny", "denied", "")
	s.entry("defer", "pending", "until = 2027-01-01")
	s.entry("require", "required", fmt.Sprintf("install_url = %q", s.offers["required"].Link))
	s.put()
	s.browser = s.start("work.default-esr")
	s.wait("what is required", func() (bool, error) { return s.runs()["required"] == "1.0", nil })
	for name, offer := range s.offers { // the required one anew, as a person may
		s.must(s.browser.InstallFrom(t.Context(), storeFiles+name+".xpi", offer, "amo"))
	}
	s.running(map[string]string{"plain": "1.0", "widens": "1.0", "reaches": "1.0", "strays": "1.0", "required": "1.0"})
	s.says("reaches-1.0-true", "strays-1.0-false", "required-1.0-true")
	s.widen()
	s.must(s.browser.Close(t.Context()))
	s.browser = s.open()
	s.wait("what is refused to be removed", func() (bool, error) {
		addons, err := s.browser.Addons(t.Context())
		return err == nil && !slices.ContainsFunc([]string{"denied", "unlisted", "pending", "expired"},
			func(name string) bool { return addons[addonID(name)] != nil }), err
	})
	s.running(map[string]string{"plain": "2.0", "reaches": "1.0", "strays": "2.0", "required": "1.0"})
}

// widen offers updates beyond the pins. Without a pin the same update runs.
func (s *enforcedFirefox) widen() {
	s.offer("widens", "2.0", "cookies")
	s.offer("plain", "2.0", "cookies")
	s.offer("strays", "2.0", "<all_urls>")
	ids := []string{addonID("widens"), addonID("plain"), addonID("strays")}
	outcomes, err := s.browser.Update(s.t.Context(), ids, ids)
	s.must(err)
	for id, outcome := range outcomes {
		if outcome != realbrowser.Updated {
			s.t.Errorf("the update of %s: %s", id, outcome)
		}
	}
	s.running(map[string]string{"plain": "2.0", "reaches": "1.0", "strays": "2.0", "required": "1.0"})
	s.says("strays-2.0-false")
}

// running compares the add-ons that run with what is wanted.
func (s *enforcedFirefox) running(want map[string]string) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.runs()); diff != "" {
		s.t.Errorf("what runs (-want +got):\n%s", diff)
	}
}

// says waits for what add-ons say of what they could read, and holds that they do not say the
// opposite.
func (s *enforcedFirefox) says(words ...string) {
	s.t.Helper()
	for _, word := range words {
		name, answer := word[:strings.LastIndex(word, "-")+1], word[strings.LastIndex(word, "-")+1:]
		opposite := map[string]string{"true": "false", "false": "true"}[answer]
		s.wait("a word of "+name, func() (bool, error) {
			return s.updates.Asked("/"+name+answer) || s.updates.Asked("/"+name+opposite), nil
		})
		if !s.updates.Asked("/" + word) {
			s.t.Errorf("it says %s%s, want %s", name, opposite, answer)
		}
	}
}
