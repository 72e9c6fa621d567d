package receiver

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"
)

// Fault is what goes wrong with one request, and what a channel must make of it.
type Fault struct {
	Name string
	// Status is that of the failure; 0: there is no answer.
	Status int
	// Temporary: another attempt may succeed.
	Temporary bool
	// Unsure: nobody can say whether the message was taken.
	Unsure bool
	// Taken: the service took the message all the same.
	Taken bool
	// Enough: the message was taken, and a channel may say so although the answer is not complete. If
	// it needs the answer, it is unsure.
	Enough bool
	// Wait is the least time until another attempt, as the service asked.
	Wait time.Duration

	cut       cut
	silence   bool
	lie       bool
	answer    func(s *Service, now time.Time) Answer
	transport func(r *Receiver) http.RoundTripper
}

// cut is where a connection ends.
type cut int

const (
	whole         cut = iota
	beforeReading     // of the request
	beforeAnswer      // which would have said that the message is taken
	withinAnswer
	neverEnding // it goes on for ever
)

// waited is how long the services ask to wait.
const waited = 90 * time.Second

// loginPage is what a proxy answers in place of any service.
const loginPage = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head></html>"

// Faults are what can go wrong over HTTP.
var Faults = []Fault{
	status("bad-request", http.StatusBadRequest, false),
	{Name: "the-answer-repeats-the-secret", Status: http.StatusBadRequest, answer: func(s *Service, _ time.Time) Answer {
		return Answer{Status: http.StatusBadRequest, Body: "refused: " + s.URL + " " + strings.Join(s.Secrets(), " ")}
	}},
	status("unauthorized", http.StatusUnauthorized, false),
	status("forbidden", http.StatusForbidden, false),
	status("not-found", http.StatusNotFound, false),
	status("gone", http.StatusGone, false),
	status("too-large", http.StatusRequestEntityTooLarge, false),
	status("server-error", http.StatusInternalServerError, true),
	gateway("bad-gateway", http.StatusBadGateway),
	gateway("gateway-time-out", http.StatusGatewayTimeout),
	{Name: "unavailable-for-a-while", Status: http.StatusServiceUnavailable, Temporary: true, Wait: waited,
		answer: func(*Service, time.Time) Answer {
			return Answer{Status: http.StatusServiceUnavailable, Header: map[string]string{"Retry-After": wholeSeconds(waited)}}
		}},
	{Name: "too-many", Status: http.StatusTooManyRequests, Temporary: true, Wait: waited,
		answer: func(s *Service, _ time.Time) Answer {
			if s.Limited != nil {
				return s.Limited(waited)
			}
			return Answer{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": wholeSeconds(waited)}}
		}},
	{Name: "too-many-until-a-date", Status: http.StatusTooManyRequests, Temporary: true, Wait: waited,
		answer: func(_ *Service, now time.Time) Answer {
			return Answer{Status: http.StatusTooManyRequests,
				Header: map[string]string{"Retry-After": now.Add(waited).UTC().Format(http.TimeFormat)}}
		}},
	status("too-many-without-a-time", http.StatusTooManyRequests, true),
	{Name: "redirect-elsewhere", Status: http.StatusTemporaryRedirect,
		answer: func(*Service, time.Time) Answer {
			return Answer{Status: http.StatusTemporaryRedirect, Header: map[string]string{"Location": "https://elsewhere.example/"}}
		}},
	{Name: "success-that-is-none", Status: http.StatusOK, Temporary: true, lie: true,
		answer: func(s *Service, _ time.Time) Answer {
			if s.Lie != nil {
				return *s.Lie
			}
			return Answer{Status: http.StatusBadGateway, Body: loginPage}
		}},
	{Name: "cut-before-the-request-is-read", Temporary: true, Unsure: true, cut: beforeReading},
	{Name: "cut-before-the-answer", Temporary: true, Unsure: true, Taken: true, cut: beforeAnswer},
	{Name: "cut-within-the-answer", Temporary: true, Unsure: true, Taken: true, Enough: true, cut: withinAnswer},
	{Name: "endless-answer", Temporary: true, Unsure: true, Taken: true, Enough: true, cut: neverEnding},
	{Name: "nobody-listens", Temporary: true, transport: func(*Receiver) http.RoundTripper {
		return failing{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}}
	}},
	{Name: "unknown-host", Temporary: true, transport: func(*Receiver) http.RoundTripper {
		return failing{&net.OpError{Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "host.example", IsNotFound: true}}}
	}},
	{Name: "certificate-of-nobody", Temporary: true, transport: func(r *Receiver) http.RoundTripper {
		return &http.Transport{DialContext: r.dial, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true}
	}},
	{Name: "no-answer-in-time", Temporary: true, Unsure: true, silence: true},
}

// Sent returns the transport by which a request meets the fault: the receiver's own for most. One
// that is silence ends with the request's time, so try it in a bubble of testing/synctest.
func (f Fault) Sent(r *Receiver) http.RoundTripper {
	switch {
	case f.silence:
		return mute{}
	case f.transport != nil:
		return f.transport(r)
	}
	r.Next(f)
	return r.Transport
}

// IsSilence reports whether the fault is that no answer comes.
func (f Fault) IsSilence() bool { return f.silence }

// IsLie reports whether the fault is a success that is none, which only some services know: see
// [Service.Lie].
func (f Fault) IsLie() bool { return f.lie }

func status(name string, code int, temporary bool) Fault {
	return Fault{Name: name, Status: code, Temporary: temporary, answer: func(*Service, time.Time) Answer {
		return Answer{Status: code, Body: http.StatusText(code)}
	}}
}

// gateway is a status of something in between, which cannot say what the service did.
func gateway(name string, code int) Fault {
	f := status(name, code, true)
	f.Unsure = true
	return f
}

// failing is a network on which nothing is reached.
type failing struct{ err error }

// RoundTrip implements [http.RoundTripper].
func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// mute is a network on which a request is sent and nothing comes back.
type mute struct{}

// RoundTrip implements [http.RoundTripper].
func (mute) RoundTrip(req *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// silent is for what a server says of clients that do not trust it.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }
