package news

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

var monday = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

// world is a place that is scanned again and again, and a channel that hears of it.
type world struct {
	t      *testing.T
	dir    string
	now    time.Time
	list   string // the allowlist, as TOML
	filter Filter
	memory *Memory
	scope  snapshot.Scope
	lost   bool // the baseline was not replaced, as after a kill
	runs   int
}

func newWorld(t *testing.T) *world {
	return &world{t: t, dir: t.TempDir(), now: monday, memory: NewMemory(), list: "version = 1\n",
		filter: Filter{When: Changes, Remind: 7 * 24 * time.Hour, Kind: "webhook"}}
}

func profile(name inventory.Untrusted) inventory.Source {
	return inventory.Source{Provider: inventory.Chromium, Host: "laptop", Name: "ada/chromium"}.Join(name)
}

func read(name inventory.Untrusted) inventory.Coverage {
	return inventory.Coverage{Source: profile(name), Status: inventory.StatusComplete}
}

func unread(name, reason inventory.Untrusted) inventory.Coverage {
	return inventory.Coverage{Source: profile(name), Status: inventory.StatusNotObservable, Reason: reason}
}

// extension is an extension of a profile. The first letter of its name makes its ID.
func extension(in, name inventory.Untrusted, permissions ...inventory.Untrusted) inventory.Item {
	return inventory.Item{
		Source: profile(in), Kind: inventory.KindExtension, State: inventory.StateEnabled, Version: "1.0",
		App:    inventory.App{ID: inventory.Untrusted(strings.Repeat(strings.ToLower(string(name[:1])), 32)), Name: name},
		Holder: inventory.Holder{Host: "laptop", User: "ada", Browser: "Chromium", Profile: in},
		Access: inventory.Access{Permissions: permissions},
	}
}

// scan scans the world and returns what the channel is told, a line each.
func (w *world) scan(records ...any) []string { return summaryOf(w.digest(records...)) }

func (w *world) digest(records ...any) *notify.Digest {
	w.t.Helper()
	r := w.report(records...)
	d, memory := Digest(&Scan{Report: r, Scope: w.scope.Digest(), Now: w.now}, w.filter, w.memory)
	w.memory = throughDisk(w.t, memory)
	w.now = w.now.Add(time.Hour)
	return d
}

func throughDisk(t *testing.T, m *Memory) *Memory {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	next := NewMemory()
	if err := json.Unmarshal(text, next); err != nil {
		t.Fatal(err)
	}
	return next
}

// report scans as the program does: it writes a snapshot, compares with the last one, and keeps it.
func (w *world) report(records ...any) *report.Report {
	t := w.t
	t.Helper()
	store := snapshot.Store{Dir: w.dir}
	series := snapshot.Series{Scope: w.scope, Name: "test"}
	w.runs++
	run := fmt.Sprintf("run%d", w.runs)
	pending := store.Pending(w.scope, run)
	header := snapshot.Header{RunID: inventory.Untrusted(run), Started: w.now, Scope: w.scope}
	writer, err := snapshot.Create(pending, header)
	must(t, err)
	defer writer.Abort()
	for _, record := range records {
		switch record := record.(type) {
		case inventory.Coverage:
			must(t, writer.AddCoverage(&record))
		case inventory.Item:
			must(t, writer.AddItem(&record))
		}
	}
	_, err = writer.Commit(w.now)
	must(t, err)
	current, err := snapshot.Open(pending)
	must(t, err)
	defer current.Close()
	list, err := allowlist.Parse("allowlist.toml", []byte(w.list), nil)
	must(t, err)
	input := diff.Input{Allowlist: list, Now: w.now}
	meta := report.Meta{RunID: header.RunID, Started: w.now, Finished: w.now, Allowlist: &report.AllowlistRef{},
		FailOn: inventory.Low}
	var old *snapshot.Reader
	latest, known, err := store.Latest(series)
	must(t, err)
	if known {
		old, err = snapshot.Open(latest.Path)
		must(t, err)
		defer old.Close()
		input.Baseline, input.SameScope = true, true
		meta.Baseline = &report.BaselineRef{Started: old.Header().Started}
	}
	input.Pairs = snapshot.Compare(old, current)
	judgement, err := diff.Judge(input)
	must(t, err)
	r := report.New(judgement, meta)
	if w.lost {
		must(t, os.Remove(pending))
		return r
	}
	must(t, store.Keep(series, pending))
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// summaryOf is a digest in a few words a line; nil without one.
func summaryOf(d *notify.Digest) []string {
	if d == nil {
		return nil
	}
	lines := []string{string(d.Occasion) + ": " + d.Verdict[0].String()}
	for _, list := range []struct {
		name  string
		lines []notify.Line
	}{{"act", d.Act}, {"changes", d.Changes}, {"unread", d.Unread}, {"gone", d.Gone}, {"still", d.Still}} {
		for _, line := range list.lines {
			text := fmt.Sprintf("%s %s %s%s: %s", list.name, line.Urgency, line.Sign, line.Title, line.Why)
			if line.Change != "" {
				text += "; " + line.Change.String()
			}
			lines = append(lines, text)
		}
	}
	return lines
}

func (w *world) want(what string, got []string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func approve(name, more string) string {
	return fmt.Sprintf("[[allow]]\nname = %q\nkind = \"extension\"\nid = %q\nowner = \"it@acme.example\"\nreason = \"needed\"\n"+
		"approved = 2026-11-01\n%s\n", name, strings.Repeat(strings.ToLower(name[:1]), 32), more)
}

func TestWhatNeedsAPersonIsToldOnceAndAgainWhenItGetsWorseOrComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coupon := extension("Default", "Coupon Finder", "storage")
	w.want("the first report has everything", w.scan(read("Default"), coupon),
		"first: First report: 1 open: 1 low", "act low Coupon Finder: not approved")
	w.want("once", w.scan(read("Default"), coupon))
	notes := extension("Default", "Notes", "storage")
	w.want("something new", w.scan(read("Default"), coupon, notes),
		"news: 1 new, worse or back: 1 low", "act low +Notes: not approved; new in ada Chromium Default")
	w.want("once", w.scan(read("Default"), coupon, notes))
	wide := extension("Default", "Coupon Finder", "storage", "debugger")
	w.want("it gains access", w.scan(read("Default"), wide, notes), "news: 1 new, worse or back: 1 critical",
		"act critical ~Coupon Finder: not approved, controls any page; was low; gained debugger")
	w.want("once", w.scan(read("Default"), wide, notes))
	w.want("it is gone", w.scan(read("Default"), notes),
		"news: 1 no longer open", "gone critical Coupon Finder: it is gone")
	w.want("once", w.scan(read("Default"), notes))
	w.want("it comes back", w.scan(read("Default"), wide, notes), "news: 1 new, worse or back: 1 critical",
		"act critical +Coupon Finder: not approved, controls any page; it is back; new in ada Chromium Default")
	w.want("once", w.scan(read("Default"), wide, notes))
	w.list += approve("Coupon", `permissions = ["storage", "debugger"]`)
	w.want("it is approved", w.scan(read("Default"), wide, notes),
		"news: 1 no longer open", "gone critical Coupon Finder: approved")
	w.want("once", w.scan(read("Default"), wide, notes))
	w.list = "version = 1\n" + approve("Coupon", `expires = 2026-11-02`)
	w.want("its approval has expired", w.scan(read("Default"), wide, notes), "news: 1 new, worse or back: 1 medium",
		"act medium Coupon Finder: approval has expired; it is back")
	w.want("once", w.scan(read("Default"), wide, notes))
}

func TestWhatCouldNotBeReadIsNeitherGoneNorNewsWhenItIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coupon, notes := extension("Default", "Coupon Finder", "storage"), extension("Work", "Notes", "storage")
	w.scan(read("Default"), read("Work"), coupon, notes)
	w.want("a source is not read", w.scan(read("Default"), unread("Work", "truncated at byte 1610"), coupon),
		"news: 1 source could not be read", "unread medium ada/chromium/Work: truncated at byte 1610")
	w.want("for the same reason", w.scan(read("Default"), unread("Work", "truncated at byte 1700"), coupon))
	w.want("for another reason", w.scan(read("Default"), unread("Work", "permission denied"), coupon),
		"news: 1 source could not be read",
		"unread medium ada/chromium/Work: permission denied; for another reason than before")
	w.want("and read again", w.scan(read("Default"), read("Work"), coupon, notes),
		"news: 1 change", "changes info ada/chromium/Work: read again")
	w.want("nothing is left to tell", w.scan(read("Default"), read("Work"), coupon, notes))
	w.want("the profile is removed", w.scan(read("Default"), coupon), "news: 1 change",
		"changes info ~ada/chromium/Work: no longer read; no longer read: it was read in the last scan, and is not there now")
	w.want("once", w.scan(read("Default"), coupon))
}

// A scan that is killed after it wrote its messages, and before it replaced the baseline, is
// repeated by the next one.
func TestAChangeThatWasToldIsNotToldAgainByTheNextScanWithTheSameBaseline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.list += approve("Coupon", "")
	old, updated := extension("Default", "Coupon Finder"), extension("Default", "Coupon Finder")
	updated.Version = "2.0"
	w.scan(read("Default"), old)
	w.lost = true
	told := w.scan(read("Default"), updated)
	if len(told) != 2 || !strings.HasPrefix(told[1], "changes ") {
		t.Errorf("the change: %q", told)
	}
	w.lost = false
	w.want("the same baseline", w.scan(read("Default"), updated))
	w.want("back as it was", w.scan(read("Default"), old), "news: 1 change", strings.Replace(told[1], "1.0 → 2.0", "2.0 → 1.0", 1))
	w.want("and once more: another change", w.scan(read("Default"), updated), told...)
}

func TestAChannelIsRemindedOfWhatIsOpenOnceAWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coupon := extension("Default", "Coupon Finder", "storage")
	gap := unread("Work", "permission denied")
	w.scan(read("Default"), gap, coupon)
	told := map[int][]string{}
	for day := 1; day <= 15; day++ {
		// A random delay makes some days shorter.
		w.now = monday.AddDate(0, 0, day).Add(time.Duration(day%3) * -10 * time.Minute)
		if lines := w.scan(read("Default"), gap, coupon); lines != nil {
			told[day] = lines
		}
	}
	reminder := []string{"reminder: Still open: 2: 1 medium, 1 low", "unread medium ada/chromium/Work: permission denied",
		"still low Coupon Finder: not approved"}
	if diff := cmp.Diff(map[int][]string{7: reminder, 14: reminder}, told); diff != "" {
		t.Error(diff)
	}
	w.filter.Remind = 0
	w.now = w.now.AddDate(1, 0, 0)
	w.want("never", w.scan(read("Default"), gap, coupon))
}

// A channel that was told by a clock that was ahead is not silent for as long as that was.
func TestAClockThatIsSetBackEndsNoReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coupon := extension("Default", "Coupon Finder", "storage")
	reminder := []string{"reminder: Still open: 1: 1 low", "still low Coupon Finder: not approved"}
	w.now = monday.AddDate(10, 0, 0)
	w.scan(read("Default"), coupon)
	w.now = monday
	w.want("the clock is right again", w.scan(read("Default"), coupon), reminder...)
	w.now = monday.AddDate(0, 0, 1)
	w.want("the next day", w.scan(read("Default"), coupon))
	w.now = monday.AddDate(0, 0, 7)
	w.want("a week later", w.scan(read("Default"), coupon), reminder...)
	for _, now := range []time.Time{monday.AddDate(10, 0, 0), monday} {
		scan := &Scan{Failure: "the disk is full", Scope: w.scope.Digest(), Now: now}
		digest, memory := Digest(scan, w.filter, w.memory)
		if w.memory = memory; digest == nil {
			t.Errorf("at %v: a scan that failed is not told", now)
		}
	}
}

func TestAChannelHearsOfWhatItIsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coupon, wide := extension("Default", "Coupon Finder", "storage"), extension("Default", "Debug Helper", "debugger")
	w.filter.Severities = []inventory.Level{inventory.Critical, inventory.High}
	w.want("the severities it is for", w.scan(read("Default"), coupon, wide), "first: First report: 1 open: 1 critical",
		"act critical Debug Helper: not approved, controls any page")
	w.filter.Severities = append(w.filter.Severities, inventory.Low, inventory.Info)
	w.want("what a wider filter adds", w.scan(read("Default"), coupon, wide), "news: 1 new, worse or back: 1 low",
		"act low Coupon Finder: not approved")
	w.filter.Severities = []inventory.Level{inventory.Critical}
	w.want("a narrower filter is no news", w.scan(read("Default"), coupon, wide))
	narrow := extension("Default", "Debug Helper", "storage")
	w.want("what is less urgent than it is for", w.scan(read("Default"), coupon, narrow), "news: 1 no longer open",
		"gone critical Debug Helper: less urgent: low")
	w.want("and worse again", w.scan(read("Default"), coupon, wide), "news: 1 new, worse or back: 1 critical",
		"act critical ~Debug Helper: not approved, controls any page; it is back; gained debugger")
	w.filter.Providers = []inventory.Provider{inventory.GitHub}
	w.want("another provider's", w.scan(unread("Default", "permission denied")))
	w.filter.Providers = nil
	w.want("its gap is told to a channel that is for it", w.scan(unread("Default", "permission denied")),
		"news: 1 source could not be read", "unread medium ada/chromium/Default: permission denied")
}

func TestAChannelChoosesWhichScansItHearsOf(t *testing.T) {
	t.Parallel()
	coupon, notes := extension("Default", "Coupon Finder", "storage"), extension("Default", "Notes", "storage")
	for _, test := range []struct {
		when                     When
		clean, open, same, fixed bool
	}{
		{Changes, true, true, false, true},
		{Findings, false, true, false, false},
		{Always, true, true, true, true},
	} {
		w := newWorld(t)
		w.filter.When = test.when
		for _, step := range []struct {
			what    string
			want    bool
			records []any
		}{
			{"a first scan without anything", test.clean, []any{read("Default")}},
			{"something new", test.open, []any{read("Default"), coupon, notes}},
			{"nothing new", test.same, []any{read("Default"), coupon, notes}},
			{"something fixed", test.fixed, []any{read("Default"), coupon}},
			{"a scan that finds no source", true, nil},
		} {
			if got := w.scan(step.records...); (got != nil) != step.want {
				t.Errorf("%s, %s: %q", test.when, step.what, got)
			}
		}
	}
}

func TestAScanWithoutAResultIsToldAsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coupon := extension("Default", "Coupon Finder", "storage")
	w.scan(read("Default"), coupon)
	fail := func(why inventory.Untrusted) []string {
		d, memory := Digest(&Scan{Failure: why, Scope: w.scope.Digest(), Now: w.now}, w.filter, w.memory)
		w.memory = throughDisk(t, memory)
		w.now = w.now.Add(time.Hour)
		return summaryOf(d)
	}
	w.want("a failure", fail("timed out after 10 minutes"), "failed: The scan failed: nothing was checked",
		"unread high The scan: timed out after 10 minutes")
	w.want("once", fail("timed out after 11 minutes"))
	w.want("another one", fail("the disk is full"), "failed: The scan failed: nothing was checked",
		"unread high The scan: the disk is full")
	w.now = w.now.AddDate(0, 0, 7)
	w.want("again after a week", fail("the disk is full"), "failed: The scan failed: nothing was checked",
		"unread high The scan: the disk is full")
	w.want("its end", w.scan(read("Default"), coupon), "reminder: Still open: 1: 1 low",
		"changes info The scan: has a result again", "still low Coupon Finder: not approved")
	w.want("once", w.scan(read("Default"), coupon))
}

func TestALivingChannelGetsEverythingThatIsOpenWithEveryScan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.filter.Living = true
	coupon, notes := extension("Default", "Coupon Finder", "storage"), extension("Work", "Notes", "storage")
	w.scan(read("Default"), read("Work"), coupon, notes)
	w.want("nothing new", w.scan(read("Default"), read("Work"), coupon, notes), "news: Nothing new; 2 open: 2 low",
		"still low Coupon Finder: not approved", "still low Notes: not approved")
	w.want("what could not be looked at stays", w.scan(read("Default"), unread("Work", "permission denied"), coupon),
		"news: 1 source could not be read", "unread medium ada/chromium/Work: permission denied",
		"still low Coupon Finder: not approved", "still low Notes: not seen by this scan, which could not read everything")
	w.want("and is shown although it was told", w.scan(read("Default"), unread("Work", "permission denied"), coupon),
		"news: Nothing new; 3 open: 1 medium, 2 low", "still medium ada/chromium/Work: permission denied",
		"still low Coupon Finder: not approved", "still low Notes: not seen by this scan, which could not read everything")
	w.want("all is gone", w.scan(read("Default"), read("Work")), "news: 1 change; 2 no longer open",
		"changes info ada/chromium/Work: read again", "gone low Coupon Finder: it is gone", "gone low Notes: it is gone")
	d := w.digest(read("Default"), read("Work"))
	w.want("clean", summaryOf(d), "news: Nothing to act on")
	if !d.Clean {
		t.Error("the digest does not say that all is clean")
	}
}

func TestScansOfOtherPlacesMakeNothingGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := snapshot.Scope{Providers: []inventory.Provider{inventory.Chromium}},
		snapshot.Scope{Providers: []inventory.Provider{inventory.Firefox}}
	coupon := extension("Default", "Coupon Finder", "storage")
	w.scope = here
	w.scan(read("Default"), unread("Work", "permission denied"), coupon)
	w.scope = there
	other := inventory.Coverage{Source: inventory.Source{Provider: inventory.Firefox, Host: "laptop", Name: "ada/firefox/x"},
		Status: inventory.StatusComplete}
	w.want("a scan of another place", w.scan(other))
	w.scope = here
	w.want("the same again", w.scan(read("Default"), unread("Work", "permission denied"), coupon))
}

func TestAChannelWithoutMemoryOfItsOwnKindBeginsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coupon := extension("Default", "Coupon Finder", "storage")
	first := w.scan(read("Default"), coupon)
	w.memory.Sequence = 7
	w.filter.Kind = "email"
	w.want("another kind", w.scan(read("Default"), coupon), first...)
	w.memory.Forget()
	w.want("a lost message", w.scan(read("Default"), coupon), first...)
	if w.memory.Sequence != 7 {
		t.Error("the number of the last message is lost")
	}
}

func TestTheKeyOfADigestFollowsFromWhatItSays(t *testing.T) {
	t.Parallel()
	coupon := extension("Default", "Coupon Finder", "storage")
	a, b, other := newWorld(t), newWorld(t), newWorld(t)
	b.now = b.now.Add(5 * time.Minute)
	one, two := a.digest(read("Default"), coupon), b.digest(read("Default"), coupon)
	three := other.digest(read("Default"), extension("Default", "Coupon Finder", "storage", "debugger"))
	if one.Key == "" || one.Key != two.Key || one.Key == three.Key {
		t.Errorf("keys %q %q %q", one.Key, two.Key, three.Key)
	}
}

func TestAMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := NewMemory()
	for n := range maxGone + 5 {
		m.Entries[fmt.Sprint(n)] = Known{Gone: monday.Add(time.Duration(n) * time.Second)}
	}
	m.Entries["open"] = Known{Seen: monday.AddDate(-1, 0, 0)}
	m.Changes["old"] = monday.AddDate(0, 0, -91)
	m.Changes["new"] = monday
	m.trim(monday.Add(time.Hour))
	if _, oldest := m.Entries["4"]; len(m.Entries) != maxGone+1 || oldest || len(m.Changes) != 1 {
		t.Errorf("%d entries, %d changes", len(m.Entries), len(m.Changes))
	}
}
