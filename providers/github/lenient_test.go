package github

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner/inventory"
)

func TestFieldsAreReadInAnyForm(t *testing.T) {
	t.Parallel()
	type entry struct {
		ID     number  `json:"id"`
		Name   text    `json:"name"`
		At     moment  `json:"at"`
		Is     answer  `json:"is"`
		List   texts   `json:"list"`
		Levels levels  `json:"levels"`
		Owner  account `json:"owner"`
	}
	right := func(e entry) bool {
		return e.ID == 12 && e.Name == "a" && e.At.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) && e.Is.is(true) &&
			strings.Join(e.List.of, "+") == "x+y" && e.Levels.of["a"] == "read" && e.Owner.name() == "o"
	}
	nothing := func(e entry) bool {
		return e.ID == 0 && e.Name == "" && e.At.IsZero() && e.Is.value == nil && !e.List.known && !e.Levels.known &&
			e.Owner.name() == ""
	}
	tests := []struct {
		name string
		body string
		want func(entry) bool
	}{
		{"as documented", `{"id":12,"name":"a","at":"2026-01-02T03:04:05Z","is":true,"list":["x","y"],"levels":{"a":"read"},"owner":{"login":"o"}}`, right},
		{"as text", `{"id":"12","name":"a","at":"2026-01-02 03:04:05 UTC","is":"true","list":"x, y","levels":{"a":"read"},"owner":"o"}`, right},
		{"as numbers", `{"id":12.0,"name":"a","at":1767323045,"is":1,"list":["x",null,"y"],"levels":{"a":"read"},"owner":{"slug":"o"}}`, right},
		{"in milliseconds, with an offset, twice",
			`{"id":1,"id":12,"name":"a","at":1767323045000,"is":"1","list":["x","y"],"levels":{"a":"read"},"owner":{"login":"o"}}`, right},
		{"null", `{"id":null,"name":null,"at":null,"is":null,"list":null,"levels":null,"owner":null}`, nothing},
		{"of other kinds", `{"id":{},"name":[],"at":[1],"is":{},"list":{},"levels":[],"owner":[]}`, nothing},
		{"absent", `{}`, nothing},
		{"out of range", `{"id":1e99,"at":-5,"is":"perhaps"}`, nothing},
	}
	for _, test := range tests {
		var got entry
		if err := json.Unmarshal([]byte(test.body), &got, lenient); err != nil || !test.want(got) {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
	var got struct {
		Never  moment `json:"never"`
		Absent moment `json:"absent"`
	}
	if err := json.Unmarshal([]byte(`{"never":null}`), &got, lenient); err != nil || !got.Never.null || got.Absent.null {
		t.Errorf("null and absent: %+v, %v", got, err)
	}
	var strange levels
	if err := json.Unmarshal([]byte(`{"a":null,"b":["x"],"c":1}`), &strange, lenient); err != nil || strange.of["a"] != "unknown" ||
		strange.of["b"] != "unknown" || strange.of["c"] != "1" {
		t.Errorf("levels of other kinds: %v, %v", strange, err)
	}
}

func TestWhatGitHubCallsALimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for n := 0; n < len(pairs); n += 2 {
			h.Set(pairs[n], pairs[n+1])
		}
		return h
	}
	reset := "1795435260" // 12:01
	tests := []struct {
		name   string
		status int
		header http.Header
		body   string
		want   httpx.Verdict
	}{
		{"200", 200, nil, "", httpx.Verdict{}},
		{"403 that means no", 403, header("X-RateLimit-Remaining", "4999"), `{"message":"Must have admin rights"}`, httpx.Verdict{}},
		{"primary 403", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(61 * time.Second), Reason: "hourly rate limit"}},
		{"primary 429 on a clock that is an hour ahead", 429,
			header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1795438860", "Date", "Mon, 23 Nov 2026 13:00:00 GMT"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(61 * time.Second), Reason: "hourly rate limit"}},
		{"reset that is nonsense", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "soon"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(time.Minute), Reason: "hourly rate limit"}},
		{"reset in a thousand years", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "99999999999"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(2*time.Hour + time.Second), Reason: "hourly rate limit"}},
		{"audit log", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset, "X-RateLimit-Resource", "audit_log"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(61 * time.Second), Reason: "hourly limit for the audit log"}},
		{"secondary with Retry-After", 403, header("Retry-After", "30"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(30 * time.Second), Reason: "secondary rate limit"}},
		{"secondary by its message alone", 403, nil, `{"message":"You have exceeded a secondary rate limit."}`,
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(time.Minute), Reason: "secondary rate limit"}},
		{"abuse detection", 403, nil, `{"message":"You have triggered an abuse detection mechanism."}`,
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(time.Minute), Reason: "secondary rate limit"}},
		{"429 without a word", 429, nil, "", httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(time.Minute),
			Reason: "secondary rate limit"}},
		{"the last of the budget", 200, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset), "",
			httpx.Verdict{Until: now.Add(61 * time.Second), Reason: "hourly rate limit"}},
		{"502", 502, nil, "", httpx.Verdict{Meaning: httpx.Retry}},
	}
	for _, test := range tests {
		if test.header == nil {
			test.header = http.Header{}
		}
		got := classify(&httpx.Answer{Status: test.status, Header: test.header, Body: []byte(test.body), Now: now})
		if got.Meaning != test.want.Meaning || !got.Until.Equal(test.want.Until) || got.Reason != test.want.Reason {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestOnlyGitHubsOwnSingleSignOnPageIsShown(t *testing.T) {
	t.Parallel()
	s := &session{provider: &Provider{host: host{web: "https://github.com/"}}}
	for header, want := range map[string]string{
		"required; url=https://github.com/orgs/acme/sso?authorization_request=A": "https://github.com/orgs/acme/sso?authorization_request=A",
		"required; url=https://github.com.evil.example/orgs/acme/sso":            "https://github.com/settings/tokens",
		"required; url=https://github.com@evil.example/":                         "https://github.com/settings/tokens",
		"required; url=http://github.com/orgs/acme/sso":                          "https://github.com/settings/tokens",
		"required; url=javascript:alert(1)":                                      "https://github.com/settings/tokens",
		"required":                                                               "https://github.com/settings/tokens",
	} {
		if got := s.explainSSO(header, "acme"); got.page != want {
			t.Errorf("%q: page %s, want %s", header, got.page, want)
		}
	}
}

func TestTheNextPageIsFoundInTheLinkHeader(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"": "none",
		`<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=1>; rel="first"`:             "none",
		`<https://api.github.com/x?per_page=100&page=3>; rel="next", <https://api.github.com/x?page=9>; rel="last"`: "page=3",
		`<https://api.github.com/x?page=9>; rel="last", <https://api.github.com/x?filter=a,b&page=3>; rel="next"`:   "page=3",
		`<https://api.github.com/x?page=bWFyaw%3D%3D>;rel=next`:                                                     "page=bWFyaw%3D%3D",
		`<https://api.github.com/x?after=MS42%3D&before=&per_page=100>; rel="next"`:                                 "after=MS42%3D",
		`<https://evil.example/user?page=2&per_page=1&filter=all&role=x>; title="a"; rel="next"`:                    "page=2",
		`<https://api.github.com/x>; rel="next"`:                                                                    "",
		`<://>; rel="next"`:                                                                                         "",
		`<https://api.github.com/x?page=2>; rel="nextstep"`:                                                         "none",
		`<https://api.github.com/x?page=2>; rel="previous"`:                                                         "none",
		`next`: "none",
	} {
		got := "none"
		if next, found := readLinks(http.Header{"Link": {link}})["next"]; found {
			got = next.Encode()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}

func TestWider(t *testing.T) {
	t.Parallel()
	granted := map[string]string{"contents": "write", "issues": "read", "odd": "simulate"}
	wanted := map[string]string{"contents": "read", "issues": "write", "odd": "simulate", "secrets": "read", "new": "levitate"}
	got := wider(wanted, granted)
	if len(got) != 3 || got[0] != "issues:write" || got[1] != "new:levitate" || got[2] != "secrets:read" {
		t.Errorf("got %v", got)
	}
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"total_count":1,"installations":[{"id":1,"permissions":{"a":"read"},"events":["x"],"created_at":"2026-01-02T03:04:05Z"}]}`), "installations")
	f.Add([]byte(`[{"credential_id":1,"scopes":"a,b","authorized_credential_expires_at":null}]`), "")
	f.Add([]byte(`[{"id":"x","config":{"url":1}},null,[],7]`), "")
	f.Add([]byte(`{"total_count":{},"repositories":{}}`), "repositories")
	f.Fuzz(func(t *testing.T, body []byte, envelope string) {
		entries, _, err := decodePage(body, envelope)
		if err != nil {
			return
		}
		for _, entry := range entries {
			entryKey(entry)
		}
		o := &organizationScan{collector: &collector{provider: &Provider{now: time.Now, appInfo: map[string]*appInfo{}}},
			roster: &roster{}, history: &history{}}
		var faults []inventory.Untrusted
		check := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		check(each(entries, &faults, func(i *installation) error { item, _ := o.installationItem(i); item.Normalize(); return nil }))
		check(each(entries, &faults, func(c *credentialAuthorization) error { o.credentialItem(c).Normalize(); return nil }))
		check(each(entries, &faults, func(g *grant) error { g.list(); return nil }))
		check(each(entries, &faults, func(h *hook) error {
			_, err := o.hookItem(h, o.source(&specHooks))
			return err
		}))
		check(each(entries, &faults, func(a *account) error { o.isOurs(a); return nil }))
		check(each(entries, &faults, func(e *auditEvent) error { o.foreign(e, installationAction); oauthAppID(e); return nil }))
		check(each(entries, &faults, func(k *deployKey) error { keyID(string(k.Key), k.ID); return nil }))
		check(each(entries, &faults, func(k *ownGPGKey) error { return nil }))
	})
}

func FuzzRecord(f *testing.F) {
	for _, body := range []string{"null", "{}", "[]", "7", `"x"`, `{"message":"Not Found"}`, `{"id":1,"login":"acme","plan":null}`,
		`{"id":null,"slug":[],"owner":null,"permissions":[]}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []record{&ownApp{}, &installationRecord{}, &appRecord{}, &organizationRecord{}, &selfRecord{}, &agentPolicy{}} {
			if decodeObject(body, into) == nil && !into.isProven() {
				t.Errorf("%q is taken for %T", body, into)
			}
		}
	})
}

func FuzzLink(f *testing.F) {
	f.Add(`<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"`)
	f.Add(`<https://evil.example/?after=%00%FF&host=a>; rel=next`)
	f.Add(`<<>>;;rel="next"`)
	f.Fuzz(func(t *testing.T, link string) {
		for rel, place := range readLinks(http.Header{"Link": {link}}) {
			for name, values := range place {
				if !slices.Contains([]string{"page", "after", "cursor", "since"}, name) || len(values) != 1 || values[0] == "" {
					t.Errorf("%q: %s: %s=%q", link, rel, name, values)
				}
			}
		}
	})
}
