package risk

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

func TestTheTablesAreSound(t *testing.T) {
	t.Parallel()
	names, err := tableNames()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		loaded, _, err := load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !loaded.unknown.Level.AtLeast(inventory.Medium) || !loaded.missing.Level.AtLeast(inventory.Medium) {
			t.Errorf("%s: what is not known is below medium", name)
		}
	}
	if _, err := loadHosts(); err != nil {
		t.Error(err)
	}
}

func TestEveryVendorHasATableAndEveryTableAVendor(t *testing.T) {
	t.Parallel()
	for _, each := range vendor.All() {
		if tables[each.Provider] == nil {
			t.Errorf("no table names %s", each.Provider)
		}
	}
	for provider := range tables {
		if vendor.Of(provider).Name == "" {
			t.Errorf("a table names %s, which has no row", provider)
		}
	}
}

func TestEveryReasonIsOneShortPhrase(t *testing.T) {
	t.Parallel()
	var all []row
	for _, loaded := range tables {
		all = append(all, loaded.unknown, loaded.missing)
		all = append(all, loaded.families...)
		for _, m := range loaded.modifiers {
			all = append(all, row{Name: m.aspect + ":" + m.key + m.value, Why: m.why})
		}
		for _, index := range []rows{loaded.permissions, loaded.surfaces, loaded.data, loaded.events, loaded.kinds} {
			for _, r := range index {
				all = append(all, r, row{Name: r.Name, Why: r.WhyWithHosts})
			}
		}
	}
	for _, r := range all {
		why := string(r.Why)
		if len(why) > 90 || strings.HasSuffix(why, ".") || strings.HasPrefix(why, "can ") || strings.TrimSpace(why) != why {
			t.Errorf("%s: %q does not read after \"it can\"", r.Name, why)
		}
	}
}

func TestEveryNameThatTheBrowsersKnowIsInTheTable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file  string
		table *table
	}{{"chromium-names.txt", &chromeTable}, {"firefox-names.txt", &firefoxTable}} {
		names := words(t, test.file)
		if len(names) < 50 {
			t.Fatalf("%s: only %d names", test.file, len(names))
		}
		for _, name := range names {
			name = strings.TrimPrefix(name, "!")
			if _, known := test.table.permission(inventory.Untrusted(name)); !known && test.table.data.find(name) == nil {
				t.Errorf("%s: %s is not in the table", test.file, name)
			}
		}
	}
}

func TestEveryManifestKeyThatChromiumKnowsIsInTheTable(t *testing.T) {
	t.Parallel()
	knownOf(t, "chrome").check(t, nil, words(t, "chromium-manifest.txt"), 0, 80)
}

func TestPromptsAreThoseOfTheBrowsers(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(readFile(t, "chromium-prompts.tsv")) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		r, known := chromeTable.permission(inventory.Untrusted(fields[0]))
		if !known || r.Warns != (fields[1] == "prompts") {
			t.Errorf("chromium, %s: known %v, warns %v", fields[0], known, r.Warns)
		}
		var covered []string
		if len(fields) > 2 {
			covered = strings.Split(fields[2], ",")
		}
		for _, other := range covered {
			if !slices.Contains(r.CoveredBy, other) {
				t.Errorf("chromium, %s: a prompt for %s says as much, and the table does not know", fields[0], other)
			}
		}
		for _, other := range r.CoveredBy {
			// The interface that told of prompts takes no surfaces.
			if chromeTable.surfaces.find(other) == nil && !slices.Contains(covered, other) {
				t.Errorf("chromium, %s: no prompt for %s says as much", fields[0], other)
			}
		}
	}
	for _, name := range words(t, "firefox-names.txt") {
		name, warns := strings.CutPrefix(name, "!")
		r, known := firefoxTable.permission(inventory.Untrusted(name))
		if !known {
			r = firefoxTable.data.find(name)
		}
		if r.Warns != warns {
			t.Errorf("firefox, %s: warns %v", name, r.Warns)
		}
	}
}

func words(t *testing.T, name string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(readFile(t, name)) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, strings.Fields(line)...)
		}
	}
	return all
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
