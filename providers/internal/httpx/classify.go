package httpx

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer is one answer of the platform, whole.
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
	Accept Meaning = iota // hand it on, whatever its status
	Retry                 // a fault of the moment: this request waits and is sent again
	Limit                 // the platform's limit: all requests of the client wait
)

// Verdict is what a classifier says of an answer.
type Verdict struct {
	Meaning Meaning
	// Until is when to go on; zero or a time that has passed backs off. With Accept it asks all later
	// requests to wait, and this answer is handed on.
	Until  time.Time
	Reason string // "secondary rate limit"; where there may be an Until
}

// Classify is what every HTTP API means: 429 is a limit, 5xx and 408 are faults of the moment. A
// 503 may state how long that is.
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

// maxRetryAfter bounds a stated wait, so that a nonsense number cannot overflow a time.
const maxRetryAfter = 365 * 24 * time.Hour

// RetryAfter returns the moment a Retry-After header names, in seconds or as a date, which may be
// past; zero when there is none.
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
