package api

import (
	"net/http"
	"testing"
	"time"

	"guestlist/providers/internal/httpx"
)

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
		{"403 that means no", 403, header("X-RateLimit-Remaining", "4999"), `{"message":"Must have admin rights"}`,
			httpx.Verdict{}},
		{"primary 403", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(61 * time.Second), Reason: "hourly rate limit"}},
		{"primary 429 on a clock that is an hour ahead", 429,
			header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1795438860", "Date", "Mon, 23 Nov 2026 13:00:00 GMT"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(61 * time.Second), Reason: "hourly rate limit"}},
		{"reset that is nonsense", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "soon"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(time.Minute), Reason: "hourly rate limit"}},
		{"reset in a thousand years", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "99999999999"), "",
			httpx.Verdict{Meaning: httpx.Limit, Until: now.Add(2*time.Hour + time.Second), Reason: "hourly rate limit"}},
		{"audit log", 403, header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset, "X-RateLimit-Resource",
			"audit_log"), "",
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
