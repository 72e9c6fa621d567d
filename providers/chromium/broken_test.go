package chromium

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

const (
	profileDir = ".config/google-chrome/Default/"
	// one is a profile with one extension that has no files.
	one = `{"extensions":{"settings":{"` + someID + `":{"location":4,"path":"/nowhere"}}}}`
)

func TestBrokenPreferences(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	tests := []struct {
		name   string
		write  func(h *home)
		items  int
		status inventory.Status
		reason string
	}{
		{"nothing-installed", written(`{}`), 0, inventory.StatusComplete, ""},
		{"an-extension", written(one), 1, inventory.StatusComplete, ""},
		{"a-byte-order-mark", written("\xEF\xBB\xBF" + one), 1, inventory.StatusComplete, ""},
		{"settings-that-are-null", written(`{"extensions":{"settings":null}}`), 0, inventory.StatusPartial,
			"1 part of the profile could not be read in full"},
		{"empty", written(""), 0, inventory.StatusNotObservable, "Preferences: the file is empty"},
		{"blank", written(" \n"), 0, inventory.StatusNotObservable, "Preferences: the file is empty"},
		{"cut-off", written(one[:60]), 0, inventory.StatusNotObservable,
			"Preferences: truncated at byte 60"},
		{"cut-off-after-the-settings", written(one[:len(one)-1]), 0, inventory.StatusNotObservable,
			"Preferences: truncated at byte 96"},
		{"not-JSON", written("<html>"), 0, inventory.StatusNotObservable,
			"Preferences: not JSON at byte 0: invalid character '<' at start of value"},
		{"zeros", written(strings.Repeat("\x00", 64)), 0, inventory.StatusNotObservable,
			`Preferences: not JSON at byte 0: invalid character '\x00' at start of value`},
		{"more-after-the-end", written(`{} {}`), 0, inventory.StatusNotObservable,
			"Preferences: not JSON at byte 4: unexpected data after the end of the document"},
		{"nested-deeply", written(`{"x":` + deep + `}`), 0, inventory.StatusNotObservable,
			"Preferences: not JSON at byte 1001: nested deeper than 200 levels"},
		{"an-array", written(`[1]`), 0, inventory.StatusNotObservable,
			"Preferences: not what a browser writes: an array where the whole document should be an object, at byte 0"},
		{"extensions-of-a-wrong-type", written(`{"extensions":[]}`), 0, inventory.StatusNotObservable,
			"Preferences: not what a browser writes: extensions is an array where an object is expected, at byte 13"},
		{"settings-of-a-wrong-type", written(`{"extensions":{"settings":"x"}}`), 0, inventory.StatusNotObservable,
			"Preferences: not what a browser writes: extensions.settings is a string where an object is expected, at byte 25"},
		{
			"larger-than-the-limit", func(h *home) {
				path := h.write(profileDir+"Preferences", "")
				if err := os.Truncate(path, 200<<20); err != nil {
					h.t.Fatal(err)
				}
			}, 0, inventory.StatusNotObservable, `Preferences: reading "Preferences": larger than the limit: 209715200 bytes, limit 134217728`,
		},
		{
			"a-folder", func(h *home) { h.write(profileDir+"Preferences/x", "") }, 0, inventory.StatusNotObservable,
			"Preferences: not a regular file",
		},
		{
			"a-link-out-of-the-profile", func(h *home) {
				h.write("elsewhere", one)
				h.link("../../../elsewhere", profileDir+"Preferences")
			}, 0, inventory.StatusNotObservable, "Preferences: a link that leads out of the profile",
		},
		{
			"a-link-to-itself", func(h *home) { h.link("Preferences", profileDir+"Preferences") }, 0,
			inventory.StatusNotObservable,
			"Preferences: a link that leads back to itself",
		},
		{
			"only-Secure-Preferences-can-be-read", func(h *home) {
				h.write(profileDir+"Preferences", "{")
				h.write(profileDir+"Secure Preferences", one)
			}, 1, inventory.StatusPartial, "Preferences: truncated at byte 1",
		},
		{
			"Secure-Preferences-is-broken", func(h *home) {
				h.write(profileDir+"Preferences", `{}`)
				h.write(profileDir+"Secure Preferences", "{")
			}, 0, inventory.StatusNotObservable, "Secure Preferences: truncated at byte 1",
		},
		{
			"Secure-Preferences-is-broken-and-Preferences-names-extensions", func(h *home) {
				h.write(profileDir+"Preferences", one)
				h.write(profileDir+"Secure Preferences", "{")
			}, 1, inventory.StatusPartial, "Secure Preferences: truncated at byte 1",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			test.write(h)
			h.write(".config/chromium/Default/Preferences", one)
			items, coverage := collect(t, h.env())
			if len(coverage) != 2 || coverage[1].Source.Name != "ada/chromium/Default" ||
				coverage[1].Status != inventory.StatusComplete {
				t.Fatalf("the other source should not suffer: %q", statuses(coverage))
			}
			got := coverage[0]
			if got.Status != test.status || string(got.Reason) != test.reason {
				t.Errorf("%s %q, want %s %q", got.Status, got.Reason, test.status, test.reason)
			}
			if got.Items != test.items || len(items) != test.items+1 {
				t.Errorf("%d items counted and %d given, want %d", got.Items, len(items)-1, test.items)
			}
			if got.Status == inventory.StatusNotObservable && strings.Contains(test.reason, " at byte ") && got.Remedy == "" {
				t.Error("no remedy")
			}
		})
	}
}

func written(content string) func(*home) {
	return func(h *home) { h.write(profileDir+"Preferences", content) }
}

func TestUnreadableFilesAreDenied(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("everything can be read here")
	}
	h := newHome(t)
	for _, path := range []string{h.write(profileDir+"Preferences", one),
		h.write(".config/chromium/Default/Preferences", one)} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
	}
	locked := h.path(".config/chromium")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(locked, 0o700) })
	_, coverage := collect(t, h.env())
	wantStatuses(t, coverage,
		`ada/chrome/Default not-observable Preferences: permission denied`,
		`ada/chromium not-observable opening "`+locked+`": permission denied`)
}

// A wrong type costs one value, and the profile says so. It never costs another extension, and
// never turns unknown into no.
func TestWrongTypesInOneEntry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, entry, detail string
		items               int
		check               func(*inventory.Item) bool
	}{
		{"an-entry-that-is-a-string", `"x"`, "extensions.settings.ID: a string where an object is expected", 0, nil},
		{
			"a-location-that-is-a-list", `{"location":[4],"path":"/x"}`,
			"extensions.settings.ID.location: an array where a number is expected", 0, nil,
		},
		{
			"reasons-that-are-text", `{"location":4,"path":"/x","disable_reasons":"user"}`,
			"extensions.settings.ID.disable_reasons: a string where an array is expected", 1,
			func(i *inventory.Item) bool { return i.State == inventory.StateEnabled },
		},
		{
			"a-reason-that-is-text", `{"location":4,"path":"/x","disable_reasons":["user"]}`,
			"extensions.settings.ID.disable_reasons: a string where a number is expected", 1,
			func(i *inventory.Item) bool { return i.State == inventory.StateEnabled },
		},
		{
			"permissions-that-are-a-list", `{"location":4,"path":"/x","active_permissions":[],"granted_permissions":{"api":["tabs"]}}`,
			"extensions.settings.ID.active_permissions: an array where an object is expected", 1,
			func(i *inventory.Item) bool {
				return i.Access.Basis == inventory.BasisGranted && len(i.Access.Permissions) == 1
			},
		},
		{
			"a-manifest-that-is-a-string", `{"location":4,"path":"/x","manifest":"{}"}`,
			"extensions.settings.ID.manifest: a string where an object is expected", 1,
			func(i *inventory.Item) bool { return i.Access.Basis == "" && i.App.Name == "" },
		},
		{
			"a-time-that-is-an-object", `{"location":4,"path":"/x","first_install_time":{}}`,
			"extensions.settings.ID.first_install_time: an object where a number is expected", 1,
			func(i *inventory.Item) bool { return i.Added.IsZero() },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			other := strings.Repeat("p", 32)
			h.write(profileDir+"Preferences", `{"extensions":{"settings":{"`+someID+`":`+test.entry+`,"`+other+`":{"location":4,"path":"/y"}}}}`)
			items, coverage := collect(t, h.env())
			if len(items) != test.items+1 || items[len(items)-1].App.ID != inventory.Untrusted(other) {
				t.Fatalf("items %+v, want %d and the other", items, test.items)
			}
			if test.check != nil && !test.check(&items[0]) {
				t.Errorf("item %+v", items[0])
			}
			got := coverage[0]
			want := strings.ReplaceAll(test.detail, "ID", someID)
			if got.Status != inventory.StatusPartial || len(got.Details) != 1 || string(got.Details[0]) != want ||
				got.Reason == "" {
				t.Errorf("coverage %+v, want the detail %q", got, want)
			}
		})
	}
}

func TestManyFaultsAreCounted(t *testing.T) {
	t.Parallel()
	var settings []string
	for n := range 60 {
		id := strings.Repeat(string(rune('a'+n/16)), 16) + strings.Repeat(string(rune('a'+n%16)), 16)
		settings = append(settings, `"`+id+`":7`)
	}
	h := newHome(t)
	h.write(profileDir+"Preferences", `{"extensions":{"settings":{`+strings.Join(settings, ",")+`}}}`)
	_, coverage := collect(t, h.env())
	got := coverage[0]
	if last := got.Details[len(got.Details)-1]; len(got.Details) != inventory.MaxCoverageDetails || last != "and 41 more" {
		t.Errorf("%d details, the last %q", len(got.Details), last)
	}
	if got.Reason != "60 parts of the profile could not be read in full" {
		t.Errorf("reason %q", got.Reason)
	}
}
