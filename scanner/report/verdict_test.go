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
	complete := []inventory.Coverage{{Source: inventory.Source{Provider: inventory.Chromium, Name: "x"},
		Status: inventory.StatusComplete}}
	app := func(rule diff.Rule, level inventory.Level, id inventory.Untrusted) diff.Finding {
		return diff.Finding{ID: string(rule) + string(id), Rule: rule, Severity: level, Provider: inventory.Chromium,
			Kind: inventory.KindExtension, App: inventory.App{ID: id}}
	}
	client := func(rule diff.Rule, id inventory.Untrusted) diff.Finding {
		return diff.Finding{ID: string(rule) + string(id), Rule: rule, Severity: inventory.High,
			Provider: inventory.GoogleWorkspace,
			Kind:     inventory.KindOAuthGrant, App: inventory.App{ID: id, Project: "42"}}
	}
	account := func(rule diff.Rule, level inventory.Level) diff.Finding {
		return diff.Finding{ID: string(rule) + string(level), Rule: rule, Severity: level, Provider: inventory.GitHub}
	}
	for _, test := range []struct {
		name       string
		findings   []diff.Finding
		changes    map[diff.ChangeKind]int
		comparison bool
		want       string
	}{
		{"nothing", nil, nil, false, "Nothing to act on.|No change since 16 Nov, 7 days. Read 1 source."},
		{"an app of three rules is one app, in the first phrase that takes it", []diff.Finding{
			app(diff.DriftPermissions, inventory.High, "a"), app(diff.VendorBlocked, inventory.High, "a"),
			app(diff.DriftVersion, inventory.Low, "a"),
			app(diff.Unapproved, inventory.Low, "b"),
		}, nil, false, "1 blocked by its vendor, 1 not approved.|No change since 16 Nov, 7 days. Read 1 source."},
		{"so are the clients of a project", []diff.Finding{client(diff.Unapproved, "42-a"),
			client(diff.DriftPermissions, "42-b")},
			nil, false, "1 not approved.|No change since 16 Nov, 7 days. Read 1 source."},
		{"three groups are named and the rest summed up", []diff.Finding{
			app(diff.Denied, inventory.High, "a"), app(diff.VendorBlocked, inventory.High, "b"),
			app(diff.Unapproved, inventory.Low, "c"),
			app(diff.DriftVersion, inventory.Low, "d"), app(diff.RequiredMissing, inventory.Medium, "e"),
		}, nil, false, "1 denied, 1 blocked by its vendor, 1 not approved, and 2 more.|No change since 16 Nov, 7 days. Read 1 source."},
		{"what changed", []diff.Finding{app(diff.Unapproved, inventory.Low, "a")},
			map[diff.ChangeKind]int{diff.ChangeAdded: 2, diff.ChangeGained: 1, diff.ChangeOther: 4, diff.ChangeRemoved: 1200},
			false, "1 not approved.|Since 16 Nov: 2 new, 1 with more access, 1,200 gone, 4 other. Read 1 source."},
		{"what changed in many ways is summed up", nil,
			map[diff.ChangeKind]int{diff.ChangeAdded: 2000, diff.ChangeGained: 1000, diff.ChangeUnread: 4444,
				diff.ChangeRemoved: 1200},
			false, "Nothing to act on.|Since 16 Nov: 2,000 new, 1,000 with more access, 5,644 other. Read 1 source."},
		{"news are not to be acted on", []diff.Finding{app(diff.New, inventory.Info, "a"),
			app(diff.Removed, inventory.Info, "b"), account(diff.Changed, inventory.Info)},
			map[diff.ChangeKind]int{diff.ChangeAdded: 1, diff.ChangeRemoved: 1}, false,
			"Nothing to act on.|Since 16 Nov, 7 days: 1 new, 1 gone. Read 1 source."},
		{"a change of an app that nothing else tells is", []diff.Finding{app(diff.Changed, inventory.Medium, "a")},
			map[diff.ChangeKind]int{diff.ChangeGained: 1}, false,
			"1 changed.|Since 16 Nov, 7 days: 1 with more access. Read 1 source."},
		{"accounts", []diff.Finding{account(diff.New, inventory.Medium), account(diff.Changed, inventory.High),
			account(diff.TwoFactorOff, inventory.High)},
			nil, false, "3 about accounts, keys and hooks.|No change since 16 Nov, 7 days. Read 1 source."},
		{"an approval that nobody filled in", []diff.Finding{app(diff.ApprovalPending, inventory.High, "a")}, nil, false,
			"1 waiting for approval.|No change since 16 Nov, 7 days. Read 1 source."},
		{"two snapshots that differ", []diff.Finding{app(diff.New, inventory.Info, "a")},
			map[diff.ChangeKind]int{diff.ChangeAdded: 1, diff.ChangeOther: 2}, true, "1 new, 2 other.|Read 1 source."},
		{"two that do not", nil, nil, true, "No difference.|Read 1 source."},
	} {
		judgement := &diff.Judgement{Findings: test.findings, Coverage: complete}
		judgement.Difference = diff.Difference{Counts: test.changes, List: []diff.Change{}}
		r := New(judgement, Meta{
			FailOn: inventory.Low, Comparison: test.comparison, Allowlist: &AllowlistRef{},
			Started: finished, Baseline: &BaselineRef{Started: finished.AddDate(0, 0, -7)},
		})
		if got := string(r.VerdictLines[0] + "|" + r.VerdictLines[1]); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestTheVerdictIsTwoLinesThatFitWhateverTheNumbers(t *testing.T) {
	t.Parallel()
	var findings []diff.Finding
	for _, info := range diff.Rules {
		for n := range 1234 {
			id := inventory.Textf("%s%d", info.Rule, n)
			findings = append(findings, diff.Finding{ID: string(id), Rule: info.Rule, Severity: info.Most,
				Kind: inventory.KindExtension, App: inventory.App{ID: id}})
		}
	}
	var coverage []inventory.Coverage
	for n := range 23456 {
		coverage = append(coverage, inventory.Coverage{Source: inventory.Source{Name: inventory.Textf("%d", n)},
			Status: inventory.StatusPartial})
	}
	difference := diff.Difference{Counts: map[diff.ChangeKind]int{}, List: []diff.Change{}}
	for _, kind := range diff.ChangeKinds() {
		difference.Counts[kind] = 123_456
	}
	judgement := &diff.Judgement{Findings: findings, Coverage: coverage, Difference: difference}
	for _, meta := range []Meta{
		{}, {Allowlist: &AllowlistRef{}}, {Comparison: true},
		{Started: finished, Baseline: &BaselineRef{Started: finished.AddDate(-3, 0, 0)}},
	} {
		lines := New(judgement, meta).VerdictLines
		for _, line := range lines {
			if len(lines) != 2 || cellWidth(line.String()) > VerdictColumns {
				t.Errorf("%d: %s", cellWidth(line.String()), line)
			}
		}
	}
}

func TestWithoutAnAllowlistTheVerdictSaysWhatAppsReach(t *testing.T) {
	t.Parallel()
	var findings []diff.Finding
	for n, why := range []inventory.Untrusted{"read and change every page you visit", "read all mail", "read all mail",
		"store its own data"} {
		f := ofApp(diff.Unapproved, inventory.Critical, inventory.Textf("app%d", n), 1)
		f.Reasons = []risk.Reason{{Level: inventory.Critical, Why: why}}
		findings = append(findings, f)
	}
	r := New(&diff.Judgement{Findings: findings, Coverage: []inventory.Coverage{{Status: inventory.StatusComplete}}},
		Meta{Started: finished})
	if got, want := string(r.Verdict), "1 reaches every page, 2 reach mail, 1 with less access. "+
		"First scan: the next one shows what changed. Read 1 source."; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestEveryRuleThatSomebodyShouldActOnIsInTheVerdictAndInThePlainReport(t *testing.T) {
	t.Parallel()
	for _, info := range diff.Rules {
		if info.Most == inventory.Info || info.Rule == diff.NotObserved || info.Rule == diff.Removed {
			continue
		}
		f := diff.Finding{ID: "1", Rule: info.Rule, Severity: info.Most, Kind: inventory.KindExtension,
			App: inventory.App{ID: "a", Name: "Acme"}, Why: "so it is"}
		r := New(&diff.Judgement{Findings: []diff.Finding{f}, Coverage: organizations().Coverage},
			Meta{FailOn: inventory.Low})
		if strings.HasPrefix(string(r.Verdict), "Nothing to act on") {
			t.Errorf("%s is in no phrase of the verdict", info.Rule)
		}
		var out bytes.Buffer
		if err := (Plain{Details: true}).Render(&out, r); err != nil || !strings.Contains(out.String(), "Acme") {
			t.Errorf("%s is in no part of the plain report (%v)", info.Rule, err)
		}
	}
}

func TestEveryFormatSaysByWhichFilesItWasDecided(t *testing.T) {
	t.Parallel()
	const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	meta := Meta{
		FailOn: inventory.Low, Allowlist: &AllowlistRef{Path: "lists/allow\nlist.toml", Digest: digest, Entries: 2},
		Baseline: &BaselineRef{Path: "state/sunday.jsonl.gz", RunID: "before",
			Started: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)},
	}
	finding := ofApp(diff.Unapproved, inventory.High, "Acme Notes", 1) // some formats have nothing but findings
	for name, renderer := range everyWay() {
		var out bytes.Buffer
		if err := renderer.Render(&out, New(&diff.Judgement{Findings: []diff.Finding{finding}}, meta)); err != nil {
			t.Fatal(err)
		}
		wanted := []string{"lists/allow", "list.toml", "state/sunday.jsonl.gz"}
		switch {
		case strings.HasPrefix(name, "prometheus"):
			wanted = append(wanted, digest, "guestlist_baseline_timestamp_seconds 1795338000\n")
		case strings.HasPrefix(name, "plain") && !strings.Contains(name,
			"at length"): // for people: which file, not which version of it
		case strings.Contains(name, "at length") && (strings.HasPrefix(name, "table") || strings.HasPrefix(name, "plain")):
			wanted = append(wanted, digest[:shortDigest], "2026-11-22T09:00:00Z")
		case !strings.HasPrefix(name, "table"):
			wanted = append(wanted, digest, "2026-11-22T09:00:00Z")
		}
		for _, want := range wanted {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s does not say %s:\n%s", name, want, out.String())
			}
		}
		if strings.Contains(out.String(), "allow\nlist") {
			t.Errorf("%s: the name of a file breaks a line:\n%s", name, out.String())
		}
	}
	var out bytes.Buffer
	if err := (Plain{Details: true}).Render(&out, New(&diff.Judgement{}, Meta{})); err != nil ||
		!strings.Contains(out.String(), "Checked against no allowlist; not compared with an earlier scan.") {
		t.Errorf("without any: %v\n%s", err, out.String())
	}
}

func TestABlockLeavesNoSeriousAccessOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ high, low, want int }{{0, 2, 2}, {0, 4, 4}, {0, 5, 3}, {3, 3, 3}, {5, 5, 5},
		{5, 1, 6}, {40, 0, 12}} {
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
	gap := inventory.Coverage{Source: inventory.Source{Provider: inventory.GitHub, Name: "self"},
		Status: inventory.StatusNotObservable}
	page := gap
	page.Unobservable = true
	part := inventory.Coverage{Source: inventory.Source{Provider: inventory.GitHub, Name: "employee/ssh-keys"},
		Status: inventory.StatusPartial}
	for _, test := range []struct {
		coverage         []inventory.Coverage
		verdict, opening string
	}{
		{nil, "Nothing was scanned. No source found.", "guestlist found nothing to check here, so this is not an all-clear."},
		{[]inventory.Coverage{page}, "Nothing was scanned. No source found.",
			"guestlist found nothing to check here, so this is not an all-clear."},
		{[]inventory.Coverage{gap}, "Nothing could be read. Read 0 of 1 source.",
			"guestlist could not read anything, so this is not an all-clear."},
		{[]inventory.Coverage{gap, part}, "Nothing to act on. First scan: the next one shows what changed. Read 0 of 2 sources, 1 in part.",
			"Found nothing in employee on GitHub."},
	} {
		r := New(&diff.Judgement{Coverage: test.coverage}, Meta{FailOn: inventory.Low})
		if opening := (&plainPage{r: r}).opening(); string(r.Verdict) != test.verdict || opening != test.opening {
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

func TestWhatIsGoneCouldAndCannot(t *testing.T) {
	t.Parallel()
	app := inventory.App{ID: "a"}
	for want, finding := range map[string]diff.Finding{
		"It can ": {Rule: diff.Unapproved, App: app, ItemCount: 2}, "They can ": {Rule: diff.Unapproved, ItemCount: 2},
		"It could ": {Rule: diff.Removed, App: app, ItemCount: 2}, "They could ": {Rule: diff.Removed, ItemCount: 2},
	} {
		if got := itCan(&finding); got != want {
			t.Errorf("%s: %q, want %q", finding.Rule, got, want)
		}
	}
}
