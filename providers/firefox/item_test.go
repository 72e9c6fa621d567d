package firefox

import (
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

// withEntry returns a list whose one add-on has more members, or others in place of its own (the
// last of a name counts).
func withEntry(members string) string {
	return strings.Replace(one, `"path"`, members+`,"path"`, 1)
}

func TestOneAddon(t *testing.T) {
	t.Parallel()
	type want struct {
		state  inventory.State
		reason string
		origin inventory.Origin
		marks  string // lines that must be among the marks, in order; "none" for no marks at all
	}
	const on = inventory.StateEnabled
	tests := []struct {
		name    string
		members string
		want    want
	}{
		{"no-claim-at-all", `"x":1`, want{on, "", inventory.OriginUnknown, "none"}},
		{"from-the-store", `"sourceURI":"https://addons.mozilla.org/x.xpi","signedState":2`,
			want{on, "", inventory.OriginStore, "none"}},
		{"from-the-store-by-its-telemetry", `"installTelemetryInfo":{"source":"amo","method":"amWebAPI"}`,
			want{on, "", inventory.OriginStore, "none"}},
		{"from-a-site-that-looks-like-the-store", `"sourceURI":"https://addons.mozilla.org.example/x.xpi"`,
			want{on, "", inventory.OriginSideload, "none"}},
		{"a-store-file-brought-by-a-program", `"sourceURI":"https://addons.mozilla.org/x.xpi","foreignInstall":true`,
			want{on, "", inventory.OriginSideload, "none"}},
		{"from-a-file", `"installTelemetryInfo":{"source":"about:addons","method":"install-from-file"}`,
			want{on, "", inventory.OriginSideload, "none"}},
		{"by-policy", `"installTelemetryInfo":{"source":"enterprise-policy"},"foreignInstall":true`,
			want{on, "", inventory.OriginPolicy, "none"}},
		{"temporary", `"location":"app-temporary","foreignInstall":true`,
			want{on, "", inventory.OriginUnpacked, "note unchecked-on-disk: it is missing"}},
		{"of-the-whole-system", `"location":"app-system-share"`,
			want{on, "", inventory.OriginSideload, "note unchecked-on-disk: it is missing"}},

		{"off-by-the-user", `"active":false,"userDisabled":true`,
			want{inventory.StateDisabled, "user action", inventory.OriginUnknown, "none"}},
		{"off-by-the-browser", `"active":false,"appDisabled":true`,
			want{inventory.StateDisabled, "turned off by the browser: blocked, unsigned or incompatible",
				inventory.OriginUnknown, "none"}},
		{"soft-blocked", `"active":false,"softDisabled":true,"blocklistState":1`,
			want{inventory.StateDisabled, "turned off by the browser: soft-blocked, or declined by the user when it was installed", inventory.OriginUnknown, "vendor soft-blocked"}},
		{"off-by-the-embedder", `"active":false,"embedderDisabled":true`,
			want{inventory.StateDisabled, "turned off by the application that embeds the browser", inventory.OriginUnknown,
				"none"}},
		{"removed-and-kept-until-that-can-no-longer-be-undone", `"active":false,"pendingUninstall":true`,
			want{inventory.StateDisabled, "removed by the user, and kept until that can no longer be undone",
				inventory.OriginUnknown, "none"}},
		{"off-without-a-reason", `"active":false`, want{inventory.StateUnknown,
			"off, without a reason", inventory.OriginUnknown, "none"}},
		{"hidden-by-another-copy-that-is-not-there", `"active":false,"visible":false`,
			want{inventory.StateUnknown, "off, without a reason", inventory.OriginUnknown, "none"}},
		{"on-and-off-at-once", `"userDisabled":true`,
			want{on, "", inventory.OriginUnknown, "note state-mismatch: the list calls it active and also off: user action"}},
		{"on-or-off-is-not-said", `"active":"?"`, want{on, "", inventory.OriginUnknown,
			"none"}}, // what cannot be read leaves what was read before

		{"needs-no-signature", `"signedState":null`, want{on, "", inventory.OriginUnknown, "none"}},
		{"unsigned", `"signedState":0`, want{on, "", inventory.OriginUnknown, "vendor unsigned"}},
		{"signed-by-a-stranger", `"signedState":-1`,
			want{on, "", inventory.OriginUnknown, "vendor unsigned: its signature is not one that the browser knows"}},
		{"broken-signature", `"signedState":-2`, want{on, "", inventory.OriginUnknown, "vendor broken-signature"}},
		{"privileged", `"signedState":4`, want{on, "", inventory.OriginUnknown,
			"note privileged: signed to use the browser's own interfaces"}},
		{"blocked", `"blocklistState":2,"blocklistURL":"https://blocked.example/"`,
			want{on, "", inventory.OriginUnknown, "vendor blocklisted: https://blocked.example/"}},
		{"vulnerable", `"blocklistState":4`, want{on, "", inventory.OriginUnknown, "vendor vulnerable"}},
		{"a-blocklist-state-of-tomorrow", `"blocklistState":9`,
			want{on, "", inventory.OriginUnknown, "vendor blocklisted: blocklist state 9"}},

		{"another-version-than-the-manifest's", `"version":"2.0"`,
			want{on, "", inventory.OriginUnknown, `identity version-mismatch: the profile says "2.0", the manifest "1.0"`}},
		{"another-ID-than-the-manifest's", `"id":"other@acme.example"`,
			want{on, "", inventory.OriginUnknown, "identity id-mismatch: its manifest names \"some@acme.example\"\nidentity path-mismatch: its file is named for another add-on: some@acme.example.xpi"}},
		{"more-than-the-manifest-asks-for", `"userPermissions":{"permissions":["storage","cookies"],"origins":["<all_urls>"]}`, want{on, "", inventory.OriginUnknown, "identity permission-mismatch: runs with more than its manifest asks for: cookies, <all_urls>"}},
		{"path-and-rootURI-disagree", `"rootURI":"jar:file:///y/b%20c.xpi!/"`,
			want{on, "", inventory.OriginUnknown, "identity path-mismatch: path and rootURI lead to different places: /x/extensions/some@acme.example.xpi, /y/b c.xpi"}},
		{"claims-to-be-builtin", `"location":"app-builtin","hidden":true`,
			want{on, "", inventory.OriginUnknown, "identity path-mismatch: it claims to be part of the browser (app-builtin), but is at /x/extensions/some@acme.example.xpi\nnote unchecked-on-disk: it is missing"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			h.write(profileDir+extensionsFile, withEntry(test.members))
			items, _ := h.collect()
			items = withoutLeftovers(items)
			if len(items) != 1 {
				t.Fatalf("%d items, want 1: %+v", len(items), items)
			}
			got := items[0]
			reason := ""
			if len(got.StateReasons) > 0 {
				reason = string(got.StateReasons[0])
			}
			if got.State != test.want.state || reason != test.want.reason || got.Origin != test.want.origin {
				t.Errorf("got %s %q %s, want %+v", got.State, reason, got.Origin, test.want)
			}
			if marks := marksOf(got); test.want.marks == "none" && marks != "" || test.want.marks != "none" &&
				marks != test.want.marks {
				t.Errorf("marks are\n%s\nwant\n%s", marks, test.want.marks)
			}
		})
	}
}

func withoutLeftovers(items []inventory.Item) []inventory.Item {
	var kept []inventory.Item
	for _, item := range items {
		if item.State != inventory.StateLeftover {
			kept = append(kept, item)
		}
	}
	return kept
}

func TestBuiltinsAreListedOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(profileDir+extensionsFile, `{"addons":[
		{"id":"a@mozilla.org","location":"app-builtin-addons","hidden":true,"path":null,"rootURI":"resource://builtin-addons/a/","active":true},
		{"id":"t@mozilla.org","type":"theme","location":"app-builtin","hidden":false,"path":null,"rootURI":"resource://t/","active":true},
		{"id":"s@mozilla.org","location":"app-system-defaults","hidden":true,"path":"/usr/lib/firefox/browser/features/s@mozilla.org.xpi","active":true},
		{"id":"n@acme.example","location":"app-system-defaults","hidden":false,"path":"/usr/lib/firefox/n.xpi","active":true}]}`)
	items, _ := h.collect()
	if len(items) != 1 || items[0].App.ID != "n@acme.example" {
		t.Errorf("without being asked: %+v", items)
	}
	env := h.env()
	env.Builtin = true
	items, _ = collect(t, env)
	builtin := 0
	for _, item := range items {
		if item.Origin == inventory.OriginBuiltin {
			builtin++
		}
	}
	if len(items) != 4 || builtin != 3 {
		t.Errorf("asked: %d items, %d of them builtin; want 4 and 3", len(items), builtin)
	}
}

func TestWhatStarts(t *testing.T) {
	t.Parallel()
	state := func(enabled, version string) string {
		return `{"app-profile":{"path":"/x/extensions","addons":{"` + someID + `":{"enabled":` + enabled + `,"version":"` + version + `","path":"` + someID + `.xpi"}}}}`
	}
	const off = `"active":false,"userDisabled":true`
	tests := []struct {
		name, members, startup, marks string
	}{
		{"both-say-on", `"x":1`, state("true", "1.0"), ""},
		{"both-say-off", off, state("false", "1.0"), ""},
		{"starts-though-off", off, state("true", "1.0"),
			"identity state-mismatch: addonStartup.json.lz4 starts it, extensions.json calls it off"},
		{"does-not-start-though-on", `"x":1`, state("false", "1.0"),
			"identity state-mismatch: addonStartup.json.lz4 does not start it, extensions.json calls it active"},
		{"not-named-though-on", `"x":1`, `{"app-profile":{"addons":{}}}`,
			"identity state-mismatch: extensions.json calls it active, addonStartup.json.lz4 does not name it"},
		{"not-named-and-off", off, `{}`, ""},
		{"another-version-starts", `"x":1`, state("true", "1.1"),
			`identity version-mismatch: extensions.json says "1.0", addonStartup.json.lz4 "1.1"`},
		{"a-shape-of-tomorrow", off, `{"app-profile":[],"lastRun":7,"x":{"addons":[]}}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			h.write(profileDir+extensionsFile, withEntry(test.members))
			h.write(profileDir+startupFile, mozLz4(test.startup))
			items, coverage := h.collect()
			if len(items) != 1 || coverage[0].Status != inventory.StatusComplete {
				t.Fatalf("%d items, coverage %+v", len(items), coverage)
			}
			if marks := marksOf(items[0]); marks != test.marks {
				t.Errorf("marks are\n%s\nwant\n%s", marks, test.marks)
			}
		})
	}
}

func TestWhatStartsUnlistedIsAnItem(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+extensionsFile, `{"addons":[]}`)
	h.write(profileDir+startupFile, mozLz4(`{"app-profile":{"path":"/x/extensions","addons":{"`+someID+`":{"enabled":true,"version":"1.0","path":"`+someID+`.xpi"}}}}`))
	items, _ := h.collect()
	if len(items) != 1 {
		t.Fatalf("%d items, want 1", len(items))
	}
	got := items[0]
	if got.State != inventory.StateEnabled || got.App.Name != "Some" || len(got.Access.Permissions) != 1 ||
		got.Access.Basis != inventory.BasisManifest {
		t.Errorf("item is %+v", got)
	}
	if want := "identity state-mismatch: addonStartup.json.lz4 starts it, extensions.json does not list it"; marksOf(got) != want {
		t.Errorf("marks are %s, want %s", marksOf(got), want)
	}
}

func TestLeftovers(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+"extensions/new@acme.example.xpi", packed(t, manifestFile, `{"manifest_version":2,"name":"New","version":"9","permissions":["cookies"],
		"content_scripts":[{"matches":["https://b.example/*"]}],"externally_connectable":{"matches":["https://c.example/*"]},"experiment_apis":{"x":{}},"content_security_policy":"script-src 'self' 'unsafe-eval'; object-src https://o.example",
		"applications":{"gecko":{"id":"new@acme.example"}}}`))
	h.write(profileDir+"extensions/folder@acme.example/"+manifestFile,
		`{"manifest_version":2,"name":"Folder","version":"1","theme":{}}`)
	h.write(profileDir+"extensions/staged/x", "")
	items, coverage := h.collect()
	if len(items) != 3 || len(coverage[0].Details) != 2 {
		t.Fatalf("%d items, want 3; coverage %+v", len(items), coverage)
	}
	found := map[inventory.Untrusted]inventory.Item{}
	for _, item := range items {
		found[item.App.ID] = item
	}
	got := found["new@acme.example"]
	if got.State != inventory.StateLeftover || got.App.Name != "New" || got.Version != "9" ||
		spaced(got.Access.Permissions) != "cookies" ||
		spaced(got.Access.Hosts) != "https://b.example/*" ||
		spaced(got.Access.Surfaces) != "content_security_policy unsafe-eval experiment_apis externally_connectable https://c.example/*" {
		t.Errorf("item is %+v", got)
	}
	if got := found["folder@acme.example"]; got.State != inventory.StateLeftover || got.Kind != inventory.KindTheme {
		t.Errorf("item is %+v", got)
	}
}

func TestClaimedAndNotThere(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(profileDir+extensionsFile, one)
	items, coverage := h.collect()
	if want := "identity manifest-missing: there is nothing at /x/extensions/" + someID + ".xpi"; marksOf(items[0]) != want {
		t.Errorf("marks are %s, want %s", marksOf(items[0]), want)
	}
	if coverage[0].Status != inventory.StatusComplete {
		t.Errorf("coverage is %+v: the profile was read whole", coverage[0])
	}
}

func TestSystemWideAddonsAreReadBelowTheSystemRoot(t *testing.T) {
	t.Parallel()
	for name, members := range map[string]string{
		"a-folder":                 `"path":"/usr/share/webext/some"`,
		"an-xpi":                   `"path":"/usr/share/webext/some.xpi"`,
		"only-a-rootURI-of-an-xpi": `"path":null,"rootURI":"jar:file:///usr/share/web%65xt/some.xpi!/"`,
		"only-a-rootURI":           `"path":null,"rootURI":"file:///usr/share/webext/some/"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeSystem("usr/share/webext/some/"+manifestFile, someManifest)
			h.writeSystem("usr/share/webext/some.xpi", packed(t, manifestFile, someManifest))
			h.write(profileDir+extensionsFile, `{"addons":[{"id":"`+someID+`","location":"app-system-share","active":true,`+members+`}]}`)
			items, _ := h.collect()
			if len(items) != 1 || marksOf(items[0]) != "" || items[0].App.Name != "Some" {
				t.Errorf("items are %+v", items)
			}
		})
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	const settings = `{"policies":{"ExtensionSettings":{"*":{"installation_mode":"blocked"},"` + someID + `":{"installation_mode":"force_installed"}}}}`
	tests := []struct {
		name, at, content string
		origin            inventory.Origin
		gap               string
	}{
		{"forced", "etc/firefox/policies/policies.json", settings, inventory.OriginPolicy, ""},
		{"forced-by-the-installation", "usr/lib/firefox-esr/distribution/policies.json", settings, inventory.OriginPolicy,
			""},
		{"locked-the-older-way", "etc/firefox/policies/policies.json",
			`{"policies":{"Extensions":{"Locked":["` + someID + `"]}}}`, inventory.OriginPolicy, ""},
		{"only-allowed", "etc/firefox/policies/policies.json", strings.Replace(settings, "force_installed", "allowed", 1),
			inventory.OriginUnknown, ""},
		{"of-another-product", "etc/thunderbird/policies/policies.json", settings, inventory.OriginUnknown, ""},
		{"cut-off", "etc/firefox/policies/policies.json", settings[:50], inventory.OriginUnknown,
			"policies.json: truncated at byte 50"},
		{"of-a-wrong-type", "etc/firefox/policies/policies.json", `{"policies":[]}`, inventory.OriginUnknown,
			"policies.json: not what the browser writes: policies is an array where an object is expected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.writeProfile()
			h.writeSystem(test.at, test.content)
			items, coverage := h.collect()
			if items[0].Origin != test.origin {
				t.Errorf("origin is %s, want %s", items[0].Origin, test.origin)
			}
			var gap string
			for _, c := range coverage {
				if c.IsGap() {
					gap = string(c.Reason)
				}
			}
			if !strings.HasPrefix(gap, test.gap) || test.gap == "" && gap != "" {
				t.Errorf("gap is %q, want %q", gap, test.gap)
			}
		})
	}
}

func TestPathOfURI(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"jar:file:///a/b%20c@x.xpi!/":    "/a/b c@x.xpi",
		"file:///usr/%7Bec8%7D/x/":       "/usr/{ec8}/x",
		"jar:file:///C:/Users/a/x.xpi!/": "C:/Users/a/x.xpi",
		"resource://builtin-addons/x/":   "",
		"jar:https://a.example/x.xpi!/":  "",
		"file://%zz":                     "",
		"":                               "",
	} {
		if got, ok := pathOfURI(uri); got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", uri, got, want)
		}
	}
}

func TestDataCollectionIsAFact(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+extensionsFile, withEntry(`"userPermissions":{"permissions":[],"origins":[],"data_collection":["locationInfo"]},
		"optionalPermissions":{"permissions":[],"origins":[],"data_collection":["technicalAndInteraction","healthInfo"]}`))
	h.write(profileDir+grantsFile, `{"`+someID+`":{"permissions":[],"origins":[],"data_collection":["healthInfo"]}}`)
	items, _ := h.collect()
	if len(items) != 1 {
		t.Fatalf("items %+v", items)
	}
	facts := items[0].Facts
	if facts["data_collection"] != "healthInfo, locationInfo" ||
		facts["data_collection_optional"] != "technicalAndInteraction" {
		t.Errorf("facts are %v", facts)
	}
}
