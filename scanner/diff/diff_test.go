package diff

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const appID = "aaaabbbbccccddddeeeeffffgggghhhh"

func source(profile inventory.Untrusted) inventory.Source {
	return inventory.Source{Provider: inventory.Chromium, Host: "laptop-01", Name: "finance/chromium/" + profile}
}

func complete(profile inventory.Untrusted) inventory.Coverage {
	return inventory.Coverage{Source: source(profile), Status: inventory.StatusComplete}
}

func unread(profile inventory.Untrusted) inventory.Coverage {
	return inventory.Coverage{Source: source(profile), Status: inventory.StatusNotObservable, Reason: "permission denied"}
}

func extension(profile inventory.Untrusted, change func(*inventory.Item)) inventory.Item {
	item := inventory.Item{
		Source: source(profile), Kind: inventory.KindExtension, State: inventory.StateEnabled,
		Origin: inventory.OriginStore, Version: "1.0",
		App:    inventory.App{ID: appID, Name: "Acme Tabs"},
		Holder: inventory.Holder{Account: "finance@acme.example", Host: "laptop-01", Browser: "Chromium", Profile: profile},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"storage", "tabs"},
			Hosts: []inventory.Untrusted{"https://*.example.com/*"}},
	}
	if change != nil {
		change(&item)
	}
	return item
}

type scan struct {
	coverage []inventory.Coverage
	items    []inventory.Item
	accounts []inventory.Account
}

// judgeScans writes the scans as snapshots and judges them as the program does.
func judgeScans(t *testing.T, list string, before *scan, after scan) *Judgement {
	t.Helper()
	dir := t.TempDir()
	input := Input{Now: now}
	if list != "" {
		parsed, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n"+list), nil)
		if err != nil {
			t.Fatal(err)
		}
		input.Allowlist = parsed
	}
	var old *snapshot.Reader
	if before != nil {
		old = write(t, filepath.Join(dir, "old"), *before)
		input.Baseline, input.SameScope = true, true
	}
	input.Pairs = snapshot.Compare(old, write(t, filepath.Join(dir, "new"), after))
	judgement, err := Judge(input)
	if err != nil {
		t.Fatal(err)
	}
	return judgement
}

func write(t *testing.T, path string, s scan) *snapshot.Reader {
	t.Helper()
	w, err := snapshot.Create(path, snapshot.Header{RunID: "run", Started: now})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for i := range s.coverage {
		if err := w.AddCoverage(&s.coverage[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.items {
		if err := w.AddItem(&s.items[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.accounts {
		if err := w.AddAccount(&s.accounts[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(now); err != nil {
		t.Fatal(err)
	}
	r, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

const approved = `
[[allow]]
kind = "extension"
id = "aaaabbbbccccddddeeeeffffgggghhhh"
owner = "it@acme.example"
reason = "Sorts tabs"
approved = 2026-11-01
permissions = ["storage", "tabs"]
hosts = ["https://*.example.com/*"]
`

func TestAnApprovalDatedInTheFutureIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	list := strings.Replace(approved, "2026-11-01", "2027-11-01", 1)
	findings := judgeScans(t, list, nil, scan{
		coverage: []inventory.Coverage{complete("Default")}, items: []inventory.Item{extension("Default", nil)},
	}).Findings
	if len(findings) != 1 || findings[0].Rule != ApprovalPending ||
		!strings.Contains(string(findings[0].Why), "dated 2027-11-01, which is still to come") ||
		!strings.Contains(string(findings[0].Remedy), "approved at allowlist.toml:8") {
		t.Errorf("%+v", findings)
	}
}

func TestWhichFindingsComeOfWhat(t *testing.T) {
	t.Parallel()
	wider := func(i *inventory.Item) { i.Access.Permissions = []inventory.Untrusted{"cookies", "storage", "tabs"} }
	whole := scan{coverage: []inventory.Coverage{complete("Default")}, items: []inventory.Item{extension("Default", nil)}}
	none := scan{coverage: whole.coverage}
	with := func(change func(*inventory.Item)) scan {
		return scan{coverage: whole.coverage, items: []inventory.Item{extension("Default", change)}}
	}
	for _, test := range []struct {
		name, list string
		before     *scan
		after      scan
		want       []Rule
	}{
		{"nothing there", approved, nil, scan{}, nil},
		{"approved as approved", approved, nil, whole, nil},
		{"no allowlist", "", nil, whole, []Rule{Unapproved}},
		{"an allowlist that does not name it", "\n[policy]\n", nil, whole, []Rule{Unapproved}},
		{"wider than pinned", approved, nil, with(wider), []Rule{DriftPermissions}},
		{"off is still unapproved", "\n[policy]\n", nil,
			with(func(i *inventory.Item) { i.State = inventory.StateDisabled }), []Rule{Unapproved}},
		{"a leftover is not", "\n[policy]\n", nil, with(func(i *inventory.Item) { i.State = inventory.StateLeftover }), nil},
		{"part of the browser", "\n[policy]\n", nil, with(func(i *inventory.Item) { i.Origin = inventory.OriginBuiltin }),
			nil},
		{"malware, though approved", approved, nil, with(func(i *inventory.Item) {
			i.Mark(inventory.MarkVendor, inventory.MarkMalware, "")
		}), []Rule{VendorBlocked}},
		{"new and approved", approved, &none, whole, []Rule{New}},
		{"new and unapproved is one finding", "\n[policy]\n", &none, whole, []Rule{Unapproved}},
		{"gone", approved, &whole, none, []Rule{Removed}},
		{"gone from what could not be read is not gone", approved, &whole,
			scan{coverage: []inventory.Coverage{unread("Default")}}, []Rule{NotObserved}},
		{"there after what could not be read is not new", approved,
			&scan{coverage: []inventory.Coverage{unread("Default")}}, whole, nil},
		{"a profile that is no more has removed nothing", approved, &whole,
			scan{coverage: []inventory.Coverage{complete("Other")}}, nil},
		{"a plain update is no news", approved, &whole, with(func(i *inventory.Item) { i.Version = "1.1" }), nil},
		{"another publisher is", approved,
			&scan{coverage: whole.coverage, items: []inventory.Item{extension("Default",
				func(i *inventory.Item) { i.App.Publisher = "Acme" })}},
			with(func(i *inventory.Item) { i.App.Publisher = "Somebody Else" }), []Rule{Changed}},
		{"a publisher that was not known is not another", approved, &whole,
			with(func(i *inventory.Item) { i.App.Publisher = "Acme" }), nil},
		{"required and there", "\n[[require]]\nid = \"" + appID + "\"\nreason = \"needed\"\n", nil, whole, nil},
		{"required and absent", "\n[[require]]\nid = \"" + appID + "\"\nreason = \"needed\"\n", nil, none,
			[]Rule{RequiredMissing}},
		{"required, and nobody could look", "\n[[require]]\nid = \"" + appID + "\"\nreason = \"needed\"\n", nil,
			scan{coverage: []inventory.Coverage{unread("Default")}}, []Rule{NotObserved}},
	} {
		judgement := judgeScans(t, test.list, test.before, test.after)
		var got []Rule
		for _, finding := range judgement.Findings {
			got = append(got, finding.Rule)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestOneAppIsOneFindingWithItsHolders(t *testing.T) {
	t.Parallel()
	s := scan{}
	for _, profile := range []inventory.Untrusted{"Default", "Profile 1", "Profile 12"} {
		s.coverage = append(s.coverage, complete(profile))
		s.items = append(s.items, extension(profile, nil))
	}
	judgement := judgeScans(t, "", nil, s)
	if len(judgement.Findings) != 1 || judgement.Findings[0].HolderCount != 3 || len(judgement.Findings[0].Holders) != 3 {
		t.Fatalf("%+v", judgement.Findings)
	}
	alone := judgeScans(t, "", nil, scan{coverage: s.coverage[:1], items: s.items[:1]})
	if alone.Findings[0].ID != judgement.Findings[0].ID {
		t.Error("the finding's ID depends on how many hold the app")
	}
}

var leftToFillIn = regexp.MustCompile(`(?m)^(owner|reason) = "TODO.*$`)

// filledIn is a proposal that somebody approved.
func filledIn(proposal string) string {
	return "\n" + leftToFillIn.ReplaceAllString(proposal, `$1 = "it@acme.example, for work"`)
}

func TestTheProposalApprovesWhatWasFound(t *testing.T) {
	t.Parallel()
	s := scan{coverage: []inventory.Coverage{complete("Default")}, items: []inventory.Item{extension("Default", nil)}}
	proposal := judgeScans(t, "", nil, s).Findings[0].Approve
	if findings := judgeScans(t, "\n"+string(proposal), nil, s).Findings; len(findings) != 1 ||
		findings[0].Rule != ApprovalPending {
		t.Errorf("before anybody filled it in: %+v", findings)
	}
	if findings := judgeScans(t, filledIn(string(proposal)), nil, s).Findings; len(findings) != 0 {
		t.Errorf("%s\n%+v", proposal, findings)
	}
}

func TestAccountsWithoutTwoFactorAreOneFinding(t *testing.T) {
	t.Parallel()
	top := inventory.Source{Provider: inventory.GitHub, Name: "acme/members"}
	s := scan{coverage: []inventory.Coverage{{Source: top, Status: inventory.StatusComplete}},
		accounts: []inventory.Account{
			{Source: top, ID: "1", Login: "it", TwoFactor: inventory.No, Admin: inventory.Yes},
			{Source: top, ID: "2", Login: "finance", TwoFactor: inventory.No},
			{Source: top, ID: "3", Login: "support", TwoFactor: inventory.Yes},
			{Source: top, ID: "4", Login: "unknown", TwoFactor: inventory.Unknown},
			{Source: top, ID: "5", Login: "gone", TwoFactor: inventory.No, Suspended: inventory.Yes},
		}}
	findings := judgeScans(t, "\n[policy]\nrequire_two_factor = true\n", nil, s).Findings
	if len(findings) != 1 || findings[0].Rule != TwoFactorOff || findings[0].HolderCount != 2 ||
		findings[0].Severity != inventory.Critical {
		t.Errorf("%+v", findings)
	}
}

func TestWithoutAnAllowlistEachFindingSaysWhatItsAppCanDo(t *testing.T) {
	t.Parallel()
	everywhere := func(item *inventory.Item) { item.Access.Hosts = []inventory.Untrusted{"<all_urls>"} }
	nothing := func(item *inventory.Item) {
		item.App.ID, item.Access = "bbbbbbbbccccddddeeeeffffgggghhhh", inventory.Access{Basis: inventory.BasisActive}
	}
	judgement := judgeScans(t, "", nil, scan{
		coverage: []inventory.Coverage{complete("Default"), complete("Profile 1")},
		items: []inventory.Item{extension("Default", nil), extension("Profile 1", everywhere),
			extension("Default", nothing)},
	})
	want := map[inventory.Untrusted]inventory.Untrusted{
		appID:                              "it can read and change every page you visit",
		"bbbbbbbbccccddddeeeeffffgggghhhh": "nothing of note is known of what it can do",
	}
	for i := range judgement.Findings {
		f := &judgement.Findings[i]
		if f.Why != want[f.App.ID] {
			t.Errorf("%s: %s, want %s", f.App.ID, f.Why, want[f.App.ID])
		}
		delete(want, f.App.ID)
	}
	if len(want) > 0 {
		t.Errorf("no finding of %v", want)
	}
}
