package httpx

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

func TestALimitThatNamesNoTimeToComeIsBackedOff(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"0", "-5", "Mon, 23 Nov 2020 12:00:00 GMT", ""} {
		for _, status := range []int{429, 503} {
			var asked atomic.Int64
			client, clock, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) <= 3 {
					w.Header().Set("Retry-After", value)
					w.WriteHeader(status)
				}
			}, nil)
			if status, _, err := get(client, base); err != nil || status != 200 {
				t.Errorf("Retry-After %q: got %d, %v", value, status, err)
			}
			// Half of 1, 2 and 4 s.
			if clock.Slept() != 3500*time.Millisecond {
				t.Errorf("%d with Retry-After %q: slept %v", status, value, clock.Sleeps())
			}
		}
	}
}

func TestOneRequestsLastingFaultIsItsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		status   int
		after    string
		requests int64
		longest  time.Duration
	}{
		{"503", 503, "", 4, 1500 * time.Millisecond},
		{"500", 500, "", 4, 1500 * time.Millisecond},
		{"503-for-ten-seconds", 503, "10", 2, 10 * time.Second},
		{"429", 429, "", 4, 1500 * time.Millisecond},
		{"429-for-ten-seconds", 429, "10", 2, 10 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var broken atomic.Int64
			var other func()
			client, clock, base := newTest(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/broken" {
					if broken.Add(1) > 1 {
						other()
					}
					w.Header().Set("Retry-After", test.after)
					w.WriteHeader(test.status)
				}
			}, func(o *Options) { o.OwnLimits = true })
			other = func() {
				if status, _, err := get(client, client.options.Bases[0]+"/other"); status != 200 || err != nil {
					t.Errorf("another request got %d, %v", status, err)
				}
			}
			status, _, err := get(client, base+"/broken")
			if err != nil || status != test.status || broken.Load() != test.requests {
				t.Errorf("got %d, %v after %d requests, want it handed on after %d", status, err, broken.Load(), test.requests)
			}
			if clock.Slept() > test.longest {
				t.Errorf("slept %v", clock.Sleeps())
			}
			before := clock.Slept()
			if other(); clock.Slept() != before {
				t.Errorf("another request waited: %v", clock.Sleeps())
			}
		})
	}
}

func TestALimitIsEverybodysWhereOthersAreRefusedAsWellOrItsOwnCannotBe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ownLimits bool
		other     int // status
	}{
		"others-are-refused":      {true, 429},
		"no-request-has-its-own":  {false, 200},
		"neither-the-one-nor-any": {false, 429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked, slowed atomic.Int64
			var other func()
			client, clock, base := newTest(t, func(w http.ResponseWriter, r *http.Request) {
				status := test.other
				if r.URL.Path == "/one" {
					if asked.Add(1) == 2 {
						other()
					}
					status = 429
				}
				w.Header().Set("Retry-After", "10")
				w.WriteHeader(status)
			}, func(o *Options) { o.OwnLimits, o.OnLimit = test.ownLimits, func() { slowed.Add(1) } })
			other = func() {
				request, err := http.NewRequestWithContext(WithAttempts(t.Context(), 0), http.MethodGet,
					client.options.Bases[0]+"/other", nil)
				if err != nil {
					t.Error(err)
					return
				}
				if response, err := client.HTTP().Do(request); err == nil {
					response.Body.Close()
				}
			}
			if _, _, err := get(client, base+"/one"); !errors.As(err, new(*LimitError)) {
				t.Errorf("got %v, want a limit", err)
			}
			if until, _ := client.pause.get(); slowed.Load() < 3 || !until.After(clock.Now()) {
				t.Errorf("all were slowed down %d times, and wait until %v", slowed.Load(), until)
			}
		})
	}
}

func TestAPlatformThatIsDownIsNotAskedAgainAndAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault func(http.ResponseWriter)
	}{
		{"500", func(w http.ResponseWriter) { w.WriteHeader(500) }},
		{"no-answer", func(w http.ResponseWriter) { hijack(w, "") }},
	} {
		var up atomic.Bool
		client, _, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
			if !up.Load() {
				test.fault(w)
			}
		}, nil)
		for range 50 {
			_, _, _ = get(client, base)
		}
		if got := client.Stats().Requests; got != 5+2+48 {
			t.Errorf("%s: 50 requests were sent %d times, want the first five times, the second twice and the others once",
				test.name, got)
		}
		up.Store(true)
		if _, _, err := get(client, base); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		up.Store(false)
		before := client.Stats().Requests
		if _, _, _ = get(client, base); client.Stats().Requests != before+5 {
			t.Errorf("%s: after an answer a fault is worth five attempts again, not %d", test.name,
				client.Stats().Requests-before)
		}
	}
}

func TestAStatedFaultIsWaitedForTwice(t *testing.T) {
	t.Parallel()
	client, clock, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(503)
	}, nil)
	for _, requests := range []int64{3, 4, 5} {
		if status, _, err := get(client, base); status != 503 || err != nil || client.Stats().Requests != requests {
			t.Errorf("got %d, %v after %d requests, want %d", status, err, client.Stats().Requests, requests)
		}
		if clock.Slept() != time.Minute {
			t.Errorf("slept %v, want twice what was stated, once", clock.Sleeps())
		}
	}
}

func TestAResourceOutOfServiceForLongStopsNoOther(t *testing.T) {
	t.Parallel()
	client, clock, base := newTest(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
		}
	}, func(o *Options) {
		o.Classify = func(answer *Answer) Verdict {
			verdict := Classify(answer)
			if answer.Status == 503 {
				verdict.Meaning = Limit
			}
			return verdict
		}
	})
	var limit *LimitError
	if _, _, err := get(client, base+"/broken"); !errors.As(err, &limit) {
		t.Errorf("got %v", err)
	}
	if status, _, err := get(client, base+"/other"); status != 200 || err != nil || clock.Slept() != 0 {
		t.Errorf("another request got %d, %v and slept %v", status, err, clock.Sleeps())
	}
}

func TestARefusedCredentialIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		accepted string // of "old", "new" and "none"
		renews   bool
		status   int
		requests int64
	}{
		{"a new one is taken", "new", true, 200, 2},
		{"a new one is refused as well", "none", true, 401, 2},
		{"there is no other", "none", false, 401, 1},
	} {
		current := "old"
		client, clock, base := newTest(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != test.accepted {
				w.WriteHeader(401)
			}
		}, func(o *Options) {
			o.Authorize = func(context.Context) (string, error) { return current, nil }
			o.Refused = func(refused string) bool {
				if refused != current {
					t.Errorf("%s: told that %q was refused", test.name, refused)
				}
				current = "new"
				return test.renews
			}
		})
		status, _, err := get(client, base)
		if err != nil || status != test.status || client.Stats().Requests != test.requests || clock.Slept() != 0 {
			t.Errorf("%s: got %d, %v after %d requests, slept %v", test.name, status, err, client.Stats().Requests,
				clock.Sleeps())
		}
	}
}

func TestACallerThatTriedBeforeCanAskForFewerAttempts(t *testing.T) {
	t.Parallel()
	client, _, base := newTest(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, func(*Options) {})
	request, err := http.NewRequestWithContext(WithAttempts(t.Context(), 2), http.MethodGet, base+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.HTTP().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if sent := client.Stats().Requests; sent != 2 || response.StatusCode != 500 {
		t.Errorf("%d requests, status %d", sent, response.StatusCode)
	}
}
