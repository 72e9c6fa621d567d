package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

var exampleTime = time.Date(2026, 11, 25, 6, 30, 0, 0, time.UTC)

// exampleDigest is what a scan says of an organization that something happened in.
func exampleDigest() *Digest {
	return &Digest{
		Occasion: News, Key: "6f1d", Tool: report.Tool{Name: "guestlist", Version: "1.2.3"}, RunID: "run-7",
		Host: "scanner.acme.example", Finished: exampleTime,
		Verdict: []inventory.Untrusted{"2 new, 1 widened.", "Read 11 of 12 sources completely."},
		Since:   "since 18 Nov, 7 days", Urgency: inventory.Critical,
		Act: []Line{
			{ID: "e1", Urgency: inventory.Critical, Provider: inventory.GoogleWorkspace, Sign: "~", Title: "Ledger Books",
				Kind: "OAuth app", Where: "2 people", Why: "more access than approved",
				Change: "it gained gmail.send", Remedy: "remove the access or approve it"},
			{ID: "e2", Urgency: inventory.High, Provider: inventory.GitHub, Sign: "+", Title: "deploy-bot",
				Kind: "GitHub App", Where: "acme", Why: "not in the allowlist", Remedy: "ask an owner to uninstall it"},
		},
		Unread: []Line{{ID: "s1", Urgency: inventory.Critical, Provider: inventory.GoogleWorkspace,
			Title: "acme.example/users", Why: "the token has expired", Remedy: "sign in again"}},
		Changes: []Line{{ID: "c1", Urgency: inventory.Low, Sign: "-", Title: "Old Notes", Kind: "extension",
			Change: "it was removed"}},
		Gone: []Line{{ID: "e0", Urgency: inventory.Critical, Title: "Free PDF", Kind: "extension", Why: "it was removed"}},
		Still: []Line{{ID: "e9", Urgency: inventory.Critical, Title: "Mail Merge", Kind: "OAuth app",
			Why: "not in the allowlist"}},
		Open:    map[inventory.Level]int{inventory.Critical: 2, inventory.High: 1},
		Contact: "it@acme.example", Command: "guestlist show",
		Page: []byte("<!doctype html><title>report</title>"), Document: []byte(`{"schema_version":"1.0"}`),
	}
}

// cleanDigest is what a scan says that found nothing.
func cleanDigest() *Digest {
	return &Digest{
		Occasion: News, Key: "c1ea", Tool: report.Tool{Name: "guestlist", Version: "1.2.3"}, RunID: "run-8",
		Host: "scanner.acme.example", Finished: exampleTime.Add(time.Hour),
		Verdict: []inventory.Untrusted{"Nothing needs you.", "Read 12 of 12 sources completely."}, Clean: true,
		Gone: []Line{{ID: "e1", Urgency: inventory.Critical, Title: "Ledger Books", Kind: "OAuth app"}},
	}
}

// hostile are names that mean something in one format or another.
var hostile = []inventory.Untrusted{
	"a\r\nBcc: victim@acme.example\r\n\r\nbody", "=?utf-8?q?Subject=3A?=", "@everyone @acme/owners #1 GH-1 acme/repo#2",
	"::error file=a::b", "<script>alert(1)</script><img src=x onerror=alert(1)>", "*bold* _it_ `code` | cell [x](http://evil.example)",
	`quote " backslash \ bracket ] end`, "\x1b[31mred\x1b[0m\x00\x07", "\u202Egnp.exe", "line\u2028separator", "\xff\xfe broken",
	"--> <!-- guestlist", "\n.\nQUIT\n", "%0d%0aX: y", "💥" + inventory.Untrusted(strings.Repeat("名", 900)),
	inventory.Untrusted(strings.Repeat("x", 4000)), "", " ", "-", "</textarea>", "${PATH} $(id) ;id|id",
}

// hugeDigest has n lines in each of its lists, with hostile texts everywhere.
func hugeDigest(n int) *Digest {
	d := exampleDigest()
	text := func(i int) inventory.Untrusted { return hostile[i%len(hostile)] }
	lines := func(prefix string) []Line {
		list := make([]Line, n)
		levels := inventory.Levels()
		for i := range list {
			list[i] = Line{ID: fmt.Sprintf("%s%d", prefix, i), Urgency: levels[len(levels)-1-(i*len(levels))/n], Sign: "+",
				Title: text(i), Kind: text(i + 1), Where: text(i + 2), Why: text(i + 3), Change: text(i + 4), Remedy: text(i + 5)}
		}
		return list
	}
	d.Act, d.Unread, d.Changes, d.Gone, d.Still = lines("a"), lines("u"), lines("c"), lines("g"), lines("s")
	d.Verdict = []inventory.Untrusted{text(n), text(n + 1)}
	d.Since, d.Contact, d.Command, d.Host, d.RunID = text(n+2), text(n+3), text(n+4), text(n+5), text(n+6)
	d.Open = map[inventory.Level]int{inventory.Critical: n}
	return d
}

// sizes are how many lines a list of a digest has in tests of limits.
var sizes = []int{0, 1, 2, 20, 21, 100, 1000, 50_000}

// secrets makes settings with the given secrets.
func secrets(values map[string]string) Settings {
	return Settings{Name: "ops", Texts: map[string]string{}, Lists: map[string][]string{}, Flags: map[string]bool{},
		Secret: func(_ context.Context, key string) (string, error) { return values[key], nil }}
}

// outside is the outside world of tests.
func outside() *Outside {
	return &Outside{Now: func() time.Time { return exampleTime }, Getenv: func(string) string { return "" },
		Transport: http.DefaultTransport}
}

// prepared makes the messages of a digest, numbered.
func prepared(t *testing.T, c Channel, d *Digest) []*Message {
	t.Helper()
	payloads, err := c.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	var messages []*Message
	for i, p := range payloads {
		messages = append(messages, &Message{ID: fmt.Sprintf("msg_%s_%d", d.Key, i), Channel: "ops", Created: d.Finished,
			Payload: p})
	}
	return messages
}

// made makes a channel of a kind.
func made(t *testing.T, kind *Kind, s Settings) Channel {
	t.Helper()
	c, err := kind.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// failureOf is the failure that an error is.
func failureOf(t *testing.T, err error) *Failure {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) {
		t.Fatalf("%v is not a failure", err)
	}
	return f
}
