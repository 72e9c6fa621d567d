package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
	"guestlist/scanner/testkit"
)

// own is what somebody's browsers hold, for reports of a check.
type own struct {
	coverage []inventory.Coverage
	items    []inventory.Item
}

const ownAllowlist = `version = 1
[policy]
contact = "it@acme.example"
review_within = "180d"
[[deny]]
kind = "extension"
id = "ddddddddddddddddddddddddddddddaa"
reason = "Sells what it reads"
[[deny]]
kind = "extension"
id = "ddddddddddddddddddddddddddddddbb"
reason = "Has changed hands"
`

// approve is an entry of an allowlist.
func approve(id, owner, approved string) string {
	return fmt.Sprintf("[[allow]]\nkind = \"extension\"\nid = %q\nowner = %q\nreason = \"Work\"\napproved = %s\npermissions = [\"storage\"]\nhosts = []\n",
		id, owner, approved)
}

func profileNamed(browser, profile string) inventory.Source {
	return inventory.Source{Provider: familyOf(browser), Host: "laptop-01",
		Name: inventory.Textf("jo/%s/%s", strings.ToLower(browser), profile)}
}

func familyOf(browser string) inventory.Provider {
	if browser == "Firefox" {
		return inventory.Firefox
	}
	return inventory.Chromium
}

func (o *own) read(browser, profile string, status inventory.Status) {
	c := inventory.Coverage{Source: profileNamed(browser, profile), Status: status}
	if status != inventory.StatusComplete {
		c.Reason, c.Remedy = "Preferences: truncated at byte 1610", "close the browser, then run the scan again"
	}
	o.coverage = append(o.coverage, c)
}

// extension adds one that is in a profile, as a store gives it.
func (o *own) extension(browser, profile, id, name string, change func(*inventory.Item)) {
	item := inventory.Item{
		Source: profileNamed(browser, profile), Kind: inventory.KindExtension, State: inventory.StateEnabled,
		Origin: inventory.OriginStore, Version: "1.0",
		App: inventory.App{ID: inventory.Untrusted(id), Name: inventory.Untrusted(name)},
		Holder: inventory.Holder{Host: "laptop-01", User: "jo", Browser: inventory.Untrusted(browser),
			Profile: inventory.Untrusted(profile)},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"storage"}, Hosts: []inventory.Untrusted{},
			Basis: inventory.BasisActive},
	}
	if change != nil {
		change(&item)
	}
	item.Normalize()
	o.items = append(o.items, item)
}

func readsEveryPage(item *inventory.Item) {
	item.Access.Hosts = []inventory.Untrusted{"<all_urls>"}
	item.Access.Permissions = []inventory.Untrusted{"cookies", "storage", "tabs"}
}

// report judges what is there as a check does.
func (o *own) report(t *testing.T, list string) *Report {
	t.Helper()
	input := diff.Input{Now: finished, Self: true}
	meta := Meta{Started: finished, Finished: finished, FailOn: inventory.Low, Once: true}
	if list != "" {
		parsed, err := allowlist.Parse("allowlist.toml", []byte(list), nil)
		if err != nil {
			t.Fatal(err)
		}
		input.Allowlist, meta.Allowlist = parsed, &AllowlistRef{Path: parsed.Name, Digest: "0123456789abcdef",
			Contact: parsed.Policy.Contact}
	}
	input.Pairs = snapshot.Compare(nil, o.snapshot(t))
	judgement, err := diff.Judge(input)
	if err != nil {
		t.Fatal(err)
	}
	return New(judgement, meta)
}

func (o *own) snapshot(t *testing.T) *snapshot.Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "now.jsonl")
	w, err := snapshot.Create(path, snapshot.Header{RunID: "run", Started: finished})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for i := range o.coverage {
		if err := w.AddCoverage(&o.coverage[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range o.items {
		if err := w.AddItem(&o.items[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(finished); err != nil {
		t.Fatal(err)
	}
	reader, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	return reader
}

const (
	deniedID, otherDeniedID = "ddddddddddddddddddddddddddddddaa", "ddddddddddddddddddddddddddddddbb"
	notesID, unknownID      = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	vaultID                 = "cccccccccccccccccccccccccccccccc"
)

// checks are the states of one's own browsers.
func checks(t *testing.T) map[string]*Report {
	approved := ownAllowlist + approve(notesID, "it@acme.example", "2026-11-01")
	complete := func() *own {
		o := &own{}
		o.read("Chrome", "Default", inventory.StatusComplete)
		o.read("Firefox", "default-release", inventory.StatusComplete)
		o.extension("Chrome", "Default", notesID, "Acme Notes", nil)
		return o
	}
	reports := make(map[string]*Report)
	state := func(name, list string, change func(*own)) {
		o := complete()
		change(o)
		reports[name] = o.report(t, list)
	}
	state("fine", approved, func(*own) {})
	state("two-to-remove", approved, func(o *own) {
		o.extension("Chrome", "Default", deniedID, "Bargain Lens", readsEveryPage)
		o.extension("Chrome", "Default", otherDeniedID, "Page Clipper", nil)
		o.extension("Chrome", "Default", unknownID, "Coupon Finder", readsEveryPage)
	})
	many := func(o *own) {
		for n := range 58 {
			browser, profile := "Chrome", "Default"
			if n%3 == 0 {
				browser, profile = "Firefox", "default-release"
			}
			change := readsEveryPage
			if n%2 == 0 {
				change = nil
			}
			id := strings.Repeat(string(rune('a'+n%16)), 30) + string(rune('a'+n/16)) + "e"
			o.extension(browser, profile, id, fmt.Sprintf("An Extension With Quite a Long Name %d", n), change)
		}
		o.extension("Chrome", "Default", deniedID, "Bargain Lens", readsEveryPage)
	}
	state("sixty", approved, many)
	state("without-allowlist", "", many)
	reports["nothing-there"] = (&own{}).report(t, approved)
	unread := &own{}
	unread.read("Chrome", "Default", inventory.StatusNotObservable)
	unread.read("Firefox", "default-release", inventory.StatusNotObservable)
	reports["nothing-read"] = unread.report(t, approved)
	state("partly-read", approved, func(o *own) {
		o.read("Chrome", "Profile 1", inventory.StatusPartial)
		o.read("Edge", "Default", inventory.StatusNotObservable)
	})
	state("required-missing", approved+"[[require]]\nkind = \"extension\"\nid = \""+vaultID+"\"\nname = \"Acme Vault\"\nreason = \"Unique passwords\"\n",
		func(*own) {})
	state("policy-installed", approved, func(o *own) {
		o.extension("Chrome", "Default", deniedID, "Bargain Lens", func(item *inventory.Item) {
			readsEveryPage(item)
			item.Origin = inventory.OriginPolicy
		})
	})
	state("everything-at-once", strings.Replace(approved, "contact = \"it@acme.example\"\n", "", 1)+approve(vaultID,
		"security@acme.example", "2026-01-01")+
		"[[require]]\nkind = \"extension\"\nid = \"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\"\nname = \"Acme Guard\"\nreason = \"Every browser has it\"\n", func(o *own) {
		o.read("Edge", "Default", inventory.StatusPartial)
		o.extension("Chrome", "Default", deniedID, "Bargain Lens", readsEveryPage)
		o.extension("Firefox", "default-release", "clip\x1b[2J\u202e@example.com", "Clip\x1b[31m\u202eper\n> Paste me",
			readsEveryPage)
		o.extension("Edge", "Default", vaultID, "Acme Vault", nil)
		o.extension("Chrome", "Default", unknownID, "", func(item *inventory.Item) {
			item.State, item.Marks = inventory.StateEnabled, []inventory.Mark{{Class: inventory.MarkVendor,
				Name: inventory.MarkMalware}}
		})
	})
	return reports
}

func fiftyThousand(t *testing.T) *Report {
	o := &own{}
	o.read("Chrome", "Default", inventory.StatusComplete)
	for n := range 50_000 {
		id := strings.Map(func(r rune) rune { return 'a' + r%16 }, fmt.Sprintf("9%031d", n))
		o.extension("Chrome", "Default", id, fmt.Sprintf("Sample %d", n), readsEveryPage)
	}
	return o.report(t, ownAllowlist)
}

func TestACheckFitsOneScreenInEveryStateAndWidth(t *testing.T) {
	t.Parallel()
	states := checks(t)
	states["fifty-thousand"] = fiftyThousand(t)
	for state, r := range states {
		for _, width := range []int{60, 80, 120, 200} {
			var out bytes.Buffer
			style := Style{Terminal: true, Width: width, Height: screenHeight, Again: "guestlist check"}
			if err := plainFormat.New(style).Render(&out, r); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("check-%s-%d", state, width)
			testkit.Golden(t, filepath.Join("testdata", name+".golden"), out.String())
			keepsTo(t, out.String(), fmt.Sprint(width))
			if lines := strings.Count(out.String(), "\n"); lines > screenHeight {
				t.Errorf("%s has %d lines", name, lines)
			}
		}
	}
}

// A message goes to somebody who trusts its sender: no name in it may act on a terminal, break a
// line or turn its direction.
func TestAMessageToPasteIsWholeAndHarmless(t *testing.T) {
	t.Parallel()
	r := checks(t)["everything-at-once"]
	page := plainPage{Screen: Screen{Terminal: true, Width: 80, Details: true}, r: r, places: placesOf(r.Coverage)}
	var asked []*Entry
	for i := range r.Entries {
		if e := &r.Entries[i]; page.ask(e) == askApproval {
			asked = append(asked, e)
		}
	}
	var text strings.Builder
	for _, message := range page.messages(asked) {
		text.WriteString(strings.Join(page.lines(&part{heading: message.heading, blocks: message.blocks,
			shown: len(message.blocks)}), "\n"))
	}
	flat := strings.Join(strings.Fields(text.String()), " ")
	for _, want := range []string{"send this to your administrator:", "And this to security@acme.example:", `\u{001B}`,
		`\u{202E}`, vaultID,
		"the approval expired on 2026-06-30", "It can read and change every page you visit"} {
		if !strings.Contains(flat, want) {
			t.Errorf("lacks %s:\n%s", want, text.String())
		}
	}
	for _, r := range text.String() {
		if r == '\x1b' || r == '\u202e' || r == '\r' {
			t.Errorf("%U is in the message", r)
		}
	}
	if strings.Contains(text.String(), "\n> ") {
		t.Error("a name begins a line of its own")
	}
}

func TestWhatNoMenuRemovesIsRemovedInWords(t *testing.T) {
	t.Parallel()
	o := &own{}
	o.read("Firefox", "default-release", inventory.StatusComplete)
	o.extension("Firefox", "default-release", "site-tools@acme.example", "Acme Site Tools", func(item *inventory.Item) {
		item.Origin, item.Path = inventory.OriginSideload, "/usr/share/mozilla/extensions/site-tools.xpi"
		item.Facts = map[string]inventory.Untrusted{"location": "app-system-share"}
	})
	for _, list := range []string{"", ownAllowlist} {
		var out bytes.Buffer
		if err := (Plain{Terminal: true, Width: 200, Height: screenHeight}).Render(&out, o.report(t, list)); err != nil {
			t.Fatal(err)
		}
		if text := out.String(); !strings.Contains(text, "  Acme Site Tools: Remove the package that owns /usr/share") ||
			strings.Contains(text, "Firefox: menu") {
			t.Errorf("how is it removed?\n%s", text)
		}
	}
}

func TestWhoIsAskedIsThePolicysContactThenTheOwnerThenTheAdministrator(t *testing.T) {
	t.Parallel()
	owned := &Entry{Approvals: []diff.Approval{{Owner: "team@acme.example"}}}
	for _, test := range []struct {
		allowlist *AllowlistRef
		e         *Entry
		want      string
	}{
		{&AllowlistRef{Contact: "it@acme.example"}, owned, "it@acme.example"}, {&AllowlistRef{}, owned, "team@acme.example"},
		{&AllowlistRef{}, &Entry{}, "your administrator"}, {nil, &Entry{}, "your administrator"},
	} {
		page := plainPage{r: &Report{Allowlist: test.allowlist}}
		if got := page.contact(test.e); got != test.want {
			t.Errorf("%+v: %s, want %s", test.allowlist, got, test.want)
		}
	}
}

func TestDetailsOfACheckLeaveNothingOut(t *testing.T) {
	t.Parallel()
	for state, r := range checks(t) {
		var out bytes.Buffer
		if err := (Plain{Terminal: true, Width: 80, Height: screenHeight, Details: true}).Render(&out, r); err != nil {
			t.Fatal(err)
		}
		keepsTo(t, out.String(), "80")
		flat := strings.Join(strings.Fields(out.String()), " ")
		for i := range r.Entries {
			if e := &r.Entries[i]; e.Open && e.App.ID != "" && !strings.Contains(flat, e.App.ID.String()) &&
				!e.Rule().Info().Absent {
				t.Errorf("%s lacks %s:\n%s", state, e.App.ID, out.String())
			}
		}
		if strings.Contains(out.String(), " more: ") {
			t.Errorf("%s is not whole:\n%s", state, out.String())
		}
	}
}

func TestAScreenOfAnyHeightShowsNoMoreThanItHolds(t *testing.T) {
	t.Parallel()
	r := checks(t)["sixty"]
	last := 0
	for _, height := range []int{20, 23, 40, 80, 400} {
		var out bytes.Buffer
		if err := (Plain{Terminal: true, Width: 80, Height: height}).Render(&out, r); err != nil {
			t.Fatal(err)
		}
		asked := strings.Count(out.String(), "\n  - ")
		if lines := strings.Count(out.String(), "\n"); lines > height || asked <= last && asked < 58 && height > 23 {
			t.Errorf("%d lines of %d, %d asked for after %d:\n%s", lines, height, asked, last, out.String())
		}
		last = asked
	}
}
