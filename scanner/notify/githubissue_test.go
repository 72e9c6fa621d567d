package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify/receiver"
	"guestlist/scanner/testkit"
)

// tracker is a repository, and a channel that keeps an issue in it.
type tracker struct {
	*receiver.Repository
	receiver *receiver.Receiver
	clock    *testkit.Clock
	channel  Channel
	out      *Outside
	sent     int
}

func newTracker(t *testing.T, change func(*Settings)) *tracker {
	t.Helper()
	k := &tracker{clock: testkit.NewClock(exampleTime)}
	k.Repository = receiver.NewRepository(k.clock.Now)
	service := k.Service()
	k.receiver = receiver.New(t, service, k.clock.Now)
	k.out = &Outside{Transport: k.receiver.Transport, Now: k.clock.Now}
	s := secrets(map[string]string{"token": service.Token})
	s.Texts["repository"] = "acme/security"
	if change != nil {
		change(&s)
	}
	k.channel = made(t, githubIssueKind, s)
	return k
}

// message makes the message of a scan an hour after the last one.
func (k *tracker) message(t *testing.T, d *Digest) *Message {
	t.Helper()
	k.sent++
	d.Finished = exampleTime.Add(time.Duration(k.sent) * time.Hour)
	m := prepared(t, k.channel, d)[0]
	m.ID = fmt.Sprintf("msg_%d", k.sent)
	return m
}

func (k *tracker) deliver(t *testing.T, m *Message) {
	t.Helper()
	if err := k.channel.Deliver(t.Context(), k.out, m); err != nil {
		t.Fatal(err)
	}
	if refused := k.receiver.Refused(); len(refused) > 0 {
		t.Fatalf("GitHub refused %q", refused)
	}
}

// state is the one issue in short.
func (k *tracker) state() string {
	if len(k.Issues) != 1 {
		return fmt.Sprintf("%d issues", len(k.Issues))
	}
	i := k.Issues[0]
	return fmt.Sprintf("%s, %d edits, %d comments", i.State, i.Edits, len(i.Comments))
}

func TestOneIssueFollowsWhatIsOpen(t *testing.T) {
	t.Parallel()
	first, quiet, failed, nothing, reminder := exampleDigest(), exampleDigest(), cleanDigest(), cleanDigest(), exampleDigest()
	first.Occasion, first.Still, first.Gone, first.Changes = First, nil, nil, nil
	first.Act = append(first.Act, exampleDigest().Still...)
	quiet.Still, quiet.Act, quiet.Changes, quiet.Gone = first.Act, nil, nil, nil
	quiet.Unread = nil
	quiet.Still = append(quiet.Still, first.Unread...)
	unreadKnown := exampleDigest()
	unreadKnown.Act[0].Title = "Another App"
	unreadKnown.Unread = nil
	reminder.Occasion, reminder.Act, reminder.Still = Reminder, nil, quiet.Still
	failed.Occasion, failed.Clean, failed.Gone, failed.Finished = Failed, false, nil, exampleTime
	failed.Unread = []Line{{ID: "scan x", Urgency: inventory.High, Title: "The scan", Why: "no space left on the disk"}}
	nothing.Clean, nothing.Gone = false, nil
	k := newTracker(t, func(s *Settings) {
		s.Lists["labels"], s.Lists["assignees"] = []string{"guestlist", "security"}, []string{"octocat"}
	})
	for i, step := range []struct {
		digest *Digest
		want   string
	}{
		{cleanDigest(), "0 issues"},
		{nothing, "0 issues"},
		{first, "open, 0 edits, 0 comments"},
		{unreadKnown, "open, 1 edits, 1 comments"},
		{reminder, "open, 2 edits, 2 comments"},
		{failed, "open, 2 edits, 3 comments"},
		{nothing, "open, 3 edits, 3 comments"},
		{cleanDigest(), "closed, 4 edits, 4 comments"},
		{cleanDigest(), "closed, 4 edits, 5 comments"},
		{nothing, "closed, 4 edits, 5 comments"},
		{failed, "open, 5 edits, 6 comments"},
		{exampleDigest(), "open, 6 edits, 7 comments"},
	} {
		m := k.message(t, step.digest)
		for range 2 { // as after a crash
			k.deliver(t, m)
			if got := k.state(); got != step.want {
				t.Errorf("step %d: %s, want %s", i, got, step.want)
			}
		}
	}
	if diff := cmp.Diff([]receiver.Label{{Name: "guestlist"}, {Name: "security"}}, k.Issues[0].Labels); diff != "" {
		t.Error(diff)
	}
	text := strings.ReplaceAll(k.Issues[0].Body, "\r\n", "\n") + "\n-- the last comment\n" + k.Issues[0].Comments[6].Body
	testkit.Golden(t, "testdata/github-issue.md", text)
}

func TestATestIsACommentOrAnIssueThatIsClosedAtOnce(t *testing.T) {
	t.Parallel()
	test := &Digest{Occasion: Test, Verdict: []inventory.Untrusted{"This is a test of guestlist", "The channel works."}}
	k := newTracker(t, nil)
	m := k.message(t, test)
	k.deliver(t, m)
	if got := k.state(); got != "closed, 1 edits, 1 comments" {
		t.Error(got)
	}
	k.deliver(t, k.message(t, exampleDigest()))
	body := k.Issues[0].Body
	k.deliver(t, k.message(t, test))
	if got := k.state(); got != "open, 2 edits, 3 comments" || k.Issues[0].Body != body {
		t.Error(got)
	}
}

func TestAScanWithoutNewsChangesNothing(t *testing.T) {
	t.Parallel()
	k := newTracker(t, nil)
	k.deliver(t, k.message(t, exampleDigest()))
	before := k.state()
	quiet := exampleDigest()
	quiet.Still, quiet.Act, quiet.Changes, quiet.Gone = append(quiet.Act, quiet.Still...), nil, nil, nil
	quiet.Verdict[0] = "Nothing is new."
	quiet.Unread = exampleDigest().Unread
	m := k.message(t, quiet)
	m.About[aboutComment] = ""
	k.deliver(t, m)
	if after := k.state(); after != before {
		t.Errorf("%s became %s", before, after)
	}
}

func TestAnOlderMessageDoesNotReplaceANewerText(t *testing.T) {
	t.Parallel()
	k := newTracker(t, nil)
	older, newer := k.message(t, cleanDigest()), k.message(t, exampleDigest())
	k.deliver(t, newer)
	k.deliver(t, older)
	if got := k.state(); got != "open, 0 edits, 2 comments" {
		t.Error(got)
	}
}

func TestSomebodyElsesIssueIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	stranger := func(change func(*receiver.Issue)) *receiver.Issue {
		i := &receiver.Issue{Number: 1, State: "open", Association: "NONE", User: map[string]string{"type": "User"},
			Body: "<!-- guestlist: channel ops, scan 2026-11-01T00:00:00Z -->\nmine"}
		change(i)
		return i
	}
	for name, test := range map[string]struct {
		change func(*receiver.Issue)
		want   int
	}{
		"a-stranger":        {func(*receiver.Issue) {}, 2},
		"another-channel":   {func(i *receiver.Issue) { i.Association, i.Body = "OWNER", strings.Replace(i.Body, "ops", "dev", 1) }, 2},
		"a-pull-request":    {func(i *receiver.Issue) { i.Association, i.PullRequest = "OWNER", map[string]string{"url": "x"} }, 2},
		"quoted":            {func(i *receiver.Issue) { i.Association, i.Body = "OWNER", "> "+i.Body }, 2},
		"an-owner":          {func(i *receiver.Issue) { i.Association = "OWNER" }, 1},
		"with-our-label":    {func(i *receiver.Issue) { i.Labels = []receiver.Label{{Name: "guestlist"}} }, 1},
		"with-another":      {func(i *receiver.Issue) { i.Labels = []receiver.Label{{Name: "bug"}} }, 2},
		"written-by-an-app": {func(i *receiver.Issue) { i.User["type"] = "Bot" }, 1},
	} {
		k := newTracker(t, func(s *Settings) { s.Lists["labels"] = []string{"guestlist"} })
		k.Issues = []*receiver.Issue{stranger(test.change)}
		k.deliver(t, k.message(t, exampleDigest()))
		if len(k.Issues) != test.want {
			t.Errorf("%s: %d issues", name, len(k.Issues))
		}
		if untouched := k.Issues[0].Edits == 0 && len(k.Issues[0].Comments) == 0; untouched != (test.want == 2) {
			t.Errorf("%s: the issue was touched: %v", name, !untouched)
		}
	}
}

func TestAnIssueIsFoundAmongManyAndWithoutItsLabel(t *testing.T) {
	t.Parallel()
	k := newTracker(t, func(s *Settings) { s.Lists["labels"] = []string{"guestlist"} })
	k.DropsLabels = true
	k.deliver(t, k.message(t, exampleDigest()))
	for n := range 300 {
		k.Issues = append(k.Issues, &receiver.Issue{Number: n + 2, State: "open", User: map[string]string{}})
	}
	k.deliver(t, k.message(t, exampleDigest()))
	if len(k.Issues) != 301 || len(k.Issues[0].Comments) != 2 {
		t.Errorf("%d issues, %d comments", len(k.Issues), len(k.Issues[0].Comments))
	}
	for n := range 120 {
		k.Issues[0].Comments = append([]receiver.Comment{{Body: fmt.Sprint(n), UpdatedAt: k.clock.Now()}}, k.Issues[0].Comments...)
	}
	m := k.message(t, exampleDigest())
	m.Created = k.clock.Now()
	k.deliver(t, m)
	k.deliver(t, m)
	if got := len(k.Issues[0].Comments); got != 123 {
		t.Errorf("%d comments", got)
	}
}

// Whatever goes wrong with one request, sending the message again leaves one issue and one comment.
func TestEveryFaultOfEachRequestOfAnIssueIsSurvived(t *testing.T) {
	t.Parallel()
	requests := []string{"list", "create", "comments", "comment"}
	for position, name := range requests {
		for _, fault := range receiver.Faults {
			if fault.IsLie() && name != "list" {
				continue // a proxy answers all requests alike
			}
			t.Run(name+"/"+fault.Name, func(t *testing.T) {
				t.Parallel()
				if fault.IsSilence() {
					synctest.Test(t, func(t *testing.T) {
						k := issueInABubble(t)
						f := failureOf(t, k.channel.Deliver(t.Context(), &Outside{Transport: fault.Sent(nil), Now: k.clock.Now}, k.message(t, exampleDigest())))
						if !f.Temporary {
							t.Errorf("%+v", *f)
						}
					})
					return
				}
				k := newTracker(t, nil)
				m := k.message(t, exampleDigest())
				out := *k.out
				out.Transport = &nth{n: position, usual: k.receiver.Transport, then: func() http.RoundTripper { return fault.Sent(k.receiver) }}
				err := k.channel.Deliver(t.Context(), &out, m)
				asks := name == "list" || name == "comments" // Go asks again by itself if a connection ends
				if err == nil && !fault.Enough && !(asks && strings.HasPrefix(fault.Name, "cut-")) {
					t.Fatal("it was delivered")
				}
				if err != nil {
					checkIssueFault(t, failureOf(t, err), fault, k.receiver.Token)
				}
				if err := k.channel.Deliver(t.Context(), k.out, m); err != nil {
					t.Fatalf("another attempt: %v", err)
				}
				if got := k.state(); got != "open, 0 edits, 1 comments" {
					t.Error(got)
				}
			})
		}
	}
}

// issueInABubble makes a channel where there is no network.
func issueInABubble(t *testing.T) *tracker {
	t.Helper()
	s := secrets(map[string]string{"token": "token"})
	s.Texts["repository"] = "acme/security"
	return &tracker{channel: made(t, githubIssueKind, s), clock: testkit.NewClock(exampleTime)}
}

func checkIssueFault(t *testing.T, f *Failure, fault receiver.Fault, token string) {
	t.Helper()
	if f.Temporary != fault.Temporary {
		t.Errorf("temporary %v: %v", f.Temporary, f)
	}
	if f.Status != fault.Status && !fault.Enough && fault.Wait == 0 {
		t.Errorf("the status is %d, want %d", f.Status, fault.Status)
	}
	if fault.Wait > 0 && f.After.Before(exampleTime.Add(fault.Wait)) {
		t.Errorf("the next attempt may be at %v", f.After)
	}
	if strings.Contains(f.Error(), token) {
		t.Errorf("the token is in %q", f.Error())
	}
}

// nth leads all requests but one to their usual place.
type nth struct {
	n     int
	usual http.RoundTripper
	then  func() http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (p *nth) RoundTrip(r *http.Request) (*http.Response, error) {
	p.n--
	if p.n == -1 {
		return p.then().RoundTrip(r)
	}
	return p.usual.RoundTrip(r)
}

func TestWhatGitHubForbidsForAWhileIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header map[string]string
		want   Failure
	}{
		"secondary": {map[string]string{"Retry-After": "60"}, Failure{Temporary: true, After: exampleTime.Add(time.Minute)}},
		"primary": {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(exampleTime.Unix() + 600)},
			Failure{Temporary: true, After: exampleTime.Add(10 * time.Minute)}},
		"far-away": {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9223372036854775807"},
			Failure{Temporary: true, After: exampleTime.Add(MaxRetryAfter)}},
		"lasting": {map[string]string{"X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "9999999999"},
			Failure{Detail: "the token needs Issues: read and write, and the repository must not be archived: Resource not accessible"}},
	} {
		out := &Outside{Now: func() time.Time { return exampleTime }, Transport: answering{http.StatusForbidden, test.header,
			`{"message":"Resource not accessible"}`}}
		f := failureOf(t, issueInABubble(t).channel.Deliver(t.Context(), out, newTracker(t, nil).message(t, exampleDigest())))
		test.want.Host, test.want.Status = "api.github.com", http.StatusForbidden
		if test.want.Detail == "" {
			test.want.Detail = f.Detail
		}
		if *f != test.want {
			t.Errorf("%s: %+v", name, *f)
		}
	}
}

// answering is a service that always answers the same.
type answering struct {
	status int
	header map[string]string
	body   string
}

// RoundTrip implements [http.RoundTripper].
func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{}
	for name, value := range a.header {
		header.Set(name, value)
	}
	return &http.Response{StatusCode: a.status, Header: header, Request: r,
		Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

func TestAnIssueOfAnySizeFitsAndNoNameActsInIt(t *testing.T) {
	t.Parallel()
	reader := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	for _, n := range []int{0, 1, 25, 1000, 50_000} {
		k := newTracker(t, nil)
		d := hugeDigest(n)
		d.Occasion = Reminder
		m := k.message(t, d)
		k.deliver(t, m)
		for _, text := range []string{string(m.Body), m.About[aboutComment]} {
			text = marked.ReplaceAllString(text, "")
			var page bytes.Buffer
			if err := reader.Convert([]byte(text), &page); err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"<a ", "<script", "<img", "<!--", "<h1", "<table"} {
				if strings.Contains(page.String(), bad) {
					t.Errorf("%d lines: the text has %s", n, bad)
				}
			}
			for piece := range strings.SplitSeq(page.String(), "<code>") {
				_, outside, _ := strings.Cut(piece, "</code>")
				if strings.Contains(outside, "@") || strings.Contains(outside, "#1") {
					t.Errorf("%d lines: %q mentions somebody or something", n, outside)
				}
			}
		}
		countsAll(t, string(m.Body), "- ", 3*n)
	}
}

func TestAnIssueIsCheckedWithoutChangingAnything(t *testing.T) {
	t.Parallel()
	k := newTracker(t, nil)
	if err := k.channel.Check(t.Context(), k.out); err != nil {
		t.Error(err)
	}
	k.NoIssues = true
	if err := k.channel.Check(t.Context(), k.out); err == nil || !strings.Contains(err.Error(), "takes no issues") {
		t.Errorf("issues are off: %v", err)
	}
	if f := failureOf(t, k.channel.Deliver(t.Context(), k.out, k.message(t, exampleDigest()))); f.Temporary ||
		!strings.Contains(f.Detail.String(), "issues are turned off") {
		t.Errorf("%+v", *f)
	}
	elsewhere := newTracker(t, func(s *Settings) { s.Texts["repository"] = "acme/other" })
	if f := failureOf(t, elsewhere.channel.Check(t.Context(), elsewhere.out)); !strings.Contains(f.Detail.String(), "no such repository") {
		t.Errorf("%+v", *f)
	}
	if len(k.receiver.Taken()) != 0 {
		t.Error("the check changed something")
	}
}

func TestSettingsOfAnIssueSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, texts := range []map[string]string{{}, {"repository": "acme"}, {"repository": "acme/a/b"}, {"repository": "acme/.."},
		{"repository": "acme/x?y"}, {"repository": "acme/x", "url": "github.acme.example"},
		{"repository": "acme/x", "url": "https://token@github.acme.example"}} {
		if _, err := newGitHubIssue(Settings{Texts: texts}); err == nil {
			t.Errorf("%v: no error", texts)
		}
	}
}

// What is sent and read is compared with GitHub's own description of its API.
func TestRequestsFollowGitHubsDescription(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(testkit.PackageDir(t, "@octokit/openapi"), "generated", "api.github.com.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("https://schema.invalid/github", document); err != nil {
		t.Fatal(err)
	}
	k := newTracker(t, func(s *Settings) {
		s.Lists["labels"], s.Lists["assignees"] = []string{"guestlist"}, []string{"octocat"}
	})
	for _, d := range []*Digest{exampleDigest(), cleanDigest()} {
		k.deliver(t, k.message(t, d))
	}
	for _, r := range k.receiver.Taken() {
		path := strings.NewReplacer("/repos/acme/security", "/repos/{owner}/{repo}", "/issues/1", "/issues/{issue_number}").Replace(r.URL.Path)
		pointer := fmt.Sprintf("https://schema.invalid/github#/paths/%s/%s/requestBody/content/application~1json/schema",
			strings.NewReplacer("/", "~1", "{", "%7B", "}", "%7D").Replace(path), strings.ToLower(r.Method))
		compiled, err := compiler.Compile(pointer)
		if err != nil {
			t.Fatal(err)
		}
		var body any
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(body); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
	}
	if len(k.receiver.Taken()) != 4 {
		t.Errorf("%d requests were compared", len(k.receiver.Taken()))
	}
}

func FuzzAnIssueOfAnybody(f *testing.F) {
	f.Add("<!-- guestlist: channel ops, scan 2026-11-25T06:30:00Z -->\r\ntext")
	f.Add("<!-- guestlist: channel ops, scan tomorrow -->\n")
	f.Fuzz(func(t *testing.T, body string) {
		there := splitMarker(body)
		if len(there.text) > len(body) {
			t.Errorf("%q became %q", body, there.text)
		}
		if again := splitMarker("<!-- guestlist: channel ops, scan 2026-11-25T06:30:00Z -->\n" + body); again.text != strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n")) {
			t.Errorf("%q became %q", body, again.text)
		}
	})
}
