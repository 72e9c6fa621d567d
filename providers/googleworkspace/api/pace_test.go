package api

import "testing"

func TestTheRateFallsWithALimitAndComesBack(t *testing.T) {
	t.Parallel()
	p := newPace(1200)
	for range 3 {
		p.slow()
	}
	low := float64(p.limiter.Limit())
	if low > 7 || low < 6 {
		t.Errorf("after three limits the rate is %.2f of 20", low)
	}
	for range 50 {
		p.slow()
	}
	if got := float64(p.limiter.Limit()); got < 1.99 {
		t.Errorf("the rate fell to %.2f, below a tenth", got)
	}
	for range 1000 {
		p.recover()
	}
	if got := float64(p.limiter.Limit()); got != 20 {
		t.Errorf("the rate came back to %.2f, want 20", got)
	}
}
