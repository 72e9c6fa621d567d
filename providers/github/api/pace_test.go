package api

import (
	"testing"

	"golang.org/x/time/rate"
)

func TestThePaceIsTheConfigurationsOwn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		perMinute int
		limit     rate.Limit
		burst     int
	}{
		"the-default":      {0, 12, 24},
		"as-configured":    {60, 1, 24},
		"slower-than-that": {6, 0.1, 6},
		"none":             {-1, rate.Inf, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limiter := (&Connection{RatePerMinute: test.perMinute}).limiter()
			if limiter.Limit() != test.limit || limiter.Burst() != test.burst {
				t.Errorf("%v requests a second in bursts of %d, want %v and %d", limiter.Limit(), limiter.Burst(), test.limit,
					test.burst)
			}
		})
	}
}
