package realbrowser_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guestlist/providers/chromium"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// What guestlist reads of two Chromium-family browsers in one home is what the browser says itself:
// the same extensions, none more, none fewer, with the same names, versions, states and access,
// while it runs and after it ended.
func TestChromiumIsReadAsItSaysItself(t *testing.T) {
	binary := realbrowser.RequireChromium(t, os.Getenv)
	s := &chromiumScene{t: t, binary: binary, home: t.TempDir(), ids: map[string]string{}}
	s.byPolicy(map[string][]string{
		"force_installed": {"acme-vault@3.2.0"},
		"normal_installed": {"acme-notes@1.4.0", "phrasebook@1.2.3.4", "bargain-lens@2.0.1", "page-clipper@0.9.2",
			"tab-tidy@1.0.0", "evening-theme@1.0"},
	})

	commandLine := s.unpack("meeting-scribe@1.0.0")
	work := s.start("chromium", "Profile 12", "--load-extension="+commandLine)
	unpacked := s.load(work, "acme-panel@0.3")
	off := s.load(work, "neon-cursor@1.0.9")
	s.must(work.SetEnabled(t.Context(), off, false))
	if s.hasPolicy {
		s.must(work.SetEnabled(t.Context(), s.ids["bargain-lens"], false))
		s.must(work.WithholdHosts(t.Context(), s.ids["page-clipper"]))
		s.updateThatWantsMore(work)
	}
	atWork := s.says(work)
	s.expect(atWork, unpacked, "ENABLED")
	s.expect(atWork, off, "DISABLED")
	if !slices.ContainsFunc(slices.Collect(maps.Values(atWork)),
		func(e *realbrowser.ChromiumExtension) bool { return e.Path == commandLine }) {
		t.Errorf("the scene is not set: the browser did not load %s", commandLine)
	}

	other := s.start("google-chrome", "Default")
	s.must(other.SetEnabled(t.Context(), s.load(other, "meeting-scribe@1.1.0"), false))
	s.load(other, "tab-tidy@2.0.0")
	atOther := s.says(other)

	want := map[string]map[string]*realbrowser.ChromiumExtension{"chromium/Profile 12": atWork, "chrome/Default": atOther}
	// A browser writes its preferences some seconds after a change: what is read while it runs may
	// lag, and then is right.
	const lag = 30 * time.Second
	if err := realbrowser.Wait(t.Context(), "a right reading of two running browsers", lag, func() (bool, error) {
		differences := s.compare(want)
		return len(differences) == 0, listed(differences)
	}); err != nil {
		t.Error(err)
	}
	t.Logf("compared %d and %d extensions", len(atWork), len(atOther))
	s.must(work.Close(t.Context()))
	s.must(other.Close(t.Context()))
	if err := listed(s.compare(want)); err != nil {
		t.Errorf("after both ended: %v", err)
	}
	t.Run("installed-by-policy", func(t *testing.T) {
		if !s.hasPolicy {
			realbrowser.Missing(t, os.Getenv, "setting a managed policy needs root: only unpacked extensions were compared")
		}
		s.expect(atWork, s.ids["acme-vault"], "ENABLED")
		s.expect(atOther, s.ids["acme-vault"], "ENABLED")
		s.expect(atWork, s.ids["bargain-lens"], "DISABLED")
		s.expect(atOther, s.ids["bargain-lens"], "ENABLED")
		s.expect(atWork, s.ids["tab-tidy"], "DISABLED")
	})
}

// chromiumScene is a home with running browsers.
type chromiumScene struct {
	t            *testing.T
	binary, home string
	updates      *realbrowser.Updates
	ids          map[string]string // by name
	hasPolicy    bool
	versions     map[string]string // that policy installs, by ID
}

func (s *chromiumScene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *chromiumScene) extension(versioned string) *realbrowser.Extension {
	s.t.Helper()
	name, version, _ := strings.Cut(versioned, "@")
	e, err := realbrowser.ReadExtension(os.DirFS(chromiumSources), name, version)
	s.must(err)
	return e
}

// byPolicy offers extensions on loopback and lets a policy of this machine install them, if the
// test runs as root.
func (s *chromiumScene) byPolicy(modes map[string][]string) {
	s.t.Helper()
	if s.hasPolicy = os.Geteuid() == 0 && runtime.GOOS == "linux"; !s.hasPolicy {
		return
	}
	s.updates, s.versions = realbrowser.NewUpdates(s.t), map[string]string{}
	policy := realbrowser.ExtensionPolicy{}
	for mode, extensions := range modes {
		for _, versioned := range extensions {
			e := s.extension(versioned)
			id, err := e.ID()
			s.must(err)
			s.must(s.updates.Offer(e))
			s.ids[e.Name], s.versions[id] = id, e.Version
			policy[id] = realbrowser.ExtensionSetting{Mode: mode, UpdateURL: s.updates.URL(), Override: true}
		}
	}
	s.must(realbrowser.SetPolicy(s.t, policy))
}

// start starts a browser and waits until everything that policy installs is there.
func (s *chromiumScene) start(browser, profile string, flags ...string) *realbrowser.Chromium {
	s.t.Helper()
	running, err := realbrowser.StartChromium(s.t.Context(), realbrowser.ChromiumOptions{
		Binary: s.binary, Home: s.home, UserDataDir: filepath.Join(s.home, ".config", browser), Profile: profile,
		Root:  os.Geteuid() == 0,
		Flags: flags,
	})
	s.must(err)
	s.t.Cleanup(running.Kill)
	if s.hasPolicy {
		s.must(running.UpdateAll(s.t.Context()))
	}
	s.must(running.WaitFor(s.t.Context(), "what policy installs", waitLong,
		func(list map[string]*realbrowser.ChromiumExtension) bool {
			for id := range s.versions {
				if list[id] == nil {
					return false
				}
			}
			return true
		}))
	return running
}

// unpack writes an extension as a developer has it and returns its folder.
func (s *chromiumScene) unpack(versioned string) string {
	s.t.Helper()
	folder := filepath.Join(s.home, "src", strings.ReplaceAll(versioned, "@", "-"))
	s.must(s.extension(versioned).WriteTo(folder))
	return folder
}

func (s *chromiumScene) load(browser *realbrowser.Chromium, versioned string) (id string) {
	s.t.Helper()
	id, err := browser.LoadUnpacked(s.t.Context(), s.unpack(versioned))
	s.must(err)
	return id
}

// updateThatWantsMore offers a version that the browser does not enable without consent.
func (s *chromiumScene) updateThatWantsMore(browser *realbrowser.Chromium) {
	s.t.Helper()
	more := s.extension("tab-tidy@2.0.0")
	s.must(s.updates.Offer(more))
	s.must(browser.UpdateAll(s.t.Context()))
	s.must(browser.WaitFor(s.t.Context(), "the update that wants more", waitLong,
		func(list map[string]*realbrowser.ChromiumExtension) bool {
			e := list[s.ids["tab-tidy"]]
			return e != nil && e.Version == more.Version && e.State == "DISABLED"
		}))
	s.must(s.updates.Offer(s.extension("tab-tidy@1.0.0"))) // for the next browser
}

// says returns what the browser says of the extensions that are not its own parts.
func (s *chromiumScene) says(browser *realbrowser.Chromium) map[string]*realbrowser.ChromiumExtension {
	s.t.Helper()
	list, err := browser.Extensions(s.t.Context())
	s.must(err)
	maps.DeleteFunc(list, func(_ string, e *realbrowser.ChromiumExtension) bool { return e.Management == nil })
	return list
}

func (s *chromiumScene) expect(list map[string]*realbrowser.ChromiumExtension, id, state string) {
	s.t.Helper()
	if e := list[id]; e == nil || e.State != state {
		s.t.Errorf("the scene is not set: %s should be %s, the browser says %+v", id, state, e)
	}
}

// compare scans the home and lists where it differs from what the browsers said, by source below
// the home.
func (s *chromiumScene) compare(want map[string]map[string]*realbrowser.ChromiumExtension) (differences []string) {
	s.t.Helper()
	got, coverage := scanHome(s.t, s.home, func(env scanner.Env) scanner.Provider { return chromium.New(env) })
	for _, c := range coverage {
		source := strings.TrimPrefix(string(c.Source.Name), "person/")
		if c.Status != inventory.StatusComplete || want[source] == nil {
			differences = append(differences, fmt.Sprintf("%s: %s %s", source, c.Status, c.Reason))
		}
	}
	if len(coverage) != len(want) {
		differences = append(differences, fmt.Sprintf("%d sources, want %d", len(coverage), len(want)))
	}
	for source, extensions := range want {
		differences = append(differences, compareEach(source, extensions, got[source], compareChromium)...)
	}
	return differences
}

// compareChromium says where an item differs from what the browser says of it. The browser names
// what an update waits for as if the extension had it; guestlist keeps that apart.
func compareChromium(want *realbrowser.ChromiumExtension, got *inventory.Item) (differences []string) {
	differ := func(what string, got, want any) {
		if got != want {
			differences = append(differences, fmt.Sprintf("%s: read %v, the browser says %v", what, got, want))
		}
	}
	differ("name", string(got.App.Name), want.Name)
	differ("version", string(got.Version), want.Management.Version)
	differ("enabled", got.State == inventory.StateEnabled, want.State == "ENABLED")
	consent := slices.ContainsFunc(got.StateReasons,
		func(r inventory.Untrusted) bool { return strings.HasPrefix(string(r), "permissions increase") })
	differ("waits for consent", consent, want.Management.DisabledReason == "permissions_increase")
	differ("a reason for being off", len(got.StateReasons) > 0, want.State != "ENABLED")
	differ("kind", got.Kind, chromiumKinds[want.Type])
	differ("policy", got.Origin == inventory.OriginPolicy, want.Management.InstallType == "admin" &&
		!want.Management.MayDisable)
	differ("unpacked", got.Origin == inventory.OriginUnpacked, want.Management.InstallType == "development")
	differ("accusations", fmt.Sprint(accusations(got)), "[]")
	waiting := func(name string) bool { return slices.Contains(got.Access.Requested, inventory.Untrusted(name)) }
	differ("permissions", names(got.Access.Permissions),
		sorted(slices.DeleteFunc(slices.Clone(want.Management.Permissions), waiting)))
	differ("hosts", names(got.Access.Hosts), sorted(slices.DeleteFunc(hostsOf(want), waiting)))
	if runtime := want.Permissions.Runtime; runtime != nil {
		differ("withheld hosts", got.Access.HostsWithheld == inventory.Yes, runtime.Access != "ON_ALL_SITES")
	}
	return differences
}

// accusations are the marks of an item that make a finding by themselves. An honest extension has
// none.
func accusations(item *inventory.Item) []inventory.Mark {
	return slices.DeleteFunc(slices.Clone(item.Marks),
		func(m inventory.Mark) bool { return m.Class == inventory.MarkNote })
}

var chromiumKinds = map[string]inventory.Kind{
	"EXTENSION": inventory.KindExtension, "THEME": inventory.KindTheme, "SHARED_MODULE": inventory.KindSharedModule,
}

// hostsOf returns the hosts that an extension reaches: its permissions, and those that a person may
// withhold, content scripts' included.
func hostsOf(e *realbrowser.ChromiumExtension) []string {
	hosts := slices.Clone(e.Management.HostPermissions)
	if e.Permissions.Runtime != nil {
		for _, host := range e.Permissions.Runtime.Hosts {
			hosts = append(hosts, host.Host)
		}
	}
	return hosts
}

// What both browsers' comparisons share

// scanHome reads a home and returns its items that are installed, by source below the home and by
// ID.
func scanHome(t *testing.T, home string, make func(scanner.Env) scanner.Provider) (map[string]map[string]*inventory.Item, []inventory.Coverage) {
	t.Helper()
	kept := &keeper{items: map[string]map[string]*inventory.Item{}}
	p := make(scanner.Env{
		OS: runtime.GOOS, Host: "laptop-01", Homes: []scanner.Home{{Dir: home, User: "person"}},
		SystemRoot: string(filepath.Separator), Locale: "en",
		Getenv: func(string) string { return "" },
	})
	coverage, err := p.Collect(context.WithoutCancel(t.Context()), kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range kept.twice {
		t.Errorf("%s was read twice", difference)
	}
	return kept.items, coverage
}

// keeper is a sink that keeps what is installed; leftovers are no browser's to tell.
type keeper struct {
	lock  sync.Mutex
	items map[string]map[string]*inventory.Item
	twice []string
}

func (k *keeper) AddItem(item *inventory.Item) error {
	kept := *item
	kept.Normalize()
	if kept.State == inventory.StateLeftover {
		return nil
	}
	source, id := strings.TrimPrefix(string(kept.Source.Name), "person/"), string(kept.App.ID)
	k.lock.Lock()
	defer k.lock.Unlock()
	if k.items[source] == nil {
		k.items[source] = map[string]*inventory.Item{}
	}
	if k.items[source][id] != nil {
		k.twice = append(k.twice, source+" "+id)
	}
	k.items[source][id] = &kept
	return nil
}

func (k *keeper) AddAccount(*inventory.Account) error { return nil }

// compareEach pairs by ID what the browser says with what was read.
func compareEach[T any](
	source string, want map[string]T, got map[string]*inventory.Item, compare func(T, *inventory.Item) []string,
) (differences []string) {
	for id, w := range want {
		item := got[id]
		if item == nil {
			differences = append(differences, fmt.Sprintf("%s: %s is missed: %+v", source, id, w))
			continue
		}
		for _, difference := range compare(w, item) {
			differences = append(differences, fmt.Sprintf("%s: %s %q: %s", source, id, item.App.Name.String(), difference))
		}
	}
	for id, item := range got {
		if _, ok := want[id]; !ok {
			differences = append(differences, fmt.Sprintf("%s: %s %q is one too many", source, id, item.App.Name.String()))
		}
	}
	slices.Sort(differences)
	return differences
}

func listed(differences []string) error {
	if len(differences) == 0 {
		return nil
	}
	return fmt.Errorf("%d differences:\n\t%s", len(differences), strings.Join(differences, "\n\t"))
}

func names(list []inventory.Untrusted) string {
	plain := make([]string, len(list))
	for n, name := range list {
		plain[n] = string(name)
	}
	return sorted(plain)
}

func sorted(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}
