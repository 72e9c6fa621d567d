package history

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

func profileOf(user inventory.Untrusted) inventory.Source {
	return inventory.Source{Provider: inventory.Chromium, Host: "laptop-01"}.Join(user).Join("chromium").Join("Default")
}

func read(source inventory.Source) inventory.Coverage {
	return inventory.Coverage{Source: source, Status: inventory.StatusComplete}
}

func unread(source inventory.Source) inventory.Coverage {
	return inventory.Coverage{Source: source, Status: inventory.StatusNotObservable, Reason: "locked"}
}

func extension(user, version inventory.Untrusted, permissions ...inventory.Untrusted) inventory.Item {
	return inventory.Item{
		Source: profileOf(user), Kind: inventory.KindExtension, App: inventory.App{ID: "app-1", Name: "Acme Notes"},
		Version: version,
		State:   inventory.StateEnabled, Holder: inventory.Holder{User: user, Profile: "Default"},
		Access: inventory.Access{Permissions: permissions},
	}
}

// told puts spans into lines: state, days of November, versions, what was gained and lost, gaps.
func told(spans []Span) []string {
	var lines []string
	for _, span := range spans {
		text := string(span.State) + " " + span.First.Format("2") + "-" + span.Last.Format("2")
		for _, list := range []struct {
			sign  string
			texts []inventory.Untrusted
		}{{" v", span.Versions}, {" +", span.Gained}, {" -", span.Lost}} {
			for _, each := range list.texts {
				text += list.sign + each.String()
			}
		}
		if span.GapCount > 0 {
			text += " gap"
		}
		lines = append(lines, text)
	}
	return lines
}

func TestAHistorySaysWhatWasSeenAndNeverNoWhereNobodyLooked(t *testing.T) {
	t.Parallel()
	ada, bob := profileOf("ada"), profileOf("bob")
	leftover := extension("ada", "1")
	leftover.State, leftover.Instance = inventory.StateLeftover, "1"
	for name, test := range map[string]struct {
		scans [][]any // one a day
		want  []string
		now   State
	}{
		"an update that gains access": {
			[][]any{{read(ada), extension("ada", "1", "tabs")}, {read(ada), extension("ada", "2", "cookies", "tabs")},
				{read(ada), extension("ada", "2", "cookies", "tabs")}},
			[]string{"present 1-1 v1", "present 2-3 v2 +cookies"}, Present,
		},
		"gone and back": {
			[][]any{{read(ada), extension("ada", "1", "tabs")}, {read(ada)}, {read(ada), extension("ada", "1", "tabs")}},
			[]string{"present 1-1 v1", "absent 2-2", "present 3-3 v1"}, Present,
		},
		"gone": {[][]any{{read(ada), extension("ada", "1")}, {read(ada)}},
			[]string{"present 1-1 v1", "absent 2-2"}, Absent},
		"not read": {[][]any{{read(ada), extension("ada", "1")}, {unread(ada)}},
			[]string{"present 1-1 v1", "unknown 2-2 gap"}, Present},
		"gone, then unread": {[][]any{{read(ada), extension("ada", "1")}, {read(ada)}, {unread(ada)}},
			[]string{"present 1-1 v1", "absent 2-2", "unknown 3-3 gap"}, Absent},
		"a scan of elsewhere says nothing of it": {
			[][]any{{read(ada), extension("ada", "1")}, {read(bob)}, {read(ada), extension("ada", "1")}},
			[]string{"present 1-3 v1"}, Present,
		},
		"scans of two places complete each other": {
			[][]any{{read(ada), extension("ada", "1", "tabs")}, {read(bob), extension("bob", "2", "tabs")},
				{read(ada), extension("ada", "1", "tabs")}, {read(bob)}},
			[]string{"present 1-1 v1", "present 2-3 v1 v2", "present 4-4 v1"}, Present,
		},
		"one of two places is not read": {
			[][]any{{read(ada), read(bob), extension("ada", "1", "tabs"), extension("bob", "1", "cookies")},
				{read(ada), unread(bob), extension("ada", "1", "tabs")}},
			[]string{"present 1-1 v1", "present 2-2 v1 gap"}, Present,
		},
		"a place that is seen for the first time gains nothing": {
			[][]any{{unread(ada), read(bob), extension("bob", "1", "tabs")},
				{read(ada), read(bob), extension("ada", "1", "cookies"), extension("bob", "1", "tabs")}},
			[]string{"present 1-1 v1 gap", "present 2-2 v1"}, Present,
		},
		"only files of it are left": {
			[][]any{{read(ada), extension("ada", "1")}, {read(ada), leftover}}, []string{"present 1-1 v1", "leftover 2-2"},
			Present,
		},
		"a leftover version is not there": {
			[][]any{{read(ada), extension("ada", "2"), leftover}}, []string{"present 1-1 v2"}, Present,
		},
	} {
		var paths []string
		for n, records := range test.scans {
			path, _ := write(t, inventory.Textf("run-%d", n), time.Date(2026, 11, n+1, 9, 0, 0, 0, time.UTC), records...)
			paths = append(paths, path)
		}
		subject := Subject{Topic: TopicApp, Kind: inventory.KindExtension, ID: "app-1",
			spells: []inventory.Untrusted{"app-1"}}
		traced := Trace(subject, paths, func(path string, err error) { t.Errorf("%s: %v", path, err) })
		if diff := cmp.Diff(test.want, told(traced.Spans)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if traced.State != test.now {
			t.Errorf("%s: it is %s now, want %s", name, traced.State, test.now)
		}
	}
}

func TestAWindowHasTheScansOfItsTimeAndTheNearestOutside(t *testing.T) {
	t.Parallel()
	var looks []Look
	for _, n := range []int{1, 3, 5, 9} {
		looks = append(looks, Look{Scan: Scan{Started: day(n)}, State: Present})
	}
	looks[1].State = Unknown
	for name, test := range map[string]struct {
		from, to      int
		scans         int
		before, after bool
		unknown       bool
	}{
		"some":                  {1, 5, 3, false, true, false},
		"between two scans":     {6, 8, 0, true, true, true},
		"one that did not read": {2, 4, 1, true, true, true},
		"after all":             {10, 11, 0, true, false, true},
		"all":                   {0, 20, 4, false, false, false},
	} {
		w := Between(looks, day(test.from), day(test.to))
		if len(w.Looks) != test.scans || (w.Before != nil) != test.before || (w.After != nil) != test.after ||
			w.IsUnknown() != test.unknown {
			t.Errorf("%s: %d scans, before %v, after %v, unknown %v", name, len(w.Looks), w.Before, w.After, w.IsUnknown())
		}
	}
}

func TestAWordFindsWhatItIsTheNameOf(t *testing.T) {
	t.Parallel()
	google := inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example"}
	github := inventory.Source{Provider: inventory.GitHub, Name: "acme"}
	grant := inventory.Item{
		Source: google.Join("grants").Join("ada@acme.example"), Kind: inventory.KindOAuthGrant,
		App:    inventory.App{ID: "4300-x.apps.googleusercontent.com", Name: "Ledger", Project: "4300"},
		Holder: inventory.Holder{Account: "ada@acme.example", AccountID: "1001", Organization: "acme.example"},
	}
	app := inventory.Item{
		Source: github.Join("installations"), Kind: inventory.KindInstallation,
		App:    inventory.App{ID: "acme-notes", Name: "Acme Notes"},
		Holder: inventory.Holder{Organization: "acme"}, Facts: map[string]inventory.Untrusted{"client_id": "Iv1.abc"},
	}
	hook := inventory.Item{
		Source: github.Join("hooks"), Kind: inventory.KindWebhook, App: inventory.App{ID: "https://ci.acme.example/hook"},
		Holder: inventory.Holder{Organization: "acme", Repository: "web"},
	}
	account := func(source inventory.Source, id, login, name inventory.Untrusted) inventory.Account {
		return inventory.Account{Source: source, ID: id, Login: login, Name: name}
	}
	path, _ := write(t, "run", noon, read(profileOf("ada")), read(profileOf("empty")), extension("ada", "1"), grant,
		app, hook,
		account(google, "1001", "ada@acme.example", "Ada"), account(google, "1002", "ada.b@acme.example", "Ada"),
		account(github, "7", "ada", ""))
	for word, want := range map[string][]inventory.Untrusted{
		"APP-1":                          {"extension:app-1"},
		"acme notes":                     {"app-installation:acme-notes", "extension:app-1"},
		"extension:Acme Notes":           {"extension:app-1"},
		"app:Iv1.abc":                    {"app-installation:acme-notes"},
		"4300-x":                         {"oauth-grant:4300-x.apps.googleusercontent.com"},
		"4300":                           {"project:4300"},
		"https://ci.acme.example/hook":   {"webhook:https://ci.acme.example/hook"},
		"Ada@acme.example":               {"person:ada@acme.example"},
		"1001":                           {"account:1001"},
		"account:ada@acme.example":       {"account:1001"},
		"Ada":                            {"person:ada", "person:ada.b@acme.example", "person:ada@acme.example"},
		"ada/chromium/Default":           {"profile:ada/chromium/Default"},
		"profile:empty/chromium/Default": {"profile:empty/chromium/Default"},
		"web":                            {"repository:acme/web"},
		"acme/web":                       {"repository:acme/web"},
		"nothing":                        nil,
		"project:acme notes":             nil,
		"extension:4300-x":               nil,
	} {
		found := Find(ParseQuery(word), []string{path}, func(_ string, err error) { t.Error(err) })
		var got []inventory.Untrusted
		seen := make(map[inventory.Untrusted]bool)
		for i := range found.Subjects {
			if query := found.Subjects[i].Query(); !seen[query] {
				seen[query] = true
				got = append(got, query)
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b inventory.Untrusted) bool { return a < b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", word, diff)
		}
	}
}

func TestWhatIsLikeAWordIsSuggested(t *testing.T) {
	t.Parallel()
	names := map[inventory.Untrusted]bool{"Acme Notes": true, "Acme Tabs": true, "Ledger": true}
	for word, want := range map[inventory.Untrusted][]inventory.Untrusted{
		"ledgre": {"Ledger"}, "notes": {"Acme Notes"}, "acme": {"Acme Tabs", "Acme Notes"}, "zz": nil,
		"acme ntoes": {"Acme Notes"},
	} {
		got := near(word, names)
		if len(got) == 0 {
			got = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", word, diff)
		}
	}
}

func TestASnapshotThatIsBrokenCostsOnlyItself(t *testing.T) {
	t.Parallel()
	good, _ := write(t, "run-1", noon, read(profileOf("ada")), extension("ada", "1"))
	cut := filepath.Join(t.TempDir(), "cut.jsonl.gz")
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	pruned := filepath.Join(t.TempDir(), "pruned.jsonl.gz")
	faults := make(map[string]error)
	damaged := func(path string, err error) { faults[path] = err }
	found := Find(ParseQuery("app-1"), []string{cut, pruned, good}, damaged)
	if len(found.Subjects) != 1 || found.Subjects[0].Items != 1 {
		t.Fatalf("found %v", found.Subjects)
	}
	traced := Trace(found.Subjects[0], []string{cut, pruned, good}, damaged)
	if diff := cmp.Diff([]string{"present 25-25 v1"}, told(traced.Spans)); diff != "" {
		t.Error(diff)
	}
	format := (*snapshot.FormatError)(nil)
	if len(faults) != 2 || !errors.As(faults[cut], &format) || !errors.Is(faults[pruned], fs.ErrNotExist) {
		t.Errorf("faults: %v", faults)
	}
}

// What Mentioning passes over must hold nothing of the subject, whatever its ID looks like.
func FuzzATextIsFoundInTheRecordThatHoldsIt(f *testing.F) {
	for _, text := range []string{"app-1", `a"b\c`, "\x1b[2J", "<script>&", "ÄÖÜ\u2028", "\xff", "A\x00b", " x "} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		query := ParseQuery("app:" + text)
		if strings.TrimSpace(text) == "" || query.Text == "" || query.Topic != TopicApp {
			return
		}
		item := extension("ada", "1")
		item.App.ID = inventory.Untrusted(text)
		item.Normalize()
		path := filepath.Join(dir, "scan.jsonl")
		w, err := snapshot.Create(path, snapshot.Header{RunID: "run", Started: noon})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.AddItem(&item), w.AddCoverage(&inventory.Coverage{Source: item.Source,
			Status: inventory.StatusComplete})); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(noon); err != nil {
			t.Fatal(err)
		}
		fault := func(_ string, err error) { t.Fatal(err) }
		found := Find(query, []string{path}, fault)
		if len(found.Subjects) == 0 && item.App.ID == query.Text {
			t.Fatalf("%q is not found", text)
		}
		for _, subject := range found.Subjects {
			if traced := Trace(subject, []string{path}, fault); traced.NowCount != 1 {
				t.Fatalf("%q: %d items", text, traced.NowCount)
			}
		}
	})
}

func TestEarlierScansAreCountedAndWhatTheyCouldNotReadMakesThemPartial(t *testing.T) {
	t.Parallel()
	other := extension("finance", "2.0")
	other.App.ID = "app-2"
	later, _ := write(t, "run-2", day(2), read(profileOf("finance")), unread(profileOf("support")),
		extension("finance", "1.0"), other)
	earlier, _ := write(t, "run-1", day(1), read(profileOf("finance")), read(profileOf("support")),
		extension("finance", "1.0"), extension("support", "1.0"))
	missing := filepath.Join(t.TempDir(), "gone.jsonl.gz")
	var broken []string
	got := Count([]string{later, missing, earlier}, func(path string, _ error) { broken = append(broken, path) })
	want := []Numbers{{Started: day(1), Apps: 1, Items: 2}, {Started: day(2), Apps: 2, Items: 2, Partial: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{missing}, broken); diff != "" {
		t.Error(diff)
	}
}
