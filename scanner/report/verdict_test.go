package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

func TestTheVerdictCountsAppsAndChangesOnceAndNotRules(t *testing.T) {
	t.Parallel()
	complete := []inventory.Coverage{{Source: inventory.Source{Provider: inventory.Chromium, Name: "x"}, Status: inventory.StatusComplete}}
	app := func(rule diff.Rule, level inventory.Level, id inventory.Untrusted) diff.Finding {
		return diff.Finding{ID: string(rule) + string(id), Rule: rule, Severity: level, Provider: inventory.Chromium, Kind: inventory.KindExtension, App: inventory.App{ID: id}}
	}
	client := func(rule diff.Rule, id inventory.Untrusted) diff.Finding {
		return diff.Finding{ID: string(rule) + string(id), Rule: rule, Severity: inventory.High, Provider: inventory.GoogleWorkspace,
			Kind: inventory.KindOAuthGrant, App: inventory.App{ID: id, Project: "42"}}
	}
	account := func(rule diff.Rule, level inventory.Level) diff.Finding {
		return diff.Finding{ID: string(rule) + string(level), Rule: rule, Severity: level, Provider: inventory.GitHub}
	}
	const rest = "; 5 items of 3 apps; 1 source read completely"
	for _, test := range []struct {
		name       string
		findings   []diff.Finding
		counts     diff.Counts
		comparison bool
		want       string
	}{
		{"nothing", nil, diff.Counts{}, false, "nothing to act on" + rest},
		{"an app of three rules is one app, in the first phrase that takes it", []diff.Finding{
			app(diff.DriftPermissions, inventory.High, "a"), app(diff.VendorBlocked, inventory.High, "a"), app(diff.DriftVersion, inventory.Low, "a"),
			app(diff.Unapproved, inventory.Low, "b"),
		}, diff.Counts{}, false, "1 blocked by their vendor, 1 unapproved" + rest},
		{"so are the clients of a project", []diff.Finding{client(diff.Unapproved, "42-a"), client(diff.DriftPermissions, "42-b")},
			diff.Counts{}, false, "1 unapproved" + rest},
		{"what is new and unapproved is both", []diff.Finding{app(diff.Unapproved, inventory.Low, "a")}, diff.Counts{New: 2, Gained: 1, Changed: 4, Removed: 1200},
			false, "1 unapproved; since the last scan 2 new, 1 with more access, 1,200 removed" + rest},
		{"news are not to be acted on", []diff.Finding{app(diff.New, inventory.Info, "a"), app(diff.Removed, inventory.Info, "b"), account(diff.Changed, inventory.Info)},
			diff.Counts{New: 1, Removed: 1}, false, "nothing to act on; since the last scan 1 new, 1 removed" + rest},
		{"a change of an app that nothing else tells is", []diff.Finding{app(diff.Changed, inventory.Medium, "a")}, diff.Counts{Gained: 1}, false,
			"1 changed in a way to look at; since the last scan 1 with more access" + rest},
		{"accounts", []diff.Finding{account(diff.New, inventory.Medium), account(diff.Changed, inventory.High), account(diff.TwoFactorOff, inventory.High)},
			diff.Counts{}, false, "3 about accounts, tokens and hooks" + rest},
		{"an approval that nobody filled in", []diff.Finding{app(diff.ApprovalPending, inventory.High, "a")}, diff.Counts{}, false, "1 waiting for approval" + rest},
		{"two snapshots that differ", []diff.Finding{app(diff.New, inventory.Info, "a")}, diff.Counts{New: 1, Changed: 2, Gained: 1}, true, "1 new, 2 changed" + rest},
		{"two that do not", nil, diff.Counts{}, true, "no difference" + rest},
	} {
		test.counts.Items, test.counts.Apps = 5, 3
		r := New(&diff.Judgement{Findings: test.findings, Coverage: complete, Counts: test.counts}, Meta{FailOn: inventory.Low, Comparison: test.comparison})
		if string(r.Verdict) != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, r.Verdict, test.want)
		}
	}
}

func TestEveryRuleThatSomebodyShouldActOnIsInTheVerdictAndInThePlainReport(t *testing.T) {
	t.Parallel()
	for _, info := range diff.Rules {
		if info.Most == inventory.Info || info.Rule == diff.NotObserved || info.Rule == diff.Removed {
			continue
		}
		f := diff.Finding{ID: "1", Rule: info.Rule, Severity: info.Most, Kind: inventory.KindExtension, App: inventory.App{ID: "a", Name: "Acme"}, Why: "so it is"}
		r := New(&diff.Judgement{Findings: []diff.Finding{f}, Coverage: organizations().Coverage}, Meta{FailOn: inventory.Low})
		if strings.Contains(string(r.Verdict), "nothing to act on") {
			t.Errorf("%s is in no phrase of the verdict", info.Rule)
		}
		var out bytes.Buffer
		if err := (Plain{}).Render(&out, r); err != nil || !strings.Contains(out.String(), "So it is") {
			t.Errorf("%s is in no part of the plain report (%v)", info.Rule, err)
		}
	}
}

func TestEveryFormatSaysByWhichFilesItWasDecided(t *testing.T) {
	t.Parallel()
	const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	meta := Meta{
		FailOn: inventory.Low, Allowlist: &AllowlistRef{Path: "lists/allow\nlist.toml", Digest: digest, Entries: 2},
		Baseline: &BaselineRef{Path: "state/sunday.jsonl.gz", RunID: "before", Started: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)},
	}
	for name, renderer := range everyWay() {
		var out bytes.Buffer
		if err := renderer.Render(&out, New(&diff.Judgement{}, meta)); err != nil {
			t.Fatal(err)
		}
		short := digest
		if strings.Contains(name, "terminal") {
			short = digest[:shortDigest]
		}
		for _, want := range []string{"lists/allow", "list.toml", short, "state/sunday.jsonl.gz", "2026-11-22T09:00:00Z"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s does not say %s:\n%s", name, want, out.String())
			}
		}
		if strings.Contains(out.String(), "allow\nlist") {
			t.Errorf("%s: the name of a file breaks a line:\n%s", name, out.String())
		}
	}
	var out bytes.Buffer
	if err := (Plain{}).Render(&out, New(&diff.Judgement{}, Meta{})); err != nil || !strings.Contains(out.String(), "Checked against no allowlist; not compared with an earlier scan.") {
		t.Errorf("without any: %v\n%s", err, out.String())
	}
}

func TestABlockLeavesNoSeriousAccessOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ high, low, want int }{{0, 2, 2}, {0, 4, 4}, {0, 5, 3}, {3, 3, 3}, {5, 5, 5}, {5, 1, 6}, {40, 0, 12}} {
		var reasons []risk.Reason
		for n := range test.high + test.low {
			level := inventory.Low
			if n < test.high {
				level = inventory.High
			}
			reasons = append(reasons, risk.Reason{Level: level, Subject: inventory.Untrusted(fmt.Sprint(n))})
		}
		if got := reasonsListed(reasons); got != test.want {
			t.Errorf("%d high and %d low: %d listed, want %d", test.high, test.low, got, test.want)
		}
	}
}

func TestWhereNothingWasReadNothingIsSaidToBeFine(t *testing.T) {
	t.Parallel()
	gap := inventory.Coverage{Source: inventory.Source{Provider: inventory.GitHub, Name: "self"}, Status: inventory.StatusNotObservable}
	page := gap
	page.Unobservable = true
	part := inventory.Coverage{Source: inventory.Source{Provider: inventory.GitHub, Name: "employee/ssh-keys"}, Status: inventory.StatusPartial}
	for _, test := range []struct {
		coverage         []inventory.Coverage
		verdict, opening string
	}{
		{nil, "nothing was scanned; 0 items of 0 apps; no source found", "guestlist found nothing to check here, so this is not an all-clear."},
		{[]inventory.Coverage{page}, "nothing was scanned; 0 items of 0 apps; no source found", "guestlist found nothing to check here, so this is not an all-clear."},
		{[]inventory.Coverage{gap}, "nothing could be read; 0 items of 0 apps; 0 of 1 source read completely (1 not at all)",
			"guestlist could not read anything, so this is not an all-clear."},
		{[]inventory.Coverage{gap, part}, "nothing to act on; 0 items of 0 apps; 0 of 2 sources read completely (1 in part, 1 not at all)",
			"guestlist looked at employee on GitHub and found 0 items."},
	} {
		r := New(&diff.Judgement{Coverage: test.coverage}, Meta{FailOn: inventory.Low})
		if opening := (Plain{}).opening(r); string(r.Verdict) != test.verdict || opening != test.opening {
			t.Errorf("%+v:\n%s\n%s\nwant\n%s\n%s", test.coverage, r.Verdict, opening, test.verdict, test.opening)
		}
	}
}

func TestWhatWasLookedAtIsOneSentence(t *testing.T) {
	t.Parallel()
	var coverage []inventory.Coverage
	for _, source := range []inventory.Source{
		{Provider: inventory.Chromium, Name: "it/chrome/Default"}, {Provider: inventory.GitHub, Name: "acme/members"},
		{Provider: inventory.GitHub, Name: "acme/hooks"}, {Provider: inventory.GoogleWorkspace, Name: "acme.example/grants"},
	} {
		coverage = append(coverage, inventory.Coverage{Source: source, Status: inventory.StatusComplete})
	}
	const want = "1 browser profile, acme on GitHub and acme.example on Google Workspace"
	if got := seen(&Report{Coverage: coverage}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
