// Package receiver holds the services that messages are sent to, on this machine, for tests alone:
// nothing of guestlist imports it.
//
// A [Service] takes what the real one takes. It refuses what breaks a documented limit, says so in
// the service's own words, and keeps count of how often it is asked. A [Fault] is what can go wrong
// with one request wherever it is sent; [Faults] lists them, so that a new kind of channel is tried
// with all of them for the price of a Service.
//
// A [Receiver] is reached in two ways. Its Transport leads every host to it, over TLS, so that a
// channel is tried with the address that the real service hands out. Its Loopback is the same
// address over plain HTTP on this machine, for programs that get no Transport.
package receiver

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// maxRequestBytes is more than any service takes.
const maxRequestBytes = 32 << 20

// Service is one that takes messages.
type Service struct {
	Name string
	// URL is as the service hands it out. Everything after its host is secret, unless Token is set.
	URL string
	// Token is a secret that requests carry elsewhere than in their URL.
	Token string
	// Rate is how many requests it takes in a time; none: as many as come.
	Rate Rate
	// Answer judges a request, one at a time.
	Answer func(r *Request) Answer
	// Limited is what it answers to one request too many; nil: 429 with Retry-After.
	Limited func(wait time.Duration) Answer
	// Lie is an answer of 2xx by which a message is not taken; nil: there is none.
	Lie *Answer
}

// Rate is a number of requests in a time.
type Rate struct {
	Requests int
	Per      time.Duration
}

// Request is one that came.
type Request struct {
	Method, Host string
	URL          *url.URL // path and query
	Header       http.Header
	Body         []byte
	At           time.Time
}

// Answer is what a service says to a request.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
	// Taken: the request held a message, and it is in the channel now.
	Taken bool
	// Known: the service recognized the message as one that it has taken before.
	Known bool
}

// Receiver is a service that listens on this machine.
type Receiver struct {
	Service
	// Transport leads to the receiver whatever the host.
	Transport http.RoundTripper
	// Loopback is the service's URL on this machine, over plain HTTP.
	Loopback string

	now     func() time.Time
	address string // of the server with TLS
	mu      sync.Mutex
	pending []Fault
	taken   []Request
	refused []string
	strays  []string
	recent  []time.Time
}

// New starts a service until the test ends. now is the clock that its rate and its answers go by.
func New(t testing.TB, service Service, now func() time.Time) *Receiver {
	t.Helper()
	r := &Receiver{Service: service, now: now}
	plain := httptest.NewServer(r)
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(r)
	secure.Config.ErrorLog = silent()
	secure.StartTLS()
	t.Cleanup(secure.Close)
	r.address = secure.Listener.Addr().String()
	client := secure.Client().Transport.(*http.Transport).Clone()
	t.Cleanup(client.CloseIdleConnections)
	client.DialContext = r.dial
	client.TLSClientConfig.ServerName = "example.com" // as the certificate says
	r.Transport = client
	target, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	r.Loopback = plain.URL + target.RequestURI()
	return r
}

// Direct is a transport to a service without a network, a rate or faults, for many messages in a
// short time.
func Direct(service Service, now time.Time) http.RoundTripper { return direct{service, now} }

type direct struct {
	service Service
	now     time.Time
}

// RoundTrip implements [http.RoundTripper].
func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	answer := d.service.Answer(&Request{req.Method, req.URL.Host, req.URL, req.Header, body, d.now})
	return &http.Response{StatusCode: answer.Status, Header: http.Header{}, Request: req,
		Body: io.NopCloser(strings.NewReader(answer.Body))}, nil
}

// Taken are the messages that are in the channel now, in the order in which they came.
func (r *Receiver) Taken() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.taken...)
}

// Refused says for each request that broke a rule of the service how it was answered.
func (r *Receiver) Refused() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.refused...)
}

// Strays are the addresses of requests that were sent elsewhere.
func (r *Receiver) Strays() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.strays...)
}

// Secrets are the texts that must be seen in no output: the address after its host, the parts of
// its path and query that are long enough to be a key, and the token.
func (s *Service) Secrets() []string {
	var secrets []string
	if s.Token != "" {
		secrets = append(secrets, s.Token)
	}
	target, err := url.Parse(s.URL)
	if err != nil {
		return secrets
	}
	const shortestKey = 12
	isEnd := func(c rune) bool { return strings.ContainsRune("/?&=", c) }
	for _, part := range strings.FieldsFunc(target.RequestURI(), isEnd) {
		if len(part) >= shortestKey && s.Token == "" {
			secrets = append(secrets, part)
		}
	}
	return secrets
}

// Next lets the next requests meet faults, one each.
func (r *Receiver) Next(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = append(r.pending, faults...)
}

// ServeHTTP implements [http.Handler].
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	fault := r.fault()
	if fault.cut == beforeReading {
		hangUp(w)
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxRequestBytes))
	if err != nil {
		r.refuse(req, Answer{Status: http.StatusBadRequest, Body: "the request ended early"})
		return
	}
	request := Request{req.Method, req.Host, req.URL, req.Header, body, r.now()}
	if fault.answer != nil {
		write(w, fault.answer(&r.Service, r.now()))
		return
	}
	answer := r.judge(req, &request)
	switch fault.cut {
	case beforeAnswer:
		hangUp(w)
	case withinAnswer:
		answer.Header = map[string]string{"Content-Length": strconv.Itoa(len(answer.Body) + 1000)}
		write(w, answer)
		_ = http.NewResponseController(w).Flush() // or there is nobody left to read it
		hangUp(w)
	case neverEnding:
		write(w, answer)
		for req.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat(" ", 4096))); err != nil {
				return
			}
		}
	default:
		write(w, answer)
	}
}

// judge lets the service answer, and keeps what it took.
func (r *Receiver) judge(req *http.Request, request *Request) Answer {
	r.mu.Lock()
	answer := r.answer(request)
	if answer.Taken && !answer.Known {
		r.taken = append(r.taken, *request)
	}
	r.mu.Unlock()
	if answer.Status/100 != 2 {
		r.refuse(req, answer)
	}
	return answer
}

func (r *Receiver) answer(request *Request) Answer {
	if wait := r.wait(request.At); wait > 0 {
		if r.Limited != nil {
			return r.Limited(wait)
		}
		return Answer{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": wholeSeconds(wait)}}
	}
	r.recent = append(r.recent, request.At)
	return r.Service.Answer(request)
}

// wait is the time until the service takes another request.
func (r *Receiver) wait(now time.Time) time.Duration {
	if r.Rate.Requests == 0 || len(r.recent) < r.Rate.Requests {
		return 0
	}
	return r.recent[len(r.recent)-r.Rate.Requests].Add(r.Rate.Per).Sub(now)
}

func (r *Receiver) fault() (next Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) > 0 {
		next, r.pending = r.pending[0], r.pending[1:]
	}
	return next
}

func (r *Receiver) refuse(req *http.Request, answer Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = append(r.refused, fmt.Sprintf("%s: %d: %s", req.Method, answer.Status, answer.Body))
}

// dial reaches the receiver, and notes who was meant if it was someone else.
func (r *Receiver) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if target, err := url.Parse(r.URL); err == nil && target.Hostname() != host {
		r.mu.Lock()
		r.strays = append(r.strays, address)
		r.mu.Unlock()
	}
	return new(net.Dialer).DialContext(ctx, network, r.address)
}

func write(w http.ResponseWriter, answer Answer) {
	for name, value := range answer.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.Status)
	_, _ = io.WriteString(w, answer.Body) // a client that hung up reads nothing
}

// hangUp closes the connection without a word.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close() // it is closed one way or the other
	}
}

func wholeSeconds(wait time.Duration) string {
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}
