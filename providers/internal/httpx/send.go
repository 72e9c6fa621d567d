package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// RoundTrip sends a request by the rules of the package. The answer's body is in memory.
func (c *Client) RoundTrip(request *http.Request) (*http.Response, error) {
	// Each attempt gets the request body from GetBody.
	if request.Body != nil {
		defer request.Body.Close()
	}
	if err := c.guard(request); err != nil {
		return nil, err
	}
	s := &sending{client: c, request: request}
	if c.isStored(request) {
		s.kept, s.isKept = c.options.Store.Load(request)
	}
	for s.attempt = 1; ; s.attempt++ {
		answer, authorization, err := c.attempt(request.Context(), request, s.kept.ETag)
		switch {
		case err != nil:
			err = s.failed(request.Context(), err)
		case s.isRenewed(answer, authorization):
			s.attempt-- // the refused attempt is not the request's fault
		default:
			var response *http.Response
			if response, err = s.settle(request.Context(), answer); response != nil {
				return response, nil
			}
		}
		if err != nil {
			return nil, err
		}
		c.retries.Add(1)
	}
}

// sending is one request until it is answered or given up.
type sending struct {
	client    *Client
	request   *http.Request
	kept      Page
	isKept    bool
	attempt   int
	waits     int       // for a limit
	since     time.Time // when a limit first refused the request
	renewed   bool
	refusedAt int64 // how many requests had been sent when this one was last refused
	limits    int64 // how often any had met a limit when this one last did
}

// failed waits before a request that got no answer is sent again, or gives it up.
func (s *sending) failed(ctx context.Context, err error) error {
	c := s.client
	if !isPassing(ctx, err) {
		return c.describe(s.request, err)
	}
	isOwn := s.isOwn()
	if !s.mayRepeat(isOwn) {
		c.lost.Add(1)
		return c.describe(s.request, err)
	}
	return c.sleep(ctx, s.backoff(isOwn))
}

// isRenewed reports whether an answer refused a credential that has been replaced since, so that
// the request is worth another attempt.
func (s *sending) isRenewed(answer *Answer, authorization string) bool {
	if answer.Status != http.StatusUnauthorized || s.renewed || s.client.options.Refused == nil {
		return false
	}
	s.renewed = true
	return s.client.options.Refused(authorization)
}

// settle passes an answer on, or waits and returns nothing if the request is to be sent again.
func (s *sending) settle(ctx context.Context, answer *Answer) (*http.Response, error) {
	c := s.client
	if s.isKept && answer.Status == http.StatusNotModified {
		c.notModified.Add(1)
		s.kept.restore(answer)
	}
	verdict := c.options.Classify(answer)
	switch verdict.Meaning {
	case Limit:
		return s.limited(ctx, answer, verdict)
	case Retry:
		return s.refused(ctx, answer, verdict, s.isOwn())
	}
	raise(&c.served, answer.number)
	c.lost.Store(0)
	if !verdict.Until.IsZero() {
		c.pause.extend(verdict.Until, verdict.Reason)
	}
	if answer.Status == http.StatusOK && answer.Header.Get("ETag") != "" && c.isStored(s.request) {
		c.options.Store.Save(s.request, pageOf(answer))
	}
	return c.handOn(s.request, answer), nil
}

// refused waits for a temporary fault to pass, or passes the answer on as the last one. Only this
// request waits.
func (s *sending) refused(ctx context.Context, answer *Answer, verdict Verdict, isOwn bool) (*http.Response, error) {
	c := s.client
	stated := verdict.Until.Sub(c.options.Now())
	isStated := !verdict.Until.IsZero() && stated > 0
	switch {
	case !s.mayRepeat(isOwn), isStated && (isOwn || s.waits >= maxStated || c.lost.Load() > 0):
		// If others are answered meanwhile, or an earlier wait was in vain, another wait of the
		// stated length does not help either.
		if !isOwn {
			c.lost.Add(1)
		}
		return c.handOn(s.request, answer), nil
	case isStated && stated > c.options.MaxWait:
		return nil, c.describe(s.request, &LimitError{Until: verdict.Until, Reason: verdict.Reason, Waits: s.waits})
	case isStated:
		s.waits++
		c.announce(stated, Wait{Until: verdict.Until, Reason: verdict.Reason})
		return nil, c.sleep(ctx, stated)
	}
	return nil, c.sleep(ctx, s.backoff(isOwn))
}

// isOwn reports whether others that were sent since this request was last refused have been
// answered: then the refusal is about this request itself.
func (s *sending) isOwn() bool {
	isOwn := s.attempt > 1 && s.client.served.Load() > s.refusedAt
	s.refusedAt = s.client.requests.Load()
	return isOwn
}

// mayRepeat reports whether a fault is worth another attempt. The more requests were given up since
// one was answered, the fewer attempts it is worth.
func (s *sending) mayRepeat(isOwn bool) bool {
	if isOwn {
		return s.attempt < min(ownAttempts, s.most())
	}
	return s.attempt < s.most()>>min(s.client.lost.Load(), 10)
}

// most is how many times the request may be sent because of temporary faults.
func (s *sending) most() int {
	if attempts, ok := s.request.Context().Value(attemptsKey{}).(int); ok {
		return min(attempts, s.client.options.Attempts)
	}
	return s.client.options.Attempts
}

// backoff is a random part of a growing time; a platform that answers others needs less of a rest.
func (s *sending) backoff(isOwn bool) time.Duration {
	wait := s.client.backoff(s.attempt)
	if isOwn {
		wait /= ownBackoff
	}
	return wait
}

// guard refuses what must not be sent.
func (c *Client) guard(request *http.Request) error {
	if !c.hosts[origin(request.URL)] {
		return fmt.Errorf("%w: %s://%s is not it", ErrForeignHost, request.URL.Scheme, request.URL.Host)
	}
	if request.Host != "" && request.Host != request.URL.Host {
		return fmt.Errorf("%w: the Host header names %q", ErrForeignHost, request.Host)
	}
	readOnly := request.Method == "" || request.Method == http.MethodGet || request.Method == http.MethodHead
	if !readOnly && (c.options.Allow == nil || !c.options.Allow(request)) {
		return fmt.Errorf("%w: %s %s", ErrMethod, request.Method, redactURL(request.URL, c.plain))
	}
	if request.Body != nil && request.Body != http.NoBody && request.GetBody == nil {
		return fmt.Errorf("sending %s: the body cannot be sent twice", redactURL(request.URL, c.plain))
	}
	return nil
}

// attempt asks for the credential, waits for its turn, sends once and reads the whole answer. It
// returns what it signed in with.
func (c *Client) attempt(ctx context.Context, request *http.Request, etag string) (
	answer *Answer, authorization string, err error,
) {
	// The credential may take requests of its own, so it is asked for before this request takes a slot
	// or its time starts.
	if c.options.Authorize != nil {
		if authorization, err = c.options.Authorize(ctx); err != nil {
			return nil, "", &authorizeError{err}
		}
	}
	answer, err = c.send(ctx, request, etag, authorization)
	return answer, authorization, err
}

func (c *Client) send(ctx context.Context, request *http.Request, etag, authorization string) (*Answer, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := c.waitTurn(ctx); err != nil {
		return nil, err
	}
	sent, cancel, err := c.prepare(ctx, request, etag, authorization)
	if err != nil {
		return nil, err
	}
	defer cancel()
	number := c.count()
	defer c.inFlight.Add(-1)
	started := c.options.Now()
	response, err := c.options.Transport.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := c.readBody(request, response)
	if c.options.Log.Enabled(ctx, slog.LevelDebug) { // redacting the address costs more than this check
		c.options.Log.LogAttrs(ctx, slog.LevelDebug, "http", attrs(c, request, response.StatusCode, len(body), started)...)
	}
	if err != nil {
		return nil, err
	}
	return &Answer{
		Request: request, Status: response.StatusCode, Header: response.Header, Body: body, Now: c.options.Now(),
		number: number,
	}, nil
}

func (c *Client) prepare(ctx context.Context, request *http.Request, etag, authorization string) (
	*http.Request, context.CancelFunc, error,
) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	sent := request.WithContext(ctx)
	sent.Header = request.Header.Clone()
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			cancel()
			return nil, nil, err
		}
		sent.Body = body
	}
	if authorization != "" {
		sent.Header.Set("Authorization", authorization)
	}
	if c.options.UserAgent != "" {
		sent.Header.Set("User-Agent", c.options.UserAgent)
	}
	if etag != "" {
		sent.Header.Set("If-None-Match", etag)
	}
	return sent, cancel, nil
}

// count counts a request that is sent, and returns its number.
func (c *Client) count() int64 {
	raise(&c.mostInFlight, c.inFlight.Add(1))
	return c.requests.Add(1)
}

// raise makes a number at least as large as another.
func raise(number *atomic.Int64, least int64) {
	for now := number.Load(); now < least && !number.CompareAndSwap(now, least); {
		now = number.Load()
	}
}

// readBody reads the whole body within the limit. A body that is declared as JSON but is not was
// cut off, or is not from the API.
func (c *Client) readBody(request *http.Request, response *http.Response) ([]byte, error) {
	body, err := readAll(response, c.options.MaxBody+1)
	c.received.Add(int64(len(body)))
	switch {
	case err != nil:
		return body, fmt.Errorf("%w: %w", ErrTruncated, err)
	case int64(len(body)) > c.options.MaxBody:
		return body, fmt.Errorf("%w of %d bytes", ErrTooLarge, c.options.MaxBody)
	case response.StatusCode == http.StatusOK && request.Method != http.MethodHead && isJSON(response.Header) &&
		!isWhole(body):
		return body, fmt.Errorf("%w: its JSON is incomplete", ErrTruncated)
	}
	return body, nil
}

// readAll reads a body of up to most bytes, into memory of the right size where the answer states
// it.
func readAll(response *http.Response, most int64) ([]byte, error) {
	limited := io.LimitReader(response.Body, most)
	stated := response.ContentLength
	if stated <= 0 || stated >= most { // 0 also means that a transport does not say
		return io.ReadAll(limited)
	}
	body := make([]byte, stated)
	read, err := io.ReadFull(limited, body)
	return body[:read], err
}

// inMemory is the body of an answer.
type inMemory struct {
	*bytes.Reader
	body []byte
}

func (inMemory) Close() error { return nil }

// Body returns the whole body of a response, which it shares with the response if that came from a
// [Client].
func Body(response *http.Response) ([]byte, error) {
	if known, ok := response.Body.(inMemory); ok {
		return known.body, nil
	}
	return io.ReadAll(response.Body)
}

// handOn makes the response that the caller gets.
func (c *Client) handOn(request *http.Request, answer *Answer) *http.Response {
	for _, name := range c.options.HideHeaders {
		answer.Header.Del(name)
	}
	return &http.Response{
		Status: strconv.Itoa(answer.Status) + " " + http.StatusText(answer.Status), StatusCode: answer.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: answer.Header, Request: request,
		Body: inMemory{bytes.NewReader(answer.Body), answer.Body}, ContentLength: int64(len(answer.Body)),
	}
}

// describe names the request in an error, without its query values.
func (c *Client) describe(request *http.Request, err error) error {
	method := request.Method
	if method == "" {
		method = http.MethodGet
	}
	return fmt.Errorf("%s %s: %w", method, redactURL(request.URL, c.plain), Clean(err))
}

func (c *Client) isStored(request *http.Request) bool {
	return c.options.Store != nil && request.Method == http.MethodGet && request.Header.Get("If-None-Match") == ""
}

// authorizeError keeps a failed sign-in from being taken for a lost connection: the sign-in has
// retried already.
type authorizeError struct{ error }

func (e *authorizeError) Unwrap() error { return e.error }

// isPassing reports whether an error may be gone on the next attempt.
func isPassing(ctx context.Context, err error) bool {
	var signIn *authorizeError
	var limit *LimitError
	return ctx.Err() == nil && !errors.As(err, &signIn) && !errors.As(err, &limit) &&
		!errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrForeignHost) && !isCertificateError(err)
}

func isJSON(header http.Header) bool {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// isWhole reports whether a body is JSON that has lost nothing. Bytes that are not UTF-8 were
// damaged on the way, and may be part of an ID or an address; a member that occurs twice says two
// things, and one of them may be an empty list.
func isWhole(body []byte) bool { return jsontext.Value(body).IsValid() }

// backoff is a random part of a growing time.
func (c *Client) backoff(attempt int) time.Duration {
	longest := min(backoffBase<<min(attempt-1, 10), backoffCap)
	return time.Duration(c.options.Jitter() * float64(longest))
}

func (c *Client) sleep(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return ctx.Err()
	}
	return c.options.Sleep(ctx, wait)
}
