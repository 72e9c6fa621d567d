package realbrowser_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/providers/chromium"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"

	"golang.org/x/net/idna"
)

// corpusOfChromium are the honest extensions of Chromium's family.
func corpusOfChromium(t *testing.T) []*honest {
	var all []*honest
	add := func(name string, first, second object, surfaces ...string) {
		for _, manifest := range []object{first, second} {
			if manifest["manifest_version"] == nil {
				manifest["manifest_version"] = 3
			}
		}
		all = append(all, &honest{name: name, first: first, second: second, surfaces: surfaces})
	}
	n := 0
	names := slices.DeleteFunc(namesOf(t, "chrome"), func(name string) bool {
		return slices.Contains([]string{"usbDevices", "socket", "fileSystem", "mediaGalleries"},
			name) // of apps, and never a name alone
	})
	for names := range slices.Chunk(names, 10) {
		n++
		add(fmt.Sprintf("asks %d", n), object{"permissions": names},
			object{"permissions": names, "optional_permissions": []string{"history", "topSites"}})
		// What an extension once required is given without a question when it asks for it at run time.
		add(fmt.Sprintf("may ask %d", n), object{"permissions": names}, object{"optional_permissions": names})
	}
	for n, host := range honestHosts {
		script := []any{object{"matches": []string{host}, "js": []string{"script.js"}}}
		add(fmt.Sprintf("reaches %d", n), object{"host_permissions": []string{host},
			"permissions": []string{"scripting", "cookies"}},
			object{"host_permissions": []string{host, "https://*.example.org/*"},
				"permissions": []string{"scripting", "cookies"}})
		add(fmt.Sprintf("may reach %d", n), object{"host_permissions": []string{host}},
			object{"optional_host_permissions": []string{host}})
		if strings.HasPrefix(host, "ws") {
			continue // no page to run in: the browser refuses the whole extension
		}
		add(fmt.Sprintf("runs in %d", n), object{"content_scripts": script},
			object{"content_scripts": script, "host_permissions": []string{"https://example.com/*"}})
	}
	connectable := object{"matches": []string{"https://*.example.com/*", "https://example.org:8443/*"},
		"ids": []string{"*"}}
	add("new tab", object{"chrome_url_overrides": object{"newtab": "page.html"}},
		object{"chrome_url_overrides": object{"newtab": "page.html"}},
		"chrome_url_overrides.newtab")
	add("bookmarks page", object{"chrome_url_overrides": object{"bookmarks": "page.html"}}, object{},
		"chrome_url_overrides.bookmarks")
	add("history page", object{"chrome_url_overrides": object{"history": "page.html"}}, object{},
		"chrome_url_overrides.history")
	add("developer tools", object{"devtools_page": "page.html"},
		object{"devtools_page": "page.html", "permissions": []string{"storage"}}, "devtools_page")
	add("talked to", object{"externally_connectable": connectable}, object{"externally_connectable": connectable},
		"externally_connectable https://*.example.com/*", "externally_connectable https://example.org:8443/*")
	add("documents", object{}, object{"mime_types_handler": object{"application/pdf": object{"handler_url": "page.html"}}}, "mime_types_handler application/pdf")
	add("mail links", object{"protocol_handlers": []any{object{"protocol": "mailto", "name": "Mail",
		"uriTemplate": "https://example.com/?to=%s"}}},
		object{}, "protocol_handlers mailto")
	add("settings", object{"chrome_settings_overrides": object{"homepage": "https://example.com/",
		"startup_pages": []string{"https://example.com/"}}},
		object{}, "chrome_settings_overrides.homepage", "chrome_settings_overrides.startup_pages")
	add("theme", object{"theme": object{"colors": object{"frame": []int{9, 9, 9}}}},
		object{"theme": object{"colors": object{"frame": []int{1, 1, 1}}}})
	add("shared", object{"export": object{}}, object{"export": object{}})
	add("everything little", littleThings(), littleThings())
	add("odd version", object{"version": "0.0.01"}, object{"version": "65535.0.0.1", "version_name": "2027 beta"})
	add("unknown", object{"permissions": []string{"menus", "Storage", "misspelt", "", "chrome://favicon/"},
		"unknown_key": 1}, object{"permissions": []string{"menus"}})
	translated := object{"name": "__MSG_appName__", "default_locale": "en", "description": "__MSG_about__"}
	add("translated", translated, translated)
	all[len(all)-1].files = map[string]string{
		"_locales/en/messages.json": `{"appname":{"message":"Translated"},"about":{"message":"About"}}`,
		"_locales/de/messages.json": `{"appname":{"message":"Übersetzt"}}`,
	}
	return all
}

// littleThings are manifest keys that give no access.
func littleThings() object {
	return object{
		"action": object{"default_popup": "page.html"}, "background": object{"service_worker": "worker.js"},
		"options_ui": object{"page": "page.html"},
		"commands":   object{"open": object{"suggested_key": object{"default": "Ctrl+Shift+9"}, "description": "Open"}},
		"omnibox":    object{"keyword": "honest"},
		"incognito":  "split", "minimum_chrome_version": "100", "offline_enabled": true,
		"sandbox":     object{"pages": []string{"page.html"}},
		"permissions": []string{"storage", "sidePanel", "declarativeNetRequest", "identity", "unlimitedStorage"},
		"storage":     object{"managed_schema": "schema.json"},
		"side_panel":  object{"default_path": "page.html"}, "short_name": "Little",
		"author": object{"email": "it@acme.example"},
		"declarative_net_request": object{"rule_resources": []any{object{"id": "rules", "enabled": true,
			"path": "rules.json"}}},
		"oauth2":       object{"client_id": "1-a.apps.example.com", "scopes": []string{"openid"}},
		"homepage_url": "https://example.com/",
		"web_accessible_resources": []any{object{"resources": []string{"page.html"},
			"matches": []string{"https://example.com/*"}}},
		"cross_origin_opener_policy": object{"value": "same-origin"},
	}
}

// Honest extensions of Chromium's family, packed and unpacked, are what the browser says of them
// and are accused of nothing: as they come, switched off and on, with their hosts withheld and
// given back, updated, with more asked for and given and taken away again, while the browser runs
// and after it has ended.
func TestHonestExtensionsOfChromiumAreAccusedOfNothing(t *testing.T) {
	binary := realbrowser.RequireChromium(t, os.Getenv)
	if os.Geteuid() != 0 {
		realbrowser.Missing(t, os.Getenv, "setting a managed policy needs root")
	}
	c := &chromiumCorpus{chromiumScene: &chromiumScene{t: t, binary: binary, home: t.TempDir(),
		ids: map[string]string{}}, all: corpusOfChromium(t)}
	c.offer()
	browser := c.open(firstOf)
	c.waitForAll(browser, "installed", func(*honest, *realbrowser.ChromiumExtension) bool { return true })
	c.end("installed", browser)

	browser = c.open(firstOf)
	c.switchAndWithhold(browser)
	c.check("switched off and on, hosts withheld", browser)
	c.end("switched off and on, hosts withheld", browser)

	c.offerSecond()
	browser = c.open(secondOf)
	c.waitForAll(browser, "updated", func(_ *honest, e *realbrowser.ChromiumExtension) bool {
		return c.isSecond(e)
	})
	c.grantAndTakeBack(browser)
	c.check("updated, more granted, some of it taken back", browser)
	c.end("updated, more granted, some of it taken back", browser)

	c.restrict()
	browser = c.open(secondOf)
	c.must(browser.SetDeveloperMode(t.Context(), false))
	c.end("restricted or removed by policy, developer mode off", browser)

	t.Log(c.tally.String())
}

type chromiumCorpus struct {
	*chromiumScene
	all      []*honest
	surfaces map[string][]string // by ID
	byID     map[string]*honest
	unpacked map[string]string // folder by ID
	removed  map[string]bool   // by ID
	policy   realbrowser.ExtensionPolicy
	tally
}

// isPacked says which come packed, by policy; the others are a developer's folders, which a theme
// that is to stay cannot be, and a shared module has to be: nothing that is packed imports it, so
// no update is fetched for it.
func (c *chromiumCorpus) isPacked(n int) bool {
	return n%2 == 0 || c.all[n].name == "theme"
}

// offer puts the packed ones on the update server and sets the policy that installs them: every
// fifth for good, the others so that their user may switch them off.
func (c *chromiumCorpus) offer() {
	c.hasPolicy, c.updates, c.versions = true, realbrowser.NewUpdates(c.t), map[string]string{}
	c.surfaces, c.byID, c.unpacked = map[string][]string{}, map[string]*honest{}, map[string]string{}
	c.removed, c.policy = map[string]bool{}, realbrowser.ExtensionPolicy{}
	for n, h := range c.all {
		if !c.isPacked(n) {
			continue
		}
		e := firstOf(c.t, h)
		id, err := e.ID()
		c.must(err)
		mode := "normal_installed"
		if n%5 == 0 {
			mode = "force_installed"
		}
		c.policy[id] = realbrowser.ExtensionSetting{Mode: mode, UpdateURL: c.updates.URL(), Override: true}
		c.must(c.updates.Offer(e))
		c.know(id, h)
	}
	c.must(realbrowser.SetPolicy(c.t, c.policy))
}

func (c *chromiumCorpus) know(id string, h *honest) {
	c.byID[id], c.surfaces[id], c.ids[h.name] = h, h.surfaces, id
}

// open starts the browser, asks for updates, and loads the developer's folders, which it forgets
// when it ends as they come over its debugging pipe.
func (c *chromiumCorpus) open(version func(*testing.T, *honest) *realbrowser.Extension) *realbrowser.Chromium {
	browser := c.start("chromium", "Default")
	for n, h := range c.all {
		if c.isPacked(n) {
			continue
		}
		folder := filepath.Join(c.home, "src", h.name)
		e, err := version(c.t, h).WithKey() // the same ID in every run
		c.must(err)
		c.must(e.WriteTo(folder))
		id, err := browser.LoadUnpacked(c.t.Context(), folder)
		if err != nil {
			c.t.Errorf("the browser refuses %q: %v", h.name, err)
			continue
		}
		c.know(id, h)
		c.unpacked[id] = folder
	}
	return browser
}

func firstOf(t *testing.T, h *honest) *realbrowser.Extension {
	return h.extension(t, h.first, firstVersion)
}

func secondOf(t *testing.T, h *honest) *realbrowser.Extension {
	return h.extension(t, h.second, secondVersion)
}

// switchAndWithhold brings each extension into one of the states that its user can bring it into.
func (c *chromiumCorpus) switchAndWithhold(browser *realbrowser.Chromium) {
	ctx := c.t.Context()
	list := c.says(browser)
	for n, id := range slices.Sorted(maps.Keys(list)) {
		e := list[id]
		if !e.MayModify || e.Type != "EXTENSION" {
			continue
		}
		switch n % 6 {
		case 0:
			c.must(browser.SetEnabled(ctx, id, false))
		case 1:
			c.must(browser.SetEnabled(ctx, id, false))
			c.must(browser.SetEnabled(ctx, id, true))
		case 2, 3, 4:
			c.withhold(browser, id, e, n%6)
		case 5:
			c.must(browser.Configure(ctx, id, `{fileAccess: true, incognitoAccess: true}`))
		}
	}
}

// withhold takes the hosts of an extension, if it has any that can be withheld, and gives back some
// of them or all.
func (c *chromiumCorpus) withhold(browser *realbrowser.Chromium, id string, e *realbrowser.ChromiumExtension, how int) {
	if e.Permissions.Runtime == nil {
		return
	}
	ctx := c.t.Context()
	c.must(browser.WithholdHosts(ctx, id))
	switch how {
	case 3:
		c.must(browser.Configure(ctx, id, `{hostAccess: "ON_SPECIFIC_SITES"}`))
		const one = "https://www.example.com/*"
		if access.NewSet(inventory.All(hostsOf(e))).Covers(one) {
			c.must(browser.GiveHost(ctx, id, one))
		}
	case 4:
		c.must(browser.Configure(ctx, id, `{hostAccess: "ON_ALL_SITES"}`))
	}
}

// offerSecond brings out the second versions.
func (c *chromiumCorpus) offerSecond() {
	for id, h := range c.byID {
		if c.unpacked[id] == "" {
			c.must(c.updates.Offer(secondOf(c.t, h)))
		}
	}
}

// waitForAll waits until everything is there and ready.
func (c *chromiumCorpus) waitForAll(browser *realbrowser.Chromium, what string,
	ready func(*honest, *realbrowser.ChromiumExtension) bool) {
	c.t.Helper()
	c.must(realbrowser.Wait(c.t.Context(), "all to be "+what, waitLong, func() (bool, error) {
		list, err := browser.Extensions(c.t.Context())
		if err != nil {
			return false, err
		}
		var missing []string
		for id, h := range c.byID {
			if e := list[id]; e == nil || !ready(h, e) {
				missing = append(missing, h.name)
			}
		}
		return len(missing) == 0, missed(what, missing)
	}))
}

// grantAndTakeBack lets extensions ask for what is optional, and give part of it back; switches
// what is off on again, and hands back hosts.
func (c *chromiumCorpus) grantAndTakeBack(browser *realbrowser.Chromium) {
	ctx := c.t.Context()
	list := c.says(browser)
	granted := 0
	for n, id := range slices.Sorted(maps.Keys(list)) {
		e, h := list[id], c.byID[id]
		if h == nil || e.Type != "EXTENSION" {
			continue
		}
		if e.State != "ENABLED" && e.MayModify && e.Management.DisabledReason != "permissions_increase" && n%2 == 0 {
			c.must(browser.SetEnabled(ctx, id, true))
			e.State = "ENABLED"
		}
		if e.State != "ENABLED" || !e.MayModify || !strings.HasPrefix(h.name, "may ") {
			continue // off, or held in place by policy, where no debugger may look
		}
		said, err := browser.Run(ctx, id, "page.html", fmt.Sprintf(askForAll, n%3 == 0))
		c.must(err)
		granted += strings.Count(string(said), "true")
	}
	if granted < 20 {
		c.t.Errorf("the scene is not set: %d optional permissions were given or taken back", granted)
	}
}

// askForAll asks for each of an extension's optional permissions, and gives every third of them
// back, or each.
const askForAll = `(async () => {
	const m = chrome.runtime.getManifest();
	const all = [...(m.optional_permissions || []).map(name => ({permissions: [name]})),
		...(m.optional_host_permissions || []).map(host => ({origins: [host]}))];
	const answers = [];
	for (const [n, each] of all.entries()) {
		try {
			answers.push(await Promise.race([chrome.permissions.request(each), new Promise(done => setTimeout(() => done("asks"), 300))]));
			if (n %% 3 === 2 || %v) answers.push(await chrome.permissions.remove(each));
		} catch (error) { answers.push(String(error)); }
	}
	return answers.join(", ");
})()`

// restrict sets a policy that takes something from each extension that it installed, or the
// extension itself.
func (c *chromiumCorpus) restrict() {
	for n, id := range slices.Sorted(maps.Keys(c.policy)) {
		setting := c.policy[id]
		switch n % 4 {
		case 1:
			setting.BlockedHosts = []string{"*://*.example.com"}
		case 2:
			setting.BlockedPermissions = []string{"cookies", "tabs", "history"}
		case 3:
			setting = realbrowser.ExtensionSetting{Mode: "blocked"}
		case 0: // what policy no longer names, the browser removes
			delete(c.policy, id)
			c.removed[id] = true
			continue
		}
		c.policy[id] = setting
	}
	c.must(realbrowser.SetPolicy(c.t, c.policy))
}

// check compares the home of a running browser, which writes what it holds some seconds late.
func (c *chromiumCorpus) check(state string, browser *realbrowser.Chromium) {
	c.t.Helper()
	words := c.count(browser)
	preferences := filepath.Join(c.home, ".config", "chromium", "Default", "Preferences")
	const lag = 30 * time.Second
	var written time.Time
	var found []string
	if err := realbrowser.Wait(c.t.Context(), "a right reading: "+state, lag, func() (bool, error) {
		if info, err := os.Stat(preferences); err != nil || !info.ModTime().Equal(written) {
			if err == nil {
				written = info.ModTime()
			}
			found = c.differences(words)
		}
		return len(found) == 0, listed(found)
	}); err != nil {
		c.accuse(c.t, state, found)
	}
}

// count asks the browser for its words, and counts the state.
func (c *chromiumCorpus) count(browser *realbrowser.Chromium) map[string]*realbrowser.ChromiumExtension {
	c.t.Helper()
	words := c.says(browser)
	c.tally.read(len(words))
	return words
}

// end compares what the browser said with what it leaves behind.
func (c *chromiumCorpus) end(state string, browser *realbrowser.Chromium) {
	c.t.Helper()
	words := c.count(browser)
	c.must(browser.Close(c.t.Context()))
	c.accuse(c.t, state+", after it ended", c.differences(words))
}

func (c *chromiumCorpus) differences(words map[string]*realbrowser.ChromiumExtension) []string {
	c.t.Helper()
	found := surveyHome(c.t, c.home, func(env scanner.Env) scanner.Provider { return chromium.New(env) })
	items, leftovers := found.installed()
	differences := compareEach("chromium/Default", words, items, c.compareHonest)
	for _, item := range leftovers {
		// The browser removes what an update replaced, and what was removed, some time later; until then
		// it is there.
		if running := items[string(item.App.ID)]; running != nil && running.Path == item.Path || running == nil &&
			!c.removed[string(item.App.ID)] {
			differences = append(differences, fmt.Sprintf("%s is a leftover: %s", item.App.ID, item.Path))
		}
	}
	if len(differences) > 0 {
		return differences
	}
	surfaces := maps.Clone(c.surfaces)
	var says []own
	for id, e := range words {
		if item := items[id]; item != nil && c.byID[id] == nil {
			surfaces[id] = texts(item.Access.Surfaces) // a package of the machine, whose manifest is not ours
		}
		word := c.ownOf(id, e)
		word.hosts = append(word.hosts, texts(c.onClick(e, items[id]))...)
		says = append(says, word)
	}
	return found.accusations(c.t, says, surfaces)
}

// compareHonest is compareChromium, but for hosts, where one pattern may say what two do. Of those
// that content scripts run in, the browser names some, and none with its path; and it names those
// that an update waits for among the others.
func (c *chromiumCorpus) compareHonest(want *realbrowser.ChromiumExtension, got *inventory.Item) []string {
	said := *want
	managed := *want.Management
	managed.HostPermissions = texts(access.MinimalHosts(inventory.All(withoutPaths(slices.Concat(c.hosts(want),
		texts(c.onClick(want, got)))))))
	said.Management = &managed
	if said.Permissions.Runtime != nil {
		said.Permissions.Runtime = &realbrowser.RuntimeHosts{Access: said.Permissions.Runtime.Access}
	}
	isHost := func(name inventory.Untrusted) bool { return isPattern(string(name)) }
	waiting := slices.DeleteFunc(slices.Clone(got.Access.Requested),
		func(name inventory.Untrusted) bool { return !isHost(name) })
	read := *got
	read.Access.Requested = slices.DeleteFunc(slices.Clone(got.Access.Requested), isHost)
	read.Access.Hosts = access.MinimalHosts(inventory.All(withoutPaths(texts(slices.Concat(got.Access.Hosts, waiting)))))
	return compareChromium(&said, &read)
}

// onClick are hosts that were read of an extension which reaches none without a click, and which
// were optional and given. The browser lists them no longer, and gives them back with the others.
func (c *chromiumCorpus) onClick(want *realbrowser.ChromiumExtension, got *inventory.Item) []inventory.Untrusted {
	h := c.byID[want.ID]
	if h == nil || want.Permissions.Runtime == nil || want.Permissions.Runtime.Access == "ON_ALL_SITES" {
		return nil
	}
	optional, _ := h.second["optional_host_permissions"].([]string)
	given := access.NewSet(inventory.All(withoutPaths(optional)))
	return slices.DeleteFunc(slices.Clone(got.Access.Hosts),
		func(host inventory.Untrusted) bool { return !given.Covers(host) })
}

// hosts are those that the browser says an extension reaches, also on a click only, and those that
// it does not say.
func (c *chromiumCorpus) hosts(e *realbrowser.ChromiumExtension) []string {
	hosts := slices.Concat(hostsOf(e), c.unsaid(e))
	if h := c.byID[e.ID]; h != nil && c.isSecond(e) {
		optional, _ := h.second["optional_host_permissions"].([]string)
		taken := access.NewSet(inventory.All(withoutPaths(optional)))
		hosts = slices.DeleteFunc(hosts, func(host string) bool { // once given, and given back: the browser remembers it
			return taken.Covers(inventory.Untrusted(host)) && !slices.Contains(e.Management.HostPermissions, host)
		})
	}
	return hosts
}

func (c *chromiumCorpus) isSecond(e *realbrowser.ChromiumExtension) bool {
	return e.Management.Version == secondVersion || e.Management.Version == c.byID[e.ID].second["version"]
}

// unsaid are the hosts that the manifest of a running extension names and the browser does not
// list.
func (c *chromiumCorpus) unsaid(e *realbrowser.ChromiumExtension) (hosts []string) {
	h := c.byID[e.ID]
	if h == nil {
		return nil
	}
	manifest := h.first
	if c.isSecond(e) {
		manifest = h.second
	}
	scripts, _ := manifest["content_scripts"].([]any)
	for _, script := range scripts {
		hosts = append(hosts, script.(object)["matches"].([]string)...)
	}
	if permissions, _ := manifest["permissions"].([]string); slices.Contains(permissions, "chrome://favicon/") {
		hosts = append(hosts, "chrome://favicon/*")
	}
	return hosts
}

// withoutPaths leaves of host patterns what a browser lists: not the path, and names in the one
// form that it has for them.
func withoutPaths(patterns []string) []string {
	var sites []string
	for _, pattern := range patterns {
		scheme, rest, isURL := strings.Cut(pattern, "://")
		if host, _, _ := strings.Cut(rest, "/"); isURL {
			host = strings.TrimSuffix(host, ":*")
			if ascii, err := idna.Lookup.ToASCII(strings.TrimPrefix(host, "*.")); err == nil && !strings.HasPrefix(host, "*.") {
				host = ascii
			}
			pattern = scheme + "://" + host + "/*"
		}
		sites = append(sites, pattern)
	}
	return sites
}

func (c *chromiumCorpus) ownOf(id string, e *realbrowser.ChromiumExtension) own {
	word := own{
		id: id, kind: chromiumKinds[e.Type], version: e.Management.Version, permissions: e.Management.Permissions,
		hosts: c.hosts(e),
	}
	switch e.Management.InstallType {
	case "development":
		word.origin = inventory.OriginUnpacked
	case "sideload":
		word.origin = inventory.OriginSideload
	case "admin":
		if !e.MayModify {
			word.origin = inventory.OriginPolicy
		}
	}
	return word
}

func texts(list []inventory.Untrusted) []string {
	plain := make([]string, len(list))
	for n, text := range list {
		plain[n] = string(text)
	}
	return plain
}

func missed(what string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%d are not %s: %q", len(names), what, names)
}
