package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"guestlist/providers/github/lenient"
	"guestlist/providers/internal/httpx"
)

// secondaryPause is how long to wait after a secondary limit that gives no time: GitHub says "at
// least one minute".
const secondaryPause = time.Minute

// classify distinguishes GitHub's limits, which come as 403 or 429, from a 403 that means "no".
func classify(answer *httpx.Answer) httpx.Verdict {
	isLimit := answer.Status == http.StatusForbidden || answer.Status == http.StatusTooManyRequests
	spent := answer.Header.Get("X-RateLimit-Remaining") == "0"
	after := httpx.RetryAfter(answer.Header, answer.Now)
	switch {
	case isLimit && !after.IsZero():
		return httpx.Verdict{Meaning: httpx.Limit, Until: after, Reason: "secondary rate limit"}
	case isLimit && spent:
		return httpx.Verdict{Meaning: httpx.Limit, Until: resetTime(answer), Reason: primaryName(answer)}
	case isLimit && (answer.Status == http.StatusTooManyRequests || saysSecondary(answer.Body)):
		return httpx.Verdict{Meaning: httpx.Limit, Until: answer.Now.Add(secondaryPause),
			Reason: "secondary rate limit"}
	case spent && answer.Status < http.StatusBadRequest && answer.Status != http.StatusNotModified:
		// The last request of the budget was served: the next ones wait here instead of being
		// refused there.
		return httpx.Verdict{Until: resetTime(answer), Reason: primaryName(answer)}
	}
	return httpx.Classify(answer)
}

func primaryName(answer *httpx.Answer) string {
	if answer.Header.Get("X-RateLimit-Resource") == "audit_log" {
		return "hourly limit for the audit log"
	}
	return "hourly rate limit"
}

// maxReset bounds how far ahead a reported reset may be: the budgets are hourly.
const maxReset = 2 * time.Hour

// resetTime returns when a budget is renewed, by our clock: the header uses GitHub's, which the
// Date header shows.
func resetTime(answer *httpx.Answer) time.Time {
	seconds, err := strconv.ParseInt(answer.Header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return answer.Now.Add(secondaryPause)
	}
	theirs := answer.Now
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		theirs = date
	}
	wait := min(max(time.Unix(seconds, 0).Sub(theirs), 0), maxReset)
	return answer.Now.Add(wait + time.Second)
}

// saysSecondary looks for the words that GitHub uses for a secondary limit without any header.
func saysSecondary(body []byte) bool {
	var said struct {
		Message lenient.Text `json:"message"`
		Page    lenient.Text `json:"documentation_url"`
	}
	if lenient.Unmarshal(body, &said) != nil {
		return false
	}
	message := strings.ToLower(string(said.Message))
	return strings.Contains(message, "secondary rate limit") || strings.Contains(message, "abuse detection") ||
		strings.HasSuffix(string(said.Page), "secondary-rate-limits")
}
