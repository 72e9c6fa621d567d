package googleworkspace

import (
	"sync"
	"testing"
	"time"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
)

// On a clock that moves only by waiting: what is not waiting costs nothing, so the rate is the
// limiter's own.
func TestTheAllowedRateIsReachedAndNeverExceeded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		perMinute int // 0 is the default
		want      float64
	}{
		{"the-default", 0, api.DefaultRatePerMinute},
		{"a-small-share", 600, 600},
		{"all-of-the-documented-quota", 2400, 2400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			org := googlefake.Generated{Size: 1500, GrantsEach: 1}
			r := newRig(t, org, googlefake.Options{QuotaPerMinute: 2400 + burst})
			config := r.config()
			config.Subject, config.RatePerMinute, config.Workers, config.Features = googletest.GeneratedAdmin, test.perMinute, 1, []api.Feature{api.Grants, api.AppPasswords}
			r.collect(r.provider(config))
			calls := r.Server.Calls()
			sent := calls["users.list"] + calls["tokens.list"] + calls["asps.list"] - burst
			rate := float64(sent) / r.Clock.Now().Sub(googletest.Noon).Minutes()
			if rate < 0.95*test.want || rate > 1.01*test.want {
				t.Errorf("%.0f calls a minute, want %.0f", rate, test.want)
			}
			if refused := r.Server.Answered(429); refused > 0 {
				t.Errorf("%d calls were answered 429", refused)
			}
		})
	}
}

func TestNoMoreCallsAreMadeAtOnceThanThereAreWorkers(t *testing.T) {
	t.Parallel()
	const workers = 5
	r := newRig(t, googlefake.Generated{Size: 200, GrantsEach: 1},
		googlefake.Options{Latency: time.Millisecond, ConcurrencyLimit: workers})
	config := r.config()
	config.Subject, config.Workers = googletest.GeneratedAdmin, workers
	r.collect(r.provider(config))
	if most := r.Server.MostAtOnce(); most != workers {
		t.Errorf("%d calls at once, want %d", most, workers)
	}
	if refused := r.Server.Answered(429); refused > 0 {
		t.Errorf("%d calls were answered 429", refused)
	}
}

func TestALimitMakesAllWorkersWait(t *testing.T) {
	t.Parallel()
	// The calls that are under way when the limit is told may still end, and on a busy machine more
	// than one for each worker.
	const underWay = 100
	r := newRig(t, googlefake.Generated{Size: 400, GrantsEach: 1}, googlefake.Options{Latency: 2 * time.Millisecond})
	r.Server.Break(googlefake.RateLimited(40 * time.Second).On("tokens.list").After(20).Times(1))
	config := r.config()
	config.Subject, config.Features = googletest.GeneratedAdmin, []api.Feature{api.Grants}
	config.Workers, config.RatePerMinute = 4, 2000
	p := r.provider(config)
	var mu sync.Mutex
	var paused bool
	p.config.Progress = func(done, _ int) {
		mu.Lock()
		defer mu.Unlock()
		paused = paused || r.Clock.Now().Sub(googletest.Noon) >= 40*time.Second
		if done > 20+underWay && !paused {
			t.Errorf("user %d was read before the limit's end", done)
		}
	}
	r.collect(p)
	if !paused {
		t.Error("nobody waited")
	}
}

func TestProgressCountsEveryUserOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.StateDir = t.TempDir()
	scan := func(name string) {
		var mu sync.Mutex
		seen := map[int]bool{}
		config.Progress = func(done, total int) {
			mu.Lock()
			defer mu.Unlock()
			if total != 11 || done < 1 || done > total || seen[done] {
				t.Errorf("%s: told of %d of %d", name, done, total)
			}
			seen[done] = true
		}
		r.collect(r.provider(config))
		if len(seen) != 11 {
			t.Errorf("%s: told of %d users, want 11", name, len(seen))
		}
	}
	scan("a first scan, with a user who cannot be read")
	config.Incremental = true
	scan("an incremental one")
	r.Server.Break(googlefake.APIOff("admin.googleapis.com", "1").On("asps.list").After(4))
	config.Incremental, config.Progress = false, nil
	r.collect(r.provider(config))
	r.Server.Repair()
	scan("one that goes on")
}
