package chromium

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// realHome is the home in testdata that Chromium wrote. Its system root makes its absolute paths
// true.
func realHome(t testing.TB) scanner.Env {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("testdata", "real"))
	if err != nil {
		t.Fatal(err)
	}
	return scanner.Env{
		OS: linux, Host: "laptop-7", Homes: []scanner.Home{{Dir: filepath.Join(root, "home", "person"), User: "person"}},
		SystemRoot: root, Locale: "de_AT.UTF-8",
	}
}

func TestARealHomeIsReadAsBefore(t *testing.T) {
	t.Parallel()
	items, coverage := collect(t, realHome(t))
	slices.SortFunc(items, func(a, b inventory.Item) int { return strings.Compare(a.Key(), b.Key()) })
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(map[string]any{"items": items, "coverage": coverage}); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, filepath.Join("testdata", "golden", "real.json"), got.String())
}

// What is read from the files is what the browser says of itself: the same extensions, none more,
// none fewer, on or off, with the same names, versions and access.
func TestARealHomeIsReadAsTheBrowserSaysItself(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "real", "browser-says.json"))
	if err != nil {
		t.Fatal(err)
	}
	var says map[string][]struct {
		ID, Name, Type, InstallType string
		Enabled                     bool
		Permissions                 []inventory.Untrusted
		HostPermissions             []inventory.Untrusted
	}
	if err := json.Unmarshal(data, &says); err != nil {
		t.Fatal(err)
	}
	origins := map[string]inventory.Origin{"admin": inventory.OriginPolicy, "development": inventory.OriginUnpacked,
		"sideload": inventory.OriginSideload}
	kinds := map[string]inventory.Kind{"extension": inventory.KindExtension, "theme": inventory.KindTheme,
		"hosted_app": inventory.KindBrowserApp}
	items, _ := collect(t, realHome(t))
	items = slices.DeleteFunc(items, func(i inventory.Item) bool { return i.State == inventory.StateLeftover })
	expected := 0
	for profile, extensions := range says {
		expected += len(extensions)
		for _, want := range extensions {
			n := slices.IndexFunc(items, func(i inventory.Item) bool {
				return string(i.App.ID) == want.ID && string(i.Holder.Profile) == profile
			})
			if n < 0 {
				t.Errorf("%s in %s is missed", want.ID, profile)
				continue
			}
			got := items[n]
			if string(got.App.Name) != want.Name || got.Kind != kinds[want.Type] || got.Origin != origins[want.InstallType] ||
				(got.State == inventory.StateEnabled) != want.Enabled {
				t.Errorf("read %q %s %s %s, the browser says %+v", got.App.Name, got.Kind, got.Origin, got.State, want)
			}
			// The browser names what an update asks for as if it had it; guestlist keeps what waits for
			// consent apart.
			held := slices.Concat(got.Access.Permissions, got.Access.Hosts, got.Access.Requested)
			for _, access := range slices.Concat(want.Permissions, want.HostPermissions) {
				if !slices.Contains(held, access) {
					t.Errorf("%s: %q is missed", want.ID, access)
				}
			}
			for _, permission := range got.Access.Permissions {
				if !slices.Contains(want.Permissions, permission) {
					t.Errorf("%s: %q is one too many", want.ID, permission)
				}
			}
		}
	}
	if len(items) != expected {
		t.Errorf("%d items, the browser says %d", len(items), expected)
	}
}

func TestARealHomeRaisesNoFalseAlarm(t *testing.T) {
	t.Parallel()
	env := realHome(t)
	env.Builtin = true
	items, _ := collect(t, env)
	for _, item := range items {
		for _, mark := range item.Marks {
			t.Errorf("%s in %s: %s %s %q", item.App.ID, item.Holder.Profile, mark.Class, mark.Name, mark.Detail)
		}
	}
	if !slices.ContainsFunc(items, func(i inventory.Item) bool { return i.Origin == inventory.OriginBuiltin }) {
		t.Error("the browser's own components are missing with builtin")
	}
}

// Two preference files a profile, one Local State a browser, one manifest an extension, and no
// messages, because the settings hold the names: no file is opened that the result does not need,
// and none twice.
func TestNoFileIsOpenedInVain(t *testing.T) {
	t.Parallel()
	env := realHome(t)
	var lock sync.Mutex
	var opened []string
	env.Observe = func(path string) {
		lock.Lock()
		defer lock.Unlock()
		opened = append(opened, filepath.ToSlash(path))
	}
	items, _ := collect(t, env)
	count := func(name string) (n int) {
		for _, path := range opened {
			if strings.HasSuffix(path, "/"+name) {
				n++
			}
		}
		return n
	}
	want := map[string]int{"Local State": 1, "Preferences": 2, "Secure Preferences": 2, "manifest.json": len(items),
		"messages.json": 0}
	// The leftover's and the unpacked extensions' names are plain text, so no messages are needed for
	// them either.
	total := 0
	for name, n := range want {
		total += n
		if got := count(name); got != n {
			t.Errorf("%s was opened %d times, want %d: %q", name, got, n, opened)
		}
	}
	if len(opened) != total {
		t.Errorf("%d files were opened, want %d: %q", len(opened), total, opened)
	}
}
