package firefox

import (
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func rdf(id, kind string) string {
	return `<?xml version="1.0"?><!DOCTYPE RDF [<!ENTITY x "y">]>
<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:em="http://www.mozilla.org/2004/em-rdf#">
 <Description about="urn:mozilla:other" em:id="other@acme.example"/>
 <Description about="urn:mozilla:install-manifest" em:version="2.1">
  <em:id>` + id + `</em:id><em:name>Tabs &x; Tools</em:name><em:creator>Acme</em:creator>` + kind + `
  <em:targetApplication><Description><em:id>{8de7fcbb}</em:id><em:version>1</em:version></Description></em:targetApplication>
 </Description>
</RDF>`
}

// Pale Moon and its kin write lists in which "descriptor" is the path, of add-ons that have an
// install.rdf.
func TestAddonsFromBeforeWebExtensions(t *testing.T) {
	t.Parallel()
	const folder = "{11111111-2222-4333-8444-555555555555}"
	const place = ".moonchild productions/pale moon/x.default/"
	entry := func(id, file, kind string) string {
		return `{"id":"` + id + `","version":"2.1","type":"` + kind + `","location":"app-profile","active":true,"visible":true,"descriptor":"/home/jo/` + place + `extensions/` + file + `"}`
	}
	h := newHome(t)
	h.write(place+extensionsFile, `{"schemaVersion":17,"addons":[`+entry("tabs@acme.example", "tabs@acme.example.xpi",
		"extension")+`,`+
		entry(folder, folder, "extension")+`,`+entry("look@acme.example", "look@acme.example.xpi",
		"theme")+`,`+entry("both@acme.example", "both@acme.example.xpi", "extension")+`]}`)
	h.write(place+"extensions/tabs@acme.example.xpi",
		packed(t, legacyFile, rdf("tabs@acme.example", "<em:type>2</em:type>"), "bootstrap.js", ""))
	h.write(place+"extensions/"+folder+"/"+legacyFile, rdf(folder, ""))
	h.write(place+"extensions/look@acme.example.xpi",
		packed(t, legacyFile, rdf("look@acme.example", "<em:type>4</em:type>")))
	h.write(place+"extensions/both@acme.example.xpi",
		packed(t, manifestFile, `{"manifest_version":2,"version":"9"}`, legacyFile, rdf("both@acme.example", "")))
	items, coverage := h.collect()
	if len(items) != 4 || len(coverage) != 1 || coverage[0].Status != inventory.StatusComplete {
		t.Fatalf("%d items, coverage %+v", len(items), coverage)
	}
	for _, item := range items {
		surfaces, kind := "install.rdf", inventory.KindExtension
		if item.App.ID == "look@acme.example" {
			surfaces, kind = "", inventory.KindTheme
		}
		if marksOf(item) != "" || item.State != inventory.StateEnabled || spaced(item.Access.Surfaces) != surfaces ||
			item.Kind != kind || item.App.Publisher != "Acme" {
			t.Errorf("%s: %s %s, surfaces %s, by %s, marks %s", item.App.ID, item.Kind, item.State,
				spaced(item.Access.Surfaces), item.App.Publisher, marksOf(item))
		}
	}
}

func TestBrokenLegacyManifests(t *testing.T) {
	t.Parallel()
	for text, fault := range map[string]string{
		"":                    "the file is empty",
		"<RDF/>":              "it has no install manifest",
		"hello":               "it has no install manifest",
		rdf("a", "")[:300]:    "unexpected EOF",
		rdf("a", "<em:type>"): "",
	} {
		m, err := parseLegacy([]byte(text))
		if fault == "" && (err != nil || m.id != "a") || fault != "" &&
			(err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%.40q: %+v, %v; want %q", text, m, err, fault)
		}
	}
}

func TestAWaitingVersionIsAFactOfTheOneThatRunsAndHoldsWhatItTakesAtTheNextStart(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+"extensions/staged/"+someID+".xpi",
		packed(t, manifestFile, strings.Replace(wideManifest, `"1.0"`, `"2.0"`, 1)))
	h.write(profileDir+"extensions/staged/"+someID+".json", `{"version":"2.0"}`)
	items, coverage := h.collect()
	if len(items) != 1 || coverage[0].Status != inventory.StatusComplete {
		t.Fatalf("%d items, coverage %+v", len(items), coverage)
	}
	if got := items[0]; got.Version != "1.0" || got.Facts["pending_version"] != "2.0" || marksOf(got) != "" ||
		spaced(got.Access.Permissions) != "cookies storage tabs" || !slices.Contains(got.Access.Hosts, allURLs) ||
		len(got.Access.Requested) > 0 {
		t.Errorf("item is %+v", got)
	}
}

func TestWhatWaitsAndIsInNoListIsAnItem(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+"extensions/staged/new@acme.example.xpi",
		packed(t, manifestFile, `{"name":"New","version":"1","permissions":["cookies"]}`))
	h.write(profileDir+"extensions/staged/broken@acme.example.xpi", "hello")
	items, coverage := h.collect()
	if len(items) != 2 || len(coverage[0].Details) != 2 {
		t.Fatalf("%d items, coverage %+v", len(items), coverage)
	}
	for _, item := range items {
		if item.App.ID == "new@acme.example" && (item.State != inventory.StateLeftover ||
			spaced(item.Access.Permissions) != "cookies") {
			t.Errorf("item is %+v", item)
		}
	}
}

func TestWhatSyncAndTheStoreBringIsOfTheStore(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]inventory.Origin{
		`"installTelemetryInfo":{"source":"sync"},"sourceURI":null`:                               inventory.OriginStore,
		`"installTelemetryInfo":{"source":"sync"},"sourceURI":"https://addons.mozilla.org/x.xpi"`: inventory.OriginStore,
		`"installTelemetryInfo":{"source":"sync"},"sourceURI":"https://elsewhere.example/x.xpi"`:  inventory.OriginSideload,
		`"installTelemetryInfo":{"source":"rtamo"}`:                                               inventory.OriginStore,
		`"installTelemetryInfo":{"source":"file-url"},"sourceURI":"file:///tmp/x.xpi"`:            inventory.OriginSideload,
		`"installTelemetryInfo":{"source":"distribution"}`:                                        inventory.OriginSideload,
		`"installTelemetryInfo":{"source":"sync"},"foreignInstall":true`:                          inventory.OriginSideload,
	} {
		h := newHome(t)
		h.writeProfile()
		h.write(profileDir+extensionsFile, withEntry(members))
		items, _ := h.collect()
		if items[0].Origin != want {
			t.Errorf("%s: origin %s, want %s", members, items[0].Origin, want)
		}
	}
}

func TestWhatTheBrowsersOwnFolderHoldsIsThereByPolicy(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+extensionsFile, withEntry(`"installTelemetryInfo":{"source":"distribution"}`))
	h.writeSystem("usr/lib/firefox-esr/distribution/extensions/"+someID+".xpi", "")
	items, _ := h.collect()
	if len(items) != 1 || items[0].Origin != inventory.OriginPolicy {
		t.Errorf("items are %+v", items)
	}
}

func TestWhereAnAddonOfEverybodyLiesIsAFact(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]inventory.Untrusted{
		"app-profile": "", "app-system-share": "system", "app-system-local": "system", "winreg-app-global": "system",
		"app-global": "application", "app-system-user": "user", "winreg-app-user": "user",
	} {
		if got := scopeOf(location); got != want {
			t.Errorf("%s: %q, want %q", location, got, want)
		}
	}
}
