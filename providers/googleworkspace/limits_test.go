package googleworkspace

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// inMemory answers requests without a network, so that time in a bubble passes as it would for
// people.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(request *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	m.handler.ServeHTTP(answer, request)
	return answer.Result(), nil
}

// timed scans an organization of 1,000 users at the default pace, on a clock of its own and at 100
// ms a call.
func timed(t *testing.T, options googlefake.Options, faults ...*googlefake.Fault) (
	took time.Duration, coverage map[string]inventory.Coverage, server *googlefake.Server,
) {
	t.Helper()
	options.Latency = 100 * time.Millisecond
	server, err := googlefake.New(googlefake.Generated{Size: 1000, GrantsEach: 1}, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	server.Break(faults...)
	key, coverage := server.ServiceAccountKey(), map[string]inventory.Coverage{}
	synctest.Test(t, func(t *testing.T) {
		p, err := New(scanner.Env{Transport: inMemory{server.Handler()}}, Config{Connection: api.Connection{
			Subject: googletest.GeneratedAdmin, Credential: api.Credential{KeyJSON: key}, Endpoint: server.URL(),
			Features: []api.Feature{api.Grants},
		}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		list, err := p.Collect(t.Context(), &testkit.Counter{})
		if err != nil {
			t.Fatal(err)
		}
		took = time.Since(start)
		for _, c := range list {
			coverage[string(c.Source.Name)] = c
		}
	})
	return took, coverage, server
}

// withoutFault is what a scan of 1,000 users takes at the default pace.
const withoutFault = 30 * time.Second

func TestALimitThatMeetsSomeUsersAloneDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault func() *googlefake.Fault
		users int
		more  time.Duration // than a scan without a fault
	}{
		{"429", func() *googlefake.Fault { return googlefake.RateLimited(0) }, 1, 5 * time.Second},
		{"403", googlefake.UserRateLimited, 1, 5 * time.Second},
		{"503", googlefake.BackendError, 1, 5 * time.Second},
		{"503-for-thirty-seconds", func() *googlefake.Fault { return googlefake.BackendError().RetryAfter("30") }, 1,
			5 * time.Second},
		{"429-of-ten-users", func() *googlefake.Fault { return googlefake.RateLimited(0) }, 10, 15 * time.Second},
		// All wait for what is stated once, and who is refused once more at the end of the scan.
		{"429-for-thirty-seconds", func() *googlefake.Fault { return googlefake.RateLimited(30 * time.Second) }, 1,
			65 * time.Second},
		{"429-for-thirty-seconds-of-ten-users", func() *googlefake.Fault { return googlefake.RateLimited(30 * time.Second) }, 10, 125 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var faults []*googlefake.Fault
			var names []string
			for n := range test.users {
				names = append(names, fmt.Sprintf("user%07d@generated.example", 7+100*n))
				faults = append(faults, test.fault().On("tokens.list").For(names[n]))
			}
			took, coverage, _ := timed(t, googlefake.Options{}, faults...)
			if took > withoutFault+test.more {
				t.Errorf("the scan took %v, want at most %v more than %v", took, test.more, withoutFault)
			}
			if got := coverage["generated.example/grants"]; got.Read != 1000-test.users || got.IsGap() {
				t.Errorf("got %+v", got)
			}
			for _, name := range names {
				if !isGap(coverage, "generated.example/grants/"+name) {
					t.Errorf("%s is no gap", name)
				}
			}
		})
	}
}

func TestALimitOfEverybodySlowsAllDownAndCostsNobody(t *testing.T) {
	t.Parallel()
	took, coverage, server := timed(t, googlefake.Options{QuotaPerMinute: 600})
	if got := coverage["generated.example/grants"]; got.Read != 1000 || got.IsGap() {
		t.Errorf("got %+v", got)
	}
	// The first 600 calls go at once, the others when the minute is over.
	if refused := server.Answered(429); took < time.Minute || took > 3*time.Minute || refused > 100 {
		t.Errorf("took %v with %d refused calls", took, refused)
	}
}

func TestALimitThatNeverEndsEndsTheScan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault *googlefake.Fault
		most  time.Duration
	}{
		"no-time-stated":   {googlefake.RateLimited(0), 110 * time.Second},
		"a-time-each-time": {googlefake.RateLimited(10 * time.Second), 110 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			took, coverage, server := timed(t, googlefake.Options{}, test.fault.On("tokens.list"))
			got := coverage["generated.example/grants"]
			if got.Status != inventory.StatusNotObservable || !strings.Contains(string(got.Reason), "limit was still exceeded") {
				t.Errorf("got %+v", got)
			}
			if took > test.most || server.Calls()["tokens.list"] > 100 {
				t.Errorf("took %v and %d calls", took, server.Calls()["tokens.list"])
			}
		})
	}
}
