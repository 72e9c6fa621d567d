package report

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/allowlist"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
	"guestlist/scanner/testkit"
)

// shownAllowlist is the file that the shown things are asked of.
const shownAllowlist = `version = 1

[[allow]]
name = "Acme Notes"
kind = "extension"
id = "aaaabbbbccccddddeeeeffffgggghhhh"
owner = "it@acme.example"
reason = "Notes"
approved = 2026-10-01
permissions = ["storage", "tabs"]

[[allow]]
name = "Ledger Books"
kind = "oauth-grant"
project = "430000000003"
owner = "finance@acme.example"
reason = "Bookkeeping"
approved = 2026-01-01
expires = 2026-06-30

[[deny]]
name = "Acme Clock"
id = "bbbbccccddddeeeeffffgggghhhhaaaa"
reason = "Mines coins"
`

func onDay(day int) time.Time { return time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC) }

// scanOf writes a snapshot of a day.
func scanOf(t *testing.T, dir string, day int, records ...any) string {
	t.Helper()
	path := filepath.Join(dir, onDay(day).Format("0102")+".jsonl")
	w, err := snapshot.Create(path, snapshot.Header{RunID: inventory.Textf("run-%02d", day), Started: onDay(day),
		Host: "laptop-01"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, record := range records {
		switch record := record.(type) {
		case inventory.Coverage:
			err = errors.Join(err, w.AddCoverage(&record))
		case inventory.Account:
			err = errors.Join(err, w.AddAccount(&record))
		case inventory.Item:
			err = errors.Join(err, w.AddItem(&record))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(onDay(day).Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return path
}

// shownScans are snapshots of five days: an app that is updated and gains access, one that goes, a
// day on which a profile could not be read, an organization of each vendor.
func shownScans(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	profile := inventory.Source{Provider: inventory.Chromium, Host: "laptop-01", Name: "ada/chromium/Default"}
	google := inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example"}
	github := inventory.Source{Provider: inventory.GitHub, Name: "acme"}
	browser := inventory.Holder{Account: "ada@acme.example", Host: "laptop-01", User: "ada", Browser: "Chromium",
		Profile: "Default", ProfileName: "Work"}
	read := func(source inventory.Source) inventory.Coverage {
		return inventory.Coverage{Source: source, Status: inventory.StatusComplete}
	}
	notes := func(version inventory.Untrusted, permissions ...string) inventory.Item {
		return inventory.Item{
			Source: profile, Kind: inventory.KindExtension, Version: version, State: inventory.StateEnabled,
			Origin: inventory.OriginStore, Added: onDay(1),
			App:    inventory.App{ID: "aaaabbbbccccddddeeeeffffgggghhhh", Name: "Acme Notes", Publisher: "Acme"},
			Holder: browser, Access: inventory.Access{Permissions: inventory.All(permissions), Basis: inventory.BasisActive},
		}
	}
	clock := inventory.Item{
		Source: profile, Kind: inventory.KindExtension, Version: "7", State: inventory.StateDisabled,
		Origin: inventory.OriginSideload,
		App:    inventory.App{ID: "bbbbccccddddeeeeffffgggghhhhaaaa", Name: "Acme \x1b[31mClock"},
		Holder: browser, Access: inventory.Access{Hosts: []inventory.Untrusted{"<all_urls>"}, Basis: inventory.BasisActive},
	}
	ledger := inventory.Item{
		Source: google.Join("grants").Join("ada@acme.example"), Kind: inventory.KindOAuthGrant,
		State: inventory.StateEnabled, Added: onDay(2),
		App: inventory.App{ID: "430000000003-ledger.apps.googleusercontent.com", Name: "Ledger Books",
			Project: "430000000003"},
		Holder: inventory.Holder{Account: "ada@acme.example", AccountID: "1001", Organization: "acme.example",
			Admin: inventory.Yes},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"https://www.googleapis.com/auth/drive.readonly"},
			Basis: inventory.BasisGranted},
	}
	builder := inventory.Item{
		Source: github.Join("installations"), Kind: inventory.KindInstallation, State: inventory.StateEnabled,
		Added: onDay(2),
		App: inventory.App{ID: "acme-builder", Name: "Acme Builder", Project: "acme-works",
			URL: "https://github.com/apps/acme-builder"},
		Holder: inventory.Holder{Organization: "acme"}, Facts: map[string]inventory.Untrusted{"client_id": "Iv23liExample"},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"contents:write", "metadata:read"},
			Repositories: "all", Basis: inventory.BasisGranted,
			Requested: []inventory.Untrusted{"workflows:write"}},
	}
	key := inventory.Item{
		Source: github.Join("deploy-keys"), Kind: inventory.KindDeployKey, State: inventory.StateEnabled, Added: onDay(2),
		App:    inventory.App{ID: "SHA256:abc", Name: "backup"},
		Holder: inventory.Holder{Organization: "acme", Repository: "billing"},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"contents:write"}},
	}
	ada := inventory.Account{Source: google, ID: "1001", Login: "ada@acme.example", Name: "Ada Example",
		Admin: inventory.Yes, TwoFactor: inventory.No, Created: onDay(1)}
	bob := inventory.Account{Source: github.Join("members"), ID: "77", Login: "bob", TwoFactor: inventory.Unknown,
		Guest: inventory.Yes}
	organizations := []any{read(google), read(google.Join("grants")), read(github.Join("installations")),
		read(github.Join("deploy-keys")), read(github.Join("members"))}
	unread := inventory.Coverage{Source: profile, Status: inventory.StatusNotObservable, Reason: "permission denied"}
	return []string{
		scanOf(t, dir, 3, read(profile), notes("1.2", "storage"), clock),
		scanOf(t, dir, 10, read(profile), notes("1.3", "storage", "cookies"), clock),
		scanOf(t, dir, 12, read(profile), notes("1.3", "storage", "cookies")),
		scanOf(t, dir, 14, append(organizations, unread, ledger, ada, bob, builder, key)...),
		scanOf(t, dir, 16, append(organizations, read(profile), notes("1.3", "storage", "cookies"), ledger, ada, bob,
			builder, key)...),
	}
}

// show finds the one thing that a query means in scans.
func show(t *testing.T, scans []string, query string) (*history.Traced, *Shown, *allowlist.List) {
	t.Helper()
	list, err := allowlist.Parse("allowlist.toml", []byte(shownAllowlist), nil)
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(path string, err error) { t.Errorf("%s: %v", path, err) }
	found := history.Find(history.ParseQuery(query), scans[len(scans)-1:], damaged)
	if len(found.Subjects) == 0 {
		found = history.FindOlder(history.ParseQuery(query), scans, damaged)
	}
	if len(found.Subjects) != 1 {
		t.Fatalf("%s means %v", query, found.Subjects)
	}
	traced := history.Trace(found.Subjects[0], scans, damaged)
	return &traced, NewShown(&traced, list, onDay(23)), list
}

func TestEachSortOfThingIsShownWhole(t *testing.T) {
	t.Parallel()
	scans := shownScans(t)
	schema := compiled(t, ShownSchema())
	for name, query := range map[string]string{
		"app": "acme notes", "app-gone": "bbbbccccddddeeeeffffgggghhhhaaaa", "app-oauth": "430000000003-ledger",
		"app-github": "Iv23liExample",
		"project":    "acme-works", "person": "ADA@acme.example", "account": "account:77", "profile": "Work",
		"repository": "acme/billing",
	} {
		traced, shown, _ := show(t, scans, query)
		window := history.Between(traced.Looks, onDay(4), onDay(11))
		for format, golden := range map[string]string{"text": ".golden", "json": ".json.golden"} {
			shown.Window = &window
			text := strings.ReplaceAll(written(t, shown, format, Style{Terminal: true, Width: 80}),
				filepath.ToSlash(filepath.Dir(scans[0])), "history")
			testkit.Golden(t, filepath.Join("testdata", "show-"+name+golden), text)
			checkShown(t, schema, format, text)
		}
	}
}

func TestAnEntryOfTheAllowlistIsShownWithWhatScansSawOfIt(t *testing.T) {
	t.Parallel()
	scans := shownScans(t)
	_, _, list := show(t, scans, "acme notes")
	found := history.Find(history.Query{Text: "430000000003"}, scans[4:],
		func(path string, err error) { t.Error(path, err) })
	for n, means := range map[int][]history.Subject{0: nil, 1: found.Subjects} {
		text := written(t, NewShownEntry(list, list.Entries()[n], means, onDay(23)), "text", Style{Terminal: true, Width: 80})
		testkit.Golden(t, filepath.Join("testdata", []string{"show-entry-unseen.golden", "show-entry.golden"}[n]), text)
		checkShown(t, compiled(t, ShownSchema()), "json",
			written(t, NewShownEntry(list, list.Entries()[n], means, onDay(23)), "json", Style{}))
	}
}

func TestWithoutAnAllowlistTheRestIsShown(t *testing.T) {
	t.Parallel()
	traced, _, _ := show(t, shownScans(t), "acme notes")
	text := written(t, NewShown(traced, nil, onDay(23)), "text", Style{Terminal: true, Width: 80})
	if !strings.Contains(text, "\n  There is no allowlist yet\n") {
		t.Error(text)
	}
}

func written(t *testing.T, shown *Shown, format string, style Style) string {
	t.Helper()
	for _, each := range ShowFormats {
		if each.Name == format {
			var out bytes.Buffer
			if err := each.Write(&out, shown, style); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
	}
	t.Fatalf("no format %s", format)
	return ""
}

// checkShown holds what was written to its format: within the width and harmless, or to the schema.
func checkShown(t *testing.T, schema *jsonschema.Schema, format, text string) {
	t.Helper()
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("what acts on a terminal is written:\n%q", text)
	}
	if format == "json" {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err == nil {
			err = schema.Validate(document)
		}
		if err != nil {
			t.Error(err)
		}
		var back Shown
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Error(err)
		}
		return
	}
	for line := range strings.Lines(text) {
		if cellWidth(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("wider than the terminal: %q", line)
		}
	}
}

func compiled(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
