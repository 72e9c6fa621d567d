package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

func renderPage(t testing.TB, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := (HTML{}).Render(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// between is what stands between two texts, the first of their kind.
func between(t testing.TB, text, begin, end string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, begin)
	inner, _, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("there is nothing between %q and %q", begin, end)
	}
	return inner
}

const dataBegins, scriptEnds = `<script type="application/json" id="data">`, `</script>`

// small is a report of a few entries of every form.
func small() *Report {
	profile := inventory.Source{Provider: inventory.Chromium, Host: "laptop"}.Join("ada").Join("chromium").Join("Default")
	at := diff.Affected{
		Source: profile, Version: "1.2", Added: finished.AddDate(0, 0, -20),
		Holder: inventory.Holder{Host: "laptop", User: "ada", Browser: "Chromium", Profile: "Default"},
	}
	clipper := inventory.App{ID: "abcdefghijklmnopabcdefghijklmnop", Name: "Clip & <b>keep</b>\u202e",
		Publisher: `"Clippers"`}
	judgement := &diff.Judgement{
		Counts: diff.Counts{Items: 3, Apps: 2},
		Findings: []diff.Finding{{
			ID: "1", Rule: diff.Unapproved, Severity: inventory.High, Change: diff.New, Provider: inventory.Chromium,
			Kind: inventory.KindExtension,
			App:  clipper, Tier: inventory.High, Why: "no entry of the allowlist names it", Holders: []diff.Affected{at},
			HolderCount: 1, ItemCount: 1,
			Approve: "[[allow]]\nname = \"Clip & <b>keep</b>\"\n", Remedy: "remove it at chrome://extensions",
		}},
		Difference: diff.Difference{
			Counts: map[diff.ChangeKind]int{diff.ChangeRemoved: 1},
			List: []diff.Change{{
				ID: "c", Kind: diff.ChangeRemoved, About: diff.AboutApp, Provider: inventory.Chromium,
				ItemKind: inventory.KindExtension,
				App:      inventory.App{ID: "ponmlkjihgfedcbaponmlkjihgfedcba", Name: "Old Notes"}, Everywhere: true,
				Holders: []diff.Affected{at}, HolderCount: 1,
			}},
		},
		Coverage: []inventory.Coverage{
			{Source: profile, Status: inventory.StatusComplete,
				Details: []inventory.Untrusted{"one extension waits for an update"}},
			{Source: inventory.Source{Provider: inventory.Firefox, Host: "laptop", Name: "ada/firefox/work"},
				Status: inventory.StatusNotObservable,
				Reason: "extensions.json is damaged: <script>alert(1)</script>", Remedy: "start the browser once"},
		},
	}
	return New(judgement, Meta{
		ToolVersion: "test", RunID: "run", Host: "laptop", Started: finished, Finished: finished.Add(time.Second),
		FailOn:    inventory.Low,
		Allowlist: &AllowlistRef{Path: "allowlist.toml", Digest: "1234", Entries: 2},
		Baseline:  &BaselineRef{Path: "baseline.jsonl", RunID: "before", Started: finished.AddDate(0, 0, -7)},
		Trend: []TrendPoint{{Started: finished.AddDate(0, 0, -14), Apps: 1, Items: 1},
			{Started: finished.AddDate(0, 0, -7), Apps: 3, Items: 3, Partial: true}},
	})
}

// What is of the page alone: its style and its script are files of their own.
func TestThePageOfASmallReport(t *testing.T) {
	t.Parallel()
	text := renderPage(t, small())
	for _, file := range []string{pageStyle, pageScript} {
		text = strings.Replace(text, file, "…", 1)
	}
	text = regexp.MustCompile(`sha256-[^']+`).ReplaceAllString(text, "sha256-…")
	testkit.Golden(t, "testdata/page.golden", text)
	const most = 20_000 // bytes
	if len(text) > most {
		t.Errorf("the page of two entries takes %d bytes without style and script, want at most %d", len(text), most)
	}
}

func TestThePagesPolicyAllowsItsStyleAndItsScriptByDigestAndNothingElse(t *testing.T) {
	t.Parallel()
	text := renderPage(t, organizations())
	digest := func(content string) string {
		sum := sha256.Sum256([]byte(content))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; base-uri 'none'; form-action 'none'",
		digest(between(t, text, "<script>", scriptEnds)), digest(between(t, text, "<style>", "</style>")))
	if got := between(t, text, `http-equiv="Content-Security-Policy" content="`, `"`); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, pattern := range []string{`<[a-z][^>]*\son[a-z]+\s*=`, `<[a-z][^>]*\sstyle\s*=`, `<[a-z][^>]*\ssrc\s*=`,
		`<(link|img|iframe|object|embed|base)\b`} {
		if found := regexp.MustCompile(pattern).FindString(markupOf(text)); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

// markupOf is the page without what is in its style, its script and its data.
func markupOf(text string) string {
	return regexp.MustCompile(`(?s)<(style|script)[^>]*>.*?</(style|script)>`).ReplaceAllString(text, "")
}

// The page's script writes foreign text as text, asks nobody and keeps nothing.
func TestThePagesScriptHasNoWayToActOnForeignText(t *testing.T) {
	t.Parallel()
	for _, word := range []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch(",
		"XMLHttpRequest", "import(", "sendBeacon",
		"WebSocket", "localStorage", "sessionStorage", "cookie", "createContextualFragment", "DOMParser", "srcdoc",
		"</script", "<!--",
	} {
		if strings.Contains(pageScript, word) {
			t.Errorf("page.js has %q", word)
		}
	}
}

// dataOf is the page's data as a browser reads it.
func dataOf(t testing.TB, text string) (data struct {
	Entries []pageEntry
	Texts   []string
	Reasons []pageReason
	Words   pageWords
}) {
	t.Helper()
	block := between(t, text, dataBegins, scriptEnds)
	if strings.ContainsAny(block, "<>&") {
		t.Errorf("a character of the data could begin markup: %.200q", block[strings.IndexAny(block, "<>&"):])
	}
	if err := json.Unmarshal([]byte(block), &data); err != nil {
		t.Fatalf("the data are no JSON: %v", err)
	}
	return data
}

func TestThePagesDataHoldEveryEntryWithItsDetails(t *testing.T) {
	t.Parallel()
	r := organizations()
	data := dataOf(t, renderPage(t, r))
	wanted := 0
	for i := range r.Entries {
		if r.Entries[i].About != diff.AboutSource {
			wanted++
		}
	}
	if len(data.Entries) != wanted {
		t.Fatalf("%d entries, want %d", len(data.Entries), wanted)
	}
	for n, entry := range data.Entries {
		if entry.Title != "Ledger Books" {
			continue
		}
		if n != 0 || entry.Level != "critical" || len(entry.Findings) != 1 ||
			len(entry.Holders) != diff.MaxSubjectHolders || entry.More != 5100-len(entry.Holders) ||
			len(entry.Access) != 2 || data.Reasons[entry.Access[0]].Subject != "https://www.googleapis.com/auth/drive.readonly" ||
			data.Texts[entry.Source] != "Google Workspace" || len(entry.Remedies) != 1 {
			t.Errorf("%+v", entry)
		}
		return
	}
	t.Error("an entry is not there")
}

func TestThePageReadWithoutScriptHasItsFirstEntriesAndSaysHowManyThereAre(t *testing.T) {
	t.Parallel()
	text := markupOf(renderPage(t, manyApps(1000)))
	if got := strings.Count(between(t, text, `<tbody id="rows">`, "</tbody>"), "<tr>"); got != firstRows {
		t.Errorf("%d rows, want %d", got, firstRows)
	}
	if !strings.Contains(text, "200 of 1,000 entries, the most urgent first.") {
		t.Error("the page does not say how many entries there are")
	}
	if text := markupOf(renderPage(t, New(&diff.Judgement{},
		Meta{Started: finished, Finished: finished}))); !strings.Contains(text, "There is no entry.") {
		t.Error("the page of an empty report does not say that it is empty")
	}
}

// manyApps is a report of that many extensions that nobody approved.
func manyApps(count int) *Report {
	judgement := &diff.Judgement{Counts: diff.Counts{Items: count, Apps: count}}
	levels := inventory.Levels()
	for n := range count {
		app := inventory.App{ID: inventory.Textf("extension-%d@maker.example", n), Name: inventory.Textf("Extension %d", n)}
		judgement.Findings = append(judgement.Findings, diff.Finding{
			ID: fmt.Sprint(n), Rule: diff.Unapproved, Severity: levels[n%len(levels)], Provider: inventory.Firefox,
			Kind: inventory.KindExtension,
			App:  app, Tier: levels[n%len(levels)], Why: "no entry of the allowlist names it", HolderCount: 1, ItemCount: 1,
			Holders: []diff.Affected{{Holder: inventory.Holder{User: inventory.Textf("person-%d", n), Browser: "Firefox",
				Profile: "work"}}},
			Remedy: "remove it at about:addons",
		})
	}
	return New(judgement, Meta{
		ToolVersion: "test", Started: finished, Finished: finished, FailOn: inventory.Low,
		Allowlist: &AllowlistRef{Path: "allowlist.toml", Entries: 1},
	})
}

func TestThePageListsFewerHoldersWhereThereAreManyEntries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ entries, want int }{{1, diff.MaxSubjectHolders}, {1000, 20},
		{50_000, leastPageHolders}} {
		if got := newPageData(test.entries).holders; got != test.want {
			t.Errorf("%d entries list %d holders each, want %d", test.entries, got, test.want)
		}
	}
}

func TestTheTrendIsDrawnOnceThereAreTwoScans(t *testing.T) {
	t.Parallel()
	r := small()
	if text := renderPage(t, r); !strings.Contains(text,
		"From 1 app on 9 Nov 2026 to 2 on 23 Nov 2026, in 3 scans; at most 3.") {
		t.Errorf("the trend is not said: %s", between(t, text, `id="trend-words">`, "</p>"))
	}
	r.Trend = nil
	if strings.Contains(markupOf(renderPage(t, r)), "Apps over time") {
		t.Error("one scan is a trend")
	}
}

// Whatever a name holds, no character of the data begins markup, and a browser reads back what
// every format shows of it.
func FuzzPageData(f *testing.F) {
	for _, seed := range []string{"éclair", "名前", "</script><script>alert(1)</script>", "<!--<script>", "]]>",
		"\u2028\u202e\x00\xff", `"\u003c/script>`, "<\x00/script", "&lt;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		r := small()
		for i := range r.Entries {
			if e := &r.Entries[i]; len(e.Findings) > 0 && isInTable(e) {
				e.Title, e.Approve = inventory.Untrusted(name), inventory.Untrusted(name)
				e.Findings[0].Why, e.Findings[0].Remedy = inventory.Untrusted(name), inventory.Untrusted(name)
			}
		}
		for i := range r.Coverage {
			r.Coverage[i].Details, r.Coverage[i].Remedy = []inventory.Untrusted{inventory.Untrusted(name)}, inventory.Untrusted(name)
		}
		text := renderPage(t, r)
		data := dataOf(t, text)
		if got, want := data.Entries[0].Title, inventory.Untrusted(name).String(); got != want {
			t.Errorf("%q is read as %q", want, got)
		}
		if !utf8.ValidString(text) {
			t.Errorf("with %q the page is no UTF-8", name)
		}
		if strings.Count(text, "<script") != 2+strings.Count(pageScript, "<script") || strings.Contains(text, "<!--") {
			t.Errorf("%q became markup", name)
		}
	})
}
