package firefox

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func wrote(name, content string) func(*home) {
	return func(h *home) { h.write(profileDir+name, content) }
}

func TestBrokenList(t *testing.T) {
	t.Parallel()
	deep := `{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`
	tests := []struct {
		name   string
		change func(h *home)
		items  int
		status inventory.Status
		reason string // what it begins with
		detail string
	}{
		{"whole", func(*home) {}, 1, inventory.StatusComplete, "", ""},
		{
			"no-add-ons-and-a-package", wrote(extensionsFile, `{"addons":[]}`), 1, inventory.StatusPartial, "1 part of",
			someID + ": its files are at extensions/" + someID + ".xpi, where the browser looks for add-ons, but extensions.json does not list it",
		},
		{"empty", wrote(extensionsFile, ""), 0, inventory.StatusNotObservable, "extensions.json: the file is empty", ""},
		{"blank", wrote(extensionsFile, " \n"), 0, inventory.StatusNotObservable, "extensions.json: the file is empty", ""},
		{"cut-off", wrote(extensionsFile, one[:100]), 0, inventory.StatusNotObservable,
			"extensions.json: truncated at byte 100", ""},
		{"cut-off-at-the-end", wrote(extensionsFile, one[:len(one)-1]), 0, inventory.StatusNotObservable,
			"extensions.json: truncated at byte ", ""},
		{"not-JSON", wrote(extensionsFile, "<html>"), 0, inventory.StatusNotObservable,
			"extensions.json: not JSON at byte 0", ""},
		{"more-after-the-end", wrote(extensionsFile, one+"{}"), 0, inventory.StatusNotObservable,
			"extensions.json: not JSON at byte ", ""},
		{"nested-deeply", wrote(extensionsFile, deep), 0, inventory.StatusNotObservable,
			"extensions.json: not JSON at byte ", ""},
		{"an-array", wrote(extensionsFile, "[1]"), 0, inventory.StatusNotObservable,
			"extensions.json: not what the browser writes: the whole document is an array where an object is expected", ""},
		{"addons-of-a-wrong-type", wrote(extensionsFile, `{"addons":{}}`), 0, inventory.StatusNotObservable,
			"extensions.json: not what the browser writes: addons is an object where an array is expected", ""},
		{"addons-absent", wrote(extensionsFile, `{"schemaVersion":37}`), 0, inventory.StatusNotObservable,
			"extensions.json: not what the browser writes: it has no addons", ""},
		{
			"a-wrong-type-inside-one-add-on", wrote(extensionsFile,
				`{"addons":[{"id":"b@acme.example","location":"app-profile","path":"/x/extensions/b@acme.example.xpi","version":1,"active":"yes"},`+entry+`]}`),
			2, inventory.StatusPartial, "2 parts of the profile could not be read in full",
			"extensions.json: b@acme.example: version: a number is not what is expected there",
		},
		{
			"an-entry-that-is-no-object", wrote(extensionsFile, `{"addons":[7,`+entry+`]}`),
			1, inventory.StatusPartial, "1 part of", "extensions.json: an entry of addons is a number where an object is expected",
		},
		{
			"an-entry-without-an-ID", wrote(extensionsFile, `{"addons":[{},`+entry+`]}`),
			1, inventory.StatusPartial, "1 part of", "extensions.json: an entry of addons has no id",
		},
		{
			"larger-than-the-limit", func(h *home) {
				if err := os.Truncate(h.write(profileDir+extensionsFile, ""), 200<<20); err != nil {
					h.t.Fatal(err)
				}
			}, 0, inventory.StatusNotObservable, `extensions.json: reading "extensions.json": larger than the limit: 209715200 bytes, limit 67108864`, "",
		},
		{
			"missing-in-a-profile-that-was-used", func(h *home) {
				os.Remove(h.write(profileDir+extensionsFile, ""))
				h.write(profileDir+prefsFile, "")
			}, 0, inventory.StatusNotObservable, "extensions.json: it is missing, though the browser has used the profile", "",
		},
		{
			"a-folder", func(h *home) {
				os.Remove(h.write(profileDir+extensionsFile, ""))
				h.write(profileDir+extensionsFile+"/x", "")
			}, 0, inventory.StatusNotObservable, "extensions.json: not a regular file", "",
		},
		{
			"a-link-out-of-the-profile", func(h *home) { h.link(filepath.Join(h.dir, "elsewhere"), profileDir+extensionsFile) },
			0, inventory.StatusNotObservable, "extensions.json: a link that leads out of the profile", "",
		},
		{
			"a-link-to-itself", func(h *home) { h.link(extensionsFile, profileDir+extensionsFile) },
			0, inventory.StatusNotObservable, "extensions.json: a link that leads back to itself", "",
		},
		{"grants-cut-off", wrote(grantsFile, `{"x":`), 1, inventory.StatusPartial, "1 part of",
			"extension-preferences.json: truncated at byte 5; permissions granted after the installation are not known"},
		{"a-grant-of-a-wrong-type", wrote(grantsFile, `{"`+someID+`":7}`), 1, inventory.StatusPartial, "1 part of",
			"extension-preferences.json: some@acme.example: "},
		{"a-startup-file-that-is-none", wrote(startupFile, "hello"), 1, inventory.StatusPartial, "1 part of",
			"addonStartup.json.lz4: it does not begin as a mozLz4 file does; what really starts was not compared"},
		{"a-startup-file-with-a-lying-size", wrote(startupFile, lying(30<<20, []byte("\x10x"))), 1,
			inventory.StatusPartial, "1 part of", "addonStartup.json.lz4: its declared size of 31457280 bytes is wrong: 2 packed bytes cannot hold them"},
		{"an-xpi-that-is-no-zip", wrote("extensions/"+someID+".xpi", "hello"), 1, inventory.StatusPartial, "1 part of",
			someID + ": /x/extensions/" + someID + ".xpi: it is not a zip file, or it is damaged"},
		{"an-empty-xpi", wrote("extensions/"+someID+".xpi", ""), 1, inventory.StatusPartial, "1 part of",
			someID + ": /x/extensions/" + someID + ".xpi: the file is empty"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			test.change(h)
			items, coverage := h.collect()
			if len(coverage) != 1 {
				t.Fatalf("%d coverages, want 1: %+v", len(coverage), coverage)
			}
			got := coverage[0]
			if len(items) != test.items || got.Items != test.items || got.Status != test.status {
				t.Errorf("%d items (%d counted), %s; want %d, %s", len(items), got.Items, got.Status, test.items, test.status)
			}
			if !strings.HasPrefix(string(got.Reason), test.reason) || test.reason == "" && got.Reason != "" {
				t.Errorf("reason is\n %s\nwant\n %s", got.Reason, test.reason)
			}
			if test.detail != "" && (len(got.Details) == 0 || !strings.HasPrefix(string(got.Details[0]), test.detail)) {
				t.Errorf("details are\n %s\nwant\n %s", got.Details, test.detail)
			}
			if got.Status != inventory.StatusComplete && got.Remedy == "" && !strings.Contains(test.name, "itself") &&
				test.name != "a-folder" {
				t.Error("nothing is said about what to do")
			}
		})
	}
}

func TestOneBrokenProfileCostsOnlyItself(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(firefoxDir+"broken/"+extensionsFile, "{")
	items, coverage := h.collect()
	if len(items) != 1 || len(coverage) != 2 {
		t.Fatalf("%d items, coverage %+v", len(items), coverage)
	}
	if coverage[0].Status != inventory.StatusNotObservable || coverage[1].Status != inventory.StatusComplete {
		t.Errorf("coverage is %+v, want the broken one not observable and the other complete", coverage)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 || runtime.GOOS == windows {
		t.Skip("this user may read everything")
	}
	for name, at := range map[string]string{"the-list": profileDir + extensionsFile, "the-profile": profileDir,
		"the-directory": firefoxDir} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.writeProfile()
			at := filepath.Join(h.dir, at)
			os.Chmod(at, 0)
			defer os.Chmod(at, 0o700)
			_, coverage := h.collect()
			if len(coverage) != 1 || coverage[0].Status != inventory.StatusNotObservable ||
				!strings.Contains(string(coverage[0].Reason), "permission denied") {
				t.Errorf("coverage is %+v", coverage)
			}
		})
	}
}

func TestBrokenPackages(t *testing.T) {
	t.Parallel()
	bomb := packed(t, manifestFile, strings.Repeat(" ", 5<<20))
	var many []string
	for range 12_000 { // with these names more than the limit on the list of files
		many = append(many, strings.Repeat("f", 400), "")
	}
	tests := []struct {
		name, xpi, fault string
	}{
		{"no-zip", "hello", "not a valid zip"},
		{"cut-off", packed(t, manifestFile, someManifest)[:100], "not a valid zip"},
		{"a-bomb", bomb, "it declares 5242880 bytes, limit 4194304"},
		{"a-list-of-files-without-end", packed(t, many...), "larger than the limit"},
		{"no-manifest", packed(t, "other.json", "{}"), "manifest.json: file does not exist"},
		{"two-manifests", packed(t, manifestFile, "{}", manifestFile, someManifest), "more than one manifest.json"},
		{"an-empty-manifest", packed(t, manifestFile, ""), "the file is empty"},
		{"a-manifest-that-is-no-JSON", packed(t, manifestFile, "hello"), "invalid character"},
		{"a-string-where-the-manifest-should-be", packed(t, manifestFile, `"x"`), "the whole document is a string"},
		{"a-manifest-cut-off", packed(t, manifestFile, `{"name":`), "unexpected EOF"},
		{"a-byte-order-mark", packed(t, manifestFile, "\xEF\xBB\xBF"+someManifest), ""},
		{"comments", packed(t, manifestFile, "// the http://a.example comment\n"+someManifest+"// end"), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data, err := entryOf(strings.NewReader(test.xpi), int64(len(test.xpi)), manifestFile, maxManifest)
			var m *manifest
			if err == nil {
				m, _, err = parseManifest(data)
			}
			switch {
			case test.fault == "" && (err != nil || m.id != someID):
				t.Errorf("got %+v, %v", m, err)
			case test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)):
				t.Errorf("error is %v, want one that says %q", err, test.fault)
			}
		})
	}
}

func TestLZ4SizesAreNotBelieved(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, packed, fault string
	}{
		{"whole", mozLz4(`{"app-profile":{}}`), ""},
		{"empty", "", "the file is empty"},
		{"another-magic", "mozLz41\x00\x00\x00\x00\x00", "does not begin as"},
		{"no-block", lying(5, nil), "cannot hold them"},
		{"four-gigabytes", lying(1<<32-1, []byte(strings.Repeat("x", 64))), "larger than the limit"},
		{"more-than-the-block-holds", lying(40, []byte("\x50hello")), "its declared size of 40 bytes is wrong: it holds 5"},
		{"less-than-the-block-holds", lying(2, []byte("\x50hello")), "damaged, or longer than the 2 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := unpackMozLz4([]byte(test.packed))
			if test.fault == "" && err != nil || test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("error is %v, want one that says %q", err, test.fault)
			}
		})
	}
}
