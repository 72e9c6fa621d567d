package notify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"guestlist/scanner/inventory"
)

const (
	attemptTime    = 30 * time.Second // for one request
	maxAnswerBytes = 64 << 10
	maxDetailBytes = 300
	minSecretBytes = 8 // a shorter part of a URL is a word and no secret
	minSecretValue = 6 // the same for a value of its query
)

// MaxRetryAfter is the most that a receiver can ask for before the next attempt.
const MaxRetryAfter = 7 * 24 * time.Hour

// request is one HTTP request of a channel.
type request struct {
	method string // POST if empty
	url    string // may be a secret
	header http.Header
	body   []byte
	// mask are further secrets that the answer might repeat.
	mask []string
	// most is what is read of the answer, in bytes; 0: maxAnswerBytes.
	most int64
	// refusal reads what the service says when it refuses: why, in a word or a sentence of its own, and
	// how long to wait, beside the usual header. nil: the whole body is why.
	refusal func(body []byte) (why string, wait time.Duration)
	// meanings are words of the service for a failure about which people can do something.
	meanings []meaning
}

// meaning is what a service's word for a failure means, and what to do.
type meaning struct{ word, means string }

// answer is what came back.
type answer struct {
	host   string
	status int
	header http.Header
	body   []byte // nil if it did not come whole
	// said is the body for people: short and without secrets.
	said inventory.Untrusted
}

// failure is that of a request which was answered like a success and is none.
func (a *answer) failure(detail inventory.Untrusted) *Failure {
	return &Failure{Host: a.host, Status: a.status, Detail: detail, Temporary: true}
}

// unlike is the failure that a success is not said in the service's own form: something in between,
// such as a proxy that wants a sign-in, may have answered in its place.
func (a *answer) unlike() *Failure {
	return a.failure(inventory.Textf("something else answered in place of the service: %s", a.said))
}

// do sends a request and returns the answer if it is a 2xx, otherwise a *[Failure]. It follows no
// redirect, and speaks plain http to this machine only.
func (out *Outside) do(ctx context.Context, r request) (*answer, error) {
	target, err := targetOf(r.url)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	secrets := append(secretsOf(target), r.mask...)
	var sent atomic.Bool // some of it: what happens afterwards leaves in doubt whether it was taken
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	method := r.method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return nil, errors.New("the URL is not valid")
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", "guestlist")
	client := http.Client{Transport: out.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(req)
	if err != nil {
		return nil, failedRequest(target.Host, err, secrets, sent.Load())
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, cmp.Or(r.most, maxAnswerBytes)))
	switch {
	case response.StatusCode/100 == 2 && err != nil: // it was taken: only its words are lost
		body = nil
	case response.StatusCode/100 != 2:
		return nil, out.refused(r, target.Host, response, body, secrets)
	}
	return &answer{target.Host, response.StatusCode, response.Header, body, masked(readable(body), secrets)}, nil
}

// targetOf reads a URL that requests may go to. Errors name its host alone: the rest is a secret.
func targetOf(address string) (*url.URL, error) {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return nil, errors.New("the URL is not valid") // which must not be shown
	}
	if target.Scheme != "https" && !(target.Scheme == "http" && isLoopback(target.Hostname())) {
		return nil, &Failure{Host: target.Host, Detail: "the URL must begin with https://"}
	}
	return target, nil
}

// failedRequest is the failure of a request that has no answer.
func failedRequest(host string, err error, secrets []string, sent bool) *Failure {
	var inner *url.Error
	if errors.As(err, &inner) { // it names the whole URL
		err = inner.Err
	}
	detail := err.Error()
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		detail = noAnswer
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		detail = closedEarly
	}
	return &Failure{Host: host, Detail: masked(detail, secrets), Temporary: true, Unsure: sent}
}

// refused is the failure that an answer means.
func (out *Outside) refused(r request, host string, response *http.Response, body []byte, secrets []string) *Failure {
	why, wait := "", time.Duration(0)
	if r.refusal != nil {
		why, wait = r.refusal(body)
	}
	if why == "" {
		why = readable(body)
	}
	f := &Failure{Host: host, Status: response.StatusCode, Detail: explained(masked(why, secrets), r.meanings)}
	switch code := response.StatusCode; {
	case code/100 == 3:
		f.Detail = "it redirects elsewhere, which is not followed"
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500, isLimit(response):
		f.Temporary = true
		f.After = retryAfter(response.Header, out.Now())
		if after := out.Now().Add(min(wait, MaxRetryAfter)); wait > 0 && after.After(f.After) {
			f.After = after
		}
		f.Unsure = code == http.StatusBadGateway || code == http.StatusGatewayTimeout // what is behind it may have taken it
	}
	return f
}

// isLimit reports whether a service forbids a request only because there were too many: GitHub
// answers 403 for that.
func isLimit(response *http.Response) bool {
	return response.StatusCode == http.StatusForbidden &&
		(response.Header.Get("Retry-After") != "" || response.Header.Get("X-Ratelimit-Remaining") == "0")
}

// messageOf reads an answer in JSON that says in message, and perhaps in errors, why it refuses.
func messageOf(body []byte) (why string, wait time.Duration) {
	var said struct {
		Message string `json:"message"`
		Errors  any    `json:"errors"`
	}
	if json.Unmarshal(body, &said) != nil || said.Message == "" {
		return "", 0
	}
	if said.Errors == nil {
		return said.Message, 0
	}
	return fmt.Sprintf("%s: %v", said.Message, said.Errors), 0
}

// explained adds to a service's word what it means.
func explained(detail inventory.Untrusted, meanings []meaning) inventory.Untrusted {
	for _, m := range meanings {
		if strings.Contains(string(detail), m.word) {
			return inventory.Textf("%s: %s", m.word, m.means)
		}
	}
	return detail
}

// readable is a body for people: of a page, which is an error's own or a proxy's, only what it is.
func readable(body []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return "a page of HTML"
	}
	return string(body)
}

// secretsOf are the parts of a URL that may be secret, the longest first: all of it, who signs in,
// each part of the path, and each value of the query.
func secretsOf(target *url.URL) []string {
	secrets := []string{target.String(), target.RequestURI()}
	add := func(part string, least int) {
		if len(part) < least {
			return
		}
		secrets = append(secrets, part)
		if plain, err := url.QueryUnescape(part); err == nil && plain != part {
			secrets = append(secrets, plain)
		}
	}
	if password, set := target.User.Password(); set {
		add(password, 1)
	}
	add(target.User.Username(), minSecretBytes)
	for part := range strings.SplitSeq(target.EscapedPath(), "/") {
		add(part, minSecretBytes)
	}
	for pair := range strings.SplitSeq(target.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		add(name, minSecretBytes)
		add(value, minSecretValue)
	}
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	return secrets
}

// masked shortens foreign text and removes secrets from it.
func masked(text string, secrets []string) inventory.Untrusted {
	for _, secret := range secrets {
		if len(secret) > 1 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return inventory.Clean(strings.TrimSpace(text), maxDetailBytes)
}

// retryAfter reads the time that a Retry-After header gives, in seconds or as a date; without one,
// that at which a used-up allowance is renewed.
func retryAfter(header http.Header, now time.Time) time.Time {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 {
		return now.Add(min(time.Duration(min(seconds, MaxRetryAfter.Seconds())*float64(time.Second)), MaxRetryAfter))
	}
	if when, err := http.ParseTime(value); err == nil && when.After(now) {
		return now.Add(min(when.Sub(now), MaxRetryAfter))
	}
	if reset, err := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); err == nil && // as GitHub says it
		header.Get("X-Ratelimit-Remaining") == "0" && reset > now.Unix() {
		return now.Add(min(time.Duration(min(reset-now.Unix(), int64(MaxRetryAfter/time.Second)))*time.Second, MaxRetryAfter))
	}
	return time.Time{}
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
