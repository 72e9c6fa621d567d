package realbrowser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/allowlist"
	"guestlist/allowlist/enforce"
	"guestlist/providers/internal/realbrowser"
)

// enforced is a Chromium that starts with the policy which "allow emit" writes, and extensions that
// are offered to it from outside.
type enforced struct {
	t       *testing.T
	updates *realbrowser.Updates
	browser *realbrowser.Chromium
	ids     map[string]string // by name
	list    strings.Builder   // the allowlist
}

func (s *enforced) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// version is one version of an extension whose manifest has these members.
func (s *enforced) version(name, version string, members map[string]any) *realbrowser.Extension {
	s.t.Helper()
	manifest := map[string]any{"manifest_version": 3, "name": name, "version": version, "update_url": s.updates.URL()}
	for key, value := range members {
		manifest[key] = value
	}
	text, err := json.Marshal(manifest)
	s.must(err)
	return &realbrowser.Extension{Name: "enforced-" + name, Version: version, Files: map[string][]byte{
		"manifest.json": text, "page.html": []byte("<!doctype html>"),
	}}
}

// offer puts a version on the update server, in place of any before.
func (s *enforced) offer(name, version string, members map[string]any) {
	s.t.Helper()
	e := s.version(name, version, members)
	id, err := e.ID()
	s.must(err)
	s.must(s.updates.Offer(e))
	s.ids[name] = id
}

func (s *enforced) entry(part, name, more string) {
	s.list.WriteString(entryOf(part, name, s.ids[name], more))
}

// entryOf is an entry of an allowlist, filled in.
func entryOf(part, name, id, more string) string {
	text := fmt.Sprintf("\n[[%s]]\nname = %q\nkind = \"extension\"\nid = %q\nreason = \"A test\"\n%s\n", part, name, id, more)
	if part == "allow" || part == "defer" {
		text += "owner = \"it@acme.example\"\n"
	}
	if part == "allow" {
		text += "approved = 2026-11-01\n"
	}
	return text
}

// emitted is the policy file that follows from the entries of an allowlist.
func emitted(t *testing.T, target, entries string) []byte {
	t.Helper()
	list, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n"+entries), nil)
	if err != nil {
		t.Fatal(err)
	}
	output, err := enforce.Emit(list, enforce.TargetNamed(target), enforce.Options{
		At: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return output.Content
}

// put puts in force what the allowlist says now.
func (s *enforced) put() {
	s.t.Helper()
	var policies map[string]any
	s.must(json.Unmarshal(emitted(s.t, "chromium", s.list.String()), &policies))
	policies["DeveloperToolsAvailability"] = 1 // lets the test look into what is forced
	content, err := json.Marshal(policies)
	s.must(err)
	s.must(realbrowser.SetPolicyFile(s.t, content))
}

func (s *enforced) waitFor(what string, ready func(map[string]*realbrowser.ChromiumExtension) bool) {
	s.t.Helper()
	s.must(s.browser.WaitFor(s.t.Context(), what, waitLong, ready))
}

func (s *enforced) isOn(list map[string]*realbrowser.ChromiumExtension, name, version string) bool {
	e := list[s.ids[name]]
	return e != nil && e.Version == version && e.State == "ENABLED"
}

// reaches reports whether an extension can fetch a page of the update server.
func (s *enforced) reaches(name string) bool {
	s.t.Helper()
	value, err := s.browser.Run(s.t.Context(), s.ids[name], "page.html",
		"fetch("+fmt.Sprintf("%q", s.updates.URL())+").then(answer => answer.ok, () => false)")
	s.must(err)
	return string(value) == "true"
}

// request asks for an optional permission, as an extension's own page does, and returns what came of
// it.
func (s *enforced) request(name, permission string) string {
	s.t.Helper()
	value, err := s.browser.Run(s.t.Context(), s.ids[name], "page.html",
		fmt.Sprintf("chrome.permissions.request({permissions: [%q]}).catch(String)", permission))
	s.must(err)
	return string(value)
}

const (
	pinsStorage  = "permissions = [\"storage\"]\nhosts = []"
	pinsHonest   = "permissions = [\"storage\"]\nhosts = [\"https://honest.example/*\"]"
	pinsLoopback = "permissions = [\"storage\"]\nhosts = [\"http://127.0.0.1/*\"]"
)

// storage, and what more a version asks for.
func asking(hosts []string, permissions ...string) map[string]any {
	return map[string]any{"permissions": append([]string{"storage"}, permissions...), "host_permissions": hosts}
}

// scene offers an extension for each way in which an allowlist can treat it, and writes the list.
func (s *enforced) scene() {
	loopback := []string{"http://127.0.0.1/*"}
	for _, name := range []string{"plain", "widens", "denied", "unlisted", "pending", "expired", "required", "old"} {
		s.offer(name, "1.0", asking([]string{}))
	}
	s.offer("reaches", "1.0", asking(loopback))
	s.offer("strays", "1.0", asking(loopback))
	s.offer("requires-much", "1.0", asking([]string{}, "webRequest")) // one of the last that are blocked, by name
	asks := asking([]string{})
	asks["optional_permissions"] = []string{"alarms", "idle"}
	s.offer("asks", "1.0", asks)

	s.entry("allow", "plain", "")
	s.entry("allow", "widens", pinsStorage)
	s.entry("allow", "requires-much", pinsStorage)
	s.entry("allow", "reaches", pinsLoopback)
	s.entry("allow", "strays", pinsHonest)
	s.entry("allow", "asks", "permissions = [\"storage\", \"idle\"]\nhosts = []")
	s.entry("allow", "old", "versions = \">=2\"")
	s.entry("allow", "expired", "expires = 2026-11-02")
	s.entry("deny", "denied", "")
	s.entry("defer", "pending", "until = 2027-01-01")
	s.entry("allow", "required", pinsHonest)
	s.entry("require", "required", fmt.Sprintf("install_url = %q", s.updates.URL()))
}

// start starts the browser, and waits until it has installed what it may: the others are offered in
// the same way and at the same time.
func (s *enforced) start(home, binary string, allowed ...string) {
	s.t.Helper()
	var err error
	s.browser, err = realbrowser.StartChromium(s.t.Context(), realbrowser.ChromiumOptions{
		Binary: binary, Home: home, UserDataDir: filepath.Join(home, "profile"), Profile: "Default", Root: os.Geteuid() == 0,
	})
	s.must(err)
	s.t.Cleanup(s.browser.Kill)
	s.must(s.browser.UpdateAll(s.t.Context()))
	s.waitFor("what is allowed to be installed", func(list map[string]*realbrowser.ChromiumExtension) bool {
		return !slices.ContainsFunc(allowed, func(name string) bool { return list[s.ids[name]] == nil })
	})
}

// states compares what the browser says with what is wanted: a version and its state, or "".
func (s *enforced) states(want map[string]string) {
	s.t.Helper()
	list, err := s.browser.Extensions(s.t.Context())
	s.must(err)
	for name, id := range s.ids {
		got := ""
		if e := list[id]; e != nil {
			got = e.Version + " " + e.State
		}
		if got != want[name] {
			s.t.Errorf("%s is %q, want %q", name, got, want[name])
		}
	}
}

// What the policy allows is installed, what is denied, unlisted, deferred or expired is not. An
// update that requires more than is pinned stops the extension, one that reaches further is
// stripped of what it reaches, and a required one is there and cannot be turned off.
func TestChromiumObeysTheEmittedPolicy(t *testing.T) {
	binary := realbrowser.RequireChromium(t, os.Getenv)
	if os.Geteuid() != 0 {
		realbrowser.Missing(t, os.Getenv, "setting a managed policy needs root")
	}
	s := &enforced{t: t, updates: realbrowser.NewUpdates(t), ids: map[string]string{}}
	s.scene()
	s.put()
	for _, id := range s.ids {
		s.must(realbrowser.OfferExternally(t, id, s.updates.URL()))
	}
	home := t.TempDir()
	allowed := []string{"plain", "widens", "reaches", "strays", "asks", "required", "old"}
	s.start(home, binary, allowed...)
	s.states(map[string]string{
		"plain": "1.0 ENABLED", "widens": "1.0 ENABLED", "reaches": "1.0 ENABLED", "strays": "1.0 ENABLED",
		"asks": "1.0 ENABLED", "required": "1.0 ENABLED", "old": "1.0 DISABLED",
	})
	list, err := s.browser.Extensions(t.Context())
	s.must(err)
	if list[s.ids["required"]].MayModify || !list[s.ids["plain"]].MayModify {
		t.Error("what is required can be turned off, or what is allowed cannot")
	}
	if !s.reaches("reaches") || s.reaches("strays") {
		t.Error("the pinned hosts are not the ones that can be reached")
	}
	if got := s.request("asks", "alarms"); got == "true" || s.request("asks", "idle") != "true" {
		t.Errorf("an optional permission that is not pinned: %s, or a pinned one is refused", got)
	}
	s.widen()
	s.tighten(home, binary)
}

// widen offers updates beyond the pins. One that requires more does not come in, and the version
// before stays; without a pin the same update does.
func (s *enforced) widen() {
	s.offer("widens", "2.0", asking([]string{}, "cookies"))
	s.offer("plain", "2.0", asking([]string{}, "cookies"))
	s.offer("required", "2.0", asking([]string{"<all_urls>"}))
	s.offer("old", "2.0", asking([]string{}))
	s.must(s.browser.UpdateAll(s.t.Context()))
	s.waitFor("the updates", func(list map[string]*realbrowser.ChromiumExtension) bool {
		return s.isOn(list, "required", "2.0") && s.isOn(list, "old", "2.0") && s.isOn(list, "plain", "2.0")
	})
	s.states(map[string]string{
		"plain": "2.0 ENABLED", "widens": "1.0 ENABLED", "reaches": "1.0 ENABLED", "strays": "1.0 ENABLED",
		"asks": "1.0 ENABLED", "required": "2.0 ENABLED", "old": "2.0 ENABLED",
	})
	if s.reaches("required") {
		s.t.Error("an update reaches what is not pinned")
	}
}

// tighten approves what was unlisted and denies what was allowed: at the next start the one is
// there, which only the policy had kept out, and the other is gone. So is what was required and no
// longer is.
func (s *enforced) tighten(home, binary string) {
	s.must(s.browser.Close(s.t.Context()))
	s.list.Reset()
	s.entry("allow", "unlisted", "")
	s.entry("deny", "plain", "")
	s.put()
	s.start(home, binary, "unlisted")
	s.waitFor("the new policy", func(list map[string]*realbrowser.ChromiumExtension) bool {
		return list[s.ids["plain"]] == nil && list[s.ids["required"]] == nil
	})
}
