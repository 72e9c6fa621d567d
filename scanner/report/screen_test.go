package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/testkit"
)

// screenHeight is what a terminal of 24 lines leaves beside the prompt.
const screenHeight = 23

func profileOf(user string) inventory.Source {
	return inventory.Source{Provider: inventory.Chromium, Host: "laptop-01",
		Name: inventory.Textf("%s/chromium/Default", user)}
}

// manyFindings is a judgement of so many apps, each with a finding, a change and a source that was
// not read.
func manyFindings(count int) *diff.Judgement {
	levels := inventory.Levels()
	j := &diff.Judgement{Difference: diff.Difference{Counts: map[diff.ChangeKind]int{}}}
	whys := []inventory.Untrusted{"read and change every page you visit", "read all mail", "store its own data"}
	for n := range count {
		holder := diff.Affected{Source: profileOf("finance"),
			Holder: inventory.Holder{User: "finance", Browser: "Chromium", Profile: "Default"}}
		f := diff.Finding{
			ID: fmt.Sprint(n), Rule: diff.Unapproved, Severity: levels[n%len(levels)], Provider: inventory.Chromium,
			Kind: inventory.KindExtension,
			App: inventory.App{ID: inventory.Textf("app%d", n),
				Name: inventory.Textf("An Extension With a Long Name %d", n)},
			Reasons: []risk.Reason{{Level: inventory.Critical, Why: whys[n%len(whys)]}}, Why: "not in the allowlist",
			Holders: []diff.Affected{holder}, HolderCount: 1 + n%3, Remedy: "remove it at chrome://extensions/",
		}
		j.Findings = append(j.Findings, f)
		j.Difference.Counts[diff.ChangeAdded]++
		if len(j.Difference.List) < diff.MaxChanges {
			j.Difference.List = append(j.Difference.List, diff.Change{
				ID: fmt.Sprint("c", n), Kind: diff.ChangeAdded, About: diff.AboutApp, Provider: f.Provider, ItemKind: f.Kind,
				App:     f.App,
				Holders: f.Holders, HolderCount: f.HolderCount,
			})
		}
		j.Coverage = append(j.Coverage, inventory.Coverage{
			Source: profileOf(fmt.Sprint("user", n)), Status: inventory.StatusNotObservable,
			Reason: inventory.Textf("Preferences: truncated at byte %d", n),
		})
	}
	return j
}

// states are the states of a report that a person meets.
func states() map[string]*Report {
	allowlist := &AllowlistRef{Path: "allowlist.toml", Digest: "0123456789abcdef", Entries: 40}
	baseline := &BaselineRef{Path: "state/sunday.jsonl.gz", Started: finished.AddDate(0, 0, -7)}
	meta := Meta{Started: finished, Finished: finished, FailOn: inventory.Low, Allowlist: allowlist, Baseline: baseline}
	first := Meta{Started: finished, Finished: finished, FailOn: inventory.Low}
	complete := []inventory.Coverage{{Source: profileOf("finance"), Status: inventory.StatusComplete}}
	unread := &diff.Judgement{}
	for _, user := range []string{"engineering", "finance", "support"} {
		unread.Coverage = append(unread.Coverage, inventory.Coverage{
			Source: profileOf(user), Status: inventory.StatusNotObservable,
			Reason: "the directory cannot be opened: permission denied",
			Remedy: "run guestlist as that user",
		})
	}
	few := manyFindings(5)
	few.Coverage, few.Difference = complete, diff.Difference{}
	return map[string]*Report{
		"clean":      New(&diff.Judgement{Coverage: complete, Counts: diff.Counts{Items: 12, Apps: 9, Approved: 12}}, meta),
		"first-scan": New(few, first),
		"unread":     New(unread, meta),
		"many":       New(manyFindings(50_000), meta),
	}
}

func TestTheFirstScreenFitsInEveryStateAndWidth(t *testing.T) {
	t.Parallel()
	for state, r := range states() {
		for _, width := range []int{60, 80, 120, 200} {
			var out bytes.Buffer
			style := Style{Terminal: true, Width: width, Height: screenHeight, Again: "guestlist scan"}
			if err := Screen(style).Render(&out, r); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("screen-%s-%d", state, width)
			testkit.Golden(t, filepath.Join("testdata", name+".golden"), out.String())
			keepsTo(t, out.String(), fmt.Sprint(width))
			if lines := strings.Count(out.String(), "\n"); lines > screenHeight {
				t.Errorf("%s has %d lines", name, lines)
			}
		}
	}
}

func TestATallerTerminalShowsMoreEntries(t *testing.T) {
	t.Parallel()
	r := New(manyFindings(500), Meta{Allowlist: &AllowlistRef{}, Started: finished})
	last := 0
	for _, height := range []int{23, 40, 100, 1000} {
		var out bytes.Buffer
		if err := (Screen{Terminal: true, Width: 80, Height: height}).Render(&out, r); err != nil {
			t.Fatal(err)
		}
		rows := strings.Count(out.String(), " extension ")
		if lines := strings.Count(out.String(), "\n"); lines > height || rows <= last {
			t.Errorf("%d lines of %d, %d rows after %d", lines, height, rows, last)
		}
		last = rows
	}
}

func TestTwoSnapshotsAreTheirChanges(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := New(manyFindings(40), Meta{Comparison: true, Started: finished,
		Baseline: &BaselineRef{Path: "old.jsonl", Started: finished}})
	if err := (Screen{Terminal: true, Width: 80, Height: screenHeight}).Render(&out, r); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	changes := strings.Count(text, "\n+ ")
	if lines := strings.Count(text, "\n"); lines > screenHeight || changes < 10 || strings.Contains(text, "URGENCY") {
		t.Errorf("%d lines, %d changes:\n%s", lines, changes, text)
	}
	if more := fmt.Sprintf("and %d more\n", 40-changes); !strings.Contains(text, more) ||
		!strings.HasPrefix(text, "40 new.\n") {
		t.Errorf("lacks %q:\n%s", more, text)
	}
}

func TestWhatIsLongerThanTheScreenEndsWithTheVerdict(t *testing.T) {
	t.Parallel()
	r := organizations()
	verdict := string(r.VerdictLines[0] + "\n" + r.VerdictLines[1] + "\n")
	for _, test := range []struct {
		style Style
		again bool
	}{
		{Style{Terminal: true, Width: 80, Height: screenHeight}, false},
		{Style{Terminal: true, Width: 80, Height: screenHeight, Details: true}, true},
		{Style{Terminal: true, Width: 80, Height: 5000, Details: true}, false},
	} {
		var out bytes.Buffer
		if err := Screen(test.style).Render(&out, r); err != nil {
			t.Fatal(err)
		}
		if got := strings.HasSuffix(out.String(), "\n\n"+verdict); got != test.again ||
			!strings.HasPrefix(out.String(), verdict) {
			t.Errorf("%+v: ends with the verdict: %t", test.style, got)
		}
	}
}

func TestEveryKindOfChangeIsALine(t *testing.T) {
	t.Parallel()
	grants := inventory.Source{Provider: inventory.GoogleWorkspace}.Join("acme.example").Join("grants")
	profile := diff.Affected{Source: profileOf("finance"),
		Holder: inventory.Holder{User: "finance", Browser: "Chromium", Profile: "Default"}}
	person := diff.Affected{Source: grants, Holder: inventory.Holder{Account: "it@acme.example",
		Organization: "acme.example"}}
	app := func(kind diff.ChangeKind, name inventory.Untrusted, holder diff.Affected, count int,
		more func(*diff.Change)) diff.Change {
		c := diff.Change{
			ID: string(kind + diff.ChangeKind(name)), Kind: kind, About: diff.AboutApp, Provider: inventory.Chromium,
			ItemKind: inventory.KindExtension,
			App:      inventory.App{ID: name, Name: name}, Holders: []diff.Affected{holder}, HolderCount: count,
		}
		if more != nil {
			more(&c)
		}
		return c
	}
	source := func(kind diff.ChangeKind, what inventory.Untrusted) diff.Change {
		return diff.Change{
			ID: string(kind), Kind: kind, About: diff.AboutSource, Provider: inventory.GoogleWorkspace, What: what,
			Holders: []diff.Affected{{Source: grants}}, HolderCount: 1,
		}
	}
	list := []diff.Change{
		app(diff.ChangeAdded, "In One Profile", profile, 1, nil),
		app(diff.ChangeAdded, "In Three Profiles", profile, 3, nil),
		app(diff.ChangeAdded, "For One Person", person, 1, nil),
		app(diff.ChangeAdded, "For Many People", person, 1200, nil),
		app(diff.ChangeGained, "Gained", profile, 1, func(c *diff.Change) {
			c.Gained = []inventory.Untrusted{"https://www.googleapis.com/auth/drive", "cookies"}
		}),
		app(diff.ChangeLost, "Lost", profile, 1, func(c *diff.Change) { c.Lost = []inventory.Untrusted{"tabs"} }),
		app(diff.ChangeOther, "Updated", profile, 1, func(c *diff.Change) { c.What = "version 1.2 → 1.3" }),
		app(diff.ChangeRemoved, "Gone Here", profile, 1, nil),
		app(diff.ChangeRemoved, "Gone Everywhere", profile, 2, func(c *diff.Change) { c.Everywhere = true }),
		{ID: "account", Kind: diff.ChangeOther, About: diff.AboutAccount, Provider: inventory.GoogleWorkspace,
			What: "1 account of acme.example had a second factor and has none now", Holders: []diff.Affected{person},
			HolderCount: 1},
		source(diff.ChangeUnread, "the credential lacks a scope"),
		source(diff.ChangeReadAgain, ""),
	}
	counts := map[diff.ChangeKind]int{}
	for i := range list {
		counts[list[i].Kind]++
	}
	for _, kind := range diff.ChangeKinds() {
		if counts[kind] == 0 {
			t.Errorf("no change of kind %s", kind)
		}
	}
	r := New(&diff.Judgement{Difference: diff.Difference{Counts: counts, List: list}}, Meta{
		Allowlist: &AllowlistRef{}, Started: finished, Baseline: &BaselineRef{Started: finished.AddDate(0, 0, -7)},
	})
	lines := Screen{Terminal: true, Width: 80}.changeLines(r, len(list))
	testkit.Golden(t, filepath.Join("testdata", "changes.golden"), strings.Join(lines, "\n")+"\n")
}

func TestNamesAreCutLastAndColumnsComeWithTheWidth(t *testing.T) {
	t.Parallel()
	r := New(manyFindings(3), Meta{Allowlist: &AllowlistRef{}, Started: finished})
	for _, test := range []struct {
		width int
		want  []string
		not   []string
	}{
		{60, []string{"URGENCY", "APP", "WHY"}, []string{"KIND", "WHERE", "CAN REACH"}},
		{80, []string{"URGENCY", "APP", "KIND", "WHERE", "WHY"}, []string{"CAN REACH"}},
		{120, []string{"KIND", "CAN REACH", "An Extension With a Long Name 0"}, []string{"WHAT TO DO"}},
		{200, []string{"CAN REACH", "WHAT TO DO", "An Extension With a Long Name 0", "remove it at chrome://extensions/"},
			nil},
	} {
		table := strings.Join(Screen{Terminal: true, Width: test.width}.table(urgent(r)), "\n")
		for _, want := range test.want {
			if !strings.Contains(table, want) {
				t.Errorf("%d columns lack %s:\n%s", test.width, want, table)
			}
		}
		for _, not := range test.not {
			if strings.Contains(table, not) {
				t.Errorf("%d columns have %s:\n%s", test.width, not, table)
			}
		}
	}
}

func TestANarrowColumnNamesTheBrowserRatherThanAPartOfItsUser(t *testing.T) {
	t.Parallel()
	holder := inventory.Holder{User: "engineering", Browser: "Chromium (snap)", Profile: "Profile 12"}
	e := &Entry{HolderCount: 1, Particulars: Particulars{Holders: []diff.Affected{{Holder: holder}}}}
	person := &Entry{HolderCount: 1, Particulars: Particulars{Holders: []diff.Affected{{Holder: inventory.Holder{Account: "finance@acme.example"}}}}}
	if got := formFor(whereInColumn(person), 10); got != "finance@…" {
		t.Errorf("an address is cut to %q", got)
	}
	for width, want := range map[int]string{40: "engineering Chromium (snap) Profile 12", 20: "Chromium Profile 12",
		10: "Chromium", 5: "Chro…"} {
		if got := cut(formFor(whereInColumn(e), width), width, false); got != want {
			t.Errorf("in %d cells: %q, want %q", width, got, want)
		}
	}
}

func TestCredentialsAreCountedInFewerWordsRatherThanCut(t *testing.T) {
	t.Parallel()
	e := &Entry{About: diff.AboutCredentials, Kind: inventory.KindCredential, ItemCount: 3,
		Title: "3 authorized credentials in acme"}
	for width, want := range map[int]string{40: "3 authorized credentials in acme", 24: "3 authorized credentials",
		13: "3 credentials"} {
		if got := cut(formFor(titleInColumn(e), width), width, true); got != want {
			t.Errorf("in %d cells: %q, want %q", width, got, want)
		}
	}
}

func TestOneOfAGroupIsSpokenOfAsOne(t *testing.T) {
	t.Parallel()
	findings := []diff.Finding{ofApp(diff.VendorBlocked, inventory.High, "a", 1),
		ofApp(diff.IdentityMismatch, inventory.High, "b", 1)}
	r := New(&diff.Judgement{Findings: findings, Coverage: []inventory.Coverage{{Status: inventory.StatusComplete}}},
		Meta{Allowlist: &AllowlistRef{}})
	if got, want := string(r.VerdictLines[0]), "1 blocked by its vendor, 1 not what it claims to be."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
