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

	"guestlist/providers/firefox"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// honestAddon is one of the corpus of Firefox's family, and how it comes in.
type honestAddon struct {
	*honest
	id  string
	way way
}

// way is how an add-on comes into the profile, and for those that come from a file, what becomes of
// it.
type way int

const (
	fromFile    way = iota // a person installs it
	fromStore              // the same, from the store
	byPolicy               // required: nobody may switch it off
	offered                // by policy, and may be switched off
	withBrowser            // lies beside the browser, which copies it into each profile
	dropped                // a program puts it into the profile's folder
	pointed                // the same, but a file that names the directory in which it lies
	unpackedIn             // the same, as a directory
	dropsLater             // the same, where the browser leaves such ones off until somebody agrees
	forUser                // a program puts it into the directory of the user's add-ons, for all profiles
	temporarily            // a developer loads it until the browser ends
)

// corpusOfFirefox are the honest add-ons of Firefox's family.
func corpusOfFirefox(t *testing.T) []*honestAddon {
	var all []*honestAddon
	add := func(name string, version int, first, second object, surfaces ...string) *honestAddon {
		a := &honestAddon{honest: &honest{name: name, first: first, second: second, surfaces: surfaces}}
		a.id = strings.ReplaceAll(name, " ", "-") + "@honest.example"
		for _, manifest := range []object{first, second} {
			manifest["manifest_version"] = version
			settings := at(manifest, "browser_specific_settings", "gecko")
			settings["id"] = a.id
		}
		all = append(all, a)
		return a
	}
	n := 0
	for names := range slices.Chunk(namesOf(t, "firefox"), 15) {
		n++
		add(fmt.Sprintf("asks %d", n), 2, object{"permissions": names},
			object{"permissions": append([]string{"history", "topSites"}, names...)})
		add(fmt.Sprintf("asks three %d", n), 3, object{"permissions": names}, object{"optional_permissions": names})
		add(fmt.Sprintf("may ask %d", n), 2+n%2, object{"permissions": []string{"storage"}, "optional_permissions": names},
			object{"permissions": append([]string{"storage"}, names[:2]...), "optional_permissions": names})
	}
	for n, host := range slices.Concat(honestHosts, noPatterns) {
		more := "https://*.example.org/*"
		add(fmt.Sprintf("reaches %d", n), 2, object{"permissions": []string{host, "cookies"}},
			object{"permissions": []string{host, more, "cookies"}})
		add(fmt.Sprintf("reaches three %d", n), 3, object{"permissions": []string{"scripting"},
			"host_permissions": []string{host}},
			object{"permissions": []string{"scripting"}, "host_permissions": []string{host, more}})
		add(fmt.Sprintf("may reach %d", n), 2+n%2, object{"optional_permissions": []string{host}},
			object{"optional_permissions": []string{host, "https://example.net/*"}})
		add(fmt.Sprintf("may reach three %d", n), 3, object{"host_permissions": []string{host}},
			object{"optional_host_permissions": []string{host}})
		if runsNowhere(host) || slices.Contains(noPatterns, host) {
			continue // the browser refuses the whole add-on
		}
		script := []any{object{"matches": []string{host}, "js": []string{"script.js"}}}
		add(fmt.Sprintf("runs in %d", n), 2+n%2, object{"content_scripts": script},
			object{"content_scripts": script, "permissions": []string{"storage"}})
	}
	add("developer tools", 2, object{"devtools_page": "page.html"}, object{"devtools_page": "page.html"}, "devtools_page")
	add("developer tools on request", 3, object{"devtools_page": "page.html",
		"optional_permissions": []string{"devtools"}},
		object{"devtools_page": "page.html", "optional_permissions": []string{"devtools"}}, "devtools_page")
	add("new tab", 2, object{"chrome_url_overrides": object{"newtab": "page.html"}}, object{},
		"chrome_url_overrides.newtab")
	add("home page", 3, object{"chrome_settings_overrides": object{"homepage": "https://example.com/"}}, object{},
		"chrome_settings_overrides.homepage")
	add("links", 2, object{"protocol_handlers": []any{object{"protocol": "ext+honest", "name": "Links",
		"uriTemplate": "https://example.com/?%s"}}},
		object{}, "protocol_handlers ext+honest")
	add("everything little", 3, littleOfFirefox(), littleOfFirefox())
	add("data", 2, object{"browser_specific_settings": object{"gecko": object{"data_collection_permissions": object{
		"required": []string{"locationInfo", "technicalAndInteraction"}[:1],
		"optional": []string{"technicalAndInteraction", "browsingActivity"}}}}}, object{})
	add("odd version", 2, object{"version": "0.0.1"}, object{"version": "65535.0.0.1", "version_name": "2027 beta"})
	add("unknown", 2, object{"permissions": []string{"sidePanel", "debugger", "Storage", "misspelt", ""},
		"unknown_key": 1},
		object{"permissions": []string{"offscreen"}})
	translated := object{"name": "__MSG_appName__", "default_locale": "en", "description": "__MSG_about__"}
	add("translated", 3, translated, maps.Clone(translated)).files = map[string]string{
		"_locales/en/messages.json": `{"appName":{"message":"Translated"},"about":{"message":"About"}}`,
		"_locales/de/messages.json": `{"appName":{"message":"Übersetzt"},"about":{"message":"Über"}}`,
	}
	add("theme", 2, object{"theme": object{"colors": object{"frame": "#fff"}}},
		object{"theme": object{"colors": object{"frame": "#eee"}}})
	add("words", 2, object{"dictionaries": object{"en-ZA": "en-ZA.dic"}},
		object{"dictionaries": object{"en-ZA": "en-ZA.dic"}}).files = map[string]string{
		"en-ZA.dic": "1\nhonest\n", "en-ZA.aff": "SET UTF-8\n",
	}
	language := func() object {
		return object{"langpack_id": "eo", "languages": object{"eo": object{"version": "20261101000000",
			"chrome_resources": object{}}},
			"sources": object{}, "browser_specific_settings": object{"gecko": object{"strict_min_version": "140.0",
				"strict_max_version": "200.*"}}}
	}
	add("langpack-eo", 2, language(), language())
	return all
}

// isExtension reports whether an add-on has scripts, or may have.
func (a *honestAddon) isExtension() bool {
	return !slices.ContainsFunc([]string{"theme", "dictionaries", "langpack_id", "background"},
		func(key string) bool { return a.first[key] != nil })
}

// littleOfFirefox are manifest keys that give no access.
func littleOfFirefox() object {
	return object{
		"action": object{"default_popup": "page.html"}, "background": object{"scripts": []string{"worker.js"}},
		"options_ui":     object{"page": "page.html"},
		"commands":       object{"open": object{"suggested_key": object{"default": "Ctrl+Shift+9"}, "description": "Open"}},
		"omnibox":        object{"keyword": "honest"},
		"sidebar_action": object{"default_panel": "page.html"}, "incognito": "not_allowed", "short_name": "Little",
		"author":       "IT",
		"homepage_url": "https://example.com/", "developer": object{"name": "IT", "url": "https://example.com/"},
		"permissions": []string{"storage", "unlimitedStorage", "menus", "alarms"},
		"declarative_net_request": object{"rule_resources": []any{object{"id": "rules", "enabled": true,
			"path": "rules.json"}}},
		"web_accessible_resources": []any{object{"resources": []string{"page.html"},
			"matches": []string{"https://example.com/*"}}},
		"content_security_policy": object{"extension_pages": "script-src 'self'"},
	}
}

// noPatterns are what an add-on may ask for like a host, and is not given: slips of the pen, and
// pages of the browser.
var noPatterns = []string{
	"chrome://favicon/", "data:*", "resource://*/*", "about:config", "https://example.com", "https://www.*.com/*",
	"https://*example.com/*",
	"https://*.*.example.com/*", "HTTPS://example.com/*", "*://*:8443/*", "https:///*", "https://*",
	"moz-extension://*/*", "http*://example.com/*",
	"file://server/share/*", "file:/srv/*", "https://user@example.com/*", " https://example.com/*", "*",
}

// runsNowhere reports whether no content script can name a pattern.
func runsNowhere(host string) bool {
	scheme, _, _ := strings.Cut(host, ":")
	return strings.Contains(host, ":*/") || slices.Contains([]string{"ws", "wss", "ftp", "chrome", "resource", "data"},
		scheme)
}

// Honest add-ons of Firefox's family are what the browser says of them and are accused of nothing:
// as they come, by hand, by policy, with the browser or put into the profile, switched off and on,
// granted more and less, updated at once, at the next start or not at all, and restricted or
// removed by policy, while the browser runs and after it has ended.
func TestHonestAddonsOfFirefoxAreAccusedOfNothing(t *testing.T) {
	binary := realbrowser.RequireFirefox(t, os.Getenv)
	if _, err := os.Stat(realbrowser.FirefoxDistribution); err != nil || os.Geteuid() != 0 {
		realbrowser.Missing(t, os.Getenv, "setting policies of Debian's Firefox needs root and its directory "+realbrowser.FirefoxDistribution)
	}
	c := &firefoxCorpus{firefoxScene: &firefoxScene{t: t, binary: binary, home: t.TempDir()}, all: corpusOfFirefox(t),
		packages: t.TempDir()}
	c.offer()
	browser := c.open()
	c.coversEverything(browser)
	c.install(browser)
	c.hasPackages(browser)
	c.check("installed", browser)
	c.end("installed", browser)

	c.drop(dropsLater)
	c.preferences["extensions.autoDisableScopes"] = 15 // as the browser has it by itself
	browser = c.open()
	c.switchAndGrant(browser)
	c.check("switched off and on, granted more and less", browser)
	c.end("switched off and on, granted more and less", browser)

	c.offerSecond()
	browser = c.open()
	c.update(browser)
	c.check("updated, asked for more, waiting for the next start", browser)
	c.end("updated, asked for more, waiting for the next start", browser)

	browser = c.open()
	c.check("started again", browser)
	c.end("started again", browser)

	c.restrict()
	browser = c.open()
	c.waitForRestrictions(browser)
	c.check("restricted or removed by policy", browser)
	c.end("restricted or removed by policy", browser)

	t.Log(c.tally.String())
}

type firefoxCorpus struct {
	*firefoxScene
	all      []*honestAddon
	byID     map[string]*honestAddon
	packages string // folder of xpi files
	updates  *realbrowser.Updates
	policy   map[string]object // ExtensionSettings by ID
	removed  []string          // by policy
	tally
}

// storeFiles begins the addresses of the store's packages.
const storeFiles = "https://addons.mozilla.org/firefox/downloads/file/"

// waitsForStart is a script of an add-on that has its updates wait for the browser's next start.
const waitsForStart = "browser.runtime.onUpdateAvailable.addListener(() => {});"

// offer chooses the way of each, and puts in place what must be there before the browser first
// starts.
func (c *firefoxCorpus) offer() {
	c.create("work.default-esr")
	c.byID, c.policy, c.updates = map[string]*honestAddon{}, map[string]object{}, realbrowser.NewUpdates(c.t)
	c.preferences = object{
		"extensions.update.url": c.updates.AddonsURL(), "extensions.update.background.url": c.updates.AddonsURL(),
		// Who may have geckoProfiler, with which the browser refuses all others.
		"extensions.geckoProfiler.acceptedExtensionIds": "asks-3@honest.example,asks-three-3@honest.example,may-ask-3@honest.example",
	}
	ways := []way{
		fromFile, byPolicy, fromFile, offered, fromFile, withBrowser, pointed, dropped, fromStore, dropsLater, fromFile,
		fromFile, forUser, unpackedIn, temporarily,
	}
	for n, a := range c.all {
		a.way = ways[n%len(ways)]
		if a.way == temporarily && strings.HasPrefix(a.name, "asks ") {
			a.way = fromFile // a developer's own the browser refuses if it asks for what is Mozilla's; others it lets in without
		}
		c.byID[a.id] = a
		if n%len(ways) == 4 && a.isExtension() {
			for _, manifest := range []object{a.first, a.second} {
				manifest["background"] = object{"scripts": []string{"waits.js"}}
			}
			a.files = map[string]string{"waits.js": waitsForStart}
		}
		mode := map[way]string{byPolicy: "force_installed", offered: "normal_installed"}[a.way]
		if mode != "" {
			c.policy[a.id] = object{"installation_mode": mode, "install_url": "file://" + c.pack(a)}
		}
		if a.way == withBrowser {
			c.must(realbrowser.DistributeAddon(c.t, a.id, c.zip(a)))
		}
	}
	c.setPolicy()
	for _, way := range []way{dropped, pointed, unpackedIn, forUser} {
		c.drop(way)
	}
}

func (c *firefoxCorpus) setPolicy() {
	c.t.Helper()
	c.must(realbrowser.SetFirefoxPolicies(c.t, object{"ExtensionSettings": c.policy}))
}

// drop puts packages of one way to where the browser finds them.
func (c *firefoxCorpus) drop(way way) {
	c.t.Helper()
	folder := filepath.Join(c.folder(), "extensions")
	if way == forUser {
		folder = filepath.Join(c.home, ".mozilla", "extensions", firefoxApplication)
	}
	c.must(os.MkdirAll(folder, 0o700))
	for n, a := range c.all {
		switch {
		case a.way != way:
		case way == pointed:
			lies := filepath.Join(c.packages, a.id)
			c.must(a.extension(c.t, a.first, firstVersion).WriteTo(lies))
			c.point(filepath.Join(folder, a.id), lies, n)
		case way == unpackedIn:
			c.must(a.extension(c.t, a.first, firstVersion).WriteTo(filepath.Join(folder, a.id)))
		default:
			c.must(os.WriteFile(filepath.Join(folder, a.id+".xpi"), c.zip(a), 0o600))
		}
	}
}

// point has a file lead to a directory in each of the ways that the browser follows: by its path,
// by the way there, and as a link.
func (c *firefoxCorpus) point(file, to string, n int) {
	c.t.Helper()
	way, err := filepath.Rel(filepath.Dir(file), to)
	c.must(err)
	switch n % 3 {
	case 0:
		c.must(os.WriteFile(file, []byte(to+"\n"), 0o600))
	case 1:
		c.must(os.WriteFile(file, []byte(way), 0o600))
	case 2:
		c.must(os.Symlink(to, file))
	}
}

func (c *firefoxCorpus) zip(a *honestAddon) []byte {
	c.t.Helper()
	packed, err := a.extension(c.t, a.first, firstVersion).Zip()
	c.must(err)
	return packed
}

func (c *firefoxCorpus) pack(a *honestAddon) string {
	c.t.Helper()
	file := filepath.Join(c.packages, a.id+".xpi")
	c.must(os.WriteFile(file, c.zip(a), 0o600))
	return file
}

// coversEverything holds that what the browser's own schemas name is among what the corpus asks
// for.
func (c *firefoxCorpus) coversEverything(browser *realbrowser.Firefox) {
	c.t.Helper()
	known, err := browser.PermissionNames(c.t.Context())
	c.must(err)
	asked := namesOf(c.t, "firefox")
	for _, name := range known {
		if !slices.Contains(asked, name) {
			c.t.Errorf("no add-on of the corpus asks for %q", name)
		}
	}
	if len(known) < 50 {
		c.t.Errorf("the browser names only %d permissions", len(known))
	}
}

// install lets a person and a developer install what is not there by itself.
func (c *firefoxCorpus) install(browser *realbrowser.Firefox) {
	c.t.Helper()
	var files []string
	for _, a := range c.all {
		switch a.way {
		case fromFile:
			files = append(files, c.pack(a))
		case fromStore:
			offer, err := c.updates.OfferAddon(a.id, a.extension(c.t, a.first, firstVersion))
			c.must(err)
			c.must(browser.InstallFrom(c.t.Context(), storeFiles+a.id+".xpi", offer, "amo"))
		case temporarily:
			if err := browser.Install(c.t.Context(), c.pack(a), true); err != nil {
				c.t.Errorf("the browser refuses %q: %v", a.name, err)
			}
		}
	}
	refused, err := browser.InstallAll(c.t.Context(), files)
	c.must(err)
	for file, why := range refused {
		c.t.Errorf("the browser refuses %q: %s", filepath.Base(file), why)
	}
	c.must(realbrowser.Wait(c.t.Context(), "all to be installed", waitLong, func() (bool, error) {
		addons, err := browser.Addons(c.t.Context())
		var missing []string
		for _, a := range c.all {
			if a.way != dropsLater && addons[a.id] == nil {
				missing = append(missing, a.name)
			}
		}
		return err == nil && len(missing) == 0, missed("installed", missing)
	}))
}

// hasPackages holds that what the machine has for everybody is among what is compared.
func (c *firefoxCorpus) hasPackages(browser *realbrowser.Firefox) {
	words := c.says(browser)
	found := 0
	for _, place := range []string{firefoxShared + "/" + firefoxApplication + "/*",
		"/usr/lib/firefox-esr/browser/extensions/*.xpi"} {
		files, err := filepath.Glob(place)
		c.must(err)
		found += len(files)
		for _, file := range files {
			if words[strings.TrimSuffix(filepath.Base(file), ".xpi")] == nil {
				c.t.Errorf("the browser does not list %q", file)
			}
		}
	}
	c.t.Run("installed-for-everyone", func(t *testing.T) {
		if found == 0 {
			realbrowser.Missing(t, os.Getenv, "no add-on is installed for the whole machine (on Debian: apt-get install webext-ublock-origin-firefox)")
		}
		t.Logf("%d add-ons of the machine", found)
	})
}

// ours returns the add-ons of the corpus that stay in the profile, in the order of the corpus.
func (c *firefoxCorpus) ours(words map[string]*realbrowser.FirefoxAddon) (ours []*realbrowser.FirefoxAddon) {
	for _, a := range c.all {
		if word := words[a.id]; word != nil && !word.Temporary {
			ours = append(ours, word)
		}
	}
	return ours
}

// switchAndGrant brings each add-on into one of the states that its user can bring it into.
func (c *firefoxCorpus) switchAndGrant(browser *realbrowser.Firefox) {
	c.t.Helper()
	ctx := c.t.Context()
	granted, takenBack := 0, 0
	give := func(a *realbrowser.FirefoxAddon, permissions, origins []string) {
		c.must(browser.Grant(ctx, a.ID, permissions, origins))
		granted += len(permissions) + len(origins)
	}
	takeBack := func(a *realbrowser.FirefoxAddon, permissions, origins []string) {
		c.must(browser.TakeBack(ctx, a.ID, permissions, origins))
		takenBack += len(permissions) + len(origins)
	}
	for n, a := range c.ours(c.says(browser)) {
		optional, held := a.Optional, a.Granted
		switch n % 7 {
		case 0:
			c.switchOff(browser, a)
		case 1:
			c.switchOff(browser, a)
			c.must(browser.SetEnabled(ctx, a.ID, true))
		case 2:
			give(a, optional.Permissions, optional.Origins)
		case 3:
			give(a, optional.Permissions, optional.Origins)
			takeBack(a, some(optional.Permissions), some(optional.Origins))
		case 4:
			takeBack(a, held.Permissions, held.Origins)
		case 5:
			takeBack(a, held.Permissions, held.Origins)
			give(a, held.Permissions, held.Origins)
		case 6:
			give(a, []string{"internal:privateBrowsingAllowed"}, nil)
		}
	}
	c.cover(browser)
	c.t.Logf("%d permissions granted, %d taken back", granted, takenBack)
	if granted < 50 || takenBack < 20 {
		c.t.Errorf("the scene is not set: %d permissions granted, %d taken back", granted, takenBack)
	}
}

// cover loads, as a developer does who tries a change, a package over an add-on that is installed.
func (c *firefoxCorpus) cover(browser *realbrowser.Firefox) {
	c.t.Helper()
	a := c.all[slices.IndexFunc(c.all, func(a *honestAddon) bool { return a.way == fromStore })]
	file := filepath.Join(c.t.TempDir(), a.id+".xpi")
	packed, err := a.extension(c.t, a.first, "3").Zip()
	c.must(err)
	c.must(os.WriteFile(file, packed, 0o600))
	c.must(browser.Install(c.t.Context(), file, true))
}

// switchOff switches an add-on off, unless policy requires it.
func (c *firefoxCorpus) switchOff(browser *realbrowser.Firefox, a *realbrowser.FirefoxAddon) {
	c.t.Helper()
	if a.Policy != "force_installed" {
		c.must(browser.SetEnabled(c.t.Context(), a.ID, false))
	}
}

// some is the larger half of a list.
func some(list []string) []string { return list[:(len(list)+1)/2] }

// offerSecond brings out the second versions.
func (c *firefoxCorpus) offerSecond() {
	c.t.Helper()
	for _, a := range c.all {
		version, isOdd := a.second["version"].(string)
		if !isOdd {
			version = secondVersion
		}
		_, err := c.updates.OfferAddon(a.id, a.extension(c.t, a.second, version))
		c.must(err)
	}
}

// update lets the browser fetch the second versions, and a person agree to two of three that ask
// for more.
func (c *firefoxCorpus) update(browser *realbrowser.Firefox) {
	c.t.Helper()
	var ids, agreed []string
	for n, a := range c.ours(c.says(browser)) {
		if c.byID[a.ID].way == forUser {
			continue // the program that put it there updates it
		}
		ids = append(ids, a.ID)
		if n%3 != 0 {
			agreed = append(agreed, a.ID)
		}
	}
	outcomes, err := browser.Update(c.t.Context(), ids, agreed)
	c.must(err)
	count := map[string]int{}
	for id, outcome := range outcomes {
		count[outcome]++
		if strings.HasPrefix(outcome, "failed") || outcome == realbrowser.NoUpdate {
			c.t.Errorf("the update of %s: %s", id, outcome)
		}
	}
	c.t.Logf("updates: %v", count)
	if count[realbrowser.Updated] < 100 || count[realbrowser.Postponed] < 5 || count[realbrowser.Asks] < 5 {
		c.t.Errorf("the scene is not set: %v", count)
	}
}

// restrict sets a policy that takes something from add-ons, or the add-ons themselves.
func (c *firefoxCorpus) restrict() {
	c.t.Helper()
	for n, a := range c.all {
		if a.way == forUser && n%5 == 3 {
			continue // the browser removes nothing from there
		}
		setting := c.policy[a.id]
		if setting == nil {
			setting = object{"installation_mode": "allowed"}
		}
		switch n % 5 {
		case 0:
			continue
		case 1:
			setting["runtime_blocked_hosts"] = []string{"*://*.example.com"}
		case 2:
			setting["blocked_permissions"] = []string{"cookies", "tabs", "history"}
		case 3:
			setting = object{"installation_mode": "blocked"}
			c.removed = append(c.removed, a.id)
		case 4: // what policy no longer names stays
			delete(c.policy, a.id)
			continue
		}
		c.policy[a.id] = setting
	}
	c.setPolicy()
}

func (c *firefoxCorpus) waitForRestrictions(browser *realbrowser.Firefox) {
	c.t.Helper()
	c.must(realbrowser.Wait(c.t.Context(), "policy to remove what it blocks", waitLong, func() (bool, error) {
		addons, err := browser.Addons(c.t.Context())
		var there []string
		for _, id := range c.removed {
			if addons[id] != nil {
				there = append(there, id)
			}
		}
		return err == nil && len(there) == 0, missed("removed", there)
	}))
}

// word is what the browser says of an add-on, and if it runs, what it may do.
type word struct {
	*realbrowser.FirefoxAddon
	running *realbrowser.Running
}

// count asks the browser for its words, and counts the state. What is loaded for a while only is in
// no list that the browser keeps.
func (c *firefoxCorpus) count(browser *realbrowser.Firefox) map[string]*word {
	c.t.Helper()
	running, err := browser.Running(c.t.Context())
	c.must(err)
	words := map[string]*word{}
	for id, a := range c.says(browser) {
		switch {
		case !a.Temporary:
			words[id] = &word{a, running[id]}
		case a.Covers != nil:
			words[id] = &word{a.Covers, nil}
		}
	}
	c.tally.read(len(words))
	return words
}

// check compares the home of a running browser, which writes some of what it holds a little later.
func (c *firefoxCorpus) check(state string, browser *realbrowser.Firefox) {
	c.t.Helper()
	words := c.count(browser)
	const lag = 10 * time.Second
	var found []string
	if err := realbrowser.Wait(c.t.Context(), "a right reading: "+state, lag, func() (bool, error) {
		found = c.differences(words)
		return len(found) == 0, listed(found)
	}); err != nil {
		c.accuse(c.t, state, found)
	}
}

// end compares what the browser said with what it leaves behind.
func (c *firefoxCorpus) end(state string, browser *realbrowser.Firefox) {
	c.t.Helper()
	words := c.count(browser)
	for _, w := range words {
		w.Active = w.Active || w.IsCovered && !w.UserDisabled // once what covered it is gone
	}
	c.must(browser.Close(c.t.Context()))
	c.accuse(c.t, state+", after it ended", c.differences(words))
}

func (c *firefoxCorpus) differences(words map[string]*word) []string {
	c.t.Helper()
	found := surveyHome(c.t, c.home, func(env scanner.Env) scanner.Provider { return firefox.New(env) })
	items, leftovers := found.installed()
	differences := compareEach("firefox/"+c.profile, words, items, compareHonestAddon)
	for _, item := range leftovers {
		differences = append(differences, fmt.Sprintf("%s is a leftover: %s", item.App.ID, item.Path))
	}
	if len(differences) > 0 {
		return differences
	}
	surfaces := map[string][]string{}
	var says []own
	for id, w := range words {
		if a := c.byID[id]; a != nil {
			surfaces[id] = a.surfaces
		} else {
			surfaces[id] = texts(items[id].Access.Surfaces) // a package of the machine, whose manifest is not ours
		}
		says = append(says, w.own())
	}
	return found.accusations(c.t, says, surfaces)
}

// compareHonestAddon says where an item differs from what the browser says of it.
func compareHonestAddon(want *word, got *inventory.Item) (differences []string) {
	differ := func(what string, got, want any) {
		if got != want {
			differences = append(differences, fmt.Sprintf("%s: read %v, the browser says %v", what, got, want))
		}
	}
	says := want.own()
	differ("name", string(got.App.Name), want.Name)
	differ("version", string(got.Version), want.Version)
	differ("kind", got.Kind, says.kind)
	differ("enabled", got.State == inventory.StateEnabled, want.Active)
	differ("off by the user", slices.Contains(got.StateReasons, "user action"), want.UserDisabled && !want.Active)
	differ("origin", got.Origin, says.origin)
	differ("unsigned", got.HasMark(inventory.MarkUnsigned), says.unsigned)
	differ("permissions", names(got.Access.Permissions), sorted(says.permissions))
	differ("hosts", names(minimal(texts(got.Access.Hosts))), names(minimal(says.hosts)))
	if want.Staged != nil {
		differ("the next version", string(got.Facts["pending_version"]), want.Staged.Version)
		return differences
	}
	if runs := want.running; runs != nil && runs.Type == "extension" {
		differences = append(differences, compareRunning(got, runs)...)
	}
	return differences
}

// compareRunning says where an item differs from what the browser lets the add-on do that runs.
func compareRunning(got *inventory.Item, runs *realbrowser.Running) (differences []string) {
	if read, may := names(got.Access.Permissions), sorted(withoutHosts(runs.Permissions)); read != may {
		differences = append(differences, fmt.Sprintf("permissions: read %s, the browser lets it use %s", read, may))
	}
	sites := slices.DeleteFunc(slices.Clone(runs.Origins),
		func(origin string) bool { return strings.HasPrefix(origin, "moz-extension:") })
	if read, may := names(minimal(texts(got.Access.Hosts))), names(minimal(sites)); read != may {
		differences = append(differences, fmt.Sprintf("hosts: read %s, the browser lets it reach %s", read, may))
	}
	return differences
}

// minimal are the host patterns that say what a list of them says, without paths, which the browser
// keeps of some and of others not.
func minimal(hosts []string) []inventory.Untrusted {
	return access.MinimalHosts(inventory.All(withoutPaths(hosts)))
}

// withoutHosts leaves the names of what an add-on may use, and not the browser's own notes and the
// one host pattern among them.
func withoutHosts(permissions []string) []string {
	return slices.DeleteFunc(slices.Clone(permissions),
		func(name string) bool { return name == access.AllURLs || strings.HasPrefix(name, "internal:") })
}

var firefoxKinds = map[string]inventory.Kind{
	"extension": inventory.KindExtension, "theme": inventory.KindTheme, "locale": inventory.KindLanguagePack,
	"dictionary": inventory.KindDictionary,
}

// own are the browser's words as an approval needs them.
func (w *word) own() own {
	says := own{
		id: w.ID, kind: firefoxKinds[w.Type], version: w.Version, origin: w.origin(), unsigned: w.isUnsigned(),
		permissions: withoutHosts(slices.Concat(w.Permissions, w.Granted.Permissions)),
		hosts:       slices.Concat(w.Origins, w.Granted.Origins),
	}
	if w.Staged != nil {
		says.permissions = append(says.permissions, withoutHosts(w.Staged.Permissions)...)
		says.hosts = append(says.hosts, w.Staged.Origins...)
	}
	return says
}

// isUnsigned reports whether the browser found no signature, or of a directory cannot say
// (SIGNEDSTATE_MISSING, SIGNEDSTATE_UNKNOWN).
func (w *word) isUnsigned() bool { return w.Signed != nil && (*w.Signed == 0 || *w.Signed == -1) }

func (w *word) origin() inventory.Origin {
	isRequired := w.Policy == "force_installed" || w.Policy == "normal_installed"
	switch {
	case isRequired, w.Source == "enterprise-policy", w.Source == "distribution":
		return inventory.OriginPolicy
	case w.Foreign:
		return inventory.OriginSideload
	case strings.HasPrefix(w.SourceURI, storeFiles): // an update from our server comes from another place
		return inventory.OriginStore
	case w.SourceURI != "":
		return inventory.OriginSideload
	}
	return inventory.OriginUnknown
}
