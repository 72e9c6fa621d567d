package realbrowser_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/providers/internal/realbrowser"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/risk"
	"guestlist/scanner/testkit"
)

// The page that guestlist writes of a report, in real browsers: it does what it is for, asks nobody
// for anything, and what is foreign in it does nothing.

func TestTheReportsPageInChromium(t *testing.T) {
	binary, home := realbrowser.RequireChromium(t, os.Getenv), t.TempDir()
	browser, err := realbrowser.StartChromium(t.Context(), realbrowser.ChromiumOptions{
		Binary: binary, Home: home, UserDataDir: filepath.Join(home, "data"), Profile: "Default", Root: os.Geteuid() == 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Kill)
	page, err := browser.NewPage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tryReportPage(t, page)
}

func TestTheReportsPageInFirefox(t *testing.T) {
	home := t.TempDir()
	browser, err := realbrowser.StartFirefox(t.Context(), realbrowser.FirefoxOptions{
		Binary: realbrowser.RequireFirefox(t, os.Getenv), Home: home, Profile: filepath.Join(home, "profile"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Kill)
	tryReportPage(t, browser.Page())
}

// hostileNames are what a maker of an extension may call it, or a person a device.
var hostileNames = []inventory.Untrusted{
	`<script>window.hit = 1</script>`, `</script><script>window.hit = 1</script>`, `<!--<script>`,
	`--><img src=x onerror="window.hit = 1">`,
	`"><svg onload=window.hit=1>`, `'; window.hit = 1; '`, `javascript:window.hit=1`,
	`{{constructor.constructor('window.hit=1')()}}`,
	`</title><iframe src="http://maker.example/">`, `<b>bold</b> &amp; &lt;i&gt;`, "turned \u202egnp.exe",
	"zero\u200bwidth\u2060 join",
	"line\nends\r\u2028\u2029", "null\x00 and \x1b[31mred", "broken \xff bytes", "\u2066isolated\u2069",
	`\u003cscript\u003e`, `__proto__`, `constructor`,
	`=HYPERLINK("http://maker.example")`, `%3Cscript%3E#entry=&q=x`, `]]><x>`,
	`<math><mtext></table><mglyph><style><img src=x onerror=window.hit=1>`,
	inventory.Untrusted(strings.Repeat("unbreakable", 40)), "مرحبا شريط الأدوات", "名前の拡張機能 👍🏽",
}

var pageTime = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// reportOf is a report of findings about that many apps, of several vendors, levels and changes.
func reportOf(count int) *report.Report {
	kinds := []struct {
		provider inventory.Provider
		kind     inventory.Kind
	}{
		{inventory.Chromium, inventory.KindExtension}, {inventory.Firefox, inventory.KindExtension},
		{inventory.GoogleWorkspace, inventory.KindOAuthGrant}, {inventory.GitHub, inventory.KindInstallation},
	}
	levels := inventory.Levels()
	judgement := &diff.Judgement{Counts: diff.Counts{Items: 2 * count, Apps: count},
		Difference: diff.Difference{Counts: map[diff.ChangeKind]int{}}}
	for n := range count {
		of, level := kinds[n%len(kinds)], levels[n%len(levels)]
		f := diff.Finding{
			ID: fmt.Sprintf("finding-%d", n), Rule: diff.Unapproved, Severity: level, Provider: of.provider, Kind: of.kind,
			App: inventory.App{ID: inventory.Textf("app-%d@maker.example", n), Name: inventory.Textf("App %d", n),
				Publisher: "Maker & Sons"},
			Tier: level, Why: "no entry of the allowlist names it", HolderCount: n%7 + 1, ItemCount: n%7 + 1,
			Reasons: []risk.Reason{{Level: level, Subject: "<all_urls>", Why: "read and change every page"}},
			Approve: inventory.Textf("[[allow]]") + "\nid = \"app\"\n", Remedy: "remove it where it is",
		}
		if n < len(hostileNames) {
			f.App.Name, f.Notes = hostileNames[n], []inventory.Untrusted{hostileNames[n]}
		}
		for holder := range min(f.HolderCount, 3) {
			f.Holders = append(f.Holders, diff.Affected{
				Source: inventory.Source{Provider: of.provider, Name: "acme.example"}, Added: pageTime.AddDate(0, 0, -n%90),
				Holder: inventory.Holder{Account: inventory.Textf("person-%d-%d@acme.example", n, holder),
					Organization: "acme.example"},
				Detail: f.App.Name,
			})
		}
		if n%10 == 0 {
			f.Change = diff.New
			judgement.Difference.Counts[diff.ChangeAdded]++
			if len(judgement.Difference.List) < diff.MaxChanges {
				judgement.Difference.List = append(judgement.Difference.List, diff.Change{
					ID: "change-" + f.ID, Kind: diff.ChangeAdded, About: diff.AboutApp, Provider: f.Provider, ItemKind: f.Kind,
					App:      f.App,
					Severity: level, Holders: f.Holders, HolderCount: f.HolderCount,
				})
			}
		}
		judgement.Findings = append(judgement.Findings, f)
	}
	judgement.Coverage = []inventory.Coverage{
		{Source: inventory.Source{Provider: inventory.GitHub, Name: "acme"}, Status: inventory.StatusComplete,
			Details: hostileNames},
		{Source: inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/grants"},
			Status: inventory.StatusPartial, Read: 96, Expected: 100,
			Reason: hostileNames[0], Remedy: hostileNames[1]},
		{Source: inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/delegation"}, Unobservable: true,
			Status: inventory.StatusNotObservable, Reason: "no API lists it", Remedy: "look at the admin console"},
	}
	r := report.New(judgement, report.Meta{
		ToolVersion: "test", RunID: "run", Host: "laptop", Started: pageTime, Finished: pageTime, FailOn: inventory.Low,
		Allowlist: &report.AllowlistRef{Path: "allowlist.toml", Digest: "0123", Entries: 12},
		Baseline:  &report.BaselineRef{Path: "baseline.jsonl", RunID: "before", Started: pageTime.AddDate(0, 0, -7)},
		Trend: []report.TrendPoint{
			{Started: pageTime.AddDate(0, 0, -21), Apps: count / 2},
			{Started: pageTime.AddDate(0, 0, -14), Apps: count, Partial: true},
			{Started: pageTime.AddDate(0, 0, -7), Apps: count - count/8},
		},
	})
	for n := range r.Entries {
		e := &r.Entries[n]
		e.ApproveWith = inventory.Untrusted("guestlist allow add " + report.Argument(e.App.ID))
	}
	return r
}

// reportPage is a report's page in a browser.
type reportPage struct {
	realbrowser.WebPage
	t       *testing.T
	address string
	asked   *atomic.Int64 // requests that came to the page's server
}

// tryReportPage tries all of it. The report has more entries than one page of its table.
func tryReportPage(t *testing.T, web realbrowser.WebPage) {
	r := reportOf(230)
	p := serve(t, web, renderPage(t, r))
	for _, test := range []struct {
		name string
		try  func(*reportPage, *report.Report)
	}{
		{"it-asks-nobody-and-nothing-goes-wrong", (*reportPage).isQuiet},
		{"names-that-try-to-act-are-shown-and-do-nothing", (*reportPage).isUnmoved},
		{"filters-narrow-the-list-and-say-how-much-is-left", (*reportPage).filters},
		{"search-finds-names-people-and-permissions", (*reportPage).searches},
		{"a-heading-sorts-and-says-so", (*reportPage).sorts},
		{"the-list-has-pages", (*reportPage).turnsPages},
		{"details-open-and-close-with-the-keyboard", (*reportPage).opensDetails},
		{"charts-and-changes-lead-to-their-entries", (*reportPage).followsLinks},
		{"it-is-dark-where-the-person-prefers-that-or-says-so", (*reportPage).turnsDark},
		{"it-prints-what-the-filter-left", (*reportPage).prints},
		{"it-is-as-narrow-as-a-phone", (*reportPage).fits},
		{"without-script-it-has-the-verdict-the-changes-and-the-first-entries", (*reportPage).readsWithoutScript},
	} {
		t.Run(test.name, func(t *testing.T) {
			own := *p
			own.t = t
			own.resize(1280, 900)
			own.open("")
			test.try(&own, r)
			own.hasNoComplaint()
		})
	}
	t.Run("axe-finds-no-barrier", func(t *testing.T) { tryAxe(t, p) })
	t.Run("it-holds-50000-entries", func(t *testing.T) { tryMany(t, web) })
}

// serve has a server on loopback hand out the page, and below /unscripted the same with a policy
// that lets no script run.
func serve(t *testing.T, web realbrowser.WebPage, text string) *reportPage {
	p := &reportPage{WebPage: web, t: t, asked: new(atomic.Int64)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/unscripted" {
			w.Header().Set("Content-Security-Policy", "script-src 'none'")
		}
		w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	p.address = server.URL + "/"
	return p
}

func renderPage(t *testing.T, r *report.Report) string {
	t.Helper()
	var out bytes.Buffer
	format, known := report.FormatNamed("html")
	if !known {
		t.Fatal("there is no format html")
	}
	if err := format.New(report.Style{}).Render(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (p *reportPage) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *reportPage) open(hash string) {
	p.t.Helper()
	p.must(p.Open(p.t.Context(), p.address+hash))
}

func (p *reportPage) resize(width, height int) {
	p.t.Helper()
	p.must(p.Resize(p.t.Context(), width, height))
}

func (p *reportPage) press(keys ...realbrowser.Key) {
	p.t.Helper()
	for _, key := range keys {
		p.must(p.Press(p.t.Context(), key))
	}
}

// run runs statements in the page.
func (p *reportPage) run(body string, arguments ...any) {
	p.t.Helper()
	p.must(p.Run(p.t.Context(), body, nil, arguments...))
}

// ask returns what an expression is in a page.
func ask[T any](p *reportPage, expression string, arguments ...any) T {
	p.t.Helper()
	var value T
	p.must(p.Run(p.t.Context(), "return "+expression+";", &value, arguments...))
	return value
}

// comesTrue waits for an expression to be true.
func (p *reportPage) comesTrue(expression string, arguments ...any) {
	p.t.Helper()
	const timeout = 20 * time.Second
	p.must(realbrowser.Wait(p.t.Context(), expression, timeout, func() (bool, error) {
		var value bool
		err := p.Run(p.t.Context(), "return Boolean("+expression+");", &value, arguments...)
		return value, err
	}))
}

// column is what stands in a column of the rows, from 1.
func (p *reportPage) column(n int) []string {
	p.t.Helper()
	return ask[[]string](p, "[...document.querySelectorAll(`#rows > tr.row > :nth-child(${arguments[0]})`)].map(cell => cell.firstChild?.textContent ?? '')", n)
}

func (p *reportPage) count() string {
	return ask[string](p, "document.getElementById('count').textContent")
}

// choose sets a control as a person does.
func (p *reportPage) choose(selector, value string) {
	p.t.Helper()
	p.run(`const control = document.querySelector(arguments[0]);
		if (arguments[1]) { control.value = arguments[1]; control.dispatchEvent(new Event("input", {bubbles: true})); control.dispatchEvent(new Event("change", {bubbles: true})); }
		else control.click();`, selector, value)
}

func (p *reportPage) hasNoComplaint() {
	p.t.Helper()
	complaints, err := p.Complaints(p.t.Context())
	p.must(err)
	for _, complaint := range complaints {
		p.t.Error(complaint)
	}
}

// picture keeps what is seen with the artifacts of the run (go test -artifacts).
func (p *reportPage) picture(name string) {
	p.t.Helper()
	png, err := p.Screenshot(p.t.Context())
	p.must(err)
	p.must(os.WriteFile(filepath.Join(p.t.ArtifactDir(), name+".png"), png, 0o600))
}

func (p *reportPage) isQuiet(*report.Report) {
	before := p.asked.Load()
	p.open("")
	if asked := p.asked.Load() - before; asked != 1 {
		p.t.Errorf("opening the page asked its server %d times", asked)
	}
	if resources := ask[[]string](p, "performance.getEntriesByType('resource').map(entry => entry.name)"); len(resources) > 0 {
		p.t.Errorf("the page asked for %q", resources)
	}
	if kept := ask[int](p, "localStorage.length + sessionStorage.length + document.cookie.length"); kept > 0 {
		p.t.Error("the page keeps something in the browser")
	}
}

func (p *reportPage) isUnmoved(*report.Report) {
	p.choose("input[name=show][value=all]", "")
	p.choose("#sort", "app")
	var seen []string
	for {
		seen = append(seen, p.column(2)...)
		p.run("document.querySelectorAll('#rows .name').forEach(name => name.click());") // every detail of it
		if ask[bool](p, "document.getElementById('after').disabled") {
			break
		}
		p.choose("#after", "")
	}
	for _, name := range hostileNames {
		if !slices.Contains(seen, name.String()) {
			p.t.Errorf("%q is not shown", name.String())
		}
	}
	p.run("document.querySelectorAll('details').forEach(details => details.open = true);")
	p.run("await new Promise(resolve => setTimeout(resolve, 0));")
	if ask[bool](p, "'hit' in window") {
		p.t.Error("a name has run")
	}
	if foreign := ask[[]string](p, "[...document.querySelectorAll('script, img, iframe, style, math, b b, title')].map(element => element.localName).sort()"); !slices.Equal(foreign, []string{"script", "script", "style", "title"}) {
		p.t.Errorf("names became elements: %q", foreign)
	}
}

func (p *reportPage) filters(r *report.Report) {
	critical := 0
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Urgency == inventory.Critical && e.About == diff.AboutApp {
			critical++
		}
	}
	all := p.count()
	p.choose("#urgency input[value=critical]", "")
	p.saysCount(critical, all)
	if words := ask[[]string](p, "[...new Set([...document.querySelectorAll('#rows .level')].map(level => level.textContent))]"); !slices.Equal(words, []string{"critical"}) {
		p.t.Errorf("rows of %q are shown", words)
	}
	p.choose("#source", "GitHub")
	if sources := distinct(p.column(4)); !slices.Equal(sources, []string{"GitHub"}) {
		p.t.Errorf("rows of %q are shown", sources)
	}
	p.choose("#reset", "")
	p.choose("#kind", "OAuth app")
	if kinds := distinct(p.column(3)); !slices.Equal(kinds, []string{"OAuth app"}) {
		p.t.Errorf("rows of %q are shown", kinds)
	}
	p.choose("#reset", "")
	p.choose("#change", "added")
	if changes := distinct(p.column(7)); !slices.Equal(changes, []string{"+ new"}) {
		p.t.Errorf("rows of %q are shown", changes)
	}
	p.choose("#reset", "")
	if p.count() != all {
		p.t.Errorf("after the filters are cleared: %q, before: %q", p.count(), all)
	}
	p.choose("#urgency input[value=low]", "")
	p.picture("filtered")
}

// saysCount: the live region has the number of entries that are left, of all.
func (p *reportPage) saysCount(left int, all string) {
	p.t.Helper()
	total, _, _ := strings.Cut(all, " ")
	if got, want := p.count(), fmt.Sprintf("%d entries of %s", left, total); got != want {
		p.t.Errorf("%q, want %q", got, want)
	}
	if live := ask[string](p, "document.getElementById('count').getAttribute('role')"); live != "status" {
		p.t.Errorf("the count is %q for a screen reader", live)
	}
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func (p *reportPage) searches(*report.Report) {
	for _, test := range []struct {
		typed string
		want  []string
	}{
		{"app-101@", []string{"App 101"}},
		{"PERSON-77-0", []string{"App 77"}},
		{"person-60-1 github", nil},
		{"<svg", []string{hostileNames[4].String()}},
		{"no such thing anywhere", nil},
	} {
		p.choose("#search", test.typed)
		p.comesTrue("location.hash.includes('q=') && new URLSearchParams(location.hash.slice(1)).get('q') === arguments[0]", test.typed)
		if got := p.column(2); !slices.Equal(got, test.want) {
			p.t.Errorf("%q finds %q, want %q", test.typed, got, test.want)
		}
	}
	if text := ask[string](p, "document.getElementById('rows').textContent"); text != "No entry matches." {
		p.t.Errorf("an empty list says %q", text)
	}
	p.open("#q=app-101%40&show=all")
	if got := p.column(2); !slices.Equal(got, []string{"App 101"}) {
		p.t.Errorf("the address finds %q", got)
	}
}

func (p *reportPage) sorts(*report.Report) {
	sorted := func() string {
		return ask[string](p, "[...document.querySelectorAll('#table th[aria-sort]')].map(head => head.textContent + ' ' + head.getAttribute('aria-sort')).join()")
	}
	if got := sorted(); got != "Urgency descending" {
		p.t.Errorf("at first it is sorted by %q", got)
	}
	p.choose("th[data-sort=holders] button", "")
	if got, want := sorted(), "Where descending"; got != want {
		p.t.Errorf("sorted by %q, want %q", got, want)
	}
	if where := p.column(5)[0]; where != "7 people" {
		p.t.Errorf("the most widespread is in %q", where)
	}
	p.choose("th[data-sort=holders] button", "")
	if where := p.column(5)[0]; sorted() != "Where ascending" || where == "7 people" {
		p.t.Errorf("sorted by %q, the first is in %q", sorted(), where)
	}
	p.choose("th[data-sort=app] button", "")
	p.choose("#search", "@maker.example App")
	p.comesTrue("location.hash.includes('q=')")
	names := slices.DeleteFunc(p.column(2), func(name string) bool { return !strings.HasPrefix(name, "App ") })
	if len(names) < 50 || !slices.IsSortedFunc(names,
		func(a, b string) int { return len(a) - len(b) }) { // numbers by their value
		p.t.Errorf("sorted by name: %q", names)
	}
}

func (p *reportPage) turnsPages(r *report.Report) {
	p.choose("input[name=show][value=all]", "")
	first := p.column(2)
	p.choose("#after", "")
	second := p.column(2)
	if len(first) != 100 || len(second) != 100 || first[0] == second[0] ||
		ask[string](p, "document.getElementById('at').textContent") != "Page 2 of 3" {
		p.t.Errorf("pages of %d and %d rows", len(first), len(second))
	}
	p.choose("#before", "")
	if got := p.column(2); !slices.Equal(got, first) {
		p.t.Error("back on the first page there are other rows")
	}
}

func (p *reportPage) opensDetails(*report.Report) {
	p.choose("#search", "app-100@")
	p.comesTrue("document.querySelectorAll('#rows .name').length === 1")
	p.run("document.querySelector('th[data-sort=change] button').focus();")
	p.press(realbrowser.KeyTab, realbrowser.KeyEnter)
	p.comesTrue("document.querySelector('#rows .name[aria-expanded=true]') === document.activeElement")
	text := ask[string](p, "document.querySelector('#rows tr.more').innerText")
	for _, want := range []string{
		"app-100@maker.example", "By Maker & Sons", "No entry of the allowlist names it", "Read and change every page",
		"<all_urls>", "person-100-0@acme.example",
		"Remove it where it is", "[[allow]]", "guestlist allow add app-100@maker.example", "New for 3 people",
		"What changed since 16 Nov, 7 days",
	} {
		if !strings.Contains(text, want) {
			p.t.Errorf("the details lack %q: %s", want, text)
		}
	}
	if !ask[bool](p, "document.getElementById(document.activeElement.getAttribute('aria-controls')) === document.querySelector('#rows tr.more')") {
		p.t.Error("the name does not say what it opened")
	}
	p.run("document.getElementById('entries').scrollIntoView();")
	p.picture("details")
	p.press(realbrowser.KeyEscape)
	p.comesTrue("!document.querySelector('#rows tr.more') && document.activeElement.getAttribute('aria-expanded') === 'false'")
	p.open("")
	p.run("document.querySelector('#rows .name').focus();")
	p.press(realbrowser.KeyArrowDown, realbrowser.KeyArrowDown, realbrowser.KeyArrowUp)
	p.comesTrue("document.activeElement === document.querySelectorAll('#rows .name')[1]")
}

func (p *reportPage) followsLinks(*report.Report) {
	number := ask[string](p, "document.querySelector('.matrix tbody td a').textContent")
	p.choose(".matrix tbody td a", "")
	p.comesTrue("document.querySelector('#urgency input:checked') && document.getElementById('source').value")
	if got := p.count(); !strings.HasPrefix(got, number+" entries of ") {
		p.t.Errorf("a number %s leads to %q", number, got)
	}
	p.choose(".ranking a", "")
	p.comesTrue("document.activeElement.matches('#rows .name[aria-expanded=true]')")
	if got, want := ask[string](p, "document.activeElement.textContent"), ask[string](p,
		"document.querySelector('.ranking a').textContent"); got != want {
		p.t.Errorf("%q leads to %q", want, got)
	}
	p.run("history.back();")
	p.comesTrue("document.querySelector('#urgency input:checked')")
	p.choose("#changes li a", "")
	p.comesTrue("document.activeElement.matches('#rows .name[aria-expanded=true]')")
	p.choose(`.top a[href="#coverage"]`, "")
	p.comesTrue("document.querySelector('#rows .name[aria-expanded=true]')") // a part of the page is no other view
}

func (p *reportPage) turnsDark(*report.Report) {
	isDark := func() bool {
		return ask[bool](p, "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).every(part => part < 80)")
	}
	defer p.PreferDark(context.WithoutCancel(p.t.Context()), false)
	for _, size := range []struct {
		name          string
		width, height int
	}{{"desktop", 1280, 900}, {"phone", 390, 844}} {
		p.resize(size.width, size.height)
		for _, dark := range []bool{false, true} {
			p.must(p.PreferDark(p.t.Context(), dark))
			p.open("")
			if isDark() != dark {
				p.t.Errorf("the person prefers dark: %v, the page is dark: %v", dark, isDark())
			}
			p.lookAt(fmt.Sprintf("%s-dark-%v", size.name, dark))
		}
	}
	p.choose("#theme", "")
	if isDark() || ask[string](p, "document.getElementById('theme').textContent") != "Dark" {
		p.t.Error("the switch does not make the page light")
	}
}

// lookAt takes pictures of the parts of the page, for people.
func (p *reportPage) lookAt(name string) {
	p.picture(name + "-1-top")
	for n, part := range []string{"numbers", "entries", "apps", "coverage"} {
		p.run("document.getElementById(arguments[0]).scrollIntoView();", part)
		p.picture(fmt.Sprintf("%s-%d-%s", name, n+2, part))
	}
}

func (p *reportPage) prints(*report.Report) {
	pdf, err := p.Print(p.t.Context())
	p.must(err)
	p.must(os.WriteFile(filepath.Join(p.t.ArtifactDir(), "report.pdf"), pdf, 0o600))
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 10_000 {
		p.t.Errorf("%d bytes that begin with %.20q", len(pdf), pdf)
	}
	p.comesTrue("document.querySelectorAll('#rows > tr.row').length === 100") // as before
	p.run("dispatchEvent(new Event('beforeprint'));")
	open := ask[int](p, "parseInt(document.getElementById('count').textContent)")
	if rows := ask[int](p, "document.querySelectorAll('#rows > tr.row').length"); rows != open {
		p.t.Errorf("%d rows are printed, want %d", rows, open)
	}
	p.run("dispatchEvent(new Event('afterprint'));")
}

func (p *reportPage) fits(*report.Report) {
	for _, width := range []int{320, 390, 768, 1024, 1280} {
		p.resize(width, 844)
		p.open("")
		p.run("document.querySelectorAll('#rows .name').forEach((name, n) => n % 3 || name.click()); document.querySelectorAll('details').forEach(each => each.open = true);")
		if wide := ask[int](p, "document.documentElement.scrollWidth"); wide > width {
			who := ask[[]string](p, "[...document.querySelectorAll('main *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(each => each.localName + '.' + each.className + ' ' + each.textContent.slice(0, 40))")
			p.t.Errorf("at %d the page is %d wide: %q", width, wide, who)
		}
		if width == 390 {
			p.run("document.querySelector('#rows .name').scrollIntoView();")
			p.picture("phone-details")
		}
	}
}

func (p *reportPage) readsWithoutScript(r *report.Report) {
	p.must(p.Open(p.t.Context(), p.address+"unscripted"))
	text := ask[string](p, "document.body.innerText")
	for _, want := range []string{r.VerdictLines[0].String(), r.VerdictLines[1].String(), "23 new", "App 200",
		"allowlist.toml", "96 of 100"} {
		if !strings.Contains(text, want) {
			p.t.Errorf("the page lacks %q", want)
		}
	}
	if rows := ask[int](p, "document.querySelectorAll('#rows > tr').length"); rows < 150 || rows > 200 {
		p.t.Errorf("%d rows", rows)
	}
	if ask[bool](p, "document.getElementById('filter').checkVisibility()") {
		p.t.Error("there are controls that do nothing")
	}
	p.picture("unscripted")
	p.open("") // and forget that the script was refused, as it had to be
}

// tryAxe has axe-core look for what keeps people out: contrast, names, roles, order.
func tryAxe(t *testing.T, p *reportPage) {
	axe := testkit.ReadPackageFile(t, "axe-core", "axe.min.js")
	own := *p
	own.t = t
	for _, size := range [][2]int{{1280, 900}, {390, 844}} {
		for _, dark := range []bool{false, true} {
			own.resize(size[0], size[1])
			own.must(own.PreferDark(t.Context(), dark))
			own.open("")
			own.run("document.querySelectorAll('#rows .name').forEach((name, n) => n > 3 || name.click()); document.querySelectorAll('details').forEach(each => each.open = true);")
			own.run("document.querySelector('#urgency input').click();")
			own.run("document.querySelectorAll('#rows .name').forEach((name, n) => n > 3 || name.click());")
			for _, violation := range own.axe(axe) {
				t.Errorf("at %d, dark %v: %s", size[0], dark, violation)
			}
		}
	}
	own.must(own.PreferDark(t.Context(), false))
}

// axe returns what axe-core finds, and fails where it looked at nothing.
func (p *reportPage) axe(source string) []string {
	var result struct {
		Passes     int
		Violations []string
	}
	p.must(p.Run(p.t.Context(), source+`;
		const result = await (window.axe ?? axe).run(document, {resultTypes: ["violations"]});
		return {Passes: result.passes.length, Violations: result.violations.flatMap(each => each.nodes.slice(0, 3).map(node =>
			each.id + ": " + node.html.slice(0, 200) + " " + node.failureSummary))};`, &result))
	if result.Passes < 20 {
		p.t.Errorf("axe passed %d rules: it did not look", result.Passes)
	}
	return result.Violations
}

// tryMany opens a page of many entries, and for comparison a plain table of as many rows.
func tryMany(t *testing.T, web realbrowser.WebPage) {
	const many = 50_000
	text := renderPage(t, reportOf(many))
	page, plain := serve(t, web, text), serve(t, web, plainTable(many))
	page.resize(1280, 900)
	page.open("#show=all")
	took := page.interactive("guestlist-ready")
	if got := page.count(); got != "50,000 entries" {
		t.Errorf("the page says %q", got)
	}
	start := ask[float64](page, "performance.now()")
	page.choose("#search", "app-49999@")
	page.comesTrue("document.querySelectorAll('#rows > tr.row').length === 1")
	searched := ask[float64](page, "performance.now()") - start
	if got := page.column(2); !slices.Equal(got, []string{"App 49999"}) {
		t.Errorf("the search finds %q", got)
	}
	page.choose("#reset", "")
	sorted := ask[float64](page, `(() => { const start = performance.now(); document.querySelector("th[data-sort=app] button").click();
		document.body.offsetHeight; return performance.now() - start; })()`)
	page.hasNoComplaint()
	plain.open("")
	floor := plain.interactive("plain-ready")
	t.Logf("%d entries, %.1f MB: interactive after %.0f ms, a plain table of as many rows after %.0f ms: %.2f times; the first search took %.0f ms, sorting %.0f ms",
		many, float64(len(text))/1e6, took, floor, took/floor, searched, sorted)
}

// interactive is when a page was ready for a person, in milliseconds after it was asked for: its
// mark was set and what it then showed was laid out and painted.
func (p *reportPage) interactive(mark string) float64 {
	p.t.Helper()
	return ask[float64](p, `await (async () => {
		const [mark] = performance.getEntriesByName(arguments[0]);
		const [paint] = performance.getEntriesByType("paint").filter(each => each.name === "first-contentful-paint");
		return Math.max(mark.startTime, paint?.startTime ?? 0);
	})()`, mark)
}

func plainTable(rows int) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>table</title><body><table><tr><th>Urgency<th>App<th>Kind<th>Source<th>Where<th>Why<th>Change</tr>`)
	for n := range rows {
		fmt.Fprintf(&b, "<tr><td>high<td>App %d<td>extension<td>Chromium<td>%d people<td>not approved<td>+ new</tr>\n", n,
			n%7+1)
	}
	b.WriteString(`</table><script>document.body.offsetHeight; performance.mark("plain-ready");</script></body></html>`)
	return b.String()
}
