package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// ofApp is a finding about an extension.
func ofApp(rule diff.Rule, level inventory.Level, id inventory.Untrusted, holders int) diff.Finding {
	return diff.Finding{
		ID: string(rule) + string(id), Rule: rule, Severity: level, Provider: inventory.Chromium,
		Kind: inventory.KindExtension,
		App:  inventory.App{ID: id, Name: "App " + id}, HolderCount: holders, Holders: []diff.Affected{},
	}
}

func TestAnAppIsOneEntryAndTheMostUrgentComesFirst(t *testing.T) {
	t.Parallel()
	fresh := ofApp(diff.Unapproved, inventory.High, "c", 1)
	fresh.Change = diff.New
	gone := ofApp(diff.Removed, inventory.Info, "f", 1)
	gone.Change = diff.Removed
	r := New(&diff.Judgement{Findings: []diff.Finding{
		ofApp(diff.VendorBlocked, inventory.Critical, "a", 1), ofApp(diff.Denied, inventory.High, "b", 2),
		ofApp(diff.Unapproved, inventory.High, "d", 30),
		fresh, ofApp(diff.DriftVersion, inventory.Medium, "a", 4), gone,
	}}, Meta{Allowlist: &AllowlistRef{}})
	var got []string
	for i := range r.Entries {
		e := &r.Entries[i]
		got = append(got, fmt.Sprintf("%s %s open=%t %d held by %d: %s %s", e.Urgency, e.Title, e.Open, len(e.Findings),
			e.HolderCount, e.Why, e.Change))
	}
	want := []string{
		"critical App a open=true 2 held by 4: blocked by its vendor ",
		"high App c open=true 1 held by 1: not approved added",
		"high App d open=true 1 held by 30: not approved ",
		"high App b open=true 1 held by 2: denied by the allowlist ",
		"info App f open=false 1 held by 1: gone since the last scan removed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryFindingAndChangeIsInOneEntry(t *testing.T) {
	t.Parallel()
	r := organizations()
	seen := make(map[string]int)
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Title == "" || e.About == "" || len(e.Findings) != len(e.FindingIDs) || len(e.Changes) != len(e.ChangeIDs) {
			t.Errorf("not whole: %+v", e)
		}
		for n, f := range e.Findings {
			seen[f.ID]++
			if f.ID != e.FindingIDs[n] || f.Severity.Compare(e.Urgency) > 0 {
				t.Errorf("%s: finding %s does not fit", e.Title, f.ID)
			}
		}
	}
	for i := range r.Findings {
		if seen[r.Findings[i].ID] != 1 {
			t.Errorf("finding %s is in %d entries", r.Findings[i].ID, seen[r.Findings[i].ID])
		}
	}
}

func TestWhatAnAppReachesIsSaidInWordsThatPeopleUse(t *testing.T) {
	t.Parallel()
	browser, google, github := inventory.Chromium, inventory.GoogleWorkspace, inventory.GitHub
	for _, test := range []struct {
		provider    inventory.Provider
		kind        inventory.Kind
		permissions []inventory.Untrusted
		hosts       []inventory.Untrusted
		reach, can  string
	}{
		{browser, inventory.KindExtension, nil, []inventory.Untrusted{"<all_urls>"}, "every page", "reads any page"},
		{browser, inventory.KindExtension, []inventory.Untrusted{"debugger"}, nil, "every page", "controls any page"},
		{browser, inventory.KindExtension, []inventory.Untrusted{"storage"}, nil, "", "can store its own data"},
		{google, inventory.KindOAuthGrant, []inventory.Untrusted{"https://mail.google.com/"}, nil, "mail", "reads all mail"},
		{google, inventory.KindOAuthGrant, []inventory.Untrusted{"https://www.googleapis.com/auth/gmail.send"}, nil,
			"mail", "sends mail"},
		{google, inventory.KindOAuthGrant, []inventory.Untrusted{"https://www.googleapis.com/auth/drive.readonly"}, nil,
			"files", "reads all files"},
		{google, inventory.KindOAuthGrant, []inventory.Untrusted{"https://www.googleapis.com/auth/admin.directory.user"},
			nil, "accounts", "manages users"},
		{github, inventory.KindInstallation, []inventory.Untrusted{"contents:write"}, nil, "code", "changes code"},
		{github, inventory.KindInstallation, []inventory.Untrusted{"contents:read"}, nil, "code", "reads code"},
		{github, inventory.KindCredential, []inventory.Untrusted{"admin:org"}, nil, "the organization",
			"manages organizations"},
	} {
		item := inventory.Item{Source: inventory.Source{Provider: test.provider}, Kind: test.kind,
			Access: inventory.Access{Permissions: test.permissions, Hosts: test.hosts}}
		reasons := risk.Assess(&item).Reasons
		reach, can := fmt.Sprint(reachOf(reasons)), string(canWords(reasons))
		if !strings.HasPrefix(reach, "["+test.reach) || (test.reach == "") != (reach == "[]") || can != test.can {
			t.Errorf("%v %v: reaches %q, %q; want %q, %q", test.permissions, test.hosts, reach, can, test.reach, test.can)
		}
	}
}

func TestAccessThatIsNotThereYetReachesNothing(t *testing.T) {
	t.Parallel()
	item := inventory.Item{Source: inventory.Source{Provider: inventory.Chromium}, Kind: inventory.KindExtension,
		Access: inventory.Access{OptionalHosts: []inventory.Untrusted{"<all_urls>"}}}
	reasons := risk.Assess(&item).Reasons
	if reach := reachOf(reasons); len(reasons) == 0 || len(reach) > 0 {
		t.Errorf("reaches %v by %v", reach, reasons)
	}
}

func TestAReportSaysWhatItComparesWith(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		before time.Time
		want   string
	}{
		{now.AddDate(0, 0, -7).Add(9 * time.Hour), "since 18 Nov, 7 days"},
		{now.AddDate(0, 0, -1), "since 24 Nov, 1 day"},
		{now.Add(-3 * time.Hour), "since 04:00 UTC today"},
		{now.AddDate(-1, 0, 0), "since 25 Nov 2025, 365 days"},
		{now.AddDate(0, 0, -1).In(time.FixedZone("east", 14*3600)), "since 24 Nov, 1 day"},
	} {
		r := New(&diff.Judgement{}, Meta{Started: now, Baseline: &BaselineRef{Started: test.before}})
		if r.Since.Words.String() != test.want || r.Since.First {
			t.Errorf("%s: %q, want %q", test.before, r.Since.Words, test.want)
		}
	}
	if first := New(&diff.Judgement{}, Meta{Started: now}); !first.Since.First ||
		!strings.HasPrefix(first.Since.Words.String(), "first scan") {
		t.Errorf("without a baseline: %+v", first.Since)
	}
}
