package allowlist_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

const (
	badA = "aaaabbbbccccddddeeeeffffgggghhhh"
	badB = "hhhhggggffffeeeeddddccccbbbbaaaa"
)

func withFeed(text, more string) (string, map[string]string) {
	return "version = 1\n[[feed]]\npath = \"bad\"\n" + more, map[string]string{"bad": text}
}

// The shapes in which lists of bad extensions are published.
func TestFeedFormats(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, more, format string
		accepted, rejected       int
		date                     string
		id                       inventory.Untrusted
		at                       string
		why                      inventory.Untrusted
		severity                 inventory.Level
	}{
		{name: "one-line-of-IDs-with-commas", text: badA + "," + badB, format: "text", accepted: 2, id: badB, at: "bad:1",
			why: "the feed bad names it"},
		{name: "an-ID-a-line-with-comments", text: "# list\n" + badA + "\n\n" + badB + "  # Fake Wallet\r\n",
			format: "text", accepted: 2, id: badB, at: "bad:4",
			why: "the feed bad names it: Fake Wallet"},
		{name: "IDs-in-capitals", text: strings.ToUpper(badA), format: "text", accepted: 1, id: badA, at: "bad:1",
			why: "the feed bad names it"},
		{name: "Firefox's-IDs", text: "{d634138d-c276-4fc8-924b-40a0ea21d284}\nbad@evil.example\n", format: "text",
			accepted: 2, id: "bad@evil.example", at: "bad:2",
			why: "the feed bad names it"},
		{name: "rows-that-hold-no-ID", text: "Malicious extensions\n" + badA + "\n" + badA[:31] + "\n", format: "text",
			accepted: 1, rejected: 3, id: badA, at: "bad:2",
			why: "the feed bad names it"},
		{name: "a-table-with-a-header", text: "extension_id,name,reason,source,insert_date_fmt,blocklist,store\n" + badA + ",\"Gitlab, Dark\",Policy Violation,Store Monitoring,2026-05-01,,Chrome\n",
			format: "csv", accepted: 1, id: badA, at: "bad:2", why: "the feed bad names it: Policy Violation (2026-05-01)",
			severity: inventory.High},
		{name: "a-table-with-other-words", text: "\xEF\xBB\xBFEXTID,EXTID-NAME,DATE-DIS,CONFIRM-MAL,THREAT-TYPE\n" + badA + ",UNKNOWN,2026-05-02,2,\"spyware,data-theft\"\n" + badB[:31] + ",Cut,,,\n",
			format: "csv", accepted: 1, rejected: 1, id: badA, at: "bad:2",
			why: "the feed bad names it: spyware,data-theft (2026-05-02)", severity: inventory.Critical},
		{name: "a-table-with-semicolons-and-quotes",
			text:   "\"name\";\"browser_extension_id\";\"severity\"\n\"A; B\";\"" + badA + "\";\"high\"\n",
			format: "csv", accepted: 1, id: badA, at: "bad:2", why: "the feed bad names it", severity: inventory.High},
		{name: "a-list-of-IDs", text: "[\n  \"" + badA + "\",\n  \"" + badB + "\", 7\n]", format: "json", accepted: 2,
			rejected: 1, id: badB, at: "bad:3", why: "the feed bad names it"},
		{name: "indicators-with-a-date", text: "{\n \"generated\": \"2026-05-01T12:07:35.942Z\",\n \"total_indicators\": 1,\n \"indicators\": [\n  {\"extension_id\": \"" + badA + "\", \"name\": \"X\", \"source\": \"Store Monitoring\"}\n ]\n}",
			format: "json", accepted: 1, date: "2026-05-01", id: badA, at: "bad:5", why: "the feed bad names it"},
		{name: "extensions-below-a-meta", text: "{\"meta\": {\"generated\": \"2026-08-18T15:24:33.576705+00:00\"},\n\"extensions\": [{\"ext_id\": \"" + badA + "\", \"threat_types\": [\"adware\", \"click-fraud\"], \"still_active\": false}]}",
			format: "json", accepted: 1, date: "2026-08-18", id: badA, at: "bad:2",
			why: "the feed bad names it: adware, click-fraud", severity: inventory.High},
		{name: "an-exposure-catalog", text: `{"schema_version": "1", "entries": [
 {"id": "GL-1", "ecosystem": "npm", "package": "left-pad", "versions": ["*"]},
 {"id": "GL-2", "ecosystem": "browser-extension", "package": "` + badA + `", "versions": ["*"], "severity": "critical"}]}`,
			format: "json", accepted: 1, rejected: 1, id: badA, at: "bad:3", why: "the feed bad names it",
			severity: inventory.Critical},
		{name: "another-kind-of-ID-with-a-name-for-people", text: "19570130570-abc\n",
			more: "kind = \"oauth-grant\"\nname = \"Known bad clients\"", format: "text", accepted: 1,
			id: "19570130570-abc.apps.googleusercontent.com", at: "bad:1", why: "the feed Known bad clients names it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text, files := withFeed(test.text, test.more)
			list := mustParse(t, text, files)
			feed := list.Feeds()[0]
			if feed.Format != test.format || feed.Accepted != test.accepted || feed.Rejected != test.rejected {
				t.Errorf("%s with %d IDs and %d rejects %v, want %s with %d and %d",
					feed.Format, feed.Accepted, feed.Rejected, feed.Rejects, test.format, test.accepted, test.rejected)
			}
			if test.date == "" {
				test.date = allowlist.DateOf(feedDate).String()
			}
			if got := allowlist.DateOf(feed.Date).String(); got != test.date {
				t.Errorf("Date = %s, want %s", got, test.date)
			}
			item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: test.id}}
			if feed.Kind != "" {
				item.Kind = feed.Kind
			}
			got := list.Decide(&item, today)
			if got.Decision != allowlist.Denied || got.Feed != feed || got.Position.String() != test.at ||
				got.Why != test.why || got.Severity != test.severity {
				t.Errorf("Decide = %s at %v: %q, %q\nwant denied at %s: %q, %q", got.Decision, got.Position, got.Why,
					got.Severity, test.at, test.why, test.severity)
			}
		})
	}
}

func TestFeedsNameVersions(t *testing.T) {
	t.Parallel()
	text, files := withFeed(`[{"id": "`+badA+`", "versions": ["1.2.0", "1.3"]}]`, "")
	list := mustParse(t, text, files)
	for version, want := range map[inventory.Untrusted]allowlist.Decision{
		"1.2": allowlist.Denied, "1.3": allowlist.Denied, "1.4": allowlist.Unlisted, "": allowlist.Denied,
	} {
		item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: badA}, Version: version}
		if got := list.Decide(&item, today); got.Decision != want {
			t.Errorf("version %q is %s, want %s", version, got.Decision, want)
		}
	}
}

func TestFeedsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"empty":           {"", `the feed "bad": it contains no IDs, so it would deny nothing`},
		"only-a-heading":  {"# nothing\n", `the feed "bad": it contains no IDs, so it would deny nothing`},
		"an-HTML-page":    {"<html>\n", `the feed "bad": it contains no IDs: bad:1: "<html>" is not an ID`},
		"JSON-that-ends":  {"[\"" + badA + "\",", `the feed "bad": reading the JSON: `},
		"JSON-and-more":   {"[\"" + badA + "\"] []", `the feed "bad": reading the JSON: unexpected data after its end`},
		"not-UTF-8":       {"\xff", `the feed "bad": it is not UTF-8`},
		"hostile-heading": {"\u202e\u001b[2J", `the feed "bad": it contains no IDs: bad:1: "\\u{202E}\\u{001B}[2J" is not an ID`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, files := withFeed(test.text, "")
			_, err := allowlist.Parse("allowlist.toml", []byte(text), feeds(files))
			if err == nil || !strings.HasPrefix(err.Error(), "allowlist.toml:3: "+test.want) {
				t.Errorf("Parse = %v\nwant allowlist.toml:3: %s", err, test.want)
			}
		})
	}
	_, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n[[feed]]\npath = \"x\""), nil)
	if problems, ok := errors.AsType[*allowlist.Problems](err); !ok || len(problems.Problems) != 1 {
		t.Errorf("without a reader for feeds: %v", err)
	}
}

func TestFeedsGrowOld(t *testing.T) {
	t.Parallel()
	text, files := withFeed(badA, "max_age = \"30d\"\n")
	feed := mustParse(t, text, files).Feeds()[0]
	if feed.IsStale(feedDate.AddDate(0, 0, 30)) || !feed.IsStale(feedDate.AddDate(0, 0, 30).Add(time.Second)) {
		t.Error("a feed of 30 days is not told from an older one")
	}
}

func FuzzFeed(f *testing.F) {
	for _, seed := range []string{
		badA + "," + badB, "# x\n" + badA + " # y\n", "extension_id,name\n" + badA + ",\"a\nb\"\n",
		"id;versions\n" + badA + ";1.0\n",
		`[{"id":"` + badA + `","versions":["1","*"]},"` + badB + `",null,[[]]]`,
		`{"meta":{"generated":"2026-01-01"},"extensions":[{"ext_id":"x"}]}`,
		"{d634138d-c276-4fc8-924b-40a0ea21d284}", "\xEF\xBB\xBF[]",
		`{"entries":[{"ecosystem":"browser-extension","package":"` + badA + `"}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, files := withFeed(text, "")
		list, err := allowlist.Parse("allowlist.toml", []byte(file), feeds(files))
		if err != nil {
			problems, ok := errors.AsType[*allowlist.Problems](err)
			if !ok || len(problems.Problems) != 1 || problems.Problems[0].Position.Line != 3 {
				t.Errorf("Parse = %v", err)
			}
			return
		}
		feed := list.Feeds()[0]
		lines := strings.Count(text, "\n") + 1
		if feed.Accepted == 0 || len(feed.Rejects) > feed.Rejected {
			t.Errorf("%d accepted, %d rejected of which %d kept", feed.Accepted, feed.Rejected, len(feed.Rejects))
		}
		for _, reject := range feed.Rejects {
			if reject.Position.Line < 1 || reject.Position.Line > lines {
				t.Errorf("reject at line %d of %d", reject.Position.Line, lines)
			}
		}
		// What was accepted is denied, if it stands there by itself.
		if id := inventory.Untrusted(text); len(text) == 32 && feed.Accepted == 1 && feed.Format == "text" &&
			!strings.ContainsAny(text, " ,;#\t\n\r\"'") {
			item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: id}}
			if got := list.Decide(&item, today); got.Decision != allowlist.Denied {
				t.Errorf("%q is %s", id, got.Decision)
			}
		}
		_ = fmt.Sprint(list.Lint(today), list.Explain(badA, today))
	})
}
