package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/testkit"
)

var finished = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// organizations is a report of a Google Workspace and a GitHub organization in which everything is
// as long as it gets.
func organizations() *Report {
	google := inventory.Source{Provider: inventory.GoogleWorkspace}.Join("acme.example")
	github := inventory.Source{Provider: inventory.GitHub}.Join("acme")
	person := func(n int) diff.Affected {
		account := inventory.Textf("a-person-with-a-very-long-name-%03d@acme.example", n)
		admin := inventory.No
		if n == 0 {
			admin = inventory.Yes
		}
		return diff.Affected{
			Source: google.Join("grants").Join(account), State: inventory.StateEnabled, Added: finished.AddDate(0, 0, -n-1),
			Holder: inventory.Holder{Account: account, Organization: "acme.example", Unit: "/Finance", Admin: admin},
		}
	}
	var holders []diff.Affected
	for n := range 200 {
		holders = append(holders, person(n))
	}
	const scopes = "https://www.googleapis.com/auth/"
	judgement := &diff.Judgement{Counts: diff.Counts{Items: 41_234, Apps: 311, Accounts: 10_000}}
	judgement.Findings = []diff.Finding{
		{
			ID: "1", Rule: diff.DriftPermissions, Severity: inventory.Critical, Change: diff.Changed,
			Provider: inventory.GoogleWorkspace,
			Kind:     inventory.KindOAuthGrant, App: inventory.App{ID: "430000000003-ledgerbooksaaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com",
				Name: "Ledger Books", Project: "430000000003"},
			Also: []inventory.App{{ID: "430000000003-ledgerbooksiosaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com",
				Name: "Ledger for phones"}},
			Tier: inventory.Critical, Reasons: []risk.Reason{
				{Level: inventory.Critical, Subject: scopes + "drive.readonly", Why: "read all files", Class: "restricted"},
				{Level: inventory.High, Subject: scopes + "spreadsheets", Why: "read, change and delete all spreadsheets",
					Class: "sensitive"},
			},
			Why:        "approved with openid, " + scopes + "drive.file; it also holds " + scopes + "drive.readonly, " + scopes + "spreadsheets",
			Before:     "openid, " + scopes + "drive.file",
			After:      "openid, " + scopes + "drive.readonly, " + scopes + "spreadsheets",
			Notes:      []inventory.Untrusted{"a native app: its ID is no secret, and another program can use it"},
			Lookalikes: []inventory.App{{ID: "99-z.apps.googleusercontent.com", Name: "Lеdger Books"}},
			Decided:    &diff.Position{File: "allowlist.toml", Line: 109}, Holders: holders, HolderCount: 5000,
			ItemCount: 5100, AdminCount: 1,
			Remedy: "the account's owner removes it at https://myaccount.google.com/connections; an admin blocks it for everybody at " +
				"https://admin.google.com/ac/owl/list?tab=apps",
		},
		{
			ID: "2", Rule: diff.AppPassword, Severity: inventory.High, Provider: inventory.GoogleWorkspace,
			Kind: inventory.KindAppPassword,
			Why:  "app passwords open an account without its second factor", HolderCount: 2, ItemCount: 2, Holders: []diff.Affected{
				{Source: google, Holder: person(0).Holder, Detail: `=HYPERLINK("https://evil.example")`,
					LastUsed: finished.AddDate(0, 0, -2)},
				{Source: google, Holder: person(1).Holder, Detail: "Scanner\x1b[2J"},
			}, AdminCount: 1, Remedy: "the account's owner removes it at https://myaccount.google.com/apppasswords",
		},
		{
			ID: "3", Rule: diff.OwnerLeft, Severity: inventory.High, Provider: inventory.GitHub, Kind: inventory.KindDeployKey,
			Why: "credentials whose owners are no longer here", HolderCount: 2, ItemCount: 2, Holders: []diff.Affected{
				{Source: github, Holder: inventory.Holder{Organization: "acme", Repository: "billing"}, Detail: "backup",
					Page: "https://github.com/acme/billing/settings/keys"},
				{Source: github, Holder: inventory.Holder{Organization: "acme", Repository: "website"}, Detail: "deployer",
					Page: "https://github.com/acme/website/settings/keys"},
			}, Remedy: "delete it at https://github.com/acme/…/settings/keys",
		},
		{ID: "4", Rule: diff.ApprovalUnused, Severity: inventory.Info, App: inventory.App{ID: "3009", Name: "Old App"},
			Why: "nothing that was scanned matches this entry", Decided: &diff.Position{File: "allowlist.toml", Line: 75},
			Remedy: "remove the entry if the app is no longer used", Holders: []diff.Affected{}},
	}
	judgement.Presets = []diff.PresetUse{{Preset: "google-first-party",
		App: inventory.App{ID: "77185425430.apps.googleusercontent.com", Name: "Google Chrome"}, ItemCount: 9000}}
	judgement.Coverage = []inventory.Coverage{
		{Source: google.Join("domain-wide-delegation"), Status: inventory.StatusNotObservable, Unobservable: true,
			Reason: "no API lists which clients have domain-wide delegation",
			Remedy: "look at https://admin.google.com/ac/owl/domainwidedelegation"},
		{Source: google.Join("grants"), Status: inventory.StatusPartial, Read: 9_600, Expected: 10_000,
			Reason:  "some users could not be read",
			Details: []inventory.Untrusted{"2 apps of different makers look alike"}},
	}
	for n := range 400 { // of one reason, and each of its own
		reason := inventory.Untrusted("Google has no such user any more")
		if n >= 350 {
			reason = inventory.Textf("Google answered %d", 500+n)
		}
		judgement.Coverage = append(judgement.Coverage, inventory.Coverage{
			Source: google.Join("grants").Join(person(n).Holder.Account), Status: inventory.StatusNotObservable,
			Reason: reason, Remedy: "scan again",
		})
	}
	judgement.Coverage = append(judgement.Coverage,
		inventory.Coverage{Source: google.Join("settings"), Status: inventory.StatusComplete,
			Details: []inventory.Untrusted{"one thing", "and another"}})
	return New(judgement, Meta{ToolVersion: "test", RunID: "run", Started: finished, Finished: finished,
		FailOn: inventory.Low})
}

func TestOrganizationsAreReported(t *testing.T) {
	t.Parallel()
	for name, renderer := range map[string]Renderer{
		"terminal-80":  Screen{Terminal: true, Width: 80, Height: 23},
		"terminal-150": Screen{Terminal: true, Width: 150, Height: 40},
		"details-80":   Screen{Terminal: true, Width: 80, Height: 23, Details: true},
		"pipe":         Screen{},
		"tsv":          TSV{},
		"plain-80":     Plain{Terminal: true, Width: 80, Height: 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := renderer.Render(&out, organizations()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".golden")
			testkit.Golden(t, path, out.String())
			if _, digits, found := strings.Cut(name, "-"); found {
				keepsTo(t, out.String(), digits)
			}
		})
	}
}

// keepsTo: no line is wider than the terminal, unless it is one word.
func keepsTo(t *testing.T, text, columns string) {
	t.Helper()
	var width int
	if _, err := fmt.Sscan(columns, &width); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if cellWidth(strings.TrimRight(line, "\n")) > width {
			t.Errorf("wider than %d: %q", width, line)
		}
	}
}

func TestATerminalOfAnyWidthIsKeptTo(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 61, 80, 99, 100, 120, 139, 140, 160} {
		var out bytes.Buffer
		if err := (Screen{Terminal: true, Width: width, Height: 23, Details: true}).Render(&out,
			organizations()); err != nil {
			t.Fatal(err)
		}
		keepsTo(t, out.String(), fmt.Sprint(width))
	}
}

func TestTabSeparatedLinesHaveWholeValues(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (TSV{}).Render(&out, organizations()); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{
		"https://www.googleapis.com/auth/drive.readonly",
		"430000000003-ledgerbooksaaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com",
		"430000000003-ledgerbooksiosaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com", "5000 (1 admin)",
		"a-person-with-a-very-long-name-049@acme.example",
		"https://github.com/acme/website/settings/keys",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("an escape sequence of a name is in the output")
	}
}

func TestWhatNobodyCanReadLeavesAScanComplete(t *testing.T) {
	t.Parallel()
	grants := inventory.Source{Provider: inventory.GoogleWorkspace}.Join("acme.example").Join("grants")
	complete := inventory.Coverage{Source: grants, Status: inventory.StatusComplete}
	nobody := inventory.Coverage{Source: grants.Join("former@acme.example"), Status: inventory.StatusNotObservable,
		Unobservable: true}
	failed := inventory.Coverage{Source: grants.Join("it@acme.example"), Status: inventory.StatusNotObservable}
	partial := inventory.Coverage{Source: grants, Status: inventory.StatusPartial, Unobservable: true}
	for name, test := range map[string]struct {
		coverage []inventory.Coverage
		want     int
	}{
		"everything was read":                        {[]inventory.Coverage{complete}, ExitClean},
		"and what nobody can read was not":           {[]inventory.Coverage{complete, nobody}, ExitClean},
		"and that in part":                           {[]inventory.Coverage{complete, partial}, ExitClean},
		"what could be read was not":                 {[]inventory.Coverage{complete, nobody, failed}, ExitIncomplete},
		"there was nothing but what nobody can read": {[]inventory.Coverage{nobody}, ExitIncomplete},
		"there was nothing":                          {nil, ExitIncomplete},
	} {
		if got := New(&diff.Judgement{Coverage: test.coverage}, Meta{FailOn: inventory.Low}).ExitCode; got != test.want {
			t.Errorf("%s: exit code %d, want %d", name, got, test.want)
		}
	}
}
