package realbrowser_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/go-json-experiment/json"

	"guestlist/allowlist"
	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner"
	"guestlist/scanner/access"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// The corpus: honest extensions of every kind that manifests can describe, in real browsers, in
// every state that a person or an update brings them into. Each is approved for what its browser
// says that it holds, and nothing more; none may then be accused of anything.

// honest is one extension of the corpus, in the two versions that it has.
type honest struct {
	name          string
	first, second map[string]any // manifests, without name and version
	// surfaces are the manifest keys that give access, of both versions: browsers have no list of them
	// that could be asked for.
	surfaces []string
	files    map[string]string // beside the manifest and those that manifests of the corpus name
}

// Versions are odd on purpose: a zero in front, and one of four parts, as browsers number them.
const (
	firstVersion  = "1.0.2"
	secondVersion = "1.0.10.65535"
)

// honestFiles are what the manifests of the corpus name.
var honestFiles = map[string]string{
	"page.html": "<!doctype html><meta charset=utf-8><title>Page</title>", "script.js": "", "style.css": "",
	"worker.js":  "",
	"rules.json": "[]", "schema.json": `{"type":"object","properties":{"team":{"type":"string"}}}`,
}

// extension makes one version of it.
func (h *honest) extension(t *testing.T, manifest map[string]any, version string) *realbrowser.Extension {
	t.Helper()
	members := maps.Clone(manifest)
	if members["name"] == nil {
		members["name"] = h.name
	}
	if members["version"] == nil {
		members["version"] = version
	}
	text, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	e := &realbrowser.Extension{Name: "honest " + h.name, Version: version,
		Files: map[string][]byte{"manifest.json": text}}
	for _, files := range []map[string]string{honestFiles, h.files} {
		for name, content := range files {
			e.Files[name] = []byte(content)
		}
	}
	return e
}

// namesOf are the permissions of a family's table, and the names that it notes as giving no access:
// all that the browsers' makers publish is among them, which a test of the tables holds.
func namesOf(t *testing.T, family string) []string {
	t.Helper()
	var table struct {
		Permissions   []struct{ Name string }
		NoPermissions []struct{ Name string } `toml:"no_permissions"`
	}
	if _, err := toml.DecodeFile(filepath.FromSlash("../../../scanner/risk/tables/"+family+".toml"), &table); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range slices.Concat(table.Permissions, table.NoPermissions) {
		if !strings.Contains(row.Name, " ") {
			names = append(names, row.Name)
		}
	}
	if len(names) < 60 {
		t.Fatalf("only %d names in the table of %s", len(names), family)
	}
	return names
}

// honestHosts are the forms of host patterns: everything, schemes, wildcards, ports, paths,
// addresses, and names in other scripts.
var honestHosts = []string{
	"<all_urls>", "*://*/*", "http://*/*", "https://*/*", "https://*/login*", "https://*.com/*", "https://*.co.uk/*",
	"*://*.example.com/*",
	"https://example.com/", "https://example.com/deep/path", "https://example.com/a/*?q=*",
	"https://example.com:8443/*", "http://localhost:*/*",
	"http://127.0.0.1/*", "https://192.0.2.1:8080/*", "https://[::1]/*", "https://[2001:db8::1]:8443/*",
	"http://intranet/*", "https://EXAMPLE.org/*",
	"https://*.xn--bcher-kva.example/*", "https://bücher.example/*", "https://example.com./*", "file:///*",
	"file:///srv/docs/*", "ftp://ftp.example.com/*",
	"ws://example.com/*", "wss://*.example.net/*", "*://*/a*b*",
}

// own are the words of a browser on one extension, as far as an approval needs them.
type own struct {
	id                 string
	kind               inventory.Kind
	version            string
	permissions, hosts []string
	origin             inventory.Origin // empty: the browser does not say
	unsigned           bool
}

// tally counts what was read of a corpus, and what it was accused of.
type tally struct{ most, scanned, states, accused int }

// read counts a state in which a browser had so many extensions.
func (n *tally) read(extensions int) {
	n.states++
	n.scanned += extensions
	n.most = max(n.most, extensions)
}

func (n *tally) accuse(t *testing.T, state string, found []string) {
	t.Helper()
	n.accused += len(found)
	if err := listed(found); err != nil {
		t.Errorf("%s: %v", state, err)
	}
}

func (n *tally) String() string {
	return fmt.Sprintf("%d extensions, %d scanned in %d states: %d accusations", n.most, n.scanned, n.states, n.accused)
}

// survey is what one scan of a home found.
type survey struct {
	items    []*inventory.Item
	coverage []inventory.Coverage
}

func surveyHome(t *testing.T, home string, make func(scanner.Env) scanner.Provider) *survey {
	t.Helper()
	kept := &allItems{}
	coverage, err := make(scanner.Env{
		OS: runtime.GOOS, Host: "laptop-01", Homes: []scanner.Home{{Dir: home, User: "person"}},
		SystemRoot: string(filepath.Separator), Locale: "en",
		Getenv: func(string) string { return "" },
	}).Collect(t.Context(), kept)
	if err != nil {
		t.Fatal(err)
	}
	return &survey{kept.items, coverage}
}

// installed are the items that are there, by ID.
func (s *survey) installed() (byID map[string]*inventory.Item, leftovers []*inventory.Item) {
	byID = map[string]*inventory.Item{}
	for _, item := range s.items {
		if item.State == inventory.StateLeftover {
			leftovers = append(leftovers, item)
			continue
		}
		byID[string(item.App.ID)] = item
	}
	return byID, leftovers
}

// accusations judges the survey by a list that approves what the browser says, and returns the
// findings that no honest extension may cause, and faults of the coverage.
func (s *survey) accusations(t *testing.T, says []own, surfaces map[string][]string) (accusations []string) {
	t.Helper()
	for _, c := range s.coverage {
		if c.Status != inventory.StatusComplete {
			accusations = append(accusations, fmt.Sprintf("coverage of %s: %s %s %s", c.Source.Name, c.Status, c.Reason,
				c.Details))
		}
	}
	unsigned := map[inventory.Untrusted]bool{}
	for _, word := range says {
		unsigned[inventory.Untrusted(word.id)] = word.unsigned
	}
	for _, item := range s.items {
		for _, mark := range item.Marks {
			// That an add-on carries no signature is the browser's own word, and here it is true.
			if mark.Class == inventory.MarkVendor && !(mark.Name == inventory.MarkUnsigned && unsigned[item.App.ID]) ||
				mark.Class == inventory.MarkIdentity {
				accusations = append(accusations, fmt.Sprintf("%s %q: %s %s", item.App.ID, item.App.Name.String(), mark.Name,
					mark.Detail))
			}
		}
	}
	forbidden := []diff.Rule{
		diff.IdentityMismatch, diff.DriftPermissions, diff.DriftPublisher, diff.DriftVersion, diff.DriftOrigin,
		diff.Unapproved, diff.Denied,
		diff.ApprovalPending,
	}
	for _, finding := range s.judge(t, approvals(says, surfaces)) {
		if slices.Contains(forbidden, finding.Rule) || finding.Rule == diff.VendorBlocked && !unsigned[finding.App.ID] {
			accusations = append(accusations, fmt.Sprintf("%s: %s %q: %s %q %q", finding.Rule, finding.App.ID,
				finding.App.Name.String(), finding.Why,
				finding.Before, finding.After))
		}
	}
	return accusations
}

// approvals writes the allowlist.
func approvals(says []own, surfaces map[string][]string) string {
	var list strings.Builder
	list.WriteString("version = 1\n")
	for _, word := range says {
		fmt.Fprintf(&list, "[[allow]]\nname = %q\nkind = %q\nid = [%q]\nowner = %q\nreason = %q\napproved = 2026-11-01\n",
			word.id, word.kind, word.id, "it@acme.example", "it is honest")
		fmt.Fprintf(&list, "permissions = %s\nhosts = %s\nversions = %q\n",
			tomlList(slices.Concat(word.permissions, surfaces[word.id])), tomlList(pinned(word.hosts)), "= "+word.version)
		if word.origin != "" {
			fmt.Fprintf(&list, "origin = [%q]\n", word.origin)
		}
	}
	return list.String()
}

// pinned are hosts as an allowlist has them: what browsers take for a pattern and is none is
// written as plain text.
func pinned(hosts []string) []string {
	spelled := slices.Clone(hosts)
	for n, host := range spelled {
		if _, err := access.Parse(inventory.Untrusted(host)); err != nil {
			spelled[n] = "=" + host
		}
	}
	return spelled
}

func tomlList(texts []string) string {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	quoted := make([]string, len(texts))
	for n, text := range texts {
		quoted[n] = strconv.Quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func (s *survey) judge(t *testing.T, list string) []diff.Finding {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	approved, err := allowlist.Parse("allowlist.toml", []byte(list), nil)
	must(err)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	file := filepath.Join(t.TempDir(), "scan.jsonl")
	w, err := snapshot.Create(file, snapshot.Header{RunID: "run", Started: now})
	must(err)
	for _, item := range s.items {
		must(w.AddItem(item))
	}
	for n := range s.coverage {
		must(w.AddCoverage(&s.coverage[n]))
	}
	_, err = w.Commit(now)
	must(err)
	reader, err := snapshot.Open(file)
	must(err)
	defer reader.Close()
	judgement, err := diff.Judge(diff.Input{Pairs: snapshot.Compare(nil, reader), Allowlist: approved, Now: now})
	must(err)
	return judgement.Findings
}
