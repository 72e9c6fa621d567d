package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/scanner/testkit"

	"golang.org/x/time/rate"
)

func newClock() *testkit.Clock {
	return testkit.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
}

const secret = "ghp_secretsecretsecret"

func bearer(context.Context) (string, error) { return "Bearer " + secret, nil }

// newTest returns a client for a loopback server that answers with handler.
func newTest(t *testing.T, handler http.HandlerFunc, change func(*Options)) (*Client, *testkit.Clock, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	clock := newClock()
	options := Options{
		Bases: []string{server.URL}, Authorize: bearer, Now: clock.Now, Sleep: clock.Sleep,
		Jitter: func() float64 { return 0.5 },
	}
	if change != nil {
		change(&options)
	}
	client, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return client, clock, server.URL
}

func get(client *Client, url string) (int, string, error) {
	response, err := client.HTTP().Get(url)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func TestBases(t *testing.T) {
	t.Parallel()
	tests := []struct {
		base string
		fine bool
	}{
		{"https://api.github.com/", true},
		{"https://ghe.acme.example/api/v3/", true},
		{"http://127.0.0.1:8080", true},
		{"http://[::1]:8080", true},
		{"http://localhost:1", true},
		{"http://ghe.acme.example", false},
		{"http://localhost.acme.example", false},
		{"https://user:pw@ghe.acme.example", false},
		{"ftp://ghe.acme.example", false},
		{"ghe.acme.example", false},
		{"", false},
	}
	for _, test := range tests {
		if _, err := New(Options{Bases: []string{test.base}}); (err == nil) != test.fine {
			t.Errorf("New with base %q: error %v, want fine=%v", test.base, err, test.fine)
		} else if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("New with base %q: the error shows the password: %v", test.base, err)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("New without a base: no error")
	}
}

func TestAuthorizationGoesToTheConfiguredHostOnly(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer evil.Close()
	client, _, base := newTest(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secret {
			t.Errorf("%s: Authorization %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, evil.URL+"/take?token=x", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusMovedPermanently)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	}, nil)
	if _, _, err := get(client, base+"/away"); !errors.Is(err, ErrForeignHost) {
		t.Errorf("redirect to another host: error %v, want ErrForeignHost", err)
	}
	if _, _, err := get(client, evil.URL); !errors.Is(err, ErrForeignHost) {
		t.Errorf("request to another host: error %v, want ErrForeignHost", err)
	}
	if status, _, err := get(client, base+"/moved"); status != 200 || err != nil {
		t.Errorf("redirect on the same host: %d, %v", status, err)
	}
	if _, _, err := get(client, base+"/loop"); err == nil || !strings.Contains(err.Error(), "5 redirects") {
		t.Errorf("endless redirect: error %v", err)
	}
	request, _ := http.NewRequest(http.MethodGet, base, nil)
	request.Host = "elsewhere.example"
	if _, err := client.RoundTrip(request); !errors.Is(err, ErrForeignHost) {
		t.Errorf("foreign Host header: error %v, want ErrForeignHost", err)
	}
	if stolen.Load() != 0 {
		t.Errorf("the other host was asked %d times", stolen.Load())
	}
}

func TestTwoClientsKeepTheirTokensApart(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	shared := &http.Transport{}
	defer shared.CloseIdleConnections()
	var wg sync.WaitGroup
	for _, name := range []string{"one", "two"} {
		client, err := New(Options{Bases: []string{server.URL}, Transport: shared,
			Authorize: func(context.Context) (string, error) { return "Bearer " + name, nil }})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			wg.Go(func() {
				if _, body, err := get(client, server.URL); body != "Bearer "+name || err != nil {
					t.Errorf("client %s sent %q, %v", name, body, err)
				}
			})
		}
	}
	wg.Wait()
}

func TestOnlyReadingIsSent(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	client, _, base := newTest(t, func(_ http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		if r.Method == http.MethodPost {
			if body, _ := io.ReadAll(r.Body); string(body) != "grant" {
				t.Errorf("the body arrived as %q", body)
			}
		}
	}, func(o *Options) {
		o.Allow = func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/token" }
	})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		request, _ := http.NewRequest(method, base+"/thing", strings.NewReader("x"))
		if _, err := client.RoundTrip(request); !errors.Is(err, ErrMethod) {
			t.Errorf("%s: error %v, want ErrMethod", method, err)
		}
	}
	if sent.Load() != 0 {
		t.Fatalf("%d forbidden requests were sent", sent.Load())
	}
	request, _ := http.NewRequest(http.MethodPost, base+"/token", strings.NewReader("grant"))
	if _, err := client.RoundTrip(request); err != nil || sent.Load() != 1 {
		t.Errorf("allowed POST: %v, sent %d", err, sent.Load())
	}
}

func TestFaultsOfTheMomentAreTriedAgain(t *testing.T) {
	t.Parallel()
	whole := `{"a":1}`
	tests := []struct {
		name  string
		fault func(http.ResponseWriter)
	}{
		{"500", func(w http.ResponseWriter) { w.WriteHeader(500) }},
		{"502-with-HTML", func(w http.ResponseWriter) { w.WriteHeader(502); fmt.Fprint(w, "<html>") }},
		{"408", func(w http.ResponseWriter) { w.WriteHeader(408) }},
		{"429-without-a-time", func(w http.ResponseWriter) { w.WriteHeader(429) }},
		{"connection-reset", func(w http.ResponseWriter) { hijack(w, "") }},
		{"body-shorter-than-announced", func(w http.ResponseWriter) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\"")
		}},
		{"JSON-cut-off-at-the-end-of-the-connection", func(w http.ResponseWriter) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"a\"")
		}},
		{"bytes-that-are-no-text", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, "{\"a\":\"acm\xe9\"}")
		}},
		{"a-member-that-comes-twice", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"a":[1],"a":[]}`)
		}},
		{"empty-JSON", func(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/json; charset=utf-8") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			client, clock, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) <= 2 {
					test.fault(w)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, whole)
			}, nil)
			status, body, err := get(client, base)
			if err != nil || status != 200 || body != whole {
				t.Fatalf("got %d %q, %v", status, body, err)
			}
			if got := client.Stats(); got.Retries != 2 || got.Requests != 3 {
				t.Errorf("stats %+v, want 2 retries of 3 requests", got)
			}
			// Half of 1 s, then half of 2 s.
			if clock.Slept() != 1500*time.Millisecond {
				t.Errorf("slept %v", clock.Sleeps())
			}
		})
	}
}

func hijack(w http.ResponseWriter, raw string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(conn, raw)
	conn.Close()
}

func TestLastingFaultsEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		handler  http.HandlerFunc
		want     error
		status   int
		requests int64
	}{
		{"always-500-is-handed-on", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, nil, 500, 5},
		{"always-cut-off", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
		}, ErrTruncated, 0, 5},
		{"too-large-is-not-tried-again", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat("x", 2000))
		}, ErrTooLarge, 0, 1},
		{"404-is-handed-on", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, nil, 404, 1},
		{"501-is-handed-on", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(501) }, nil, 501, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, _, base := newTest(t, test.handler, func(o *Options) { o.MaxBody = 1000 })
			status, _, err := get(client, base+"/?page_token=hidden")
			if !errors.Is(err, test.want) || status != test.status || client.Stats().Requests != test.requests {
				t.Errorf("got %d, %v after %d requests", status, err, client.Stats().Requests)
			}
			if err != nil && strings.Contains(Clean(err).Error(), "hidden") {
				t.Errorf("the error shows a query value: %v", Clean(err))
			}
		})
	}
}

func TestALimitSlowsEveryCallerDown(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	var told []Wait
	var mu sync.Mutex
	client, clock, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(429)
		}
	}, func(o *Options) {
		o.OnWait = func(wait Wait) { mu.Lock(); told = append(told, wait); mu.Unlock() }
		o.Concurrency = 1
	})
	start := clock.Now()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if status, _, err := get(client, base); status != 200 || err != nil {
				t.Errorf("got %d, %v", status, err)
			}
		})
	}
	wg.Wait()
	if clock.Now().Sub(start) != 90*time.Second {
		t.Errorf("waited %v, want 90 s once for all", clock.Sleeps())
	}
	if client.Stats().Requests != 5 {
		t.Errorf("%d requests, want 4 and one refused", client.Stats().Requests)
	}
	if len(told) == 0 || !told[0].Until.Equal(start.Add(90*time.Second)) {
		t.Errorf("told %v", told)
	}
}

func TestALimitThatTakesTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	client, clock, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	}, nil)
	until := clock.Now().Add(time.Hour)
	for range 2 {
		_, _, err := get(client, base)
		var limit *LimitError
		if !errors.As(err, &limit) || !limit.Until.Equal(until) {
			t.Fatalf("error %v, want a LimitError until %v", err, until)
		}
		if !strings.Contains(err.Error(), "2026-11-23T13:00:00Z") {
			t.Errorf("the error does not name the time: %v", err)
		}
	}
	if client.Stats().Requests != 1 || len(clock.Sleeps()) != 0 {
		t.Errorf("%d requests and sleeps %v, want one request and none", client.Stats().Requests, clock.Sleeps())
	}
}

func TestALimitThatNeverEndsIsGivenUp(t *testing.T) {
	t.Parallel()
	client, clock, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(429)
	}, nil)
	_, _, err := get(client, base)
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Waits != 4 || client.Stats().Requests != 5 || clock.Slept() != 4*time.Second {
		t.Errorf("error %v after %d requests, sleeps %v", err, client.Stats().Requests, clock.Sleeps())
	}
}

func TestAnAcceptedAnswerCanAskForAPause(t *testing.T) {
	t.Parallel()
	client, clock, base := newTest(t, func(http.ResponseWriter, *http.Request) {}, func(o *Options) {
		o.Classify = func(answer *Answer) Verdict {
			return Verdict{Until: answer.Now.Add(time.Minute), Reason: "budget"}
		}
	})
	for range 2 {
		if _, _, err := get(client, base); err != nil {
			t.Fatal(err)
		}
	}
	if clock.Slept() != time.Minute {
		t.Errorf("slept %v, want one minute before the second request", clock.Sleeps())
	}
}

func TestTheRateIsKept(t *testing.T) {
	t.Parallel()
	limiter := rate.NewLimiter(10, 1)
	client, clock, base := newTest(t, func(http.ResponseWriter, *http.Request) {},
		func(o *Options) { o.Limiter = limiter })
	for range 11 {
		if _, _, err := get(client, base); err != nil {
			t.Fatal(err)
		}
	}
	if got := clock.Slept().Round(time.Millisecond); got != time.Second {
		t.Errorf("11 requests at 10/s took %v, want 1 s", got)
	}
}

func TestOnlySoManyRequestsAtATime(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	client, _, base := newTest(t, func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		now.Add(-1)
	}, func(o *Options) { o.Concurrency = 3 })
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() { get(client, base) })
	}
	wg.Wait()
	if most.Load() > 3 || client.Stats().MostInFlight > 3 {
		t.Errorf("%d at a time, counted %d, limit 3", most.Load(), client.Stats().MostInFlight)
	}
}

type memory map[string]Page

func (m memory) Load(r *http.Request) (Page, bool) { page, ok := m[r.URL.String()]; return page, ok }
func (m memory) Save(r *http.Request, page Page)   { m[r.URL.String()] = page }

func TestAnUnchangedPageComesFromTheStore(t *testing.T) {
	t.Parallel()
	version := 1
	client, _, base := newTest(t, func(w http.ResponseWriter, r *http.Request) {
		etag := fmt.Sprintf(`W/"%d"`, version)
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(304)
			return
		}
		w.Header().Set("Link", "<next>")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "[%d]", version)
	}, func(o *Options) { o.Store = memory{} })
	for _, want := range []struct {
		body        string
		notModified int64
	}{{"[1]", 0}, {"[1]", 1}, {"[2]", 1}, {"[2]", 2}} {
		if want.body == "[2]" {
			version = 2
		}
		response, err := client.HTTP().Get(base)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		if string(body) != want.body || response.StatusCode != 200 || response.Header.Get("Link") != "<next>" {
			t.Errorf("got %d %s, Link %q, want %s", response.StatusCode, body, response.Header.Get("Link"), want.body)
		}
		if got := client.Stats().NotModified; got != want.notModified {
			t.Errorf("%d not modified, want %d", got, want.notModified)
		}
	}
}

func TestAFailedSignInIsNotTakenForALostConnection(t *testing.T) {
	t.Parallel()
	asked := 0
	client, _, base := newTest(t, nil, func(o *Options) {
		o.Authorize = func(context.Context) (string, error) { asked++; return "", errors.New("no key") }
	})
	if _, _, err := get(client, base); err == nil || asked != 1 || client.Stats().Requests != 0 {
		t.Errorf("error %v, asked %d times, sent %d", err, asked, client.Stats().Requests)
	}
}

func TestACancelledContextEndsAtOnce(t *testing.T) {
	t.Parallel()
	client, _, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, base, nil)
	if _, err := client.HTTP().Do(request); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestTheLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	client, _, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Secret", secret) },
		func(o *Options) {
			o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.PlainQuery = []string{"page"}
		})
	if _, _, err := get(client, base+"/x?page=7&assertion="+secret); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Contains(text, secret) || !strings.Contains(text, "page=7&assertion=…") {
		t.Errorf("log: %s", text)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tests := map[string]time.Time{
		"":                              {},
		"soon":                          {},
		"0":                             now,
		"-5":                            now,
		"60":                            now.Add(time.Minute),
		"9223372036854775807":           now.Add(maxRetryAfter),
		"Mon, 23 Nov 2026 12:01:00 GMT": now.Add(time.Minute),
	}
	for value, want := range tests {
		if got := RetryAfter(http.Header{"Retry-After": {value}}, now); !got.Equal(want) {
			t.Errorf("Retry-After %q: %v, want %v", value, got, want)
		}
	}
}

func TestAnUnknownCertificateIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	clock := newClock()
	client, err := New(Options{Bases: []string{server.URL}, Authorize: bearer, Now: clock.Now, Sleep: clock.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := get(client, server.URL); err == nil || client.Stats().Requests != 1 {
		t.Errorf("error %v after %d requests, want a refusal after one", err, client.Stats().Requests)
	}
}
