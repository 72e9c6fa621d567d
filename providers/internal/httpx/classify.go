package httpx

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer is one complete answer from the platform.
type Answer struct {
	Request *http.Request
	Status  int
	Header  http.Header
	Body    []byte
	Now     time.Time
	number  int64 // of the request that it answers
}

// Meaning is what an answer means for the sender.
type Meaning int

// The meanings.
const (
	Accept Meaning = iota // pass it on, whatever its status
	Retry                 // a temporary fault: this request waits and is sent again
	Limit                 // the platform's limit: all requests of the client wait
)

// Verdict is what a classifier says about an answer.
type Verdict struct {
	Meaning Meaning
	// Until is when to go on; zero or a past time means to back off. With Accept, all later
	// requests wait until then, and this answer is passed on.
	Until  time.Time
	Reason string // "secondary rate limit"; where there may be an Until
}

// Classify knows what statuses mean in every HTTP API: 429 is a limit, 5xx and 408 are temporary
// faults. A 503 may state how long it lasts.
func Classify(answer *Answer) Verdict {
	until := RetryAfter(answer.Header, answer.Now)
	switch status := answer.Status; {
	case status == http.StatusTooManyRequests:
		return Verdict{Meaning: Limit, Until: until, Reason: "rate limit"}
	case status == http.StatusServiceUnavailable:
		return Verdict{Meaning: Retry, Until: until, Reason: "pause for maintenance or load"}
	case status == http.StatusRequestTimeout, status >= 500 && status != http.StatusNotImplemented:
		return Verdict{Meaning: Retry}
	}
	return Verdict{}
}

// maxRetryAfter bounds a stated wait, so that an absurd number cannot overflow a time.
const maxRetryAfter = 365 * 24 * time.Hour

// RetryAfter returns the time that a Retry-After header gives, in seconds or as a date. It may be
// in the past, and is zero when there is no such header.
func RetryAfter(header http.Header, now time.Time) time.Time {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return time.Time{}
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return now.Add(min(time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second)))*time.Second, maxRetryAfter))
	}
	if date, err := http.ParseTime(value); err == nil {
		return date
	}
	return time.Time{}
}
